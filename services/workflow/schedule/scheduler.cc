#include "services/workflow/schedule/scheduler.h"

#include <algorithm>
#include <boost/asio/bind_executor.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <future>

#include "engine/machine/consumption.h"
#include "foundation/async.h"
#include "foundation/log.h"
#include "services/workflow/derived_id.h"

namespace elevaite::workflow {
namespace {

constexpr std::chrono::seconds kRetryAfter{1};
constexpr std::chrono::seconds kLongestSleep{1};  // the machine's clock may be set at any time
constexpr std::size_t kEventsQueuedMax = 100'000;
constexpr std::int64_t kForgetEventsEveryUs = 60'000'000;

}  // namespace

// A schedule in memory.
struct Scheduler::Active {
  ScheduleRow row;  // as it is in the store
  std::shared_ptr<const dsl::Program> program;
  std::optional<Timetable> timetable;           // none: the version has no schedule
  std::optional<engine::EventTrigger> trigger;  // schedule.on
  std::deque<engine::StoredEvent> events;       // that came and were not looked at
  struct Start {
    ExecutionId id;
    Json input;
  };
  std::optional<Start> pending;  // caused by the last event looked at
  bool unsaved = false;          // `row` has changed
  bool working = false;          // a coroutine deals with it
  bool replaced = false;

  bool IsDue(std::int64_t now_us) const {
    return !row.settings.paused && row.due_us && *row.due_us <= now_us;
  }
  engine::EventHub::Key key() const {
    return {DerivedId(0, row.account.ToString() + "/" + row.name_space + "." + row.workflow), 0};
  }
  std::string CauseOf(std::string_view what, std::int64_t number) const {
    return row.account.ToString() + "/" + row.name_space + "." + row.workflow + "/" + std::string(what) +
           "/" + std::to_string(number);
  }
};

Scheduler::Scheduler(ScheduleStore& store, Programs& programs, WorkflowService& service, const Clock& clock,
                     engine::MachineLimits limits, boost::asio::any_io_executor executor)
    : store_(store),
      programs_(programs),
      service_(service),
      clock_(clock),
      limits_(std::move(limits)),
      executor_(std::move(executor)),
      timer_(executor_) {}

std::string Scheduler::KeyOf(const ScheduleRow& row) {
  return row.account.ToString() + "/" + row.name_space + "." + row.workflow;
}

// ---- Taking up ----

Result<void> Scheduler::Start() {
  ASSIGN_OR_RETURN(std::vector<ScheduleRow> rows, store_.LoadAll());
  ASSIGN_OR_RETURN(const std::vector<UnscheduledVersion> missing, store_.LoadUnscheduled());
  std::map<std::string, ScheduleRow> by_key;
  for (ScheduleRow& row : rows) by_key.emplace(KeyOf(row), std::move(row));
  std::vector<Shared> all;
  for (const UnscheduledVersion& version : missing) {
    ScheduleRow row{
        .account = version.account, .name_space = version.name_space, .workflow = version.workflow};
    if (const auto found = by_key.find(KeyOf(row)); found != by_key.end())
      row.settings = found->second.settings;
    row.version = version.version;
    by_key.insert_or_assign(KeyOf(row), std::move(row));
  }
  for (auto& [key, row] : by_key) {
    if (row.version.empty()) continue;
    const bool is_new = std::ranges::any_of(missing, [&](const UnscheduledVersion& version) {
      return version.account == row.account && version.workflow == row.workflow &&
             version.name_space == row.name_space;
    });
    const auto program = programs_.LoadVersion(row.account, row.name_space, row.workflow, row.version);
    if (!program) {
      LogError("a schedule cannot be taken up",
               {{"workflow", row.workflow}, {"error", program.error().message}});
      continue;
    }
    auto active = MakeActive(std::move(row), *program);
    if (!active) {
      LogError("a schedule cannot be taken up", {{"workflow", key}, {"error", active.error().message}});
      continue;
    }
    if (is_new) Begin(**active);
    all.push_back(*std::move(active));
  }
  boost::asio::post(executor_, [this, all = std::move(all)] {
    for (const Shared& active : all) Install(active);
    leads_ = true;
    if (!std::exchange(ticks_, true)) Spawn(executor_, Tick(), "scheduler");
  });
  return {};
}

void Scheduler::Suspend() {
  std::promise<void> suspended;
  boost::asio::post(executor_, [this, &suspended] {
    leads_ = false;
    for (const auto& [key, active] : active_) {
      active->replaced = true;
      service_.events().Unsubscribe(active->key());
    }
    active_.clear();
    suspended.set_value();
  });
  suspended.get_future().wait();
}

void Scheduler::Stop() {
  std::promise<void> stopped;
  boost::asio::post(executor_, [this, &stopped] {
    stopping_ = true;
    timer_.cancel();
    stopped.set_value();
  });
  stopped.get_future().wait();
}

Result<Scheduler::Shared> Scheduler::MakeActive(ScheduleRow row,
                                                std::shared_ptr<const dsl::Program> program) {
  auto active = std::make_shared<Active>();
  active->row = std::move(row);
  active->program = std::move(program);
  if (!active->program->schedule) return active;
  const dsl::Schedule& schedule = *active->program->schedule;
  ASSIGN_OR_RETURN(active->timetable,
                   Timetable::Create(schedule, active->row.settings.zone, active->row.settings.catch_up));
  if (schedule.on) {
    active->trigger.emplace(active->program, limits_);
    active->trigger->Restore(active->row.collected["trigger"]);
  }
  return active;
}

// What the first row of a version says.
void Scheduler::Begin(Active& active) {
  const std::int64_t now_us = clock_.Now().micros();
  active.row.running.reset();
  active.row.due_us = active.timetable ? active.timetable->First(now_us) : std::nullopt;
  active.row.collected = active.trigger ? Json::Object({{"since", now_us}}) : Json();
  active.unsaved = true;
}

void Scheduler::Install(Shared active) {
  Shared& slot = active_[KeyOf(active->row)];
  if (slot) {
    slot->replaced = true;
    service_.events().Unsubscribe(slot->key());
  }
  slot = active;
  if (active->trigger) Listen(active);
  if (active->timetable && active->timetable->WaitsForEnd() && active->row.running && !active->row.due_us)
    Spawn(executor_, WatchEnd(active, *active->row.running), "schedule");
  Wake(active);
}

void Scheduler::Listen(const Shared& active) {
  engine::EventHub::Subscription subscription{
      .account = active->row.account,
      .key = active->key(),
      .types = engine::TypesOf(*active->program->schedule->on),
      .since_us = active->row.collected["since"].IntOr(0),
      .after = service_.events().WithStragglers(active->trigger->position())};
  const auto deliver = [this, weak = std::weak_ptr(active)](const engine::StoredEvent& event) {
    boost::asio::post(executor_, [this, weak, event] {
      const Shared still = weak.lock();
      if (!still || still->replaced || still->row.settings.paused) return;
      if (still->events.size() < kEventsQueuedMax) still->events.push_back(event);
      Wake(still);
    });
  };
  const auto subscribed = service_.events().Subscribe(std::move(subscription), deliver);
  if (!subscribed)
    LogError("a schedule cannot listen",
             {{"workflow", active->row.workflow}, {"error", subscribed.error().message}});
}

Task<void> Scheduler::Published(AccountId account, std::shared_ptr<const dsl::Program> program) {
  auto replace = Replace(std::move(account), std::move(program));
  co_return co_await boost::asio::co_spawn(executor_, std::move(replace), boost::asio::use_awaitable);
}

Result<void> Scheduler::CheckLeads() const {
  if (leads_) return {};
  return Fail(Error{.code = ErrorCode::kUnavailable,
                    .message = "the schedules are being taken up",
                    .retry_after = std::chrono::seconds(1)});
}

Task<void> Scheduler::Replace(AccountId account, std::shared_ptr<const dsl::Program> program) {
  CO_RETURN_IF_ERROR(CheckLeads());
  ScheduleRow row{.account = account, .name_space = program->name_space, .workflow = program->name};
  auto find = store_.Find(account, row.name_space, row.workflow);
  ASSIGN_OR_CO_RETURN(const std::optional<ScheduleRow> before, co_await std::move(find));
  if (before) row.settings = before->settings;
  row.version = program->version;
  ASSIGN_OR_CO_RETURN(Shared active, MakeActive(std::move(row), std::move(program)));
  Begin(*active);
  Install(std::move(active));
  co_return Result<void>();
}

Task<void> Scheduler::Configure(AccountId account, std::string name_space, std::string workflow,
                                ScheduleSettings settings) {
  CO_RETURN_IF_ERROR(TimeZone::Load(settings.zone));
  auto change =
      ConfigureHere(std::move(account), std::move(name_space), std::move(workflow), std::move(settings));
  co_return co_await boost::asio::co_spawn(executor_, std::move(change), boost::asio::use_awaitable);
}

Task<void> Scheduler::ConfigureHere(AccountId account, std::string name_space, std::string workflow,
                                    ScheduleSettings settings) {
  CO_RETURN_IF_ERROR(CheckLeads());
  ScheduleRow row{.account = account, .name_space = name_space, .workflow = workflow};
  const auto found = active_.find(KeyOf(row));
  if (found == active_.end()) {  // published a moment ago, or a document without a schedule
    auto find = store_.Find(account, name_space, workflow);
    ASSIGN_OR_CO_RETURN(const std::optional<ScheduleRow> stored, co_await std::move(find));
    if (stored) row = *stored;
    row.settings = std::move(settings);
    co_return co_await store_.Save(std::move(row));
  }
  row = found->second->row;
  const bool resumed = row.settings.paused && !settings.paused;
  const bool other_zone = row.settings.zone != settings.zone;
  row.settings = std::move(settings);
  ASSIGN_OR_CO_RETURN(Shared active, MakeActive(row, found->second->program));
  if (resumed || other_zone) {
    if (active->timetable && !active->timetable->WaitsForEnd())
      row.due_us = active->timetable->First(clock_.Now().micros());
    if (active->trigger && resumed) row.collected = Json::Object({{"since", clock_.Now().micros()}});
    active->row = row;
  }
  CO_RETURN_IF_ERROR(co_await store_.Save(active->row));
  Install(std::move(active));
  co_return Result<void>();
}

// ---- Running ----

void Scheduler::Wake(const Shared& active) {
  const bool has_work =
      active->unsaved || active->pending || !active->events.empty() || active->IsDue(clock_.Now().micros());
  if (has_work && !active->working && !active->replaced && !stopping_) {
    active->working = true;
    Spawn(executor_, Work(active), "schedule");
  }
  timer_.cancel();  // it may be due earlier than what is slept for
}

void Scheduler::ForgetOldEvents(std::int64_t now_us) {
  if (now_us < forget_due_us_) return;
  forget_due_us_ = now_us + kForgetEventsEveryUs;
  service_.events().Expire();
}

boost::asio::awaitable<void> Scheduler::Tick() {
  while (!stopping_) {
    const std::int64_t now_us = clock_.Now().micros();
    ForgetOldEvents(now_us);
    std::chrono::microseconds sleep = kLongestSleep;
    for (const auto& [key, active] : active_) {
      if (active->working || !active->row.due_us || active->row.settings.paused) continue;
      const std::chrono::microseconds left(*active->row.due_us - now_us);
      if (left.count() > 0) {
        sleep = std::min(sleep, left);
      } else {
        active->working = true;
        Spawn(executor_, Work(active), "schedule");
      }
    }
    timer_.expires_after(sleep);
    boost::system::error_code woken;
    co_await timer_.async_wait(boost::asio::redirect_error(boost::asio::use_awaitable, woken));
  }
}

// Until there is nothing to do for now. What cannot be done is tried again.
boost::asio::awaitable<void> Scheduler::Work(Shared active) {
  while (!stopping_ && !active->replaced) {
    if (!active->unsaved && !active->pending && active->events.empty() &&
        !active->IsDue(clock_.Now().micros()))
      break;
    auto work = WorkOnce(active);
    const Result<void> done = co_await std::move(work);
    if (done) continue;
    LogError("a schedule could not start its workflow; it is tried again",
             {{"workflow", active->row.workflow}, {"error", done.error().message}});
    boost::asio::steady_timer pause(executor_, kRetryAfter);
    boost::system::error_code ignored;
    co_await pause.async_wait(boost::asio::redirect_error(boost::asio::use_awaitable, ignored));
  }
  active->working = false;
  timer_.cancel();
}

Task<void> Scheduler::WorkOnce(Shared active) {
  if (active->unsaved) co_return co_await Save(active, active->row);
  if (active->pending) co_return co_await StartPending(active);
  if (!active->events.empty()) co_return co_await TakeEvent(active);
  co_return co_await FireDue(active);
}

Task<void> Scheduler::FireDue(Shared active) {
  const std::int64_t due_us = *active->row.due_us;
  const std::int64_t now_us = clock_.Now().micros();
  ScheduleRow row = active->row;
  bool starts = active->timetable->StartsNow(due_us, now_us);
  if (starts && !row.settings.overlap && row.running) {
    auto ask = service_.IsRunning(row.account, *row.running);
    ASSIGN_OR_CO_RETURN(const bool running, co_await std::move(ask));
    starts = !running;
  }
  const ExecutionId id = DerivedId(due_us, active->CauseOf("time", due_us));
  if (starts) {
    auto start = service_.StartOnce({.account = row.account,
                                     .input = Json::EmptyObject(),
                                     .trigger = engine::Trigger::kSchedule,
                                     .correlation = "schedule"},
                                    active->program, id);
    CO_RETURN_IF_ERROR(co_await std::move(start));
    row.running = id;
  }
  row.due_us = active->timetable->Next(due_us, now_us);
  CO_RETURN_IF_ERROR(co_await Save(active, std::move(row)));
  if (starts && active->timetable->WaitsForEnd()) Spawn(executor_, WatchEnd(active, id), "schedule");
  co_return Result<void>();
}

Task<void> Scheduler::TakeEvent(Shared active) {
  const engine::StoredEvent event = std::move(active->events.front());
  active->events.pop_front();
  const std::int64_t before = active->trigger->position();
  auto input = active->trigger->Offer(event, clock_.Now().micros());
  if (!input) {
    LogError("a schedule has collected too many events and begins anew",
             {{"workflow", active->row.workflow}, {"error", input.error().message}});
    active->trigger.emplace(active->program, limits_);
    co_return Result<void>();
  }
  if (*input) {
    const ExecutionId id = DerivedId(event.accepted_us, active->CauseOf("event", event.position));
    active->pending = Active::Start{id, **std::move(input)};
    co_return co_await StartPending(active);
  }
  if (active->trigger->position() == before) co_return Result<void>();
  co_return co_await Save(active, active->row);
}

Task<void> Scheduler::StartPending(Shared active) {
  ScheduleRow row = active->row;
  auto start = service_.StartOnce({.account = row.account,
                                   .input = active->pending->input,
                                   .trigger = engine::Trigger::kEvent,
                                   .correlation = "event"},
                                  active->program, active->pending->id);
  CO_RETURN_IF_ERROR(co_await std::move(start));
  row.running = active->pending->id;
  active->pending.reset();
  co_return co_await Save(active, std::move(row));
}

Task<void> Scheduler::Save(Shared active, ScheduleRow row) {
  if (active->trigger) {
    row.collected =
        Json::Object({{"since", active->row.collected["since"]}, {"trigger", active->trigger->ToJson()}});
  }
  active->unsaved = true;
  auto save = store_.Save(row);
  CO_RETURN_IF_ERROR(co_await std::move(save));
  active->unsaved = false;
  active->row = std::move(row);
  co_return Result<void>();
}

boost::asio::awaitable<void> Scheduler::WatchEnd(Shared active, ExecutionId id) {
  auto wait = service_.WaitUntilEnded(active->row.account, id);
  co_await std::move(wait);
  if (stopping_ || active->replaced) co_return;
  active->row.due_us = active->timetable->AfterEnd(clock_.Now().micros());
  active->row.running.reset();
  active->unsaved = true;
  Wake(active);
}

}  // namespace elevaite::workflow
