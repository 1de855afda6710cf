// How long a compilation takes: `dsl_bench [tasks]` prints milliseconds for a generated document of that many
// tasks.
#include <fmt/format.h>

#include <chrono>
#include <cstdlib>
#include <string>

#include "dsl/compile.h"
#include "dsl/outline.h"
#include "dsl/test_functions.h"

namespace {

std::string Generate(int tasks) {
  std::string text =
      "document:\n  dsl: '1.0.3'\n  namespace: bench\n  name: bench\n  version: '1.0.0'\ndo:\n";
  for (int i = 0; i < tasks; i += 5) {
    text += fmt::format(
        "  - load{0}:\n      call: http\n      with:\n        method: get\n        endpoint: "
        "https://example.com/orders/{{id}}\n"
        "        headers: {{accept: application/json}}\n        query: {{page: '${{ .page + {0} }}'}}\n"
        "      export: {{as: '$context + {{orders{0}: .}}'}}\n"
        "  - pick{0}:\n      if: .orders | length > {0}\n      set:\n        open: '${{ [.orders[] | "
        "select(.open)] }}'\n"
        "        total: '${{ [.orders[].price] | add }}'\n"
        "  - choose{0}:\n      switch:\n        - many: {{when: .total > {0}, then: each{0}}}\n        - "
        "few: {{then: continue}}\n"
        "  - each{0}:\n      for: {{each: order, in: .open}}\n      do:\n        - note{0}:\n"
        "            set: {{line: '${{ \"\\($index): \\($order.name) {0}\" }}'}}\n",
        i);
  }
  return text;
}

double Milliseconds(std::chrono::steady_clock::duration duration) {
  return std::chrono::duration<double, std::milli>(duration).count();
}

}  // namespace

int main(int argc, char** argv) {
  const int tasks = argc > 1 ? std::atoi(argv[1]) : 500;
  const std::string text = Generate(tasks);
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
