#include <algorithm>
#include <iterator>

#include "engine/journal/journal.h"

namespace elevaite::engine {

Result<State> Fold(const StoredExecution& stored, const dsl::Program& program) {
  if (stored.damage) return Fail(*stored.damage);
  State state;
  if (stored.snapshot) {
    ASSIGN_OR_RETURN(state, DecodeState(*stored.snapshot));
  }
  for (const std::string& row : stored.events) {
    ASSIGN_OR_RETURN(const auto events, DecodeEvents(row));
    for (const Event& event : events) {
      if (event.seq != state.seq + 1) {
        return Fail(ErrorCode::kDataLoss, "the journal jumps from event " + std::to_string(state.seq) +
                                              " to " + std::to_string(event.seq));
      }
      if (event.type == EventType::kExecutionMigrated)
        return Fail(ErrorCode::kDataLoss,
                    "the snapshot that belongs to a move to another version is missing");
      Apply(state, program, event);
    }
  }
  return state;
}

Result<std::vector<StoredExecution>> LoadAllUnfinished(Journal& journal, std::uint32_t partition,
                                                       std::uint32_t partitions) {
  constexpr std::size_t kPage = 1'000;
  std::vector<StoredExecution> all;
  std::optional<UnfinishedCursor> next;
  do {
    ASSIGN_OR_RETURN(UnfinishedPage page, journal.LoadUnfinished(partition, partitions, next, kPage));
    std::ranges::move(page.executions, std::back_inserter(all));
    next = std::move(page.next);
  } while (next);
  return all;
}

}  // namespace elevaite::engine
