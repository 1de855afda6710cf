// The table of schedules.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "foundation/ids.h"
#include "foundation/json.h"
#include "services/workflow/schedule/progress.h"
#include "services/workflow/schedule/schedule_spec.h"
#include "services/workflow/store.h"

namespace elevaite::workflow {

// What starts a schedule's workflow. kUnknown: a version has been published and nobody has looked at it.
enum class ScheduleKind : std::uint8_t { kUnknown, kNone, kTimes, kAfter, kEvents };

struct ScheduleRow {
  AccountId account;
  std::string
      id;  // of a document's own schedule: that of the workflow, namespace.name; of others without a dot
  std::string name_space;
  std::string workflow;
  std::string version;  // to start; empty: the latest (of a document's: it is not published yet)
  ScheduleKind kind = ScheduleKind::kUnknown;
  ScheduleSpec spec;
  bool has_input = false;  // else it is {}
  Json input;              // of Find only
  bool paused = false;
  std::string note;  // why
  std::int64_t created_us = 0;
  std::int64_t updated_us = 0;  // by a person
  Progress progress;

  bool is_documents() const { return IsDocuments(id); }
  static bool IsDocuments(std::string_view id) { return id.find('.') != std::string_view::npos; }
};

// A workflow whose latest version no row stands for, or one that nobody has looked at.
struct UnscheduledVersion {
  AccountId account;
  std::string name_space;
  std::string workflow;
  std::string version;
};

struct ScheduleFilter {
  std::string name_space;  // empty: any
  std::string workflow;    // empty: any
  std::optional<bool> paused;
  std::string part;   // of the id; empty: any
  std::string after;  // the id that the page before ended with
  std::size_t limit = 50;
};

class ScheduleStore {
 public:
  explicit ScheduleStore(database::Database& db) : db_(db) {}

  Task<std::optional<ScheduleRow>> Find(AccountId account, std::string id);
  // Those that something starts, by id.
  Task<std::vector<ScheduleRow>> List(AccountId account, ScheduleFilter filter);
  // {} when there is none.
  Task<Json> InputOf(AccountId account, std::string id);
  Task<std::int64_t> Count(AccountId account);

  // kConflict: there is one of this id.
  Task<void> Insert(ScheduleRow row);
  // Over whatever is there.
  Task<void> Save(ScheduleRow row);
  // kConflict: it is not as it was at `updated_us`.
  Task<void> Change(ScheduleRow row, std::int64_t updated_us);
  Task<void> Delete(AccountId account, std::string id);
  // How far these have come, in one commit. What is gone meanwhile stays gone.
  struct Saved {
    const AccountId& account;
    const std::string& id;
    const Progress& progress;
    const std::string* paused;  // null: this has not changed; else the note of the pause
  };
  Task<void> SaveProgress(const std::vector<Saved>& all);

  // Waiting: for the start.
  // All of all accounts, a page at a time.
  Result<void> ForEach(const std::function<void(ScheduleRow)>& take);
  Result<std::vector<UnscheduledVersion>> LoadUnscheduled();
  Result<std::optional<ScheduleRow>> FindNow(const AccountId& account, const std::string& id);
  Result<void> SaveNow(const std::vector<ScheduleRow>& rows);

 private:
  database::Database& db_;
};

}  // namespace elevaite::workflow
