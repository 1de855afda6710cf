// Engine: the partitions of this process behind one door. Thread-safe.
//
// A process that has the database for itself owns all of them (Start). In a cluster each process has a thread
// for each partition, too, and opens and closes them as it takes and gives them
// (engine/cluster/membership.h); a command for one that is not here goes elsewhere.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <vector>

#include "engine/admission/admission.h"
#include "engine/partition/partition_thread.h"

namespace elevaite::engine {

struct EngineOptions {
  std::uint32_t partitions = 2;
  EventHubOptions events;
  Admission::Options admission;
  PartitionThread::Options thread;  // index and count are set here
};

class Engine final : public Tenancies {
 public:
  // A journal for each tenure: commits of one partition do not wait for another's failures.
  using JournalFactory = PartitionThread::JournalFactory;

  // All references must outlive the engine.
  Engine(EngineOptions options, Clock& clock, Random& random, const JournalFactory& journals,
         EventStore& events, Activities& activities, ProgramSource& programs);
  ~Engine() override { Stop(); }

  // When the unfinished execution that began last did so, in any partition; what the hub has to know.
  Result<std::int64_t> NewestUnfinished() const;
  // Opens all partitions, and returns when what is unfinished has been read back and set going again.
  Result<void> Start(const std::vector<Tenure>& tenures);
  void Stop();

  // The callbacks of commands run on the partition's thread and must not block.
  void Post(StartCommand command) { PartitionOf(command.record.id).Post(std::move(command)); }
  void Post(CancelCommand command) { PartitionOf(command.id).Post(std::move(command)); }
  void Post(MigrateCommand command) { PartitionOf(command.id).Post(std::move(command)); }
  void Post(OperateCommand command) { PartitionOf(command.id).Post(std::move(command)); }
  void Post(WatchCommand command) { PartitionOf(command.id).Post(std::move(command)); }
  void Post(InputCommand command) { PartitionOf(command.id).Post(std::move(command)); }

  // To be asked before a start from outside is posted. Shared: what measures the I/O threads may outlive us.
  const std::shared_ptr<Admission>& admission() const { return admission_; }

  // For an execution that may have any id: one whose partition is here, when there is any.
  ExecutionId NewId() const;
  bool IsHere(const ExecutionId& id) const;
  bool is_open(std::uint32_t partition) const { return partitions_.at(partition)->is_open(); }
  PartitionThread& partition(std::uint32_t index) { return *partitions_.at(index); }

  std::uint32_t partitions() const override { return static_cast<std::uint32_t>(partitions_.size()); }
  Tenancy TenancyOf(std::uint32_t index) const override { return partitions_.at(index)->status(); }
  void Open(const Tenure& tenure) override { partitions_.at(tenure.partition)->Open(tenure); }
  void Close(std::uint32_t index) override { partitions_.at(index)->Close(); }

  LiveFeed& feed() { return feed_; }
  HoldBoard& holds() { return holds_; }
  EventHub& events() { return hub_; }

  struct Status {
    PartitionCounters counters;  // sums
    std::size_t active = 0;
    std::size_t queued = 0;
    std::size_t held = 0;          // by pauses of accounts, workflows and keys, as far as they were touched
    std::uint32_t open = 0;        // partitions
    std::uint32_t recovering = 0;  // of these: not all that is unfinished has been read back yet
    std::optional<Error> failure;  // of any partition: commits fail at the moment
  };
  Status status() const;

 private:
  PartitionThread& PartitionOf(const ExecutionId& id) {
    return *partitions_[PartitionIndex(id, partitions_.size())];
  }

  const JournalFactory journals_;
  std::shared_ptr<Admission> admission_;
  HoldBoard holds_;
  LiveFeed feed_;
  EventHub hub_;
  std::vector<std::unique_ptr<PartitionThread>> partitions_;
};

}  // namespace elevaite::engine
