// The workflow service: publish documents, start executions, read them. The routes are in api/.
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "dsl/compile.h"
#include "engine/engine.h"
#include "engine/journal/history.h"
#include "foundation/async.h"
#include "services/workflow/lateness.h"
#include "services/workflow/programs.h"
#include "services/workflow/resources.h"
#include "services/workflow/store.h"
#include "services/workflow/timeline.h"

namespace elevaite::engine {
class Retention;
}
namespace elevaite::flow {
class FlowControl;
}

namespace elevaite::workflow {

struct PublishResult {
  WorkflowRow row;
  std::string version;  // of the document
  Published published = Published::kNew;
  std::vector<dsl::Diagnostic> diagnostics;  // warnings and hints
};

// The document has errors.
struct Rejected {
  std::vector<dsl::Diagnostic> diagnostics;
};

// What is to be started: a workflow, and which version of it.
struct Target {
  AccountId account;
  std::string name_space;
  std::string name;
  std::string version;  // empty: as the deployment says
  Deployment deployment;
};

struct StartRequest {
  AccountId account;
  std::string workflow;  // name or namespace.name
  std::string version;   // empty: as its deployment says
  Json input;
  engine::Trigger trigger = engine::Trigger::kApi;
  std::string correlation;
  std::string idempotency_key;        // empty: none
  std::chrono::milliseconds wait{0};  // for the end
  // Which execution this request stands for, if others may be the same: `fresh`, when it is the first of
  // them. Empty: by the idempotency key.
  std::function<Task<ExecutionId>(ExecutionId fresh)> claim{};
  std::optional<Target> target{};              // when it is known: then `workflow` and `version` are not read
  std::shared_ptr<const engine::Past> past{};  // it goes on from there; `input` is then only what tells
                                               // requests with the same key apart
};

// A task of a past execution, before which it is looked at. One of these is given.
struct PastPoint {
  ExecutionId execution;
  std::uint64_t seq = 0;                       // of the event that the task began with
  engine::FrameId frame = engine::kRootFrame;  // the task's id
  std::string task;                            // its reference, or its name
  std::size_t visit = 0;                       // of `task`: which run of it, from 1; 0: the last
  bool failed = false;                         // the task whose error has ended the execution
};
struct PastAt {
  engine::Past past;                            // its request has no input and no note yet
  std::shared_ptr<const dsl::Program> program;  // that it was on then
};

// A new execution that goes on from a point of a past one.
struct ForkExecution {
  AccountId account;
  PastPoint from;
  std::optional<Json> input{};  // of the task, instead of its own
  Json note;                    // {by, reason}
  std::string correlation;
  std::string idempotency_key{};  // empty: none
};

struct Started {
  ExecutionId id;
  std::shared_ptr<const dsl::Program> program;
  std::optional<engine::Outcome> outcome;  // when it ended within `wait`
  bool is_new = true;                      // false: another request had started it
};

// A workflow that runs as a task of another one.
struct ChildRequest {
  AccountId account;
  ExecutionId id;
  ExecutionId parent;
  std::optional<engine::FrameId> parent_frame;  // of the task that awaits it
  std::uint32_t depth = 1;
  std::string workflow;  // namespace.name
  std::string version;   // empty: as its deployment says
  Json input;
  std::string correlation;
};

// One that is on disk.
struct Child {
  AccountId account;
  ExecutionId id;
  bool ended_before = false;                           // it was found, not started
  OneShot<std::optional<engine::Outcome>> finished{};  // nullopt: it is on disk
};

class Peers;
class Archive;
class Scheduler;

class WorkflowService {
 public:
  // All must outlive the service.
  // `base_url`: of this server, for links. `cancel_grace`: for cleaning up, when a request says nothing else.
  WorkflowService(WorkflowStore& store, Programs& programs, engine::Engine& engine, engine::History& history,
                  ResourceFetcher& fetcher, std::string base_url, std::chrono::milliseconds cancel_grace)
      : store_(store),
        programs_(programs),
        engine_(engine),
        history_(history),
        fetcher_(fetcher),
        base_url_(std::move(base_url)),
        lateness_(engine.admission()),
        cancel_grace_(cancel_grace) {}

  // Fetches first what the document refers to by address.
  Task<std::variant<PublishResult, Rejected>> Publish(AccountId account, std::string source,
                                                      PublishNote note);
  // After one of DeploymentStore's: the schedule of the version that is the current one now takes the place
  // of the one before.
  Task<void> Deployed(AccountId account, WorkflowRow row);

  Task<Started> Start(StartRequest request);
  // In two steps, for who has much to do before the start. kUnavailable: there is more work than can be done
  // (engine/admission).
  Task<engine::Admission::Ticket> Admit();
  Task<Started> StartAdmitted(StartRequest request, engine::Admission::Ticket ticket);
  struct Resolved {
    std::string name_space;
    std::string name;
    std::shared_ptr<const dsl::Program> program;
  };
  using Target = workflow::Target;
  // `workflow`: name or namespace.name; `version`: empty when the deployment says. kNotFound; kConflict when
  // several namespaces have the name. Reads the database: a change of the deployment counts at once, on every
  // node.
  Task<Target> Locate(AccountId account, std::string workflow, std::string version);
  // The version that the execution of this id gets.
  Task<Resolved> ProgramFor(Target target, ExecutionId id);
  // The version that is asked for, or the current one.
  Task<Resolved> ResolveProgram(AccountId account, std::string workflow, std::string version);

  // kNotFound: no such execution, or task of it. kConflict: why it cannot go on from there.
  Task<Started> Fork(ForkExecution request);
  Task<PastAt> ReadPast(AccountId account, PastPoint point);
  // Of a fork that has waited in the queue (flow::StoredRun::past).
  Task<std::shared_ptr<const engine::Past>> ReadQueuedPast(AccountId account, Json point);
  // kConflict: that was done with this key before.
  Task<void> ForkOnce(ForkExecution request);
  // Tries again what has failed: the parked tasks of one that waits for an operator; of one that has faulted,
  // once, in a new execution from the task that failed, with another input of it if one is given. Which goes
  // on. kConflict: why it cannot be done.
  Task<ExecutionId> Redrive(engine::ExecutionRecord record, std::optional<Json> input, Json note,
                            engine::CommandNumber command = 0);

  // Starts this program with this id, unless that has been started before. `workflow` and `version` are the
  // program's.
  Task<void> StartOnce(StartRequest request, std::shared_ptr<const dsl::Program> program, ExecutionId id);
  // The same for one whose turn it is (flow/). kConflict: it has run and ended. `finished`: as in
  // engine::StartCommand.
  Task<void> Begin(StartRequest request, std::shared_ptr<const dsl::Program> program, ExecutionId id,
                   std::function<void(const std::optional<engine::Outcome>&)> finished);
  Task<bool> IsRunning(AccountId account, ExecutionId id);
  // Answers at once when it is not running.
  boost::asio::awaitable<void> WaitUntilEnded(AccountId account, ExecutionId id);

  // Starts the child, unless it was started before.
  Task<Child> StartChild(ChildRequest request);
  // Of one that is awaited: answers when it has ended, however long that takes.
  Task<engine::Outcome> EndOfChild(Child child);
  // Of one that somebody may have started; waits while it runs. kUnavailable: there is none.
  Task<engine::Outcome> EndOf(AccountId account, ExecutionId id);
  // For certain, unless the process dies: then it is found to be abandoned when it is read back.
  void CancelChild(ExecutionId id, std::int64_t deadline_us);

  // Answers when the request is on disk. kConflict when it had ended otherwise. `grace`: for its tasks to
  // clean up; zero, or a second request, ends it at once. `once`: a second one changes nothing.
  Task<void> CancelExecution(AccountId account, ExecutionId id, std::string reason,
                             std::chrono::milliseconds grace, bool once = false);

  // What an operator does to it; answers when it is on disk. kConflict: why it cannot be done.
  Task<void> Operate(AccountId account, ExecutionId id,
                     std::variant<engine::Pause, engine::Resume, engine::Repair> act);

  // Moves it to another version of its workflow, or says what that would mean. kNotFound: no such execution
  // or version. kConflict: it has ended.
  Task<engine::Migration> MigrateExecution(AccountId account, ExecutionId id, std::string version,
                                           engine::MigrationNote note, bool dry_run);

  Task<engine::ExecutionRecord> FindExecution(AccountId account, ExecutionId id);
  Task<engine::ExecutionPage> ListExecutions(AccountId account, engine::ExecutionFilter filter);
  Task<engine::EventPage> Events(AccountId account, ExecutionId id, std::uint64_t after, std::size_t limit);
  // The programs that its events belong to.
  Task<Timeline> TimelineOf(AccountId account, ExecutionId id);
  // The same page of events, and a timeline that has the programs of all of them.
  Task<engine::EventPage> EventsAlong(Timeline& timeline, std::uint64_t after, std::size_t limit);
  Task<engine::WorkflowActivity> Activity(AccountId account, std::string name_space, std::string name);
  Task<engine::VersionCounts> CountVersions(AccountId account, std::string name_space, std::string name,
                                            std::int64_t since_us);
  Task<engine::VersionCounts> CountRecent(AccountId account, std::string name_space, std::string name,
                                          std::int64_t since_us);
  // The execution as people see it: see execution_view.h.
  Task<Json> View(AccountId account, ExecutionId id);

  // Forgets an execution that has ended. kConflict: it has not, or the one that runs it has not.
  Task<void> DeleteExecution(AccountId account, ExecutionId id);

  // Puts one that was archived back. kNotFound: it is neither there nor in the archive.
  Task<void> BringBack(AccountId account, ExecutionId id);

  // Before the first request. The scheduler is told of what is published.
  void Use(Scheduler& scheduler) { scheduler_ = &scheduler; }
  void Use(engine::Retention& retention) { retention_ = &retention; }
  // `blocking`: where it is read.
  void Use(Archive& archive, boost::asio::any_io_executor blocking) {
    archive_ = &archive;
    blocking_ = std::move(blocking);
  }

  // Before the first request: runs that rules concern are started by it.
  void Use(flow::FlowControl& flow) { flow_ = &flow; }

  // In a cluster; before the first request.
  void Use(Peers& peers) { peers_ = &peers; }

  // Null: this process is alone.
  Peers* peers() { return peers_; }
  // Whether the owner of the execution is in this process: only then does the feed tell of it.
  bool IsHere(const ExecutionId& id) const { return engine_.IsHere(id); }
  WorkflowStore& store() { return store_; }
  Scheduler& scheduler() { return *scheduler_; }
  Programs& programs() { return programs_; }
  flow::FlowControl& flow() { return *flow_; }
  engine::LiveFeed& feed() { return engine_.feed(); }
  engine::EventHub& events() { return engine_.events(); }
  const std::string& base_url() const { return base_url_; }
  std::chrono::milliseconds cancel_grace() const { return cancel_grace_; }

 private:
  // The same error, or that it has been archived.
  Task<void> Missing(AccountId account, ExecutionId id, Error error);
  Task<ExecutionId> ClaimFor(const StartRequest& request, const Resolved& resolved, ExecutionId fresh);
  // The id that the claim gives has been taken by another request, if it is not `fresh`.
  Task<Started> StartClaimed(StartRequest request, Resolved resolved, ExecutionId fresh,
                             engine::Admission::Ticket ticket);
  // The start goes through the queue (queued_start.cc).
  bool IsQueued(const AccountId& account, const Resolved& resolved) const;
  Task<Started> StartQueued(StartRequest request, Resolved resolved, ExecutionId fresh,
                            engine::Admission::Ticket ticket);
  Task<Started> ClaimedBefore(const StartRequest& request, const Resolved& resolved, ExecutionId id);
  Task<void> QueueOnce(StartRequest request, const dsl::Program& program, ExecutionId id);
  // kNotFound: the queue does not know it either.
  Task<Json> ViewQueued(AccountId account, ExecutionId id);
  // Of one that has been started before: as it ended, or ends in time.
  boost::asio::awaitable<std::optional<engine::Outcome>> WaitForEnd(AccountId account, ExecutionId id,
                                                                    std::chrono::milliseconds patience);
  // `shared_id`: see engine::StartCommand. `ticket`: of a start from outside.
  Task<Started> Launch(StartRequest request, Resolved resolved, ExecutionId id, bool shared_id,
                       engine::Admission::Ticket ticket = nullptr);
  // kNotFound: the engine does not have it.
  Task<void> CancelBegun(AccountId account, ExecutionId id, std::string reason, std::int64_t deadline_us,
                         bool once);
  Json WithHold(Json view, const engine::ExecutionRecord& record) const;
  Task<engine::Outcome> EndingOf(AccountId account, ExecutionId id);
  Task<std::optional<engine::Event>> EventOf(AccountId account, ExecutionId id,
                                             engine::CommandNumber command);

  struct Gathered {
    dsl::CompileResult compiled;
    dsl::Resources resources;
  };
  Task<Gathered> CompileWithResources(std::string source);

  WorkflowStore& store_;
  Programs& programs_;
  engine::Engine& engine_;
  engine::History& history_;
  ResourceFetcher& fetcher_;
  std::string base_url_;
  LatenessProbe lateness_;
  std::chrono::milliseconds cancel_grace_;
  Scheduler* scheduler_ = nullptr;
  flow::FlowControl* flow_ = nullptr;  // null: nothing is queued
  Peers* peers_ = nullptr;
  engine::Retention* retention_ = nullptr;
  Archive* archive_ = nullptr;  // null: there is none
  boost::asio::any_io_executor blocking_;
};

}  // namespace elevaite::workflow
