#include "services/workflow/operations/service_target.h"

#include <utility>

#include "engine/machine/errors.h"
#include "foundation/text.h"
#include "services/workflow/command_number.h"
#include "services/workflow/flow/flow_control.h"
#include "services/workflow/operations/queued.h"
#include "services/workflow/schedule/scheduler.h"

namespace elevaite::workflow {
namespace {

using Outcome = OperationTarget::Outcome;

// With the operation, so that the journal of an execution leads to it.
Json NoteOf(const Operation& operation) {
  return Json::WithMember(operation.note, "operation", operation.id.ToString());
}

// A page of which it is not known how far it has come is gone through again, by another node maybe.
engine::CommandNumber CommandOf(const Operation& operation) { return CommandNumberOf(operation.id.uuid()); }

// The same where there is only a text for it.
std::string ReasonOf(const Operation& operation) {
  const std::string reason(operation.note["reason"].StringOr(""));
  const std::string name = "operation " + operation.id.ToString();
  return reason.empty() ? name : reason + " (" + name + ")";
}

std::optional<engine::RepairAct> RepairOf(BulkAct act) {
  switch (act) {
    case BulkAct::kRetry: return engine::RepairAct::kRetry;
    case BulkAct::kSkip: return engine::RepairAct::kSkip;
    case BulkAct::kComplete: return engine::RepairAct::kComplete;
    case BulkAct::kFail: return engine::RepairAct::kFail;
    default: return std::nullopt;
  }
}

engine::Repair ParkedTasks(engine::RepairAct act, const Operation& operation) {
  engine::Repair repair{.frame = engine::kRootFrame,
                        .act = act,
                        .value = {},
                        .note = NoteOf(operation),
                        .command = CommandOf(operation)};
  if (act == engine::RepairAct::kComplete) repair.value = operation.arguments["output"];
  if (act == engine::RepairAct::kFail) repair.value = operation.arguments["error"];
  return repair;
}

}  // namespace

bool ServiceTarget::IsMine() { return service_.scheduler().leads(); }

Task<engine::ExecutionPage> ServiceTarget::List(AccountId account, engine::ExecutionFilter filter) {
  return service_.ListExecutions(std::move(account), std::move(filter));
}

// What has begun after the operation was made waited then; what had begun before is an execution of the other
// list.
Task<OperationTarget::QueuedIds> ServiceTarget::ListQueued(const Operation& operation, OperationScope scope,
                                                           std::string place, std::size_t most) {
  const auto from = place.empty() ? QueuedPlace() : QueuedPlace::Parse(place);
  if (!from) co_return Fail(ErrorCode::kInternal, "an operation stands at no place of the queue: " + place);
  const AccountId account = operation.account;
  const std::int64_t made_us = operation.created_us;
  auto list = workflow::ListQueued(service_.flow().reader(), account, std::move(scope), *from, most);
  ASSIGN_OR_CO_RETURN(const QueuedPage page, co_await std::move(list));
  QueuedIds queued;
  for (const flow::StoredRun& run : page.runs) {
    if (run.state == flow::RunState::kRunning) {
      auto find = service_.FindExecution(account, run.id);
      const auto record = co_await std::move(find);
      if (record && record->created_us < made_us) continue;
    }
    queued.ids.push_back(run.id);
  }
  if (page.next) queued.next = page.next->ToString();
  co_return queued;
}

Task<engine::Admission::Ticket> ServiceTarget::Admit() { return service_.Admit(); }

Task<Outcome> ServiceTarget::Done(Task<void> act) {
  const Result<void> done = co_await std::move(act);
  if (!done) co_return Fail(done.error());
  co_return Outcome();
}

Task<Outcome> ServiceTarget::Act(const Operation& operation, const engine::ExecutionRecord& record) {
  const AccountId& account = operation.account;
  if (const auto repair = RepairOf(operation.act))
    return Done(service_.Operate(account, record.id, ParkedTasks(*repair, operation)));
  switch (operation.act) {
    case BulkAct::kPause:
      return Done(
          service_.Operate(account, record.id, engine::Pause{NoteOf(operation), CommandOf(operation)}));
    case BulkAct::kResume:
      return Done(
          service_.Operate(account, record.id, engine::Resume{NoteOf(operation), CommandOf(operation)}));
    case BulkAct::kDelete: return Done(service_.DeleteExecution(account, record.id));
    case BulkAct::kMigrate: return Migrate(operation, record);
    case BulkAct::kRedrive: return Redrive(operation, record);
    case BulkAct::kFork:
      return Done(service_.ForkOnce(
          {.account = account,
           .from = {.execution = record.id, .task = std::string(operation.arguments["task"].StringOr(""))},
           .note = NoteOf(operation),
           .correlation = operation.id.ToString(),
           .idempotency_key = operation.id.ToString() + " " + record.id.ToString()}));
    default: break;
  }
  return Cancel(operation, record.id);
}

Task<Outcome> ServiceTarget::Cancel(const Operation& operation, ExecutionId id) {
  const auto grace = ParseDuration(operation.arguments["grace"].StringOr(""));
  return Done(service_.CancelExecution(
      operation.account, id, ReasonOf(operation),
      grace ? std::chrono::duration_cast<std::chrono::milliseconds>(*grace) : service_.cancel_grace(), true));
}

// Who asks for what waits only does not mean what runs.
Task<Outcome> ServiceTarget::ActOnQueued(const Operation& operation, ExecutionId id) {
  ASSIGN_OR_CO_RETURN(const OperationScope scope, ScopeOf(operation));
  if (operation.act == BulkAct::kCancel && scope.has_executions) {
    auto cancel = Cancel(operation, id);
    co_return co_await std::move(cancel);
  }
  flow::FlowControl& flow = service_.flow();
  const auto priority =
      static_cast<std::uint8_t>(operation.arguments["priority"].IntOr(flow::kPriorityDefault));
  auto act = operation.act == BulkAct::kPrioritize ? flow.SetPriority(operation.account, id, priority)
                                                   : flow.Cancel(operation.account, id, ReasonOf(operation));
  ASSIGN_OR_CO_RETURN(const bool waited, co_await std::move(act));
  if (waited) co_return Outcome();
  co_return Outcome{Outcome::Kind::kSkipped, "it does not wait any more"};
}

Task<Outcome> ServiceTarget::Redrive(const Operation& operation, const engine::ExecutionRecord& record) {
  auto redrive = service_.Redrive(record, std::nullopt, NoteOf(operation), CommandOf(operation));
  const Result<ExecutionId> done = co_await std::move(redrive);
  if (!done) co_return Fail(done.error());
  co_return Outcome();
}

Task<Outcome> ServiceTarget::Migrate(const Operation& operation, const engine::ExecutionRecord& record) {
  const engine::MigrationNote note{.reason = ReasonOf(operation),
                                   .by = std::string(operation.note["by"].StringOr("")),
                                   .command = CommandOf(operation)};
  auto migrate = service_.MigrateExecution(
      operation.account, record.id, std::string(operation.arguments["version"].StringOr("")), note, false);
  ASSIGN_OR_CO_RETURN(const engine::Migration migration, co_await std::move(migrate));
  if (migration.done) co_return Outcome();
  if (migration.plan.obstacles.empty())
    co_return Outcome{Outcome::Kind::kSkipped, "it is on that version already"};
  const engine::Obstacle& first = migration.plan.obstacles.front();
  co_return Outcome{Outcome::Kind::kFailed, (first.task.empty() ? "" : first.task + ": ") + first.why};
}

}  // namespace elevaite::workflow
