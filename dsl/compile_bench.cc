// How long a compilation takes: `dsl_bench [tasks]` prints milliseconds for a generated document of that many
// tasks.
#include <fmt/format.h>

#include <chrono>
#include <cstdlib>
#include <string>

#include "dsl/bench_document.h"
#include "dsl/compile.h"
#include "dsl/outline.h"
#include "dsl/test_functions.h"

namespace {

double Milliseconds(std::chrono::steady_clock::duration duration) {
  return std::chrono::duration<double, std::milli>(duration).count();
}

}  // namespace

int main(int argc, char** argv) {
  const int tasks = argc > 1 ? std::atoi(argv[1]) : 500;
  const std::string text = elevaite::dsl::BenchDocument(tasks);
  const elevaite::dsl::TestFunctions functions;
  double best = 1e9;
  for (int i = 0; i < 20; ++i) {
    const auto begin = std::chrono::steady_clock::now();
    const auto result = elevaite::dsl::Compile(text, {.functions = &functions});
    best = std::min(best, Milliseconds(std::chrono::steady_clock::now() - begin));
    if (!result.program) {
      for (const auto& diagnostic : result.diagnostics) fmt::print("{}\n", ToText(diagnostic));
      return 1;
    }
    if (i == 0) fmt::print("{} bytes, {} tasks\n", text.size(), result.program->all.size());
  }
  fmt::print("compile: {:.2f} ms (best of 20)\n", best);
}
