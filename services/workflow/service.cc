#include "services/workflow/service.h"

#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "engine/retention.h"
#include "foundation/digest.h"
#include "services/workflow/archive.h"
#include "services/workflow/await.h"
#include "services/workflow/command_number.h"
#include "services/workflow/execution_view.h"
#include "services/workflow/flow/flow_control.h"
#include "services/workflow/schedule/scheduler.h"

namespace elevaite::workflow {
namespace {

constexpr std::chrono::seconds kCancelPatience{3};
constexpr std::chrono::milliseconds kCancelPause{50};

}  // namespace

// ---- Documents
// ---------------------------------------------------------------------------------------------------------

Task<std::variant<PublishResult, Rejected>> WorkflowService::Publish(AccountId account, std::string source,
                                                                     PublishNote note) {
  auto gather = CompileWithResources(source);
  ASSIGN_OR_CO_RETURN(Gathered gathered, co_await std::move(gather));
  dsl::CompileResult& compiled = gathered.compiled;
  if (!compiled.program) co_return Rejected{std::move(compiled.diagnostics)};
  CO_RETURN_IF_ERROR(scheduler_->CheckLeads());  // else the version would stand without its schedule
  const std::size_t first = source.find_first_not_of(" \t\r\n");
  const bool json = first != std::string::npos && source[first] == '{';
  const dsl::Program& program = *compiled.program;
  auto publish = store_.Publish(account, compiled.program, source, json ? "json" : "yaml",
                                std::move(gathered.resources), std::move(note));
  ASSIGN_OR_CO_RETURN(const Published published, co_await std::move(publish));
  auto resolve = store_.Resolve(account, program.name_space + "." + program.name);
  ASSIGN_OR_CO_RETURN(WorkflowRow row, co_await std::move(resolve));
  if (published == Published::kNew && row.deployment.current == program.version) {
    auto schedule = scheduler_->Published(account, compiled.program);
    CO_RETURN_IF_ERROR(co_await std::move(schedule));
  }
  co_return PublishResult{.row = std::move(row),
                          .version = program.version,
                          .published = published,
                          .diagnostics = std::move(compiled.diagnostics)};
}

Task<void> WorkflowService::Deployed(AccountId account, WorkflowRow row) {
  CO_RETURN_IF_ERROR(scheduler_->CheckLeads());
  auto get = programs_.Get(account, row.name_space, row.name, row.deployment.current);
  ASSIGN_OR_CO_RETURN(auto program, co_await std::move(get));
  auto schedule = scheduler_->Published(account, std::move(program));
  co_return co_await std::move(schedule);
}

// What is fetched may refer to more.
Task<WorkflowService::Gathered> WorkflowService::CompileWithResources(std::string source) {
  Gathered gathered;
  while (true) {
    gathered.compiled = programs_.Compile(source, gathered.resources);
    if (gathered.compiled.wanted.empty()) co_return gathered;
    for (const std::string& uri : gathered.compiled.wanted) {
      // Wanted again although it was given: fetching it once more would go on for ever.
      if (gathered.resources.contains(uri))
        co_return Fail(ErrorCode::kInvalidWorkflow, "the document cannot use what stands at " + uri);
      if (gathered.resources.size() >= ResourceFetcher::kResourcesMax)
        co_return Fail(ErrorCode::kInvalidWorkflow, "the document refers to more than 50 others");
      auto fetch = fetcher_.Fetch(uri);
      ASSIGN_OR_CO_RETURN(gathered.resources[uri], co_await std::move(fetch));
    }
  }
}

// ---- Starts
// ------------------------------------------------------------------------------------------------------------

Task<Target> WorkflowService::Locate(AccountId account, std::string workflow, std::string version) {
  auto resolve = store_.Resolve(account, std::move(workflow));
  ASSIGN_OR_CO_RETURN(WorkflowRow row, co_await std::move(resolve));
  co_return Target{.account = std::move(account),
                   .name_space = std::move(row.name_space),
                   .name = std::move(row.name),
                   .version = std::move(version),
                   .deployment = std::move(row.deployment)};
}

Task<WorkflowService::Resolved> WorkflowService::ProgramFor(Target target, ExecutionId id) {
  const std::string version =
      target.version.empty() ? target.deployment.VersionFor(id) : std::move(target.version);
  auto get = programs_.Get(std::move(target.account), target.name_space, target.name, version);
  ASSIGN_OR_CO_RETURN(auto program, co_await std::move(get));
  co_return Resolved{.name_space = std::move(target.name_space),
                     .name = std::move(target.name),
                     .program = std::move(program)};
}

Task<WorkflowService::Resolved> WorkflowService::ResolveProgram(AccountId account, std::string workflow,
                                                                std::string version) {
  auto locate = Locate(std::move(account), std::move(workflow), std::move(version));
  ASSIGN_OR_CO_RETURN(Target target, co_await std::move(locate));
  target.deployment.canary = std::nullopt;
  auto choose = ProgramFor(std::move(target), ExecutionId());
  co_return co_await std::move(choose);
}

Task<engine::Admission::Ticket> WorkflowService::Admit() {
  lateness_.Send(co_await boost::asio::this_coro::executor);
  co_return engine_.admission()->Admit();
}

Task<Started> WorkflowService::Start(StartRequest request) {
  auto admit = Admit();
  ASSIGN_OR_CO_RETURN(auto ticket, co_await std::move(admit));
  auto start = StartAdmitted(std::move(request), std::move(ticket));
  co_return co_await std::move(start);
}

Task<Started> WorkflowService::StartAdmitted(StartRequest request, engine::Admission::Ticket ticket) {
  if (!request.target) {
    auto locate = Locate(request.account, request.workflow, request.version);
    ASSIGN_OR_CO_RETURN(request.target, co_await std::move(locate));
  }
  const ExecutionId fresh = engine_.NewId();
  auto choose = ProgramFor(*request.target, fresh);
  ASSIGN_OR_CO_RETURN(Resolved resolved, co_await std::move(choose));
  if (IsQueued(request.account, resolved))
    co_return co_await StartQueued(std::move(request), std::move(resolved), fresh, std::move(ticket));
  if (!request.claim && request.idempotency_key.empty())
    co_return co_await Launch(std::move(request), std::move(resolved), fresh, false, std::move(ticket));
  co_return co_await StartClaimed(std::move(request), std::move(resolved), fresh, std::move(ticket));
}

Task<ExecutionId> WorkflowService::ClaimFor(const StartRequest& request, const Resolved& resolved,
                                            ExecutionId fresh) {
  if (request.claim) return request.claim(fresh);
  const std::string fingerprint = request.version + "\n" + request.input.DumpCanonical();
  return store_.ClaimKey(request.account, resolved.name_space, resolved.name, request.idempotency_key,
                         Sha256Hex(fingerprint), fresh);
}

Task<Started> WorkflowService::StartClaimed(StartRequest request, Resolved resolved, ExecutionId fresh,
                                            engine::Admission::Ticket ticket) {
  auto claim = ClaimFor(request, resolved, fresh);
  ASSIGN_OR_CO_RETURN(const ExecutionId id, co_await std::move(claim));
  if (id != fresh) {
    ticket.reset();  // most probably nothing is started, and its end may be waited for
    auto choose = ProgramFor(*request.target, id);
    ASSIGN_OR_CO_RETURN(resolved, co_await std::move(choose));
  }
  const auto program = resolved.program;
  const auto account = request.account;
  const auto wait = request.wait;
  if (id != fresh) {  // started before, unless the process died between the claim and the start
    auto find = FindExecution(account, id);
    const auto found = co_await std::move(find);
    if (found) {
      auto end = WaitForEnd(account, id, wait);
      co_return Started{.id = id, .program = program, .outcome = co_await std::move(end), .is_new = false};
    }
    if (found.error().code != ErrorCode::kNotFound) co_return Fail(found.error());
  }
  auto launch = Launch(std::move(request), std::move(resolved), id, true, std::move(ticket));
  auto started = co_await std::move(launch);
  if (started) started->is_new = id == fresh;
  if (started || started.error().code != ErrorCode::kConflict) co_return started;
  // Somebody with the same key was quicker, and it has ended already.
  auto end = WaitForEnd(account, id, wait);
  co_return Started{.id = id, .program = program, .outcome = co_await std::move(end), .is_new = false};
}

boost::asio::awaitable<std::optional<engine::Outcome>> WorkflowService::WaitForEnd(
    AccountId account, ExecutionId id, std::chrono::milliseconds patience) {
  if (patience.count() == 0) co_return std::nullopt;
  OneShot<std::optional<engine::Outcome>> ended;
  const auto deadline = std::chrono::steady_clock::now() + patience;
  engine_.Post(engine::WatchCommand{
      .account = account,
      .id = id,
      .finished = [ended](std::optional<engine::Outcome> outcome) mutable { ended.Set(std::move(outcome)); },
      .waits_until = deadline});
  auto wait = ended.WaitUntil(deadline);
  const auto told = co_await std::move(wait);
  if (!told || *told) co_return told ? *told : std::nullopt;
  auto read = EndingOf(std::move(account), id);  // it had ended before
  auto ending = co_await std::move(read);
  co_return ending ? std::optional(*std::move(ending)) : std::nullopt;
}

Task<Started> WorkflowService::Launch(StartRequest request, Resolved resolved, ExecutionId id, bool shared_id,
                                      engine::Admission::Ticket ticket) {
  OneShot<Result<void>> accepted;
  OneShot<std::optional<engine::Outcome>> finished;
  engine::StartCommand command{
      .record = {.account = request.account,
                 .id = id,
                 .name_space = resolved.name_space,
                 .workflow = resolved.name,
                 .version = resolved.program->version,
                 .trigger = request.trigger,
                 .correlation = request.correlation},
      .program = resolved.program,
      .input = std::move(request.input),
      .accepted = [accepted](Result<void> result) mutable { accepted.Set(std::move(result)); },
      .finished = {},
      .shared_id = shared_id,
      .past = request.past};
  const bool waits = request.wait.count() > 0;
  const auto deadline = std::chrono::steady_clock::now() + request.wait;
  if (waits) {
    command.finished = [finished](const std::optional<engine::Outcome>& outcome) mutable {
      finished.Set(outcome);
    };
    command.waits_until = deadline;
  }
  engine_.Post(std::move(command));
  auto accept = accepted.WaitUntil(std::chrono::steady_clock::now() + kAnswerTimeout);
  const auto result = co_await std::move(accept);
  ticket.reset();
  if (!result) co_return Fail(ErrorCode::kTimeout, "the start was not written in time; it may still happen");
  if (!*result) co_return Fail(result->error());
  Started started{.id = id, .program = std::move(resolved.program), .outcome = std::nullopt};
  if (!waits) co_return started;
  auto end = finished.WaitUntil(deadline);
  const auto told = co_await std::move(end);
  if (!told) co_return started;
  started.outcome = *told;
  if (!started.outcome) {  // it ended on another node
    auto read = EndingOf(request.account, id);
    if (auto ending = co_await std::move(read)) started.outcome = *std::move(ending);
  }
  co_return started;
}

Task<void> WorkflowService::StartOnce(StartRequest request, std::shared_ptr<const dsl::Program> program,
                                      ExecutionId id) {
  Resolved resolved{.name_space = program->name_space, .name = program->name, .program = program};
  if (IsQueued(request.account, resolved)) co_return co_await QueueOnce(std::move(request), *program, id);
  auto launch = Launch(std::move(request), std::move(resolved), id, true);
  const auto started = co_await std::move(launch);
  if (started || started.error().code == ErrorCode::kConflict) co_return Result<void>();  // it has run before
  co_return Fail(started.error());
}

Task<void> WorkflowService::Begin(StartRequest request, std::shared_ptr<const dsl::Program> program,
                                  ExecutionId id,
                                  std::function<void(const std::optional<engine::Outcome>&)> finished) {
  auto start = Await<void>([&](auto done) {
    engine_.Post(engine::StartCommand{.record = {.account = request.account,
                                                 .id = id,
                                                 .name_space = program->name_space,
                                                 .workflow = program->name,
                                                 .version = program->version,
                                                 .trigger = request.trigger,
                                                 .correlation = request.correlation},
                                      .program = program,
                                      .input = std::move(request.input),
                                      .accepted = std::move(done),
                                      .finished = std::move(finished),
                                      .shared_id = true,
                                      .past = request.past});
  });
  co_return co_await std::move(start);
}

Task<bool> WorkflowService::IsRunning(AccountId account, ExecutionId id) {
  auto find = FindExecution(account, id);
  const auto record = co_await std::move(find);
  if (record) co_return !engine::IsFinal(record->phase);
  if (record.error().code == ErrorCode::kNotFound) co_return co_await flow_->Holds(std::move(account), id);
  co_return Fail(record.error());
}

boost::asio::awaitable<void> WorkflowService::WaitUntilEnded(AccountId account, ExecutionId id) {
  OneShot<bool> ended;
  engine_.Post(engine::WatchCommand{
      .account = std::move(account), .id = id, .finished = [ended](std::optional<engine::Outcome>) mutable {
        ended.Set(true);
      }});
  auto wait = ended.WaitUntil(kNoDeadline);
  co_await std::move(wait);
}

Task<Child> WorkflowService::StartChild(ChildRequest request) {
  auto locate = Locate(request.account, request.workflow, request.version);
  ASSIGN_OR_CO_RETURN(Target target, co_await std::move(locate));
  auto choose = ProgramFor(std::move(target), request.id);
  ASSIGN_OR_CO_RETURN(Resolved resolved, co_await std::move(choose));
  OneShot<Result<void>> accepted;
  Child child{.account = request.account, .id = request.id};
  engine::StartCommand command{
      .record = {.account = request.account,
                 .id = request.id,
                 .name_space = resolved.name_space,
                 .workflow = resolved.name,
                 .version = resolved.program->version,
                 .trigger = engine::Trigger::kSubflow,
                 .correlation = request.correlation,
                 .parent = request.parent,
                 .depth = request.depth,
                 .parent_frame = request.parent_frame},
      .program = resolved.program,
      .input = std::move(request.input),
      .accepted = [accepted](Result<void> result) mutable { accepted.Set(std::move(result)); },
      .finished = {},
      .shared_id = true};
  if (request.parent_frame)
    command.finished = [finished = child.finished](const std::optional<engine::Outcome>& outcome) mutable {
      finished.Set(outcome);
    };
  engine_.Post(std::move(command));
  auto accept = accepted.WaitUntil(std::chrono::steady_clock::now() + kAnswerTimeout);
  const auto started = co_await std::move(accept);
  if (!started) co_return Fail(ErrorCode::kTimeout, "the start was not written in time");
  child.ended_before = !*started && started->error().code == ErrorCode::kConflict;
  if (!*started && !child.ended_before) co_return Fail(started->error());
  co_return child;
}

Task<engine::Outcome> WorkflowService::EndOfChild(Child child) {
  if (!child.ended_before) {
    auto end = child.finished.WaitUntil(kNoDeadline);
    const auto told = co_await std::move(end);
    if (!told) co_return Fail(ErrorCode::kUnavailable, "the end of this execution was not told");
    if (*told) co_return **told;
  }
  auto ending = EndingOf(child.account, child.id);
  co_return co_await std::move(ending);
}

Task<engine::Outcome> WorkflowService::EndOf(AccountId account, ExecutionId id) {
  auto turn = flow_->WaitWhileQueued(account, id);
  co_await std::move(turn);
  auto wait = WaitUntilEnded(account, id);
  co_await std::move(wait);
  auto ending = EndingOf(std::move(account), id);
  co_return co_await std::move(ending);
}

// Of an execution that is not running any more.
Task<engine::Outcome> WorkflowService::EndingOf(AccountId account, ExecutionId id) {
  auto read =
      Await<std::optional<engine::Event>>([&](auto done) { history_.Ending(account, id, std::move(done)); });
  ASSIGN_OR_CO_RETURN(const std::optional<engine::Event> last, co_await std::move(read));
  if (!last) co_return Fail(ErrorCode::kUnavailable, "this execution has not ended");
  const Json data = last->data.value_or(Json());
  switch (last->type) {
    case engine::EventType::kExecutionCompleted:
      co_return engine::Outcome{.phase = engine::Phase::kCompleted, .output = data, .error = {}};
    case engine::EventType::kExecutionFaulted:
      co_return engine::Outcome{.phase = engine::Phase::kFaulted, .output = {}, .error = data};
    default: co_return engine::Outcome{.phase = engine::Phase::kCancelled, .output = {}, .error = data};
  }
}

void WorkflowService::CancelChild(ExecutionId id, std::int64_t deadline_us) {
  engine_.Post(engine::InputCommand{id, engine::Cancel{.reason = std::string(engine::kNoLongerNeeded),
                                                       .deadline_us = deadline_us,
                                                       .by_parent = true}});
}

// ---- Executions
// --------------------------------------------------------------------------------------------------------

Task<void> WorkflowService::CancelBegun(AccountId account, ExecutionId id, std::string reason,
                                        std::int64_t deadline_us, bool once) {
  auto cancel = Await<void>([&](auto done) {
    engine_.Post(engine::CancelCommand{.account = account,
                                       .id = id,
                                       .reason = reason,
                                       .done = std::move(done),
                                       .deadline_us = deadline_us,
                                       .once = once});
  });
  co_return co_await std::move(cancel);
}

// A run that leaves the queue is for a moment neither there nor, for others, in the engine: it is looked for
// again then.
Task<void> WorkflowService::CancelExecution(AccountId account, ExecutionId id, std::string reason,
                                            std::chrono::milliseconds grace, bool once) {
  const std::int64_t grace_us = std::chrono::microseconds(grace).count();
  const std::int64_t deadline_us = grace_us > 0 ? SystemClock().Now().micros() + grace_us : 0;
  const auto patience = std::chrono::steady_clock::now() + kCancelPatience;
  do {
    auto cancel = CancelBegun(account, id, reason, deadline_us, once);
    const Result<void> cancelled = co_await std::move(cancel);
    if (cancelled || cancelled.error().code != ErrorCode::kNotFound) co_return cancelled;
    auto unqueue = flow_->Cancel(account, id, reason);
    const Result<bool> was_queued = co_await std::move(unqueue);
    if (was_queued && *was_queued) co_return Result<void>();
    if (!was_queued && was_queued.error().code != ErrorCode::kUnavailable) co_return Fail(was_queued.error());
    auto find = FindExecution(account, id);
    const Result<engine::ExecutionRecord> record = co_await std::move(find);
    if (record && record->phase == engine::Phase::kCancelled) co_return Result<void>();
    if (record && engine::IsFinal(record->phase))
      co_return Fail(ErrorCode::kConflict,
                     "this execution has already ended: it is " + std::string(engine::NameOf(record->phase)));
    if (!record) {
      if (record.error().code != ErrorCode::kNotFound) co_return Fail(record.error());
      auto holds = flow_->Holds(account, id);
      ASSIGN_OR_CO_RETURN(const bool begins, co_await std::move(holds));
      if (!begins) co_return Fail(record.error());
    }
    boost::asio::steady_timer timer(co_await boost::asio::this_coro::executor, kCancelPause);
    co_await timer.async_wait(boost::asio::use_awaitable);
  } while (std::chrono::steady_clock::now() < patience);
  co_return Fail(Error{.code = ErrorCode::kUnavailable,
                       .message = "this execution begins just now, and could not be cancelled yet",
                       .retry_after = std::chrono::seconds(1)});
}

Task<void> WorkflowService::Operate(AccountId account, ExecutionId id,
                                    std::variant<engine::Pause, engine::Resume, engine::Repair> act) {
  engine::CommandNumber& command =
      std::visit([](auto& one) -> engine::CommandNumber& { return one.command; }, act);
  if (command == 0) command = NewCommandNumber();
  const engine::CommandNumber number = command;
  auto operate = Await<void>([&](auto done) {
    engine_.Post(
        engine::OperateCommand{.account = account, .id = id, .act = std::move(act), .done = std::move(done)});
  });
  const Result<void> operated = co_await std::move(operate);
  if (operated || operated.error().code != ErrorCode::kNotFound) co_return operated;
  auto find = FindExecution(account, id);
  ASSIGN_OR_CO_RETURN(const engine::ExecutionRecord record, co_await std::move(find));
  auto look = EventOf(account, id, number);
  ASSIGN_OR_CO_RETURN(const std::optional<engine::Event> done, co_await std::move(look));
  if (done) co_return Result<void>();
  co_return Fail(ErrorCode::kConflict,
                 "this execution has already ended: it is " + std::string(engine::NameOf(record.phase)),
                 "start it anew");
}

// The command may have been done by the owner before, which died before it could say so, and be what has
// ended the execution.
Task<std::optional<engine::Event>> WorkflowService::EventOf(AccountId account, ExecutionId id,
                                                            engine::CommandNumber command) {
  constexpr std::size_t kPage = 5'000;
  std::optional<std::uint64_t> after = 0;
  while (after) {
    auto read = Await<engine::EventPage>(
        [&](auto done) { history_.Events(account, id, *after, kPage, std::move(done)); });
    ASSIGN_OR_CO_RETURN(const engine::EventPage page, co_await std::move(read));
    for (const engine::Event& event : page.events) {
      if (engine::IsOfOperator(event.type) && event.position == command) co_return std::optional(event);
    }
    after = page.next;
  }
  co_return std::optional<engine::Event>();
}

Task<void> WorkflowService::DeleteExecution(AccountId account, ExecutionId id) {
  auto erase = Await<void>([&](auto done) { retention_->Delete(account, id, std::move(done)); });
  co_return co_await std::move(erase);
}

Task<engine::Migration> WorkflowService::MigrateExecution(AccountId account, ExecutionId id,
                                                          std::string version, engine::MigrationNote note,
                                                          bool dry_run) {
  if (note.command == 0) note.command = NewCommandNumber();
  auto find = FindExecution(account, id);
  ASSIGN_OR_CO_RETURN(const engine::ExecutionRecord record, co_await std::move(find));
  auto get = programs_.Get(account, record.name_space, record.workflow, version);
  ASSIGN_OR_CO_RETURN(auto program, co_await std::move(get));
  auto migrate = Await<engine::Migration>([&](auto done) {
    engine_.Post(engine::MigrateCommand{.account = account,
                                        .id = id,
                                        .program = program,
                                        .note = note,
                                        .dry_run = dry_run,
                                        .done = std::move(done)});
  });
  Result<engine::Migration> migration = co_await std::move(migrate);
  if (migration || migration.error().code != ErrorCode::kNotFound) co_return migration;
  auto look = EventOf(account, id, note.command);
  ASSIGN_OR_CO_RETURN(const std::optional<engine::Event> moved, co_await std::move(look));
  if (moved && moved->data)
    co_return engine::Migration{.from = std::string((*moved->data)["from"].StringOr("")),
                                .to = std::string((*moved->data)["to"].StringOr("")),
                                .plan = {},
                                .done = true};
  co_return Fail(ErrorCode::kConflict, "this execution has already ended", "start the new version instead");
}

Task<engine::ExecutionRecord> WorkflowService::FindExecution(AccountId account, ExecutionId id) {
  auto find = Await<engine::ExecutionRecord>([&](auto done) { history_.Find(account, id, std::move(done)); });
  co_return co_await std::move(find);
}

Task<void> WorkflowService::BringBack(AccountId account, ExecutionId id) {
  auto find = FindExecution(account, id);
  const auto found = co_await std::move(find);
  if (found) co_return Result<void>();
  if (found.error().code != ErrorCode::kNotFound || !archive_) co_return Fail(found.error());
  auto bring = Await<void>([&](auto done) {
    boost::asio::post(blocking_, [this, account, id, done = std::move(done)]() mutable {
      done(archive_->BringBack(account, id));
    });
  });
  const Result<void> back = co_await std::move(bring);
  co_return !back && back.error().code == ErrorCode::kNotFound ? Result<void>(Fail(found.error())) : back;
}

Task<void> WorkflowService::Missing(AccountId account, ExecutionId id, Error error) {
  if (error.code != ErrorCode::kNotFound || !archive_) co_return Fail(std::move(error));
  auto look = Await<bool>([&](auto done) {
    boost::asio::post(blocking_, [this, account, id, done = std::move(done)]() mutable {
      done(archive_->Has(account, id));
    });
  });
  const Result<bool> has = co_await std::move(look);
  if (!has || !*has) co_return Fail(std::move(error));
  co_return Fail(ErrorCode::kNotFound, "execution " + id.ToString() + " has been archived",
                 "POST /v1/executions/" + id.ToString() + "/restore brings it back");
}

Task<engine::ExecutionPage> WorkflowService::ListExecutions(AccountId account,
                                                            engine::ExecutionFilter filter) {
  auto list =
      Await<engine::ExecutionPage>([&](auto done) { history_.List(account, filter, std::move(done)); });
  co_return co_await std::move(list);
}

Task<engine::EventPage> WorkflowService::Events(AccountId account, ExecutionId id, std::uint64_t after,
                                                std::size_t limit) {
  auto read = Await<engine::EventPage>(
      [&](auto done) { history_.Events(account, id, after, limit, std::move(done)); });
  co_return co_await std::move(read);
}

Task<engine::WorkflowActivity> WorkflowService::Activity(AccountId account, std::string name_space,
                                                         std::string name) {
  auto read = Await<engine::WorkflowActivity>(
      [&](auto done) { history_.Activity(account, name_space, name, std::move(done)); });
  co_return co_await std::move(read);
}

Task<engine::VersionCounts> WorkflowService::CountVersions(AccountId account, std::string name_space,
                                                           std::string name, std::int64_t since_us) {
  auto count = Await<engine::VersionCounts>(
      [&](auto done) { history_.CountVersions(account, name_space, name, since_us, std::move(done)); });
  co_return co_await std::move(count);
}

Task<engine::VersionCounts> WorkflowService::CountRecent(AccountId account, std::string name_space,
                                                         std::string name, std::int64_t since_us) {
  auto count = Await<engine::VersionCounts>(
      [&](auto done) { history_.CountRecent(account, name_space, name, since_us, std::move(done)); });
  co_return co_await std::move(count);
}

Task<Timeline> WorkflowService::TimelineOf(AccountId account, ExecutionId id) {
  auto find = FindExecution(account, id);
  ASSIGN_OR_CO_RETURN(const engine::ExecutionRecord record, co_await std::move(find));
  Timeline timeline(record);
  std::uint64_t from_seq = 0;
  for (std::size_t i = 0; i <= record.migrations.size(); ++i) {
    const bool is_last = i == record.migrations.size();
    const std::string& version = is_last ? record.version : record.migrations[i].from;
    auto get = programs_.Get(account, record.name_space, record.workflow, version);
    ASSIGN_OR_CO_RETURN(auto program, co_await std::move(get));
    timeline.Add(from_seq, std::move(program));
    if (!is_last) from_seq = record.migrations[i].seq;
  }
  co_return timeline;
}

Task<engine::EventPage> WorkflowService::EventsAlong(Timeline& timeline, std::uint64_t after,
                                                     std::size_t limit) {
  const AccountId account = timeline.record().account;
  const ExecutionId id = timeline.record().id;
  auto read = Events(account, id, after, limit);
  ASSIGN_OR_CO_RETURN(engine::EventPage page, co_await std::move(read));
  if (!timeline.Covers(page.events)) {
    auto again = TimelineOf(account, id);
    ASSIGN_OR_CO_RETURN(timeline, co_await std::move(again));
  }
  co_return page;
}

// Which pause of its account, its workflow or a key holds it, also when nothing has happened to it since.
Json WorkflowService::WithHold(Json view, const engine::ExecutionRecord& record) const {
  const bool may_be_held = view["finished_at"].IsNull() && view["cancelling"].IsNull();
  const auto holds = engine_.holds().now();
  const engine::Hold* hold = may_be_held ? holds->Over(record, view["input"]) : nullptr;
  Json held_by;
  if (hold) {
    held_by = hold->scope;
    for (const auto& [name, value] : hold->note.AsObject())
      held_by = Json::WithMember(std::move(held_by), name.AsString(), value);
  }
  return Json::WithMember(std::move(view), "held_by", std::move(held_by));
}

Task<Json> WorkflowService::View(AccountId account, ExecutionId id) {
  auto find = TimelineOf(account, id);
  Result<Timeline> found = co_await std::move(find);
  if (!found) {
    auto queued = ViewQueued(account, id);
    auto view = co_await std::move(queued);
    if (view || view.error().code != ErrorCode::kNotFound) co_return view;
    auto missing = Missing(account, id, found.error());
    const Result<void> why = co_await std::move(missing);
    co_return Fail(why.error());
  }
  Timeline timeline = *std::move(found);
  ExecutionView view;
  constexpr std::size_t kPage = 2'000;
  constexpr std::size_t kViewBytesMax = 64U << 20U;
  std::uint64_t after = 0;
  std::size_t bytes = 0;
  while (true) {
    auto read = EventsAlong(timeline, after, kPage);
    ASSIGN_OR_CO_RETURN(const engine::EventPage page, co_await std::move(read));
    for (const engine::Event& event : page.events) view.Add(event, timeline.At(event.seq));
    if (!page.next) co_return WithHold(view.ToJson(timeline.record()), timeline.record());
    bytes += page.bytes;
    if (bytes > kViewBytesMax) co_return ShortViewJson(timeline.record());
    after = *page.next;
  }
}

}  // namespace elevaite::workflow
