// PartitionThread: the thread that owns a Partition, with the queue through which everybody else talks to it.
#pragma once

#include <condition_variable>
#include <cstdint>
#include <deque>
#include <memory>
#include <mutex>
#include <thread>
#include <utility>
#include <vector>

#include "engine/partition/partition.h"

namespace elevaite::engine {

class PartitionThread {
 public:
  struct Options {
    std::uint32_t index = 0;
    std::uint32_t count = 1;
    std::size_t queue_max = 20'000;  // starts beyond it are refused; results and timers never are
    std::size_t commands_per_round = 1'024;
    PartitionOptions partition;
  };

  PartitionThread(Options options, Clock& clock, Random& random, std::unique_ptr<Journal> journal,
                  Activities& activities, ProgramSource& programs, EventHub& hub, LiveFeed& feed);
  ~PartitionThread();

  // Reads back what is unfinished, then runs.
  Result<void> Start(Predecessor predecessor);
  // Lets the commits in flight end, then returns. Commands that come later are answered with kUnavailable or
  // dropped.
  void Stop();

  void Post(Command command);
  struct Status {
    PartitionCounters counters;
    std::size_t active = 0;
    std::size_t queued = 0;
    std::optional<Error> failure;
  };
  Status status() const;

 private:
  void Run();
  void WaitForWork(std::unique_lock<std::mutex>& lock);
  Status StatusOfPartition() const;
  static void Refuse(Command& command, const Error& error);

  Options options_;
  Clock& clock_;
  std::unique_ptr<Journal> journal_;
  Partition partition_;

  mutable std::mutex mutex_;
  std::condition_variable wake_;
  std::deque<Command> queue_;                                      // under mutex_
  std::vector<std::pair<std::uint64_t, Result<void>>> committed_;  // under mutex_
  bool awaits_commands_ = false;  // under mutex_: the owner sleeps and a command would be taken
  std::size_t commits_open_ = 0;  // owner's thread only
  bool stopping_ = false;         // under mutex_
  Status status_;                 // under mutex_
  std::thread thread_;
};

}  // namespace elevaite::engine
