// `run`: the part of TaskReader about other workflows and processes.
#include <fmt/format.h>

#include <memory>

#include "dsl/expression.h"
#include "dsl/shape.h"
#include "dsl/task_reader.h"

namespace elevaite::dsl {

using syntax::Field;
using syntax::Place;

namespace {

// `after` goes with `cleanup: eventually` and with nothing else.
void CheckLifetime(Reader& reader, const Place& lifetime) {
  const bool eventually = lifetime.node.Find("cleanup")->value.text() == "eventually";
  const Field after = Reader::Member(lifetime, "after");
  if (eventually && !after) {
    reader.Add(Code::kMissingKey, lifetime, "`lifetime` needs `after` when `cleanup` is eventually",
               "add `after: PT30M`");
  }
  if (!eventually && after) {
    reader.Add(Code::kExclusiveKeys, *after, "`after` belongs to `cleanup: eventually`", "leave it out");
  }
}

}  // namespace

void TaskReader::ReadRun(const Place& value, syntax::Task& task) {
  if (!ShapeChecker(reader_, definitions_).Check(value, vocabulary::Get("run"))) return;
  syntax::Run run;
  for (std::string_view process : vocabulary::Get("run").one_of.front()) {
    if (const Field definition = Reader::Member(value, process)) {
      run.process = process;
      run.definition = *definition;
    }
  }
  if (const Field await = Reader::Member(value, "await")) run.await = await->node.value().AsBool();
  if (const Field result = Reader::Member(value, "return")) {
    run.result = result->node.text();
    if (run.process == "workflow") {
      reader_.Add(Code::kIgnoredKey, *result, "`return` is about processes and ignored for a workflow",
                  "leave it out; shape the output with `output: {as: ...}`");
    }
  }
  if (const Field lifetime = Reader::Member(run.definition, "lifetime")) CheckLifetime(reader_, *lifetime);
  if (run.process == "workflow") {
    for (std::string_view key : {"namespace", "name", "version"}) {
      if (const Field field = Reader::Member(run.definition, key); field && field->node.text().empty()) {
        reader_.Add(Code::kEmpty, *field, fmt::format("`{}` is empty", key));
      }
    }
  }
  task.run = std::make_shared<const syntax::Run>(std::move(run));
}

}  // namespace elevaite::dsl
