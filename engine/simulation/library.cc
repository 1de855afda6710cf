#include "engine/simulation/library.h"

#include "dsl/compile.h"
#include "engine/simulation/services.h"

namespace elevaite::simulation {

Result<Library> Library::Compile(const std::vector<Workflow>& workflows) {
  Library library;
  for (const Workflow& workflow : workflows) {
    const auto compiled =
        dsl::Compile(workflow.document.Dump(), {.functions = &FunctionsOfServices(), .gives_advice = false});
    if (!compiled.program) {
      std::string why = "workflow " + workflow.name + " does not compile";
      for (const dsl::Diagnostic& one : compiled.diagnostics) {
        if (one.severity == dsl::Severity::kError) why += "\n" + dsl::ToText(one);
      }
      return Fail(ErrorCode::kInvalidArgument, why);
    }
    auto next = std::make_shared<dsl::Program>(*compiled.program);
    next->version = kNextVersion;
    library.programs_[{workflow.name, std::string(kVersion)}] = compiled.program;
    library.programs_[{workflow.name, std::string(kNextVersion)}] = std::move(next);
  }
  return library;
}

Result<std::shared_ptr<const dsl::Program>> Library::Load(const engine::ExecutionRecord& record) {
  auto program = Find(record.workflow, record.version);
  if (!program) return Fail(ErrorCode::kNotFound, "no version " + record.version + " of " + record.workflow);
  return program;
}

std::shared_ptr<const dsl::Program> Library::Find(const std::string& name, std::string_view version) const {
  const auto found = programs_.find({name, std::string(version)});
  return found == programs_.end() ? nullptr : found->second;
}

}  // namespace elevaite::simulation
