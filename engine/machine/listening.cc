// `listen`: events that are taken as they come, and the rounds of `foreach` over them, one at a time.
#include <string>

#include "engine/machine/consumption.h"
#include "engine/machine/errors.h"
#include "engine/machine/stepper.h"

namespace elevaite::engine {
namespace {

class ScopedEvaluator final : public EventEvaluator {
 public:
  ScopedEvaluator(const Evaluator& evaluator, const ScopeArguments& scope)
      : evaluator_(evaluator), scope_(scope) {}

  std::optional<Json> Evaluate(const dsl::Expression& what, const Json& input) const override {
    return ValueOf(dsl::Template::Computed(what), input);
  }
  std::optional<Json> Expected(const dsl::Template& what) const override {
    return ValueOf(what, *scope_.input);
  }

 private:
  std::optional<Json> ValueOf(const dsl::Template& what, const Json& input) const {
    auto value = evaluator_.Evaluate(what, input, scope_);
    return value ? std::optional(*std::move(value)) : std::nullopt;
  }

  const Evaluator& evaluator_;
  const ScopeArguments& scope_;
};

}  // namespace

void Stepper::BeginListen(TaskRun& run, const dsl::ListenTask& body) {
  if (!BeginComposite(run)) return;
  if (SatisfiedAtOnce(body.to)) return Complete(run, Json::EmptyArray(), run.task.then);
  out_.effects.emplace_back(Subscribe{run.id, TypesOf(body.to)});
}

void Stepper::Handle(const EventReceived& input) {
  const Frame* frame = Find(input.frame);
  if (!frame || !frame->listening || frame->listening->main.satisfied) return;
  if (state_.HasConsumed(input.position) || !Moves(input.frame)) return;
  const auto& body = std::get<dsl::ListenTask>(TaskOf(*frame).body);
  if (TakeForUntil(input.frame, body, input)) return;
  Take(input.frame, body, input);
}

// An event of the strategy that ends the listening.
bool Stepper::TakeForUntil(FrameId id, const dsl::ListenTask& body, const EventReceived& input) {
  if (!body.to.until_events) return false;
  const TaskRun run = RunOf(id);
  const ScopeArguments scope = ScopeFor(run);
  const Consumption& until = At(id).listening->until;
  const auto taken = Offer(*body.to.until_events, until, input.event, ScopedEvaluator(evaluator_, scope));
  if (!taken) return false;
  Event consumed = EventFor(EventType::kEventConsumed, run);
  consumed.position = input.position;
  consumed.number = taken->filter;
  if (!(taken->correlations == until.correlations)) consumed.input = taken->correlations;
  consumed.next = SatisfiedBy(*body.to.until_events, until, *taken) ? 1 : 0;
  if (consumed.next == 1) out_.effects.emplace_back(Unsubscribe{id});
  Emit(std::move(consumed));
  Ready(id);
  return true;
}

void Stepper::Take(FrameId id, const dsl::ListenTask& body, const EventReceived& input) {
  const TaskRun run = RunOf(id);
  const ScopeArguments scope = ScopeFor(run);
  const Listening& listening = *At(id).listening;
  const auto taken = Offer(body.to, listening.main, input.event, ScopedEvaluator(evaluator_, scope));
  if (!taken) return;
  if (listening.pending.size() >= limits_.unread_events_max) {
    return Fault(
        run, MakeError("runtime", "Too many events",
                       std::to_string(listening.pending.size()) + " events wait for their turn, the limit"));
  }
  Event consumed = EventFor(EventType::kEventConsumed, run);
  consumed.position = input.position;
  consumed.number = taken->filter;
  consumed.data = ReadEvent(input.event, body.read);
  if (!(taken->correlations == listening.main.correlations)) consumed.input = taken->correlations;
  auto done = IsDoneWith(run, body, *taken, *consumed.data);
  if (!done) return Fault(run, std::move(done).error());
  consumed.next = *done ? 1 : 0;
  if (*done) out_.effects.emplace_back(Unsubscribe{id});
  Emit(std::move(consumed));
  Ready(id);
}

// Whether nothing more is listened for once this event is read.
Evaluated<bool> Stepper::IsDoneWith(const TaskRun& run, const dsl::ListenTask& body, const Taken& taken,
                                    const Json& value) {
  const Listening& listening = *At(run.id).listening;
  if (SatisfiedBy(body.to, listening.main, taken)) return true;
  if (!body.to.until_condition || NeverEnds(body.to)) return false;
  std::vector<Json> read = listening.read;
  read.push_back(value);
  return evaluator_.Test(*body.to.until_condition, Json::Array(std::move(read)), ScopeFor(run));
}

void Stepper::AdvanceListen(FrameId id, const dsl::ListenTask& body) {
  const Frame& frame = At(id);
  if (frame.waiting == Frame::Waiting::kNothing) return AdvanceList(id, body.each->tasks);
  const Listening& listening = *frame.listening;
  const TaskRun run = RunOf(id);
  if (!listening.pending.empty()) {
    Event advanced = EventFor(EventType::kLoopAdvanced, run);
    advanced.number = listening.rounds;
    Emit(std::move(advanced));
    return Ready(id);
  }
  Json output = Json::Array(body.each ? listening.outputs : listening.read);
  Complete(run, std::move(output), run.task.then);
}

// The list of `foreach` is done for one event.
void Stepper::RoundDone(FrameId id, const dsl::ListenTask::Each& each) {
  const TaskRun run = RunOf(id);
  ScopeArguments scope = ScopeFor(run);
  Json output = At(id).data;
  if (each.output_as) {
    const Json raw = output;
    scope.output = &raw;
    auto transformed = evaluator_.Evaluate(*each.output_as, raw, scope);
    if (!transformed) return Fault(run, std::move(transformed).error());
    output = *std::move(transformed);
  }
  if (auto fits = evaluator_.Check(each.output_schema, output, "the round's output"); !fits)
    return Fault(run, std::move(fits).error());
  Event completed = EventFor(EventType::kRoundCompleted, run);
  if (each.export_as) {
    scope.output = &output;
    auto context = evaluator_.Evaluate(*each.export_as, output, scope);
    if (!context) return Fault(run, std::move(context).error());
    if (auto fits = evaluator_.Check(each.export_schema, *context, "$context"); !fits)
      return Fault(run, std::move(fits).error());
    completed.context = *std::move(context);
  }
  completed.data = std::move(output);
  Emit(std::move(completed));
  Ready(id);
}

}  // namespace elevaite::engine
