#include "engine/events/database_event_store.h"

#include <fmt/format.h>

#include <algorithm>
#include <atomic>
#include <iterator>
#include <map>
#include <mutex>
#include <utility>

namespace elevaite::engine {
namespace {

using database::Batch;
using database::Params;
using database::QueryOptions;
using database::Rows;
using database::Sql;

constexpr Sql kInsert{
    "events.insert",
    "INSERT INTO events (account_id, position, source, event_id, type, accepted_us, event, heard)"
    " VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, 0) ON CONFLICT DO NOTHING"};
constexpr Sql kInsertOfNode{
    "events.insert_of_node",
    "INSERT INTO events (account_id, position, source, event_id, type, accepted_us, event, writer, heard)"
    " VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, 0) ON CONFLICT DO NOTHING"};
#define ELEVAITE_OLD_EVENTS \
  "position IN (SELECT position FROM events WHERE accepted_us < ?1 ORDER BY accepted_us LIMIT ?2)"
constexpr Sql kDeleteUnheard{"events.expire_unheard",
                             "DELETE FROM events WHERE heard = 0 AND " ELEVAITE_OLD_EVENTS};
constexpr Sql kDeleteHeard{"events.expire", "DELETE FROM events WHERE heard = 1 AND " ELEVAITE_OLD_EVENTS};
constexpr Sql kHeard{"events.heard", "UPDATE events SET heard = 1 WHERE position = ?1 AND heard = 0"};
constexpr Sql kNewest{
    "events.newest",
    "SELECT account_id, position, accepted_us, event FROM events ORDER BY position DESC LIMIT ?1"};
constexpr Sql kLoad{"events.load",
                    "SELECT account_id, position, accepted_us, event FROM events WHERE account_id = ?1 AND"
                    " accepted_us >= ?2 AND position > ?3 AND position < ?4 AND (?5 = '' OR type = ?5)"
                    " ORDER BY position LIMIT ?6"};
constexpr Sql kPosition{
    "events.position", "SELECT position FROM events WHERE account_id = ?1 AND source = ?2 AND event_id = ?3"};

constexpr Sql kCountOf{
    "events.count_of_account",
    "SELECT count(*) FROM (SELECT 1 FROM events WHERE account_id = ?1 LIMIT ?2) AS counted"};
constexpr Sql kWeigh{"events.weigh_of_account",
                     "SELECT coalesce(sum(length(event)), 0) FROM"
                     " (SELECT event FROM events WHERE account_id = ?1 LIMIT ?2) AS kept"};
constexpr Sql kCountAll{"events.count", "SELECT count(*) FROM (SELECT 1 FROM events LIMIT ?1) AS counted"};

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

struct DatabaseEventStore::State {
  struct OfAccount {
    std::int64_t counted = 0;
    std::int64_t added = 0;  // since it was begun to count them
    std::chrono::steady_clock::time_point count_again{};
    std::int64_t bytes = 0;        // when they were weighed
    std::int64_t bytes_added = 0;  // since then
    std::chrono::steady_clock::time_point weigh_again{};
    std::chrono::steady_clock::time_point weighed{};
  };

  std::atomic<std::uint64_t> accepted = 0, duplicates = 0, refused = 0, expired = 0, unheard = 0;
  std::atomic<std::int64_t> stored = 0;
  std::atomic<bool> expiring = false;
  std::mutex mutex;
  std::map<AccountId, OfAccount> accounts;  // under mutex
};

DatabaseEventStore::DatabaseEventStore(database::Database& db, std::int64_t writer, std::int64_t stored_max,
                                       std::int64_t bytes_max)
    : db_(db),
      writer_(writer),
      stored_max_(stored_max),
      bytes_max_(bytes_max),
      state_(std::make_shared<State>()) {}

DatabaseEventStore::Counts DatabaseEventStore::counts() const {
  return {.accepted = state_->accepted,
          .duplicates = state_->duplicates,
          .refused = state_->refused,
          .expired = state_->expired,
          .unheard = state_->unheard,
          .stored = state_->stored};
}

Result<void> DatabaseEventStore::TakeRoom(const AccountId& account, std::size_t events, std::size_t bytes) {
  const auto wanted = static_cast<std::int64_t>(events);
  const auto wanted_bytes = static_cast<std::int64_t>(bytes);
  const auto now = std::chrono::steady_clock::now();
  bool counts = false;
  bool weighs = false;
  bool has_room = false;
  bool is_heavy = false;
  {
    const std::scoped_lock lock(state_->mutex);
    State::OfAccount& of = state_->accounts[account];
    const std::int64_t there = of.counted + of.added;
    is_heavy = of.bytes + of.bytes_added + wanted_bytes > bytes_max_;
    has_room = there + wanted <= stored_max_ && !is_heavy;
    counts = of.count_again <= now;
    if (counts) {
      of.counted = there;  // until it is counted
      of.added = 0;
      of.count_again = now + kCountEvery;
    }
    weighs = of.weigh_again <= now || (is_heavy && of.weighed + kCountEvery <= now);
    if (weighs) {
      of.bytes += std::exchange(of.bytes_added, 0);
      of.weighed = now;
      of.weigh_again = now + kWeighEvery;
    }
    if (has_room) of.added += wanted, of.bytes_added += wanted_bytes;
  }
  if (counts) Count(account);
  if (weighs) Weigh(account);
  if (has_room) return {};
  state_->refused += events;
  return elevaite::Fail(Error{
      .code = ErrorCode::kQuotaExceeded,
      .message = is_heavy
                     ? fmt::format("the events of this account that are kept have {} MiB already, the limit",
                                   bytes_max_ >> 20)
                     : fmt::format("{} events of this account are kept already, the limit", stored_max_),
      .hint = "they are forgotten a day after they came: send fewer or smaller ones, or later",
      .retry_after = kCountEvery});
}

void DatabaseEventStore::Count(const AccountId& account) {
  db_.Query(kCountOf, Params::Of(account, stored_max_), kMany,
            [state = state_, account](const Result<Rows>& rows) {
              if (!rows) return;  // as before, until the next time
              const std::scoped_lock lock(state->mutex);
              state->accounts[account].counted = (*rows)[0].Int(0);
            });
}

void DatabaseEventStore::Weigh(const AccountId& account) {
  db_.Query(kWeigh, Params::Of(account, stored_max_), kMany,
            [state = state_, account](const Result<Rows>& rows) {
              if (!rows) return;
              const std::scoped_lock lock(state->mutex);
              state->accounts[account].bytes = (*rows)[0].Int(0);
            });
}

void DatabaseEventStore::MarkHeard(std::vector<std::int64_t> positions) {
  Batch batch;
  for (const std::int64_t position : positions) batch.Add(kHeard, position);
  db_.Submit(std::move(batch), [](const auto&) {});
}

void DatabaseEventStore::Append(std::vector<StoredEvent> events, Appended done) {
  if (!events.empty()) {
    std::size_t bytes = 0;
    for (const StoredEvent& event : events) bytes += event.event.Dump().size();
    if (const auto room = TakeRoom(events.front().account, events.size(), bytes); !room)
      return done(elevaite::Fail(room.error()));
  }
  Batch batch;
  for (const StoredEvent& event : events) AddTo(batch, event, writer_);
  db_.Submit(std::move(batch),
             [state = state_, done = std::move(done)](Result<database::BatchOutcome> outcome) {
               if (!outcome) return done(elevaite::Fail(outcome.error()));
               std::vector<bool> is_new;
               for (const std::int64_t rows : outcome->rows_changed) is_new.push_back(rows > 0);
               const auto accepted = static_cast<std::uint64_t>(std::ranges::count(is_new, true));
               state->accepted += accepted;
               state->duplicates += is_new.size() - accepted;
               done(std::move(is_new));
             });
}

void DatabaseEventStore::DeleteBefore(std::int64_t accepted_us, std::size_t at_most) {
  if (!state_->expiring.exchange(true)) DeletePage(db_, state_, accepted_us, at_most);
}

void DatabaseEventStore::DeletePage(database::Database& db, const std::shared_ptr<State>& state,
                                    std::int64_t accepted_us, std::size_t at_most) {
  Batch batch;
  // Together at least a page, if there is one: the second finds what the first has left of it.
  batch.Add(kDeleteUnheard, accepted_us, at_most);
  batch.Add(kDeleteHeard, accepted_us, at_most);
  db.Submit(std::move(batch), [&db, state, accepted_us, at_most](Result<database::BatchOutcome> outcome) {
    const auto unheard = outcome ? static_cast<std::size_t>(outcome->rows_changed[0]) : 0;
    const auto deleted = outcome ? unheard + static_cast<std::size_t>(outcome->rows_changed[1]) : 0;
    state->expired += deleted;
    state->unheard += unheard;
    if (deleted >= at_most) return DeletePage(db, state, accepted_us, at_most);
    state->expiring = false;  // what stays after an error goes the next time
    db.Query(kCountAll, Params::Of(kStoredCountMax), kMany, [state](const Result<Rows>& rows) {
      if (rows) state->stored = (*rows)[0].Int(0);
    });
  });
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
