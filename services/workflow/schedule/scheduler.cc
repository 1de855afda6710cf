#include "services/workflow/schedule/scheduler.h"

#include <boost/asio/post.hpp>
#include <future>

#include "foundation/async.h"
#include "foundation/log.h"
#include "services/workflow/schedule/document_schedule.h"
#include "services/workflow/schedule/scheduler_active.h"

namespace elevaite::workflow {

Scheduler::Scheduler(ScheduleStore& store, Programs& programs, ScheduledRuns& runs, engine::EventHub& events,
                     const Clock& clock, engine::MachineLimits limits, boost::asio::any_io_executor executor)
    : store_(store),
      programs_(programs),
      runs_(runs),
      events_(events),
      clock_(clock),
      limits_(std::move(limits)),
      executor_(std::move(executor)),
      timer_(executor_) {}

Scheduler::~Scheduler() = default;

Scheduler::ById::Key Scheduler::ById::KeyOf(const Shared& active) {
  return {active->account.ToString(), active->id};
}

Result<void> Scheduler::CheckLeads() const {
  if (leads_) return {};
  return Fail(Error{.code = ErrorCode::kUnavailable,
                    .message = "the schedules are being taken up",
                    .retry_after = std::chrono::seconds(1)});
}

// ---- Taking up ----

Result<void> Scheduler::Start() {
  {
    const std::scoped_lock lock(zones_mutex_);
    zones_.clear();
  }
  RETURN_IF_ERROR(NotePublished());
  std::vector<Shared> all;
  RETURN_IF_ERROR(store_.ForEach([&](const ScheduleRow& row) {
    if (row.kind == ScheduleKind::kNone || row.kind == ScheduleKind::kUnknown) return;
    auto active = MakeActive(row);
    if (active)
      all.push_back(*std::move(active));
    else
      LogError("a schedule cannot be taken up", {{"schedule", row.id}, {"error", active.error().message}});
  }));
  RETURN_IF_ERROR(LoadWhatListens(all));
  boost::asio::post(executor_, [this, all = std::move(all)] {
    LetGo();
    served_since_us_ = looked_us_ = clock_.Now().micros();
    for (const Shared& active : all) Install(active);
    leads_ = true;
    if (!std::exchange(runs_loop_, true)) Spawn(executor_, Run(), "scheduler");
  });
  return {};
}

// What cannot be read for now is an error; what cannot be taken up at all is left out.
Result<void> Scheduler::LoadWhatListens(std::vector<Shared>& all) {
  std::optional<Error> failure;
  std::erase_if(all, [&](const Shared& active) {
    if (!active->is_by_events || failure) return false;
    const Started& starts = *active->starts;
    auto program = programs_.LoadVersion(active->account, starts.name_space(), starts.name(), starts.version);
    if (program) {
      SetUpListening(*active, *std::move(program));
      return false;
    }
    if (InfoOf(program.error().code).retryable) failure = program.error();
    LogError("a schedule cannot be taken up", {{"schedule", active->id}, {"error", program.error().message}});
    return true;
  });
  return failure ? Result<void>(Fail(*failure)) : Result<void>();
}

Result<void> Scheduler::NotePublished() {
  ASSIGN_OR_RETURN(const std::vector<UnscheduledVersion> missing, store_.LoadUnscheduled());
  const std::int64_t now_us = clock_.Now().micros();
  const auto renewed = [&](const UnscheduledVersion& one) -> Result<ScheduleRow> {
    ASSIGN_OR_RETURN(auto row, store_.FindNow(one.account, one.name_space + "." + one.workflow));
    if (!row) row = DocumentRow(one.account, one.name_space, one.workflow, now_us);
    ASSIGN_OR_RETURN(const auto program,
                     programs_.LoadVersion(one.account, one.name_space, one.workflow, one.version));
    Renew(*row, *program, now_us);
    RETURN_IF_ERROR(SetDue(*row, now_us));
    return *std::move(row);
  };
  std::vector<ScheduleRow> rows;
  for (const UnscheduledVersion& one : missing) {
    if (auto row = renewed(one))
      rows.push_back(*std::move(row));
    else
      LogError("a schedule cannot be taken up", {{"workflow", one.workflow}, {"error", row.error().message}});
  }
  return store_.SaveNow(rows);
}

Result<TimeZone> Scheduler::ZoneOf(const std::string& name) {
  const std::scoped_lock lock(zones_mutex_);
  if (const auto found = zones_.find(name); found != zones_.end()) return found->second;
  ASSIGN_OR_RETURN(TimeZone zone, TimeZone::Load(name));
  zones_.emplace(name, zone);
  return zone;
}

Result<Timetable> Scheduler::TimetableOf(const ScheduleRow& row) {
  ASSIGN_OR_RETURN(TimeZone zone, ZoneOf(row.spec.zone));
  return Timetable::Create(row.spec, std::move(zone), row.account.ToString() + "/" + row.id);
}

// Times begin behind now, unless it is known already when the next one is.
Result<void> Scheduler::SetDue(ScheduleRow& row, std::int64_t now_us) {
  if (row.kind != ScheduleKind::kTimes || row.progress.due_us) return {};
  ASSIGN_OR_RETURN(const Timetable timetable, TimetableOf(row));
  row.progress.due_us = timetable.Next(now_us);
  return {};
}

std::shared_ptr<const Scheduler::Started> Scheduler::StartedBy(const ScheduleRow& row) {
  constexpr std::size_t kSwept = 1'000;
  const std::scoped_lock lock(zones_mutex_);
  if (started_.size() >= started_swept_ * 2 + kSwept) {
    std::erase_if(started_, [](const auto& one) { return one.second.expired(); });
    started_swept_ = started_.size();
  }
  std::weak_ptr<const Started>& known = started_[{row.name_space + "." + row.workflow, row.version}];
  if (auto shared = known.lock()) return shared;
  auto made = std::make_shared<const Started>(
      Started{.workflow = row.name_space + "." + row.workflow, .version = row.version});
  known = made;
  return made;
}

Result<Scheduler::Shared> Scheduler::MakeActive(const ScheduleRow& row) {
  ASSIGN_OR_RETURN(Timetable timetable, TimetableOf(row));
  Progress progress = row.progress;
  for (Progress::Open& one : progress.open) one.watched = false;  // by this one
  return std::make_shared<Active>(Active{.account = row.account,
                                         .id = row.id,
                                         .starts = StartedBy(row),
                                         .timetable = std::move(timetable),
                                         .policy = row.spec.policy,
                                         .progress = std::move(progress),
                                         .is_by_events = row.kind == ScheduleKind::kEvents,
                                         .has_input = row.has_input,
                                         .paused = row.paused});
}

Scheduler::Shared Scheduler::FindActive(const AccountId& account, std::string_view id) const {
  const auto found = active_.find(ById::Key{account.ToString(), id});
  return found == active_.end() ? nullptr : *found;
}

// The one of the same id goes.
void Scheduler::Install(const Shared& active) {
  if (const Shared before = FindActive(active->account, active->id))
    active->is_by_events ? TakeOut(before) : Remove(before);
  active_.insert(active);
  if (active->is_by_events) {
    if (const auto done = Listen(active); !done)
      LogError("a schedule cannot listen; it is tried again",
               {{"schedule", active->id}, {"error", done.error().message}});
  }
  const std::int64_t now_us = active->served_since_us = clock_.Now().micros();
  if (active->timetable.after_us() && active->progress.open.empty() && !active->progress.due_us)
    active->progress.due_us = now_us;
  if (active->wants_ends()) WatchOpen(active);
  Wake(active);
}

// It still listens, until another one of its id does.
void Scheduler::TakeOut(const Shared& active) {
  active->gone = true;
  if (active->queued) queue_.erase({active->moment_us, active.get()});
  active->queued = false;
  active_.erase(active);
}

void Scheduler::Remove(const Shared& active) {
  if (active->gone) return;  // another one may have its id by now
  TakeOut(active);
  if (active->is_by_events) events_.Unsubscribe(active->key());
}

void Scheduler::LetGo() {
  ++reign_;
  while (!active_.empty()) {
    const Shared active = *active_.begin();
    Remove(active);
  }
  dirty_.clear();
}

void Scheduler::Suspend() {
  std::promise<void> suspended;
  boost::asio::post(executor_, [this, &suspended] {
    leads_ = false;
    LetGo();
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

void Scheduler::Look() {
  boost::asio::post(executor_, [this] { timer_.cancel(); });
}

bool Scheduler::is_at_rest() const {
  return at_work_ == 0 && (queue_.empty() || queue_.begin()->first > clock_.Now().micros());
}

}  // namespace elevaite::workflow
