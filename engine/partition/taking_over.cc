// What a partition takes over from its owner before: what has not ended is read back and set going again, and
// what cannot be read is set aside by its name, so that others do not wait for it.
#include <algorithm>
#include <utility>

#include "engine/machine/human.h"
#include "engine/partition/partition.h"
#include "foundation/log.h"

namespace elevaite::engine {
namespace {

constexpr std::int64_t kSetAsideUs = 30'000'000;  // until it is tried again
constexpr std::size_t kSetAsideNamed = 1'000;     // in the log; elevaite doctor names them all

// The database does not answer, or we may not wait for it: that is not about one execution.
bool IsOfAll(const Error& error) {
  return error.code == ErrorCode::kUnavailable || error.code == ErrorCode::kTimeout ||
         error.code == ErrorCode::kResourceExhausted || error.code == ErrorCode::kCancelled;
}

}  // namespace

void Partition::BeginRecovery(Predecessor predecessor, std::int64_t newest_us) {
  predecessor_ = predecessor;
  recovers_ = true;
  hub_.NotBefore(newest_us);
}

Result<void> Partition::Recover(std::vector<StoredExecution> page) {
  FramesByExecution parents;
  for (StoredExecution& one : page) {
    if (entries_.contains(one.record.id)) continue;
    const ExecutionId id = one.record.id;
    const AccountId account = one.record.account;
    const bool is_damaged = one.damage.has_value();
    const auto taken = TakeOver(std::move(one), parents);
    if (!taken && !is_damaged && IsOfAll(taken.error())) return taken;
    if (!taken) SetAside(account, id, taken.error());
    constexpr std::size_t kWritesMax = 1'000;  // of one commit
    if (open_.writes.size() >= kWritesMax) Flush();
  }
  Flush();
  return {};
}

void Partition::EndRecovery() {
  recovers_ = false;
  for (auto& [id, commands] : std::exchange(put_off_, {})) std::ranges::for_each(commands, post_);
}

Result<void> Partition::TakeOver(StoredExecution stored, FramesByExecution& parents) {
  const ExecutionId id = stored.record.id;
  ASSIGN_OR_RETURN(const bool abandoned, IsAbandoned(stored.record, parents));
  RETURN_IF_ERROR(Restore(std::move(stored)));
  if (abandoned) {
    post_(InputCommand{id, Cancel{.reason = std::string(kNoLongerNeeded), .by_parent = true}});
  } else {
    SetGoing(*entries_.at(id), predecessor_);
  }
  set_aside_.erase(id);
  if (auto waiting = put_off_.extract(id)) std::ranges::for_each(waiting.mapped(), post_);
  return {};
}

// Null: it is not unfinished. Of an execution that may not have been read back yet.
Result<Partition::Entry*> Partition::Find(const AccountId& account, const ExecutionId& id) {
  const auto found = entries_.find(id);
  if (found != entries_.end())
    return found->second->record.account == account ? found->second.get() : nullptr;
  if (!recovers_ && !set_aside_.contains(id)) return nullptr;
  ASSIGN_OR_RETURN(auto stored, journal_.LoadOne(account, id));
  if (!stored) return nullptr;
  FramesByExecution parents;
  RETURN_IF_ERROR(TakeOver(*std::move(stored), parents));
  return entries_.at(id).get();
}

void Partition::SetAside(const AccountId& account, const ExecutionId& id, const Error& why) {
  if (set_aside_.size() < kSetAsideNamed)
    LogError("an execution cannot be read and is set aside; elevaite doctor says more",
             {{"execution", id.ToString()}, {"error", why.message}, {"detail", why.detail}});
  if (set_aside_.empty()) set_aside_due_us_ = clock_.Now().micros() + kSetAsideUs;
  set_aside_.emplace(id, account);
}

// As it is on disk, after a commit that has failed. False: the database does not answer yet.
bool Partition::Reload(const AccountId& account, const ExecutionId& id) {
  const auto found = entries_.find(id);
  if (found == entries_.end()) return true;
  Entry& before = *found->second;
  auto stored = journal_.LoadOne(account, id);
  const bool is_damaged = stored && *stored && (*stored)->damage;
  auto watchers = std::move(before.watchers);
  Result<void> restored = stored ? Result<void>() : elevaite::Fail(stored.error());
  if (stored && *stored) restored = Restore(**std::move(stored));
  if (!restored && !is_damaged && IsOfAll(restored.error())) {
    before.watchers = std::move(watchers);
    return false;
  }
  if (!restored) {
    SetAside(account, id, restored.error());
    for (auto& watcher : watchers.Take()) PutOff(id, Watch(account, id, std::move(watcher)));
    StopListening(before, id);
    ForgetHeld(account, id);
    entries_.erase(found);
    return true;
  }
  Entry& now = *entries_.at(id);
  now.watchers = std::move(watchers);
  SetTimersAgain(now);
  if (!HoldOver(now)) GiveOut(now);
  return true;
}

// Its value may have been brought back, or be within reach again.
void Partition::ReadSetAsideAgain() {
  constexpr std::size_t kOfARound = 20;
  auto next = set_aside_.upper_bound(set_aside_tried_);
  for (std::size_t i = 0; i < kOfARound && next != set_aside_.end(); ++i) {
    const auto [id, account] = *next++;
    set_aside_tried_ = id;
    const auto found = Find(account, id);
    if (!found) continue;
    set_aside_.erase(id);  // nothing: it has been forgotten
    if (*found) LogInfo("an execution that was set aside goes on", {{"execution", id.ToString()}});
  }
  if (next != set_aside_.end()) return;
  set_aside_tried_ = {};
  set_aside_due_us_ = clock_.Now().micros() + kSetAsideUs;
}

// Until it has been read back, or all has.
void Partition::PutOff(const ExecutionId& id, Command command) {
  AddToLiving(put_off_[id], std::move(command), [now = clock_.Monotonic()](const Command& one) {
    const auto* watch = std::get_if<WatchCommand>(&one);
    return watch != nullptr && watch->waits_until < now;
  });
}

// An attempt that is lost is given out again by the machine, once it has been counted. One that workers do
// has not died with its owner.
void Partition::SetGoing(Entry& entry, Predecessor predecessor) {
  const bool are_lost = predecessor == Predecessor::kDied && !options_.activities_outlive_owner;
  for (const Effect& effect : PendingEffects(*entry.program, entry.state)) {
    const auto* activity = std::get_if<ScheduleActivity>(&effect);
    if (activity && are_lost && !IsOwn(activity->connector) && !IsHuman(activity->connector))
      Feed(entry, ActivityLost{activity->frame, activity->attempt});
    else if (activity)
      CarryOut(entry, *activity, true);
    else
      CarryOut(entry, effect);
  }
}

// Whether the task that awaits it is gone: the process died after that was written and before this execution
// was cancelled. The parent may belong to another partition, so the disk is asked. What the parent does from
// now on reaches this execution as a command, behind this one.
Result<bool> Partition::IsAbandoned(const ExecutionRecord& record, FramesByExecution& parents) {
  if (!record.parent || !record.parent_frame) return false;
  const auto [frames, is_new] = parents.try_emplace(*record.parent);
  if (is_new) {
    ASSIGN_OR_RETURN(const auto parent, journal_.LoadOne(record.account, *record.parent));
    if (parent) {
      const auto program = programs_.Load(parent->record);
      if (!program && IsOfAll(program.error())) return elevaite::Fail(program.error());
      const auto state = program ? Fold(*parent, **program) : elevaite::Fail(program.error());
      if (!state) {  // it may be waiting for it
        parents.erase(frames);
        return false;
      }
      for (const auto& [id, frame] : state->frames) frames->second.insert(id);
    }
  }
  return !frames->second.contains(*record.parent_frame);
}

Result<std::vector<ExecutionId>> Partition::AbandonedAmong(const std::vector<ExecutionRecord>& awaited) {
  std::vector<ExecutionId> abandoned;
  FramesByExecution parents;
  for (const ExecutionRecord& record : awaited) {
    ASSIGN_OR_RETURN(const bool is_abandoned, IsAbandoned(record, parents));
    if (is_abandoned) abandoned.push_back(record.id);
  }
  return abandoned;
}

}  // namespace elevaite::engine
