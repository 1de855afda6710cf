// Operation: one act on all executions, and runs that wait in the queue, that match a filter; done in the
// background.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/journal/history.h"
#include "foundation/ids.h"
#include "foundation/json.h"
#include "foundation/result.h"

namespace elevaite::workflow {

struct OperationTag {
  static constexpr std::string_view kPrefix = "op_", kName = "operation";
};
using OperationId = Id<OperationTag>;

// What can be done to many. Names are stored.
//   retry, skip, complete, fail   each task that is parked
//   redrive                       what waits for an operator is tried again, what has failed is run again
//   from
//                                 the task that failed, once
//   fork                          a new run from `task`
//   prioritize                    what waits in the queue gets `priority`
// What waits in the queue has not begun: it can be cancelled and prioritized.
enum class BulkAct : std::uint8_t {
  kCancel,
  kPause,
  kResume,
  kRetry,
  kSkip,
  kComplete,
  kFail,
  kRedrive,
  kFork,
  kMigrate,
  kDelete,
  kPrioritize,
};
std::string_view NameOf(BulkAct act);
std::optional<BulkAct> BulkActFromName(std::string_view name);

enum class OperationState : std::uint8_t { kRunning, kCompleted, kCancelled };
std::string_view NameOf(OperationState state);
std::optional<OperationState> OperationStateFromName(std::string_view name);

// Why one execution was left as it is.
struct OperationReason {
  std::string execution;
  bool failed = false;  // else skipped: there was nothing to do
  std::string message;
};

struct Operation {
  static constexpr std::size_t kReasonsMax = 20;  // the first are kept

  AccountId account;
  OperationId id;
  BulkAct act = BulkAct::kRetry;
  Json arguments;  // of the act: {grace, version, task, output, error, priority}
  Json filter;     // as it was sent
  Json note;       // {by, reason}
  OperationState state = OperationState::kRunning;
  std::string cursor;                 // in the lists (operator.cc); empty: at the begin
  std::optional<std::int64_t> total;  // nothing: they have not been counted yet
  std::int64_t done = 0;
  std::int64_t skipped = 0;
  std::int64_t failed = 0;
  std::vector<OperationReason> reasons{};
  std::int64_t created_us = 0;  // executions that were created later are left alone
  std::int64_t updated_us = 0;
  std::optional<std::int64_t> ended_us{};

  std::int64_t looked_at() const { return done + skipped + failed; }
};

Json ReasonsJson(const std::vector<OperationReason>& reasons);
std::vector<OperationReason> ReasonsFrom(const Json& json);

// What POST /v1/operations takes: {act, filter, dry_run, reason, by, and what the act needs}.
// kInvalidArgument says what is wrong. `id`, times and `note.by` are the caller's.
struct OperationRequest {
  Operation operation;
  bool dry_run = false;
};
Result<OperationRequest> OperationFrom(const Json& body);

// What an operation reaches, from {"workflow": "shop.order", "status": ["suspended"], "tag": ["team=sales"]}:
// the parameters of GET /v1/executions, and `key` as in GET /v1/flow/queue. Without a status it reaches what
// waits in the queue, too, if its act can be done to that and nothing is asked that only what has begun has.
struct OperationScope {
  engine::ExecutionFilter filter;
  std::optional<std::string> key;  // only of what waits
  bool has_executions = true;
  bool has_queued = false;
};
// kInvalidArgument: it is none, has no condition, or asks for what its act cannot be done to.
Result<OperationScope> ScopeOf(const Operation& operation);

// For people and programs.
Json ToJson(const Operation& operation);

}  // namespace elevaite::workflow
