// The sweep of the store of objects: deletes payloads of commits that never happened. A payload is written
// before its commit; when the process dies in between, or the commit fails, the object belongs to nothing.
//
// Safe against a commit that is only late, however late: before its object goes, the payload gets a row of
// the table `payloads` that says so, its grave. The commit would write the same row: either it was there
// first, and the object stays; or it fails, as any commit may, and its step is done anew with a new object.
// An age of an hour only keeps that from ever happening in practice. Graves are kept for a week.
//
// Also which store belongs to a database, and that it is this one. All calls block.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>

#include "engine/journal/payloads.h"
#include "foundation/clock.h"
#include "infra/database/database.h"
#include "infra/objects/objects.h"

namespace elevaite::engine {

class PayloadSweep {
 public:
  static constexpr std::chrono::hours kAge{1};
  static constexpr std::chrono::hours kGravesKept{7 * 24};

  // All must outlive it. `goes_on`: false: stop here.
  PayloadSweep(database::Database& db, PayloadStore& payloads, Clock& clock, std::function<bool()> goes_on)
      : db_(db), payloads_(payloads), clock_(clock), goes_on_(std::move(goes_on)) {}

  // What was written since the last pass; how many went.
  Result<std::uint64_t> Pass();
  // All of the store. `keep`: only counts.
  Result<std::uint64_t> All(bool keep);

 private:
  Result<std::uint64_t> Sweep(const AccountId& account, std::size_t shard, std::int64_t since_us,
                              std::int64_t until_us, bool keep);
  Result<bool> IsOfNoCommit(const PayloadKey& key);
  Result<bool> Bury(const PayloadKey& key);
  Result<std::vector<AccountId>> Accounts();
  Result<std::uint64_t> Between(std::int64_t since_us, std::int64_t until_us, bool keep, bool& is_done);

  database::Database& db_;
  PayloadStore& payloads_;
  Clock& clock_;
  const std::function<bool()> goes_on_;
};

// Makes sure that `objects` is the store which the payloads of the database were written to; the first one
// that is shown becomes that. kInvalidArgument: it is another one. `adopt`: takes it all the same.
Result<void> BindObjects(database::Database& db, objects::ObjectStore& objects, bool adopt);
// Whether the database has a store.
Result<bool> HasObjects(database::Database& db);

}  // namespace elevaite::engine
