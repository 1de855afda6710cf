// A connection for queries, made when it is needed, and again when it is lost. Private to
// infra/database/postgres.
#pragma once

#include <memory>

#include "infra/database/postgres/connection.h"
#include "infra/database/readers.h"

namespace elevaite::database::postgres {

class PostgresReader final : public Reader {
 public:
  explicit PostgresReader(ConnectionOptions options) : options_(std::move(options)) {}

  // What is lost with the connection is asked again, as long as there is time.
  Result<Rows> Fetch(const Sql& sql, const Cells& params, const QueryOptions& options,
                     Clock::Instant deadline) override;

 private:
  Result<void> EnsureConnection(Clock::Instant deadline);
  Result<Rows> FetchOnce(const Sql& sql, const Cells& params, const QueryOptions& options,
                         Clock::Instant deadline);

  const ConnectionOptions options_;
  std::unique_ptr<Connection> connection_;
  std::chrono::milliseconds statement_timeout_{0};
};

}  // namespace elevaite::database::postgres
