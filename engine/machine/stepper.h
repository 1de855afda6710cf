// Stepper: the work of one Step. Private to engine/machine; split over step.cc (the loop), tasks.cc (what
// each kind of task does), lists.cc (lists, loops, forks, extensions), listening.cc (events), timeouts.cc,
// lost.cc (attempts whose process died), faults.cc (errors, retries), cancelling.cc and repair.cc (what
// operators do).
#pragma once

#include <expected>
#include <vector>

#include "engine/machine/consumption.h"
#include "engine/machine/evaluate.h"
#include "engine/machine/machine.h"
#include "engine/machine/scope.h"

namespace elevaite::engine {

class Stepper {
 public:
  Stepper(const dsl::Program& program, State& state, std::int64_t now_us, double random,
          const MachineLimits& limits, const Surroundings& surroundings)
      : program_(program),
        state_(state),
        now_us_(now_us),
        random_(random),
        limits_(limits),
        surroundings_(surroundings),
        evaluator_(limits, now_us) {
    out_.events.reserve(4);  // a call that has ended and the next one make three
  }

  void Handle(const Start& input);
  void Handle(const ActivityCompleted& input);
  void Handle(const ActivityFailed& input);
  void Handle(const ActivityLost& input);
  void Handle(const TimerFired& input);
  void Handle(const EventReceived& input);
  void Handle(const Cancel& input);
  void Handle(const Continue& input);
  void Handle(const Pause& input);
  void Handle(const Resume& input);
  void Handle(const Repair& input);

  // Goes on with all that is ready until everything waits, the execution has ended or the step's share is
  // used up.
  void Run();
  Transition Take() { return std::move(out_); }

 private:
  // One run of one task while the step deals with it.
  struct TaskRun {
    const dsl::Task& task;
    FrameId id;
    FrameId parent;
    Json raw_input;
    Json input;
    std::int64_t started_us;
    bool has_frame = false;
  };

  // step.cc
  bool StepIsLong() const;
  void Emit(Event event);
  Frame* Find(FrameId id);
  Frame& At(FrameId id);
  const Frame& At(FrameId id) const;
  void Ready(FrameId id) { ready_.push_back(id); }
  FrameId NewFrameId() const { return state_.next_frame; }
  bool Ended() const { return IsFinal(state_.phase); }
  const dsl::Task& TaskOf(const Frame& frame) const { return program_.all.at(frame.task); }
  TaskRun RunOf(FrameId id) const;
  Event EventFor(EventType type, const TaskRun& run) const;
  ScopeArguments ScopeFor(const TaskRun& run) const;
  Json WithoutSecrets(const dsl::Task& task, const Json& value) const;

  // tasks.cc
  void RunTask(FrameId parent, dsl::TaskIndex index);
  Evaluated<void> Prepare(TaskRun& run);
  void Begin(TaskRun& run);
  void BeginFor(TaskRun& run, const dsl::ForTask& body);
  void BeginWait(TaskRun& run, const dsl::WaitTask& body);
  void BeginCall(TaskRun& run, const dsl::CallTask& call);
  void BeginSubflow(TaskRun& run, const dsl::RunTask& body);
  void BeginFunction(TaskRun& run, const dsl::FunctionTask& body);
  // Emits kTaskStarted, with what the kind adds to it; false: a timeout could not be computed, and the task
  // has faulted.
  bool EmitStarted(TaskRun& run, Event started);
  bool BeginComposite(TaskRun& run, std::optional<Json> data = {});
  void ScheduleFirst(TaskRun& run, std::string connector, Json request, Json visible, Json bounds);
  void RunSet(TaskRun& run, const dsl::SetTask& body);
  void RunSwitch(TaskRun& run, const dsl::SwitchTask& body);
  void RunRaise(TaskRun& run, const dsl::RaiseTask& body);
  void RunEmit(TaskRun& run, const dsl::EmitTask& body);
  void Schedule(FrameId id);
  // The task's body is done: output.as, export.as, and on in the parent as `flow` says. `choice`: see
  // Event::number.
  void Complete(const TaskRun& run, Json raw_output, dsl::Flow flow, std::uint32_t choice = 0);
  std::optional<Json> Joined(const TaskRun& run);
  bool IsExtending(FrameId id);
  std::uint32_t NextAfterSkip(const TaskRun& run);
  std::uint32_t NextInParent(const TaskRun& run, dsl::Flow flow);
  void EndWorkflowFrom(FrameId parent, const Json& output);

  // lists.cc
  void Advance(FrameId id);
  void AdvanceList(FrameId id, const dsl::TaskList& tasks);
  void ListDone(FrameId id);
  void NextRound(FrameId id, const dsl::ForTask& loop, std::uint32_t index);
  void AdvanceFork(FrameId id, const dsl::ForkTask& fork);
  void BeginExtended(TaskRun& run, const dsl::ExtendedTask& body);
  void EnterStage(FrameId id, ExtendedStage stage);
  void StageDone(FrameId id, const dsl::ExtendedTask& body);
  void CompleteExecution();

  // listening.cc
  void BeginListen(TaskRun& run, const dsl::ListenTask& body);
  void Take(FrameId id, const dsl::ListenTask& body, const EventReceived& input);
  bool TakeForUntil(FrameId id, const dsl::ListenTask& body, const EventReceived& input);
  Evaluated<bool> IsDoneWith(const TaskRun& run, const dsl::ListenTask& body, const Taken& taken,
                             const Json& value);
  void AdvanceListen(FrameId id, const dsl::ListenTask& body);
  void RoundDone(FrameId id, const dsl::ListenTask::Each& each);

  // timeouts.cc
  Evaluated<std::int64_t> DeadlineOf(const TaskRun& run);
  std::int64_t RunDeadlineOf(const TaskRun& run) const;
  Evaluated<Json> EvaluateBounds(const TaskRun& run) const;
  void SetDeadlines(const Frame& frame, FrameId id);
  void ClearDeadlines(FrameId id);
  void ClearRunDeadline(FrameId id);
  void GoOn(FrameId id);
  void TimeOut(FrameId id);
  void TimeOutRun(FrameId id);

  // lost.cc
  std::int64_t PauseAfterLosing(std::uint32_t lost) const;
  void GiveUp(const TaskRun& run, std::uint32_t lost);

  // cancelling.cc
  bool WantsCleanup() const;
  bool HasToWindDown() const;
  bool AwaitsChildren(const Frame& frame) const;
  void WindDown();
  void WindDown(FrameId id);
  void WindDownFrom(FrameId id);
  bool CleansUp(FrameId id);
  Json CancelError(FrameId id);
  bool IsOutermostCleanup(FrameId id) const;
  void CleanedUp(FrameId id, const Json* error = nullptr);
  void ChildGone(FrameId id);
  void EndCancelled(Json reason);
  // All frames may move until the execution is being cancelled.
  bool Moves(FrameId id) const { return !state_.cancelling || InCleanup(program_, state_, id); }

  // repair.cc
  void SetTimersAgain();
  void Retry(FrameId id);
  void Skip(const TaskRun& run);
  bool Parks(const TaskRun& run, const Json& error) const;
  void Park(const TaskRun& run, Json error);

  // faults.cc
  void Fault(const TaskRun& run, Json error);
  void Propagate(FrameId parent, Json error);
  // What a try does about an error of its body.
  struct Handling {
    bool catches = false;                // else the error goes on outwards
    std::optional<std::int64_t> due_us;  // when the body runs again; nothing: its catch list runs
  };
  Handling HandlingOf(FrameId id, const Json& error) const;
  bool IsHandled(FrameId id, const Json& error) const;
  bool Catch(FrameId id, const Json& error);
  Evaluated<bool> Catches(const TaskRun& run, const dsl::TryTask& body, const Json& error) const;
  Evaluated<std::optional<std::int64_t>> RetryDue(const TaskRun& run, const dsl::RetryPolicy& policy,
                                                  const Json& error) const;
  void CancelChildren(FrameId id);
  void CancelFrame(FrameId id);
  bool IsUnderWay(const Frame& frame) const;
  void Withdraw(FrameId id);
  void FaultExecution(Json error);

  const dsl::Program& program_;
  State& state_;
  std::int64_t now_us_;
  double random_;
  const MachineLimits& limits_;
  const Surroundings& surroundings_;
  const Evaluator evaluator_;
  std::vector<FrameId> ready_;
  bool may_park_ = true;
  std::uint32_t tasks_this_step_ = 0;
  std::size_t bytes_this_step_ = 0;
  Transition out_;
};

}  // namespace elevaite::engine
