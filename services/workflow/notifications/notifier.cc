#include "services/workflow/notifications/notifier.h"

#include <algorithm>
#include <boost/asio/post.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <future>
#include <set>
#include <thread>

#include "foundation/async.h"
#include "foundation/log.h"
#include "services/workflow/await.h"
#include "services/workflow/derived_id.h"

namespace elevaite::notifications {
namespace {

using boost::asio::awaitable;
using engine::EventHub;
using engine::StoredEvent;

constexpr std::size_t kTakenAtOnce = 200;
// Events come a little out of order (engine/events/hub.h): after a restart they are read again from so long
// before the last.
constexpr std::int64_t kOverlapUs = 60'000'000;
constexpr std::int64_t kWaitingEveryUs = 2'000'000;
constexpr std::int64_t kForgetEveryUs = 60'000'000;
constexpr std::int64_t kKeptUs = 30LL * 86'400 * 1'000'000;        // what has become of a message
constexpr std::int64_t kGroupedKeptUs = 2LL * 86'400 * 1'000'000;  // longer than events are
// An attempt takes at most so long; then somebody else may make the next one.
constexpr std::int64_t kClaimUs = 60'000'000;
constexpr std::int64_t kLongestRestUs = 60'000'000;  // of a channel; its messages have pauses of their own
constexpr std::int64_t kRetryUs = 1'000'000;         // after an error of the disk, for what it concerns

Kinds KindsOf(const Plan& plan) {
  Kinds kinds;
  for (const Rule& rule : plan.rules) {
    if (rule.settings.enabled) kinds.insert(rule.settings.on.begin(), rule.settings.on.end());
  }
  return kinds;
}

std::int64_t EarliestRule(const Plan& plan) {
  std::int64_t earliest_us = INT64_MAX;
  for (const Rule& rule : plan.rules) earliest_us = std::min(earliest_us, rule.since_us);
  return earliest_us;
}

std::optional<std::int64_t> ShortestWait(const Plan& plan) {
  std::optional<std::int64_t> shortest;
  for (const Rule& rule : plan.rules) {
    if (!rule.settings.enabled || !rule.settings.on.contains(Kind::kWaiting)) continue;
    shortest = std::min(shortest.value_or(INT64_MAX), rule.settings.waiting_after.count());
  }
  return shortest;
}

Occasion OccasionFor(const Waiting& wait, std::int64_t after_us, std::int64_t now_us) {
  const std::string execution = wait.record.id.ToString();
  Occasion occasion{.kind = Kind::kWaiting,
                    .id = execution + ".waiting." + wait.mark + "." + std::to_string(wait.since_us) + "." +
                          std::to_string(after_us / 1'000'000),
                    .time_us = now_us,
                    .place = {.name_space = wait.record.name_space, .workflow = wait.record.workflow},
                    .execution = wait.record.id};
  const Json waiting = Json::Object({{"for", wait.what},
                                     {"since", Timestamp::FromMicros(wait.since_us).ToRfc3339()},
                                     {"for_s", (now_us - wait.since_us) / 1'000'000}});
  occasion.details =
      Json::Object({{"waiting", waiting}, {"task", wait.reference.empty() ? Json() : Json(wait.reference)}});
  if (wait.human_task.IsObject())
    occasion.details = Json::WithMember(occasion.details, "human_task",
                                        Json::Object({{"id", wait.human_task["id"]},
                                                      {"title", wait.human_task["title"]},
                                                      {"assignee", wait.human_task["assignee"]},
                                                      {"role", wait.human_task["role"]},
                                                      {"deadline", wait.human_task["deadline"]},
                                                      {"url", wait.human_task["href"]}}));
  return occasion;
}

}  // namespace

Notifier::Notifier(NotificationStore& store, Courier& courier, EventHub& hub, engine::EventStore& events,
                   NotifierHost& host, const Clock& clock, Random& random, NotifierOptions options)
    : store_(store),
      courier_(courier),
      hub_(hub),
      event_store_(events),
      host_(host),
      clock_(clock),
      random_(random),
      options_(std::move(options)),
      life_(SystemUuids().Next().ToText()),
      timer_(options_.executor) {}

// ---- Beginning and ending ----

Result<void> Notifier::Prepare() {
  ASSIGN_OR_RETURN(const Plans plans, store_.AllPlansNow());
  TellOf(plans);
  return {};
}

void Notifier::Start() { Spawn(options_.executor, Run(), "notifications"); }

void Notifier::Lead(bool leads) {
  if (leads_.exchange(leads) != leads) Wake();
}

void Notifier::Stop(std::chrono::milliseconds patience) {
  if (stopping_.exchange(true)) return;
  std::promise<void> stopped;
  boost::asio::post(options_.executor, [this, &stopped] {
    StopListening();
    timer_.cancel();
    stopped.set_value();
  });
  stopped.get_future().wait();
  const auto give_up = std::chrono::steady_clock::now() + patience;
  while (under_way_ > 0 && std::chrono::steady_clock::now() < give_up)
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
}

void Notifier::Wake() {
  boost::asio::post(options_.executor, [this] {
    woken_ = true;
    timer_.cancel();
  });
}

Task<void> Notifier::Refresh() {
  auto here = RefreshHere();
  CO_RETURN_IF_ERROR(co_await std::move(here));
  if (options_.tell_others) {
    auto tell = options_.tell_others();
    co_await std::move(tell);
  }
  co_return Result<void>();
}

Task<void> Notifier::RefreshHere() {
  OneShot<Result<void>> applied;
  Spawn(options_.executor, ApplyFor(applied), "notifications");
  auto wait = applied.WaitUntil(std::chrono::steady_clock::now() + workflow::kAnswerTimeout);
  const auto done = co_await std::move(wait);
  Wake();
  co_return done ? *done : Fail(ErrorCode::kTimeout, "the rules were not taken over in time");
}

awaitable<void> Notifier::ApplyFor(OneShot<Result<void>> applied) {
  auto apply = Apply();
  applied.Set(co_await std::move(apply));
}

Notifier::Counts Notifier::counts() const {
  return {.delivered = delivered_,
          .attempts_failed = attempts_failed_,
          .given_up = given_up_,
          .pending = pending_};
}

const Plan* Notifier::PlanOf(const AccountId& account) const {
  const auto found = plans_.find(account);
  return found == plans_.end() ? nullptr : &found->second;
}

awaitable<void> Notifier::Pause(std::chrono::milliseconds time) {
  boost::asio::steady_timer pause(options_.executor, time);
  boost::system::error_code ignored;
  co_await pause.async_wait(boost::asio::redirect_error(boost::asio::use_awaitable, ignored));
}

awaitable<void> Notifier::Run() {
  while (!stopping_) {
    woken_ = false;
    auto round = Round();
    const Result<void> done = co_await std::move(round);
    if (!done && !stopping_)
      LogWarn("notifications could not be looked after; it is tried again",
              {{"error", done.error().message}});
    if (woken_ && done) continue;
    const auto until_due =
        std::chrono::microseconds(std::max<std::int64_t>(wakes_us_ - clock_.Now().micros(), 0));
    timer_.expires_after(done ? std::min<std::chrono::microseconds>(until_due, options_.look_every)
                              : std::chrono::microseconds(options_.look_every));
    boost::system::error_code ignored;
    co_await timer_.async_wait(boost::asio::redirect_error(boost::asio::use_awaitable, ignored));
  }
}

Task<void> Notifier::Round() {
  wakes_us_ = INT64_MAX;
  auto read = store_.Revision();
  ASSIGN_OR_CO_RETURN(const std::string revision, co_await std::move(read));
  if (revision != revision_) {
    auto apply = Apply();
    CO_RETURN_IF_ERROR(co_await std::move(apply));
  }
  if (!leads_) {
    StopListening();
    co_return Result<void>();
  }
  if (!listens_) ListenAll();
  if (options_.is_alone && !std::exchange(released_, true)) {
    auto release = store_.ReleaseOthers(life_);
    CO_RETURN_IF_ERROR(co_await std::move(release));
  }
  auto missed = ReadMissed();
  co_await std::move(missed);
  auto take = TakeEvents();
  co_await std::move(take);
  auto look = LookForWaiting();
  co_await std::move(look);
  auto close = store_.CloseGroups();
  ASSIGN_OR_CO_RETURN(const auto next, co_await std::move(close));
  wakes_us_ = std::min(wakes_us_, next.value_or(INT64_MAX));
  auto send = Send();
  CO_RETURN_IF_ERROR(co_await std::move(send));
  auto forget = ForgetOld();
  co_return co_await std::move(forget);
}

// ---- Rules ----

Task<void> Notifier::Apply() {
  auto ask = store_.Revision();
  ASSIGN_OR_CO_RETURN(std::string revision, co_await std::move(ask));
  auto read = store_.AllPlans();
  ASSIGN_OR_CO_RETURN(Plans plans, co_await std::move(read));
  TellOf(plans);
  plans_ = std::move(plans);
  revision_ = std::move(revision);
  if (listens_) ListenAll();
  co_return Result<void>();
}

void Notifier::TellOf(const Plans& plans) {
  std::map<AccountId, EventHub::EventTypes> told;
  for (const auto& [account, plan] : plans) {
    if (const EventHub::EventTypes of = JournalEventsOf(KindsOf(plan)); of != 0) told[account] = of;
  }
  hub_.TellOf(std::move(told));
}

// From now on; what came before is read from the disk. A listener takes the place of the one before it.
void Notifier::ListenAll() {
  std::erase_if(listening_, [this](const auto& one) {
    if (plans_.contains(one.first)) return false;
    hub_.Unsubscribe(one.second);
    return true;
  });
  for (const auto& [account, plan] : plans_) {
    const std::vector<std::string> types = EventTypesOf(KindsOf(plan));
    const EventHub::Key key{workflow::DerivedId(0, "notifications\n" + account.ToString()), 0};
    if (types.empty()) {
      if (listening_.erase(account) > 0) hub_.Unsubscribe(key);
      continue;
    }
    EventHub::Subscription subscription{
        .account = account, .key = key, .types = types, .since_us = hub_.AcceptedNowUs(), .quiet = true};
    const auto deliver = [this](const StoredEvent& event) {
      boost::asio::post(options_.executor, [this, event] {
        if (stopping_ || !listens_) return;
        // Of an account that has missed one all that comes later is read from the disk, too: taken before it,
        // it would say that events have been read up to there.
        if (events_.size() >= options_.events_queued_max) missed_.try_emplace(event.account, 0);
        if (!missed_.contains(event.account)) events_.push_back(event);
        woken_ = true;
        timer_.cancel();
      });
    };
    if (const auto done = hub_.Subscribe(std::move(subscription), deliver); !done) {
      LogError("notifications cannot listen; it is tried again", {{"error", done.error().message}});
      continue;
    }
    listening_[account] = key;
    missed_[account] = 0;
  }
  listens_ = true;
}

void Notifier::StopListening() {
  for (const auto& [account, key] : listening_) hub_.Unsubscribe(key);
  listening_.clear();
  events_.clear();
  missed_.clear();
  lines_.clear();
  listens_ = false;
}

// ---- Events ----

awaitable<void> Notifier::ReadMissed() {
  const std::int64_t now_us = clock_.Now().micros();
  std::vector<AccountId> due;
  for (const auto& [account, due_us] : missed_) {
    if (due_us <= now_us)
      due.push_back(account);
    else
      wakes_us_ = std::min(wakes_us_, due_us);
  }
  for (const AccountId& account : due) {
    if (stopping_) co_return;
    missed_.erase(account);  // before it is read: one that is missed meanwhile is for another reading
    auto read = ReadMissedOf(account);
    const Result<void> done = co_await std::move(read);
    if (!done) ReadAgain(account, done.error());
  }
}

// Nothing of the account is taken out of turn, see ListenAll.
void Notifier::ReadAgain(const AccountId& account, const Error& why) {
  LogWarn("events of an account could not be looked at for notifications; they are read again",
          {{"account", account.ToString()}, {"error", why.message}});
  std::erase_if(events_, [&](const StoredEvent& event) { return event.account == account; });
  missed_[account] = clock_.Now().micros() + kRetryUs;
  wakes_us_ = std::min(wakes_us_, missed_[account]);
}

Task<void> Notifier::ReadMissedOf(AccountId account) {
  const Plan* plan = PlanOf(account);
  if (plan == nullptr) co_return Result<void>();
  const std::vector<std::string> types = EventTypesOf(KindsOf(*plan));
  const std::int64_t earliest_us = EarliestRule(*plan);
  auto ask = store_.ProgressOf(account);
  ASSIGN_OR_CO_RETURN(const std::int64_t progress_us, co_await std::move(ask));
  const std::int64_t since_us = std::max(progress_us - kOverlapUs, earliest_us);
  std::int64_t after = 0;
  while (!types.empty() && !stopping_) {
    auto load = workflow::Await<std::vector<StoredEvent>>([&](auto done) {
      boost::asio::post(options_.blocking, [this, account, types, since_us, after, done]() mutable {
        done(event_store_.Load(account, types, since_us, after, INT64_MAX, kTakenAtOnce));
      });
    });
    ASSIGN_OR_CO_RETURN(std::vector<StoredEvent> page, co_await std::move(load));
    const bool is_last = page.size() < kTakenAtOnce;
    if (!page.empty()) after = page.back().position;
    auto take = Take(std::move(page));
    CO_RETURN_IF_ERROR(co_await std::move(take));
    if (is_last) break;
  }
  co_return Result<void>();
}

awaitable<void> Notifier::TakeEvents() {
  while (!events_.empty() && !stopping_) {
    const std::size_t count = std::min(events_.size(), kTakenAtOnce);
    const auto end = events_.begin() + static_cast<std::ptrdiff_t>(count);
    std::set<AccountId> accounts;
    for (auto event = events_.begin(); event != end; ++event) accounts.insert(event->account);
    auto take = Take({events_.begin(), end});
    const Result<void> done = co_await std::move(take);
    if (!listens_) co_return;  // somebody else has taken over meanwhile
    events_.erase(events_.begin(), events_.begin() + static_cast<std::ptrdiff_t>(count));
    if (done) continue;
    for (const AccountId& account : accounts) ReadAgain(account, done.error());  // each for itself
  }
}

Task<void> Notifier::Take(std::vector<StoredEvent> events) {
  std::vector<NewNotification> added;
  std::map<AccountId, std::int64_t> progress;
  for (const StoredEvent& event : events) {
    std::int64_t& until_us = progress[event.account];
    until_us = std::max(until_us, event.accepted_us);
    std::optional<Occasion> occasion = OccasionOf(event.event);
    if (!occasion) continue;
    auto match = Match(event.account, *std::move(occasion), event.accepted_us, added);
    CO_RETURN_IF_ERROR(co_await std::move(match));
  }
  if (events.empty()) co_return Result<void>();
  auto add = store_.Add(std::move(added), std::move(progress));
  co_return co_await std::move(add);
}

Task<void> Notifier::Match(AccountId account, Occasion occasion, std::int64_t accepted_us,
                           std::vector<NewNotification>& added) {
  const Plan* plan = PlanOf(account);
  if (plan == nullptr) co_return Result<void>();
  std::vector<Rule> rules;
  for (const Rule& rule : plan->rules) {
    if (Concerns(rule, occasion, accepted_us)) rules.push_back(rule);
  }
  if (rules.empty()) co_return Result<void>();
  std::optional<engine::ExecutionRecord> record;
  if (occasion.execution) {
    auto find = host_.Find(account, *occasion.execution);
    auto found = co_await std::move(find);
    if (!found && found.error().code != ErrorCode::kNotFound) co_return Fail(found.error());
    if (found) record = *std::move(found);
  }
  const Json content = ContentOf(occasion, record ? &*record : nullptr, options_.base_url);
  for (const Rule& rule : rules) {
    if (record ? Concerns(rule.settings, occasion.kind, *record) : !NeedsRecord(rule.settings))
      Tell(account, rule, occasion, content, added);
  }
  co_return Result<void>();
}

// Each channel once, whatever the number of rules.
void Notifier::Tell(const AccountId& account, const Rule& rule, const Occasion& occasion, const Json& content,
                    std::vector<NewNotification>& added) const {
  const Plan* plan = PlanOf(account);
  if (plan == nullptr) return;
  for (const ChannelId& id : rule.settings.channels) {
    const auto channel = plan->channels.find(id);
    if (channel == plan->channels.end() || !channel->second.settings.enabled) continue;
    const bool is_told = std::ranges::any_of(added, [&](const NewNotification& other) {
      return other.account == account && other.channel == id && other.occasion.id == occasion.id;
    });
    if (is_told) continue;
    added.push_back({.account = account,
                     .channel = id,
                     .rule = rule.id,
                     .occasion = occasion,
                     .content = content,
                     .group_within_us = rule.settings.group_within.count()});
  }
}

// ---- What waits too long ----

awaitable<void> Notifier::LookForWaiting() {
  const std::int64_t now_us = clock_.Now().micros();
  if (now_us < waiting_due_us_) co_return;
  waiting_due_us_ = now_us + kWaitingEveryUs;
  const Plans plans = plans_;
  for (const auto& [account, plan] : plans) {
    if (stopping_) co_return;
    auto look = LookForWaitingOf(account, plan, now_us);
    if (const Result<void> done = co_await std::move(look); !done)
      LogWarn("what waits too long could not be looked for; it is tried again",
              {{"account", account.ToString()}, {"error", done.error().message}});
  }
}

Task<void> Notifier::LookForWaitingOf(const AccountId& account, const Plan& plan, std::int64_t now_us) {
  const auto shortest_us = ShortestWait(plan);
  if (!shortest_us) co_return Result<void>();
  auto look = host_.LookForWaiting(account, *shortest_us);
  ASSIGN_OR_CO_RETURN(const std::vector<Waiting> waits, co_await std::move(look));
  std::vector<NewNotification> added;
  for (const Waiting& wait : waits) {
    for (const Rule& rule : plan.rules) {
      const std::int64_t after_us = rule.settings.waiting_after.count();
      // It waits now, whenever the rule was made.
      const Occasion occasion = OccasionFor(wait, after_us, now_us);
      if (now_us - wait.since_us < after_us || !Concerns(rule, occasion, INT64_MAX) ||
          !Concerns(rule.settings, Kind::kWaiting, wait.record))
        continue;
      Tell(account, rule, occasion, ContentOf(occasion, &wait.record, options_.base_url), added);
    }
  }
  if (added.empty()) co_return Result<void>();
  auto add = store_.Add(std::move(added), {});
  co_return co_await std::move(add);
}

// ---- Sending ----

Task<void> Notifier::Send() {
  std::int64_t pending = 0;
  std::optional<Line> after;
  while (!stopping_) {
    auto ask = store_.Backlogs(std::exchange(after, std::nullopt), options_.backlogs_at_once);
    ASSIGN_OR_CO_RETURN(const std::vector<Backlog> page, co_await std::move(ask));
    for (const Backlog& backlog : page) {
      pending += backlog.count;
      after = Line{backlog.account, backlog.channel};
      auto send = SendOf(backlog);
      if (const Result<void> done = co_await std::move(send); !done) {
        LogWarn("the notifications of a channel could not be read; it is tried again",
                {{"channel", backlog.channel.ToString()}, {"error", done.error().message}});
        lines_[*after].not_before_us = clock_.Now().micros() + kRetryUs;
      }
    }
    if (page.size() < options_.backlogs_at_once) break;
  }
  pending_ = pending;
  co_return Result<void>();
}

Task<void> Notifier::SendOf(const Backlog& backlog) {
  const std::int64_t now_us = clock_.Now().micros();
  const LineState& line = lines_[{backlog.account, backlog.channel}];
  const std::int64_t due_us = std::max(backlog.due_us, line.not_before_us);
  if (due_us > now_us) {
    wakes_us_ = std::min(wakes_us_, due_us);
    co_return Result<void>();
  }
  const std::size_t most = line.failures > 0 ? 1 : kUnderWayOfChannelMax;
  if (line.under_way >= most || under_way_ >= kUnderWayMax || stopping_) co_return Result<void>();
  const std::size_t free = std::min(most - line.under_way, kUnderWayMax - under_way_);
  auto read = store_.Due(backlog.account, backlog.channel, free);
  ASSIGN_OR_CO_RETURN(std::vector<Notification> due, co_await std::move(read));
  for (Notification& one : due) {
    // The plan may change while the disk is read.
    const Plan* plan = PlanOf(one.account);
    if (plan != nullptr && leads_) Begin(*plan, std::move(one));
  }
  co_return Result<void>();
}

void Notifier::Begin(const Plan& plan, Notification notification) {
  const auto channel = plan.channels.find(notification.channel);
  if (channel == plan.channels.end() || !channel->second.settings.enabled) return;  // it waits
  std::optional<RuleSettings> settings;
  const auto rule = std::ranges::find(plan.rules, notification.rule, &Rule::id);
  if (rule != plan.rules.end()) settings = rule->settings;
  ++under_way_;
  ++lines_[{notification.account, notification.channel}].under_way;
  Spawn(options_.executor, Deliver(channel->second, std::move(settings), std::move(notification)),
        "notification");
}

awaitable<void> Notifier::Deliver(Channel channel, std::optional<RuleSettings> rule, Notification n) {
  const Line line{n.account, n.channel};
  auto deliver = DeliverOnce(channel, rule, std::move(n));
  if (const Result<void> done = co_await std::move(deliver); !done)
    LogWarn("a notification could not be sent; it is tried again", {{"error", done.error().message}});
  --under_way_;
  if (const auto state = lines_.find(line); state != lines_.end() && state->second.under_way > 0)
    --state->second.under_way;
  woken_ = true;
  timer_.cancel();
}

Task<void> Notifier::DeliverOnce(const Channel& channel, const std::optional<RuleSettings>& rule,
                                 Notification n) {
  auto claim = store_.Claim(n, life_, clock_.Now().micros() + kClaimUs);
  ASSIGN_OR_CO_RETURN(const bool is_ours, co_await std::move(claim));
  if (!is_ours) co_return Result<void>();
  ++n.attempts;
  auto send = courier_.Send(channel, rule, n);
  const Attempt attempt = co_await std::move(send);
  Settle(n, attempt, channel.settings);
  auto finish = Finish(std::move(n));
  co_await std::move(finish);
  co_return Result<void>();
}

// What is delivered must not be sent again because the disk was full for a moment.
awaitable<void> Notifier::Finish(Notification n) {
  while (true) {
    auto write = store_.Finish(n);
    const Result<void> written = co_await std::move(write);
    if (written || stopping_) co_return;
    LogWarn("what became of a notification could not be written; it is tried again",
            {{"notification", n.id.ToString()}, {"error", written.error().message}});
    auto pause = Pause(std::chrono::seconds(1));
    co_await std::move(pause);
  }
}

void Notifier::Settle(Notification& n, const Attempt& attempt, const ChannelSettings& settings) {
  const std::int64_t now_us = clock_.Now().micros();
  LineState& line = lines_[{n.account, n.channel}];
  n.answer = ToJson(attempt, now_us);
  n.due_us.reset();
  if (attempt.delivered) {
    line.failures = 0;
    line.not_before_us = 0;
    n.status = Status::kDelivered;
    n.ended_us = now_us;
    ++delivered_;
    return;
  }
  ++attempts_failed_;
  const std::int64_t pause_us = BackoffUs(n.attempts, random_.Unit(), attempt.asked_for_us);
  // A message that the other side will never take says nothing about the others.
  if (!attempt.is_final) {
    ++line.failures;
    line.not_before_us =
        now_us +
        std::min(std::max(BackoffUs(line.failures, random_.Unit(), 0), attempt.asked_for_us), kLongestRestUs);
  }
  if (attempt.is_final || now_us + pause_us > n.created_us + settings.give_up_after.count()) {
    n.status = Status::kGivenUp;
    n.ended_us = now_us;
    ++given_up_;
    LogWarn("a notification was given up",
            {{"notification", n.id.ToString()}, {"channel", n.channel.ToString()}, {"error", attempt.error}});
    return;
  }
  n.due_us = now_us + pause_us;
}

Task<void> Notifier::ForgetOld() {
  const std::int64_t now_us = clock_.Now().micros();
  if (now_us < forget_due_us_) co_return Result<void>();
  auto forget = store_.Forget(now_us - kKeptUs, now_us - kGroupedKeptUs);
  ASSIGN_OR_CO_RETURN(const bool more, co_await std::move(forget));
  forget_due_us_ = more ? now_us : now_us + kForgetEveryUs;
  co_return Result<void>();
}

}  // namespace elevaite::notifications
