// The event store on the database port; its table is made by the journal's migrations.
#pragma once

#include "engine/events/event_store.h"
#include "infra/database/database.h"

namespace elevaite::engine {

// Adds the event to a batch, unless its account has one with the same source and id. `writer`: the number of
// the node in a cluster, else 0.
void AddTo(database::Batch& batch, const StoredEvent& event, std::int64_t writer = 0);

// The rows of a query for account, position, time of acceptance and event (maybe more columns).
Result<std::vector<StoredEvent>> EventsFrom(const database::Rows& rows);

class DatabaseEventStore final : public EventStore {
 public:
  explicit DatabaseEventStore(database::Database& db, std::int64_t writer = 0) : db_(db), writer_(writer) {}

  void Append(std::vector<StoredEvent> events, Appended done) override;
  void DeleteBefore(std::int64_t accepted_us, std::size_t at_most) override;
  Result<std::vector<StoredEvent>> LoadNewest(std::size_t limit) override;
  Result<std::vector<StoredEvent>> Load(const AccountId& account, const std::vector<std::string>& types,
                                        std::int64_t since_us, std::int64_t after, std::int64_t before,
                                        std::size_t limit) override;
  Result<std::optional<std::int64_t>> PositionOf(const AccountId& account, std::string_view source,
                                                 std::string_view id) override;

 private:
  database::Database& db_;
  const std::int64_t writer_;
};

}  // namespace elevaite::engine
