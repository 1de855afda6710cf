// Forks: a new execution that goes on from a point of a past one (engine/machine/fork.h).
#include <algorithm>
#include <map>
#include <optional>
#include <utility>
#include <vector>

#include "services/workflow/service.h"

namespace elevaite::workflow {
namespace {

using engine::Event;
using engine::EventType;
using engine::FrameId;
using engine::State;

constexpr std::size_t kPastBytesMax = 64U << 20U;  // of events that are read

// Which task has ended the execution with its error: the innermost, from where the error went outwards.
class Blame {
 public:
  void Look(const Event& event) {
    switch (event.type) {
      case EventType::kTaskFaulted: {
        const auto inner = by_parent_.extract(event.frame);
        // Of the branches of a fork it is the first that counts.
        by_parent_.emplace(event.parent, inner.empty() ? event.frame : inner.mapped());
        break;
      }
      case EventType::kErrorCaught:
      case EventType::kRetryScheduled:
      case EventType::kTaskCompleted: by_parent_.erase(event.frame); break;
      case EventType::kExecutionFaulted: ended_ = true; break;
      default: break;
    }
  }
  // Nothing: none of its tasks has.
  std::optional<FrameId> task() const {
    const auto found = by_parent_.find(engine::kRootFrame);
    if (!ended_ || found == by_parent_.end()) return std::nullopt;
    return found->second;
  }

 private:
  std::map<FrameId, FrameId> by_parent_;  // the task that failed, by where its error has come to
  bool ended_ = false;
};

// Reads the events of an execution until the task that is looked for has begun; of a task that is named, or
// that failed, all of them.
class PastFinder {
 public:
  explicit PastFinder(const PastPoint& point) : point_(point) {}

  // True: no more is needed.
  bool Add(const Event& event, const dsl::Program& program) {
    if (engine::BeginsTask(state_, event)) {
      if (point_.failed) begun_.emplace(event.frame, events_.size());
      if (Is(event, program.all.at(event.task))) {
        found_ = events_.size();
        ++visits_;
        if (point_.task.empty() || visits_ == point_.visit) {
          events_.push_back(event);
          return true;
        }
      }
    }
    blame_.Look(event);
    engine::Apply(state_, program, event);
    events_.push_back(event);
    return false;
  }

  Result<std::size_t> Found() const {
    if (point_.failed) return Failed();
    if (found_ && (point_.visit == 0 || visits_ >= point_.visit)) return *found_;
    if (found_)
      return Fail(ErrorCode::kNotFound,
                  "the task '" + point_.task + "' began only " + std::to_string(visits_) + " times");
    return Fail(ErrorCode::kNotFound, "this task has not begun in the execution",
                "`tasks` of the execution has its tasks: give the `id` of one, or its `ref`");
  }
  const std::vector<Event>& events() const { return events_; }

 private:
  bool Is(const Event& event, const dsl::Task& task) const {
    if (point_.failed) return false;
    if (point_.seq != 0) return event.seq == point_.seq;
    if (point_.frame != engine::kRootFrame) return event.frame == point_.frame;
    return task.reference == point_.task || task.name == point_.task;
  }

  Result<std::size_t> Failed() const {
    const auto task = blame_.task();
    const auto begun = task ? begun_.find(*task) : begun_.end();
    if (begun != begun_.end()) return begun->second;
    if (state_.phase == engine::Phase::kFaulted)
      return Fail(ErrorCode::kConflict, "no task of this execution has failed, but the execution itself",
                  "start the workflow anew with another input");
    return Fail(ErrorCode::kConflict, "this execution has not failed");
  }

  const PastPoint& point_;
  State state_;
  Blame blame_;
  std::vector<Event> events_;
  std::map<FrameId, std::size_t> begun_;  // of `failed`: where each task began
  std::optional<std::size_t> found_;
  std::size_t visits_ = 0;
};

// A name may be that of several tasks.
Result<void> CheckNamed(const PastPoint& point, const dsl::Program& program) {
  if (point.task.empty() || point.task.starts_with('/')) return {};
  const auto named = std::ranges::count(program.all, point.task, &dsl::Task::name);
  if (named <= 1) return {};
  return Fail(ErrorCode::kInvalidArgument, std::to_string(named) + " tasks are named '" + point.task + "'",
              "give the `ref` of the task, as `tasks` of the execution has it");
}

}  // namespace

Task<PastAt> WorkflowService::ReadPast(AccountId account, PastPoint point) {
  auto find = TimelineOf(account, point.execution);
  Result<Timeline> found = co_await std::move(find);
  if (!found) {
    auto missing = Missing(account, point.execution, found.error());
    const Result<void> why = co_await std::move(missing);
    co_return Fail(why.error());
  }
  Timeline timeline = *std::move(found);
  CO_RETURN_IF_ERROR(CheckNamed(point, *timeline.At(UINT64_MAX)));
  PastFinder finder(point);
  std::size_t bytes = 0;
  std::optional<std::uint64_t> after = 0;
  while (after) {
    auto read = EventsAlong(timeline, *after, 2'000);
    ASSIGN_OR_CO_RETURN(const engine::EventPage page, co_await std::move(read));
    after = page.next;
    for (const Event& event : page.events) {
      if (!finder.Add(event, *timeline.At(event.seq))) continue;
      after.reset();
      break;
    }
    bytes += page.bytes;
    if (after && bytes > kPastBytesMax)
      co_return Fail(ErrorCode::kResourceExhausted,
                     "this execution has too many events to be run again from there (64 MiB)",
                     "pick an earlier task, or start the workflow anew");
  }
  ASSIGN_OR_CO_RETURN(const std::size_t at, finder.Found());
  const std::vector<Event>& all = finder.events();
  const std::vector<Event> events(all.begin(), all.begin() + static_cast<std::ptrdiff_t>(at));
  PastAt past{.past = {.execution = point.execution, .rows = engine::RowsOf(events)},
              .program = timeline.At(all[at].seq)};
  for (const Event& event : events) engine::Apply(past.past.state, *timeline.At(event.seq), event);
  const engine::ExecutionRecord& record = timeline.record();
  for (const engine::VersionChange& move : record.migrations) {
    if (move.seq < all[at].seq) past.past.moves.push_back(move);
  }
  past.past.labels = record.labels;
  past.past.request = {
      .began = all[at], .input = std::nullopt, .execution = point.execution.ToString(), .note = {}};
  co_return past;
}

Task<std::shared_ptr<const engine::Past>> WorkflowService::ReadQueuedPast(AccountId account, Json point) {
  ASSIGN_OR_CO_RETURN(const ExecutionId execution, ExecutionId::Parse(point["execution"].StringOr("")));
  auto read = ReadPast(std::move(account),
                       {.execution = execution, .seq = static_cast<std::uint64_t>(point["seq"].IntOr(0))});
  Result<PastAt> at = co_await std::move(read);
  if (!at && at.error().code == ErrorCode::kNotFound)
    co_return Fail(ErrorCode::kNotFound,
                   "the execution that it goes on from is not there any more: " + at.error().message);
  if (!at) co_return Fail(at.error());
  if (const Json& input = point["input"]; input.IsArray() && !input.AsArray().empty())
    at->past.request.input = input.AsArray().front();
  at->past.request.note = point["note"];
  co_return std::make_shared<const engine::Past>(std::move(at->past));
}

Task<Started> WorkflowService::Fork(ForkExecution request) {
  auto admit = Admit();
  ASSIGN_OR_CO_RETURN(auto ticket, co_await std::move(admit));
  auto read = ReadPast(request.account, request.from);
  ASSIGN_OR_CO_RETURN(PastAt at, co_await std::move(read));
  engine::ForkRequest& fork = at.past.request;
  const auto obstacle =
      engine::ObstacleToFork(*at.program, at.past.state, fork.began, request.input.has_value());
  if (obstacle) co_return Fail(ErrorCode::kConflict, *obstacle);
  fork.input = std::move(request.input);
  fork.note = std::move(request.note);
  StartRequest start{.account = request.account,
                     .workflow = {},
                     .version = {},
                     .input = Json::Object({{"execution", fork.execution},
                                            {"seq", fork.began.seq},
                                            {"input", fork.input ? Json::Array({*fork.input}) : Json()}}),
                     .trigger = engine::Trigger::kFork,
                     .correlation = std::move(request.correlation),
                     .idempotency_key = std::move(request.idempotency_key),
                     .target = Target{.account = request.account,
                                      .name_space = at.program->name_space,
                                      .name = at.program->name,
                                      .version = at.program->version,
                                      .deployment = {}},
                     .past = std::make_shared<const engine::Past>(std::move(at.past))};
  auto launch = StartAdmitted(std::move(start), std::move(ticket));
  co_return co_await std::move(launch);
}

Task<void> WorkflowService::ForkOnce(ForkExecution request) {
  auto fork = Fork(std::move(request));
  ASSIGN_OR_CO_RETURN(const Started started, co_await std::move(fork));
  if (!started.is_new)
    co_return Fail(ErrorCode::kConflict, "it was run again before, as " + started.id.ToString());
  co_return Result<void>();
}

Task<ExecutionId> WorkflowService::Redrive(engine::ExecutionRecord record, std::optional<Json> input,
                                           Json note, engine::CommandNumber command) {
  if (record.phase == engine::Phase::kFaulted) {
    auto fork = Fork({.account = record.account,
                      .from = {.execution = record.id, .failed = true},
                      .input = std::move(input),
                      .note = std::move(note),
                      .correlation = record.correlation,
                      .idempotency_key = "redrive " + record.id.ToString()});
    ASSIGN_OR_CO_RETURN(const Started started, co_await std::move(fork));
    if (started.is_new) co_return started.id;
    co_return Fail(ErrorCode::kConflict, "it was run again before, as " + started.id.ToString(),
                   "look at that one; or run this one again from a task of your choice");
  }
  if (engine::IsFinal(record.phase)) co_return Fail(ErrorCode::kConflict, "this execution has not failed");
  if (input)
    co_return Fail(ErrorCode::kConflict,
                   "a task that waits for an operator is tried again with the request it has",
                   "complete it by hand, or run the execution again from this task with another input");
  auto retry = Operate(record.account, record.id,
                       engine::Repair{.frame = engine::kRootFrame,
                                      .act = engine::RepairAct::kRetry,
                                      .value = {},
                                      .note = std::move(note),
                                      .command = command});
  CO_RETURN_IF_ERROR(co_await std::move(retry));
  co_return record.id;
}

}  // namespace elevaite::workflow
