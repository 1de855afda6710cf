#include "engine/simulation/run.h"

#include <algorithm>
#include <memory>
#include <set>
#include <utility>

#include "engine/doctor.h"
#include "engine/journal/payload_journal.h"
#include "engine/simulation/client.h"
#include "engine/simulation/disk.h"
#include "engine/simulation/fleet.h"
#include "engine/simulation/library.h"
#include "engine/simulation/payloads.h"
#include "engine/simulation/process.h"
#include "engine/simulation/reference.h"
#include "engine/simulation/services.h"
#include "engine/simulation/workers.h"

namespace elevaite::simulation {
namespace {

constexpr std::uint64_t kStepsMax = 200'000;    // of one run
constexpr std::int64_t kRestartUs = 2'000'000;  // until a dead process is back, at most
constexpr std::int64_t kLeaseUs = 4'000'000;
constexpr std::int64_t kLeftBehindUs = 15'000'000;
constexpr std::int64_t kTimeMaxUs = 30LL * 24 * 3'600 * 1'000'000;  // by then everything has ended

class World {
 public:
  World(const Scenario& scenario, Library& library, const RunOptions& options)
      : scenario_(scenario),
        library_(library),
        trace_(options.keeps_trace),
        scheduler_(scenario.seed, scenario.knobs.slow_percent, trace_),
        disk_(scheduler_, library, auditor_, scenario.knobs, options.mutation),
        services_(disk_, auditor_),
        workers_(scheduler_, services_, scenario.knobs),
        uuids_(scheduler_.clock(), scheduler_.random()),
        host_{.scheduler = scheduler_,
              .disk = disk_,
              .library = library,
              .auditor = auditor_,
              .crash_point = crash_point_,
              .workers = workers_,
              .fleet = nullptr,
              .knobs = scenario.knobs,
              .mutation = options.mutation,
              .deliver_late = [this](engine::Command command) {
                if (process_) process_->Post(std::move(command));
              }} {
    if (scenario.knobs.workers == 0) return;
    fleet_.emplace(scheduler_, services_, disk_, auditor_, scenario.knobs,
                   [this] { return process_ ? process_->remote() : nullptr; });
    host_.fleet = &*fleet_;
  }

  Report Play() {
    MakeClients();
    Boot(scenario_.knobs.partitions);
    while (!auditor_.first() && Step()) {
    }
    if (!auditor_.first()) CheckAtRest();
    coverage_.steps = scheduler_.steps();
    return {.violation = auditor_.first(),
            .trace_hash = trace_.hash(),
            .trace = trace_.lines(),
            .coverage = coverage_};
  }

 private:
  void MakeClients() {
    for (const Launch& launch : scenario_.launches) {
      const Workflow& workflow = scenario_.workflows[launch.workflow];
      Expected expected = RunReference(scenario_.workflows, workflow, launch.input);
      clients_.push_back(
          std::make_unique<Client>(host_, ExecutionId::New(uuids_), launch, workflow, std::move(expected)));
      scheduler_.After(launch.at_us, "client begins", [client = clients_.back().get()] { client->Begin(); });
    }
  }

  void Boot(std::uint32_t partitions) {
    const std::uint32_t before = std::exchange(partitions_, partitions);
    trace_.Note("process starts", partitions);
    process_ = std::make_shared<Process>(host_, disk_.TakeOver(), partitions, before);
    process_->Boot([this, booted = process_.get()] {
      if (booted != process_.get()) return;  // it was paused for too long
      for (const auto& client : clients_) client->ProcessIsUp(*process_);
    });
  }

  // False: all has come to rest.
  bool Step() {
    InjectFaults();
    std::erase_if(ghosts_, [](const auto& ghost) { return ghost->IsGone(); });
    try {
      if (!scheduler_.RunNext()) return false;
    } catch (const ProcessDied&) {
      ++coverage_.crashes_inside_steps;
      Crash();
    }
    for (const auto& client : clients_) client->LookWhetherUnlucky();
    auditor_.Require(scheduler_.steps() < kStepsMax && scheduler_.elapsed_us() < kTimeMaxUs,
                     "everything ends once the faults end",
                     "after " + std::to_string(scheduler_.steps()) + " steps");
    return true;
  }

  // ---- Faults ----

  void InjectFaults() {
    while (next_fault_ < scenario_.faults.size() &&
           scenario_.faults[next_fault_].at_step <= scheduler_.steps())
      Inject(scenario_.faults[next_fault_++]);
  }

  void Inject(const Fault& fault) {
    trace_.Note(NameOf(fault.kind), static_cast<std::uint64_t>(fault.amount));
    switch (fault.kind) {
      case FaultKind::kCrash:
        if (!process_) return;
        if (fault.amount == 0) return Crash();
        return crash_point_.Arm(fault.amount);
      case FaultKind::kDiskFull:
        disk_.SetFull(true);
        for (const auto& client : clients_) {
          if (scheduler_.Percent(15)) client->CancelSoon();
        }
        return scheduler_.After(fault.amount, "disk has room again", [this] { disk_.SetFull(false); });
      case FaultKind::kSlowDisk:
        disk_.SetSlow(true);
        return scheduler_.After(fault.amount, "disk is quick again", [this] { disk_.SetSlow(false); });
      case FaultKind::kClockForward: return SetClock(fault.amount);
      case FaultKind::kClockBack: return SetClock(-fault.amount);
      case FaultKind::kPause: return Pause(fault.amount);
      case FaultKind::kWorkerDies:
        if (fleet_) fleet_->Kill(static_cast<std::size_t>(fault.amount));
        return;
      case FaultKind::kWorkerPauses:
        if (fleet_) fleet_->Pause(static_cast<std::size_t>(fault.amount), fault.amount);
        return;
    }
  }

  void SetClock(std::int64_t by_us) {
    SimulatedClock& clock = scheduler_.clock();
    clock.Jump(Timestamp::FromMicros(clock.Now().micros() + by_us));
    if (process_) process_->ClockWasSet();
  }

  // One that comes back before its lease is over goes on as if nothing had been.
  void Pause(std::int64_t for_us) {
    if (!process_ || process_->is_paused()) return;
    process_->Pause();
    const std::shared_ptr<Process> paused = process_;
    scheduler_.After(for_us, "process goes on", [weak = std::weak_ptr(paused)] {
      if (const auto process = weak.lock()) process->GoOn();
    });
    if (for_us <= kLeaseUs) return;
    scheduler_.After(kLeaseUs, "lease is over", [this, weak = std::weak_ptr(paused)] {
      const auto process = weak.lock();
      if (process && process == process_) TakeOver();
    });
  }

  void TakeOver() {
    ++coverage_.takeovers;
    crash_point_.Disarm();
    trace_.Note("another process takes over");
    for (const auto& client : clients_) client->ProcessIsGone();
    process_->BecomeGhost();
    ghosts_.push_back(std::move(process_));
    Boot(partitions_);
  }

  void Crash() {
    ++coverage_.crashes;
    crash_point_.Disarm();
    trace_.Note("process dies");
    for (const auto& client : clients_) client->ProcessIsGone();
    workers_.Crash();
    process_.reset();
    disk_.Crash();
    CheckInvariant();
    NoteAbandoned();
    std::uint32_t partitions = partitions_;
    if (scenario_.knobs.partitions_change)
      partitions = 1 + static_cast<std::uint32_t>(scheduler_.random().Below(4));
    scheduler_.After(scheduler_.Spread(1'000, kRestartUs), "restart",
                     [this, partitions] { Boot(partitions); });
  }

  // ---- Checks ----

  // Something will move every unfinished execution, as `elevaite doctor` sees it.
  void CheckInvariant() {
    Payloads payloads(disk_, {}, Mutation::kNone);
    engine::PayloadJournal journal(disk_.OpenJournal(), &payloads);
    const auto report = engine::Examine(journal, library_);
    auditor_.Require(report.has_value(), "the doctor can look at everything");
    if (!report || report->findings.empty()) return;
    auditor_.Report("something will move every unfinished execution",
                    report->findings.front().execution + ": " + report->findings.front().problem);
  }

  // Children that a task awaited which is gone by now: whoever reads them back cancels them. A late result
  // may end them before that.
  void NoteAbandoned() {
    if (scenario_.knobs.late_percent > 0) return;
    for (const auto& [id, run] : disk_.runs()) {
      const engine::ExecutionRecord& record = run.record();
      if (run.ended() || !record.parent_frame) continue;
      const StoredRun* parent = disk_.Find(*record.parent);
      if (!parent || !parent->state().frames.contains(*record.parent_frame)) abandoned_.insert(id);
    }
  }

  void CheckAtRest() {
    CheckInvariant();
    for (const auto& [id, run] : disk_.runs()) {
      auditor_.Require(run.ended(), "everything ends once the faults end",
                       id.ToString() + " of " + run.record().workflow + " is " +
                           std::string(engine::NameOf(run.record().phase)));
      if (auditor_.first()) return;
      CheckEnd(id, run);
    }
    coverage_.buried = disk_.dead_letters().size();
    for (const auto& client : clients_) client->CheckAtRest();
    auditor_.Require(process_ && process_->active() == 0, "nothing that has ended stays in memory");
    coverage_.refused += disk_.refused();
    coverage_.objects += disk_.objects();
    coverage_.losses += disk_.losses();
  }

  void CheckEnd(const ExecutionId& id, const StoredRun& run) {
    const engine::State& state = run.state();
    if (abandoned_.contains(id)) {
      auditor_.Require(state.phase == engine::Phase::kCancelled,
                       "what a task awaited that is gone is cancelled at the restart", id.ToString());
    }
    CheckNotLeftBehind(id, run);
    ++coverage_.executions;
    coverage_.events += state.seq;
    if (state.phase == engine::Phase::kCompleted) ++coverage_.completed;
    if (state.phase == engine::Phase::kFaulted) ++coverage_.faulted;
    if (state.phase == engine::Phase::kCancelled) {
      ++coverage_.cancelled;
      auditor_.Require(!run.was_forced() || MayBeForced(id, run),
                       "no cleanup is cut short in its time unless somebody wants that", id.ToString());
      return auditor_.Require(MayBeCancelled(id, run), "nothing is cancelled that nobody cancelled",
                              id.ToString());
    }
    const auto workflow = std::ranges::find(scenario_.workflows, run.record().workflow, &Workflow::name);
    const Expected expected = RunReference(scenario_.workflows, *workflow, state.input);
    if (expected.is_timed || disk_.WasUnlucky(id)) return;
    ++coverage_.compared;
    CompareWith(expected, id, state);
  }

  // Where nothing is slow: who is awaited does not outlive by much the one that awaits him.
  void CheckNotLeftBehind(const ExecutionId& id, const StoredRun& run) {
    const bool is_quick =
        scenario_.knobs.slow_percent == 0 && std::ranges::all_of(scenario_.faults, [](const Fault& fault) {
          return fault.kind == FaultKind::kCrash;
        });
    if (!is_quick || !run.record().parent_frame) return;
    const auto parent_us = disk_.EndedAtUs(*run.record().parent);
    auditor_.Require(!parent_us || *disk_.EndedAtUs(id) <= *parent_us + kLeftBehindUs,
                     "an awaited execution ends soon after the one that awaits it", id.ToString());
  }

  bool MayBeCancelled(const ExecutionId& id, const StoredRun& run) const {
    if (run.record().parent_frame) return true;
    return std::ranges::any_of(
        clients_, [&](const auto& client) { return client->id() == id && client->was_cancelled(); });
  }

  bool MayBeForced(const ExecutionId& id, const StoredRun& run) const {
    if (run.record().parent_frame) return true;
    return std::ranges::any_of(clients_,
                               [&](const auto& client) { return client->id() == id && client->may_force(); });
  }

  void CompareWith(const Expected& expected, const ExecutionId& id, const engine::State& state) {
    const std::string who = id.ToString();
    const bool same_end = state.phase == expected.phase;
    auditor_.Require(same_end, "an execution ends as the reference does",
                     who + ": " + std::string(engine::NameOf(state.phase)) + " " + state.error.Dump() +
                         ", expected " + std::string(engine::NameOf(expected.phase)) + " " +
                         expected.error.Dump());
    if (!same_end) return;
    if (state.phase == engine::Phase::kCompleted) {
      return auditor_.Require(state.output == expected.output, "outputs are those of the reference",
                              who + ": " + state.output.Dump() + ", expected " + expected.output.Dump());
    }
    const bool same_error =
        state.error["type"] == expected.error["type"] && state.error["status"] == expected.error["status"];
    auditor_.Require(same_error, "errors are those of the reference",
                     who + ": " + state.error.Dump() + ", expected " + expected.error.Dump());
  }

  const Scenario& scenario_;
  Library& library_;
  Auditor auditor_;
  Trace trace_;
  Scheduler scheduler_;
  CrashPoint crash_point_;
  Disk disk_;
  Services services_;
  Workers workers_;
  std::optional<Fleet> fleet_;
  UuidGenerator uuids_;
  Host host_;
  std::uint32_t partitions_ = 0;
  std::shared_ptr<Process> process_;
  std::vector<std::shared_ptr<Process>> ghosts_;  // that another has taken over from
  std::vector<std::unique_ptr<Client>> clients_;
  std::size_t next_fault_ = 0;
  std::set<ExecutionId> abandoned_;
  Coverage coverage_;
};

}  // namespace

void Coverage::Add(const Coverage& other) {
  steps += other.steps;
  executions += other.executions;
  compared += other.compared;
  events += other.events;
  crashes += other.crashes;
  crashes_inside_steps += other.crashes_inside_steps;
  takeovers += other.takeovers;
  refused += other.refused;
  completed += other.completed;
  faulted += other.faulted;
  cancelled += other.cancelled;
  buried += other.buried;
  objects += other.objects;
  losses += other.losses;
}

Result<Report> PlayScenario(const Scenario& scenario, const RunOptions& options) {
  for (const Launch& launch : scenario.launches) {
    if (RunReference(scenario.workflows, scenario.workflows[launch.workflow], launch.input).is_stuck)
      return Fail(ErrorCode::kInvalidArgument, "a workflow listens for what nobody sends");
  }
  ASSIGN_OR_RETURN(Library library, Library::Compile(scenario.workflows));
  return World(scenario, library, options).Play();
}

}  // namespace elevaite::simulation
