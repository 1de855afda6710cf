// What people see of a Keeper.
#include <algorithm>
#include <ranges>

#include "services/workflow/flow/keeper.h"

namespace elevaite::flow {

std::optional<Keeper::Waits> Keeper::WaitsOf(const ExecutionId& id) const {
  if (const auto spot = spot_of_.find(id); spot != spot_of_.end()) {
    const Gathering& gathering = gathering_.at(spot->second);
    const Kind kind = std::get<Kind>(spot->second);
    const WorkflowRules& rules = RulesOf(gathering.run.account, gathering.run.workflow);
    const Key key = kind == Kind::kDebounce ? rules.debounce->key
                    : kind == Kind::kBatch  ? rules.batch->key
                                            : rules.singleton->key;
    return Waits{.queue = {.gate = GateName{.workflow = gathering.run.workflow,
                                            .expression = key ? key->text() : std::string(),
                                            .key = std::get<3>(spot->second)},
                           .place = 1,
                           .since_us = gathering.run.created_us},
                 .collecting = kind == Kind::kDebounce ? "debounce"
                               : kind == Kind::kBatch  ? "batch"
                                                       : "singleton",
                 .due_us = gathering.run.due_us == kNever ? 0 : gathering.run.due_us};
  }
  auto waits = queue_.WaitsOf(id);
  if (!waits) return std::nullopt;
  return Waits{.queue = *std::move(waits)};
}

std::vector<RunQueue::Place> Keeper::Waiting(const AccountId& account, const std::string& workflow,
                                             const std::optional<std::string>& key, std::int64_t after,
                                             std::size_t most) const {
  std::vector<RunQueue::Place> places = queue_.Waiting(account, workflow, key, after, most);
  for (const auto& [spot, gathering] : GatheringOf(account, workflow)) {
    const StoredRun& run = gathering.run;
    const bool is_asked = !key || run.keys.HasValue(*key) || run.arrival.HasValue(*key);
    if (run.seq > after && is_asked) places.emplace_back(run.seq, run.id);
  }
  std::ranges::sort(places);
  if (places.size() > most) places.resize(most);
  return places;
}

std::size_t Keeper::Collected(const AccountId& account, const std::string& workflow) const {
  const auto found = collected_.find({account, workflow});
  return found == collected_.end() ? 0 : found->second;
}

std::size_t Keeper::Collecting(const AccountId& account, const std::string& workflow) const {
  return static_cast<std::size_t>(std::ranges::distance(GatheringOf(account, workflow)));
}

}  // namespace elevaite::flow
