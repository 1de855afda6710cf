// Database: the port. SQLite in one process (infra/database/sqlite), or PostgreSQL (infra/database/postgres).
//
// Three ways in:
//   Submit     the hot path. A Batch of statements, prepared by the caller, applied as a whole or not at all.
//   Never blocks.
//              Batches are applied in the order they were submitted; many of them share one commit (and one
//              fsync).
//   Transact   a function with a Session, for writes that depend on what they read. Takes its turn among the
//   batches. Query      read-only, beside the writes, on the state of the last commit. A batch whose `done`
//   has been called is seen.
//
// Threads: every function may be called from any thread. Callbacks run on a thread of the database, for
// writes in the order of submission; they must be short and must not wait (post to your executor, or use
// infra/database/awaitable.h). A callback runs exactly once, maybe before the call returns (a full queue).
// Exceptions thrown by a callback end the process.
//
// Errors of writes: kConflict (a unique or foreign key, or a broken ExpectRows), kInvalidArgument (a CHECK or
// NOT NULL), kUnavailable (queue full, with retry_after; I/O error; closed), kResourceExhausted (disk full),
// kInternal (bad SQL). After an error nothing of the batch is applied. One batch's conflict does not touch
// the others that share its commit; a commit that fails (disk) is reported to each of its batches, and later
// batches may succeed again once the disk has room.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string_view>
#include <vector>

#include "foundation/result.h"
#include "infra/database/values.h"

namespace elevaite::database {

// Statements that are applied together, in order.
class Batch {
 public:
  struct Statement {
    Sql sql;
    std::uint32_t first_param;
    std::uint32_t params;
    std::int64_t expected_rows;  // -1: any
  };

  // The statement must change exactly so many rows, else the whole batch fails with kConflict. For optimistic
  // locking
  // (`UPDATE ... WHERE id = ?1 AND version = ?2`) and fencing. On PostgreSQL a SELECT counts what it gives,
  // so that `SELECT ... FOR SHARE` keeps what it has found until the end of the transaction.
  class Added {
   public:
    explicit Added(Statement& statement) : statement_(statement) {}
    void ExpectRows(std::int64_t rows) { statement_.expected_rows = rows; }

   private:
    Statement& statement_;
  };

  template <class... Args>
  Added Add(const Sql& sql, const Args&... args) {
    const std::size_t first = params_.size();
    (params_.Add(args), ...);
    statements_.push_back(Statement{.sql = sql,
                                    .first_param = static_cast<std::uint32_t>(first),
                                    .params = static_cast<std::uint32_t>(params_.size() - first),
                                    .expected_rows = -1});
    return Added(statements_.back());
  }

  bool empty() const { return statements_.empty(); }
  const std::vector<Statement>& statements() const { return statements_; }
  const Params& params() const { return params_; }
  std::size_t MemoryBytes() const { return params_.MemoryBytes() + statements_.size() * sizeof(Statement); }

 private:
  std::vector<Statement> statements_;
  Params params_;
};

struct BatchOutcome {
  std::vector<std::int64_t> rows_changed;  // one for each statement
  std::uint64_t commit = 0;                // grows with each commit; equal for batches that shared one
};

// A pipeline of batches that depend on each other, such as the journal of one partition. When one of them
// fails for whatever reason (also because the queue is full), all that were submitted after it fail with
// kUnavailable "a previous write failed", until Reset(): what is applied never has a hole.
//
// Submit to one stream from one thread at a time. Call Reset() after the callbacks of all its batches have
// run, when the state in memory has been loaded anew. A copy refers to the same stream.
class WriteStream {
 public:
  WriteStream();
  void Reset();
  bool failed() const;

  // For adapters. A ticket is drawn in the order of submission.
  struct Ticket {
    std::uint64_t epoch = 0;
    std::uint64_t number = 0;
  };
  Ticket Draw();
  void Break(Ticket ticket);           // this one failed
  bool IsBroken(Ticket ticket) const;  // an earlier one failed

 private:
  struct State;
  std::shared_ptr<State> state_;
};

struct QueryOptions {
  std::size_t rows_max = 10'000;  // more: kResourceExhausted, never a silent cut
  std::size_t bytes_max = 64U << 20U;
  std::chrono::milliseconds timeout{5000};  // also counts the wait in the queue; then kTimeout. At most 60 s
};

// Synchronous statements inside one transaction; valid only during the function it is passed to.
class Session {
 public:
  virtual ~Session() = default;

  template <class... Args>
  Result<std::int64_t> Execute(const Sql& sql, const Args&... args) {  // the number of rows changed
    return Run(sql, Params::Of(args...));
  }
  template <class... Args>
  Result<Rows> Query(const Sql& sql, const Args&... args) {
    return Fetch(sql, Params::Of(args...), QueryOptions{});
  }

  virtual Result<std::int64_t> Run(const Sql& sql, const Params& params) = 0;
  virtual Result<Rows> Fetch(const Sql& sql, const Params& params, const QueryOptions& options) = 0;
  // Several statements without parameters, for migrations.
  virtual Result<void> RunScript(const char* name, std::string_view sql) = 0;
};

struct Stats {
  std::uint64_t batches = 0;  // applied; transactions of Transact included
  std::uint64_t batches_failed = 0;
  std::uint64_t commits = 0;
  std::uint64_t commits_failed = 0;
  std::uint64_t groups_rerun = 0;  // a statement failed and the group was tried again one by one
  std::uint64_t rows_changed = 0;
  std::uint64_t queries = 0;
  std::uint64_t queries_failed = 0;
  std::uint64_t checkpoints = 0;
  std::uint64_t checkpoint_waits = 0;  // the writer had to wait because the log was too large
  std::uint64_t log_bytes = 0;         // in use of the write-ahead log
  std::uint64_t writes_queued = 0;
  std::uint64_t queries_queued = 0;
};

using BatchDone = std::move_only_function<void(Result<BatchOutcome>)>;
using TransactDone = std::move_only_function<void(Result<void>)>;
using QueryDone = std::move_only_function<void(Result<Rows>)>;
using TransactFunction = std::move_only_function<Result<void>(Session&)>;

enum class Kind : std::uint8_t { kSqlite, kPostgres };

class Database {
 public:
  virtual ~Database() = default;

  // For who writes what is right for both in another way where one is far quicker so.
  virtual Kind kind() const = 0;

  void Submit(Batch batch, BatchDone done) { SubmitBatch(std::move(batch), nullptr, std::move(done)); }
  void Submit(WriteStream& stream, Batch batch, BatchDone done) {
    SubmitBatch(std::move(batch), &stream, std::move(done));
  }

  // `function` runs once, on a thread of the database, and must not wait for anything else than its
  // statements; other writes wait for it. When it returns an error (or throws: kInternal) nothing is applied
  // and the error is passed on. On success `done` runs after the commit.
  virtual void Transact(TransactFunction function, TransactDone done) = 0;

  virtual void Query(const Sql& sql, Params params, const QueryOptions& options, QueryDone done) = 0;
  void Query(const Sql& sql, Params params, QueryDone done) {
    Query(sql, std::move(params), QueryOptions{}, std::move(done));
  }

  // The same, waiting for the answer: for start-up, command line and tests; never on an event loop.
  Result<BatchOutcome> SubmitAndWait(Batch batch);
  Result<void> TransactAndWait(TransactFunction function);
  Result<Rows> QueryAndWait(const Sql& sql, Params params = {}, const QueryOptions& options = {});

  // The error of the last commit, if that failed; or why there is no connection.
  virtual Result<void> Health() const = 0;
  virtual Stats stats() const = 0;

  // Takes nothing new (kUnavailable), finishes what is queued, calls every callback, closes. Blocks. The
  // destructor does it too.
  virtual void Close() = 0;

 protected:
  virtual void SubmitBatch(Batch batch, WriteStream* stream, BatchDone done) = 0;
};

}  // namespace elevaite::database
