// Purge: forgets executions that have ended: row, labels, events, and payloads in the store of objects.
//
// In bounded commits between those of the engine, so that no start waits for it. An execution is gone with
// the commit that removes its row; the events of a long one and the payloads follow, and are found again when
// the process dies in between (the table `purges`).
//
// What has not ended is never touched, nor a child whose parent has not ended: that one may ask for the end
// of the child again. All calls block; one thread at a time.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "engine/journal/history.h"
#include "engine/journal/journal.h"
#include "engine/journal/payloads.h"
#include "infra/database/database.h"

namespace elevaite::engine {

class Purge {
 public:
  // Is called between two commits with how long the last one took: the place to wait, so that others get
  // their turn. False: stop here.
  using Pause = std::function<bool(std::chrono::microseconds took)>;
  // Is given what is about to be forgotten because of its age, and says what of it may go; an error keeps
  // all.
  using Before = std::function<Result<std::vector<ExecutionRecord>>(std::vector<ExecutionRecord>)>;

  // `payloads`: null when there is no store of objects.
  Purge(database::Database& db, Pause pause, PayloadStore* payloads = nullptr)
      : db_(db), pause_(std::move(pause)), payloads_(payloads) {}
  void Use(Before before) { before_ = std::move(before); }

  // Goes on with what was left half done.
  Result<void> Resume();
  // kNotFound; kConflict: it, or its parent, has not ended.
  Result<void> One(const AccountId& account, const ExecutionId& id);

  // What ended before; nullopt: is kept.
  struct Bounds {
    std::optional<std::int64_t> completed_us;
    std::optional<std::int64_t> faulted_us;  // of those that faulted or were cancelled
  };
  // All that is past its bounds, the oldest first; how many there were. Not what was brought back from the
  // archive (restored.h).
  Result<std::uint64_t> Old(const AccountId& account, const Bounds& bounds) {
    return Old(account, [&bounds] { return Result<Bounds>(bounds); });
  }
  // Asked anew for every few hundred executions: one may want to keep more by then.
  Result<std::uint64_t> Old(const AccountId& account, const std::function<Result<Bounds>()>& bounds_now);

  // The payloads of executions that are gone as a whole week; how many there were.
  Result<std::uint64_t> PayloadsOfNobody();

  // The accounts that have executions.
  Result<std::vector<AccountId>> Accounts();

 private:
  Result<std::vector<ExecutionRecord>> NotRestored(std::vector<ExecutionRecord> records);
  Result<bool> MayGo(const ExecutionRecord& record);
  Result<std::uint64_t> ForgetOld(std::vector<ExecutionRecord> records);
  Result<void> Forget(const std::vector<ExecutionRecord>& records);
  Result<void> ForgetRest(const AccountId& account, const ExecutionId& id);
  Result<bool> ForgetPayloads(const AccountId& account, const ExecutionId& id, std::uint64_t& gone);
  Result<bool> HasRest(const ExecutionRecord& record, bool& is_long);
  Result<bool> Commit(database::Batch batch);

  database::Database& db_;
  const Pause pause_;
  PayloadStore* const payloads_;
  Before before_;
};

}  // namespace elevaite::engine
