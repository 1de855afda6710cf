// The event store on the database port; its table is made by the journal's migrations.
#pragma once

#include <chrono>
#include <memory>

#include "engine/events/event_store.h"
#include "infra/database/database.h"

namespace elevaite::engine {

// Adds the event to a batch, unless its account has one with the same source and id. `writer`: the number of
// the node in a cluster, else 0.
void AddTo(database::Batch& batch, const StoredEvent& event, std::int64_t writer = 0);

// The rows of a query for account, position, time of acceptance and event (maybe more columns).
Result<std::vector<StoredEvent>> EventsFrom(const database::Rows& rows);

// Takes so many events of an account, and so many bytes, at a time and then no more (kQuotaExceeded, with
// retry_after); what its executions emit is in the commits of their steps and always taken, but counts. Each
// process counts the events of an account every minute, their bytes, for which it has to read them, every ten
// minutes or when they seem to be too many; and in between those that it adds itself. Thread-safe.
class DatabaseEventStore final : public EventStore {
 public:
  static constexpr std::int64_t kStoredMax = 1'000'000;  // of an account
  static constexpr std::int64_t kBytesMax = 1LL << 30;   // of an account
  static constexpr std::chrono::seconds kCountEvery{60};
  static constexpr std::chrono::seconds kWeighEvery{600};

  struct Counts {
    std::uint64_t accepted = 0;
    std::uint64_t duplicates = 0;
    std::uint64_t refused = 0;  // for lack of room
    std::uint64_t expired = 0;
    std::uint64_t unheard = 0;  // of those: nobody had listened for them
    std::int64_t stored = 0;    // of all accounts, when they were last expired here; kStoredCountMax at most
  };
  static constexpr std::int64_t kStoredCountMax = 10'000'000;

  explicit DatabaseEventStore(database::Database& db, std::int64_t writer = 0,
                              std::int64_t stored_max = kStoredMax, std::int64_t bytes_max = kBytesMax);

  void Append(std::vector<StoredEvent> events, Appended done) override;
  // All of them, `at_most` in a commit: others write in between. One that is asked for meanwhile is dropped.
  void DeleteBefore(std::int64_t accepted_us, std::size_t at_most) override;
  void MarkHeard(std::vector<std::int64_t> positions) override;
  Result<std::vector<StoredEvent>> LoadNewest(std::size_t limit) override;
  Result<std::vector<StoredEvent>> Load(const AccountId& account, const std::vector<std::string>& types,
                                        std::int64_t since_us, std::int64_t after, std::int64_t before,
                                        std::size_t limit) override;
  Result<std::optional<std::int64_t>> PositionOf(const AccountId& account, std::string_view source,
                                                 std::string_view id) override;

  Counts counts() const;

 private:
  struct State;  // that callbacks of the database keep

  Result<void> TakeRoom(const AccountId& account, std::size_t events, std::size_t bytes);
  void Count(const AccountId& account);
  void Weigh(const AccountId& account);
  static void DeletePage(database::Database& db, const std::shared_ptr<State>& state,
                         std::int64_t accepted_us, std::size_t at_most);

  database::Database& db_;
  const std::int64_t writer_;
  const std::int64_t stored_max_;
  const std::int64_t bytes_max_;
  const std::shared_ptr<State> state_;
};

}  // namespace elevaite::engine
