#include "tests/conformance/data_flow.h"

#include "dsl/data_flow/data_flow.h"

namespace elevaite::conformance {
namespace {

using dsl::data_flow::DataFlow;
using dsl::data_flow::TaskTypes;
using engine::Event;
using engine::EventType;

// Follows the events of a run and compares each value with its type.
class Comparison {
 public:
  Comparison(const Run& run, const dsl::FunctionCatalog& functions)
      : program_(*run.programs.begin()->second), flow_(dsl::data_flow::InferDataFlow(program_, functions)) {
    for (const Event& event : run.events) {
      Look(event);
      engine::Apply(state_, program_, event);
    }
  }
  std::vector<std::string> Take() { return std::move(unexpected_); }

 private:
  void Look(const Event& event) {
    if (event.type == EventType::kExecutionCompleted && !flow_.output.Accepts(*event.data))
      unexpected_.push_back("the output " + event.data->Dump() + " is not " + Format(flow_.output));
    const bool begins = event.type == EventType::kTaskStarted;
    if (!begins && event.type != EventType::kTaskCompleted) return;
    const dsl::Task& task = program_.all.at(event.task);
    if (task.kind == dsl::TaskKind::kExtended) return;
    const auto frame = state_.frames.find(event.frame);
    const bool is_new = frame == state_.frames.end();
    const Json raw_input =
        is_new ? engine::RawInput(program_, state_.frames.at(event.parent)) : frame->second.raw_input;
    const TaskTypes& types = flow_.tasks.at(event.task);
    if (!types.is_reached) unexpected_.push_back(task.reference + " cannot be reached");
    if (is_new) {
      Compare(task, "the raw input of", types.raw_input, raw_input);
      Compare(task, "the input of", types.input, event.input ? *event.input : raw_input);
      Compare(task, "$context before", types.context, engine::ContextIn(program_, state_, event.parent));
    }
    if (begins) return;
    // `then: end` inside it ends a task as it is.
    if (!is_new && event.next == engine::kEndOfList) return;
    Compare(task, "the output of", types.output, event.data ? *event.data : raw_input);
    const engine::FrameId inside = is_new ? event.parent : event.frame;
    Compare(task, "$context after", types.context_after,
            event.context ? *event.context : engine::ContextIn(program_, state_, inside));
  }

  void Compare(const dsl::Task& task, std::string_view what, const dsl::types::Type& type,
               const Json& value) {
    if (type.Accepts(value)) return;
    unexpected_.push_back(std::string(what) + " " + task.reference + " is " + value.Dump() + ", not " +
                          Format(type));
  }

  const dsl::Program& program_;
  const DataFlow flow_;
  engine::State state_;
  std::vector<std::string> unexpected_;
};

}  // namespace

std::vector<std::string> UnexpectedValues(const Run& run, const dsl::FunctionCatalog& functions) {
  // In one that moved to another version, values of the old one flow on.
  if (run.programs.size() != 1) return {};
  return Comparison(run, functions).Take();
}

}  // namespace elevaite::conformance
