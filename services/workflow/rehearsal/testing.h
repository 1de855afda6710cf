// For the rehearsal's tests: cases played from texts.
#pragma once

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "connectors/all.h"
#include "dsl/compile.h"
#include "foundation/result.h"
#include "services/workflow/rehearsal/play.h"
#include "services/workflow/rehearsal/verdict.h"

namespace elevaite::rehearsal {

// The program of a document `test.NAME` with these tasks. `head`: keys before `do`.
inline std::shared_ptr<const dsl::Program> ProgramOf(std::string_view tasks, std::string_view name = "main",
                                                     std::string_view head = "") {
  static const connectors::Registry functions = connectors::Descriptors();
  const std::string source = "document: {dsl: '1.0.3', namespace: test, name: " + std::string(name) +
                             ", version: '1.0.0'}\n" + std::string(head) + "do:\n" + std::string(tasks);
  auto compiled = dsl::Compile(source, {.functions = &functions});
  for (const auto& d : compiled.diagnostics)
    if (d.severity == dsl::Severity::kError) ADD_FAILURE() << dsl::ToText(d) << "\n" << source;
  CHECK(compiled.program != nullptr);
  return compiled.program;
}

// The one case of a text.
inline Case CaseOf(std::string_view text) {
  TestFile file = ReadTestFile(text, {});
  for (const auto& d : file.diagnostics) ADD_FAILURE() << dsl::ToText(d) << "\n" << text;
  if (file.cases.size() != 1) ADD_FAILURE() << "one case expected";
  return file.cases.empty() ? Case{} : std::move(file.cases[0]);
}

// What fails of the case, each as "about: message" with its differences as JSON.
inline std::string Judged(const Case& test, const std::shared_ptr<const dsl::Program>& program,
                          const std::vector<std::shared_ptr<const dsl::Program>>& others = {},
                          const PlayLimits& limits = {}) {
  std::string text;
  const Played played = Play(test, program, others, limits);
  for (const Failure& failure : Judge(test, played)) {
    text += failure.about + ": " + failure.message + "\n";
    for (const Difference& difference : failure.differences) text += "  " + ToJson(difference).Dump() + "\n";
  }
  return text;
}

}  // namespace elevaite::rehearsal
