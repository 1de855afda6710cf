// What a partition does under holds (engine/holds/holds.h). A rule takes effect when it is known: from then
// on no step schedules anything new, and no activity is given out, whatever is on its way through a commit.
// Each execution is written to only once something happens to it, so that does not depend on how many there
// are.
#include <algorithm>
#include <utility>

#include "engine/machine/human.h"
#include "engine/partition/partition.h"

namespace elevaite::engine {
namespace {

constexpr std::size_t kLookedAtPerRound = 256;  // of those that may go on

// What people or the machine mean for one execution counts whatever holds.
bool IsForOne(const Input& input) {
  return std::holds_alternative<Cancel>(input) || std::holds_alternative<Pause>(input) ||
         std::holds_alternative<Resume>(input);
}

}  // namespace

// Only the accounts for which something has changed: others may have very many that are held.
void Partition::Use(std::shared_ptr<const Holds> holds) {
  static const Holds none;
  const std::shared_ptr<const Holds> before =
      std::exchange(holds_, holds && !holds->empty() ? std::move(holds) : nullptr);
  const Holds& now = holds_ ? *holds_ : none;
  for (const AccountId& account : now.ChangedSince(before ? *before : none)) LookAgainAt(account);
}

void Partition::LookAgainAt(const AccountId& account) {
  std::deque<ExecutionId> ids;
  for (auto one = held_.lower_bound({account, ExecutionId()}); one != held_.end() && one->first == account;
       ++one)
    ids.push_back(one->second);
  if (ids.empty()) {
    to_release_.erase(account);
  } else {
    to_release_[account] = std::move(ids);
  }
}

// The accounts in turn: one with very many does not keep the others waiting.
std::optional<std::pair<AccountId, ExecutionId>> Partition::NextToRelease() {
  if (to_release_.empty()) return std::nullopt;
  auto next = to_release_.upper_bound(released_last_);
  if (next == to_release_.end()) next = to_release_.begin();
  released_last_ = next->first;
  std::pair<AccountId, ExecutionId> one{next->first, next->second.front()};
  next->second.pop_front();
  if (next->second.empty()) to_release_.erase(next);
  return one;
}

// Null: nothing holds it. What is being cancelled is not held: it only cleans up.
const Hold* Partition::HoldOver(const Entry& entry, const Input* input) const {
  if (!holds_ || entry.state.cancelling) return nullptr;
  const auto* start = input ? std::get_if<Start>(input) : nullptr;
  return holds_->Over(entry.record, start ? start->input : entry.state.input);
}

// The one for which the execution is to be paused before it gets this input.
const Hold* Partition::HoldBefore(const Entry& entry, const Input& input) const {
  if (!holds_ || entry.state.paused || IsFinal(entry.state.phase) || IsForOne(input)) return nullptr;
  return HoldOver(entry, &input);
}

// Not tried again when it cannot be written: the input after it is, and by then another rule may hold.
void Partition::PauseFor(Entry& entry, const Hold& hold, std::function<void(Result<void>)> answer,
                         CommandNumber command) {
  held_.emplace(entry.record.account, entry.record.id);
  if (!answer) answer = [](const Result<void>&) {};
  TakeStep(entry, Pause{NoteOf(hold), command}, std::move(answer), options_.limits.tasks_per_step);
}

// What the owner before had given out, and others do, is still under way: it is only found again.
bool Partition::HoldBack(Entry& entry, const ScheduleActivity& activity, bool resumed) {
  const bool is_found_again =
      IsOwn(activity.connector) || IsHuman(activity.connector) || options_.activities_outlive_owner;
  if ((resumed && is_found_again) || !HoldOver(entry)) return false;
  held_.emplace(entry.record.account, entry.record.id);
  held_back_[entry.record.id].push_back({activity, resumed});
  return true;
}

void Partition::NoLongerHeldBack(const ExecutionId& id, FrameId frame) {
  const auto found = held_back_.find(id);
  if (found == held_back_.end()) return;
  std::erase_if(found->second, [frame](const HeldBack& one) { return one.activity.frame == frame; });
  if (found->second.empty()) held_back_.erase(found);
}

// What is not awaited any more may be so because of a step that is not on disk yet, and then never is: it
// stays, until that step's effect takes it away, or its failure brings us back here.
void Partition::GiveOut(Entry& entry) {
  const auto held_back = held_back_.extract(entry.record.id);
  if (held_back.empty()) return;
  for (const auto& [activity, resumed] : held_back.mapped()) {
    const auto frame = entry.state.frames.find(activity.frame);
    const bool is_awaited = frame != entry.state.frames.end() && frame->second.attempt == activity.attempt &&
                            frame->second.waiting == Frame::Waiting::kActivity;
    if (is_awaited)
      CarryOut(entry, activity, resumed);
    else
      held_back_[entry.record.id].push_back({activity, resumed});
  }
}

// One that is read back.
void Partition::TakeUpHeld(const Entry& entry) {
  if (!IsPausedByHold(entry.state)) return;
  held_.emplace(entry.record.account, entry.record.id);
  if (!HoldOver(entry)) to_release_[entry.record.account].push_back(entry.record.id);
}

// True: a hold decides, and the caller is told. Who had paused it himself takes that back; the hold stays.
bool Partition::ResumeFor(Entry& entry, OperateCommand& command) {
  const Hold* hold = entry.state.paused ? HoldOver(entry) : nullptr;
  if (!hold) return false;
  if (!IsPausedByHold(entry.state)) {
    PauseFor(entry, *hold, std::move(command.done), std::get<Resume>(command.act).command);
    return true;
  }
  command.done(elevaite::Fail(ErrorCode::kConflict,
                              hold->workflow.empty() ? "its account is paused"
                              : hold->key            ? "runs of its workflow with its key are paused"
                                                     : "its workflow is paused",
                              "it goes on when that pause is lifted (POST /v1/flow/resume)"));
  return true;
}

void Partition::ReleaseSome() {
  for (std::size_t i = 0; i < kLookedAtPerRound && Accepting(); ++i) {
    const auto next = NextToRelease();
    if (!next) return;
    const auto& [account, id] = *next;
    const auto found = entries_.find(id);
    if (found == entries_.end()) {
      ForgetHeld(account, id);
      continue;
    }
    Entry& entry = *found->second;
    if (HoldOver(entry)) continue;
    held_.erase(*next);
    // Not tried again when it cannot be written: it is found to be held when it is read back.
    if (IsPausedByHold(entry.state))
      Feed(entry, Resume{Json::Object({{"by", "flow"}, {"reason", "the pause it fell under is over"}})},
           [](const Result<void>&) {});
    GiveOut(entry);
  }
}

void Partition::ForgetHeld(const AccountId& account, const ExecutionId& id) {
  if (held_.empty() && held_back_.empty()) return;
  held_.erase({account, id});
  held_back_.erase(id);
}

}  // namespace elevaite::engine
