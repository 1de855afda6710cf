// History: reads of executions, finished or not, as they are on disk. Every call names its account. Callbacks
// run on a thread of the database.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "engine/journal/journal.h"
#include "engine/machine/event.h"
#include "infra/database/database.h"

namespace elevaite::engine {

struct ExecutionFilter {
  std::string name_space;     // empty: any
  std::string workflow;       // empty: any
  std::vector<Phase> phases;  // empty: any
  std::optional<std::int64_t> since_us;
  std::optional<std::int64_t> until_us;
  std::optional<ExecutionId> before;  // older than this one
  std::size_t limit = 50;             // 1 to 200
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

class History {
 public:
  template <class T>
  using Done = std::function<void(Result<T>)>;

  explicit History(database::Database& db) : db_(db) {}

  // kNotFound when the account has no such execution.
  void Find(const AccountId& account, const ExecutionId& id, Done<ExecutionRecord> done);
  // Newest first.
  void List(const AccountId& account, const ExecutionFilter& filter, Done<std::vector<ExecutionRecord>> done);
  // Events with a number above `after`, in order; whole rows, so a little more than `limit` may come.
  void Events(const AccountId& account, const ExecutionId& id, std::uint64_t after, std::size_t limit,
              Done<std::vector<Event>> done);
  // How it ended; nullopt when it has not.
  void Ending(const AccountId& account, const ExecutionId& id, Done<std::optional<Event>> done);
  // `total` and `faulted` stop counting at kCountMax.
  static constexpr std::int64_t kCountMax = 10'000;
  void Activity(const AccountId& account, const std::string& name_space, const std::string& workflow,
                Done<WorkflowActivity> done);

 private:
  database::Database& db_;
};

}  // namespace elevaite::engine
