// What people and tests see of a RunQueue.
#include <fmt/format.h>

#include <algorithm>
#include <queue>

#include "services/workflow/flow/run_queue.h"
#include "services/workflow/flow/run_queue_parts.h"

namespace elevaite::flow {

bool RunQueue::IsRunning(const ExecutionId& id) const {
  const auto found = items_.find(id);
  return found != items_.end() && found->second->running;
}

const AccountId& RunQueue::AccountOf(const ExecutionId& id) const { return items_.at(id)->lane->account->id; }

namespace {

std::size_t PlaceIn(const Lane& lane, const QueuedItem& item) {
  std::size_t ahead = 0;
  for (const auto& [priority, level] : lane.items) {
    if (priority > item.priority) break;
    if (priority < item.priority) {
      ahead += level.size();
    } else {
      ahead += static_cast<std::size_t>(std::ranges::lower_bound(level, item.seq, {}, &QueuedItem::seq) -
                                        level.begin());
    }
  }
  return ahead + 1;
}

std::int64_t OldestOf(const Lane& lane) {
  std::int64_t oldest = INT64_MAX;
  for (const auto& [priority, level] : lane.items) oldest = std::min(oldest, level.front()->since_us);
  return oldest;
}

}  // namespace

std::optional<RunQueue::Waits> RunQueue::WaitsOf(const ExecutionId& id) const {
  const auto found = items_.find(id);
  if (found == items_.end() || found->second->running) return std::nullopt;
  const QueuedItem& item = *found->second;
  const Lane& lane = *item.lane;
  Waits waits{.place = PlaceIn(lane, item), .since_us = item.since_us};
  if (const Gate* gate = lane.stands_at) {
    waits.gate = gate->name;
    waits.note = gate->note;
    if (gate->name.kind == GateKind::kConcurrency) {
      waits.limit = gate->limit;
      waits.used = gate->used;
    }
    if (gate->name.kind == GateKind::kThrottle) waits.next_us = gate->pace.NextUs(gate->due_us);
  }
  return waits;
}

std::vector<RunQueue::GateView> RunQueue::Gates(const AccountId& id, const std::string& workflow,
                                                std::size_t most) const {
  std::vector<GateView> views;
  const Account* account = FindAccount(id);
  if (account == nullptr) return views;
  for (const auto& [name, gate] : account->gates) {
    if (!workflow.empty() && name.workflow != workflow && !name.workflow.empty()) continue;
    if (gate->lanes == 0 && name.kind != GateKind::kPause) continue;
    GateView view{.name = name, .used = gate->used, .note = gate->note};
    if (name.kind == GateKind::kConcurrency) view.limit = gate->limit;
    if (name.kind == GateKind::kThrottle) {
      view.limit = gate->pace.burst;
      view.period_us = gate->pace.interval_us;
    }
    gate->waiting.ForEach([&](const Lane& lane) {
      view.waiting += lane.queued;
      const std::int64_t oldest = OldestOf(lane);
      view.oldest_us = view.oldest_us == 0 ? oldest : std::min(view.oldest_us, oldest);
    });
    views.push_back(std::move(view));
  }
  const auto first = [](const GateView& a, const GateView& b) {
    return std::tuple(b.waiting, b.used, a.name) < std::tuple(a.waiting, a.used, b.name);
  };
  const std::size_t count = std::min(most, views.size());
  std::ranges::partial_sort(views, views.begin() + static_cast<std::ptrdiff_t>(count), first);
  views.resize(count);
  return views;
}

RunQueue::Depth RunQueue::DepthOf(const AccountId& id) const {
  const Account* account = FindAccount(id);
  return account == nullptr ? Depth{} : Depth{.queued = account->queued, .running = account->running};
}

namespace {

const Workflow* FindWorkflow(const Account* account, const std::string& name) {
  if (account == nullptr) return nullptr;
  const auto found = account->workflows.find(name);
  return found == account->workflows.end() ? nullptr : found->second.get();
}

}  // namespace

RunQueue::Depth RunQueue::DepthOf(const AccountId& id, const std::string& name) const {
  const Workflow* workflow = FindWorkflow(FindAccount(id), name);
  return workflow == nullptr ? Depth{} : Depth{.queued = workflow->queued, .running = workflow->running};
}

std::size_t RunQueue::QueuedWith(const AccountId& id, const std::string& name, const RunKeys& keys) const {
  const Workflow* workflow = FindWorkflow(FindAccount(id), name);
  if (workflow == nullptr) return 0;
  const auto lane = workflow->lanes.find(keys);
  return lane == workflow->lanes.end() ? 0 : lane->second->queued;
}

std::vector<ExecutionId> RunQueue::RunsOf(const AccountId& account, const std::string& workflow) const {
  std::vector<ExecutionId> runs;
  for (const auto& [id, item] : items_) {
    if (item->lane->account->id == account && item->lane->workflow->name == workflow) runs.push_back(id);
  }
  return runs;
}

std::vector<RunQueue::Place> RunQueue::Waiting(const AccountId& id, const std::string& name,
                                               const std::optional<std::string>& key, std::int64_t after,
                                               std::size_t most) const {
  const Workflow* workflow = FindWorkflow(FindAccount(id), name);
  if (workflow == nullptr) return {};
  std::priority_queue<Place> first;  // the last of them on top
  const auto take = [&](const std::deque<QueuedItem*>& level) {
    for (auto item = std::ranges::upper_bound(level, after, {}, &QueuedItem::seq); item != level.end();
         ++item) {
      if (first.size() >= most && (*item)->seq > first.top().first) return;
      first.emplace((*item)->seq, (*item)->id);
      if (first.size() > most) first.pop();
    }
  };
  for (const auto& [keys, lane] : workflow->lanes) {
    if (key && !keys.HasValue(*key)) continue;
    for (const auto& [priority, level] : lane->items) take(level);
  }
  std::vector<Place> places(first.size());
  for (std::size_t i = places.size(); i > 0; first.pop()) places[--i] = first.top();
  return places;
}

std::string RunQueue::Inconsistency(std::int64_t now_us) const {
  std::size_t queued = 0;
  std::size_t items = 0;
  for (const auto& [id, account] : accounts_) {
    std::map<const Gate*, std::int64_t> used;
    std::map<const Gate*, std::int64_t> ready;
    std::map<const Gate*, std::int64_t> waiting;
    for (const auto& [name, workflow] : account->workflows) {
      for (const auto& [keys, lane] : workflow->lanes) {
        queued += lane->queued;
        items += lane->queued + lane->running;
        if (lane->queued + lane->running == 0) return "a lane is idle: " + name;
        if (lane->items.empty() != (lane->queued == 0)) return "a lane counts wrong";
        if (!lane->items.empty() && !lane->ready && lane->stands_at == nullptr)
          return "a lane stands nowhere";
        if (lane->ready && lane->stands_at != nullptr) return "a lane stands in two places";
        for (const Gate* gate : lane->gates) {
          used[gate] += static_cast<std::int64_t>(lane->running);
          ready[gate] += lane->ready ? 1 : 0;
          waiting[gate] += lane->stands_at == gate ? 1 : 0;
        }
      }
    }
    for (const auto& [name, gate] : account->gates) {
      const bool counts = name.kind == GateKind::kConcurrency;
      if (counts && gate->used != used[gate.get()])
        return fmt::format("a gate has {} places taken, and {} runs", gate->used, used[gate.get()]);
      const bool may_go = name.kind == GateKind::kThrottle && gate->lanes == 0;
      if (gate->idles != may_go || idle_.contains({gate->due_us, account.get(), gate.get()}) != may_go)
        return "a throttle that nothing passes is not to be forgotten, or another is";
      if (gate->ready != ready[gate.get()]) return "a gate counts wrong what is ready";
      const bool idles = gate->ready < gate->Free(now_us) && waiting[gate.get()] > 0;
      if (idles && (name.kind != GateKind::kThrottle || gate->alarm_us == 0))
        return fmt::format(
            "a gate of kind {} of '{}' has room for {} of which {} are ready; {} lanes wait for it",
            static_cast<int>(name.kind), name.workflow, gate->Free(now_us), gate->ready, waiting[gate.get()]);
    }
    if (account->ready.empty() == account->listed) return "an account is listed wrongly";
  }
  if (items != items_.size()) return fmt::format("{} runs, of which lanes have {}", items_.size(), items);
  if (queued != queued_) return "the sum of what is queued is wrong";
  return {};
}

}  // namespace elevaite::flow
