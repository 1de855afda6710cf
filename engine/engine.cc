#include "engine/engine.h"

#include <utility>

namespace elevaite::engine {
namespace {

constexpr int kIdsDrawn = 64;  // until one is taken wherever it falls

}  // namespace

Engine::Engine(EngineOptions options, Clock& clock, Random& random, const JournalFactory& journals,
               EventStore& events, Activities& activities, ProgramSource& programs)
    : journals_(journals),
      admission_(std::make_shared<Admission>(options.admission, clock)),
      holds_([this] {
        for (const auto& partition : partitions_) partition->LookAtHolds();
      }),
      hub_(options.events, events, clock) {
  options.thread.holds = &holds_;
  options.thread.count = options.partitions;
  options.thread.admission = admission_.get();
  options.thread.anywhere = [this](InputCommand command) { Post(std::move(command)); };
  for (std::uint32_t i = 0; i < options.partitions; ++i) {
    options.thread.index = i;
    partitions_.push_back(std::make_unique<PartitionThread>(options.thread, clock, random, journals,
                                                            activities, programs, hub_, feed_));
  }
}

Result<std::int64_t> Engine::NewestUnfinished() const { return journals_({})->NewestUnfinished(0, 1); }

// An event may be sent by what one partition reads back to what another one has not read yet.
Result<void> Engine::Start(const std::vector<Tenure>& tenures) {
  CHECK(tenures.size() == partitions_.size());
  ASSIGN_OR_RETURN(const std::int64_t newest_us, NewestUnfinished());
  RETURN_IF_ERROR(hub_.Start(newest_us));
  for (const Tenure& tenure : tenures) Open(tenure);
  for (const auto& partition : partitions_) RETURN_IF_ERROR(partition->AwaitOpen());
  return {};
}

void Engine::Stop() {
  for (auto& partition : partitions_) partition->Stop();
}

bool Engine::IsHere(const ExecutionId& id) const {
  return partitions_[PartitionIndex(id, partitions_.size())]->is_open();
}

ExecutionId Engine::NewId() const {
  ExecutionId id = ExecutionId::New();
  for (int i = 1; i < kIdsDrawn && !IsHere(id); ++i) id = ExecutionId::New();
  return id;
}

Engine::Status Engine::status() const {
  Status sum;
  for (const auto& partition : partitions_) {
    const PartitionThread::Status one = partition->status();
    AddTo(sum.counters, one.counters);
    sum.active += one.active;
    sum.queued += one.queued;
    sum.held += one.held;
    if (one.state == PartitionThread::State::kOpen) ++sum.open;
    if (one.recovers) ++sum.recovering;
    // One that could not be read back here is somebody else's concern by now, or is tried again.
    if (!sum.failure && one.state != PartitionThread::State::kClosed) sum.failure = one.failure;
  }
  return sum;
}

}  // namespace elevaite::engine
