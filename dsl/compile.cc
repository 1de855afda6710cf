#include "dsl/compile.h"

#include <algorithm>
#include <utility>

#include "dsl/advice.h"
#include "dsl/arguments.h"
#include "dsl/data_flow/data_flow.h"
#include "dsl/flow.h"
#include "dsl/lower.h"
#include "dsl/validate.h"

namespace elevaite::dsl {
namespace {

DocumentSummary SummaryOf(const syntax::Workflow& workflow) {
  return {.name_space = workflow.name_space,
          .name = workflow.name,
          .version = workflow.version,
          .title = workflow.title,
          .summary = workflow.summary,
          .tags = workflow.tags,
          .metadata = workflow.metadata};
}

}  // namespace

CompileResult Compile(std::string_view source, const CompileOptions& options) {
  CompileResult result;
  Diagnostics diagnostics;
  if (const auto document = Parse(source, options.limits, diagnostics)) {
    result.format = document->format();
    auto workflow =
        std::make_shared<const syntax::Workflow>(Validate(*document, options.limits, diagnostics));
    if (workflow->task_count <= options.limits.tasks_max) {
      CheckFlow(*workflow, diagnostics);
      const FunctionCatalog& functions = options.functions != nullptr ? *options.functions : EmptyCatalog();
      RemoteFunctions remote(*workflow, functions, options.resources, options.limits, options.is_offline);
      CheckCalls(*workflow, functions, remote, diagnostics);
      if (options.gives_advice) CheckCosts(*workflow, diagnostics);
      auto program = Lower(*document, *workflow, functions, remote, options.limits, diagnostics);
      if (options.gives_advice && !diagnostics.HasErrors())
        data_flow::CheckDataFlow(*document, *program, functions, diagnostics);
      if (!diagnostics.HasErrors()) result.program = std::move(program);
      result.wanted.assign(remote.wanted().begin(), remote.wanted().end());
    }
    result.document = SummaryOf(*workflow);
    result.syntax = std::move(workflow);
  }
  result.dropped = diagnostics.dropped();
  result.diagnostics = std::move(diagnostics).Take();
  return result;
}

}  // namespace elevaite::dsl
