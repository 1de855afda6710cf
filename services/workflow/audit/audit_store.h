// Audit: one list of what people have done to the objects of an account, with who and why. What an operation
// on many does to each execution stands in that one's journal; here it is one entry.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "foundation/ids.h"
#include "infra/database/database.h"
#include "services/workflow/store.h"

namespace elevaite::workflow {

struct AuditTag {
  static constexpr std::string_view kPrefix = "aud_", kName = "audit entry";
};
using AuditId = Id<AuditTag>;

struct AuditEntry {
  AccountId account;
  AuditId id;
  std::string who;          // a name, or through what it was asked for: "api", "studio", "cli"
  std::string act;          // "execution.cancel"
  std::string object_kind;  // "execution"
  std::string object_id;
  std::string note;  // why; empty: nothing was said
  Json change{};     // {before, after}; null: the act has no such thing
  std::string request_id;
  std::int64_t time_us = 0;
};

// What is empty counts for any.
struct AuditFilter {
  std::string object_kind;
  std::string object_id;
  std::string who;
  std::string act;
  std::optional<AuditId> before;  // older than this one
  std::size_t limit = 50;
};

class AuditStore {
 public:
  // `keep`: how long; what is older is not shown, and goes as new entries come. Zero: for ever.
  AuditStore(database::Database& db, Clock& clock, std::chrono::microseconds keep)
      : db_(db), clock_(clock), keep_(keep) {}

  // Its time is now, its id new.
  Task<void> Write(AuditEntry entry);
  // Newest first.
  Task<std::vector<AuditEntry>> List(AccountId account, AuditFilter filter);

 private:
  // That no entry of before its time is greater than.
  AuditId Oldest() const;

  database::Database& db_;
  Clock& clock_;
  const std::chrono::microseconds keep_;
};

}  // namespace elevaite::workflow
