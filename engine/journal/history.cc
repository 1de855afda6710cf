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
                      "workflow = ?2 AND namespace = ?3 AND created_us > 0 LIMIT 10000) AS counted),"
                      " (SELECT count(*) FROM executions WHERE account_id = ?1 AND phase < 4 AND workflow = "
                      "?2 AND namespace = ?3),"
                      " (SELECT count(*) FROM (SELECT 1 FROM executions WHERE account_id = ?1 AND phase = 5 "
                      "AND workflow = ?2 AND namespace = ?3 LIMIT"
                      " 10000) AS counted)"};

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

}  // namespace

void History::Find(const AccountId& account, const ExecutionId& id, Done<ExecutionRecord> done) {
  db_.Query(kFind, Params::Of(account, id), [id, done = std::move(done)](Result<Rows> rows) {
    if (!rows) return done(elevaite::Fail(rows.error()));
    if (rows->empty()) return done(elevaite::Fail(ErrorCode::kNotFound, "no execution " + id.ToString()));
    done(RecordFrom((*rows)[0]));
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
              List(account, filter, [activity, done](Result<ExecutionPage> last) {
                if (!last) return done(elevaite::Fail(last.error()));
                WorkflowActivity whole = activity;
                if (!last->items.empty()) whole.last = last->items.front();
                done(whole);
              });
            });
}

}  // namespace elevaite::engine
