// EventHub: takes the events of this process and hands each to whoever listens for its account and type.
// Thread-safe.
//
// In a cluster, where others write events too, all of them come from the store, our own as well (tail.h):
// each once, whoever wrote it. Positions grow with the clock and with what is seen of the others', so that
// they are in the order of time but for what is under way; each node has a lane of its own among them.
//
// Nothing is handed on before it is on disk. The newest events stay in memory, so that a listener finds those
// that came before it began; older ones are read from the store.
//
// An event is known by its account, source and id: a second one with the same three is a duplicate and is
// dropped, for as long as the first is kept (EventHubOptions::keep_us).
#pragma once

#include <atomic>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <mutex>
#include <set>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "engine/events/event_store.h"
#include "engine/machine/event.h"
#include "foundation/clock.h"

namespace elevaite::engine {

struct EventHubOptions {
  std::int64_t keep_us = 24LL * 3'600 * 1'000'000;
  std::size_t in_memory_max = 20'000;
  std::size_t bytes_in_memory_max = 64U << 20U;
  // Positions leave this rest when they are divided by the number of lanes.
  std::int64_t lane = 0;
  std::int64_t lanes = 1;
  // Set in a cluster: events were written, and are to be handed to Arrived from the store. Any thread.
  std::function<void()> written{};
};

class EventHub {
 public:
  // Who listens: a frame of an execution, or (with a made-up id) a schedule.
  using Key = std::pair<ExecutionId, FrameId>;
  using Deliver = std::function<void(const StoredEvent&)>;
  struct Subscription {
    AccountId account;
    Key key;
    std::vector<std::string> types;  // empty: all
    std::int64_t since_us = 0;       // events accepted since then are handed on first
    std::int64_t after = 0;          // ... with a greater position than this
    bool quiet = false;              // lifecycle events are not written for it alone: see TellOf
  };
  // Events of the journal: 1 << EventType of each.
  using EventTypes = std::uint64_t;
  static constexpr EventTypes Bit(EventType type) { return EventTypes{1} << static_cast<unsigned>(type); }

  // Both must outlive the hub.
  EventHub(EventHubOptions options, EventStore& store, Clock& clock);

  // Reads the newest events back; until then none is accepted: requests may come while the engine starts.
  // `newest_us`: when the unfinished execution that began last did so, wherever it is (NotBefore).
  Result<void> Start(std::int64_t newest_us = 0);

  std::int64_t NextPosition();

  // Whoever has seen events up to this position misses none when he listens from the one that this gives: in
  // a cluster an event may come a little later than one of another node that has a greater position.
  std::int64_t WithStragglers(std::int64_t position) const {
    return options_.lanes == 1 ? position : position - options_.lanes * kStragglersUs;
  }

  // The time at which an event that comes now is accepted: the clock's, but never one before that of
  // NotBefore. A clock that is set back would make events seem older than the executions that wait for them.
  std::int64_t AcceptedNowUs() const;
  // An execution has begun then.
  void NotBefore(std::int64_t time_us);

  // From outside: writes the events, then hands them on. `done` once: of each, whether it was new.
  using Accepted = std::vector<bool>;
  void Accept(const AccountId& account, std::vector<Json> events, std::function<void(Result<Accepted>)> done);
  // Of an `emit`: it is on disk.
  void Publish(StoredEvent event);
  // In a cluster: of whichever node, in the order in which that has written them. May come twice.
  void Arrived(StoredEvent event);

  // `deliver` is called with the hub locked, from any thread: it must not block nor call the hub. It may see
  // an event twice. A key has one subscription at most; a later one replaces it.
  Result<void> Subscribe(Subscription subscription, Deliver deliver);
  void Unsubscribe(const Key& key);

  // Whether somebody of the account listens for lifecycle events.
  bool WantsLifecycle(const AccountId& account) const;
  // ... of any account, in this process.
  bool WantsLifecycle() const { return lifecycle_listeners_total_.load(std::memory_order_relaxed) > 0; }
  // Of these, of each account, lifecycle events are written although nobody listens for them by name; takes
  // the place of what was set before. Unlike a listener, it costs nothing for all others.
  void TellOf(std::map<AccountId, EventTypes> told);
  // Of which lifecycle events are written. All, while somebody listens for any.
  EventTypes ToldOf(const AccountId& account) const;
  // In a cluster: somebody does in another process.
  void OthersWantLifecycle(bool others) { others_want_lifecycle_.store(others, std::memory_order_relaxed); }

  // Forgets what is older than keep_us; call it from time to time.
  void Expire();

  std::size_t subscriptions() const;

 private:
  static constexpr std::int64_t kStragglersUs = 10'000'000;
  static constexpr std::size_t kHeardAtOnce = 1'000;
  static constexpr std::int64_t kTellHeardUs = 60'000'000;

  struct Listener {
    Subscription subscription;
    Deliver deliver;
  };
  void NotePosition(std::int64_t position);
  static std::string IdentityOf(const StoredEvent& event);
  static bool Wants(const Subscription& subscription, const StoredEvent& event);
  static bool WantsLifecycle(const Subscription& subscription);
  void Register(std::shared_ptr<Listener> listener);
  void Forget(const Key& key);
  bool IsDuplicate(const StoredEvent& event);
  void Hand(StoredEvent event);
  void Keep(StoredEvent event, bool heard);
  void NoteHeard(std::int64_t position);
  void TellHeard();
  void DropSurplus();
  void DropOldest();
  Result<std::vector<StoredEvent>> ReadOlder(const Subscription& subscription);

  EventHubOptions options_;
  EventStore& store_;
  Clock& clock_;
  std::atomic<std::int64_t> next_position_{1};  // without the lane
  std::atomic<bool> is_started_ = false;
  std::atomic<bool> others_want_lifecycle_ = false;
  std::atomic<std::int64_t> not_before_us_{INT64_MIN};

  mutable std::mutex mutex_;  // for all below
  std::size_t subscribing_ = 0;
  std::map<Key, std::shared_ptr<Listener>> by_key_;
  std::unordered_map<std::string, std::map<Key, std::shared_ptr<Listener>>>
      by_type_;                                                       // "account\ntype"; type "": all
  std::unordered_map<std::string, std::size_t> lifecycle_listeners_;  // by account
  std::atomic<std::size_t> lifecycle_listeners_total_{0};
  std::map<AccountId, EventTypes> told_;
  std::atomic<bool> tells_some_ = false;
  struct Recent {
    StoredEvent event;
    std::size_t bytes = 0;
    bool heard = false;  // by a listener of this process
  };
  std::deque<Recent> recent_;  // in the order they were handed on
  std::size_t recent_bytes_ = 0;
  std::int64_t forgotten_us_ = INT64_MIN;  // events accepted until then may be missing in recent_
  std::int64_t forgotten_position_ = 0;
  std::unordered_map<std::string, std::int64_t> identities_;  // of recent_
  std::vector<std::int64_t> heard_;  // positions, which the store has not been told of
  std::int64_t heard_told_us_ = 0;
};

}  // namespace elevaite::engine
