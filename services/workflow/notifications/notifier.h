// Notifier: turns events into rows of the outbox, and rows into messages. In a cluster one node does, the one
// that keeps the schedules; all of them see to it that the events are written (engine::EventHub::TellOf).
//
// Nothing is lost on the way: events are on disk in the commit of what they tell; how far they have been read
// is written together with the rows that they became; what was read twice becomes no second row, because an
// occasion has one id and a channel one row for it (notification_store.h). A message is sent at least once:
// an attempt is claimed before it is made, and what a process died with is sent again, with the same id.
//
// Everything here runs on one executor of one thread; the public functions may be called from any.
#pragma once

#include <atomic>
#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/steady_timer.hpp>
#include <chrono>
#include <deque>
#include <functional>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "engine/events/hub.h"
#include "foundation/async.h"
#include "foundation/random.h"
#include "services/workflow/notifications/courier.h"
#include "services/workflow/notifications/host.h"
#include "services/workflow/notifications/notification_store.h"

namespace elevaite::notifications {

struct NotifierOptions {
  boost::asio::any_io_executor executor;
  boost::asio::any_io_executor blocking;  // where events are read from the disk
  std::string base_url;
  bool is_alone =
      true;  // what earlier processes had begun to send is sent at once, not when its time is over
  std::chrono::milliseconds look_every{1'000};
  std::size_t events_queued_max = 50'000;  // more are read from the disk later
  std::size_t backlogs_at_once = 1'000;    // channels that are looked at in one query
  // In a cluster: the other nodes are to Apply what has changed; answers when they have, or do not answer.
  std::function<boost::asio::awaitable<void>()> tell_others{};
};

class Notifier {
 public:
  static constexpr std::size_t kUnderWayMax = 32;          // messages, all together
  static constexpr std::size_t kUnderWayOfChannelMax = 4;  // of one channel; 1 while it does not take them

  struct Counts {
    std::uint64_t delivered = 0;
    std::uint64_t attempts_failed = 0;
    std::uint64_t given_up = 0;
    std::int64_t pending = 0;
  };

  // All must outlive the notifier; Stop() first.
  Notifier(NotificationStore& store, Courier& courier, engine::EventHub& hub, engine::EventStore& events,
           NotifierHost& host, const Clock& clock, Random& random, NotifierOptions options);

  // Before the engine starts, so that nothing ends unseen. Blocks.
  Result<void> Prepare();
  // Begins the rounds, without leading.
  void Start();
  // It is this node that sends from now on, or not any more.
  void Lead(bool leads);
  // Begins nothing more when it returns, and has waited so long for what is under way. Not on the executor,
  // which must have stopped before this is destroyed.
  void Stop(std::chrono::milliseconds patience);

  // Rules or channels have changed: what happens after this has returned goes by them, on every node that
  // answers; another one looks by itself, every look_every.
  Task<void> Refresh();
  // The same, on this node only.
  Task<void> RefreshHere();
  // Something is due.
  void Wake();

  Counts counts() const;
  std::size_t under_way() const { return under_way_; }

  // All that is to be done now; for tests, and for what calls it in turn.
  Task<void> Round();

 private:
  using Line = NotificationStore::Line;
  struct LineState {
    std::size_t under_way = 0;
    std::int64_t failures = 0;  // in a row
    std::int64_t not_before_us = 0;
  };

  boost::asio::awaitable<void> Run();
  Task<void> Apply();
  boost::asio::awaitable<void> ApplyFor(OneShot<Result<void>> applied);
  void TellOf(const Plans& plans);
  void ListenAll();
  void StopListening();
  // What fails for one account is tried again later, and keeps nobody else waiting.
  boost::asio::awaitable<void> ReadMissed();
  Task<void> ReadMissedOf(AccountId account);
  void ReadAgain(const AccountId& account, const Error& why);
  boost::asio::awaitable<void> TakeEvents();
  Task<void> Take(std::vector<engine::StoredEvent> events);
  // What an occasion is told to, added to `added`.
  Task<void> Match(AccountId account, Occasion occasion, std::int64_t accepted_us,
                   std::vector<NewNotification>& added);
  void Tell(const AccountId& account, const Rule& rule, const Occasion& occasion, const Json& content,
            std::vector<NewNotification>& added) const;
  boost::asio::awaitable<void> LookForWaiting();
  Task<void> LookForWaitingOf(const AccountId& account, const Plan& plan, std::int64_t now_us);
  Task<void> Send();
  Task<void> SendOf(const Backlog& backlog);
  void Begin(const Plan& plan, Notification notification);
  boost::asio::awaitable<void> Deliver(Channel channel, std::optional<RuleSettings> rule, Notification n);
  Task<void> DeliverOnce(const Channel& channel, const std::optional<RuleSettings>& rule, Notification n);
  boost::asio::awaitable<void> Finish(Notification n);
  void Settle(Notification& n, const Attempt& attempt, const ChannelSettings& settings);
  Task<void> ForgetOld();
  boost::asio::awaitable<void> Pause(std::chrono::milliseconds time);
  const Plan* PlanOf(const AccountId& account) const;

  NotificationStore& store_;
  Courier& courier_;
  engine::EventHub& hub_;
  engine::EventStore& event_store_;
  NotifierHost& host_;
  const Clock& clock_;
  Random& random_;
  const NotifierOptions options_;
  const std::string life_;  // of this process

  std::atomic<bool> stopping_ = false;
  std::atomic<bool> leads_ = false;
  std::atomic<std::size_t> under_way_ = 0;
  std::atomic<std::uint64_t> delivered_ = 0, attempts_failed_ = 0, given_up_ = 0;
  std::atomic<std::int64_t> pending_ = 0;

  // On the executor.
  boost::asio::steady_timer timer_;
  bool woken_ = false;
  std::string revision_;
  Plans plans_;
  bool listens_ = false;
  bool released_ = false;
  std::map<AccountId, engine::EventHub::Key> listening_;
  std::map<AccountId, std::int64_t> missed_;  // whose events must be read from the disk, and from when on
  std::deque<engine::StoredEvent> events_;
  std::map<Line, LineState> lines_;
  std::int64_t waiting_due_us_ = 0;
  std::int64_t forget_due_us_ = 0;
  std::int64_t wakes_us_ = 0;
};

// What the routes of notifications work with; all must outlive them.
struct NotificationDesk {
  NotificationStore& store;
  Notifier& notifier;
  ChannelCourier& courier;
  const Clock& clock;
  std::string base_url;
};

}  // namespace elevaite::notifications
