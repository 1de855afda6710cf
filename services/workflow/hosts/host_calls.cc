#include "services/workflow/hosts/host_calls.h"

#include <fmt/format.h>

#include <algorithm>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <mutex>
#include <utility>

#include "engine/machine/errors.h"
#include "foundation/text.h"

namespace elevaite::hosts {

// What the places, the timer and what is posted share: they may live a little longer than the HostCalls.
class HostCalls::Core : public std::enable_shared_from_this<Core> {
 public:
  Core(engine::Activities& next, boost::asio::any_io_executor executor, const Clock& clock, Options options)
      : next_(next),
        executor_(std::move(executor)),
        clock_(clock),
        options_(std::move(options)),
        table_(options_.table),
        timer_(executor_) {}

  void Schedule(engine::ActivityTask task, Done done);
  void Cancel(const ExecutionId& execution, engine::FrameId frame, std::string_view connector,
              std::int64_t deadline_us);
  void Claim(const engine::Attempt& attempt);
  void SetRules(std::map<AccountId, HostRules> rules, std::size_t nodes);
  std::vector<HostTable::Scarce> ScarceHosts() const;
  void SetPlaces(const AccountId& account, const std::string& host, std::int64_t places);
  bool CloseCircuit(const AccountId& account, const std::string& host);
  void Close();

  std::vector<View> HostsOf(const AccountId& account, std::size_t most) const;
  std::vector<CallView> CallsTo(const AccountId& account, const std::string& host, std::size_t most) const;
  Status status() const;

 private:
  using Key = std::pair<ExecutionId, engine::FrameId>;

  // Of a call that is out: gives its place back, once.
  class Place {
   public:
    Place(std::weak_ptr<Core> core, Ticket ticket) : core_(std::move(core)), ticket_(ticket) {}
    Place(const Place&) = delete;
    Place& operator=(const Place&) = delete;
    ~Place() { Leave({}); }
    std::optional<Span> Leave(Judgement judgement) {
      const auto core = core_.lock();
      return core ? core->Leave(ticket_, std::move(judgement)) : std::nullopt;
    }

   private:
    std::weak_ptr<Core> core_;
    Ticket ticket_;
  };

  // One that waits, or is out.
  struct Item {
    Key key;
    std::uint32_t attempt = 1;
    AccountId account;
    std::string host;
    std::string reference;
    std::string workflow;
    std::int64_t since_us = 0;   // in its present state
    std::int64_t queued_us = 0;  // the bound of its wait; 0: none
    Time began;
    std::uint32_t attempts_max = 1;
    enum class State : std::uint8_t { kWaits, kLeaves, kOut };
    State state = State::kWaits;
    bool is_unwanted = false;  // cancelled while it was leaving
    // While it waits:
    std::optional<engine::ActivityTask> task{};
    Done done{};
    // From then on:
    std::weak_ptr<Place> place{};
  };
  struct Going {
    Ticket ticket = 0;
    engine::ActivityTask task;
    Done done;
  };
  struct Telling {
    Done done;
    engine::ActivityFailure failure;
  };
  // What is to be done without the lock.
  struct Work {
    std::optional<Going> at_once{};      // from the caller's thread
    std::shared_ptr<Place> looked_at{};  // may be the last to hold it
    std::vector<Going> going{};
    std::vector<Telling> telling{};
  };

  // How long the circuit stays open; nothing: it is not.
  std::optional<Span> Leave(Ticket ticket, Judgement judgement);
  Done Counted(std::shared_ptr<Place> place, Done done) const;
  // ---- Under mutex_
  bool TakeUpAgain(engine::ActivityTask& task, Done& done, const Key& key, Work& work);
  Going Send(Ticket ticket, Item& item);
  Telling Refuse(const HostTable::Refused& refused, Item item);
  engine::ActivityFailure FailureFor(const HostTable::Refused& refused, const Item& item) const;
  Item Take(Ticket ticket);
  bool IsLeaving(const Key& key) const;
  void Look(Work& work);
  void Arm();
  // ---- Without it
  void Do(Work work);
  void Pass(Going going);
  void OnTimer();
  std::int64_t Wall(Time time) const;

  engine::Activities& next_;
  boost::asio::any_io_executor executor_;
  const Clock& clock_;
  const Options options_;

  mutable std::mutex mutex_;
  HostTable table_;  // under mutex_, as all below
  std::map<Ticket, Item> items_;
  std::map<Key, Ticket> tickets_;  // the newest of each
  Time armed_ = kNever;
  bool closed_ = false;
  std::uint64_t refused_open_ = 0;
  std::uint64_t refused_full_ = 0;
  std::uint64_t refused_overdue_ = 0;

  boost::asio::steady_timer timer_;  // on the executor
};

namespace {

constexpr Span kAgainLeast = std::chrono::milliseconds(100);
constexpr Span kAgainFull = std::chrono::seconds(1);

std::string Told(const std::optional<LastError>& error) {
  if (!error) return "it fails";
  if (error->kind == "status") return fmt::format("it answered {}", error->status);
  return error->kind == "timeout" ? "it did not answer in time" : "it could not be reached";
}

}  // namespace

// ---- What an outcome says

Judgement JudgementOf(const engine::ActivityOutcome& outcome, Time now) {
  if (std::holds_alternative<engine::ActivitySuccess>(outcome)) return {.end = {.verdict = Verdict::kGood}};
  const auto* failure = std::get_if<engine::ActivityFailure>(&outcome);
  if (failure == nullptr || failure->contact == engine::Contact::kNone) return {};
  const auto status = static_cast<int>(failure->error["status"].IntOr(0));
  const bool has_answered = failure->contact == engine::Contact::kAnswered;
  if (has_answered && status < 500 && status != 429) return {.end = {.verdict = Verdict::kGood}};
  const bool is_timeout = failure->error["type"] == Json(engine::ErrorTypeUri("timeout"));
  Judgement judgement{.end = {.verdict = Verdict::kBad}};
  judgement.error = LastError{.kind = has_answered ? "status"
                                      : is_timeout ? "timeout"
                                                   : "connection",
                              .status = has_answered ? status : 0,
                              .at = now};
  if (failure->retry_after_us) judgement.end.retry_after = Span(*failure->retry_after_us);
  return judgement;
}

// ---- Calls come and go

void HostCalls::Core::Schedule(engine::ActivityTask task, Done done) {
  const std::optional<Target> target = options_.target(task);
  if (!target) return next_.Schedule(std::move(task), std::move(done));
  const Key key{task.execution, task.frame};
  Work work;
  {
    const std::scoped_lock lock(mutex_);
    if (!TakeUpAgain(task, done, key, work)) {
      const Time now = clock_.Monotonic();
      HostTable::Call call{.account = task.account, .host = target->host};
      if (task.bounds.queued_us > 0) call.until = now + Span(task.bounds.queued_us);
      if (task.resumed && options_.settle.count() > 0) call.settled = now + options_.settle;
      const HostTable::Arrived arrived = table_.Arrive(call, now);
      Item item{.key = key,
                .attempt = task.attempt,
                .account = task.account,
                .host = target->host,
                .reference = task.reference,
                .workflow = task.workflow,
                .since_us = clock_.Now().micros(),
                .queued_us = task.bounds.queued_us,
                .began = now,
                .attempts_max = target->attempts_max,
                .task = std::move(task),
                .done = std::move(done)};
      if (arrived.refused) {
        work.telling.push_back(Refuse(*arrived.refused, std::move(item)));
      } else {
        const bool follows = IsLeaving(key);
        Item& kept = items_.emplace(arrived.ticket, std::move(item)).first->second;
        tickets_[key] = arrived.ticket;
        if (arrived.goes && follows)
          work.going.push_back(Send(arrived.ticket, kept));  // not before the one that leaves
        else if (arrived.goes)
          work.at_once = Send(arrived.ticket, kept);
      }
    }
    Look(work);
  }
  Do(std::move(work));
}

// One that is here already, with the same attempt: another owner of its execution awaits it now. False: it is
// none, and goes its way as a new one.
bool HostCalls::Core::TakeUpAgain(engine::ActivityTask& task, Done& done, const Key& key, Work& work) {
  const auto found = tickets_.find(key);
  if (found == tickets_.end()) return false;
  const Ticket ticket = found->second;
  Item& item = items_.at(ticket);
  if (item.state == Item::State::kWaits) {
    if (item.attempt != task.attempt) {
      table_.Leave(ticket, {}, std::nullopt, clock_.Monotonic());
      Take(ticket);
      return false;
    }
    item.task = std::move(task);
    item.done = std::move(done);
    return true;
  }
  // Where calls outlive their owner, the same one goes on; else that of the owner before is one more.
  work.looked_at = item.place.lock();
  if (item.attempt != task.attempt || options_.settle.count() == 0 || !work.looked_at) return false;
  item.is_unwanted = false;
  work.at_once =
      Going{.ticket = ticket, .task = std::move(task), .done = Counted(work.looked_at, std::move(done))};
  return true;
}

HostCalls::Core::Going HostCalls::Core::Send(Ticket ticket, Item& item) {
  const auto place = std::make_shared<Place>(weak_from_this(), ticket);
  item.place = place;
  item.state = Item::State::kLeaves;
  Going going{
      .ticket = ticket, .task = *std::move(item.task), .done = Counted(place, std::exchange(item.done, {}))};
  item.task.reset();
  item.since_us = clock_.Now().micros();
  if (item.queued_us > 0) {
    const auto waited = std::chrono::duration_cast<Span>(clock_.Monotonic() - item.began);
    going.task.bounds.queued_us = std::max<std::int64_t>(item.queued_us - waited.count(), 1);
  }
  return going;
}

// Gives the place back first: who hears of the outcome may make the next call at once. What a connector wants
// to try again by itself is not tried before the circuit may close.
HostCalls::Done HostCalls::Core::Counted(std::shared_ptr<Place> place, Done done) const {
  return
      [place = std::move(place), done = std::move(done), &clock = clock_](engine::ActivityOutcome outcome) {
        const std::optional<Span> open = place->Leave(JudgementOf(outcome, clock.Monotonic()));
        auto* const failure = std::get_if<engine::ActivityFailure>(&outcome);
        if (open && failure != nullptr && failure->retry_in_us)
          failure->retry_in_us = std::max(*failure->retry_in_us, open->count());
        done(std::move(outcome));
      };
}

std::optional<Span> HostCalls::Core::Leave(Ticket ticket, Judgement judgement) {
  Work work;
  std::optional<Span> open;
  {
    const std::scoped_lock lock(mutex_);
    if (!items_.contains(ticket)) return std::nullopt;
    const Time now = clock_.Monotonic();
    const Time until = table_.Leave(ticket, judgement.end, std::move(judgement.error), now);
    if (until != kNever) open = std::chrono::duration_cast<Span>(until - now);
    Take(ticket);
    Look(work);
  }
  Do(std::move(work));
  return open;
}

HostCalls::Core::Item HostCalls::Core::Take(Ticket ticket) {
  Item item = std::move(items_.extract(ticket).mapped());
  const auto newest = tickets_.find(item.key);
  if (newest != tickets_.end() && newest->second == ticket) tickets_.erase(newest);
  return item;
}

bool HostCalls::Core::IsLeaving(const Key& key) const {
  const auto found = tickets_.find(key);
  return found != tickets_.end() && items_.at(found->second).state == Item::State::kLeaves;
}

void HostCalls::Core::Cancel(const ExecutionId& execution, engine::FrameId frame, std::string_view connector,
                             std::int64_t deadline_us) {
  Work work;
  std::optional<Item> gone;  // destroyed without the lock
  {
    const std::scoped_lock lock(mutex_);
    if (const auto found = tickets_.find({execution, frame}); found != tickets_.end()) {
      const Ticket ticket = found->second;
      Item& item = items_.at(ticket);
      item.is_unwanted = true;
      if (item.state == Item::State::kWaits) {
        table_.Leave(ticket, {}, std::nullopt, clock_.Monotonic());
        gone = Take(ticket);
        Look(work);
      }
    }
  }
  // One that is out holds its place until it has really ended.
  if (!gone) next_.Cancel(execution, frame, connector, deadline_us);
  Do(std::move(work));
}

void HostCalls::Core::Claim(const engine::Attempt& attempt) {
  std::optional<Going> going;
  {
    const std::scoped_lock lock(mutex_);
    const auto found = tickets_.find({attempt.execution, attempt.frame});
    if (found == tickets_.end()) return;
    Item& item = items_.at(found->second);
    if (item.state != Item::State::kWaits || item.attempt != attempt.number) return;
    if (table_.Claim(found->second, clock_.Monotonic())) going = Send(found->second, item);
  }
  if (going) Pass(*std::move(going));
}

// ---- Turns

void HostCalls::Core::Look(Work& work) {
  for (bool again = !closed_; again;) {
    again = false;
    const HostTable::Decisions decisions = table_.Look(clock_.Monotonic());
    for (const Ticket ticket : decisions.go) {
      Item& item = items_.at(ticket);
      if (options_.is_ours && !options_.is_ours(item.key.first)) {
        table_.Leave(ticket, {}, std::nullopt, clock_.Monotonic());
        Take(ticket);
        again = true;
        continue;
      }
      work.going.push_back(Send(ticket, item));
      work.going.back().task.resumed = false;  // who had it would have said so
    }
    for (const HostTable::Refused& refused : decisions.refused)
      work.telling.push_back(Refuse(refused, Take(refused.ticket)));
  }
  Arm();
}

void HostCalls::Core::Arm() {
  const Time at = table_.WakeAt();
  if (closed_ || at >= armed_) return;
  armed_ = at;
  boost::asio::post(executor_, [weak = weak_from_this()] {
    if (const auto self = weak.lock()) self->OnTimer();
  });
}

// On the executor: looks when it is time, and sleeps until the next.
void HostCalls::Core::OnTimer() {
  Work work;
  {
    const std::scoped_lock lock(mutex_);
    if (closed_) return;
    if (armed_ <= clock_.Monotonic()) {
      armed_ = kNever;
      Look(work);
    }
    if (armed_ != kNever) {
      timer_.expires_at(armed_);
      timer_.async_wait([weak = weak_from_this()](const boost::system::error_code& error) {
        if (const auto self = weak.lock(); self && !error) self->OnTimer();
      });
    }
  }
  Do(std::move(work));
}

// Those whose turn has come go in a round of their own: one that ends at once and lets the next go must not
// do so ever deeper in the stack.
void HostCalls::Core::Do(Work work) {
  for (Telling& one : work.telling) one.done(std::move(one.failure));
  if (work.at_once) Pass(*std::move(work.at_once));
  if (work.going.empty()) return;
  boost::asio::post(executor_, [weak = weak_from_this(), going = std::move(work.going)]() mutable {
    for (Going& one : going) {
      if (const auto self = weak.lock()) self->Pass(std::move(one));
    }
  });
}

// One that is not wanted any more stays where it is, and its place is free. One that was cancelled while it
// was passed on is leaving until the others have heard of that: another attempt comes to them behind it.
void HostCalls::Core::Pass(Going going) {
  const Ticket ticket = going.ticket;
  const Key key{going.task.execution, going.task.frame};
  const std::string connector = going.task.connector;
  {
    const std::scoped_lock lock(mutex_);
    const auto found = items_.find(ticket);
    if (found != items_.end() && found->second.is_unwanted) return;
  }
  next_.Schedule(std::move(going.task), std::move(going.done));
  {
    const std::scoped_lock lock(mutex_);
    const auto found = items_.find(ticket);
    if (found == items_.end()) return;
    if (!found->second.is_unwanted) {
      found->second.state = Item::State::kOut;
      return;
    }
  }
  next_.Cancel(key.first, key.second, connector, 0);
}

HostCalls::Core::Telling HostCalls::Core::Refuse(const HostTable::Refused& refused, Item item) {
  switch (refused.why) {
    case Refusal::kOpen: ++refused_open_; break;
    case Refusal::kFull:
    case Refusal::kNoRoom: ++refused_full_; break;
    case Refusal::kOverdue: ++refused_overdue_; break;
  }
  return {.done = std::move(item.done), .failure = FailureFor(refused, item)};
}

engine::ActivityFailure HostCalls::Core::FailureFor(const HostTable::Refused& refused,
                                                    const Item& item) const {
  const Time now = clock_.Monotonic();
  const std::string rule = fmt::format("rule `{}` of the hosts", refused.pattern);
  Span again = kAgainFull;
  Json error;
  switch (refused.why) {
    case Refusal::kOpen:
      if (refused.until != kNever) again = std::chrono::duration_cast<Span>(refused.until - now);
      error =
          engine::MakeError("communication", "The circuit to the host is open",
                            refused.until == kNever
                                ? fmt::format("no call goes to {} until one that tries it has gone well ({})",
                                              refused.host, rule)
                                : fmt::format("no call goes to {} before {}, since {} ({})", refused.host,
                                              Timestamp::FromMicros(Wall(refused.until)).ToRfc3339(),
                                              Told(refused.last_error), rule),
                            503);
      break;
    case Refusal::kFull:
      error = engine::MakeError(
          "communication", "Too many calls wait for the host",
          fmt::format("{} calls to {} wait already ({}, queue.max)", refused.waiting_max, refused.host, rule),
          429);
      break;
    case Refusal::kNoRoom:
      error =
          engine::MakeError("communication", "Too many hosts are called at the same time",
                            fmt::format("{} cannot be counted beside them ({})", refused.host, rule), 429);
      break;
    case Refusal::kOverdue:
      error = engine::MakeError(
          "timeout", "The call waited too long for its host",
          fmt::format("its turn to call {} has not come within {} ({}, queue.wait, or "
                      "metadata.elevaite.timeouts.queued)",
                      refused.host,
                      FormatDuration(std::chrono::duration_cast<std::chrono::milliseconds>(now - item.began)),
                      rule));
      return {.error = std::move(error), .retry_in_us = std::nullopt};
  }
  const bool tries_again = item.attempt < item.attempts_max;
  return {.error = std::move(error),
          .retry_in_us = tries_again ? std::optional(std::max(again, kAgainLeast).count()) : std::nullopt};
}

// ---- What holds, and what people see

void HostCalls::Core::SetRules(std::map<AccountId, HostRules> rules, std::size_t nodes) {
  Work work;
  {
    const std::scoped_lock lock(mutex_);
    table_.SetRules(std::move(rules), nodes, clock_.Monotonic());
    Look(work);
  }
  Do(std::move(work));
}

std::vector<HostTable::Scarce> HostCalls::Core::ScarceHosts() const {
  const std::scoped_lock lock(mutex_);
  return table_.scarce();
}

void HostCalls::Core::SetPlaces(const AccountId& account, const std::string& host, std::int64_t places) {
  Work work;
  {
    const std::scoped_lock lock(mutex_);
    table_.SetPlaces(account, host, places, clock_.Monotonic());
    Look(work);
  }
  Do(std::move(work));
}

bool HostCalls::Core::CloseCircuit(const AccountId& account, const std::string& host) {
  Work work;
  bool known = false;
  {
    const std::scoped_lock lock(mutex_);
    known = table_.CloseCircuit(account, host, clock_.Monotonic());
    Look(work);
  }
  Do(std::move(work));
  return known;
}

void HostCalls::Core::Close() {
  std::map<Ticket, Item> items;  // destroyed without the lock
  const std::scoped_lock lock(mutex_);
  closed_ = true;
  items = std::exchange(items_, {});
  tickets_.clear();
}

std::int64_t HostCalls::Core::Wall(Time time) const {
  return (clock_.Now() + std::chrono::duration_cast<Span>(time - clock_.Monotonic())).micros();
}

std::vector<HostCalls::View> HostCalls::Core::HostsOf(const AccountId& account, std::size_t most) const {
  const std::scoped_lock lock(mutex_);
  const Time now = clock_.Monotonic();
  std::vector<View> views;
  for (const HostTable::Seen& seen : table_.HostsOf(account, most, now)) {
    const HostLane& lane = *seen.lane;
    const Breaker& breaker = lane.breaker();
    View view{.host = seen.host,
              .pattern = seen.pattern,
              .running = static_cast<std::int64_t>(lane.running()),
              .waiting = static_cast<std::int64_t>(lane.waiting()),
              .oldest_us = lane.oldest() ? Wall(*lane.oldest()) : 0,
              .used_us = Wall(seen.used),
              .concurrency = seen.limit > 0 ? seen.limit : lane.rule().concurrency,
              .takes_turns = seen.limit > 0,
              .has_breaker = lane.rule().breaker.has_value(),
              .state = breaker.state(now),
              .failures = breaker.in_a_row()};
    if (breaker.since(now) != Time()) view.state_since_us = Wall(breaker.since(now));
    if (view.state == Breaker::State::kOpen) view.open_until_us = Wall(breaker.until());
    if (const auto& error = lane.last_error()) {
      view.error_kind = error->kind;
      view.error_status = error->status;
      view.error_us = Wall(error->at);
    }
    views.push_back(std::move(view));
  }
  return views;
}

std::vector<HostCalls::CallView> HostCalls::Core::CallsTo(const AccountId& account, const std::string& host,
                                                          std::size_t most) const {
  const std::scoped_lock lock(mutex_);
  const std::optional<HostTable::Seen> seen = table_.Find(account, host);
  std::vector<CallView> calls;
  if (!seen) return calls;
  for (const Ticket ticket : seen->lane->Calls(most)) {
    const auto found = items_.find(ticket);
    if (found == items_.end()) continue;
    const Item& item = found->second;
    calls.push_back({.execution = item.key.first,
                     .reference = item.reference,
                     .workflow = item.workflow,
                     .waits = item.state == Item::State::kWaits,
                     .since_us = item.since_us});
  }
  return calls;
}

HostCalls::Status HostCalls::Core::status() const {
  const std::scoped_lock lock(mutex_);
  return {.totals = table_.totals(clock_.Monotonic()),
          .opened = table_.opened(),
          .refused_open = refused_open_,
          .refused_full = refused_full_,
          .refused_overdue = refused_overdue_};
}

// ---- The door

HostCalls::HostCalls(engine::Activities& next, boost::asio::any_io_executor executor, const Clock& clock,
                     Options options)
    : core_(std::make_shared<Core>(next, std::move(executor), clock, std::move(options))) {}
HostCalls::~HostCalls() { core_->Close(); }

void HostCalls::Schedule(engine::ActivityTask task, Done done) {
  core_->Schedule(std::move(task), std::move(done));
}
void HostCalls::Cancel(const ExecutionId& execution, engine::FrameId frame, std::string_view connector,
                       std::int64_t deadline_us) {
  core_->Cancel(execution, frame, connector, deadline_us);
}
void HostCalls::Claim(const engine::Attempt& attempt) { core_->Claim(attempt); }
void HostCalls::SetRules(std::map<AccountId, HostRules> rules, std::size_t nodes) {
  core_->SetRules(std::move(rules), nodes);
}
std::vector<HostTable::Scarce> HostCalls::ScarceHosts() const { return core_->ScarceHosts(); }
void HostCalls::SetPlaces(const AccountId& account, const std::string& host, std::int64_t places) {
  core_->SetPlaces(account, host, places);
}
bool HostCalls::CloseCircuit(const AccountId& account, const std::string& host) {
  return core_->CloseCircuit(account, host);
}
std::vector<HostCalls::View> HostCalls::HostsOf(const AccountId& account, std::size_t most) const {
  return core_->HostsOf(account, most);
}
std::vector<HostCalls::CallView> HostCalls::CallsTo(const AccountId& account, const std::string& host,
                                                    std::size_t most) const {
  return core_->CallsTo(account, host, most);
}
HostCalls::Status HostCalls::status() const { return core_->status(); }

}  // namespace elevaite::hosts
