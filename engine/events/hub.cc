#include "engine/events/hub.h"

#include <algorithm>
#include <iterator>
#include <utility>

namespace elevaite::engine {
namespace {

constexpr std::size_t kEarlyEventsAtOnce = 10'000;
// That one subscription is given: more than a schedule queues, so that it sees that there are more.
constexpr std::size_t kEarlyEventsMax = 110'000;
constexpr std::size_t kExpiredAtOnce = 5'000;

std::string Topic(const AccountId& account, std::string_view type) {
  return account.ToString() + "\n" + std::string(type);
}

}  // namespace

EventHub::EventHub(EventHubOptions options, EventStore& store, Clock& clock)
    : options_(options), store_(store), clock_(clock) {}

Result<void> EventHub::Start(std::int64_t newest_us) {
  ASSIGN_OR_RETURN(std::vector<StoredEvent> newest, store_.LoadNewest(options_.in_memory_max));
  const std::scoped_lock lock(mutex_);
  if (newest.size() >= options_.in_memory_max) {
    forgotten_us_ = newest.front().accepted_us;
    forgotten_position_ = newest.front().position;
  }
  // Never one that was given before, also when the events that had it are forgotten: executions and schedules
  // remember what they have consumed by its position.
  next_position_ = std::max<std::int64_t>(next_position_.load(), clock_.Now().micros());
  for (StoredEvent& event : newest) {
    NotePosition(event.position);
    Keep(std::move(event), false);
  }
  NotBefore(newest_us);
  is_started_ = true;
  return {};
}

std::int64_t EventHub::NextPosition() {
  if (options_.lanes == 1) return next_position_.fetch_add(1, std::memory_order_relaxed);
  std::int64_t known = next_position_.load(std::memory_order_relaxed);
  std::int64_t taken = 0;
  do {
    taken = std::max(known, clock_.Now().micros());
  } while (!next_position_.compare_exchange_weak(known, taken + 1, std::memory_order_relaxed));
  return taken * options_.lanes + options_.lane;
}

void EventHub::NotePosition(std::int64_t position) {
  const std::int64_t after = position / options_.lanes + 1;
  std::int64_t known = next_position_.load(std::memory_order_relaxed);
  while (known < after && !next_position_.compare_exchange_weak(known, after, std::memory_order_relaxed)) {
  }
}

std::int64_t EventHub::AcceptedNowUs() const {
  return std::max(clock_.Now().micros(), not_before_us_.load(std::memory_order_relaxed));
}

void EventHub::NotBefore(std::int64_t time_us) {
  std::int64_t known = not_before_us_.load(std::memory_order_relaxed);
  while (known < time_us &&
         !not_before_us_.compare_exchange_weak(known, time_us, std::memory_order_relaxed)) {
  }
}

void EventHub::Accept(const AccountId& account, std::vector<Json> events,
                      std::function<void(Result<Accepted>)> done) {
  if (!is_started_) {
    return done(elevaite::Fail(Error{.code = ErrorCode::kUnavailable,
                                     .message = "the server is starting",
                                     .retry_after = std::chrono::seconds(1)}));
  }
  std::vector<StoredEvent> stored;
  stored.reserve(events.size());
  for (Json& event : events) stored.push_back({account, NextPosition(), AcceptedNowUs(), std::move(event)});
  store_.Append(stored, [this, stored, done = std::move(done)](Result<Accepted> is_new) {
    if (!is_new) return done(std::move(is_new));
    if (options_.written) {
      options_.written();
      return done(std::move(is_new));
    }
    const std::scoped_lock lock(mutex_);
    for (std::size_t i = 0; i < stored.size(); ++i) {
      if ((*is_new)[i]) Hand(stored[i]);
    }
    done(std::move(is_new));
  });
}

void EventHub::Arrived(StoredEvent event) {
  NotePosition(event.position);
  const std::scoped_lock lock(mutex_);
  if (identities_.contains(IdentityOf(event))) return;  // its identity is its own in the store
  Hand(std::move(event));
}

void EventHub::Publish(StoredEvent event) {
  if (options_.written) return options_.written();
  if (IsDuplicate(event)) return;
  const std::scoped_lock lock(mutex_);
  Hand(std::move(event));
}

// What is not in memory may still be on disk: then the first one has another position.
bool EventHub::IsDuplicate(const StoredEvent& event) {
  {
    const std::scoped_lock lock(mutex_);
    if (identities_.contains(IdentityOf(event))) return true;
    if (forgotten_position_ == 0) return false;
  }
  const auto position = store_.PositionOf(event.account, event.source(), event.id());
  return position && *position && **position != event.position;
}

Result<void> EventHub::Subscribe(Subscription subscription, Deliver deliver) {
  const auto older = ReadOlder(subscription);
  auto listener = std::make_shared<Listener>(Listener{std::move(subscription), std::move(deliver)});
  const Subscription& s = listener->subscription;
  const std::scoped_lock lock(mutex_);
  --subscribing_;
  if (!older) return elevaite::Fail(older.error());
  ++lifecycle_listeners_total_;  // it never seems that nobody listens while one takes another's place
  Forget(s.key);
  for (const StoredEvent& event : *older) {
    listener->deliver(event);
    NoteHeard(event.position);
  }
  for (Recent& recent : recent_) {
    const StoredEvent& event = recent.event;
    if (event.accepted_us < s.since_us || event.position <= s.after || !Wants(s, event)) continue;
    listener->deliver(event);
    if (!std::exchange(recent.heard, true)) NoteHeard(event.position);
  }
  Register(std::move(listener));
  --lifecycle_listeners_total_;
  DropSurplus();
  return {};
}

void EventHub::Register(std::shared_ptr<Listener> listener) {
  const Subscription& s = listener->subscription;
  by_key_[s.key] = listener;
  if (s.types.empty()) by_type_[Topic(s.account, "")][s.key] = listener;
  for (const std::string& type : s.types) by_type_[Topic(s.account, type)][s.key] = listener;
  if (!WantsLifecycle(s)) return;
  ++lifecycle_listeners_[s.account.ToString()];
  ++lifecycle_listeners_total_;
}

void EventHub::Unsubscribe(const Key& key) {
  const std::scoped_lock lock(mutex_);
  Forget(key);
}

bool EventHub::WantsLifecycle(const Subscription& subscription) {
  if (subscription.quiet) return false;
  return std::ranges::any_of(subscription.types,
                             [](const std::string& type) { return type.starts_with(kLifecyclePrefix); });
}

void EventHub::TellOf(std::map<AccountId, EventTypes> told) {
  const std::scoped_lock lock(mutex_);
  told_ = std::move(told);
  tells_some_ = !told_.empty();
}

EventHub::EventTypes EventHub::ToldOf(const AccountId& account) const {
  if (WantsLifecycle(account)) return ~EventTypes{0};
  if (!tells_some_.load(std::memory_order_relaxed)) return 0;
  const std::scoped_lock lock(mutex_);
  const auto found = told_.find(account);
  return found == told_.end() ? 0 : found->second;
}

bool EventHub::WantsLifecycle(const AccountId& account) const {
  if (others_want_lifecycle_.load(std::memory_order_relaxed)) return true;
  if (lifecycle_listeners_total_.load(std::memory_order_relaxed) == 0) return false;
  const std::scoped_lock lock(mutex_);
  return lifecycle_listeners_.contains(account.ToString());
}

Result<std::vector<StoredEvent>> EventHub::ReadOlder(const Subscription& s) {
  std::int64_t before = 0;
  {
    const std::scoped_lock lock(mutex_);
    ++subscribing_;
    if (s.since_us > forgotten_us_ || s.after >= forgotten_position_) return std::vector<StoredEvent>();
    // Events are not handed on in the order of their positions: each owner publishes its own. What is
    // forgotten may have come before those that are still in memory, or after; one that is in both is handed
    // on twice.
    before = forgotten_position_ + 1;
  }
  std::vector<StoredEvent> older;
  std::int64_t after = s.after;
  while (older.size() < kEarlyEventsMax) {
    ASSIGN_OR_RETURN(std::vector<StoredEvent> page,
                     store_.Load(s.account, s.types, s.since_us, after, before, kEarlyEventsAtOnce));
    const std::size_t read = page.size();
    if (read > 0) after = page.back().position;
    std::ranges::move(page, std::back_inserter(older));
    if (read < kEarlyEventsAtOnce) break;
  }
  return older;
}

void EventHub::Forget(const Key& key) {
  const auto found = by_key_.find(key);
  if (found == by_key_.end()) return;
  const Subscription& s = found->second->subscription;
  const auto forget = [&](std::string_view type) {
    const auto topic = by_type_.find(Topic(s.account, type));
    if (topic == by_type_.end()) return;
    topic->second.erase(key);
    if (topic->second.empty()) by_type_.erase(topic);
  };
  if (s.types.empty()) forget("");
  for (const std::string& type : s.types) forget(type);
  if (WantsLifecycle(s)) {
    --lifecycle_listeners_total_;
    const auto count = lifecycle_listeners_.find(s.account.ToString());
    if (--count->second == 0) lifecycle_listeners_.erase(count);
  }
  by_key_.erase(found);
}

bool EventHub::Wants(const Subscription& subscription, const StoredEvent& event) {
  if (subscription.account != event.account) return false;
  if (subscription.types.empty()) return !event.IsLifecycle();
  return std::ranges::find(subscription.types, event.type()) != subscription.types.end();
}

// Identities are texts with the parts' lengths: no two events have the same by chance.
std::string EventHub::IdentityOf(const StoredEvent& event) {
  return event.account.ToString() + "\n" + std::to_string(event.source().size()) + "\n" +
         std::string(event.source()) + std::string(event.id());
}

void EventHub::Hand(StoredEvent event) {
  bool heard = false;
  for (const std::string& topic : {Topic(event.account, event.type()), Topic(event.account, "")}) {
    const auto found = by_type_.find(topic);
    if (found == by_type_.end()) continue;
    for (const auto& [key, listener] : found->second) {
      if (!Wants(listener->subscription, event)) continue;
      listener->deliver(event);
      heard = true;
    }
  }
  if (heard) NoteHeard(event.position);
  Keep(std::move(event), heard);
}

void EventHub::NoteHeard(std::int64_t position) {
  heard_.push_back(position);
  const bool is_time = clock_.Now().micros() - heard_told_us_ >= kTellHeardUs;
  if (is_time || heard_.size() >= kHeardAtOnce) TellHeard();
}

void EventHub::TellHeard() {
  heard_told_us_ = clock_.Now().micros();
  if (!heard_.empty()) store_.MarkHeard(std::exchange(heard_, {}));
}

void EventHub::Keep(StoredEvent event, bool heard) {
  const std::size_t bytes = event.event.MemoryBytes() + sizeof(StoredEvent);
  identities_[IdentityOf(event)] = event.position;
  recent_bytes_ += bytes;
  recent_.push_back({.event = std::move(event), .bytes = bytes, .heard = heard});
  DropSurplus();
}

// Not while somebody subscribes: what he did not find in the store must still be in memory when he looks.
void EventHub::DropSurplus() {
  if (subscribing_ > 0) return;
  while (recent_.size() > options_.in_memory_max || recent_bytes_ > options_.bytes_in_memory_max)
    DropOldest();
}

void EventHub::DropOldest() {
  const auto& [event, bytes, heard] = recent_.front();
  forgotten_us_ = std::max(forgotten_us_, event.accepted_us);
  forgotten_position_ = std::max(forgotten_position_, event.position);
  identities_.erase(IdentityOf(event));
  recent_bytes_ -= bytes;
  recent_.pop_front();
}

void EventHub::Expire() {
  const std::int64_t until_us = clock_.Now().micros() - options_.keep_us;
  {
    const std::scoped_lock lock(mutex_);
    TellHeard();
    while (!recent_.empty() && recent_.front().event.accepted_us < until_us) {
      const std::int64_t forgotten_us = forgotten_us_;
      const std::int64_t forgotten_position = forgotten_position_;
      DropOldest();  // gone from the store too: nothing is missing in memory
      forgotten_us_ = forgotten_us;
      forgotten_position_ = forgotten_position;
    }
  }
  store_.DeleteBefore(until_us, kExpiredAtOnce);
}

std::size_t EventHub::subscriptions() const {
  const std::scoped_lock lock(mutex_);
  return by_key_.size();
}

}  // namespace elevaite::engine
