// Runner: does activities in this process by handing them to connectors, so many of a class at a time, first
// come first served.
#pragma once

#include <array>
#include <boost/asio/any_io_executor.hpp>
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <mutex>
#include <utility>
#include <vector>

#include "connectors/connector.h"
#include "engine/activities/activities.h"

namespace elevaite::connectors {

struct RunnerOptions {
  std::size_t concurrency_max = 512;       // activities that run at the same time; the rest wait
  std::size_t long_concurrency_max = 512;  // of class kLong, beside these
};

class Runner final : public engine::Activities {
 public:
  // The registry must outlive the runner; `executors` (one a thread) are used in turn.
  Runner(const Registry& registry, std::vector<boost::asio::any_io_executor> executors,
         RunnerOptions options);

  void Schedule(engine::ActivityTask task, Done done) override;
  void Cancel(const ExecutionId& execution, engine::FrameId frame, std::string_view connector,
              std::int64_t deadline_us) override;

  // Begins nothing new, and gives up what waits for its turn: their `done` is not called.
  std::vector<engine::ActivityTask> TakeBackWaiting();
  // Begins nothing new and waits until what runs has ended, at most so long. What is left is done again after
  // the next start.
  void Drain(std::chrono::milliseconds at_most);

  struct Status {
    std::size_t running = 0;
    std::size_t waiting = 0;
    std::uint64_t succeeded = 0;
    std::uint64_t failed = 0;
  };
  Status status() const;

 private:
  struct Job;
  using Key = std::pair<ExecutionId, engine::FrameId>;

  // Of a class: one does not wait for the other.
  struct Places {
    std::size_t max = 0;
    std::size_t running = 0;
    std::deque<std::shared_ptr<Job>> waiting{};
  };

  Places& PlacesOf(const Job& job);
  bool IsIdle() const;
  void Begin(std::shared_ptr<Job> job);
  void BoundWait(const std::shared_ptr<Job>& job);
  bool TakeBack(const std::shared_ptr<Job>& job);
  static void SetWatch(const std::shared_ptr<Job>& job);
  void Ended(const std::shared_ptr<Job>& job, engine::ActivityOutcome outcome);
  engine::ActivityOutcome Judge(const Job& job, Outcome outcome) const;

  const Registry& registry_;
  std::vector<boost::asio::any_io_executor> executors_;
  mutable std::mutex mutex_;
  std::condition_variable idle_;
  std::map<Key, std::shared_ptr<Job>> jobs_;  // running or waiting
  std::array<Places, engine::kWorkClasses> places_;
  std::size_t next_executor_ = 0;
  bool draining_ = false;
  std::uint64_t succeeded_ = 0;
  std::uint64_t failed_ = 0;
  std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);  // for timers that may outlive it
};

}  // namespace elevaite::connectors
