#include "infra/database/postgres/group.h"

#include <fmt/format.h>

#include "infra/database/errors.h"
#include "infra/database/postgres/ownership.h"

namespace elevaite::database::postgres {
namespace {

constexpr std::int64_t kForgetEvery = 1024;  // transactions

}  // namespace

const Sql kBegin{"begin", "BEGIN"};

void Job::FailWith(const Error& error) {
  result = std::unexpected(error);
  decided = true;
  if (stream) stream->Break(ticket);
}

void Job::Answer() {
  if (batch_done) {
    batch_done(std::move(result));
  } else if (result) {
    function_done({});
  } else {
    function_done(std::unexpected(std::move(result).error()));
  }
}

Result<void> Group::Begin(Connection& connection, std::int64_t epoch, std::int64_t its_number) {
  number = its_number;
  const Prepared* insert = connection.FindPrepared(kInsertNumber);
  const Prepared* forget = connection.FindPrepared(kForgetNumbers);
  CHECK(insert != nullptr && forget != nullptr);
  RETURN_IF_ERROR(connection.SendControl(kBegin));
  const Params params = Params::Of(epoch, number);
  RETURN_IF_ERROR(connection.Send(*insert, kInsertNumber.name, params, 0, params.size()));
  prologue_ = awaited_ = 2;
  if (number % kForgetEvery != 0) return {};
  const Params old = Params::Of(epoch, std::max<std::int64_t>(number - 2 * kForgetEvery, 1),
                                std::max<std::int64_t>(number - kForgetEvery, 1));
  RETURN_IF_ERROR(connection.Send(*forget, kForgetNumbers.name, old, 0, old.size()));
  prologue_ = awaited_ = 3;
  return {};
}

Result<void> Group::Send(Connection& connection, Job job) {
  bytes += job.bytes();
  job.result = BatchOutcome{};
  jobs.push_back(std::move(job));
  const Batch& batch = jobs.back().batch;
  for (const Batch::Statement& statement : batch.statements()) {
    const Prepared* prepared = connection.FindPrepared(statement.sql);
    CHECK(prepared != nullptr);
    RETURN_IF_ERROR(connection.Send(*prepared, statement.sql.name, batch.params(), statement.first_param,
                                    statement.params));
    ++awaited_;
  }
  return {};
}

std::optional<Group::Failure> Group::Take(PGresult* answer) {
  CHECK(awaited_ > 0);
  --awaited_;
  const bool failed = PQresultStatus(answer) == PGRES_FATAL_ERROR;
  if (prologue_ > 0) {
    --prologue_;
    if (!failed) return std::nullopt;
    const Blame blame = BlameFor(SqlState(answer));  // there is no job of whom it is the fault
    return Failure{.job = jobs.size() - 1,
                   .error = ErrorOf(answer, kInsertNumber.name),
                   .blame = blame == Blame::kStatement ? Blame::kServer : blame};
  }
  while (jobs[job_].decided || statement_ >= jobs[job_].batch.statements().size()) {
    ++job_;
    statement_ = 0;
  }
  const Batch::Statement& statement = jobs[job_].batch.statements()[statement_++];
  if (failed) {
    return Failure{
        .job = job_, .error = ErrorOf(answer, statement.sql.name), .blame = BlameFor(SqlState(answer))};
  }
  const std::int64_t changed = RowsChanged(answer);
  if (statement.expected_rows >= 0 && changed != statement.expected_rows)
    return Failure{.job = job_, .error = UnexpectedRows(statement, changed), .blame = Blame::kStatement};
  jobs[job_].result->rows_changed.push_back(changed);
  return std::nullopt;
}

}  // namespace elevaite::database::postgres
