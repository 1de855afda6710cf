// Any bytes: the compiler gives a program or an error, and its diagnostics and outline can be written.
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "dsl/compile.h"
#include "dsl/outline.h"
#include "dsl/test_functions.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace elevaite::dsl;
  static const TestFunctions functions;
  static const Resources resources{
      {"https://example.com/functions/log/1.0.0/function.yaml", "set: {line: '${ .message }'}"},
      {"https://example.com/schema.json", R"({"type": "object", "required": ["id"]})"}};
  const std::string_view source(reinterpret_cast<const char*>(data), size);
  const CompileResult result = Compile(source, {.functions = &functions, .resources = &resources});
  bool has_error = false;
  for (const Diagnostic& diagnostic : result.diagnostics) {
    has_error = has_error || diagnostic.severity == Severity::kError;
    if (ToJson(diagnostic).Dump().empty() || diagnostic.span.line == 0) std::abort();
  }
  if ((result.program == nullptr) != has_error) std::abort();
  if (result.syntax && Outline(*result.syntax, functions).Find("tasks") == nullptr) std::abort();
  return 0;
}
