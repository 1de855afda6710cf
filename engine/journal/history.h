// History: reads of executions, finished or not, as they are on disk. Every call names its account. Callbacks
// run on a thread of the database.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "engine/journal/journal.h"
#include "engine/journal/payloads.h"
#include "engine/machine/event.h"
#include "infra/database/database.h"

namespace elevaite::engine {

// A place in a list: behind the execution of that time and id. As text "<created_us>-<id>".
struct ListCursor {
  std::int64_t created_us = 0;
  ExecutionId id;
  std::string ToString() const;
  static Result<ListCursor> Parse(std::string_view text);
  friend auto operator<=>(const ListCursor&, const ListCursor&) = default;
};

// What is left out or empty counts for any; what is given must all hold.
struct ExecutionFilter {
  static constexpr std::size_t kLabelsMax = 4;

  std::string name_space;
  std::string workflow;
  std::string version;
  std::vector<Phase> phases;  // one of them
  std::string error_type;     // of those that faulted
  std::optional<ExecutionId> parent;
  std::vector<Label> labels;  // at most kLabelsMax
  struct Ids {
    ExecutionId first;
    ExecutionId last;
  };
  std::optional<Ids> ids;                // a narrow range: all of it is read for each page
  std::optional<std::int64_t> since_us;  // created then or later
  std::optional<std::int64_t> until_us;  // created before
  std::optional<std::int64_t> finished_since_us;
  std::optional<std::int64_t> finished_until_us;
  std::optional<ListCursor> after;  // in the order of the list: older than that
  std::size_t limit = 50;           // 1 to kPageMax
  static constexpr std::size_t kPageMax = 200;
};

// A page may have fewer than `limit`, even none, and still a `next`: one call looks through a bounded number
// of executions (kScanned of those that an index has for one of the conditions), whatever the filter. Without
// `next` there are no more.
struct ExecutionPage {
  std::vector<ExecutionRecord> items;
  std::optional<ListCursor> next;
};

// Events of one execution, in order. `next`: ask again after that number; without it there were no more.
struct EventPage {
  std::vector<Event> events;
  std::optional<std::uint64_t> next;
  std::size_t bytes = 0;  // of the journal
};

// How many executions a workflow has, and its last one.
struct WorkflowActivity {
  std::string name_space;
  std::string workflow;
  std::int64_t total = 0;
  std::int64_t active = 0;
  std::int64_t faulted = 0;
  std::optional<ExecutionRecord> last;
};

// Executions of one version of a workflow.
struct VersionCount {
  std::string version;
  std::int64_t unfinished = 0;
  std::optional<std::int64_t> oldest_us;  // when the oldest of these was created
  // Of the workflow's latest kRecentMax that were created since the time that was asked for:
  std::int64_t recent = 0;
  std::int64_t completed = 0;
  std::int64_t faulted = 0;
  std::int64_t cancelled = 0;
};

struct VersionCounts {
  static constexpr std::int64_t kRecentMax = 5'000;
  // Unfinished executions of the account, of each phase the oldest, that are looked through.
  static constexpr std::int64_t kUnfinishedMax = 200'000;

  std::vector<VersionCount> versions;  // those that have any, in no order
  bool all = true;                     // false: there are more unfinished ones than were looked through
};

class History {
 public:
  template <class T>
  using Done = std::function<void(Result<T>)>;

  // `payloads`: null when there is no store of objects.
  explicit History(database::Database& db, PayloadStore* payloads = nullptr) : db_(db), payloads_(payloads) {}

  // kNotFound when the account has no such execution.
  void Find(const AccountId& account, const ExecutionId& id, Done<ExecutionRecord> done);
  // Newest first. kInvalidArgument: too many labels.
  void List(const AccountId& account, const ExecutionFilter& filter, Done<ExecutionPage> done);
  // Events with a number above `after`, in order; whole rows, so a little more than `limit` may come. Fewer
  // when they are large: a page ends with the row that goes beyond kPageBytes.
  static constexpr std::size_t kPageBytes = 8U << 20U;
  void Events(const AccountId& account, const ExecutionId& id, std::uint64_t after, std::size_t limit,
              Done<EventPage> done);
  // How it ended; nullopt when it has not.
  void Ending(const AccountId& account, const ExecutionId& id, Done<std::optional<Event>> done);
  // `total` and `faulted` stop counting at kCountMax.
  static constexpr std::int64_t kCountMax = 10'000;
  void Activity(const AccountId& account, const std::string& name_space, const std::string& workflow,
                Done<WorkflowActivity> done);
  // What runs on which version, and how those that were created since then have ended.
  void CountVersions(const AccountId& account, const std::string& name_space, const std::string& workflow,
                     std::int64_t since_us, Done<VersionCounts> done);
  // The second half of it alone.
  void CountRecent(const AccountId& account, const std::string& name_space, const std::string& workflow,
                   std::int64_t since_us, Done<VersionCounts> done);

 private:
  void ReadEvents(const AccountId& account, const ExecutionId& id, std::uint64_t after, std::size_t limit,
                  std::size_t rows, Done<EventPage> done);
  // Where it may wait, when these rows have values in the store of objects.
  void Read(const database::Rows& rows, std::function<void()> read);

  database::Database& db_;
  PayloadStore* const payloads_;
};

}  // namespace elevaite::engine
