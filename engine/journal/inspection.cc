#include "engine/journal/inspection.h"

#include <fmt/format.h>

#include "engine/events/hub.h"
#include "engine/journal/records.h"
#include "foundation/clock.h"

namespace elevaite::engine {
namespace {

using database::Params;
using database::QueryOptions;
using database::Row;
using database::Rows;
using database::Session;
using database::Sql;

constexpr QueryOptions kPatient{.timeout = std::chrono::seconds(60)};
constexpr std::int64_t kMinute_us = 60'000'000;

// What a query of rows (account, execution) finds, and what is done about each. `mend` takes both as ?1 and
// ?2, and looks again whether it is so; without a text there is nothing to be done.
struct Check {
  Sql find;
  const char* problem;
  const char* advice;
  Sql mend{"", nullptr};
  const char* mended = "";
};

constexpr const char* kFix = "elevaite doctor --fix mends it";

// ---- Small tables, each looked through in one query
// ------------------------------------------------------------------------

#define ELEVAITE_NOT_RUNNING(of)                                                                  \
  " NOT EXISTS (SELECT 1 FROM executions e WHERE e.account_id = " of ".account_id AND e.id = " of \
  ".execution_id AND e.finished_us IS NULL)"

constexpr Check kSnapshots{
    {"inspect.snapshots",
     "SELECT account_id, execution_id FROM snapshots s WHERE" ELEVAITE_NOT_RUNNING("s") " LIMIT 1000"},
    "there is a snapshot of it, though it does not run",
    kFix,
    {"mend.snapshot",
     "DELETE FROM snapshots AS s WHERE account_id = ?1 AND execution_id = ?2 AND" ELEVAITE_NOT_RUNNING("s")},
    "the snapshot was deleted"};

#define ELEVAITE_DUE_OF_NOBODY \
  " NOT EXISTS (SELECT 1 FROM executions e WHERE e.account_id = d.account_id AND e.id = d.execution_id)"

constexpr Check kLabelsDue{
    {"inspect.labels_due",
     "SELECT account_id, execution_id FROM labels_due d WHERE" ELEVAITE_DUE_OF_NOBODY " LIMIT 1000"},
    "its labels wait to be written, though it is not there",
    kFix,
    {"mend.labels_due",
     "DELETE FROM labels_due AS d WHERE account_id = ?1 AND execution_id = ?2 AND" ELEVAITE_DUE_OF_NOBODY},
    "they are forgotten"};

constexpr Check kHalfForgotten{{"inspect.purges", "SELECT account_id, execution_id FROM purges LIMIT 1000"},
                               "it was being forgotten when the server stopped; some of its events are left",
                               "the server goes on with it when it starts",
                               {},
                               ""};

// A child that runs is cancelled when its parent ends: that may take a moment.
constexpr Sql kAbandoned{
    "inspect.children",
    "SELECT account_id, id FROM executions c WHERE finished_us IS NULL AND parent_frame IS NOT NULL"
    " AND created_us < ?1 AND NOT EXISTS (SELECT 1 FROM executions p WHERE p.account_id = c.account_id AND "
    "p.id"
    " = c.parent_id AND (p.finished_us IS NULL OR p.finished_us > ?1)) LIMIT 1000"};

constexpr Sql kTwice{
    "inspect.twice",
    "SELECT account_id, id FROM executions l WHERE finished_us IS NULL AND EXISTS (SELECT 1 FROM"
    " executions f WHERE f.account_id = l.account_id AND f.id = l.id AND f.finished_us IS NOT"
    " NULL) LIMIT 1000"};

constexpr Sql kExpired{"inspect.events", "SELECT count(*) FROM events WHERE accepted_us < ?1"};
constexpr Sql kExpire{
    "mend.events",
    "DELETE FROM events WHERE position IN (SELECT position FROM events WHERE accepted_us < ?1"
    " ORDER BY accepted_us LIMIT 1000)"};

// ---- Large tables, walked by (account, execution), of which a read covers some thousand rows
// -------------------------------

struct Walk {
  Sql end;  // the key some thousand rows behind ?1, ?2
  Check check;
};

#define ELEVAITE_BETWEEN(id) \
  " WHERE (t.account_id, t." id ") > (?1, ?2) AND (t.account_id, t." id ") <= (?3, ?4)"

constexpr Walk kEvents{
    {"inspect.journal.end",
     "SELECT account_id, execution_id FROM journal WHERE (account_id, execution_id) > (?1, ?2)"
     " ORDER BY account_id, execution_id LIMIT 1 OFFSET 4999"},
    {{"inspect.journal", "SELECT DISTINCT t.account_id, t.execution_id FROM journal t" ELEVAITE_BETWEEN(
                             "execution_id") " AND NOT EXISTS (SELECT 1 FROM executions e WHERE e.account_id "
                                             "= t.account_id AND e.id = t.execution_id)"
                                             " AND NOT EXISTS (SELECT 1 FROM purges p WHERE p.account_id = "
                                             "t.account_id AND p.execution_id ="
                                             " t.execution_id)"},
     "there are events of it, but not its row",
     "restore the row from a backup; the rest of one whose beginning is gone is deleted by elevaite doctor "
     "--fix",
     {"mend.journal",
      "INSERT INTO purges (account_id, execution_id) SELECT DISTINCT account_id, execution_id FROM journal "
      "WHERE"
      " account_id = ?1 AND execution_id = ?2 AND NOT EXISTS (SELECT 1 FROM journal WHERE account_id = ?1 AND"
      " execution_id = ?2 AND first_seq = 1) AND NOT EXISTS (SELECT 1 FROM executions WHERE account_id = ?1 "
      "AND"
      " id = ?2)"},
     "its beginning was gone, too: the rest is forgotten when the server starts"}};

constexpr Walk kRows{
    {"inspect.executions.end",
     "SELECT account_id, id FROM executions WHERE (account_id, id) > (?1, ?2) ORDER BY account_id, id"
     " LIMIT 1 OFFSET 4999"},
    {{"inspect.executions", "SELECT t.account_id, t.id FROM executions t" ELEVAITE_BETWEEN(
                                "id") " AND NOT EXISTS (SELECT 1 FROM journal j WHERE j.account_id = "
                                      "t.account_id AND j.execution_id = t.id"
                                      " AND j.first_seq = 1)"},
     "the beginning of its events is gone",
     "restore the database from a backup, or delete the execution",
     {},
     ""}};

// ---- The checks
// ------------------------------------------------------------------------------------------------------------

class Inspection {
 public:
  Inspection(database::Database& db, PayloadStore* payloads, const ExaminationOptions& options,
             DoctorReport& report)
      : db_(db),
        payloads_(payloads),
        mend_(options.mend),
        report_(report),
        watch_(options, ExaminationPhase::kTables, report) {}

  Result<void> Run() {
    RETURN_IF_ERROR(Weeks());
    RETURN_IF_ERROR(Shards());
    RETURN_IF_ERROR(InOneRead(kSnapshots));
    RETURN_IF_ERROR(InOneRead(kLabelsDue));
    RETURN_IF_ERROR(InOneRead(kHalfForgotten));
    RETURN_IF_ERROR(Tell(kTwice, {}, "it stands twice: as one that runs and as one that has ended",
                         "restore the database from a backup; please report this"));
    RETURN_IF_ERROR(Tell(kAbandoned, Params::Of(now_us_ - kMinute_us), "the execution that awaits it is gone",
                         "cancel it; the server does so when it starts"));
    RETURN_IF_ERROR(Through(kEvents));
    RETURN_IF_ERROR(Through(kRows));
    RETURN_IF_ERROR(LabelsOfNobody());
    RETURN_IF_ERROR(LabelsMissing());
    RETURN_IF_ERROR(Expired());
    return Ended();
  }

 private:
  Result<Rows> Query(const Sql& sql, Params params = {}) {
    RETURN_IF_ERROR(watch_.GoesOn());
    return db_.QueryAndWait(sql, std::move(params), kPatient);
  }

  // How many rows it changed; several statements without parameters go by RunScript.
  Result<std::int64_t> Change(const Sql& sql, const Params& params) {
    std::int64_t changed = 0;
    RETURN_IF_ERROR(db_.TransactAndWait([&](Session& session) -> Result<void> {
      ASSIGN_OR_RETURN(changed, session.Run(sql, params));
      return {};
    }));
    return changed;
  }

  Result<void> Found(const Check& check, const Row& row) {
    Finding finding{row.IdAt<ExecutionId>(1).ToString(), check.problem, check.advice};
    if (mend_ && check.mend.text != nullptr) {
      ASSIGN_OR_RETURN(const std::int64_t changed,
                       Change(check.mend, Params::Of(row.Text(0), row.IdAt<ExecutionId>(1))));
      if (changed > 0) finding.mended = check.mended;
    }
    report_.Add(std::move(finding));
    return {};
  }

  Result<void> InOneRead(const Check& check) {
    ASSIGN_OR_RETURN(const Rows rows, Query(check.find));
    for (const auto& row : rows) RETURN_IF_ERROR(Found(check, row));
    return {};
  }

  Result<void> Tell(const Sql& sql, Params params, const char* problem, const char* advice) {
    ASSIGN_OR_RETURN(const Rows rows, Query(sql, std::move(params)));
    for (const auto& row : rows) report_.Add({row.IdAt<ExecutionId>(1).ToString(), problem, advice});
    return {};
  }

  Result<void> Through(const Walk& walk) {
    std::string account;
    ExecutionId id;
    while (!report_.IsFull()) {
      ASSIGN_OR_RETURN(const Rows end, Query(walk.end, Params::Of(account, id)));
      const std::string last_account = end.empty() ? "\x7f" : std::string(end[0].Text(0));
      const ExecutionId last_id = end.empty() ? ExecutionId() : end[0].IdAt<ExecutionId>(1);
      ASSIGN_OR_RETURN(const Rows rows,
                       Query(walk.check.find, Params::Of(account, id, last_account, last_id)));
      for (const auto& row : rows) RETURN_IF_ERROR(Found(walk.check, row));
      if (end.empty()) return {};
      account = last_account;
      id = last_id;
    }
    return {};
  }

  // ---- Places

  // What came before the table of its week was made.
  Result<void> Weeks() {
    if (!is_postgres_) return {};
    ASSIGN_OR_RETURN(const Rows rows,
                     Query({"inspect.weeks", "SELECT name, rows_misplaced FROM misplaced_rows()"}));
    for (const auto& row : rows) {
      Finding finding{std::string(row.Text(0)),
                      fmt::format("{} rows of this week are beside its table", row.Int(1)), kFix};
      if (mend_) {
        RETURN_IF_ERROR(db_.TransactAndWait([&row](Session& session) -> Result<void> {
          const auto moved = session.Query({"mend.week", "SELECT move_to_week(?1)"}, row.Text(0));
          return moved ? Result<void>() : elevaite::Fail(moved.error());
        }));
        finding.mended = "they were moved there";
      }
      report_.Add(std::move(finding));
    }
    return {};
  }

  Result<void> Shards() {
    constexpr Sql kPage{"inspect.shards",
                        "SELECT account_id, id, shard FROM executions WHERE finished_us IS NULL AND"
                        " (account_id, id) > (?1, ?2) ORDER BY account_id, id LIMIT 5000"};
    constexpr Sql kMend{
        "mend.shard",
        "UPDATE executions SET shard = ?3 WHERE account_id = ?1 AND id = ?2 AND finished_us IS NULL"};
    std::string account;
    ExecutionId id;
    while (true) {
      ASSIGN_OR_RETURN(const Rows rows, Query(kPage, Params::Of(account, id)));
      for (const auto& row : rows) {
        account = row.Text(0);
        id = row.IdAt<ExecutionId>(1);
        if (row.Int(2) == ShardOf(id)) continue;
        Finding finding{id.ToString(), "its row is in the shard of others: nobody, or two, would run it",
                        kFix};
        if (mend_) {
          RETURN_IF_ERROR(Change(kMend, Params::Of(account, id, ShardOf(id))));
          finding.mended = "it was put into its own; the server runs it after a restart";
        }
        report_.Add(std::move(finding));
      }
      if (rows.size() < 5'000) return {};
    }
  }

  // ---- Labels

  Result<void> LabelsOfNobody() {
    constexpr Sql kPage{
        "inspect.labels",
        "SELECT account_id, execution_id, label, created_us, CASE WHEN EXISTS (SELECT 1 FROM"
        " executions e WHERE e.account_id = l.account_id AND e.id = l.execution_id) THEN 1 ELSE 0 END"
        " FROM labels l WHERE (account_id, label, created_us, execution_id) > (?1, ?2, ?3, ?4)"
        " ORDER BY account_id, label, created_us, execution_id LIMIT 5000"};
    constexpr Sql kMend{
        "mend.label",
        "DELETE FROM labels WHERE account_id = ?1 AND label = ?2 AND created_us = ?3 AND execution_id"
        " = ?4 AND NOT EXISTS (SELECT 1 FROM executions WHERE account_id = ?1 AND id = ?4)"};
    Params place = Params::Of("", "", 0, ExecutionId());
    while (!report_.IsFull()) {
      ASSIGN_OR_RETURN(const Rows rows, Query(kPage, place));
      for (const auto& row : rows) {
        place = Params::Of(row.Text(0), row.Text(2), row.Int(3), row.IdAt<ExecutionId>(1));
        if (row.Int(4) != 0) continue;
        Finding finding{row.IdAt<ExecutionId>(1).ToString(),
                        fmt::format("it is found by {}, but not there", row.Text(2)), kFix};
        if (mend_) {
          ASSIGN_OR_RETURN(const std::int64_t changed, Change(kMend, place));
          if (changed > 0) finding.mended = "it is no longer found by that";
        }
        report_.Add(std::move(finding));
      }
      if (rows.size() < 5'000) break;
    }
    return {};
  }

  Result<void> LabelsMissing() {
    constexpr Sql kPage{
        "inspect.labelled",
        "SELECT account_id, id, created_us, labels FROM executions WHERE (account_id, id) > (?1, ?2)"
        " AND labels IS NOT NULL ORDER BY account_id, id LIMIT 1000"};
    std::string account;
    ExecutionId id;
    while (!report_.IsFull()) {
      ASSIGN_OR_RETURN(const Rows rows, Query(kPage, Params::Of(account, id)));
      for (const auto& row : rows) {
        account = row.Text(0);
        id = row.IdAt<ExecutionId>(1);
        RETURN_IF_ERROR(LabelsOf(row));
      }
      if (rows.size() < 1'000) break;
    }
    return {};
  }

  // Whether a search finds it by a label, now or once its labels that are due have been written; that may
  // happen between two looks.
  Result<bool> Has(const Row& row, const Params& key) {
    constexpr Sql kLabel{"inspect.label",
                         "SELECT 1 FROM labels WHERE account_id = ?1 AND label = ?2 AND created_us = ?3 AND"
                         " execution_id = ?4"};
    constexpr Sql kDue{
        "inspect.label_due",
        "SELECT 1 FROM labels_due WHERE created_us = ?1 AND account_id = ?2 AND execution_id = ?3"};
    ASSIGN_OR_RETURN(const Rows found, Query(kLabel, key));
    if (!found.empty()) return true;
    ASSIGN_OR_RETURN(const Rows due,
                     Query(kDue, Params::Of(row.Int(2), row.Text(0), row.IdAt<ExecutionId>(1))));
    if (!due.empty()) return true;
    ASSIGN_OR_RETURN(const Rows again, Query(kLabel, key));
    return !again.empty();
  }

  Result<void> LabelsOf(const Row& row) {
    constexpr Sql kMend{
        "mend.add_label",
        "INSERT INTO labels (account_id, label, created_us, execution_id) SELECT account_id, ?2,"
        " created_us, id FROM executions WHERE account_id = ?1 AND created_us = ?3 AND id = ?4"
        " ON CONFLICT DO NOTHING"};
    const auto json = ParseJson(row.Text(3));
    const auto labels = json ? LabelsFrom(*json) : elevaite::Fail(json.error());
    const auto id = row.IdAt<ExecutionId>(1);
    if (!labels) {
      report_.Add(
          {id.ToString(), "its tags and attributes cannot be read", "restore the database from a backup"});
      return {};
    }
    for (const Label& label : *labels) {
      const Params key = Params::Of(row.Text(0), IndexText(label), row.Int(2), id);
      ASSIGN_OR_RETURN(const bool is_found, Has(row, key));
      if (is_found) continue;
      Finding finding{id.ToString(), fmt::format("it is not found by its {}", IndexText(label)), kFix};
      if (mend_) {
        ASSIGN_OR_RETURN(const std::int64_t changed, Change(kMend, key));
        if (changed > 0) finding.mended = "it is found by that now";
      }
      report_.Add(std::move(finding));
    }
    return {};
  }

  // ---- Events and journals

  Result<void> Expired() {
    const std::int64_t before_us = now_us_ - EventHubOptions().keep_us - 60 * kMinute_us;
    ASSIGN_OR_RETURN(const Rows rows, Query(kExpired, Params::Of(before_us)));
    const std::int64_t count = rows[0].Int(0);
    if (count == 0) return {};
    Finding finding{"events", fmt::format("{} events are kept though their day is over", count), kFix};
    for (std::int64_t left = count; mend_ && left > 0; left -= 1'000)
      RETURN_IF_ERROR(Change(kExpire, Params::Of(before_us)));
    if (mend_) finding.mended = "they were deleted";
    report_.Add(std::move(finding));
    return {};
  }

  // Of those that have ended, the newest: no hole, and the end that the row tells of.
  Result<void> Ended() {
    constexpr Sql kPage{"inspect.ended",
                        "SELECT " ELEVAITE_EXECUTION_COLUMNS
                        " FROM executions WHERE account_id = ?1 AND (created_us, id) < (?2, ?3)"
                        " AND created_us > 0 AND finished_us IS NOT NULL"
                        " ORDER BY created_us DESC, id DESC LIMIT 500"};
    constexpr Sql kAccounts{"inspect.accounts",
                            "SELECT min(account_id) FROM executions WHERE account_id > ?1"};
    std::string account;
    while (true) {
      ASSIGN_OR_RETURN(const Rows next, Query(kAccounts, Params::Of(account)));
      if (next[0].IsNull(0)) return {};
      account = next[0].Text(0);
      Params place = Params::Of(account, INT64_MAX, ExecutionId());
      while (report_.ended < kEndedExamined && !report_.IsFull()) {
        ASSIGN_OR_RETURN(const Rows rows, Query(kPage, place));
        for (const auto& row : rows) {
          ASSIGN_OR_RETURN(const ExecutionRecord record, RecordFrom(row));
          place = Params::Of(account, record.created_us, record.id);
          RETURN_IF_ERROR(EventsOf(record));
        }
        if (rows.size() < 500) break;
      }
    }
  }

  Result<void> EventsOf(const ExecutionRecord& record) {
    constexpr Sql kPage{"inspect.events_of",
                        "SELECT first_seq, events FROM journal WHERE account_id = ?1 AND execution_id = ?2"
                        " AND first_seq > ?3 ORDER BY first_seq LIMIT 500"};
    ++report_.ended;
    std::uint64_t seq = 0;
    std::int64_t after = 0;
    Phase phase = Phase::kPending;
    PayloadReader reader(payloads_, record.account, record.id);
    while (true) {
      ASSIGN_OR_RETURN(const Rows rows, Query(kPage, Params::Of(record.account, record.id, after)));
      for (const auto& row : rows) {
        after = row.Int(0);
        const auto whole = reader.Whole(std::string(row.Bytes(1)));
        if (!whole && whole.error().code != ErrorCode::kDataLoss) return elevaite::Fail(whole.error());
        if (!whole) return Broken(record, whole.error().message);
        const auto events = DecodeEvents(*whole);
        if (!events) return Broken(record, "its events cannot be read");
        for (const Event& event : *events) {
          if (event.seq != seq + 1)
            return Broken(record, fmt::format("its journal jumps from event {} to {}", seq, event.seq));
          seq = event.seq;
          phase = PhaseAfter(event.type, phase);
        }
      }
      if (rows.size() < 500) break;
    }
    if (seq == 0 || phase == record.phase) return {};  // without events: told already
    return Broken(record,
                  fmt::format("its row says {}, its last event something else", NameOf(record.phase)));
  }

  static Phase PhaseAfter(EventType type, Phase before) {
    switch (type) {
      case EventType::kExecutionCompleted: return Phase::kCompleted;
      case EventType::kExecutionFaulted: return Phase::kFaulted;
      case EventType::kExecutionCancelled: return Phase::kCancelled;
      default: return before;
    }
  }

  Result<void> Broken(const ExecutionRecord& record, std::string problem) {
    ASSIGN_OR_RETURN(const Rows still,
                     Query({"inspect.is_there", "SELECT 1 FROM executions WHERE account_id = ?1 AND id = ?2"},
                           Params::Of(record.account, record.id)));
    if (!still.empty())  // else it has been forgotten meanwhile
      report_.Add({record.id.ToString(), std::move(problem),
                   "restore the database from a backup, or delete the execution"});
    return {};
  }

  database::Database& db_;
  PayloadStore* const payloads_;
  const bool mend_;
  DoctorReport& report_;
  const Watch watch_;
  const std::int64_t now_us_ = SystemClock().Now().micros();
  const bool is_postgres_ = db_.kind() == database::Kind::kPostgres;
};

}  // namespace

Result<void> InspectTables(database::Database& db, PayloadStore* payloads, const ExaminationOptions& options,
                           DoctorReport& report) {
  return Inspection(db, payloads, options, report).Run();
}

}  // namespace elevaite::engine
