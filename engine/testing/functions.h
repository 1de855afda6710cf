// For the engine's tests: a catalogue with `ping`, `pong`, and `human.approve`, which people answer.
#pragma once

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "dsl/compile.h"

namespace elevaite::engine {

class TestFunctions final : public dsl::FunctionCatalog {
 public:
  const dsl::FunctionInfo* Find(std::string_view name) const override {
    for (const dsl::FunctionInfo* one : {&ping_, &pong_, &approve_}) {
      if (one->name == name) return one;
    }
    return nullptr;
  }
  std::vector<std::string_view> Names() const override { return {"ping", "pong", "human.approve"}; }

 private:
  static dsl::FunctionInfo Info(std::string_view name, std::string_view title) {
    return {.name = std::string(name),
            .title = std::string(title),
            .icon = "",
            .input = ParseJson(R"({"type":"object","additionalProperties":true,
      "properties":{"endpoint":{"format":"uri-template"}}})")
                         .value()};
  }

  dsl::FunctionInfo ping_ = Info("ping", "Ping");
  dsl::FunctionInfo pong_ = Info("pong", "Pong");
  dsl::FunctionInfo approve_ = Info("human.approve", "Approve");
};

// The program of a document with these tasks; a diagnostic fails the test. `head`: keys before `do`;
// `metadata`: of the document.
inline std::shared_ptr<const dsl::Program> TestProgram(std::string_view tasks, std::string_view head = "",
                                                       std::string_view metadata = "{}") {
  static const TestFunctions functions;
  const std::string source =
      "document: {dsl: '1.0.3', namespace: t, name: t, version: '1.0.0', metadata: " + std::string(metadata) +
      "}\n" + std::string(head) + "do:\n" + std::string(tasks);
  auto compiled = dsl::Compile(source, {.functions = &functions});
  for (const auto& d : compiled.diagnostics) {
    if (d.severity == dsl::Severity::kError) ADD_FAILURE() << dsl::ToText(d) << "\n" << source;
  }
  return compiled.program;
}

}  // namespace elevaite::engine
