// Scenario: all that is decided before a simulated run: the workflows, who starts what, and which faults come
// when. A value, so that a failing one can be made smaller (shrink.h); the schedule of the run follows from
// its seed.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "foundation/json.h"

namespace elevaite::simulation {

// A workflow. Its version "1.0.1" is the same document: what executions are moved to.
struct Workflow {
  std::string name;
  Json document;
  bool is_timed = false;  // how it ends depends on what is faster: there is no output to compare with
};

// An execution that a client starts.
struct Launch {
  std::size_t workflow = 0;
  Json input;
  std::int64_t at_us = 0;
  bool shared_id = true;              // the client starts it again when it gets no answer
  std::uint32_t duplicates = 0;       // others that start the same, with a shared id
  std::uint32_t watchers = 0;         // others that ask for its end, perhaps before it is acknowledged
  std::int64_t cancel_after_us = 0;   // after the start was acknowledged; 0: not
  std::int64_t cancel_grace_us = 0;   // for cleaning up
  bool cancels_twice = false;         // the second ends it at once
  std::int64_t migrate_after_us = 0;  // likewise
  std::int64_t pause_after_us = 0;    // likewise
  std::int64_t pause_us = 0;          // until the client resumes it
  std::int64_t retry_after_us = 0;    // likewise: an operator tries a task again, whichever
};

enum class FaultKind : std::uint8_t {
  kCrash,         // the process dies; `amount`: after so many more calls of its ports (0: between two steps)
  kDiskFull,      // for `amount` us
  kSlowDisk,      // for `amount` us
  kClockForward,  // by `amount` us
  kClockBack,     // by `amount` us
  kPause,         // the process stands still for `amount` us
  // Only of several nodes. One that stands still or is cut off for longer than its lease is taken over from,
  // and comes back late.
  kDrain,         // the node gives everything back and ends
  kCutOff,        // it does not reach the database for `amount` us
  kCutApart,      // nothing arrives between it and the next one for `amount` us
  kFailover,      // the database dies, and is back after `amount` us
  kWorkerDies,    // one in another process: the `amount`-th
  kWorkerPauses,  // one of these stands still for `amount` us
};
constexpr std::size_t kFaultKinds = static_cast<std::size_t>(FaultKind::kWorkerPauses) + 1;
std::string_view NameOf(FaultKind kind);

struct Fault {
  FaultKind kind = FaultKind::kCrash;
  std::uint64_t at_step = 0;  // of the scheduler
  std::int64_t amount = 0;
  std::size_t process = 0;  // whose it is, among the nodes
};

// How the engine is set up, and how often the smaller mishaps happen.
struct Knobs {
  std::uint32_t nodes = 1;         // that share the database; 1: a process that has it for itself
  std::uint32_t partitions = 1;    // at the first start
  bool partitions_change = false;  // at each restart
  std::uint32_t tasks_per_step = 256;
  std::uint32_t attempts_lost_max = 5;
  std::size_t snapshot_bytes_min = 64U << 10U;
  std::size_t inline_bytes_max = 32U << 10U;  // of a value in the journal; larger ones are objects
  std::size_t commits_in_flight_max = 4;
  std::size_t commands_per_round = 1'000;
  std::size_t recovery_page = 1'000;  // executions, between two rounds
  std::size_t events_in_memory_max = 20'000;
  std::uint32_t slow_percent = 5;      // of delays that are long
  std::uint32_t repeated_percent = 5;  // of results and events that come twice
  std::uint32_t late_percent = 20;     // of results that outlive the process which asked for them
  std::uint32_t workers = 0;           // in processes of their own; 0: that of the engine does its activities
  std::uint32_t lost_percent = 0;      // of messages between processes
};

// A pause of more than one execution, which holds what runs (engine/holds/holds.h).
struct HoldPeriod {
  std::int64_t at_us = 0;
  std::int64_t for_us = 0;
  std::optional<std::size_t> workflow{};  // nothing: all of the account
  bool of_a_part = false;                 // only those that were given an even number
};

struct Scenario {
  std::uint64_t seed = 0;
  std::vector<Workflow> workflows;
  std::vector<Launch> launches;
  std::vector<Fault> faults;  // by at_step
  std::vector<HoldPeriod> holds{};
  std::vector<std::int64_t> forks{};  // when somebody forks one of the executions there are
  Knobs knobs;
};

// The scenario of a seed: always the same.
Scenario MakeScenario(std::uint64_t seed);

}  // namespace elevaite::simulation
