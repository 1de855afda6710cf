// How long a compilation takes, and what its program keeps in memory: `language_bench [tasks]` prints JSON
// for a generated document of that many tasks.
#include <fmt/format.h>
#include <malloc.h>

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <string>

#include "dsl/compile.h"

namespace {

std::string Generate(int tasks) {
  std::string text =
      "document:\n  dsl: '1.0.3'\n  namespace: bench\n  name: bench\n  version: '1.0.0'\n"
      "use:\n  secrets: [key]\n  retries: {often: {delay: PT1S, limit: {attempt: {count: 5}}}}\ndo:\n";
  for (int i = 0; i < tasks; i += 10) {
    text += fmt::format(
        "  - load{0}:\n      call: http\n      with:\n        method: get\n        endpoint: "
        "https://example.com/orders/{{id}}\n"
        "        headers: {{accept: application/json, x-key: '${{ $secrets.key }}'}}\n"
        "        query: {{page: '${{ .page + {0} }}'}}\n"
        "      export: {{as: '$context + {{orders{0}: .}}'}}\n"
        "  - pick{0}:\n      if: .orders | length > {0}\n      set:\n        open: '${{ [.orders[] | "
        "select(.open)] }}'\n"
        "        total: '${{ [.orders[].price] | add }}'\n"
        "  - choose{0}:\n      switch:\n        - many: {{when: .total > {0}, then: each{0}}}\n        - "
        "few: {{then: continue}}\n"
        "  - each{0}:\n      for: {{each: order, in: .open}}\n      do:\n        - note{0}:\n"
        "            set: {{line: '${{ \"\\($index): \\($order.name) {0}\" }}'}}\n"
        "  - tell{0}:\n      emit: {{event: {{with: {{type: com.example.loaded, data: {{n: {0}}}}}}}}}\n"
        "  - hear{0}:\n      listen: {{to: {{one: {{with: {{type: com.example.answered, data: '${{ .n == {0} "
        "}}'}}}}}}}}\n"
        "      timeout: {{after: PT1H}}\n"
        "  - safe{0}:\n      try:\n        - ask{0}: {{call: http, with: {{method: post, endpoint: "
        "'https://example.com/{0}', body: {{n: '${{ .n }}'}}}}}}\n"
        "      catch: {{errors: {{with: {{status: 503}}}}, retry: often}}\n"
        "  - rest{0}: {{wait: PT1S}}\n",
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
  double best = 1e9;
  for (int i = 0; i < 20; ++i) {
    const auto begin = std::chrono::steady_clock::now();
    const auto result = elevaite::dsl::Compile(text);
    best = std::min(best, Milliseconds(std::chrono::steady_clock::now() - begin));
    if (!result.program) {
      for (const auto& diagnostic : result.diagnostics) fmt::print(stderr, "{}\n", ToText(diagnostic));
      return 1;
    }
  }
  const auto before = mallinfo2().uordblks;
  const auto program = elevaite::dsl::Compile(text).program;
  const double bytes = static_cast<double>(mallinfo2().uordblks - before);
  fmt::print("{{\"tasks\": {}, \"compile_ms\": {:.2f}, \"bytes_per_task\": {:.0f}}}\n", program->all.size(),
             best, bytes / static_cast<double>(program->all.size()));
}
