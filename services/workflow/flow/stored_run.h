// A run on its way through the queue, as it is stored, and what changes the store.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "engine/journal/journal.h"
#include "foundation/ids.h"
#include "foundation/json.h"
#include "services/workflow/flow/gate.h"
#include "services/workflow/flow/rules.h"

namespace elevaite::flow {

// Values are stored: append only.
enum class RunState : std::uint8_t {
  kQueued = 0,
  kRunning = 1,     // it has its places; whether it has begun, the engine knows
  kCollecting = 2,  // a debounce or a batch that may change, or one that waits for the end of the one before
  kOver = 3,        // it will not start: `reason`
  kAbsorbed = 4,    // another stands for it: `became`
};

struct StoredRun {
  AccountId account;
  ExecutionId id;
  RunState state = RunState::kQueued;
  std::int64_t seq = 0;
  std::string workflow;  // namespace.name
  std::string version;
  engine::Trigger trigger = engine::Trigger::kApi;
  std::string correlation;
  RunKeys keys;
  RunKeys arrival;
  std::uint8_t priority = kPriorityDefault;
  std::int64_t created_us = 0;
  std::int64_t due_us = 0;  // kCollecting: when it is queued at the latest; kOver, kAbsorbed: when it was so
  std::int64_t items = 0;   // of a batch; 0: the input is the run's own
  std::int64_t bytes = 0;   // of the inputs of a batch that collects
  std::int64_t next_position = 0;  // of the next of them
  std::string reason;
  std::optional<ExecutionId> became;
  // Of a fork: where it goes on from, {execution, seq, input: [of the task] or null, note}. Null: it begins
  // at its begin, and is what comes from outside.
  Json past;

  bool is_fork() const { return !past.IsNull(); }
};

// Of what runs already when a pause comes. Values are stored.
enum class Running : std::uint8_t {
  kFinish = 0,  // it goes on
  kHold = 1,    // nothing of it begins (engine/holds/holds.h)
};

// What waits, or holds places, for as long as nobody says otherwise.
struct Pause {
  AccountId account;
  std::string workflow;    // empty: the account
  std::string expression;  // empty: all of it
  std::string key;
  std::string note;
  std::int64_t created_us = 0;
  std::string by;
  Running running = Running::kHold;

  GateName scope() const { return {GateKind::kPause, workflow, expression, key}; }
};

struct StoredRules {
  AccountId account;
  std::string workflow;  // empty: of the account
  Json definition;
  std::int64_t updated_us = 0;
  std::string by;
};

struct AddRun {
  StoredRun run;
  Json input;
};
struct SetState {
  AccountId account;
  ExecutionId id;
  RunState state;
  std::int64_t due_us = 0;
  std::string reason;
  std::optional<ExecutionId> became;
};
struct SetPriority {
  AccountId account;
  ExecutionId id;
  std::uint8_t priority = kPriorityDefault;
};
struct EraseRun {
  AccountId account;
  ExecutionId id;
  bool collected = false;
};
// The last input of a debounce.
struct ReplaceInput {
  AccountId account;
  ExecutionId id;
  Json input;
  std::int64_t due_us = 0;
};
// One more of a batch.
struct CollectInput {
  AccountId account;
  ExecutionId id;
  std::int64_t position = 0;
  // Which start brought it: none is collected twice. Nothing for the first, which is the batch.
  std::optional<ExecutionId> arrival;
  Json input;
};
struct SetPace {
  AccountId account;
  std::string gate;
  std::optional<std::int64_t> due_us;  // nothing: it holds nothing back any more
};
// Runs that are over since before then; a few of them.
struct EraseOver {
  AccountId account;
  std::int64_t before_us = 0;
};
struct PutRules {
  StoredRules rules;
};
struct EraseRules {
  AccountId account;
  std::string workflow;
};
struct PutPause {
  Pause pause;
};
struct ErasePause {
  Pause pause;
};
using Change = std::variant<AddRun, SetState, SetPriority, EraseRun, ReplaceInput, CollectInput, SetPace,
                            EraseOver, PutRules, EraseRules, PutPause, ErasePause>;

// All that a keeper begins with.
struct StoredFlow {
  std::vector<StoredRules> rules;
  std::vector<Pause> pauses;
  std::vector<SetPace> paces;
  std::vector<StoredRun> runs;      // queued, running, collecting; by seq
  std::vector<AccountId> accounts;  // that have runs of whatever state
  std::int64_t last_seq = 0;
};

}  // namespace elevaite::flow
