// Executions out of the database, and into it.
#include <future>

#include "engine/journal/database_journal.h"
#include "engine/journal/payload_journal.h"
#include "engine/journal/records.h"
#include "engine/transfer/transfer.h"

namespace elevaite::engine {
namespace {

using database::Params;
using database::QueryOptions;
using database::Rows;
using database::Sql;

// Of one execution: refusing to read what was written would keep it from ever being moved.
constexpr QueryOptions kLarge{.bytes_max = 4ULL << 30U, .timeout = std::chrono::seconds(60)};

constexpr Sql kRecord{"transfer.execution", "SELECT " ELEVAITE_EXECUTION_COLUMNS
                                            " FROM executions WHERE account_id = ?1 AND id = ?2"};
constexpr Sql kEvents{"transfer.events",
                      "SELECT first_seq, events FROM journal WHERE account_id = ?1 AND execution_id = ?2 AND"
                      " first_seq > ?3 ORDER BY first_seq LIMIT 500"};
constexpr Sql kSnapshot{"transfer.snapshot",
                        "SELECT seq, state FROM snapshots WHERE account_id = ?1 AND execution_id = ?2"};

std::vector<JournalWrite> WritesOf(const Transferred& execution) {
  std::vector<JournalWrite> writes;
  for (const Transferred::Row& row : execution.events) {
    JournalWrite write{.record = execution.record, .first_seq = row.seq, .events = row.bytes};
    write.created = writes.empty();
    // Only the first one writes the row; the others must not end it once more.
    if (!write.created) write.record.finished_us.reset();
    writes.push_back(std::move(write));
  }
  if (execution.snapshot && !writes.empty()) {
    writes.back().snapshot = execution.snapshot->bytes;
    writes.back().snapshot_seq = execution.snapshot->seq;
  }
  return writes;
}

}  // namespace

Result<std::optional<Transferred>> ReadWhole(const ExecutionStore& store, const AccountId& account,
                                             const ExecutionId& id) {
  database::Database& db = store.db;
  PayloadReader reader(store.payloads, account, id);
  ASSIGN_OR_RETURN(const Rows found, db.QueryAndWait(kRecord, Params::Of(account, id)));
  if (found.empty()) return std::nullopt;
  Transferred execution;
  ASSIGN_OR_RETURN(execution.record, RecordFrom(found[0]));
  std::int64_t after = 0;
  while (true) {
    ASSIGN_OR_RETURN(const Rows rows, db.QueryAndWait(kEvents, Params::Of(account, id, after), kLarge));
    for (const auto& row : rows) {
      after = row.Int(0);
      ASSIGN_OR_RETURN(std::string whole, reader.Whole(std::string(row.Bytes(1))));
      execution.events.push_back({static_cast<std::uint64_t>(after), std::move(whole)});
    }
    if (rows.size() < 500) break;
  }
  ASSIGN_OR_RETURN(const Rows snapshots, db.QueryAndWait(kSnapshot, Params::Of(account, id), kLarge));
  if (!snapshots.empty()) {
    ASSIGN_OR_RETURN(std::string whole, reader.Whole(std::string(snapshots[0].Bytes(1))));
    execution.snapshot = {static_cast<std::uint64_t>(snapshots[0].Int(0)), std::move(whole)};
  }
  return execution;
}

Result<Imported> Import(const ExecutionStore& store, const Transferred& execution) {
  ASSIGN_OR_RETURN(const auto there, ReadWhole(store, execution.record.account, execution.record.id));
  if (there && there->events == execution.events) return Imported::kUnchanged;
  if (there)
    return Fail(ErrorCode::kConflict,
                "execution " + execution.record.id.ToString() + " is there already, with other events",
                "delete the one that is not wanted");
  PayloadJournal journal(std::make_unique<DatabaseJournal>(store.db, std::nullopt, store.projector),
                         store.payloads);
  std::promise<Result<void>> done;
  journal.Append(WritesOf(execution), [&done](Result<void> result) { done.set_value(std::move(result)); });
  const auto written = done.get_future().get();
  if (!written) return elevaite::Fail(written.error());
  return Imported::kNew;
}

}  // namespace elevaite::engine
