// Engine: the partitions of this process behind one door. Thread-safe.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <vector>

#include "engine/partition/partition_thread.h"

namespace elevaite::engine {

struct EngineOptions {
  std::uint32_t partitions = 2;
  EventHubOptions events;
  PartitionThread::Options thread;  // index and count are set here
};

class Engine {
 public:
  // A journal for each partition: commits of one do not wait for another's failures.
  using JournalFactory = std::function<std::unique_ptr<Journal>(std::uint32_t partition)>;

  // All references must outlive the engine.
  Engine(EngineOptions options, Clock& clock, Random& random, const JournalFactory& journals,
         EventStore& events, Activities& activities, ProgramSource& programs);
  ~Engine() { Stop(); }

  // Reads back what is unfinished and sets it going again.
  Result<void> Start(Predecessor predecessor = Predecessor::kDied);
  void Stop();

  // The callbacks of commands run on the partition's thread and must not block.
  void Post(StartCommand command) { PartitionOf(command.record.id).Post(std::move(command)); }
  void Post(CancelCommand command) { PartitionOf(command.id).Post(std::move(command)); }
  void Post(MigrateCommand command) { PartitionOf(command.id).Post(std::move(command)); }
  void Post(WatchCommand command) { PartitionOf(command.id).Post(std::move(command)); }
  void Post(InputCommand command) { PartitionOf(command.id).Post(std::move(command)); }

  LiveFeed& feed() { return feed_; }
  EventHub& events() { return hub_; }

  struct Status {
    PartitionCounters counters;  // sums
    std::size_t active = 0;
    std::size_t queued = 0;
    std::optional<Error> failure;  // of any partition: commits fail at the moment
  };
  Status status() const;

 private:
  PartitionThread& PartitionOf(const ExecutionId& id) {
    return *partitions_[PartitionIndex(id, partitions_.size())];
  }

  LiveFeed feed_;
  EventHub hub_;
  std::vector<std::unique_ptr<PartitionThread>> partitions_;
};

}  // namespace elevaite::engine
