#include "engine/simulation/run.h"

#include <algorithm>
#include <deque>
#include <iterator>
#include <memory>
#include <set>
#include <utility>

#include "engine/doctor.h"
#include "engine/journal/payload_journal.h"
#include "engine/simulation/client.h"
#include "engine/simulation/disk.h"
#include "engine/simulation/fleet.h"
#include "engine/simulation/library.h"
#include "engine/simulation/network.h"
#include "engine/simulation/node.h"
#include "engine/simulation/payloads.h"
#include "engine/simulation/process.h"
#include "engine/simulation/reference.h"
#include "engine/simulation/registry.h"
#include "engine/simulation/services.h"

namespace elevaite::simulation {
namespace {

constexpr std::uint64_t kStepsMax = 200'000;    // of one run
constexpr std::int64_t kRestartUs = 2'000'000;  // until a dead process is back, at most
constexpr std::int64_t kAgainUs = 500'000;
constexpr std::int64_t kAskAnotherUs = 1'000;
constexpr std::int64_t kLeftBehindUs = 15'000'000;
constexpr std::int64_t kPatienceUs = 4'000'000;                     // of clients
constexpr std::int64_t kTimeMaxUs = 30LL * 24 * 3'600 * 1'000'000;  // by then everything has ended

class World {
 public:
  World(const Scenario& scenario, Library& library, const RunOptions& options)
      : scenario_(scenario),
        library_(library),
        trace_(options.keeps_trace),
        scheduler_(scenario.seed, scenario.knobs.slow_percent, trace_),
        network_(scheduler_, scenario.knobs),
        registry_(scheduler_, options.mutation),
        disk_(scheduler_, registry_, library, auditor_, scenario.knobs, options.mutation),
        services_(disk_, auditor_),
        uuids_(scheduler_.clock(), scheduler_.random()),
        host_{.scheduler = scheduler_,
              .disk = disk_,
              .library = library,
              .auditor = auditor_,
              .services = services_,
              .fleet = nullptr,
              .knobs = scenario.knobs,
              .owners_are_right = OwnersAreRight(scenario),
              .mutation = options.mutation,
              .deliver_late =
                  [this](engine::Command command) {
                    if (Process* process = AnyReady()) process->Post(std::move(command));
                  }},
        cluster_{.registry = registry_,
                 .network = network_,
                 .find = [this](std::size_t address) { return processes_[address].get(); },
                 .is_busy = [this] { return IsBusy(); },
                 .wake_all = [this] { WakeNodes(); },
                 .left = [this](Process& process) { EndSoon(process); }},
        processes_(scenario.knobs.nodes) {
    if (IsCluster()) disk_.OnArrival([this] { TellOfEvents(); });
    if (scenario.knobs.workers == 0) return;
    fleet_.emplace(scheduler_, network_, services_, disk_, auditor_, scenario.knobs,
                   [this] { return processes_[0] ? processes_[0]->remote() : nullptr; });
    host_.fleet = &*fleet_;
  }

  Report Play() {
    MakeClients();
    MakeHolds();
    forks_to_come_ = scenario_.forks.size();
    for (const std::int64_t at_us : scenario_.forks)
      scheduler_.After(at_us, "somebody forks", [this] { Fork(); });
    for (std::size_t i = 0; i < processes_.size(); ++i) Boot(i, scenario_.knobs.partitions);
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
  static bool OwnersAreRight(const Scenario& scenario) {
    return std::ranges::none_of(scenario.faults, [](const Fault& fault) {
      return fault.kind == FaultKind::kPause || fault.kind == FaultKind::kCutOff ||
             fault.kind == FaultKind::kFailover;
    });
  }
  bool IsCluster() const { return processes_.size() > 1; }
  bool IsBusy() const {
    return disk_.unfinished() > 0 || forks_to_come_ > 0 || cluster_.deliveries.use_count() > 1 ||
           std::ranges::any_of(clients_, [](const auto& client) { return !client->is_settled(); });
  }

  void MakeClients() {
    for (const Launch& launch : scenario_.launches) {
      const Workflow& workflow = scenario_.workflows[launch.workflow];
      Expected expected = RunReference(scenario_.workflows, workflow, launch.input);
      clients_.push_back(
          std::make_unique<Client>(host_, ExecutionId::New(uuids_), launch, workflow, std::move(expected)));
      scheduler_.After(launch.at_us, "client begins", [client = clients_.back().get()] { client->Begin(); });
    }
  }

  // ---- Forks ----

  // Any execution, whether it runs or has ended, from anywhere in its past.
  void Fork() {
    --forks_to_come_;
    if (disk_.runs().empty()) return;
    auto picked = disk_.runs().begin();
    std::advance(picked, static_cast<std::ptrdiff_t>(scheduler_.random().Below(disk_.runs().size())));
    const auto& [past_id, run] = *picked;
    const auto point = PickFork(run, library_, scheduler_.random());
    if (!point) return;
    const auto workflow = std::ranges::find(scenario_.workflows, run.record().workflow, &Workflow::name);
    forked_.push_back({.workflow = static_cast<std::size_t>(workflow - scenario_.workflows.begin()),
                       .input = run.state().input,
                       .shared_id = scheduler_.Percent(30)});
    const ExecutionId id = ExecutionId::New(uuids_);
    trace_.Note("an execution is forked", past_id);
    services_.Inherit(id, point->called);
    if (disk_.WasUnlucky(past_id)) disk_.InheritBadLuck(id);
    clients_.push_back(
        std::make_unique<Client>(host_, id, forked_.back(), *workflow,
                                 RunReference(scenario_.workflows, *workflow, forked_.back().input)));
    clients_.back()->StartFrom(*point);
    FindNodesForClients();
    clients_.back()->Begin();
  }

  // ---- Holds ----

  void MakeHolds() {
    holding_.resize(scenario_.holds.size());
    for (std::size_t i = 0; i < scenario_.holds.size(); ++i) {
      const HoldPeriod& period = scenario_.holds[i];
      scheduler_.After(period.at_us, "a hold begins", [this, i] { SetHold(i, true); });
      scheduler_.After(period.at_us + period.for_us, "a hold is over", [this, i] { SetHold(i, false); });
    }
  }

  void SetHold(std::size_t index, bool holds) {
    holding_[index] = holds;
    std::vector<engine::Hold> all;
    for (std::size_t i = 0; i < scenario_.holds.size(); ++i) {
      if (holding_[i]) all.push_back(HoldOf(i));
    }
    host_.holds = std::make_shared<const engine::Holds>(std::move(all));
    if (!holds && host_.mutation == Mutation::kHoldsKept) return;
    for (const auto& process : processes_) {
      if (process) process->HearOfHolds();
    }
  }

  engine::Hold HoldOf(std::size_t index) const {
    const HoldPeriod& period = scenario_.holds[index];
    engine::Hold hold{.account = AccountId::Default(),
                      .scope = Json::Object({{"number", index}}),
                      .note = Json::Object({{"by", "simulated"}})};
    if (period.workflow) hold.workflow = "sim." + scenario_.workflows[*period.workflow].name;
    if (period.of_a_part) {
      const auto parity = [](const Json& input) {
        return std::optional<std::string>(input["n"].IntOr(1) % 2 == 0 ? "even" : "odd");
      };
      hold.key = {.name = "parity", .value = "even", .of = parity};
    }
    return hold;
  }

  // ---- Processes ----

  void Boot(std::size_t address, std::uint32_t partitions) {
    if (IsCluster()) return BootNode(address);
    const std::uint32_t before = std::exchange(partitions_, partitions);
    trace_.Note("process starts", partitions);
    processes_[0] = std::make_shared<Process>(
        host_, Process::Identity{.number = ++lives_, .partitions = partitions, .partitions_before = before});
    processes_[0]->Boot(registry_.TakeAll(partitions), [this] { IsUp(*processes_[0]); });
  }

  // One that cannot reach the database ends, and is started again.
  void BootNode(std::size_t address) {
    if (!disk_.is_up()) return scheduler_.After(kAgainUs, "restart", [this, address] { BootNode(address); });
    const Author number = ++lives_;
    trace_.Note("a node starts", static_cast<std::uint64_t>(number));
    auto node = std::make_unique<Node>(host_, cluster_, number, address);
    const engine::Joined joined = node->Join();
    processes_[address] = std::make_shared<Process>(
        host_,
        Process::Identity{
            .number = number, .partitions = joined.partitions, .node = std::move(node), .lane = joined.lane});
    processes_[address]->BootAsNode([this, address] { IsUp(*processes_[address]); });
  }

  void IsUp(Process& process) {
    for (const auto& client : clients_) {
      if (!IsCluster() || scheduler_.Percent(50)) client->ProcessIsUp(process);
    }
    FindNodesForClients();
  }

  void IsGone(const Process& process) {
    for (const auto& client : clients_) client->ProcessIsGone(process);
    if (IsCluster())
      scheduler_.After(kAskAnotherUs, "clients ask another node", [this] { FindNodesForClients(); });
  }

  void FindNodesForClients() {
    for (const auto& client : clients_) {
      if (client->HasProcess()) continue;
      if (Process* process = AnyReady()) client->ProcessIsUp(*process);
    }
  }

  // Null: there is none.
  Process* AnyReady() {
    const std::size_t first = scheduler_.random().Below(processes_.size());
    for (std::size_t i = 0; i < processes_.size(); ++i) {
      Process* process = processes_[(first + i) % processes_.size()].get();
      if (process && process->is_ready() && (!IsCluster() || !process->is_paused())) return process;
    }
    return nullptr;
  }

  void WakeNodes() {
    for (const auto& process : processes_) {
      if (process) process->node()->Wake();
    }
  }

  void TellOfEvents() {
    for (const auto& process : processes_) {
      if (process) process->node()->WakeTail();
    }
  }

  // False: all has come to rest.
  bool Step() {
    InjectFaults();
    try {
      if (!scheduler_.RunNext()) return false;
      for (const auto& client : clients_) client->LookAround();
    } catch (const ProcessDied& died) {
      ++coverage_.crashes_inside_steps;
      Crash(*died.process);
    }
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
    ++coverage_.faults[static_cast<std::size_t>(fault.kind)];
    const std::shared_ptr<Process>& process = processes_[fault.process % processes_.size()];
    switch (fault.kind) {
      case FaultKind::kCrash:
        if (!process) return;
        if (fault.amount == 0) return Crash(*process);
        return process->DieAfter(fault.amount);
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
      case FaultKind::kPause:
        if (process) Pause(process, fault.amount);
        return;
      case FaultKind::kDrain:
        if (process && IsCluster()) process->node()->Leave();
        return;
      case FaultKind::kCutOff:
        if (process && IsCluster()) CutOff(process->number(), fault.amount);
        return;
      case FaultKind::kCutApart:
        if (IsCluster())
          network_.Cut(fault.process % processes_.size(), (fault.process + 1) % processes_.size(),
                       fault.amount);
        return;
      case FaultKind::kFailover:
        if (!IsCluster()) return;
        disk_.GoDown();
        return scheduler_.After(fault.amount, "the database is back", [this] { disk_.ComeUp(); });
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
    for (const auto& process : processes_) {
      if (process) process->ClockWasSet();
    }
  }

  // After a while its clients ask another node.
  void Pause(const std::shared_ptr<Process>& process, std::int64_t for_us) {
    if (process->is_paused()) return;
    process->Pause();
    scheduler_.After(for_us, "process goes on", [this, weak = std::weak_ptr(process)] {
      const auto paused = weak.lock();
      if (!paused) return;
      paused->GoOn();
      FindNodesForClients();
    });
    if (!IsCluster() || for_us <= kPatienceUs) return;
    scheduler_.After(kPatienceUs, "clients lose patience", [this, weak = std::weak_ptr(process)] {
      if (const auto paused = weak.lock()) IsGone(*paused);
    });
  }

  void CutOff(Author author, std::int64_t for_us) {
    disk_.CutOff(author, true);
    scheduler_.After(for_us, "reaches the database again", [this, author] { disk_.CutOff(author, false); });
  }

  void Crash(Process& process) {
    ++coverage_.crashes;
    trace_.Note("process dies", static_cast<std::uint64_t>(process.number()));
    const std::size_t address = End(process);
    CheckInvariant();
    if (!IsCluster()) NoteAbandoned();
    std::uint32_t partitions = partitions_;
    if (scenario_.knobs.partitions_change)
      partitions = 1 + static_cast<std::uint32_t>(scheduler_.random().Below(4));
    scheduler_.After(scheduler_.Spread(1'000, kRestartUs), "restart",
                     [this, address, partitions] { Boot(address, partitions); });
  }

  // Its address.
  std::size_t End(Process& process) {
    const auto found = std::ranges::find(processes_, &process, &std::shared_ptr<Process>::get);
    const auto address = static_cast<std::size_t>(found - processes_.begin());
    const std::shared_ptr<Process> ended = std::move(*found);
    found->reset();
    IsGone(*ended);
    disk_.Crash(ended->number());
    return address;
  }

  void EndSoon(Process& process) {
    ++coverage_.drains;
    scheduler_.After(0, "a node ends", [this, number = process.number()] {
      const auto found = std::ranges::find_if(
          processes_, [number](const auto& one) { return one && one->number() == number; });
      if (found == processes_.end()) return;
      const std::size_t address = End(**found);
      scheduler_.After(scheduler_.Spread(1'000, kRestartUs), "restart",
                       [this, address] { Boot(address, 0); });
    });
  }

  // ---- Checks ----

  // Something will move every unfinished execution, as `elevaite doctor` sees it.
  void CheckInvariant() {
    Payloads payloads(disk_, 0, {}, Mutation::kNone);
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
    for (const auto& process : processes_)
      auditor_.Require(process && process->active() == 0, "nothing that has ended stays in memory");
    coverage_.takeovers += registry_.takeovers();
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
    coverage_.held += run.was_held() ? 1 : 0;
    coverage_.forks += run.record().trigger == engine::Trigger::kFork ? 1 : 0;
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
    const bool is_quick = scenario_.knobs.slow_percent == 0 && scenario_.knobs.lost_percent == 0 &&
                          std::ranges::all_of(scenario_.faults, [](const Fault& fault) {
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
  Network network_;
  Registry registry_;
  Disk disk_;
  Services services_;
  std::optional<Fleet> fleet_;
  UuidGenerator uuids_;
  Host host_;
  Cluster cluster_;
  std::uint32_t partitions_ = 0;
  Author lives_ = 0;  // of processes
  std::vector<std::shared_ptr<Process>>
      processes_;  // by address; one that has the database for itself, or nodes
  std::vector<std::unique_ptr<Client>> clients_;
  std::size_t forks_to_come_ = 0;
  std::deque<Launch> forked_;  // what the clients of forks go by
  std::vector<char> holding_;  // by number in the scenario
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
  drains += other.drains;
  refused += other.refused;
  completed += other.completed;
  faulted += other.faulted;
  cancelled += other.cancelled;
  buried += other.buried;
  objects += other.objects;
  losses += other.losses;
  held += other.held;
  forks += other.forks;
  for (std::size_t i = 0; i < faults.size(); ++i) faults[i] += other.faults[i];
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
