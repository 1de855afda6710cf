#include "services/workflow/flow/paces.h"

namespace elevaite::flow {

void Paces::Set(const AccountId& account, const std::string& gate, std::int64_t due_us) {
  const auto [pace, is_new] = due_us_.try_emplace({account, gate}, due_us);
  if (is_new) ++counts_[account];
  by_due_.erase({pace->second, &pace->first});
  pace->second = due_us;
  by_due_.emplace(due_us, &pace->first);
}

bool Paces::Has(const AccountId& account, const std::string& gate) const {
  return due_us_.contains({account, gate});
}

std::int64_t Paces::DueUs(const AccountId& account, const std::string& gate) const {
  const auto found = due_us_.find({account, gate});
  return found == due_us_.end() ? 0 : found->second;
}

std::size_t Paces::CountOf(const AccountId& account) const {
  const auto found = counts_.find(account);
  return found == counts_.end() ? 0 : found->second;
}

std::optional<Paces::Name> Paces::TakeDue(std::int64_t now_us) {
  if (by_due_.empty() || by_due_.begin()->first > now_us) return std::nullopt;
  Name name = *by_due_.begin()->second;
  by_due_.erase(by_due_.begin());
  due_us_.erase(name);
  if (--counts_.at(name.first) == 0) counts_.erase(name.first);
  return name;
}

}  // namespace elevaite::flow
