#include "engine/engine.h"

namespace elevaite::engine {

Engine::Engine(EngineOptions options, Clock& clock, Random& random, const JournalFactory& journals,
               EventStore& events, Activities& activities, ProgramSource& programs)
    : hub_(options.events, events, clock) {
  options.thread.count = options.partitions;
  for (std::uint32_t i = 0; i < options.partitions; ++i) {
    options.thread.index = i;
    partitions_.push_back(std::make_unique<PartitionThread>(options.thread, clock, random, journals(i),
                                                            activities, programs, hub_, feed_));
  }
}

Result<void> Engine::Start(Predecessor predecessor) {
  RETURN_IF_ERROR(hub_.Start());
  for (auto& partition : partitions_) RETURN_IF_ERROR(partition->Start(predecessor));
  return {};
}

void Engine::Stop() {
  for (auto& partition : partitions_) partition->Stop();
}

Engine::Status Engine::status() const {
  Status sum;
  for (const auto& partition : partitions_) {
    const PartitionThread::Status one = partition->status();
    sum.counters.started += one.counters.started;
    sum.counters.completed += one.counters.completed;
    sum.counters.faulted += one.counters.faulted;
    sum.counters.cancelled += one.counters.cancelled;
    sum.counters.events += one.counters.events;
    sum.counters.commits += one.counters.commits;
    sum.counters.commits_failed += one.counters.commits_failed;
    sum.active += one.active;
    sum.queued += one.queued;
    if (!sum.failure) sum.failure = one.failure;
  }
  return sum;
}

}  // namespace elevaite::engine
