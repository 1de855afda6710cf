#include "infra/database/postgres/reader.h"

#include <algorithm>
#include <thread>

namespace elevaite::database::postgres {
namespace {

constexpr std::chrono::milliseconds kPause{50};
// The server ends what takes too long; only when it does not, we do.
constexpr std::chrono::milliseconds kGrace{1'000};

std::chrono::milliseconds TimeLeft(Clock::Instant deadline) {
  return std::chrono::ceil<std::chrono::milliseconds>(deadline - std::chrono::steady_clock::now());
}

}  // namespace

Result<Rows> PostgresReader::Fetch(const Sql& sql, const Cells& params, const QueryOptions& options,
                                   Clock::Instant deadline) {
  while (true) {
    auto rows = FetchOnce(sql, params, options, deadline);
    const bool lost = !connection_ || connection_->lost();
    if (lost) connection_.reset();
    if (rows || !lost || rows.error().code == ErrorCode::kTimeout || TimeLeft(deadline) <= kPause)
      return rows;
    std::this_thread::sleep_for(kPause);
  }
}

Result<void> PostgresReader::EnsureConnection(Clock::Instant deadline) {
  if (connection_) return {};
  ConnectionOptions options = options_;
  options.connect_timeout = std::min(options.connect_timeout, TimeLeft(deadline));
  auto opened = Connection::Open(options);
  if (!opened) return Fail(OutOfReach(opened.error()));
  connection_ = *std::move(opened);
  statement_timeout_ = {};
  return {};
}

Result<Rows> PostgresReader::FetchOnce(const Sql& sql, const Cells& params, const QueryOptions& options,
                                       Clock::Instant deadline) {
  RETURN_IF_ERROR(EnsureConnection(deadline));
  // Most queries have the same timeout and have not waited: then there is nothing to be set.
  const auto left = std::max(TimeLeft(deadline), std::chrono::milliseconds(1));
  const auto timeout = left * 10 >= options.timeout * 9 ? options.timeout : left;
  if (timeout != statement_timeout_) {
    RETURN_IF_ERROR(connection_->SetStatementTimeout(timeout));
    statement_timeout_ = timeout;
  }
  return connection_->Fetch(sql, params, options, deadline + kGrace);
}

}  // namespace elevaite::database::postgres
