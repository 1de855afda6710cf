// An event store in memory, for one thread: for tests and rehearsals.
#pragma once

#include <algorithm>
#include <functional>
#include <optional>
#include <set>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "engine/events/event_store.h"

namespace elevaite::engine {

class MemoryEventStore final : public EventStore {
 public:
  // False: one with its source and id is there already. In order of positions, as a database gives them:
  // owners write theirs in any order.
  bool Add(StoredEvent event) {
    const std::string identity = IdentityOf(event.account, event.source(), event.id());
    if (!positions_.emplace(identity, event.position).second) return false;
    events.insert(std::ranges::upper_bound(events, event.position, {}, &StoredEvent::position),
                  std::move(event));
    return true;
  }

  void Append(std::vector<StoredEvent> added, Appended done) override {
    std::vector<bool> is_new;
    for (StoredEvent& event : added) is_new.push_back(Add(std::move(event)));
    done(std::move(is_new));
  }
  void DeleteBefore(std::int64_t accepted_us, std::size_t) override {
    std::erase_if(events, [&](const StoredEvent& event) {
      if (event.accepted_us >= accepted_us) return false;
      positions_.erase(IdentityOf(event.account, event.source(), event.id()));
      return true;
    });
  }
  void MarkHeard(std::vector<std::int64_t> positions) override {
    heard.insert(positions.begin(), positions.end());
  }
  Result<std::vector<StoredEvent>> LoadNewest(std::size_t limit) override {
    const std::size_t skip = events.size() > limit ? events.size() - limit : 0;
    return std::vector<StoredEvent>(events.begin() + static_cast<std::ptrdiff_t>(skip), events.end());
  }
  Result<std::vector<StoredEvent>> Load(const AccountId& account, const std::vector<std::string>& types,
                                        std::int64_t since_us, std::int64_t after, std::int64_t before,
                                        std::size_t limit) override {
    std::vector<StoredEvent> found;
    for (const StoredEvent& event : events) {
      const bool wanted = types.empty() || std::ranges::find(types, event.type()) != types.end();
      if (event.account == account && wanted && event.accepted_us >= since_us && event.position > after &&
          event.position < before && found.size() < limit)
        found.push_back(event);
    }
    if (while_reading) std::exchange(while_reading, {})();
    return found;
  }
  Result<std::optional<std::int64_t>> PositionOf(const AccountId& account, std::string_view source,
                                                 std::string_view id) override {
    const auto found = positions_.find(IdentityOf(account, source, id));
    return found == positions_.end() ? std::nullopt : std::optional(found->second);
  }

  std::vector<StoredEvent> events;
  std::set<std::int64_t> heard;         // by position
  std::function<void()> while_reading;  // called once, before the next Load answers

 private:
  static std::string IdentityOf(const AccountId& account, std::string_view source, std::string_view id) {
    return Json::Array({account.ToString(), source, id}).Dump();
  }

  std::unordered_map<std::string, std::int64_t> positions_;  // by identity
};

}  // namespace elevaite::engine
