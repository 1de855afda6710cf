#include "engine/activities/work_queue.h"

#include <algorithm>

namespace elevaite::engine {

namespace {

WorkQueue::Time TurnOf(WorkQueue::Time since, const ActivityTask& task) {
  return since + std::chrono::microseconds(task.bounds.queued_us);
}

// What is left of the time that it may wait: it may do so at the worker, too.
void BoundRest(ActivityTask& task, WorkQueue::Time since, WorkQueue::Time now) {
  if (task.bounds.queued_us <= 0) return;
  const auto rest = std::chrono::duration_cast<std::chrono::microseconds>(TurnOf(since, task) - now);
  task.bounds.queued_us = std::max<std::int64_t>(rest.count(), 1);
}

std::size_t IndexOf(const ActivityTask& task) { return static_cast<std::size_t>(task.bounds.work); }

}  // namespace

// ---- What waits ----

void WorkQueue::Add(ActivityTask task, Done done, Time now) {
  const Attempt attempt = AttemptOf(task);
  const Key key = KeyOf(attempt);
  if (const auto found = items_.find(key); found != items_.end()) {
    if (found->second.task.attempt == task.attempt) {
      found->second.done = std::move(done);
      return;
    }
    Forget(found);
  }
  const bool settles = task.resumed;
  ++total_[IndexOf(task)];
  Item& item = items_[key];
  item.task = std::move(task);
  item.done = std::move(done);
  item.since = now;
  BoundWait(item);
  if (settles) {
    settling_.emplace(now + options_.lease / 2, attempt);
  } else {
    PutInLane(key, item, false);
  }
}

std::optional<std::string> WorkQueue::Cancel(const ExecutionId& execution, FrameId frame) {
  const auto found = items_.find({execution, frame});
  if (found == items_.end()) return std::nullopt;
  std::string worker = found->second.worker;
  Forget(found);
  return worker.empty() ? std::nullopt : std::optional(std::move(worker));
}

// Whoever has it is told to stop.
void WorkQueue::Forget(Items::iterator found) {
  if (const auto worker = workers_.find(found->second.worker); worker != workers_.end())
    worker->second.stops.push_back(AttemptOf(found->second.task));
  Remove(found);
}

WorkQueue::Done WorkQueue::Remove(Items::iterator found) {
  Item& item = found->second;
  LeaveLane(item);
  --total_[IndexOf(item.task)];
  if (const auto worker = workers_.find(item.worker); worker != workers_.end()) {
    worker->second.holds.erase(found->first);
    --given_[IndexOf(item.task)];
  }
  Done done = std::move(item.done);
  items_.erase(found);
  return done;
}

void WorkQueue::PutInLane(const Key& key, Item& item, bool in_front) {
  Lane& lane = LaneOf(item);
  Line& line = lane.lines[item.task.account];
  item.place = line.insert(in_front ? line.begin() : line.end(), key);
  ++lane.size;
}

void WorkQueue::LeaveLane(Item& item) {
  if (!item.place) return;
  Lane& lane = LaneOf(item);
  const auto line = lane.lines.find(item.task.account);
  line->second.erase(*item.place);
  item.place.reset();
  if (line->second.empty()) lane.lines.erase(line);
  --lane.size;
}

void WorkQueue::BoundWait(const Item& item) {
  if (item.task.bounds.queued_us > 0) turns_.emplace(TurnOf(item.since, item.task), AttemptOf(item.task));
}

// The first in the line of the account after the one whose turn it was.
std::optional<WorkQueue::Key> WorkQueue::NextOf(Lane& lane) {
  if (lane.lines.empty()) return std::nullopt;
  auto line = lane.lines.upper_bound(lane.last);
  if (line == lane.lines.end()) line = lane.lines.begin();
  lane.last = line->first;
  return line->second.front();
}

WorkQueue::Item* WorkQueue::Find(const Attempt& attempt) {
  const auto found = items_.find(KeyOf(attempt));
  return found == items_.end() || found->second.task.attempt != attempt.number ? nullptr : &found->second;
}

// ---- Workers ----

Result<WorkQueue::Worker*> WorkQueue::Meet(const std::string& id, const std::string& name, Time now) {
  const auto found = workers_.find(id);
  if (found == workers_.end() && workers_.size() >= options_.workers_max)
    return Fail(ErrorCode::kResourceExhausted, "this engine has as many workers as it may have");
  Worker& worker = found == workers_.end() ? workers_[id] : found->second;
  worker.name = name;
  worker.heard = now;
  return &worker;
}

Result<std::vector<ActivityTask>> WorkQueue::Take(const Pull& pull, Time now) {
  ASSIGN_OR_RETURN(Worker* const worker, Meet(pull.worker, pull.name, now));
  std::vector<ActivityTask> taken;
  // A pull that the worker has given up, and whose answer nobody would read.
  if (worker->has_left || pull.number <= worker->pulled) return taken;
  std::size_t bytes = 0;
  for (std::size_t i = 0; i < kWorkClasses; ++i) {
    worker->does[i] = worker->does[i] || pull.slots[i] > 0;
    for (std::size_t free = pull.slots[i]; free > 0 && bytes < kWorkerBatchBytes; --free) {
      const std::optional<Key> key = NextOf(lanes_[i]);
      if (!key) break;
      Item& item = items_.at(*key);
      Give(*key, item, pull.worker, pull.number);
      bytes += item.task.request.MemoryBytes(kWorkerBatchBytes);
      taken.push_back(item.task);
      BoundRest(taken.back(), item.since, now);
    }
  }
  return taken;
}

void WorkQueue::Give(const Key& key, Item& item, const std::string& worker, std::uint64_t pull) {
  LeaveLane(item);
  item.worker = worker;
  item.pull = pull;
  ++given_[IndexOf(item.task)];
  workers_.at(worker).holds.insert(key);
}

// Whoever had it has not done it: the next does.
void WorkQueue::PutBack(const Key& key, Item& item) {
  workers_.at(item.worker).holds.erase(key);
  item.worker.clear();
  --given_[IndexOf(item.task)];
  ++returned_;
  BoundWait(item);
  PutInLane(key, item, true);
}

std::vector<Attempt> WorkQueue::Stops(const std::string& worker) {
  const auto found = workers_.find(worker);
  return found == workers_.end() ? std::vector<Attempt>() : std::exchange(found->second.stops, {});
}

Result<WorkQueue::Beat> WorkQueue::Hear(const Heartbeat& heartbeat, bool is_ours, Time now) {
  ASSIGN_OR_RETURN(Worker* const worker, Meet(heartbeat.worker, heartbeat.name, now));
  if (worker->has_left) return Beat{};
  worker->pulled = std::max(worker->pulled, heartbeat.pulled);
  Beat beat{.stop = std::exchange(worker->stops, {}), .adopted = {}};
  std::set<Key> held;
  const auto reconcile = [&](const Attempt& attempt, bool is_claim) {
    Item* const item = Find(attempt);
    if (item == nullptr) {
      if (!is_claim) beat.stop.push_back(attempt);
      return;
    }
    if (item->worker.empty()) Give(KeyOf(attempt), *item, heartbeat.worker, 0);
    if (item->worker != heartbeat.worker) return beat.stop.push_back(attempt);
    held.insert(KeyOf(attempt));
    if (is_claim) beat.adopted.push_back(attempt);
  };
  for (const Attempt& attempt : heartbeat.holds) reconcile(attempt, !is_ours);
  for (const Attempt& attempt : heartbeat.claims) reconcile(attempt, true);
  for (const Key& key : std::set<Key>(worker->holds)) {
    Item& item = items_.at(key);
    if (item.pull <= heartbeat.pulled && !held.contains(key)) PutBack(key, item);
  }
  return beat;
}

std::optional<WorkQueue::Done> WorkQueue::Finish(const Attempt& attempt) {
  if (Find(attempt) == nullptr) return std::nullopt;
  return Remove(items_.find(KeyOf(attempt)));
}

void WorkQueue::GiveBack(const std::string& worker, const Attempt& attempt, std::uint64_t pull) {
  Item* const item = Find(attempt);
  if (item != nullptr && item->worker == worker && item->pull == pull) PutBack(KeyOf(attempt), *item);
}

void WorkQueue::Leave(const std::string& id, Time now) {
  const auto found = workers_.find(id);
  if (found == workers_.end()) return;
  Worker& worker = found->second;
  for (const Key& key : std::set<Key>(worker.holds)) PutBack(key, items_.at(key));
  worker.has_left = true;  // for a lease more: one of its pulls may still be on the way
  worker.heard = now;
}

// ---- Time ----

WorkQueue::Expired WorkQueue::Expire(Time now) {
  Settle(now);
  return {.gone = ForgetSilent(now), .overdue = TakeOverdue(now)};
}

void WorkQueue::Settle(Time now) {
  while (!settling_.empty() && settling_.begin()->first <= now) {
    const Attempt attempt = settling_.begin()->second;
    settling_.erase(settling_.begin());
    Item* const item = Find(attempt);
    if (item != nullptr && item->worker.empty() && !item->place) PutInLane(KeyOf(attempt), *item, false);
  }
}

std::vector<WorkQueue::Gone> WorkQueue::ForgetSilent(Time now) {
  std::vector<Gone> gone;
  for (auto worker = workers_.begin(); worker != workers_.end();) {
    if (now - worker->second.heard < options_.lease) {
      ++worker;
      continue;
    }
    Gone one{.name = worker->second.name, .lost = {}};
    for (const Key& key : std::set<Key>(worker->second.holds)) one.lost.push_back(Remove(items_.find(key)));
    lost_ += one.lost.size();
    if (!worker->second.has_left) gone.push_back(std::move(one));
    worker = workers_.erase(worker);
  }
  return gone;
}

std::vector<WorkQueue::Overdue> WorkQueue::TakeOverdue(Time now) {
  std::vector<Overdue> overdue;
  while (!turns_.empty() && turns_.begin()->first <= now) {
    const Attempt attempt = turns_.begin()->second;
    turns_.erase(turns_.begin());
    Item* const item = Find(attempt);
    if (item == nullptr || !item->worker.empty()) continue;
    Overdue one{.task = item->task, .done = {}};
    one.done = Remove(items_.find(KeyOf(attempt)));
    overdue.push_back(std::move(one));
  }
  return overdue;
}

// ---- To look at ----

bool WorkQueue::HasWaiting(const Slots& slots) const {
  for (std::size_t i = 0; i < kWorkClasses; ++i) {
    if (slots[i] > 0 && lanes_[i].size > 0) return true;
  }
  return false;
}

WorkQueue::Status WorkQueue::status() const {
  Status status;
  status.lost = lost_;
  status.returned = returned_;
  for (std::size_t i = 0; i < kWorkClasses; ++i)
    status.classes[i] = {.waiting = total_[i] - given_[i], .given = given_[i]};
  for (const auto& [id, worker] : workers_) {
    if (worker.has_left) continue;
    status.workers.push_back(
        {.name = worker.name, .does = worker.does, .holds = worker.holds.size(), .heard = worker.heard});
    for (std::size_t i = 0; i < kWorkClasses; ++i) status.classes[i].workers += worker.does[i] ? 1 : 0;
  }
  return status;
}

}  // namespace elevaite::engine
