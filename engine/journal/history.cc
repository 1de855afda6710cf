#include "engine/journal/history.h"

#include <algorithm>
#include <memory>

#include "engine/journal/records.h"

namespace elevaite::engine {
namespace {

using database::Params;
using database::QueryOptions;
using database::Rows;
using database::Sql;

constexpr Sql kFind{"executions.find", "SELECT " ELEVAITE_EXECUTION_COLUMNS
                                       " FROM executions WHERE account_id = ?1 AND id = ?2"};

// One statement for each shape of filter, so that each uses its index: by id, by workflow, and what is not
// completed. ?2 before, ?3 since, ?4 until, ?5 limit, ?6 phases (a bit set), ?7 namespace or empty, ?8
// workflow.
#define ELEVAITE_LIST_WHERE                                                                                  \
  " WHERE account_id = ?1 AND id < ?2 AND created_us >= ?3 AND created_us < ?4 AND ((1 << phase) & ?6) <> 0" \
  " AND (?7 = '' OR namespace = ?7)"
constexpr Sql kList{"executions.list",
                    "SELECT " ELEVAITE_EXECUTION_COLUMNS " FROM executions" ELEVAITE_LIST_WHERE
                    " AND ?8 = '' ORDER BY id DESC LIMIT ?5"};
constexpr Sql kListOfWorkflow{"executions.list_of_workflow",
                              "SELECT " ELEVAITE_EXECUTION_COLUMNS " FROM executions" ELEVAITE_LIST_WHERE
                              " AND workflow = ?8 ORDER BY id DESC LIMIT ?5"};
constexpr Sql kListNotCompleted{"executions.list_not_completed",
                                "SELECT " ELEVAITE_EXECUTION_COLUMNS " FROM executions" ELEVAITE_LIST_WHERE
                                " AND phase <> 6 AND (?8 = '' OR workflow = ?8) ORDER BY id DESC LIMIT ?5"};

// A row holds the events of one step; the one that contains number ?3 may begin earlier.
constexpr Sql kEvents{
    "journal.page",
    "SELECT events FROM journal WHERE account_id = ?1 AND execution_id = ?2 AND first_seq >="
    " coalesce((SELECT max(first_seq) FROM journal WHERE account_id = ?1 AND execution_id = ?2 AND"
    " first_seq <= ?3), 0) ORDER BY first_seq LIMIT ?4"};

constexpr Sql kLastEvents{"journal.last",
                          "SELECT events FROM journal WHERE account_id = ?1 AND execution_id = ?2"
                          " ORDER BY first_seq DESC LIMIT 1"};

constexpr Sql kCounts{"executions.counts",
                      "SELECT (SELECT count(*) FROM (SELECT 1 FROM executions WHERE account_id = ?1 AND "
                      "workflow = ?2 AND namespace = ?3 LIMIT 10000) AS counted),"
                      " (SELECT count(*) FROM executions WHERE account_id = ?1 AND phase < 4 AND workflow = "
                      "?2 AND namespace = ?3),"
                      " (SELECT count(*) FROM (SELECT 1 FROM executions WHERE account_id = ?1 AND phase = 5 "
                      "AND workflow = ?2 AND namespace = ?3 LIMIT"
                      " 10000) AS counted)"};

std::int64_t PhaseBits(const std::vector<Phase>& phases) {
  if (phases.empty()) return 0x7f;
  std::int64_t bits = 0;
  for (const Phase phase : phases) bits |= 1LL << static_cast<int>(phase);
  return bits;
}

Result<std::vector<ExecutionRecord>> RecordsFrom(const Rows& rows) {
  std::vector<ExecutionRecord> records;
  records.reserve(rows.size());
  for (const auto& row : rows) {
    ASSIGN_OR_RETURN(ExecutionRecord record, RecordFrom(row));
    records.push_back(std::move(record));
  }
  return records;
}

Result<std::vector<Event>> EventsFrom(const Rows& rows, std::uint64_t after, std::size_t limit) {
  std::vector<Event> page;
  for (const auto& row : rows) {
    ASSIGN_OR_RETURN(std::vector<Event> events, DecodeEvents(row.Bytes(0)));
    for (Event& event : events) {
      if (event.seq > after) page.push_back(std::move(event));
    }
    if (page.size() >= limit) break;
  }
  return page;
}

const Uuid kLast = [] {
  Uuid uuid;
  uuid.bytes.fill(0xff);
  return uuid;
}();

}  // namespace

void History::Find(const AccountId& account, const ExecutionId& id, Done<ExecutionRecord> done) {
  db_.Query(kFind, Params::Of(account, id), [id, done = std::move(done)](Result<Rows> rows) {
    if (!rows) return done(elevaite::Fail(rows.error()));
    if (rows->empty()) return done(elevaite::Fail(ErrorCode::kNotFound, "no execution " + id.ToString()));
    done(RecordFrom((*rows)[0]));
  });
}

void History::List(const AccountId& account, const ExecutionFilter& filter,
                   Done<std::vector<ExecutionRecord>> done) {
  const bool completed =
      filter.phases.empty() || std::ranges::find(filter.phases, Phase::kCompleted) != filter.phases.end();
  const Sql& sql = !completed ? kListNotCompleted : (filter.workflow.empty() ? kList : kListOfWorkflow);
  Params params =
      Params::Of(account, filter.before ? filter.before->uuid() : kLast, filter.since_us.value_or(0),
                 filter.until_us.value_or(INT64_MAX), std::clamp<std::size_t>(filter.limit, 1, 201),
                 PhaseBits(filter.phases), filter.name_space, filter.workflow);
  db_.Query(sql, std::move(params), [done = std::move(done)](Result<Rows> rows) {
    if (!rows) return done(elevaite::Fail(rows.error()));
    done(RecordsFrom(*rows));
  });
}

void History::Events(const AccountId& account, const ExecutionId& id, std::uint64_t after, std::size_t limit,
                     Done<std::vector<Event>> done) {
  const std::uint64_t first = std::min<std::uint64_t>(after, INT64_MAX - 1) + 1;
  db_.Query(kEvents, Params::Of(account, id, first, limit + 1),
            [after, limit, done = std::move(done)](Result<Rows> rows) {
              if (!rows) return done(elevaite::Fail(rows.error()));
              done(EventsFrom(*rows, after, limit));
            });
}

void History::Ending(const AccountId& account, const ExecutionId& id, Done<std::optional<Event>> done) {
  db_.Query(kLastEvents, Params::Of(account, id), [done = std::move(done)](Result<Rows> rows) {
    if (!rows) return done(elevaite::Fail(rows.error()));
    if (rows->empty()) return done(std::nullopt);
    auto events = DecodeEvents((*rows)[0].Bytes(0));
    if (!events) return done(elevaite::Fail(events.error()));
    Event& last = events->back();
    const bool ended = last.type == EventType::kExecutionCompleted ||
                       last.type == EventType::kExecutionFaulted ||
                       last.type == EventType::kExecutionCancelled;
    done(ended ? std::optional(std::move(last)) : std::nullopt);
  });
}

void History::Activity(const AccountId& account, const std::string& name_space, const std::string& workflow,
                       Done<WorkflowActivity> done) {
  db_.Query(kCounts, Params::Of(account, workflow, name_space),
            [this, account, name_space, workflow, done = std::move(done)](Result<Rows> rows) {
              if (!rows) return done(elevaite::Fail(rows.error()));
              WorkflowActivity activity{.name_space = name_space, .workflow = workflow};
              activity.total = (*rows)[0].Int(0);
              activity.active = (*rows)[0].Int(1);
              activity.faulted = (*rows)[0].Int(2);
              const ExecutionFilter filter{.name_space = name_space, .workflow = workflow, .limit = 1};
              List(account, filter, [activity, done](Result<std::vector<ExecutionRecord>> last) {
                if (!last) return done(elevaite::Fail(last.error()));
                WorkflowActivity whole = activity;
                if (!last->empty()) whole.last = last->front();
                done(whole);
              });
            });
}

}  // namespace elevaite::engine
