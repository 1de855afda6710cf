#include "engine/events/database_event_store.h"

#include <algorithm>
#include <iterator>

namespace elevaite::engine {
namespace {

using database::Batch;
using database::Params;
using database::QueryOptions;
using database::Rows;
using database::Sql;

constexpr Sql kInsert{"events.insert",
                      "INSERT INTO events (account_id, position, source, event_id, type, accepted_us, event)"
                      " VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7) ON CONFLICT DO NOTHING"};
constexpr Sql kInsertOfNode{
    "events.insert_of_node",
    "INSERT INTO events (account_id, position, source, event_id, type, accepted_us, event, writer)"
    " VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8) ON CONFLICT DO NOTHING"};
constexpr Sql kDelete{"events.expire",
                      "DELETE FROM events WHERE position IN"
                      " (SELECT position FROM events WHERE accepted_us < ?1 ORDER BY accepted_us LIMIT ?2)"};
constexpr Sql kNewest{
    "events.newest",
    "SELECT account_id, position, accepted_us, event FROM events ORDER BY position DESC LIMIT ?1"};
constexpr Sql kLoad{"events.load",
                    "SELECT account_id, position, accepted_us, event FROM events WHERE account_id = ?1 AND"
                    " accepted_us >= ?2 AND position > ?3 AND position < ?4 AND (?5 = '' OR type = ?5)"
                    " ORDER BY position LIMIT ?6"};
constexpr Sql kPosition{
    "events.position", "SELECT position FROM events WHERE account_id = ?1 AND source = ?2 AND event_id = ?3"};

constexpr QueryOptions kMany{
    .rows_max = 100'000, .bytes_max = 512U << 20U, .timeout = std::chrono::seconds(30)};

}  // namespace

Result<std::vector<StoredEvent>> EventsFrom(const Rows& rows) {
  std::vector<StoredEvent> events;
  events.reserve(rows.size());
  for (const auto& row : rows) {
    ASSIGN_OR_RETURN(AccountId account, AccountId::Parse(row.Text(0)));
    ASSIGN_OR_RETURN(Json event, ParseJson(row.Text(3)));
    events.push_back({std::move(account), row.Int(1), row.Int(2), std::move(event)});
  }
  return events;
}

void AddTo(Batch& batch, const StoredEvent& e, std::int64_t writer) {
  const std::string event = e.event.Dump();
  if (writer == 0) {
    batch.Add(kInsert, e.account, e.position, e.source(), e.id(), e.type(), e.accepted_us, event);
  } else {
    batch.Add(kInsertOfNode, e.account, e.position, e.source(), e.id(), e.type(), e.accepted_us, event,
              writer);
  }
}

void DatabaseEventStore::Append(std::vector<StoredEvent> events, Appended done) {
  Batch batch;
  for (const StoredEvent& event : events) AddTo(batch, event, writer_);
  db_.Submit(std::move(batch), [done = std::move(done)](Result<database::BatchOutcome> outcome) {
    if (!outcome) return done(elevaite::Fail(outcome.error()));
    std::vector<bool> is_new;
    for (const std::int64_t rows : outcome->rows_changed) is_new.push_back(rows > 0);
    done(std::move(is_new));
  });
}

void DatabaseEventStore::DeleteBefore(std::int64_t accepted_us, std::size_t at_most) {
  Batch batch;
  batch.Add(kDelete, accepted_us, at_most);
  db_.Submit(std::move(batch), [](Result<database::BatchOutcome>) {});  // what stays now goes the next time
}

Result<std::vector<StoredEvent>> DatabaseEventStore::LoadNewest(std::size_t limit) {
  ASSIGN_OR_RETURN(const Rows rows, db_.QueryAndWait(kNewest, Params::Of(limit), kMany));
  ASSIGN_OR_RETURN(std::vector<StoredEvent> events, EventsFrom(rows));
  std::ranges::reverse(events);
  return events;
}

Result<std::vector<StoredEvent>> DatabaseEventStore::Load(const AccountId& account,
                                                          const std::vector<std::string>& types,
                                                          std::int64_t since_us, std::int64_t after,
                                                          std::int64_t before, std::size_t limit) {
  std::vector<StoredEvent> all;
  const std::vector<std::string> any{""};
  for (const std::string& type : types.empty() ? any : types) {
    ASSIGN_OR_RETURN(
        const Rows rows,
        db_.QueryAndWait(kLoad, Params::Of(account, since_us, after, before, type, limit), kMany));
    ASSIGN_OR_RETURN(std::vector<StoredEvent> events, EventsFrom(rows));
    std::ranges::move(events, std::back_inserter(all));
  }
  std::ranges::sort(all, {}, &StoredEvent::position);
  if (all.size() > limit) all.resize(limit);
  return all;
}

Result<std::optional<std::int64_t>> DatabaseEventStore::PositionOf(const AccountId& account,
                                                                   std::string_view source,
                                                                   std::string_view id) {
  ASSIGN_OR_RETURN(const Rows rows, db_.QueryAndWait(kPosition, Params::Of(account, source, id)));
  if (rows.empty()) return std::nullopt;
  return rows[0].Int(0);
}

}  // namespace elevaite::engine
