#include "engine/holds/holds.h"

#include <algorithm>
#include <utility>

namespace elevaite::engine {
namespace {

constexpr std::string_view kHoldMember = "hold";

const Hold* FirstOver(const std::vector<Hold>& holds, const Json& input) {
  const auto found =
      std::ranges::find_if(holds, [&](const Hold& hold) { return !hold.concerns || hold.concerns(input); });
  return found == holds.end() ? nullptr : &*found;
}

}  // namespace

Holds::Holds(std::vector<Hold> holds) {
  for (Hold& hold : holds) {
    texts_.insert(Json::Array({hold.account.ToString(), hold.workflow, hold.scope, hold.note}).Dump());
    OfAccount& account = accounts_[hold.account];
    auto& place = hold.workflow.empty() ? account.all : account.workflows[hold.workflow];
    // Those of a whole workflow before those of a part of it, which have to be asked.
    place.insert(hold.concerns ? place.end() : place.begin(), std::move(hold));
  }
}

const Hold* Holds::Over(const ExecutionRecord& record, const Json& input) const {
  const auto found = accounts_.find(record.account);
  if (found == accounts_.end()) return nullptr;
  const OfAccount& account = found->second;
  if (const Hold* hold = FirstOver(account.all, input)) return hold;
  if (account.workflows.empty()) return nullptr;
  const auto own = account.workflows.find(record.name_space + "." + record.workflow);
  return own == account.workflows.end() ? nullptr : FirstOver(own->second, input);
}

Json NoteOf(const Hold& hold) {
  return Json::WithMember(hold.note.IsObject() ? hold.note : Json::EmptyObject(), kHoldMember, hold.scope);
}

bool IsPausedByHold(const State& state) {
  return state.paused && state.paused->note.IsObject() && state.paused->note.Find(kHoldMember) != nullptr;
}

void HoldBoard::Set(std::uint64_t reading, Holds holds) {
  {
    const std::scoped_lock lock(mutex_);
    if (reading < newest_) return;
    newest_ = reading;
    if (holds.IsSame(*holds_.load())) return;
    holds_ = std::make_shared<const Holds>(std::move(holds));
    version_.fetch_add(1, std::memory_order_release);
  }
  if (changed_) changed_();
}

}  // namespace elevaite::engine
