#include "engine/partition/partition_thread.h"

#include <pthread.h>

#include <algorithm>
#include <chrono>
#include <string>

namespace elevaite::engine {

PartitionThread::PartitionThread(Options options, Clock& clock, Random& random,
                                 std::unique_ptr<Journal> journal, Activities& activities,
                                 ProgramSource& programs, EventHub& hub, LiveFeed& feed)
    : options_(std::move(options)),
      clock_(clock),
      journal_(std::move(journal)),
      partition_(
          options_.partition, clock, random, *journal_, activities, programs, hub, feed,
          [this](Command command) { Post(std::move(command)); },
          [this](std::uint64_t commit, Result<void> result) {
            const std::scoped_lock lock(mutex_);
            committed_.emplace_back(commit, std::move(result));
            wake_.notify_one();
          }) {}

PartitionThread::~PartitionThread() { Stop(); }

Result<void> PartitionThread::Start(Predecessor predecessor) {
  ASSIGN_OR_RETURN(auto stored, journal_->LoadUnfinished(options_.index, options_.count));
  RETURN_IF_ERROR(partition_.Recover(std::move(stored), predecessor));
  commits_open_ = partition_.commits_in_flight();
  {
    const std::scoped_lock lock(mutex_);
    status_.active = partition_.active();
  }
  thread_ = std::thread([this] { Run(); });
  return {};
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
  const bool is_start = std::holds_alternative<StartCommand>(command);
  if (stopping_ || (is_start && queue_.size() >= options_.queue_max)) {
    const char* why =
        stopping_ ? "the engine is shutting down" : "the engine has as many starts waiting as it takes";
    lock.unlock();
    return Refuse(command,
                  {.code = ErrorCode::kUnavailable, .message = why, .retry_after = std::chrono::seconds(1)});
  }
  queue_.push_back(std::move(command));
  const bool wake = std::exchange(awaits_commands_, false);
  lock.unlock();
  if (wake) wake_.notify_one();
}

void PartitionThread::Refuse(Command& command, const Error& error) {
  if (auto* start = std::get_if<StartCommand>(&command)) start->accepted(elevaite::Fail(error));
  if (auto* cancel = std::get_if<CancelCommand>(&command)) cancel->done(elevaite::Fail(error));
  if (auto* migrate = std::get_if<MigrateCommand>(&command)) migrate->done(elevaite::Fail(error));
  if (auto* watch = std::get_if<WatchCommand>(&command)) watch->finished(std::nullopt);
}

PartitionThread::Status PartitionThread::status() const {
  const std::scoped_lock lock(mutex_);
  Status status = status_;
  status.queued = queue_.size();
  return status;
}

void PartitionThread::WaitForWork(std::unique_lock<std::mutex>& lock) {
  const bool takes_commands = partition_.Accepting() || partition_.failure();
  const auto has_work = [&] {
    if (stopping_) return commits_open_ == committed_.size();
    return !committed_.empty() || (takes_commands && !queue_.empty());
  };
  if (has_work()) return;
  // The clock may be set: never trust a long wait.
  constexpr std::int64_t kLongestUs = 1'000'000;
  const auto due_us = partition_.NextDueUs();
  const std::int64_t wait_us =
      due_us ? std::clamp<std::int64_t>(*due_us - clock_.Now().micros(), 0, kLongestUs) : kLongestUs;
  const auto until = std::chrono::steady_clock::now() + std::chrono::microseconds(wait_us);
  do {
    awaits_commands_ = takes_commands;
  } while (wake_.wait_until(lock, until) == std::cv_status::no_timeout && !has_work());
  awaits_commands_ = false;
}

PartitionThread::Status PartitionThread::StatusOfPartition() const {
  return {.counters = partition_.counters(),
          .active = partition_.active(),
          .queued = 0,
          .failure = partition_.failure()};
}

void PartitionThread::Run() {
  pthread_setname_np(pthread_self(), ("engine-" + std::to_string(options_.index)).c_str());
  std::vector<Command> commands;
  std::vector<std::pair<std::uint64_t, Result<void>>> committed;
  while (true) {
    {
      std::unique_lock lock(mutex_);
      status_ = StatusOfPartition();
      WaitForWork(lock);
      if (stopping_ && commits_open_ == committed_.size()) break;
      committed.swap(committed_);
      if (!stopping_ && (partition_.Accepting() || partition_.failure())) {
        const std::size_t take = std::min(queue_.size(), options_.commands_per_round);
        std::move(queue_.begin(), queue_.begin() + static_cast<std::ptrdiff_t>(take),
                  std::back_inserter(commands));
        queue_.erase(queue_.begin(), queue_.begin() + static_cast<std::ptrdiff_t>(take));
      }
    }
    for (auto& [commit, result] : committed) partition_.Committed(commit, std::move(result));
    committed.clear();
    for (Command& command : commands) partition_.Handle(std::move(command));
    commands.clear();
    partition_.FireTimers();
    partition_.Flush();
    commits_open_ = partition_.commits_in_flight();
  }
  for (auto& [commit, result] : committed_) partition_.Committed(commit, std::move(result));
  const Error error{.code = ErrorCode::kUnavailable, .message = "the engine is shutting down"};
  for (Command& command : queue_) Refuse(command, error);
}

}  // namespace elevaite::engine
