#include "engine/partition/partition_thread.h"

#include <pthread.h>

#include <algorithm>
#include <chrono>
#include <string>

#include "foundation/log.h"

namespace elevaite::engine {
namespace {

Error ShuttingDown() {
  return {.code = ErrorCode::kUnavailable,
          .message = "the engine is shutting down",
          .retry_after = std::chrono::seconds(1)};
}

}  // namespace

void AddTo(PartitionCounters& sum, const PartitionCounters& one) {
  sum.started += one.started;
  sum.completed += one.completed;
  sum.faulted += one.faulted;
  sum.cancelled += one.cancelled;
  sum.events += one.events;
  sum.commits += one.commits;
  sum.commits_failed += one.commits_failed;
}

PartitionThread::PartitionThread(Options options, Clock& clock, Random& random, JournalFactory journals,
                                 Activities& activities, ProgramSource& programs, EventHub& hub,
                                 LiveFeed& feed)
    : options_(std::move(options)),
      clock_(clock),
      random_(random),
      journals_(std::move(journals)),
      activities_(activities),
      programs_(programs),
      hub_(hub),
      feed_(feed) {
  thread_ = std::thread([this] { Run(); });
}

PartitionThread::~PartitionThread() { Stop(); }

// ---- From other threads ----

void PartitionThread::Open(const Tenure& tenure) {
  const std::scoped_lock lock(mutex_);
  if (status_.state != State::kClosed || stopping_) return;
  status_.state = State::kOpening;
  status_.tenure = tenure;
  status_.was_taken_over = false;
  wake_.notify_one();
}

void PartitionThread::Close() {
  const std::scoped_lock lock(mutex_);
  if (status_.state == State::kClosed) return;
  status_.state = State::kClosing;
  is_open_ = false;
  wake_.notify_one();
}

Result<void> PartitionThread::AwaitOpen() {
  std::unique_lock lock(mutex_);
  changed_.wait(lock, [this] { return status_.state == State::kOpen || status_.state == State::kClosed; });
  if (status_.state == State::kOpen) return {};
  return elevaite::Fail(status_.failure.value_or(ShuttingDown()));
}

void PartitionThread::Stop() {
  {
    const std::scoped_lock lock(mutex_);
    stopping_ = true;
    wake_.notify_one();
  }
  if (thread_.joinable()) thread_.join();
}

void PartitionThread::Post(Command command) {
  std::unique_lock lock(mutex_);
  if (stopping_) {
    lock.unlock();
    return Refuse(command, ShuttingDown());
  }
  const bool is_here = status_.state == State::kOpening || status_.state == State::kOpen;
  if (!is_here && options_.elsewhere) {
    lock.unlock();
    return Elsewhere(std::move(command));
  }
  if (std::holds_alternative<StartCommand>(command) && queue_.size() >= options_.queue_max) {
    lock.unlock();
    return Refuse(command, {.code = ErrorCode::kUnavailable,
                            .message = "the engine has as many starts waiting as it takes",
                            .retry_after = std::chrono::seconds(1)});
  }
  if (options_.admission && std::holds_alternative<StartCommand>(command)) options_.admission->Enqueued();
  queue_.push_back(std::move(command));
  const bool wake = std::exchange(awaits_commands_, false);
  lock.unlock();
  if (wake) wake_.notify_one();
}

void PartitionThread::LookAtHolds() {
  const std::scoped_lock lock(mutex_);
  wake_.notify_one();
}

void PartitionThread::Dequeued(const Command& command) const {
  if (options_.admission && std::holds_alternative<StartCommand>(command)) options_.admission->Dequeued();
}

void PartitionThread::Answered(std::uint64_t commit, bool is_written) {
  const auto handed_over = handed_over_.extract(commit);
  if (!options_.admission || !is_written || handed_over.empty()) return;
  options_.admission->Took(std::chrono::duration_cast<Admission::Duration>(std::chrono::steady_clock::now() -
                                                                           handed_over.mapped()));
}

void PartitionThread::Elsewhere(Command command) {
  if (options_.elsewhere) return options_.elsewhere(std::move(command));
  Refuse(command, ShuttingDown());
}

void PartitionThread::Refuse(Command& command, const Error& error) {
  if (auto* start = std::get_if<StartCommand>(&command)) start->accepted(elevaite::Fail(error));
  if (auto* cancel = std::get_if<CancelCommand>(&command)) cancel->done(elevaite::Fail(error));
  if (auto* migrate = std::get_if<MigrateCommand>(&command)) migrate->done(elevaite::Fail(error));
  if (auto* operate = std::get_if<OperateCommand>(&command)) operate->done(elevaite::Fail(error));
  if (auto* watch = std::get_if<WatchCommand>(&command)) watch->finished(std::nullopt);
}

PartitionThread::Status PartitionThread::status() const {
  const std::scoped_lock lock(mutex_);
  Status status = status_;
  status.queued = queue_.size();
  return status;
}

// ---- The thread ----

void PartitionThread::Run() {
  pthread_setname_np(pthread_self(), ("engine-" + std::to_string(options_.index)).c_str());
  while (AwaitTenure()) {
    const Result<void> begun = Begin();
    if (begun) Serve();
    CloseDown();
    if (!begun) {
      const std::scoped_lock lock(mutex_);
      status_.failure = begun.error();
    }
    SetState(State::kClosed);
  }
}

// False: there will be none.
bool PartitionThread::AwaitTenure() {
  std::unique_lock lock(mutex_);
  wake_.wait(lock, [this] { return stopping_ || status_.state != State::kClosed; });
  return status_.state != State::kClosed;
}

Result<void> PartitionThread::Begin() {
  journal_ = journals_(status().tenure);
  partition_ = std::make_unique<Partition>(
      options_.partition, clock_, random_, *journal_, activities_, programs_, hub_, feed_,
      [this](Command command) { Post(std::move(command)); },
      [this](std::uint64_t commit, Result<void> result) {
        const std::scoped_lock lock(mutex_);
        committed_.emplace_back(commit, std::move(result));
        wake_.notify_one();
      });
  began_ = std::chrono::steady_clock::now();
  reads_again_ = {};
  recovery_.emplace(*journal_, *partition_, options_.index, options_.count);
  if (options_.read_holds) RETURN_IF_ERROR(options_.read_holds());
  UseHolds();
  const Predecessor before = status().tenure.after_crash ? Predecessor::kDied : Predecessor::kReleased;
  RETURN_IF_ERROR(recovery_->Begin(before));
  RETURN_IF_ERROR(CancelAbandoned());
  {
    const std::scoped_lock lock(mutex_);
    Note();
  }
  SetState(State::kOpen);
  return {};
}

void PartitionThread::UseHolds() {
  if (!options_.holds) return;
  holds_version_ = options_.holds->version();  // first: what changes meanwhile is looked at again
  partition_->Use(options_.holds->now());
}

// Children of what is here may be on nodes that live on: the owner before may have died between the end of a
// task and the cancellation of what it awaited.
Result<void> PartitionThread::CancelAbandoned() {
  if (!status().tenure.after_crash) return {};
  ASSIGN_OR_RETURN(const auto awaited, journal_->LoadAwaitedBy(options_.index, options_.count));
  ASSIGN_OR_RETURN(const auto abandoned, partition_->AbandonedAmong(awaited));
  for (const ExecutionId& id : abandoned)
    options_.anywhere({id, Cancel{.reason = std::string(kNoLongerNeeded), .by_parent = true}});
  return {};
}

void PartitionThread::Serve() {
  while (Round()) {
  }
}

// With mutex_ held.
bool PartitionThread::IsToClose() const {
  return stopping_ || status_.state == State::kClosing || partition_->IsTakenOver() ||
         (options_.lasts_until && std::chrono::steady_clock::now() >= options_.lasts_until());
}

// False: it was the last.
bool PartitionThread::Round() {
  std::vector<Command> commands;
  std::vector<std::pair<std::uint64_t, Result<void>>> committed;
  {
    std::unique_lock lock(mutex_);
    Note();
    WaitForWork(lock);
    if (IsToClose()) return false;
    committed.swap(committed_);
    if (partition_->Accepting() || partition_->failure()) {
      const std::size_t take = std::min(queue_.size(), options_.commands_per_round);
      commands.reserve(take);
      std::move(queue_.begin(), queue_.begin() + static_cast<std::ptrdiff_t>(take),
                std::back_inserter(commands));
      queue_.erase(queue_.begin(), queue_.begin() + static_cast<std::ptrdiff_t>(take));
    }
  }
  if (HoldsHaveChanged()) UseHolds();
  for (auto& [commit, result] : committed) {
    Answered(commit, result.has_value());
    partition_->Committed(commit, std::move(result));
  }
  for (Command& command : commands) {
    Dequeued(command);
    partition_->Handle(std::move(command));
  }
  partition_->FireTimers();
  if (const auto commit = partition_->Flush()) handed_over_[*commit] = std::chrono::steady_clock::now();
  if (ReadsBack() && std::chrono::steady_clock::now() >= reads_again_) ReadBack();
  commits_open_ = partition_->commits_in_flight();
  return true;
}

// One page, so that commands do not wait for long.
void PartitionThread::ReadBack() {
  constexpr std::size_t kPage = 200;
  constexpr std::chrono::seconds kPause(1);
  const auto read = recovery_->ReadPage(kPage);
  if (!read) {
    reads_again_ = std::chrono::steady_clock::now() + kPause;
    LogError(
        "what is unfinished cannot be read back; it is tried again",
        {{"partition", options_.index}, {"error", read.error().message}, {"detail", read.error().detail}});
  }
  if (recovery_->goes_on() || recovery_->executions() == 0) return;
  const auto took = std::chrono::steady_clock::now() - began_;
  LogInfo("what is unfinished has been read back",
          {{"partition", options_.index},
           {"executions", recovery_->executions()},
           {"duration_ms", std::chrono::duration_cast<std::chrono::milliseconds>(took).count()}});
}

void PartitionThread::WaitForWork(std::unique_lock<std::mutex>& lock) {
  const bool takes_commands = partition_->Accepting() || partition_->failure();
  const auto has_work = [&] {
    return IsToClose() || !committed_.empty() || HoldsHaveChanged() || (takes_commands && !queue_.empty());
  };
  const bool reads_back = ReadsBack();
  if (has_work() || (reads_back && std::chrono::steady_clock::now() >= reads_again_)) return;
  // The clock may be set: never trust a long wait.
  constexpr std::int64_t kLongestUs = 1'000'000;
  const auto due_us = partition_->NextDueUs();
  const std::int64_t wait_us =
      due_us ? std::clamp<std::int64_t>(*due_us - clock_.Now().micros(), 0, kLongestUs) : kLongestUs;
  auto until = std::chrono::steady_clock::now() + std::chrono::microseconds(wait_us);
  if (options_.lasts_until) until = std::min(until, options_.lasts_until());
  if (reads_back) until = std::min(until, reads_again_);
  do {
    awaits_commands_ = takes_commands;
  } while (wake_.wait_until(lock, until) == std::cv_status::no_timeout && !has_work());
  awaits_commands_ = false;
}

// With mutex_ held.
void PartitionThread::Note() {
  status_.counters = before_;
  AddTo(status_.counters, partition_->counters());
  status_.active = partition_->active();
  status_.held = partition_->held();
  status_.failure = partition_->failure();
  status_.recovers = recovery_ && recovery_->goes_on();
}

// Lets the commits in flight end; they are answered, but nothing more comes of them.
void PartitionThread::CloseDown() {
  SetState(State::kClosing);
  partition_->Retire();
  partition_->Flush();
  commits_open_ = partition_->commits_in_flight();
  while (commits_open_ > 0) {
    std::vector<std::pair<std::uint64_t, Result<void>>> committed;
    {
      std::unique_lock lock(mutex_);
      wake_.wait(lock, [this] { return !committed_.empty(); });
      committed.swap(committed_);
    }
    for (auto& [commit, result] : committed) partition_->Committed(commit, std::move(result));
    commits_open_ = partition_->commits_in_flight();
  }
  std::vector<Command> rest = partition_->Close();
  std::deque<Command> left;
  bool for_good = false;
  {
    const std::scoped_lock lock(mutex_);
    for_good = stopping_;
    status_.was_taken_over = partition_->IsTakenOver();
    Note();
    status_.recovers = false;
    left.swap(queue_);
  }
  for (const Command& command : left) Dequeued(command);
  AddTo(before_, partition_->counters());
  handed_over_.clear();
  recovery_.reset();
  partition_.reset();
  journal_.reset();
  if (for_good) {
    for (Command& command : left) Refuse(command, ShuttingDown());
    return;
  }
  for (Command& command : left) Elsewhere(std::move(command));
  for (Command& command : rest) Elsewhere(std::move(command));
}

void PartitionThread::SetState(State state) {
  {
    const std::scoped_lock lock(mutex_);
    if (state == State::kOpen && status_.state != State::kOpening) return;  // it is to be closed again
    status_.state = state;
    is_open_ = state == State::kOpen;
    changed_.notify_all();
  }
  if (options_.changed) options_.changed();
}

}  // namespace elevaite::engine
