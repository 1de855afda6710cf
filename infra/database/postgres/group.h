// What shares a commit: jobs, and the answers of the server to their statements. Private to
// infra/database/postgres.
#pragma once

#include <cstdint>
#include <deque>
#include <optional>

#include "infra/database/postgres/connection.h"

namespace elevaite::database::postgres {

// A batch or a function, and at the end its result.
struct Job {
  Batch batch{};
  std::optional<WriteStream> stream{};
  WriteStream::Ticket ticket{};
  BatchDone batch_done{};
  TransactFunction function{};
  TransactDone function_done{};

  Result<BatchOutcome> result{};
  bool decided = false;     // it has failed; only its answer is to come
  bool ends_group = false;  // those behind it go into another commit
  bool alone = false;       // runs statement by statement, in a transaction of its own
  int attempts = 0;

  std::size_t bytes() const { return batch.MemoryBytes(); }
  bool IsBroken() const { return stream && stream->IsBroken(ticket); }
  void FailWith(const Error& error);
  void Answer();
};

// The jobs of one transaction. They are sent as they come; answers arrive in the same order.
class Group {
 public:
  struct Failure {
    std::size_t job;  // its index; that of the last one if it is none's
    Error error;
    Blame blame;
  };

  bool empty() const { return jobs.empty(); }
  bool begun() const { return number != 0; }
  // Whether every statement has been answered.
  bool answered() const { return awaited_ == 0; }

  // Begins the transaction. The statements of ownership.h must be prepared.
  Result<void> Begin(Connection& connection, std::int64_t epoch, std::int64_t its_number);
  // Takes the job and sends its statements, which are prepared. An error is the failure of this job.
  Result<void> Send(Connection& connection, Job job);
  void AddDecided(Job job) { jobs.push_back(std::move(job)); }
  // One more answer. A failure ends the group: what follows is of no more use.
  std::optional<Failure> Take(PGresult* answer);

  std::deque<Job> jobs;
  std::int64_t number = 0;  // of the transaction; 0: none has begun
  std::size_t bytes = 0;
  bool sealed = false;  // takes no more

 private:
  Failure FailureOf(PGresult* answer, const Batch::Statement& statement) const;

  std::size_t awaited_ = 0;
  std::size_t prologue_ = 0;      // answers to what precedes the jobs
  std::deque<std::size_t> runs_;  // how many statements each of the answers to come is about
  std::size_t job_ = 0;           // whose statement is answered next
  std::size_t statement_ = 0;
};

extern const Sql kBegin;

}  // namespace elevaite::database::postgres
