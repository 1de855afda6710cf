// Payloads: whether all that the journal refers to is in the store of objects, and nothing else.
#include <fmt/format.h>

#include "engine/journal/inspection.h"
#include "engine/journal/payload_sweep.h"
#include "engine/journal/purge.h"
#include "foundation/clock.h"

namespace elevaite::engine {
namespace {

using database::Params;
using database::Rows;
using database::Sql;

constexpr std::size_t kPage = 1'000;
constexpr Sql kRows{
    "inspect.payloads",
    "SELECT p.account_id, p.execution_id, p.payload_id, CASE WHEN EXISTS (SELECT 1 FROM executions e WHERE"
    " e.account_id = p.account_id AND e.id = p.execution_id AND e.finished_us IS NULL) THEN 1 ELSE 0 END"
    " FROM payloads p WHERE (p.account_id, p.execution_id, p.payload_id) > (?1, ?2, ?3) AND p.swept_us IS "
    "NULL"
    " ORDER BY p.account_id, p.execution_id, p.payload_id LIMIT ?4"};
constexpr Sql kHas{"inspect.payload",
                   "SELECT 1 FROM payloads WHERE account_id = ?1 AND execution_id = ?2 AND payload_id = ?3"};
constexpr Sql kOfNobody{
    "inspect.payloads_of_nobody",
    "SELECT DISTINCT p.account_id, p.execution_id FROM payloads p WHERE p.swept_us IS NULL"
    " AND NOT EXISTS (SELECT 1 FROM executions e WHERE e.account_id = p.account_id AND"
    " e.id = p.execution_id) AND NOT EXISTS (SELECT 1 FROM purges g WHERE g.account_id ="
    " p.account_id AND g.execution_id = p.execution_id) LIMIT 1000"};
constexpr Sql kAny{"inspect.any_payload", "SELECT 1 FROM payloads LIMIT 1"};

constexpr const char* kRestore = "bring the object back from a backup of the store of objects";

class PayloadInspection {
 public:
  PayloadInspection(database::Database& db, PayloadStore& store, const ExaminationOptions& options,
                    DoctorReport& report)
      : db_(db),
        store_(store),
        mend_(options.mend),
        stop_(options.stop),
        report_(report),
        watch_(options, ExaminationPhase::kPayloads, report) {}

  Result<void> Run() {
    RETURN_IF_ERROR(OfNobody());
    RETURN_IF_ERROR(Objects());
    return OfNoCommit();
  }

 private:
  // What one that runs needs is read, of others only that it is there: the newest are read with their events.
  Result<void> Objects() {
    Params place = Params::Of("", ExecutionId(), PayloadId(), kPage);
    while (!report_.IsFull()) {
      ASSIGN_OR_RETURN(const Rows rows, db_.QueryAndWait(kRows, place));
      for (const auto& row : rows) {
        RETURN_IF_ERROR(watch_.GoesOn());
        ASSIGN_OR_RETURN(const AccountId account, AccountId::Parse(row.Text(0)));
        const PayloadKey key{account, row.IdAt<ExecutionId>(1), row.IdAt<PayloadId>(2)};
        place = Params::Of(account, key.execution, key.id, kPage);
        RETURN_IF_ERROR(Look(key, row.Int(3) != 0));
      }
      if (rows.size() < kPage) break;
    }
    return {};
  }

  Result<void> Look(const PayloadKey& key, bool runs) {
    if (runs) {
      const auto bytes = store_.Get(key);
      if (bytes) return {};
      if (bytes.error().code == ErrorCode::kDataLoss) return Tell(key, "damaged");
      if (bytes.error().code != ErrorCode::kNotFound) return elevaite::Fail(bytes.error());
    } else {
      ASSIGN_OR_RETURN(const bool is_there, store_.Has(key));
      if (is_there) return {};
    }
    return Tell(key, "missing");
  }

  // Unless it has been forgotten meanwhile.
  Result<void> Tell(const PayloadKey& key, const char* how) {
    ASSIGN_OR_RETURN(const Rows still,
                     db_.QueryAndWait(kHas, Params::Of(key.account, key.execution, key.id)));
    if (!still.empty())
      report_.Add({key.execution.ToString(),
                   fmt::format("a value of it is {}: the object {}", how, key.ToText()), kRestore});
    return {};
  }

  Result<void> OfNobody() {
    ASSIGN_OR_RETURN(const Rows rows, db_.QueryAndWait(kOfNobody));
    if (rows.empty()) return {};
    if (mend_) {
      Purge purge(db_, [this](std::chrono::microseconds) { return !stop_.stop_requested(); }, &store_);
      RETURN_IF_ERROR(purge.PayloadsOfNobody());
    }
    for (const auto& row : rows)
      report_.Add({row.IdAt<ExecutionId>(1).ToString(), "there are large values of it, but not its row",
                   "elevaite doctor --fix deletes them", mend_ ? "they were deleted" : ""});
    return {};
  }

  Result<void> OfNoCommit() {
    PayloadSweep sweep(db_, store_, SystemClock(), [this] { return !stop_.stop_requested(); });
    ASSIGN_OR_RETURN(const std::uint64_t count, sweep.All(!mend_));
    RETURN_IF_ERROR(watch_.GoesOn());
    if (count > 0)
      report_.Add({"objects",
                   fmt::format("{} large values were written for commits that never happened", count),
                   "the server deletes them; elevaite doctor --fix does it at once",
                   mend_ ? "they were deleted" : ""});
    return {};
  }

  database::Database& db_;
  PayloadStore& store_;
  const bool mend_;
  const std::stop_token stop_;
  DoctorReport& report_;
  const Watch watch_;
};

}  // namespace

Result<void> InspectPayloads(database::Database& db, PayloadStore* payloads,
                             const ExaminationOptions& options, DoctorReport& report) {
  if (payloads) return PayloadInspection(db, *payloads, options, report).Run();
  ASSIGN_OR_RETURN(const Rows rows, db.QueryAndWait(kAny));
  if (!rows.empty())
    report.Add({"objects", "there are large values in a store of objects, and none is set here",
                "set objects.dir to its folder, which all nodes share"});
  return {};
}

}  // namespace elevaite::engine
