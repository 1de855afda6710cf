#include "engine/simulation/scenario.h"

#include <algorithm>
#include <cmath>

#include "engine/simulation/generator.h"
#include "foundation/random.h"

namespace elevaite::simulation {
namespace {

// Each order of magnitude as likely as any other.
std::int64_t Spread(Random& random, double from, double to) {
  return static_cast<std::int64_t>(
      std::exp(std::log(from) + random.Unit() * (std::log(to) - std::log(from))));
}

template <class T>
T OneOf(Random& random, std::initializer_list<T> values) {
  return values.begin()[random.Below(values.size())];
}

std::vector<Workflow> MakeWorkflows(Random& random, bool allows_poison, bool allows_cleanup) {
  const bool allows_timing = random.Below(3) == 0;
  std::vector<Workflow> workflows;
  std::vector<std::string> children;
  const std::uint64_t inner = random.Below(3);
  for (std::uint64_t i = 0; i < inner; ++i) {
    const std::string name = "child" + std::to_string(i + 1);
    Generator generator(random, {.tasks_max = 5,
                                 .depth_max = 2,
                                 .allows_timing = allows_timing,
                                 .allows_cleanup = allows_cleanup,
                                 .children = children});
    workflows.push_back(generator.Make(name));
    children.push_back(name);
  }
  Generator generator(random, {.allows_timing = allows_timing,
                               .allows_signals = true,
                               .allows_cleanup = allows_cleanup,
                               .allows_poison = allows_poison,
                               .children = std::move(children)});
  workflows.push_back(generator.Make("main"));
  return workflows;
}

std::vector<Launch> MakeLaunches(Random& random, std::size_t workflow) {
  std::vector<Launch> launches;
  const std::uint64_t count = 1 + random.Below(4);
  for (std::uint64_t i = 0; i < count; ++i) {
    Launch launch{.workflow = workflow, .input = Json::Object({{"n", random.Below(1'000)}})};
    launch.at_us = Spread(random, 1, 30e6);
    launch.shared_id = random.Below(4) != 0;
    if (launch.shared_id && random.Below(4) == 0)
      launch.duplicates = 1 + static_cast<std::uint32_t>(random.Below(2));
    if (random.Below(4) == 0) launch.watchers = 1 + static_cast<std::uint32_t>(random.Below(3));
    if (random.Below(5) == 0) launch.cancel_after_us = Spread(random, 10, 60e6);
    if (random.Below(6) == 0) launch.migrate_after_us = Spread(random, 10, 60e6);
    if (random.Below(6) == 0) {
      launch.pause_after_us = Spread(random, 10, 60e6);
      launch.pause_us = Spread(random, 10, 60e6);
    }
    if (random.Below(6) == 0) launch.retry_after_us = Spread(random, 10, 60e6);
    launches.push_back(std::move(launch));
  }
  return launches;
}

Fault MakeFault(Random& random) {
  Fault fault{.at_step = static_cast<std::uint64_t>(Spread(random, 1, 2'000))};
  switch (random.Below(12)) {
    case 0:
    case 1:
      fault.kind = FaultKind::kDiskFull;
      fault.amount = Spread(random, 1'000, 5e6);
      break;
    case 2:
      fault.kind = FaultKind::kSlowDisk;
      fault.amount = Spread(random, 1'000, 60e6);
      break;
    case 3:
      fault.kind = FaultKind::kClockForward;
      fault.amount = Spread(random, 1'000, 3'600e6);
      break;
    case 4:
      fault.kind = random.Below(4) == 0 ? FaultKind::kClockBack : FaultKind::kClockForward;
      fault.amount = Spread(random, 1'000, 600e6);
      break;
    case 5:
    case 6:
      fault.kind = FaultKind::kPause;
      fault.amount = Spread(random, 1e6, 60e6);
      break;
    default: fault.amount = random.Below(2) == 0 ? 0 : 1 + static_cast<std::int64_t>(random.Below(30)); break;
  }
  return fault;
}

void AddWorkers(Random& random, Scenario& scenario) {
  scenario.knobs.workers = 1 + static_cast<std::uint32_t>(random.Below(3));
  scenario.knobs.lost_percent = OneOf<std::uint32_t>(random, {0, 2, 15});
  for (std::uint64_t i = random.Below(4); i > 0; --i) {
    Fault fault{.kind = FaultKind::kWorkerDies,
                .at_step = static_cast<std::uint64_t>(Spread(random, 1, 2'000)),
                .amount = static_cast<std::int64_t>(random.Below(scenario.knobs.workers))};
    if (random.Below(2) == 0) fault = {FaultKind::kWorkerPauses, fault.at_step, Spread(random, 1e6, 60e6)};
    scenario.faults.push_back(fault);
  }
}

Fault MakeFaultOfNodes(Random& random) {
  Fault fault{.at_step = static_cast<std::uint64_t>(Spread(random, 1, 2'000)),
              .amount = Spread(random, 1e4, 30e6)};
  switch (random.Below(6)) {
    case 0: fault.kind = FaultKind::kDrain; break;
    case 1: fault.kind = FaultKind::kCutOff; break;
    case 2: fault.kind = FaultKind::kCutApart; break;
    case 3: fault.kind = FaultKind::kFailover; break;
    case 4: fault.kind = FaultKind::kPause; break;
    default:
      fault.kind = FaultKind::kCrash;
      fault.amount = static_cast<std::int64_t>(random.Below(30));
      break;
  }
  return fault;
}

// A node stands still for longer than its lease while the database takes as long for a commit of it.
void AddLateCommit(Random& random, Scenario& scenario) {
  const Fault slow{FaultKind::kSlowDisk, static_cast<std::uint64_t>(Spread(random, 1, 500)),
                   Spread(random, 5e6, 60e6)};
  scenario.faults.push_back(slow);
  for (std::uint64_t i = 1 + random.Below(2); i > 0; --i)
    scenario.faults.push_back(
        {FaultKind::kPause, slow.at_step + random.Below(20), Spread(random, 5e6, 60e6)});
}

void AddNodes(Random& random, Scenario& scenario) {
  scenario.knobs.nodes = 2 + static_cast<std::uint32_t>(random.Below(2));
  scenario.knobs.partitions = 1 + static_cast<std::uint32_t>(random.Below(6));
  scenario.knobs.lost_percent = OneOf<std::uint32_t>(random, {0, 2, 15});
  for (std::uint64_t i = 1 + random.Below(5); i > 0; --i) scenario.faults.push_back(MakeFaultOfNodes(random));
  if (random.Below(3) == 0) AddLateCommit(random, scenario);
  for (Launch& launch : scenario.launches) launch.shared_id = launch.duplicates > 0 || random.Below(2) == 0;
  for (Fault& fault : scenario.faults) {
    fault.process = random.Below(scenario.knobs.nodes);
    // Not promised: an event that one node has accepted counts as older than the start on another, whose
    // clock was not set back yet, and is missed when that dies before it has taken it.
    if (fault.kind == FaultKind::kClockBack) fault.kind = FaultKind::kClockForward;
  }
}

void AddHolds(Random& random, Scenario& scenario) {
  for (std::uint64_t i = 1 + random.Below(3); i > 0; --i) {
    HoldPeriod hold{.at_us = Spread(random, 1, 60e6), .for_us = Spread(random, 1'000, 120e6)};
    if (random.Below(2) == 0) hold.workflow = random.Below(scenario.workflows.size());
    hold.of_a_part = hold.workflow && random.Below(3) == 0;
    scenario.holds.push_back(hold);
  }
}

Knobs MakeKnobs(Random& random) {
  Knobs knobs{.partitions = 1 + static_cast<std::uint32_t>(random.Below(4)),
              .partitions_change = random.Below(2) == 0,
              .tasks_per_step = OneOf<std::uint32_t>(random, {1, 3, 10, 256}),
              .snapshot_bytes_min = OneOf<std::size_t>(random, {200, 2'000, 64U << 10U}),
              .commits_in_flight_max = OneOf<std::size_t>(random, {1, 2, 4}),
              .commands_per_round = OneOf<std::size_t>(random, {1, 4, 1'000}),
              .recovery_page = OneOf<std::size_t>(random, {1, 3, 1'000}),
              .events_in_memory_max = OneOf<std::size_t>(random, {2, 10, 20'000}),
              .slow_percent = OneOf<std::uint32_t>(random, {0, 3, 20}),
              .repeated_percent = OneOf<std::uint32_t>(random, {0, 5, 30}),
              .late_percent = OneOf<std::uint32_t>(random, {0, 20, 60})};
  knobs.attempts_lost_max = OneOf<std::uint32_t>(random, {2, 5, 5, 5});
  return knobs;
}

}  // namespace

std::string_view NameOf(FaultKind kind) {
  switch (kind) {
    case FaultKind::kCrash: return "crash";
    case FaultKind::kDiskFull: return "disk is full";
    case FaultKind::kSlowDisk: return "disk is slow";
    case FaultKind::kClockForward: return "clock is set forward";
    case FaultKind::kClockBack: return "clock is set back";
    case FaultKind::kPause: return "process stands still";
    case FaultKind::kDrain: return "node is drained";
    case FaultKind::kCutOff: return "node is cut off from the database";
    case FaultKind::kCutApart: return "two nodes are cut apart";
    case FaultKind::kFailover: return "database dies";
    case FaultKind::kWorkerDies: return "worker is killed";
    case FaultKind::kWorkerPauses: return "worker stands still";
  }
  return "";
}

Scenario MakeScenario(std::uint64_t seed) {
  SeededRandom random(seed);
  // Few seeds: what dies again and again leaves little time for anything else to go wrong.
  Scenario scenario{.seed = seed, .workflows = MakeWorkflows(random, seed % 8 == 0, seed % 4 == 2)};
  scenario.launches = MakeLaunches(random, scenario.workflows.size() - 1);
  const std::uint64_t faults = random.Below(7);
  for (std::uint64_t i = 0; i < faults; ++i) scenario.faults.push_back(MakeFault(random));
  scenario.knobs = MakeKnobs(random);
  for (Launch& launch : scenario.launches) {
    if (random.Below(3) != 0) launch.cancel_grace_us = Spread(random, 1'000, 60e6);
    launch.cancels_twice = random.Below(6) == 0;
  }
  scenario.knobs.inline_bytes_max = OneOf<std::size_t>(random, {8, 60, 32U << 10U});
  const std::uint64_t kind = random.Below(4);
  if (kind == 0) AddWorkers(random, scenario);
  if (kind == 1) AddNodes(random, scenario);
  if (random.Below(3) == 0) AddHolds(random, scenario);
  if (random.Below(3) == 0) {
    for (std::uint64_t i = 1 + random.Below(4); i > 0; --i)
      scenario.forks.push_back(Spread(random, 1'000, 60e6));
  }
  std::ranges::sort(scenario.faults, {}, &Fault::at_step);
  return scenario;
}

}  // namespace elevaite::simulation
