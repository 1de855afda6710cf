// Signed links to a task: one for one person, who needs no sign-in. What is signed is only which link of
// which account it is; what that link is good for stands in a row, so that it can end.
//
//   base64url( 1 | link (16 bytes) | account | HMAC-SHA256 of all before (32 bytes) )
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "foundation/ids.h"
#include "foundation/secret.h"
#include "services/workflow/people/human_task.h"

namespace elevaite::people {

struct TaskLinkTag {
  static constexpr std::string_view kPrefix = "lnk_", kName = "link";
};
using TaskLinkId = Id<TaskLinkTag>;

struct TaskLink {
  TaskLinkId id;
  AccountId account;
  HumanTaskId task;
  std::string assignee;  // whoever opens it answers as them
  std::int64_t created_us = 0;
  std::int64_t expires_us = 0;
  std::optional<std::int64_t> revoked_us;
  std::optional<std::int64_t> seen_us;
};

class LinkSigner {
 public:
  static constexpr std::size_t kTokenBytesMax = 200;

  explicit LinkSigner(Secret key) : key_(std::move(key)) {}

  struct Signed {
    AccountId account;
    TaskLinkId link;
  };
  std::string Sign(const AccountId& account, const TaskLinkId& link) const;
  // Nothing: it was not made with this key, or was altered.
  std::optional<Signed> Read(std::string_view token) const;

 private:
  std::string CodeOf(std::string_view payload) const;

  Secret key_;
};

}  // namespace elevaite::people
