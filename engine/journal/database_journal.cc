#include "engine/journal/database_journal.h"

#include <atomic>

#include "engine/events/database_event_store.h"
#include "engine/journal/dead_letters.h"
#include "engine/journal/projector.h"
#include "engine/journal/records.h"

namespace elevaite::engine {
namespace {

using database::Batch;
using database::Blob;
using database::Params;
using database::Rows;
using database::Sql;

constexpr Sql kInsertExecution{
    "executions.insert",
    "INSERT INTO executions (account_id, id, shard, namespace, workflow, version, trigger, correlation, "
    "phase, created_us, started_us, finished_us, error, parent_id, depth, parent_frame, migrations, labels, "
    "error_type) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18, "
    "?19)"};
constexpr Sql kInsertDue{"labels_due.insert",
                         "INSERT INTO labels_due (created_us, account_id, execution_id, shard, labels)"
                         " VALUES (?1, ?2, ?3, ?4, ?5)"};
constexpr Sql kUpdateExecution{"executions.update",
                               "UPDATE executions SET phase = ?3, error = ?4, version = ?5, migrations = ?6,"
                               " finished_us = ?7, error_type = ?8"
                               " WHERE account_id = ?1 AND id = ?2 AND finished_us IS NULL"};
constexpr Sql kDeleteLive{"executions.delete_live",
                          "DELETE FROM executions WHERE account_id = ?1 AND id = ?2 AND finished_us IS NULL"};
constexpr Sql kInsertEvents{
    "journal.insert",
    "INSERT INTO journal (account_id, execution_id, first_seq, events) VALUES (?1, ?2, ?3, ?4)"};
constexpr Sql kInsertPayload{
    "payloads.insert", "INSERT INTO payloads (account_id, execution_id, payload_id) VALUES (?1, ?2, ?3)"};
constexpr Sql kUpsertSnapshot{
    "snapshots.upsert",
    "INSERT INTO snapshots (account_id, execution_id, seq, state) VALUES (?1, ?2, ?3, ?4)"
    " ON CONFLICT (account_id, execution_id) DO UPDATE SET seq = excluded.seq, state = excluded.state"};
constexpr Sql kDeleteSnapshot{"snapshots.delete",
                              "DELETE FROM snapshots WHERE account_id = ?1 AND execution_id = ?2"};

// Keeps the row as it is until the transaction ends: nobody takes it meanwhile.
constexpr Sql kFence{"partition_owners.fence",
                     "SELECT 1 FROM partition_owners WHERE partition = ?1 AND epoch = ?2 FOR SHARE"};
constexpr Sql kEpoch{"partition_owners.epoch",
                     "SELECT 1 FROM partition_owners WHERE partition = ?1 AND epoch = ?2"};

// Those of a shard with all their events, a row each; without the events of those that have a snapshot.
constexpr Sql kSelectUnfinished{
    "executions.unfinished",
    "SELECT e.*, s.seq, j.first_seq, j.events FROM (SELECT " ELEVAITE_EXECUTION_COLUMNS
    " FROM executions WHERE shard = ?1 AND finished_us IS NULL AND (account_id, id) > (?2, ?3)"
    " ORDER BY account_id, id LIMIT ?4) e"
    " LEFT JOIN snapshots s ON s.account_id = e.account_id AND s.execution_id = e.id"
    " LEFT JOIN journal j ON s.seq IS NULL AND j.account_id = e.account_id AND j.execution_id = e.id"
    " ORDER BY e.account_id, e.id, j.first_seq"};
constexpr std::size_t kSnapshotColumn = kExecutionColumns;
constexpr std::size_t kEventsColumn = kExecutionColumns + 2;
// From the index alone.
constexpr Sql kSelectNewest{
    "executions.newest_unfinished",
    "SELECT coalesce(max(started_us), 0) FROM executions"
    " WHERE shard % CAST(?2 AS INTEGER) = CAST(?1 AS INTEGER) AND finished_us IS NULL"};
// PostgreSQL only. The shard of the parent, as ShardOf has it.
constexpr Sql kSelectAwaited{"executions.awaited",
                             "SELECT " ELEVAITE_EXECUTION_COLUMNS
                             " FROM executions WHERE finished_us IS NULL AND parent_frame IS NOT NULL"
                             " AND get_byte(parent_id, 15) % 64 % CAST(?2 AS INTEGER) = CAST(?1 AS INTEGER)"};
constexpr Sql kSelectOne{"executions.one",
                         "SELECT " ELEVAITE_EXECUTION_COLUMNS
                         " FROM executions WHERE account_id = ?1 AND id = ?2 AND finished_us IS NULL"};
constexpr Sql kExists{"executions.exists", "SELECT 1 FROM executions WHERE account_id = ?1 AND id = ?2"};
constexpr Sql kSelectSnapshot{"snapshots.select",
                              "SELECT seq, state FROM snapshots WHERE account_id = ?1 AND execution_id = ?2"};
constexpr Sql kSelectEvents{
    "journal.since",
    "SELECT first_seq, events FROM journal WHERE account_id = ?1 AND execution_id = ?2 AND"
    " first_seq > ?3 ORDER BY first_seq LIMIT 500"};

constexpr database::QueryOptions kPageBounds{
    .rows_max = 1'000'000, .bytes_max = 256U << 20U, .timeout = std::chrono::seconds(60)};
// Of one execution, for recovery: refusing to read what was written would keep the server from starting.
constexpr database::QueryOptions kRecovery{
    .rows_max = 10'000'000, .bytes_max = 4ULL << 30U, .timeout = std::chrono::seconds(60)};

std::optional<std::string> ErrorText(const ExecutionRecord& record) {
  if (record.error.IsNull()) return std::nullopt;
  return record.error.Dump();
}

std::optional<std::string> ErrorType(const ExecutionRecord& record) {
  if (!record.error["type"].IsString()) return std::nullopt;
  return std::string(record.error["type"].AsString());
}

std::optional<std::string> LabelsText(const ExecutionRecord& record) {
  if (record.labels.empty()) return std::nullopt;
  return LabelsJson(record.labels).Dump();
}

void AddRow(Batch& batch, const ExecutionRecord& r) {
  batch.Add(kInsertExecution, r.account, r.id, ShardOf(r.id), r.name_space, r.workflow, r.version,
            static_cast<std::int64_t>(r.trigger), r.correlation, static_cast<std::int64_t>(r.phase),
            r.created_us, r.started_us, r.finished_us, ErrorText(r), r.parent, r.depth, r.parent_frame,
            TextOf(r.migrations), LabelsText(r), ErrorType(r));
}

bool BringsLabels(const JournalWrite& write) { return write.created && !write.record.labels.empty(); }

void AddChange(Batch& batch, const ExecutionRecord& r) {
  batch
      .Add(kUpdateExecution, r.account, r.id, static_cast<std::int64_t>(r.phase), ErrorText(r), r.version,
           TextOf(r.migrations), r.finished_us, ErrorType(r))
      .ExpectRows(1);
}

bool Ends(const JournalWrite& write) { return !write.created && write.record.finished_us.has_value(); }

void AddSnapshot(Batch& batch, const JournalWrite& write) {
  const ExecutionRecord& r = write.record;
  if (write.snapshot) {
    batch.Add(kUpsertSnapshot, r.account, r.id, write.snapshot_seq, Blob{*write.snapshot});
  } else if (write.drops_snapshot) {
    batch.Add(kDeleteSnapshot, r.account, r.id);
  }
}

// Table by table: a database may insert rows that stand together at once. Those of one execution keep their
// order. On PostgreSQL the row of one that ends is written anew: it belongs to another partition of the table
// then, and an UPDATE that moves it takes far longer.
Batch BatchOf(const std::vector<JournalWrite>& writes, const std::optional<Fence>& fence,
              database::Kind kind) {
  const auto moves = [kind](const JournalWrite& write) {
    return kind == database::Kind::kPostgres && Ends(write);
  };
  Batch batch;
  if (fence) batch.Add(kFence, fence->partition, fence->epoch).ExpectRows(1);
  for (const JournalWrite& write : writes) {
    if (write.created) AddRow(batch, write.record);
  }
  for (const JournalWrite& write : writes) {
    const ExecutionRecord& r = write.record;
    if (BringsLabels(write))
      batch.Add(kInsertDue, r.created_us, r.account, r.id, ShardOf(r.id), LabelsText(r));
  }
  for (const JournalWrite& write : writes) {
    if (!write.created && write.record_changed && !moves(write)) AddChange(batch, write.record);
  }
  for (const JournalWrite& write : writes) {
    if (moves(write)) batch.Add(kDeleteLive, write.record.account, write.record.id).ExpectRows(1);
  }
  for (const JournalWrite& write : writes) {
    if (moves(write)) AddRow(batch, write.record);
  }
  for (const JournalWrite& write : writes)
    batch.Add(kInsertEvents, write.record.account, write.record.id, write.first_seq, Blob{write.events});
  for (const JournalWrite& write : writes) {
    for (const PayloadId& payload : write.payloads)
      batch.Add(kInsertPayload, write.record.account, write.record.id, payload);
  }
  for (const JournalWrite& write : writes) AddSnapshot(batch, write);
  for (const JournalWrite& write : writes) {
    for (const StoredEvent& event : write.emitted) AddTo(batch, event, fence ? fence->writer : 0);
  }
  for (const JournalWrite& write : writes) {
    for (const DeadLetter& letter : write.dead_letters) AddTo(batch, letter);
  }
  return batch;
}

// What a projector is told of an append.
struct DueLabels {
  std::size_t executions = 0;
  ExecutionId one;
  std::int64_t first_us = INT64_MAX;
};

DueLabels DueOf(const std::vector<JournalWrite>& writes) {
  DueLabels due;
  for (const JournalWrite& write : writes) {
    if (!BringsLabels(write)) continue;
    ++due.executions;
    due.one = write.record.id;
    due.first_us = std::min(due.first_us, write.record.created_us);
  }
  return due;
}

}  // namespace

struct DatabaseJournal::Impl {
  database::Database& db;
  const std::optional<Fence> fence;
  Projector* const projector;
  database::WriteStream stream{};
  std::atomic<bool> is_taken_over = false;

  // A conflict may be the fence's: asks, then answers.
  static void Explain(const std::shared_ptr<Impl>& impl, Error error, Done done) {
    auto params = Params::Of(impl->fence->partition, impl->fence->epoch);
    impl->db.Query(kEpoch, std::move(params),
                   [impl, error = std::move(error), done = std::move(done)](Result<Rows> rows) {
                     if (!rows || !rows->empty()) return done(elevaite::Fail(error));
                     impl->is_taken_over = true;
                     done(elevaite::Fail({.code = ErrorCode::kUnavailable,
                                          .message = "another node has taken over this execution",
                                          .retry_after = std::chrono::seconds(1)}));
                   });
  }

  Result<std::optional<ExecutionRecord>> FindUnfinished(const AccountId& account, const ExecutionId& id) {
    ASSIGN_OR_RETURN(const Rows rows, db.QueryAndWait(kSelectOne, Params::Of(account, id)));
    if (rows.empty()) return std::nullopt;
    ASSIGN_OR_RETURN(ExecutionRecord record, RecordFrom(rows[0]));
    return record;
  }

  // A snapshot and the events after it, which may have been written meanwhile.
  Result<StoredExecution> LoadOnce(const ExecutionRecord& record) {
    StoredExecution stored{.record = record, .snapshot = std::nullopt, .events = {}};
    const AccountId& account = record.account;
    const ExecutionId& id = record.id;
    ASSIGN_OR_RETURN(const Rows snapshots,
                     db.QueryAndWait(kSelectSnapshot, Params::Of(account, id), kRecovery));
    std::int64_t after = 0;
    if (!snapshots.empty()) {
      after = snapshots[0].Int(0);
      stored.snapshot = std::string(snapshots[0].Bytes(1));
    }
    while (true) {
      ASSIGN_OR_RETURN(const Rows rows,
                       db.QueryAndWait(kSelectEvents, Params::Of(account, id, after), kRecovery));
      for (const auto& row : rows) {
        after = row.Int(0);
        stored.events.emplace_back(row.Bytes(1));
      }
      if (rows.size() < 500) return stored;
    }
  }

  // Others may be writing it. What has not ended and not been moved to another version when it has been read
  // fits together; nullopt: it has ended meanwhile.
  Result<std::optional<StoredExecution>> Load(ExecutionRecord record) {
    while (true) {
      ASSIGN_OR_RETURN(StoredExecution stored, LoadOnce(record));
      ASSIGN_OR_RETURN(const auto again, FindUnfinished(record.account, record.id));
      if (!again) return std::nullopt;
      if (again->migrations.size() == record.migrations.size()) return stored;
      record = *again;
    }
  }

  // Of one shard. What is too large for memory in one piece is read in smaller ones.
  Result<UnfinishedPage> LoadPage(const UnfinishedCursor& after, std::size_t limit) {
    UnfinishedPage page;
    Result<Rows> rows = db.QueryAndWait(kSelectUnfinished,
                                        Params::Of(after.shard, after.account, after.id, limit), kPageBounds);
    while (!rows && rows.error().code == ErrorCode::kResourceExhausted && limit > 1) {
      limit = std::max<std::size_t>(1, limit / 10);
      rows = db.QueryAndWait(kSelectUnfinished, Params::Of(after.shard, after.account, after.id, limit),
                             limit == 1 ? kRecovery : kPageBounds);
    }
    if (!rows) return elevaite::Fail(rows.error());
    ExecutionRecord last;
    std::size_t executions = 0;
    for (const auto& row : *rows) {
      if (executions == 0 || row.IdAt<ExecutionId>(1) != last.id || row.Text(0) != last.account.ToString()) {
        ++executions;
        ASSIGN_OR_RETURN(last, RecordFrom(row));
        RETURN_IF_ERROR(Add(row, last, page.executions));
      } else {
        page.executions.back().events.emplace_back(row.Bytes(kEventsColumn));
      }
    }
    if (executions == limit) page.next = UnfinishedCursor{after.shard, last.account, last.id};
    return page;
  }

  // The first row of an execution.
  Result<void> Add(const database::Row& row, const ExecutionRecord& record,
                   std::vector<StoredExecution>& all) {
    if (!row.IsNull(kSnapshotColumn)) {
      ASSIGN_OR_RETURN(auto stored, Load(record));
      if (stored) all.push_back(*std::move(stored));
      return {};
    }
    all.push_back({.record = record, .snapshot = std::nullopt, .events = {}});
    if (!row.IsNull(kEventsColumn)) all.back().events.emplace_back(row.Bytes(kEventsColumn));
    return {};
  }
};

DatabaseJournal::DatabaseJournal(database::Database& db, std::optional<Fence> fence, Projector* projector)
    : impl_(new Impl{.db = db, .fence = fence, .projector = projector}) {}
DatabaseJournal::~DatabaseJournal() = default;

bool DatabaseJournal::IsTakenOver() const { return impl_->is_taken_over; }

void DatabaseJournal::Append(std::vector<JournalWrite> writes, Done done) {
  impl_->db.Submit(
      impl_->stream, BatchOf(writes, impl_->fence, impl_->db.kind()),
      [impl = impl_, due = DueOf(writes), done = std::move(done)](Result<database::BatchOutcome> outcome) {
        if (impl->projector && due.executions > 0)
          impl->projector->Due(due.one, due.executions, due.first_us);
        if (outcome) return done({});
        if (impl->fence && outcome.error().code == ErrorCode::kConflict)
          return Impl::Explain(impl, std::move(outcome).error(), done);
        done(elevaite::Fail(outcome.error()));
      });
}

void DatabaseJournal::Resume() { impl_->stream.Reset(); }

Result<UnfinishedPage> DatabaseJournal::LoadUnfinished(std::uint32_t partition, std::uint32_t partitions,
                                                       const std::optional<UnfinishedCursor>& after,
                                                       std::size_t limit) {
  UnfinishedCursor from = after.value_or(UnfinishedCursor{.shard = partition});
  if (from.shard >= kShards) return UnfinishedPage();
  ASSIGN_OR_RETURN(UnfinishedPage page, impl_->LoadPage(from, limit));
  if (!page.next && from.shard + partitions < kShards)
    page.next = UnfinishedCursor{.shard = from.shard + partitions};
  return page;
}

Result<std::int64_t> DatabaseJournal::NewestUnfinished(std::uint32_t partition, std::uint32_t partitions) {
  ASSIGN_OR_RETURN(const Rows rows,
                   impl_->db.QueryAndWait(kSelectNewest, Params::Of(partition, partitions), kRecovery));
  return rows[0].Int(0);
}

Result<std::vector<ExecutionRecord>> DatabaseJournal::LoadAwaitedBy(std::uint32_t partition,
                                                                    std::uint32_t partitions) {
  std::vector<ExecutionRecord> awaited;
  if (!impl_->fence) return awaited;
  ASSIGN_OR_RETURN(const Rows rows,
                   impl_->db.QueryAndWait(kSelectAwaited, Params::Of(partition, partitions), kRecovery));
  for (const auto& row : rows) {
    ASSIGN_OR_RETURN(ExecutionRecord record, RecordFrom(row));
    awaited.push_back(std::move(record));
  }
  return awaited;
}

Result<std::optional<StoredExecution>> DatabaseJournal::LoadOne(const AccountId& account,
                                                                const ExecutionId& id) {
  ASSIGN_OR_RETURN(auto record, impl_->FindUnfinished(account, id));
  if (!record) return std::nullopt;
  return impl_->Load(*std::move(record));
}

Result<bool> DatabaseJournal::Exists(const AccountId& account, const ExecutionId& id) {
  ASSIGN_OR_RETURN(const Rows rows, impl_->db.QueryAndWait(kExists, Params::Of(account, id)));
  return !rows.empty();
}

}  // namespace elevaite::engine
