// Paces: how far throttles and rate limits have come, by account and gate, and which of them hold nothing
// back any more. Times are in microseconds.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>

#include "foundation/ids.h"

namespace elevaite::flow {

class Paces {
 public:
  using Name = std::pair<AccountId, std::string>;

  void Set(const AccountId& account, const std::string& gate, std::int64_t due_us);
  bool Has(const AccountId& account, const std::string& gate) const;
  // 0: nothing has passed yet.
  std::int64_t DueUs(const AccountId& account, const std::string& gate) const;
  std::size_t CountOf(const AccountId& account) const;
  // Takes out one that is due by then, if there is one.
  std::optional<Name> TakeDue(std::int64_t now_us);

 private:
  std::map<Name, std::int64_t> due_us_;
  std::set<std::pair<std::int64_t, const Name*>> by_due_;
  std::map<AccountId, std::size_t> counts_;
};

}  // namespace elevaite::flow
