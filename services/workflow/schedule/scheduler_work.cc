// The part of the scheduler that does what is due.
#include <algorithm>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "foundation/async.h"
#include "foundation/log.h"
#include "services/workflow/await.h"
#include "services/workflow/schedule/input.h"
#include "services/workflow/schedule/scheduler_active.h"

namespace elevaite::workflow {
namespace {

using boost::asio::awaitable;

constexpr std::chrono::seconds kRetryAfter{1};
constexpr std::int64_t kLongestSleepUs = 1'000'000;  // the machine's clock may be set at any time
constexpr std::int64_t kForgetEventsEveryUs = 60'000'000;
// So that many firings are one commit. What a crash forgets of it is done again, with the same ids.
constexpr std::chrono::milliseconds kSaveEvery{200};
constexpr std::size_t kSavedAtOnce = 1'000;
constexpr std::chrono::milliseconds kTurnEvery{2};

awaitable<void> Pause(boost::asio::any_io_executor executor, std::chrono::milliseconds time) {
  boost::asio::steady_timer timer(std::move(executor), time);
  boost::system::error_code ignored;
  co_await timer.async_wait(boost::asio::redirect_error(boost::asio::use_awaitable, ignored));
}

// A limit that drops what is too much has dropped it: the next time is tried, not this one over and over.
bool MayPass(const Error& error) {
  if (error.code == ErrorCode::kQuotaExceeded) return false;
  return InfoOf(error.code).retryable || error.code == ErrorCode::kInternal;
}

}  // namespace

// ---- The queue ----

// When there is something to do for it; nullopt: not of itself.
std::optional<std::int64_t> Scheduler::MomentOf(const Active& active) {
  if (active.listening && active.listening->has_work()) return 0;
  const auto& backfills = active.progress.backfills;
  if (!backfills.empty() && (backfills.front().at_once || !active.filling_held)) return 0;
  if (active.paused || active.held || !active.progress.due_us) return std::nullopt;
  return active.timetable.StartsAt(*active.progress.due_us);
}

void Scheduler::Wake(const Shared& active) {
  if (active->queued) queue_.erase({active->moment_us, active.get()});
  // Who waits for a turn gives it back afterwards. Queued meanwhile, it would be worked on and given up again
  // and again, and the one who waits never come to it.
  const bool is_taken = active->working || active->wanted > 0 || active->gone;
  const auto moment_us = is_taken ? std::nullopt : MomentOf(*active);
  active->queued = moment_us.has_value();
  if (!moment_us) return;
  active->moment_us = *moment_us;
  queue_.emplace(*moment_us, active.get());
  if (*moment_us < wakes_us_) timer_.cancel();
}

awaitable<void> Scheduler::Run() {
  while (!stopping_) {
    const std::int64_t now_us = clock_.Now().micros();
    // The machine slept, or its clock was set: what was due meanwhile was missed.
    if (now_us - looked_us_ > DueTime::kGraceUs) served_since_us_ = now_us;
    looked_us_ = now_us;
    ForgetOldEvents(now_us);
    while (!queue_.empty() && queue_.begin()->first <= now_us && at_work_ < kAtWorkMax) {
      const Active& due = *queue_.begin()->second;
      const Shared active = FindActive(due.account, due.id);
      queue_.erase(queue_.begin());
      active->queued = false;
      active->working = true;
      ++at_work_;
      Spawn(executor_, Work(active), "schedule");
    }
    wakes_us_ = now_us + kLongestSleepUs;
    if (!queue_.empty() && at_work_ < kAtWorkMax) wakes_us_ = std::min(wakes_us_, queue_.begin()->first);
    timer_.expires_after(std::chrono::microseconds(std::max<std::int64_t>(wakes_us_ - now_us, 0)));
    boost::system::error_code woken;
    co_await timer_.async_wait(boost::asio::redirect_error(boost::asio::use_awaitable, woken));
  }
}

void Scheduler::ForgetOldEvents(std::int64_t now_us) {
  if (now_us < forget_due_us_) return;
  forget_due_us_ = now_us + kForgetEventsEveryUs;
  events_.Expire();
}

// Until there is nothing to do for now. What cannot be done is tried again.
awaitable<void> Scheduler::Work(Shared active) {
  while (!stopping_ && !active->gone && active->wanted == 0) {
    const auto moment_us = MomentOf(*active);
    if (!moment_us || *moment_us > clock_.Now().micros()) break;
    auto work = WorkOnce(active);
    const Result<void> done = co_await std::move(work);
    if (done) continue;
    if (stopping_) break;
    LogError("a schedule could not start its workflow; it is tried again",
             {{"schedule", active->id}, {"error", done.error().message}});
    auto pause = Pause(executor_, kRetryAfter);
    co_await std::move(pause);
  }
  active->working = false;
  if (at_work_-- == kAtWorkMax) timer_.cancel();  // others wait for a place
  Wake(active);
}

Task<void> Scheduler::Take(Shared active) {
  ++active->wanted;
  while (active->working && !stopping_) {
    auto pause = Pause(executor_, kTurnEvery);
    co_await std::move(pause);
  }
  --active->wanted;
  if (active->gone) co_return Fail(ErrorCode::kConflict, "the schedule has just changed", "try it again");
  active->working = true;
  co_return Result<void>();
}

void Scheduler::GiveBack(const Shared& active) {
  active->working = false;
  Wake(active);
}

Task<void> Scheduler::WorkOnce(Shared active) {
  if (active->listening && active->listening->has_work()) co_return co_await TakeEvent(active);
  const bool is_due = !active->paused && !active->held && active->progress.due_us &&
                      active->timetable.StartsAt(*active->progress.due_us) <= clock_.Now().micros();
  if (is_due) co_return co_await FireDue(active);
  co_return co_await FillIn(active);
}

// ---- What is due ----

Task<void> Scheduler::FireDue(Shared active) {
  const std::int64_t due_us = *active->progress.due_us;
  auto ask = BusyOf(active);
  ASSIGN_OR_CO_RETURN(const Busy busy, co_await std::move(ask));
  const bool by_end = active->timetable.after_us().has_value();
  const std::int64_t served_since_us = std::max(active->served_since_us, served_since_us_);
  const Decision decision = Decide(active->timetable, active->policy,
                                   {.due_us = due_us,
                                    .now_us = clock_.Now().micros(),
                                    .served_since_us = by_end ? due_us : served_since_us,
                                    .busy = by_end ? Busy::kNo : busy});
  const Occasion occasion{.time_us = due_us, .cause = Cause::kTime};
  switch (decision.act) {
    case Decision::Act::kHold:
    case Decision::Act::kCancelOther:
      if (decision.act == Decision::Act::kCancelOther) {
        auto cancel = CancelOpen(active);
        CO_RETURN_IF_ERROR(co_await std::move(cancel));
      }
      if (active->progress.open.empty()) co_return Result<void>();  // it ended this moment
      active->held = true;
      WatchOpen(active);
      co_return Result<void>();
    case Decision::Act::kSkip: active->progress.Note(Progress::What::kSkipped, occasion); break;
    case Decision::Act::kMiss: active->progress.Note(Progress::What::kMissed, occasion); break;
    case Decision::Act::kStart: {
      auto start = StartFor(active, occasion, Json());
      CO_RETURN_IF_ERROR(co_await std::move(start));
      break;
    }
  }
  active->progress.due_us = decision.next_us;
  MarkDirty(active);
  co_return Result<void>();
}

// The next time of the first backfill.
Task<void> Scheduler::FillIn(Shared active) {
  auto& backfills = active->progress.backfills;
  const Progress::Backfill backfill = backfills.front();
  const auto due_us = active->timetable.Next(backfill.next_us - 1);
  if (!due_us || *due_us > backfill.until_us) {
    backfills.erase(backfills.begin());
    MarkDirty(active);
    co_return Result<void>();
  }
  if (!backfill.at_once) {
    auto ask = BusyOf(active);
    ASSIGN_OR_CO_RETURN(const Busy busy, co_await std::move(ask));
    if (busy != Busy::kNo && !active->progress.open.empty()) {
      active->filling_held = true;
      WatchOpen(active);
      co_return Result<void>();
    }
  }
  auto start =
      StartFor(active, {.time_us = *due_us, .number = backfill.asked_us, .cause = Cause::kBackfill}, Json());
  CO_RETURN_IF_ERROR(co_await std::move(start));
  backfills.front().next_us = *due_us + 1;
  co_return Result<void>();
}

// Forgets those that have ended.
Task<Busy> Scheduler::BusyOf(Shared active) {
  if (active->policy.overlap == Overlap::kAllow && active->progress.backfills.empty()) co_return Busy::kNo;
  Busy busy = Busy::kNo;
  const std::vector<Progress::Open> open = active->progress.open;
  for (const Progress::Open& one : open) {
    auto ask = runs_.IsRunning(active->account, one.id);
    ASSIGN_OR_CO_RETURN(const bool running, co_await std::move(ask));
    if (!running) active->progress.Ended(one.id);
    if (running && busy != Busy::kYes) busy = one.cause == Cause::kBackfill ? Busy::kBackfilling : Busy::kYes;
  }
  co_return busy;
}

// Null: the schedule's input. What cannot be started at all is noted, and not tried again.
Task<std::optional<Error>> Scheduler::StartFor(Shared active, Occasion occasion, Json input) {
  const ExecutionId id = occasion.IdFor(active->account, active->id);
  if (input.IsNull()) {
    input = Json::EmptyObject();
    if (active->has_input) {
      auto read = store_.InputOf(active->account, active->id);
      ASSIGN_OR_CO_RETURN(input, co_await std::move(read));
    }
  }
  // That of a document says when; which version is started then is for the deployment of its workflow to say.
  const bool is_of_document = active->id == active->starts->workflow;
  Result<Json> filled =
      occasion.cause == Cause::kEvent ? std::move(input) : InputFor(input, active->id, occasion);
  Result<void> started;
  if (filled) {
    auto start = runs_.Start({.account = active->account,
                              .id = id,
                              .workflow = active->starts->workflow,
                              .version = is_of_document ? "" : active->starts->version,
                              .input = *std::move(filled),
                              .by_event = occasion.cause == Cause::kEvent,
                              .schedule = active->id});
    started = co_await std::move(start);
  } else {
    started = Fail(filled.error());
  }
  if (!started && MayPass(started.error())) co_return Fail(started.error());
  active->progress.Note(started ? Progress::What::kStarted : Progress::What::kRefused, occasion);
  MarkDirty(active);
  if (!started) {
    LogError("a schedule cannot start its workflow",
             {{"schedule", active->id}, {"error", started.error().message}});
    if (active->policy.pause_on_failure && started.error().code != ErrorCode::kQuotaExceeded)
      PauseBecause(active, id, "a start was refused: " + started.error().message);
    co_return started.error();
  }
  active->progress.Opened(id, occasion.cause);
  if (active->wants_ends() && !active->gone) WatchOpen(active);
  co_return std::nullopt;
}

// ---- Ends ----

Task<void> Scheduler::CancelOpen(Shared active) {
  const std::vector<Progress::Open> open = active->progress.open;
  for (const Progress::Open& one : open) {
    auto cancel =
        runs_.Cancel(active->account, one.id, "the next start of schedule " + active->id + " is due");
    const Result<void> done = co_await std::move(cancel);
    if (!done && MayPass(done.error())) co_return done;
    if (!done)
      LogWarn("a schedule could not cancel what runs; it waits for its end",
              {{"schedule", active->id}, {"error", done.error().message}});
  }
  co_return Result<void>();
}

void Scheduler::WatchOpen(const Shared& active) {
  for (Progress::Open& one : active->progress.open) {
    if (!std::exchange(one.watched, true)) Spawn(executor_, WatchEnd(active, one.id), "schedule");
  }
}

awaitable<void> Scheduler::WatchEnd(Shared active, ExecutionId id) {
  while (!stopping_ && !active->gone) {
    auto wait = runs_.EndOf(active->account, id);
    const Result<engine::Phase> end = co_await std::move(wait);
    if (stopping_ || active->gone) co_return;
    if (end) co_return Ended(active, id, *end == engine::Phase::kFaulted);
    auto ask = runs_.IsRunning(active->account, id);
    const Result<bool> running = co_await std::move(ask);
    if (stopping_ || active->gone) co_return;
    if (running && !*running) co_return Ended(active, id, false);  // it has been forgotten
    auto pause = Pause(executor_, kRetryAfter);
    co_await std::move(pause);
  }
}

void Scheduler::Ended(const Shared& active, const ExecutionId& id, bool faulted) {
  active->progress.Ended(id);
  active->held = active->filling_held = false;
  if (const auto after_us = active->timetable.after_us(); after_us && active->progress.open.empty())
    active->progress.due_us = clock_.Now().micros() + *after_us;
  if (faulted && active->policy.pause_on_failure && !active->paused)
    PauseBecause(active, id, "execution " + id.ToString() + " faulted");
  MarkDirty(active);
  Wake(active);
}

void Scheduler::PauseBecause(const Shared& active, const ExecutionId& cause, std::string note) {
  active->paused = true;
  active->own_pause =
      std::make_unique<OwnPause>(OwnPause{.cause = cause, .note = "paused by itself: " + std::move(note)});
  MarkDirty(active);
}

// ---- Writing ----

void Scheduler::MarkDirty(const Shared& active) {
  if (active->gone || std::exchange(active->dirty, true)) return;
  dirty_.push_back(active);
  if (!std::exchange(saves_, true)) Spawn(executor_, Save(), "schedules");
}

awaitable<void> Scheduler::Save() {
  while (!dirty_.empty() && !stopping_) {
    auto gather = Pause(executor_, kSaveEvery);
    co_await std::move(gather);
    const std::vector<Shared> all = std::exchange(dirty_, {});
    for (std::size_t first = 0; first < all.size(); first += kSavedAtOnce) {
      const std::size_t count = std::min(kSavedAtOnce, all.size() - first);
      auto save = SaveSome(std::span(all).subspan(first, count));
      co_await std::move(save);
    }
  }
  saves_ = false;
}

Json Scheduler::PauseEvent(const Active& active) const {
  return Json::Object({{"specversion", "1.0"},
                       {"id", active.id + "." + active.own_pause->cause.ToString()},
                       {"source", "/schedules/" + active.id},
                       {"type", "elevaite.schedule.paused"},
                       {"time", clock_.Now().ToRfc3339()},
                       {"datacontenttype", "application/json"},
                       {"data", Json::Object({{"schedule", active.id},
                                              {"namespace", active.starts->name_space()},
                                              {"workflow", active.starts->name()},
                                              {"note", active.own_pause->note}})}});
}

Task<void> Scheduler::TellOfPauses(std::span<const Shared> some) {
  std::map<AccountId, std::vector<Json>> events;
  for (const Shared& active : some) {
    if (!active->gone && active->own_pause && active->own_pause->is_untold)
      events[active->account].push_back(PauseEvent(*active));
  }
  for (auto& [account, list] : events) {
    auto tell = Await<engine::EventHub::Accepted>(
        [&](auto done) { events_.Accept(account, std::move(list), std::move(done)); });
    const auto told = co_await std::move(tell);
    if (told) continue;
    if (told.error().code != ErrorCode::kQuotaExceeded) co_return Fail(told.error());
    // No room for its events: the pause is written all the same, with its note.
    LogWarn("nobody is told that a schedule has paused itself",
            {{"account", account.ToString()}, {"error", told.error().message}});
  }
  for (const Shared& active : some) {
    if (active->own_pause) active->own_pause->is_untold = false;
  }
  co_return Result<void>();
}

awaitable<void> Scheduler::SaveSome(std::span<const Shared> some) {
  for (const Shared& active : some) active->dirty = false;
  // Told before it is written: a process that dies in between pauses it again, for the same cause.
  auto tell = TellOfPauses(some);
  Result<void> saved = co_await std::move(tell);
  if (saved) {
    std::vector<ScheduleStore::Saved> rows;
    for (const Shared& active : some) {
      if (active->gone) continue;  // others keep it by now
      OwnPause* const pause = active->own_pause.get();
      const bool is_new = pause != nullptr && std::exchange(pause->is_unsaved, false);
      rows.push_back({active->account, active->id, active->progress, is_new ? &pause->note : nullptr});
    }
    auto save = store_.SaveProgress(rows);
    saved = co_await std::move(save);
  }
  if (saved || !leads_) co_return;
  LogError("the progress of schedules cannot be written; it is tried again",
           {{"schedules", some.size()}, {"error", saved.error().message}});
  for (const Shared& active : some) {
    if (active->own_pause) active->own_pause->is_unsaved = true;
    MarkDirty(active);
  }
  auto pause = Pause(executor_, kRetryAfter);
  co_await std::move(pause);
}

}  // namespace elevaite::workflow
