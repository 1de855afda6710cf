// How long a compilation takes, and what its program keeps in memory: `language_bench [tasks]` prints JSON
// for a generated document of that many tasks.
#include <fmt/format.h>
#include <malloc.h>

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <string>

#include "dsl/bench_document.h"
#include "dsl/compile.h"

namespace {

double Milliseconds(std::chrono::steady_clock::duration duration) {
  return std::chrono::duration<double, std::milli>(duration).count();
}

}  // namespace

int main(int argc, char** argv) {
  const int tasks = argc > 1 ? std::atoi(argv[1]) : 500;
  const std::string text = elevaite::dsl::BenchDocument(tasks);
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
