// How long the compiler and its helpers take, and what a program keeps in memory: `language_bench TASKS`
// prints JSON for a generated workflow of that many tasks. Times are the best of 20, in milliseconds.
#include <fmt/format.h>
#include <jemalloc/jemalloc.h>

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <functional>
#include <string>
#include <vector>

#include "bench/language/document.h"
#include "dsl/compile.h"
#include "dsl/test_functions.h"
#include "dsl/tools/complete.h"
#include "dsl/tools/diff.h"
#include "dsl/tools/edit.h"
#include "dsl/tools/format.h"
#include "dsl/tools/hover.h"
#include "dsl/tools/report.h"

namespace {

using namespace elevaite;
using namespace elevaite::dsl::tools;

double Milliseconds(const std::function<bool()>& run) {
  double best = 1e9;
  for (int i = 0; i < 20; ++i) {
    const auto begin = std::chrono::steady_clock::now();
    CHECK(run());
    const std::chrono::duration<double, std::milli> took = std::chrono::steady_clock::now() - begin;
    best = std::min(best, took.count());
  }
  return best;
}

// What this thread has allocated and not freed, as the allocator rounds it.
std::int64_t BytesInUse() {
  std::uint64_t allocated = 0;
  std::uint64_t freed = 0;
  std::size_t size = sizeof(allocated);
  CHECK(mallctl("thread.allocated", &allocated, &size, nullptr, 0) == 0);
  CHECK(mallctl("thread.deallocated", &freed, &size, nullptr, 0) == 0);
  return static_cast<std::int64_t>(allocated - freed);
}

double BytesOfProgram(const std::string& text, const dsl::FunctionCatalog& functions) {
  const std::int64_t before = BytesInUse();
  const auto program = dsl::Compile(text, {.functions = &functions}).program;
  return static_cast<double>(BytesInUse() - before) / static_cast<double>(program->all.size());
}

}  // namespace

int main(int argc, char** argv) {
  const std::string text = bench::WorkflowOf(argc > 1 ? std::atoi(argv[1]) : 500);
  const dsl::TestFunctions functions;
  const yaml::Position middle{static_cast<std::uint32_t>(std::ranges::count(text, '\n') / 2), 9};
  const Json set = ParseJson(R"([{"op":"set","at":"/do/0/load0/with/method","value":"post"}])").value();
  const std::vector<std::pair<std::string, double>> times = {
      {"compile",
       Milliseconds([&] { return dsl::Compile(text, {.functions = &functions}).program != nullptr; })},
      {"check", Milliseconds([&] { return CheckReport(text, functions)["valid"].BoolOr(false); })},
      {"edit", Milliseconds([&] { return EditReport(text, set, functions).has_value(); })},
      {"format", Milliseconds([&] { return Format(text).has_value(); })},
      {"complete", Milliseconds([&] { return Complete(text, middle, functions).from.line > 0; })},
      {"hover", Milliseconds([&] { return HoverAt(text, {2, 3}, functions).has_value(); })},
      {"diff", Milliseconds([&] { return Diff(text, text).has_value(); })},
  };
  fmt::print("{{\"bytes_per_task\": {:.0f}", BytesOfProgram(text, functions));
  for (const auto& [name, time] : times) fmt::print(", \"{}\": {:.2f}", name, time);
  fmt::print("}}\n");
}
