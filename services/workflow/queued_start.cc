// Starts that go through the queue (flow/).
#include "services/workflow/await.h"
#include "services/workflow/flow/flow_control.h"
#include "services/workflow/flow/flow_view.h"
#include "services/workflow/service.h"

namespace elevaite::workflow {
namespace {

// The past is read again when its turn comes: it may be large, and the wait long.
Json PointOf(const engine::Past& past) {
  const engine::ForkRequest& fork = past.request;
  return Json::Object({{"execution", past.execution.ToString()},
                       {"seq", fork.began.seq},
                       {"input", fork.input ? Json::Array({*fork.input}) : Json()},
                       {"note", fork.note}});
}

// The keys of a fork are those of the run that it goes on from.
flow::FlowControl::Coming ComingFrom(StartRequest request, const dsl::Program& program, ExecutionId id) {
  return {.run = {.account = request.account,
                  .id = id,
                  .workflow = program.name_space + "." + program.name,
                  .version = program.version,
                  .trigger = request.trigger,
                  .correlation = std::move(request.correlation),
                  .past = request.past ? PointOf(*request.past) : Json()},
          .input = request.past ? request.past->state.input : std::move(request.input)};
}

}  // namespace

bool WorkflowService::IsQueued(const AccountId& account, const Resolved& resolved) const {
  return flow_ != nullptr && flow_->Concerns(account, resolved.name_space + "." + resolved.name);
}

Task<void> WorkflowService::QueueOnce(StartRequest request, const dsl::Program& program, ExecutionId id) {
  const AccountId account = request.account;
  auto find = flow_->Find(account, id);
  ASSIGN_OR_CO_RETURN(const auto found, co_await std::move(find));
  if (found) co_return Result<void>();
  auto begun = FindExecution(account, id);
  if (const auto record = co_await std::move(begun); record) co_return Result<void>();
  auto coming = ComingFrom(std::move(request), program, id);
  coming.is_claimed = true;
  auto arrive = flow_->Arrive(std::move(coming));
  CO_RETURN_IF_ERROR(co_await std::move(arrive));
  co_return Result<void>();
}

Task<Started> WorkflowService::StartQueued(StartRequest request, Resolved resolved, ExecutionId fresh,
                                           engine::Admission::Ticket ticket) {
  const bool is_claimed = request.claim || !request.idempotency_key.empty();
  ExecutionId id = fresh;
  if (is_claimed) {
    auto claim = ClaimFor(request, resolved, fresh);
    ASSIGN_OR_CO_RETURN(id, co_await std::move(claim));
    if (id != fresh) {
      ticket.reset();  // most probably nothing is started, and its end may be waited for
      auto before = ClaimedBefore(request, resolved, id);
      auto started = co_await std::move(before);
      if (started || started.error().code != ErrorCode::kNotFound) co_return started;
      if (request.target) {
        auto choose = ProgramFor(*request.target, id);
        ASSIGN_OR_CO_RETURN(resolved, co_await std::move(choose));
      }
    }
  }
  const AccountId account = request.account;
  const auto wait = request.wait;
  auto coming = ComingFrom(std::move(request), *resolved.program, id);
  coming.is_claimed = is_claimed;
  OneShot<bool> ended;
  if (wait.count() > 0) coming.finished = [ended](const auto&) mutable { ended.Set(true); };
  const auto deadline = std::chrono::steady_clock::now() + wait;
  auto arrive = flow_->Arrive(std::move(coming));
  ASSIGN_OR_CO_RETURN(const flow::Arrival::Answer answer, co_await std::move(arrive));
  ticket.reset();
  Started started{.id = answer.id,
                  .program = resolved.program,
                  .outcome = std::nullopt,
                  .is_new = answer.is_new};  // also when one before had this id, and was refused
  if (wait.count() == 0) co_return started;
  if (flow_->leads()) {
    auto end = ended.WaitUntil(deadline);
    co_await std::move(end);
  } else {
    auto turn =
        WithDeadline(deadline, [](flow::FlowControl* flow, AccountId of, ExecutionId one) -> Task<bool> {
          auto queued = flow->WaitWhileQueued(std::move(of), one);
          co_await std::move(queued);
          co_return true;
        }(flow_, account, answer.id));
    co_await std::move(turn);
  }
  const auto left =
      std::chrono::duration_cast<std::chrono::milliseconds>(deadline - std::chrono::steady_clock::now());
  auto end = WaitForEnd(account, answer.id, std::max(left, std::chrono::milliseconds(1)));
  started.outcome = co_await std::move(end);
  co_return started;
}

// kNotFound: the process died between the claim and the arrival.
Task<Started> WorkflowService::ClaimedBefore(const StartRequest& request, const Resolved& resolved,
                                             ExecutionId id) {
  const AccountId account = request.account;
  auto find = flow_->Find(account, id);
  ASSIGN_OR_CO_RETURN(const auto found, co_await std::move(find));
  if (found && found->run.became) id = *found->run.became;
  if (!found) {
    auto record = FindExecution(account, id);
    ASSIGN_OR_CO_RETURN(const engine::ExecutionRecord before, co_await std::move(record));
  }
  auto end = WaitForEnd(account, id, request.wait);
  co_return Started{
      .id = id, .program = resolved.program, .outcome = co_await std::move(end), .is_new = false};
}

Task<Json> WorkflowService::ViewQueued(AccountId account, ExecutionId id) {
  auto find = flow_->Find(account, id);
  ASSIGN_OR_CO_RETURN(const auto found, co_await std::move(find));
  if (!found) co_return Fail(ErrorCode::kNotFound, "no execution " + id.ToString());
  Json waits_for;
  if (found->run.state == flow::RunState::kQueued || found->run.state == flow::RunState::kCollecting) {
    auto look = flow_->WaitsFor(id);
    if (auto told = co_await std::move(look); told) waits_for = *std::move(told);
  }
  co_return flow::QueuedRunJson(found->run, waits_for, found->input);
}

}  // namespace elevaite::workflow
