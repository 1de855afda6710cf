// Scheduler: starts executions when their schedule says so, by time or by events. Each due time and each
// event starts one execution, also over restarts: its id follows from what caused it (progress.h), and how
// far a schedule has come is written after the start, for many schedules at once.
//
// Due schedules stand in a queue by time; at most kAtWorkMax are dealt with at a time. Everything here runs
// on one executor, which must have one thread; the public functions may be called from any.
#pragma once

#include <atomic>
#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/steady_timer.hpp>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "engine/events/hub.h"
#include "engine/events/trigger.h"
#include "services/workflow/programs.h"
#include "services/workflow/schedule/course.h"
#include "services/workflow/schedule/schedule_store.h"
#include "services/workflow/schedule/scheduled_runs.h"

namespace elevaite::workflow {

class Scheduler {
 public:
  static constexpr std::size_t kSchedulesMax = 250'000;  // of an account
  static constexpr std::size_t kAtWorkMax = 512;
  static constexpr std::size_t kBackfillTimesMax = 1'000;  // of one backfill

  // All must outlive the scheduler; Stop() first.
  Scheduler(ScheduleStore& store, Programs& programs, ScheduledRuns& runs, engine::EventHub& events,
            const Clock& clock, engine::MachineLimits limits, boost::asio::any_io_executor executor);
  ~Scheduler();

  // Takes up what is in the store, and versions that were published without being noted there. Blocks.
  Result<void> Start();
  // In a cluster, when another node does it from now on: lets go of everything, until Start. Not on the
  // executor.
  void Suspend();
  void Stop();  // not on the executor; begins nothing more when it returns
  // Whether this node is the one that keeps the schedules: only it may publish and change them.
  bool leads() const { return leads_.load(); }
  // kUnavailable: the schedules are not kept here, or not yet.
  Result<void> CheckLeads() const;
  // Looks at the clock now.
  void Look();
  // On the executor: whether all that is due by now has been done, and all that was done is stored.
  bool is_at_rest() const;
  bool is_saved() const { return !saves_; }

  ScheduleStore& store() { return store_; }

  // A version has been published: its schedule takes the place of that of the version before. Events that are
  // accepted after this has returned count.
  Task<void> Published(AccountId account, std::shared_ptr<const dsl::Program> program);

  // All of these answer what is stored then, and fail with kUnavailable as CheckLeads does.
  // kConflict: there is one of this id; kQuotaExceeded; kInvalidArgument.
  Task<ScheduleRow> Create(ScheduleRow row);
  // `row` as Find gave it, but for members that a person may change. kConflict: it has changed meanwhile.
  Task<ScheduleRow> Change(ScheduleRow row);
  // kConflict: a document's. Deleting what is not there is no error.
  Task<void> Delete(AccountId account, std::string id);
  // kNotFound, here and below.
  Task<ScheduleRow> SetPaused(AccountId account, std::string id, bool paused, std::string note);
  // Whether it is paused or another execution runs does not matter.
  Task<ExecutionId> Trigger(AccountId account, std::string id);
  // Each time in [from_us, until_us] starts an execution, one after the other unless `at_once`.
  // kInvalidArgument: there are none, or more than kBackfillTimesMax.
  Task<ScheduleRow> Backfill(AccountId account, std::string id, std::int64_t from_us, std::int64_t until_us,
                             bool at_once);

 private:
  struct Active;
  struct Listening;
  struct Started;
  struct OwnPause;
  using Shared = std::shared_ptr<Active>;
  struct ById {
    using is_transparent = void;
    using Key = std::pair<std::string_view, std::string_view>;
    static Key KeyOf(const Shared& active);
    static Key KeyOf(const Key& key) { return key; }
    bool operator()(const auto& a, const auto& b) const { return KeyOf(a) < KeyOf(b); }
  };

  // ---- Taking up (scheduler.cc)
  Result<void> NotePublished();
  Result<TimeZone> ZoneOf(const std::string& name);
  Result<Timetable> TimetableOf(const ScheduleRow& row);
  Result<void> SetDue(ScheduleRow& row, std::int64_t now_us);
  Result<Shared> MakeActive(const ScheduleRow& row);
  std::shared_ptr<const Started> StartedBy(const ScheduleRow& row);
  Result<void> LoadWhatListens(std::vector<Shared>& all);
  void LetGo();
  void Install(const Shared& active);
  void TakeOut(const Shared& active);
  void Remove(const Shared& active);
  Shared FindActive(const AccountId& account, std::string_view id) const;

  // ---- Commands (scheduler_commands.cc)
  template <class T>
  Task<T> Here(Task<T> task);
  Task<void> Replace(AccountId account, std::shared_ptr<const dsl::Program> program);
  Result<void> SetFirstDue(ScheduleRow& row);
  Task<ScheduleRow> CreateHere(ScheduleRow row);
  Task<ScheduleRow> ChangeHere(ScheduleRow row);
  Task<void> DeleteHere(AccountId account, std::string id);
  Task<ScheduleRow> SetPausedHere(AccountId account, std::string id, bool paused, std::string note);
  Task<ExecutionId> TriggerHere(AccountId account, std::string id);
  Task<ScheduleRow> BackfillHere(AccountId account, std::string id, Progress::Backfill backfill);
  // What is stored under the id, with the progress that memory has; the schedule is taken, and given back by
  // Put or GiveBack.
  struct Held {
    ScheduleRow row;
    Shared active;  // null: nothing starts it
    std::uint64_t reign = 0;
  };
  // kUnavailable: since the command has begun, others have taken over, who read what it has written.
  Result<void> CheckReign(std::uint64_t reign) const;
  Task<Held> Hold(AccountId account, std::string id);
  Task<ScheduleRow> Put(Held held, std::int64_t was_updated_us);

  // ---- Running (scheduler_work.cc)
  void Wake(const Shared& active);
  static std::optional<std::int64_t> MomentOf(const Active& active);
  boost::asio::awaitable<void> Run();
  void ForgetOldEvents(std::int64_t now_us);
  boost::asio::awaitable<void> Work(Shared active);
  // For a command: nothing else changes it until it is given back. kConflict: it is gone.
  Task<void> Take(Shared active);
  void GiveBack(const Shared& active);
  Task<void> WorkOnce(Shared active);
  Task<void> FireDue(Shared active);
  Task<void> FillIn(Shared active);
  Task<Busy> BusyOf(Shared active);
  // Why it was refused, if it was; a failure may pass.
  Task<std::optional<Error>> StartFor(Shared active, Occasion occasion, Json input);
  Task<void> CancelOpen(Shared active);
  void WatchOpen(const Shared& active);
  boost::asio::awaitable<void> WatchEnd(Shared active, ExecutionId id);
  void Ended(const Shared& active, const ExecutionId& id, bool faulted);
  void PauseBecause(const Shared& active, const ExecutionId& cause, std::string note);
  Json PauseEvent(const Active& active) const;
  Task<void> TellOfPauses(std::span<const Shared> some);
  void MarkDirty(const Shared& active);
  boost::asio::awaitable<void> Save();
  boost::asio::awaitable<void> SaveSome(std::span<const Shared> some);

  // ---- Events (scheduler_events.cc)
  void SetUpListening(Active& active, std::shared_ptr<const dsl::Program> program) const;
  Result<void> Listen(const Shared& active);
  void Queue(const Shared& active, const engine::StoredEvent& event);
  Task<void> TakeEvent(Shared active);

  ScheduleStore& store_;
  Programs& programs_;
  ScheduledRuns& runs_;
  engine::EventHub& events_;
  const Clock& clock_;
  engine::MachineLimits limits_;
  boost::asio::any_io_executor executor_;
  boost::asio::steady_timer timer_;
  std::mutex zones_mutex_;
  std::map<std::string, TimeZone> zones_;  // under zones_mutex_: by whoever takes up, and on the executor
  // Under zones_mutex_, too: by workflow and version.
  std::map<std::pair<std::string, std::string>, std::weak_ptr<const Started>> started_;
  std::size_t started_swept_ = 0;  // how many there were after that
  // On the executor, as all below. Which time it is that the schedules are kept here.
  std::uint64_t reign_ = 0;
  std::set<Shared, ById> active_;
  std::set<std::pair<std::int64_t, Active*>> queue_;  // by moment
  std::size_t at_work_ = 0;
  std::vector<Shared> dirty_;
  bool saves_ = false;
  std::int64_t served_since_us_ = 0;
  std::int64_t looked_us_ = 0;
  std::int64_t wakes_us_ = 0;  // when the timer ends
  std::int64_t forget_due_us_ = 0;
  bool runs_loop_ = false;
  bool stopping_ = false;
  std::atomic<bool> leads_ = false;
};

}  // namespace elevaite::workflow
