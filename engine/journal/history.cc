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

// What was written as one can be read as one.
constexpr QueryOptions kOneRow{.bytes_max = 1U << 30U};

constexpr Sql kLastEvents{"journal.last",
                          "SELECT events FROM journal WHERE account_id = ?1 AND execution_id = ?2"
                          " ORDER BY first_seq DESC LIMIT 1"};

// Each from one index alone: see its migration.
constexpr Sql kCounts{
    "executions.counts",
    "SELECT (SELECT count(*) FROM (SELECT 1 FROM executions WHERE account_id = ?1 AND workflow <> '' AND"
    " workflow = ?2 AND namespace = ?3 ORDER BY created_us DESC, id DESC LIMIT 10000) AS counted),"
    " (SELECT count(*) FROM executions WHERE account_id = ?1 AND phase <> 6 AND phase < 4 AND workflow = ?2"
    " AND namespace = ?3),"
    " (SELECT count(*) FROM (SELECT 1 FROM executions WHERE account_id = ?1 AND phase <> 6 AND phase = 5 AND"
    " workflow = ?2 AND namespace = ?3 ORDER BY created_us DESC, id DESC LIMIT 10000) AS counted)"};

// `asked`: so many rows at most were asked for.
Result<EventPage> PageFrom(const Rows& rows, std::size_t asked, std::uint64_t after, std::size_t limit,
                           PayloadReader reader) {
  EventPage page;
  std::size_t read = 0;
  for (const auto& row : rows) {
    ASSIGN_OR_RETURN(const std::string whole, reader.Whole(std::string(row.Bytes(0))));
    ASSIGN_OR_RETURN(std::vector<Event> events, DecodeEvents(whole));
    for (Event& event : events) {
      if (event.seq > after) page.events.push_back(std::move(event));
    }
    page.bytes += whole.size();
    ++read;
    if (page.events.size() >= limit || page.bytes >= History::kPageBytes) break;
  }
  if (read < rows.size() || rows.size() == asked)
    page.next = page.events.empty() ? after : page.events.back().seq;
  return page;
}

Result<std::optional<Event>> EndingFrom(std::string_view row, PayloadReader reader) {
  ASSIGN_OR_RETURN(const std::string whole, reader.Whole(std::string(row)));
  ASSIGN_OR_RETURN(std::vector<Event> events, DecodeEvents(whole));
  if (!IsEnd(events.back().type)) return std::nullopt;
  return std::move(events.back());
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
                     Done<EventPage> done) {
  ReadEvents(account, id, after, limit, limit + 1, std::move(done));
}

// In fewer rows when these are too large for memory in one piece.
void History::ReadEvents(const AccountId& account, const ExecutionId& id, std::uint64_t after,
                         std::size_t limit, std::size_t rows, Done<EventPage> done) {
  const std::uint64_t first = std::min<std::uint64_t>(after, INT64_MAX - 1) + 1;
  const auto options = rows == 1 ? kOneRow : QueryOptions{};
  db_.Query(kEvents, Params::Of(account, id, first, rows), options,
            [this, account, id, after, limit, rows, done = std::move(done)](Result<Rows> found) {
              if (!found && found.error().code == ErrorCode::kResourceExhausted && rows > 1)
                return ReadEvents(account, id, after, limit, std::max<std::size_t>(1, rows / 16), done);
              if (!found) return done(elevaite::Fail(found.error()));
              const auto kept = std::make_shared<Rows>(*std::move(found));
              Read(*kept, [kept, rows, after, limit, done, reader = PayloadReader(payloads_, account, id)] {
                done(PageFrom(*kept, rows, after, limit, reader));
              });
            });
}

void History::Read(const Rows& rows, std::function<void()> read) {
  bool waits = false;
  for (const auto& row : rows) waits |= IsDetached(row.Bytes(0));
  payloads_&& waits ? payloads_->Post(std::move(read)) : read();
}

void History::Ending(const AccountId& account, const ExecutionId& id, Done<std::optional<Event>> done) {
  db_.Query(kLastEvents, Params::Of(account, id), kOneRow,
            [this, account, id, done = std::move(done)](Result<Rows> rows) {
              if (!rows) return done(elevaite::Fail(rows.error()));
              if (rows->empty()) return done(std::nullopt);
              const auto kept = std::make_shared<Rows>(*std::move(rows));
              Read(*kept, [kept, done, reader = PayloadReader(payloads_, account, id)] {
                done(EndingFrom((*kept)[0].Bytes(0), reader));
              });
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
