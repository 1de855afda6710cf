#include "infra/database/postgres/group.h"

#include <algorithm>

#include "infra/database/errors.h"
#include "infra/database/postgres/ownership.h"

namespace elevaite::database::postgres {
namespace {

constexpr std::int64_t kForgetEvery = 1024;  // transactions
constexpr std::size_t kRowsMax = 500;        // of one INSERT

// How many statements from this one on are the same, have their parameters behind one another and must do
// what an INSERT of one row does.
std::size_t RunLength(const std::vector<Batch::Statement>& statements, std::size_t at) {
  const Batch::Statement& first = statements[at];
  std::size_t length = 0;
  for (; at + length < statements.size() && length < kRowsMax; ++length) {
    const Batch::Statement& next = statements[at + length];
    if (next.sql.text != first.sql.text || next.params != first.params ||
        (next.expected_rows != -1 && next.expected_rows != 1))
      break;
  }
  return std::max<std::size_t>(length, 1);
}

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
  const std::vector<Batch::Statement>& statements = batch.statements();
  for (std::size_t at = 0; at < statements.size(); at += runs_.back()) {
    const Batch::Statement& s = statements[at];
    const Prepared* prepared = connection.FindPrepared(s.sql);
    CHECK(prepared != nullptr);
    const std::size_t run =
        prepared->many.empty() || prepared->types.size() != s.params ? 1 : RunLength(statements, at);
    RETURN_IF_ERROR(run > 1
                        ? connection.SendMany(*prepared, s.sql.name, batch.params(), s.first_param, run)
                        : connection.Send(*prepared, s.sql.name, batch.params(), s.first_param, s.params));
    ++awaited_;
    runs_.push_back(run);
  }
  return {};
}

Group::Failure Group::FailureOf(PGresult* answer, const Batch::Statement& statement) const {
  return {.job = job_, .error = ErrorOf(answer, statement.sql.name), .blame = BlameFor(SqlState(answer))};
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
  Job& job = jobs[job_];
  const Batch::Statement& statement = job.batch.statements()[statement_];
  if (failed) return FailureOf(answer, statement);
  const std::size_t run = runs_.front();
  runs_.pop_front();
  statement_ += run;
  const std::int64_t changed = RowsChanged(answer);
  if (run > 1 && changed == static_cast<std::int64_t>(run)) {
    job.result->rows_changed.insert(job.result->rows_changed.end(), run, 1);
    return std::nullopt;
  }
  if (run > 1) {  // some were there already, or a trigger has taken them away: which ones?
    job.alone = true;
    return Failure{.job = job_, .error = UnexpectedRows(statement, changed), .blame = Blame::kRetry};
  }
  if (statement.expected_rows >= 0 && changed != statement.expected_rows)
    return Failure{.job = job_, .error = UnexpectedRows(statement, changed), .blame = Blame::kStatement};
  job.result->rows_changed.push_back(changed);
  return std::nullopt;
}

}  // namespace elevaite::database::postgres
