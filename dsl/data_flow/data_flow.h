// Data flow: the types of what flows through a workflow, followed from its input to its output: through
// schemas, literals, the descriptors of connectors and jq, over every way that the flow can take.
//
//   DataFlow flow = InferDataFlow(program, functions);
//   flow.tasks[i].input     // any value that task i can get belongs to it
//   CheckDataFlow(document, program, functions, diagnostics);
//   // 7:22 warning DSL0311: `nmae` cannot be there: ...
//
// A type may be larger than the truth, never smaller: what is said to be wrong is wrong in every run that
// comes there. Where nothing is known, the type is any. Bounded: loops are followed until nothing new comes,
// four times at most, and all together take a number of steps that is linear in the number of tasks.
#pragma once

#include <vector>

#include "dsl/diagnostic.h"
#include "dsl/document.h"
#include "dsl/functions.h"
#include "dsl/program.h"
#include "dsl/types/infer.h"

namespace elevaite::dsl::data_flow {

// What is known of one task, over all its runs.
struct TaskTypes {
  bool is_reached = false;  // false: nothing leads there, and the types say nothing
  types::Type raw_input = types::Type::Never();
  types::Type input = types::Type::Never();  // after input.from: $input
  types::Type raw_output = types::Type::Never();
  types::Type output = types::Type::Never();         // after output.as
  types::Type context = types::Type::Never();        // $context when it begins
  types::Type context_after = types::Type::Never();  // $context when it has ended
  types::VariableTypes locals;                       // of the loops and catches around it
};

struct DataFlow {
  std::vector<TaskTypes> tasks;  // by TaskIndex
  types::Type input;             // of the workflow, after input.from
  types::Type output;            // after output.as
  types::Type context;           // $context at the end
};

DataFlow InferDataFlow(const Program& program, const FunctionCatalog& functions);

// Warns of members that are never there and of expressions that always fail. `program` is that of `document`.
void CheckDataFlow(const Document& document, const Program& program, const FunctionCatalog& functions,
                   Diagnostics& diagnostics);

}  // namespace elevaite::dsl::data_flow
