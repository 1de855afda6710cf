// The part of the scheduler that does what people ask for. A command has its schedule for itself while it
// works.
#include <fmt/format.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "foundation/async.h"
#include "services/workflow/schedule/document_schedule.h"
#include "services/workflow/schedule/scheduler_active.h"

namespace elevaite::workflow {
namespace {

std::unexpected<Error> NoSchedule(const std::string& id) {
  return Fail(ErrorCode::kNotFound, fmt::format("no schedule '{}'", id), "GET /v1/schedules lists them");
}

}  // namespace

// On the executor, if the schedules are kept here.
template <class T>
Task<T> Scheduler::Here(Task<T> task) {
  CO_RETURN_IF_ERROR(CheckLeads());
  co_return co_await boost::asio::co_spawn(executor_, std::move(task), boost::asio::use_awaitable);
}

Task<void> Scheduler::Published(AccountId account, std::shared_ptr<const dsl::Program> program) {
  return Here(Replace(std::move(account), std::move(program)));
}
Task<ScheduleRow> Scheduler::Create(ScheduleRow row) { return Here(CreateHere(std::move(row))); }
Task<ScheduleRow> Scheduler::Change(ScheduleRow row) { return Here(ChangeHere(std::move(row))); }
Task<void> Scheduler::Delete(AccountId account, std::string id) {
  return Here(DeleteHere(std::move(account), std::move(id)));
}
Task<ScheduleRow> Scheduler::SetPaused(AccountId account, std::string id, bool paused, std::string note) {
  return Here(SetPausedHere(std::move(account), std::move(id), paused, std::move(note)));
}
Task<ExecutionId> Scheduler::Trigger(AccountId account, std::string id) {
  return Here(TriggerHere(std::move(account), std::move(id)));
}
Task<ScheduleRow> Scheduler::Backfill(AccountId account, std::string id, std::int64_t from_us,
                                      std::int64_t until_us, bool at_once) {
  return Here(BackfillHere(std::move(account), std::move(id),
                           {.asked_us = 0, .next_us = from_us, .until_us = until_us, .at_once = at_once}));
}

// ---- Taking and putting ----

Result<void> Scheduler::CheckReign(std::uint64_t reign) const {
  if (reign == reign_) return {};
  return Fail(Error{.code = ErrorCode::kUnavailable,
                    .message = "another node has taken up the schedules",
                    .hint = "look at the schedule, and try it again",
                    .retry_after = std::chrono::seconds(1)});
}

Task<Scheduler::Held> Scheduler::Hold(AccountId account, std::string id) {
  const std::uint64_t reign = reign_;
  const Shared active = FindActive(account, id);
  if (active) {
    auto take = Take(active);
    CO_RETURN_IF_ERROR(co_await std::move(take));
  }
  auto find = store_.Find(account, id);
  Result<std::optional<ScheduleRow>> row = co_await std::move(find);
  if (active && !row) GiveBack(active);
  if (!row) co_return Fail(row.error());
  if (active && !*row) Remove(active);  // the node before has deleted it
  if (!*row) co_return NoSchedule(id);
  if (active) (*row)->progress = active->progress;
  co_return Held{*std::move(*row), active, reign};
}

// Writes the row and puts it in the place of what is held, which goes or is given back.
Task<ScheduleRow> Scheduler::Put(Held held, std::int64_t was_updated_us) {
  ScheduleRow& row = held.row;
  row.updated_us = std::max(clock_.Now().micros(), was_updated_us + 1);
  Result<Shared> active = Shared();
  if (row.kind != ScheduleKind::kNone) active = MakeActive(row);
  Result<void> written = active ? Result<void>() : Fail(active.error());
  if (written && row.kind == ScheduleKind::kEvents) {
    auto get = programs_.Get(row.account, row.name_space, row.workflow, row.version);
    auto program = co_await std::move(get);
    if (program)
      SetUpListening(**active, *std::move(program));
    else
      written = Fail(program.error());
  }
  if (written) written = CheckReign(held.reign);
  if (written) {
    auto write = store_.Change(row, was_updated_us);
    written = co_await std::move(write);
  }
  if (written) written = CheckReign(held.reign);
  if (!written) {
    if (held.active) GiveBack(held.active);
    co_return Fail(written.error());
  }
  if (*active)
    Install(*active);
  else if (held.active)
    Remove(held.active);
  if (*active && held.active) (*active)->served_since_us = held.active->served_since_us;
  co_return std::move(row);
}

// ---- Documents ----

Task<void> Scheduler::Replace(AccountId account, std::shared_ptr<const dsl::Program> program) {
  const std::uint64_t reign = reign_;
  const std::int64_t now_us = clock_.Now().micros();
  auto hold = Hold(account, program->name_space + "." + program->name);
  Result<Held> held = co_await std::move(hold);
  if (!held && held.error().code != ErrorCode::kNotFound) co_return Fail(held.error());
  ScheduleRow row = held ? held->row : DocumentRow(account, program->name_space, program->name, now_us);
  Renew(row, *program, now_us);
  Result<void> done = SetDue(row, now_us);
  if (done) done = CheckReign(reign);
  if (done) {
    auto save = store_.Save(row);
    done = co_await std::move(save);
  }
  if (done) done = CheckReign(reign);
  if (!done) {
    if (held && held->active) GiveBack(held->active);
    co_return done;
  }
  Result<Shared> active = Shared();
  if (row.kind != ScheduleKind::kNone) active = MakeActive(row);
  if ((!active || !*active) && held && held->active) Remove(held->active);
  if (!active) co_return Fail(active.error());
  if (!*active) co_return Result<void>();
  if (row.kind == ScheduleKind::kEvents) SetUpListening(**active, std::move(program));
  Install(*active);
  co_return Result<void>();
}

// ---- Objects ----

// As a person wants it: times that never come are a mistake.
Result<void> Scheduler::SetFirstDue(ScheduleRow& row) {
  RETURN_IF_ERROR(SetDue(row, clock_.Now().micros()));
  if (row.progress.due_us) return {};
  return Fail(ErrorCode::kInvalidArgument, "the schedule would never start anything from now on",
              "look at its end_at, at what it excludes and at the years of its calendars");
}

Task<ScheduleRow> Scheduler::CreateHere(ScheduleRow row) {
  const std::uint64_t reign = reign_;
  auto count = store_.Count(row.account);
  ASSIGN_OR_CO_RETURN(const std::int64_t there, co_await std::move(count));
  if (there >= static_cast<std::int64_t>(kSchedulesMax))
    co_return Fail(ErrorCode::kQuotaExceeded,
                   fmt::format("an account may have {} schedules at most", kSchedulesMax));
  const std::int64_t now_us = clock_.Now().micros();
  row.created_us = row.updated_us = now_us;
  CO_RETURN_IF_ERROR(SetFirstDue(row));
  ASSIGN_OR_CO_RETURN(const Shared active, MakeActive(row));
  auto insert = store_.Insert(row);
  if (const Result<void> done = co_await std::move(insert); !done) {
    if (done.error().code != ErrorCode::kConflict) co_return Fail(done.error());
    co_return Fail(ErrorCode::kConflict, fmt::format("there is a schedule '{}' already", row.id),
                   "PATCH changes it");
  }
  CO_RETURN_IF_ERROR(CheckReign(reign));
  Install(active);
  co_return row;
}

Task<ScheduleRow> Scheduler::ChangeHere(ScheduleRow row) {
  const std::int64_t was_updated_us = row.updated_us;
  auto hold = Hold(row.account, row.id);
  ASSIGN_OR_CO_RETURN(Held held, co_await std::move(hold));
  row.progress = std::move(held.row.progress);
  if (row.kind == ScheduleKind::kTimes && !row.spec.HasTimesOf(held.row.spec)) {
    row.progress.due_us.reset();
    if (const Result<void> due = SetFirstDue(row); !due) {
      if (held.active) GiveBack(held.active);
      co_return Fail(due.error());
    }
  }
  held.row = std::move(row);
  auto put = Put(std::move(held), was_updated_us);
  auto done = co_await std::move(put);
  if (!done && done.error().code == ErrorCode::kConflict)
    co_return Fail(ErrorCode::kConflict, "the schedule has changed meanwhile", "read it again");
  co_return done;
}

Task<void> Scheduler::DeleteHere(AccountId account, std::string id) {
  if (ScheduleRow::IsDocuments(id))
    co_return Fail(ErrorCode::kConflict, fmt::format("'{}' is the schedule of a document", id),
                   "pause it, or publish a version without a schedule");
  auto hold = Hold(account, id);
  Result<Held> held = co_await std::move(hold);
  if (!held) co_return held.error().code == ErrorCode::kNotFound ? Result<void>() : Fail(held.error());
  Result<void> done = CheckReign(held->reign);
  if (done) {
    auto erase = store_.Delete(account, id);
    done = co_await std::move(erase);
  }
  if (done) done = CheckReign(held->reign);
  if (held->active) done ? Remove(held->active) : GiveBack(held->active);
  co_return done;
}

// Times that pass during a pause, and events that come then, are not made up for.
Task<ScheduleRow> Scheduler::SetPausedHere(AccountId account, std::string id, bool paused, std::string note) {
  auto hold = Hold(account, id);
  ASSIGN_OR_CO_RETURN(Held held, co_await std::move(hold));
  ScheduleRow& row = held.row;
  const std::int64_t now_us = clock_.Now().micros();
  if (row.paused && !paused) {
    if (row.kind == ScheduleKind::kTimes) row.progress.due_us.reset();
    if (row.kind == ScheduleKind::kEvents) row.progress.collected = Json::Object({{"since", now_us}});
    if (const Result<void> due = SetDue(row, now_us); !due) {
      if (held.active) GiveBack(held.active);
      co_return Fail(due.error());
    }
  }
  row.paused = paused;
  row.note = std::move(note);
  const std::int64_t was_updated_us = row.updated_us;
  auto put = Put(std::move(held), was_updated_us);
  co_return co_await std::move(put);
}

Task<ExecutionId> Scheduler::TriggerHere(AccountId account, std::string id) {
  const Shared active = FindActive(account, id);
  if (!active) co_return NoSchedule(id);
  auto take = Take(active);
  CO_RETURN_IF_ERROR(co_await std::move(take));
  const Occasion occasion{.time_us = clock_.Now().micros(), .cause = Cause::kTrigger};
  auto start = StartFor(active, occasion, Json());
  const Result<std::optional<Error>> refused = co_await std::move(start);
  auto save = SaveSome(std::span(&active, 1));  // who looks at the schedule next sees it
  co_await std::move(save);
  GiveBack(active);
  if (!refused) co_return Fail(refused.error());
  if (*refused && (*refused)->code == ErrorCode::kQuotaExceeded) co_return Fail(**refused);
  if (*refused)
    co_return Fail(
        ErrorCode::kConflict, "the workflow of this schedule cannot be started",
        "look whether " + active->starts->workflow + " is published in the version that the schedule names");
  co_return occasion.IdFor(account, id);
}

Task<ScheduleRow> Scheduler::BackfillHere(AccountId account, std::string id, Progress::Backfill backfill) {
  auto hold = Hold(account, id);
  ASSIGN_OR_CO_RETURN(Held held, co_await std::move(hold));
  Result<void> fits = held.active ? Result<void>() : NoSchedule(id);
  if (fits) {
    const Timetable& timetable = held.active->timetable;
    const auto times = timetable.Between(backfill.next_us, backfill.until_us + 1, kBackfillTimesMax + 1);
    if (times.empty()) fits = Fail(ErrorCode::kInvalidArgument, "the schedule has no times in this range");
    if (times.size() > kBackfillTimesMax)
      fits = Fail(ErrorCode::kInvalidArgument,
                  fmt::format("the schedule has more than {} times in this range", kBackfillTimesMax),
                  "fill in a part of it, then the rest");
    if (held.row.progress.backfills.size() >= Progress::kBackfillsMax)
      fits = Fail(ErrorCode::kConflict,
                  fmt::format("{} backfills of this schedule are under way", Progress::kBackfillsMax),
                  "wait until one is over");
  }
  if (!fits) {
    if (held.active) GiveBack(held.active);
    co_return Fail(fits.error());
  }
  backfill.asked_us = clock_.Now().micros();
  held.row.progress.backfills.push_back(backfill);
  const std::int64_t was_updated_us = held.row.updated_us;
  auto put = Put(std::move(held), was_updated_us);
  co_return co_await std::move(put);
}

}  // namespace elevaite::workflow
