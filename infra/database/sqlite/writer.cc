// How a group runs. First all batches in one transaction without any guard between them: the common case
// costs nothing extra. What has come while they were applied goes with them: a commit costs the more the
// fewer share it. If a statement fails, everything is rolled back and the group runs again with a
// savepoint around each batch, so that only the bad one fails. Functions of Transact must not run twice: a
// group that has one uses savepoints from the start.
#include "infra/database/sqlite/writer.h"

#include <pthread.h>

#include <algorithm>
#include <exception>
#include <iterator>
#include <ranges>

#include "infra/database/errors.h"

namespace elevaite::database::sqlite {
namespace {

constexpr Sql kBegin{"begin", "BEGIN IMMEDIATE"};
constexpr Sql kCommit{"commit", "COMMIT"};
constexpr Sql kRollback{"rollback", "ROLLBACK"};
constexpr Sql kSavepoint{"savepoint", "SAVEPOINT batch"};
constexpr Sql kRelease{"release", "RELEASE batch"};
constexpr Sql kRollbackTo{"rollback_to", "ROLLBACK TO batch"};

constexpr std::chrono::milliseconds kRetryAfter{200};

class WriterSession final : public Session {
 public:
  explicit WriterSession(Connection& connection) : connection_(connection) {}

  Result<std::int64_t> Run(const Sql& sql, const Params& params) override {
    auto changed = connection_.Run(sql, params, 0, params.size());
    if (changed) rows_changed_ += *changed;
    return changed;
  }
  Result<Rows> Fetch(const Sql& sql, const Params& params, const QueryOptions& options) override {
    return connection_.Fetch(sql, params, options, std::chrono::steady_clock::now() + options.timeout);
  }
  Result<void> RunScript(const char* name, std::string_view script) override {
    return connection_.RunScript(name, script);
  }
  std::int64_t rows_changed() const { return rows_changed_; }

 private:
  Connection& connection_;
  std::int64_t rows_changed_ = 0;
};

}  // namespace

Writer::Writer(std::unique_ptr<Connection> connection, std::unique_ptr<Checkpointer> checkpointer,
               const SqliteOptions& options, Counters& counters)
    : connection_(std::move(connection)),
      checkpointer_(std::move(checkpointer)),
      options_(options),
      counters_(counters) {
  sqlite3_wal_hook(
      connection_->raw(),
      [](void* self, sqlite3*, const char*, int frames) {
        constexpr std::size_t kFrame = 4096 + 24;
        static_cast<Writer*>(self)->log_bytes_ = static_cast<std::size_t>(frames) * kFrame;
        return SQLITE_OK;
      },
      this);
  thread_ = std::thread([this] { Loop(); });
}

void Writer::Job::FailWith(const Error& error) {
  result = std::unexpected(error);
  if (stream) stream->Break(ticket);
}

void Writer::Job::Answer() {
  if (batch_done) {
    batch_done(std::move(result));
  } else if (result) {
    function_done({});
  } else {
    function_done(std::unexpected(std::move(result).error()));
  }
}

void Writer::Submit(Batch batch, WriteStream* stream, BatchDone done) {
  Job job{.batch = std::move(batch), .batch_done = std::move(done)};
  if (stream != nullptr) {
    job.stream = *stream;
    job.ticket = stream->Draw();
  }
  Enqueue(std::move(job));
}

void Writer::Transact(TransactFunction function, TransactDone done) {
  Enqueue(Job{.function = std::move(function), .function_done = std::move(done)});
}

void Writer::Enqueue(Job job) {
  Error refused{.code = ErrorCode::kUnavailable};
  {
    const std::lock_guard lock(mutex_);
    if (closing_) {
      refused.message = "the database is closed";
    } else if (queue_.size() >= options_.writes_queued_max ||
               queue_bytes_ >= options_.write_bytes_queued_max) {
      refused.message = "too many writes are waiting";
      refused.retry_after = kRetryAfter;
    } else {
      queue_bytes_ += job.bytes();
      queue_.push_back(std::move(job));
      counters_.writes_queued.store(queue_.size(), std::memory_order_relaxed);
      if (queue_.size() == 1) wake_.notify_one();
      return;
    }
  }
  counters_.batches_failed.fetch_add(1, std::memory_order_relaxed);
  job.FailWith(refused);
  job.Answer();
}

Result<void> Writer::Health() const {
  const std::lock_guard lock(mutex_);
  return health_;
}

void Writer::Close() {
  {
    const std::lock_guard lock(mutex_);
    closing_ = true;
  }
  wake_.notify_all();
  if (thread_.joinable()) thread_.join();
  checkpointer_.reset();
  connection_.reset();
}

void Writer::Loop() {
  pthread_setname_np(pthread_self(), "db-writer");
  std::unique_lock lock(mutex_);
  while (true) {
    wake_.wait(lock, [this] { return closing_ || !queue_.empty(); });
    if (queue_.empty()) return;
    Group group = TakeGroup();
    lock.unlock();
    RunGroup(group);
    for (Job& job : group) job.Answer();
    group.clear();
    checkpointer_->AfterCommit(*connection_, log_bytes_);
    lock.lock();
  }
}

Writer::Group Writer::TakeGroup() {
  Group group;
  std::size_t bytes = 0;
  while (!queue_.empty() && group.size() < options_.group_batches_max && bytes < options_.group_bytes_max) {
    bytes += queue_.front().bytes();
    group.push_back(std::move(queue_.front()));
    queue_.pop_front();
  }
  queue_bytes_ -= bytes;
  counters_.writes_queued.store(queue_.size(), std::memory_order_relaxed);
  return group;
}

// Batches only: a function would want savepoints.
void Writer::TakeLate(Group& group) {
  const std::lock_guard lock(mutex_);
  const bool has_function =
      std::ranges::any_of(queue_, [](const Job& job) { return static_cast<bool>(job.function); });
  if (!has_function) std::ranges::move(TakeGroup(), std::back_inserter(group));
}

void Writer::RunGroup(Group& group) {
  bool guarded = false;
  for (const Job& job : group) guarded = guarded || static_cast<bool>(job.function);
  Result<void> committed{};
  if (fsync_failed_) {
    committed = Fail(ErrorCode::kUnavailable, "the disk failed to keep a write; restart after checking it");
  } else {
    bool one_failed = guarded;
    if (!guarded) committed = RunTogether(group, one_failed);
    if (one_failed) {
      if (!guarded) counters_.groups_rerun.fetch_add(1, std::memory_order_relaxed);
      committed = RunOneByOne(group);
    }
  }
  std::uint64_t applied = 0;
  std::int64_t rows = 0;
  for (Job& job : group) {
    if (!committed && job.result) job.FailWith(committed.error());
    if (!job.result) continue;
    job.result->commit = commit_;
    ++applied;
    for (const std::int64_t changed : job.result->rows_changed) rows += changed;
  }
  counters_.batches.fetch_add(applied, std::memory_order_relaxed);
  counters_.batches_failed.fetch_add(group.size() - applied, std::memory_order_relaxed);
  counters_.rows_changed.fetch_add(static_cast<std::uint64_t>(rows), std::memory_order_relaxed);
  if (committed && applied == 0) return;  // nothing was put to the test
  (committed ? counters_.commits : counters_.commits_failed).fetch_add(1, std::memory_order_relaxed);
  const std::lock_guard lock(mutex_);
  health_ = std::move(committed);
}

Result<void> Writer::RunTogether(Group& group, bool& one_failed) {
  RETURN_IF_ERROR(connection_->Run(kBegin));
  const std::size_t in_time = group.size();
  one_failed = !ApplyFrom(0, group);
  if (!one_failed) {
    TakeLate(group);
    one_failed = !ApplyFrom(in_time, group);
  }
  if (!one_failed) return Commit();
  Rollback();
  return {};
}

// False: one of them failed.
bool Writer::ApplyFrom(std::size_t first, Group& group) {
  for (Job& job : group | std::views::drop(first)) {
    if (!SkipBroken(job) && !Apply(job)) return false;
  }
  return true;
}

Result<void> Writer::RunOneByOne(Group& group) {
  RETURN_IF_ERROR(connection_->Run(kBegin));
  for (Job& job : group) {
    if (SkipBroken(job)) continue;
    auto applied = ApplyGuarded(job);
    if (applied) continue;
    // Out of disk or memory, SQLite may have rolled back the whole transaction, and with it the batches
    // before.
    if (!connection_->InTransaction()) return applied;
    job.FailWith(applied.error());
  }
  return Commit();
}

bool Writer::SkipBroken(Job& job) {
  job.result = BatchOutcome{};
  if (!job.stream || !job.stream->IsBroken(job.ticket)) return false;
  job.FailWith(PreviousWriteFailed());
  return true;
}

Result<void> Writer::ApplyGuarded(Job& job) {
  RETURN_IF_ERROR(connection_->Run(kSavepoint));
  auto applied = Apply(job);
  if (!connection_->InTransaction()) {
    if (applied)
      return Fail(ErrorCode::kInternal, "a statement failed", {},
                  "a function ended the transaction it runs in");
    return applied;
  }
  if (!applied) {
    if (auto undone = connection_->Run(kRollbackTo); !undone) {
      Rollback();
      return applied;
    }
  }
  if (auto released = connection_->Run(kRelease); !released) {
    Rollback();
    return Fail(std::move(released).error());
  }
  return applied;
}

Result<void> Writer::Apply(Job& job) {
  connection_->ForbidTransactionControl(true);
  auto applied = job.function ? ApplyFunction(job) : ApplyBatch(job);
  connection_->ForbidTransactionControl(false);
  return applied;
}

Result<void> Writer::ApplyFunction(Job& job) {
  WriterSession session(*connection_);
  try {
    RETURN_IF_ERROR(job.function(session));
  } catch (const std::exception& e) {
    return Fail(ErrorCode::kInternal, "a transaction failed", {}, e.what());
  }
  job.result->rows_changed = {session.rows_changed()};
  return {};
}

Result<void> Writer::ApplyBatch(Job& job) {
  job.result->rows_changed.clear();
  for (const Batch::Statement& statement : job.batch.statements()) {
    ASSIGN_OR_RETURN(const std::int64_t changed, connection_->Run(statement.sql, job.batch.params(),
                                                                  statement.first_param, statement.params));
    if (statement.expected_rows >= 0 && changed != statement.expected_rows)
      return Fail(UnexpectedRows(statement, changed));
    job.result->rows_changed.push_back(changed);
  }
  return {};
}

Result<void> Writer::Commit() {
  if (auto committed = connection_->Run(kCommit); !committed) {
    fsync_failed_ = connection_->FsyncFailed();
    Rollback();
    return Fail(std::move(committed).error());
  }
  ++commit_;
  return {};
}

void Writer::Rollback() {
  if (!connection_->InTransaction()) return;
  if (auto undone = connection_->Run(kRollback); !undone) CHECK(!connection_->InTransaction());
}

}  // namespace elevaite::database::sqlite
