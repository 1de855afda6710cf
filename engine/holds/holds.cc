#include "engine/holds/holds.h"

#include <utility>

namespace elevaite::engine {
namespace {

constexpr std::string_view kHoldMember = "hold";

}  // namespace

Holds::Holds(std::vector<Hold> holds) {
  for (Hold& hold : holds) {
    texts_[hold.account].insert(
        Json::Array({hold.account.ToString(), hold.workflow, hold.scope, hold.note}).Dump());
    OfAccount& account = accounts_[hold.account];
    if (hold.workflow.empty()) {
      account.all = std::move(hold);
      continue;
    }
    OfWorkflow& workflow = account.workflows[hold.workflow];
    if (!hold.key) {
      workflow.all = std::move(hold);
      continue;
    }
    Keys& keys = workflow.keys[hold.key->name];
    keys.of = hold.key->of;
    const std::string value = hold.key->value;
    keys.values.insert_or_assign(value, std::move(hold));
  }
}

std::vector<AccountId> Holds::ChangedSince(const Holds& before) const {
  std::vector<AccountId> changed;
  for (const auto& [account, texts] : texts_) {
    const auto old = before.texts_.find(account);
    if (old == before.texts_.end() || old->second != texts) changed.push_back(account);
  }
  for (const auto& [account, texts] : before.texts_) {
    if (!texts_.contains(account)) changed.push_back(account);
  }
  return changed;
}

const Hold* Holds::Over(const OfWorkflow& workflow, const Json& input) {
  if (workflow.all) return &*workflow.all;
  for (const auto& [name, keys] : workflow.keys) {
    const auto value = keys.of(input);
    const auto found = value ? keys.values.find(*value) : keys.values.end();
    if (found != keys.values.end()) return &found->second;
  }
  return nullptr;
}

const Hold* Holds::Over(const ExecutionRecord& record, const Json& input) const {
  const auto found = accounts_.find(record.account);
  if (found == accounts_.end()) return nullptr;
  const OfAccount& account = found->second;
  if (account.all) return &*account.all;
  if (account.workflows.empty()) return nullptr;
  const auto own = account.workflows.find(record.name_space + "." + record.workflow);
  return own == account.workflows.end() ? nullptr : Over(own->second, input);
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
