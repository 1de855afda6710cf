// What people see of a Keeper.
#include <algorithm>
#include <ranges>

#include "services/workflow/flow/keeper.h"

namespace elevaite::flow {

std::optional<Keeper::Waits> Keeper::WaitsOf(const ExecutionId& id) const {
  if (const auto spot = spot_of_.find(id); spot != spot_of_.end()) {
    const Gathering& gathering = gathering_.at(spot->second);
    const Kind kind = std::get<Kind>(spot->second);
    return Waits{.queue = {.place = 1, .since_us = gathering.run.created_us},
                 .collecting = kind == Kind::kDebounce ? "debounce"
                               : kind == Kind::kBatch  ? "batch"
                                                       : "singleton",
                 .due_us = gathering.run.due_us == kNever ? 0 : gathering.run.due_us};
  }
  auto waits = queue_.WaitsOf(id);
  if (!waits) return std::nullopt;
  return Waits{.queue = *std::move(waits)};
}

auto Keeper::GatheringOf(const AccountId& account, const std::string& workflow) const {
  const auto of_these = [&](const auto& one) {
    return std::get<0>(one.first) == account && (workflow.empty() || std::get<1>(one.first) == workflow);
  };
  const auto begin = gathering_.lower_bound(Spot{account, workflow, Kind::kDebounce, ""});
  return std::ranges::subrange(begin, gathering_.end()) | std::views::take_while(of_these);
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

std::size_t Keeper::Collecting(const AccountId& account, const std::string& workflow) const {
  return static_cast<std::size_t>(std::ranges::distance(GatheringOf(account, workflow)));
}

}  // namespace elevaite::flow
