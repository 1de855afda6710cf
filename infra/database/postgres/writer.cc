#include "infra/database/postgres/writer.h"

#include <fmt/format.h>
#include <poll.h>
#include <pthread.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <algorithm>
#include <exception>
#include <iterator>

#include "foundation/log.h"
#include "infra/database/errors.h"
#include "infra/database/postgres/ownership.h"
#include "infra/database/postgres/session.h"

namespace elevaite::database::postgres {
namespace {

constexpr Sql kCommit{"commit", "COMMIT"};
constexpr Sql kRollback{"rollback", "ROLLBACK"};
constexpr std::chrono::milliseconds kRetryAfter{200};
constexpr std::chrono::milliseconds kPauseMin{20};
constexpr std::chrono::milliseconds kPauseMax{1000};
constexpr int kAttemptsMax = 5;  // of what a deadlock or the like has ended

}  // namespace

Writer::Writer(std::unique_ptr<Connection> connection, ConnectionOptions connection_options,
               std::int64_t epoch, const PostgresOptions& options, Counters& counters)
    : connection_options_(std::move(connection_options)),
      options_(options),
      counters_(counters),
      wake_(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)),
      connection_(std::move(connection)),
      epoch_(epoch) {
  CHECK(wake_ >= 0);
  thread_ = std::thread([this] { Loop(); });
}

Writer::~Writer() {
  Close();
  close(wake_);
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
      if (std::exchange(sleeping_, false)) eventfd_write(wake_, 1);
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

void Writer::SetHealth(Result<void> health) {
  const std::lock_guard lock(mutex_);
  health_ = std::move(health);
}

void Writer::Close() {
  {
    const std::lock_guard lock(mutex_);
    if (!closing_) closing_since_ = std::chrono::steady_clock::now();
    closing_ = true;
  }
  eventfd_write(wake_, 1);
  if (thread_.joinable()) thread_.join();
}

void Writer::Loop() {
  pthread_setname_np(pthread_self(), "db-writer");
  while (!Finished()) {
    if (!connection_ || connection_->lost()) {
      DropConnection();
      Recover();
      continue;
    }
    if (connection_->outstanding() == 0) silent_since_ = std::chrono::steady_clock::now();
    FillGroup();
    if (!connection_) continue;
    CommitGroup();
    WaitForNews();
    ReadAnswers();
    if (connection_ && IsSilent()) GiveUpConnection();
  }
  connection_.reset();
}

bool Writer::Finished() {
  const std::lock_guard lock(mutex_);
  return closing_ && queue_.empty() && again_.empty() && open_.empty() && !committing_;
}

// ---- The way of a job ----

std::optional<Job> Writer::Take() {
  if (!again_.empty()) {
    Job job = std::move(again_.front());
    again_.pop_front();
    return job;
  }
  const std::lock_guard lock(mutex_);
  if (queue_.empty()) return std::nullopt;
  Job job = std::move(queue_.front());
  queue_.pop_front();
  queue_bytes_ -= job.bytes();
  counters_.writes_queued.store(queue_.size(), std::memory_order_relaxed);
  return job;
}

// With mutex_ held.
bool Writer::CanTake() {
  return !open_.sealed && open_.jobs.size() < options_.group_batches_max &&
         open_.bytes < options_.group_bytes_max && (!again_.empty() || !queue_.empty());
}

void Writer::FillGroup() {
  const std::size_t before = connection_->outstanding();
  while (connection_ && !open_.sealed && open_.jobs.size() < options_.group_batches_max &&
         open_.bytes < options_.group_bytes_max) {
    std::optional<Job> job = Take();
    if (!job) break;
    if (!job->decided && job->IsBroken()) job->FailWith(PreviousWriteFailed());
    if (job->decided) {
      open_.sealed = job->ends_group;
      open_.AddDecided(std::move(*job));
      continue;
    }
    const bool ready = IsReady(*job);
    if (!ready && (!open_.empty() || committing_)) {  // needs the connection for itself
      again_.push_front(std::move(*job));
      open_.sealed = true;
      break;
    }
    if (!ready && !PrepareAll(*job)) {
      RunAlone(std::move(*job));
      return;
    }
    if (auto sent = SendJob(std::move(*job)); !sent) {
      const std::size_t last = open_.jobs.size() - 1;
      return BackOut({.job = last, .error = std::move(sent).error(), .blame = Blame::kStatement});
    }
  }
  if (connection_ && connection_->outstanding() > before) connection_->SendFlushRequest();
}

bool Writer::IsReady(const Job& job) const {
  const auto prepared = [this](const Sql& sql) { return connection_->FindPrepared(sql) != nullptr; };
  return !job.function && !job.alone && prepared(kInsertNumber) && prepared(kForgetNumbers) &&
         std::ranges::all_of(job.batch.statements(), prepared, &Batch::Statement::sql);
}

// False: it must run alone. A statement that the server does not understand may do so once the ones before it
// have run (CREATE TABLE).
bool Writer::PrepareAll(Job& job) {
  if (job.function || job.alone) return false;
  const auto prepare = [this](const Sql& sql) { return connection_->Prepare(sql).has_value(); };
  job.alone = !prepare(kInsertNumber) || !prepare(kForgetNumbers) ||
              !std::ranges::all_of(job.batch.statements(), prepare, &Batch::Statement::sql);
  return !job.alone;
}

Result<void> Writer::SendJob(Job job) {
  if (job.batch.empty()) {
    open_.AddDecided(std::move(job));
    return {};
  }
  if (!open_.begun()) {
    if (auto begun = open_.Begin(*connection_, epoch_, ++number_); !begun) {
      open_.jobs.push_back(std::move(job));
      return begun;
    }
  }
  return open_.Send(*connection_, std::move(job));
}

void Writer::RunAlone(Job job) {
  const std::int64_t number = ++number_;
  const Params params = Params::Of(epoch_, number);
  job.result = BatchOutcome{};
  bool has_run = false;  // the function
  Result<void> applied = connection_->Control(kBegin);
  if (applied) {
    auto numbered = connection_->Run(kInsertNumber, params, 0, params.size());
    applied = numbered ? Result<void>() : Fail(std::move(numbered).error());
    if (applied && job.function && options_.shared) applied = TakeTurn();
    has_run = applied && job.function;
    if (applied) applied = ApplyAlone(job);
  }
  if (!applied && connection_->lost() && !has_run) {
    job.alone = false;
    again_.push_front(std::move(job));
    return;
  }
  Group group;
  if (!applied) {
    if (!connection_->lost() && !connection_->Control(kRollback)) connection_.reset();
    job.FailWith(applied.error());
    group.jobs.push_back(std::move(job));
    return AnswerAll(std::move(group), {});
  }
  group.number = number;
  group.jobs.push_back(std::move(job));
  connection_->SendControl(kCommit);
  connection_->SendSync();
  committing_ = std::move(group);
}

Result<void> Writer::TakeTurn() {
  RETURN_IF_ERROR(connection_->Fetch(kTakeTurn, {}, QueryOptions{},
                                     std::chrono::steady_clock::now() + 2 * options_.lock_timeout));
  return {};
}

Result<void> Writer::ApplyAlone(Job& job) {
  if (job.function) {
    WriterSession session(*connection_);
    try {
      RETURN_IF_ERROR(job.function(session));
    } catch (const std::exception& e) {
      return Fail(ErrorCode::kInternal, "a transaction failed", {}, e.what());
    }
    if (connection_->lost()) return Fail(connection_->Lost());
    job.result->rows_changed = {session.rows_changed()};
    return {};
  }
  for (const Batch::Statement& statement : job.batch.statements()) {
    ASSIGN_OR_RETURN(const std::int64_t changed, connection_->Run(statement.sql, job.batch.params(),
                                                                  statement.first_param, statement.params));
    if (statement.expected_rows >= 0 && changed != statement.expected_rows)
      return Fail(UnexpectedRows(statement, changed));
    job.result->rows_changed.push_back(changed);
  }
  return {};
}

// As soon as the commit before it and all statements of the group are answered.
void Writer::CommitGroup() {
  if (open_.empty() || committing_ || !open_.answered()) return;
  Group group = std::exchange(open_, Group{});
  if (!group.begun()) return AnswerAll(std::move(group), {});
  connection_->SendControl(kCommit);
  connection_->SendSync();
  committing_ = std::move(group);
}

// A COMMIT is answered soon; a statement may wait for a lock first.
std::chrono::milliseconds Writer::SilenceMax() const {
  return committing_ ? options_.outage_patience : options_.lock_timeout + options_.outage_patience;
}

bool Writer::IsSilent() const {
  return connection_->outstanding() > 0 && std::chrono::steady_clock::now() - silent_since_ > SilenceMax();
}

// -1: for ever.
int Writer::PatienceMs() const {
  if (connection_->outstanding() == 0) return -1;
  const auto left = silent_since_ + SilenceMax() - std::chrono::steady_clock::now();
  return static_cast<int>(
      std::max<std::int64_t>(std::chrono::ceil<std::chrono::milliseconds>(left).count(), 0) + 1);
}

void Writer::WaitForNews() {
  if (!connection_) return;
  const bool more = connection_->Pump();
  bool work_left = false;
  {
    const std::lock_guard lock(mutex_);
    work_left = connection_->HasAnswer() || connection_->lost() || CanTake() ||
                (closing_ && !committing_ && open_.empty());
    sleeping_ = !work_left;
  }
  pollfd descriptors[2] = {{.fd = connection_->socket(),
                            .events = static_cast<short>(POLLIN | (more ? POLLOUT : 0)),
                            .revents = 0},
                           {.fd = wake_, .events = POLLIN, .revents = 0}};
  poll(descriptors, 2, work_left ? 0 : PatienceMs());
  if (descriptors[1].revents != 0) {
    eventfd_t ignored = 0;
    eventfd_read(wake_, &ignored);
  }
}

void Writer::ReadAnswers() {
  if (!connection_) return;
  connection_->Pump();
  while (connection_) {
    const PgResult answer = connection_->TryRead();
    if (!answer) return;
    silent_since_ = std::chrono::steady_clock::now();
    if (committing_) {
      TakeCommitAnswer(answer.get());
    } else if (auto failure = open_.Take(answer.get())) {
      BackOut(*failure);
    }
  }
}

void Writer::TakeCommitAnswer(PGresult* answer) {
  const ExecStatusType status = PQresultStatus(answer);
  if (status == PGRES_PIPELINE_SYNC) return FinishCommit();
  if (status != PGRES_FATAL_ERROR) {
    if (std::string_view(PQcmdStatus(answer)) == "COMMIT") return;
    commit_answer_ = Fail(ErrorCode::kInternal, "a transaction failed", {}, "it was rolled back");
    return;
  }
  if (BlameFor(SqlState(answer)) == Blame::kConnection) return DropConnection();
  commit_answer_ = Fail(ErrorOf(answer, kCommit.name));
}

void Writer::FinishCommit() {
  Group group = *std::exchange(committing_, std::nullopt);
  const Result<void> committed = std::exchange(commit_answer_, {});
  AnswerAll(std::move(group), committed);
  if (open_.empty()) {
    open_ = Group{};
  } else if (!committed) {  // what it holds may be built on that
    BackOut({.job = 0, .error = committed.error(), .blame = Blame::kRetry});
  }
}

void Writer::AnswerAll(Group group, const Result<void>& committed) {
  std::uint64_t applied = 0;
  std::int64_t rows = 0;
  for (Job& job : group.jobs) {
    if (!committed && !job.decided) job.FailWith(committed.error());
    if (!job.result) continue;
    job.result->commit = static_cast<std::uint64_t>(group.number != 0 ? group.number : number_);
    ++applied;
    for (const std::int64_t changed : job.result->rows_changed) rows += changed;
  }
  counters_.batches.fetch_add(applied, std::memory_order_relaxed);
  counters_.batches_failed.fetch_add(group.jobs.size() - applied, std::memory_order_relaxed);
  counters_.rows_changed.fetch_add(static_cast<std::uint64_t>(rows), std::memory_order_relaxed);
  if (group.begun()) {
    (committed ? counters_.commits : counters_.commits_failed).fetch_add(1, std::memory_order_relaxed);
    SetHealth(committed);
  }
  for (Job& job : group.jobs) job.Answer();
}

// ---- When something fails ----

void Writer::BackOut(const Group::Failure& failure) {
  if (failure.blame == Blame::kConnection || connection_->lost()) return DropConnection();
  connection_->SendSync();  // until here the server skips what it was sent
  connection_->SendControl(kRollback);
  connection_->SendSync();
  while (connection_->outstanding() > 0) {
    if (!connection_->Await()) return DropConnection();
  }
  counters_.groups_rerun.fetch_add(1, std::memory_order_relaxed);
  Group group = std::exchange(open_, Group{});
  if (failure.blame == Blame::kServer) return AnswerAll(std::move(group), Fail(failure.error));
  Job& job = group.jobs[failure.job];
  if (failure.blame == Blame::kStatement || ++job.attempts >= kAttemptsMax) {
    job.FailWith(failure.error);
    job.ends_group = true;
  }
  Requeue(std::move(group));
}

void Writer::Requeue(Group group) {
  again_.insert(again_.begin(), std::make_move_iterator(group.jobs.begin()),
                std::make_move_iterator(group.jobs.end()));
}

// ---- When the connection is lost ----

// What was not told to commit never will be.
void Writer::DropConnection() {
  connection_.reset();
  commit_answer_ = {};
  Requeue(std::exchange(open_, Group{}));
}

// It stands, and the server says nothing: a process of its that is stopped, or a disk. What has been told to
// commit is settled as if it were lost; what waits behind it has waited long enough.
void Writer::GiveUpConnection() {
  LogWarn("the database does not answer; connecting anew",
          {{"schema", options_.schema}, {"commit", committing_.has_value()}});
  if (outage_since_ == Clock::Instant{}) outage_since_ = silent_since_;
  DropConnection();
  if (IsLongAway()) FailWaiting(OutOfReach({.message = "it does not answer"}));
}

bool Writer::IsLongAway() const {
  return std::chrono::steady_clock::now() - outage_since_ > options_.outage_patience;
}

// What waits has come since the last try: this one decides about it.
void Writer::Recover() {
  if (outage_since_ == Clock::Instant{}) outage_since_ = std::chrono::steady_clock::now();
  const auto back = Reconnect();
  if (back) {
    outage_since_ = {};
    pause_ = {};
    SetHealth({});
    return;
  }
  const Error away = OutOfReach(back.error());
  SetHealth(Fail(away));
  bool hopeless = false;
  {
    const std::lock_guard lock(mutex_);
    hopeless = closing_ && std::chrono::steady_clock::now() - closing_since_ > options_.outage_patience;
  }
  if (committing_ && hopeless) {
    const Error unknown{.code = ErrorCode::kUnavailable,
                        .message = "the database was lost in a commit; whether it was applied is not known"};
    AnswerAll(*std::exchange(committing_, std::nullopt), Fail(unknown));
  }
  // None of it has been told to commit, so it is refused whatever has become of what was.
  if (hopeless || IsLongAway()) FailWaiting(away);
  WaitBeforeRetry();
}

Result<void> Writer::Reconnect() {
  ASSIGN_OR_RETURN(auto connection, Connection::Open(connection_options_));
  RETURN_IF_ERROR(EndOldConnections(*connection, connection_options_.application_name));
  RETURN_IF_ERROR(TryLock(*connection, connection_options_.schema, options_.shared));
  RETURN_IF_ERROR(HoldEpoch(*connection, epoch_));
  connection_ = std::move(connection);
  auto settled = SettleCommit();
  if (!settled) connection_.reset();
  return settled;
}

Result<void> Writer::SettleCommit() {
  if (committing_) {
    ASSIGN_OR_RETURN(const bool committed, WasCommitted(*connection_, epoch_, committing_->number));
    Group group = *std::exchange(committing_, std::nullopt);
    if (committed) {
      AnswerAll(std::move(group), {});
    } else if (group.jobs.front().function) {
      AnswerAll(std::move(group), Fail(ErrorCode::kUnavailable, "the connection to the database was lost"));
    } else {
      Requeue(std::move(group));
    }
  }
  if (options_.shared) return {};
  ASSIGN_OR_RETURN(const bool newest, IsNewest(*connection_, epoch_));
  if (newest) return {};
  ASSIGN_OR_RETURN(epoch_, TakeEpoch(*connection_));
  FailWaiting(
      {.code = ErrorCode::kUnavailable, .message = "another process has had the database in between"});
  return {};
}

void Writer::FailWaiting(const Error& error) {
  Group waiting;
  waiting.jobs = std::exchange(again_, {});
  {
    const std::lock_guard lock(mutex_);
    std::ranges::move(queue_, std::back_inserter(waiting.jobs));
    queue_.clear();
    queue_bytes_ = 0;
    counters_.writes_queued.store(0, std::memory_order_relaxed);
  }
  AnswerAll(std::move(waiting), Fail(error));
}

// Longer from try to try, up to a second. Ends early when the database is closed.
void Writer::WaitBeforeRetry() {
  pause_ = std::clamp(pause_ * 2, kPauseMin, kPauseMax);
  auto until = std::chrono::steady_clock::now() + pause_;
  while (std::chrono::steady_clock::now() < until) {
    {
      const std::lock_guard lock(mutex_);
      if (closing_) until = std::min(until, std::chrono::steady_clock::now() + kPauseMin);
    }
    const auto left =
        std::chrono::ceil<std::chrono::milliseconds>(until - std::chrono::steady_clock::now()).count();
    pollfd descriptor{.fd = wake_, .events = POLLIN, .revents = 0};
    poll(&descriptor, 1, static_cast<int>(std::max<std::int64_t>(left, 0)));
    eventfd_t ignored = 0;
    eventfd_read(wake_, &ignored);
  }
}

}  // namespace elevaite::database::postgres
