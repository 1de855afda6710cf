// How long the tools take: `dsl_tools_bench [tasks]` prints milliseconds for a generated document of that
// many tasks.
#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <functional>
#include <string>
#include <string_view>

#include "dsl/bench_document.h"
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

void Measure(std::string_view name, const std::function<bool()>& run) {
  double best = 1e9;
  for (int i = 0; i < 20; ++i) {
    const auto begin = std::chrono::steady_clock::now();
    CHECK(run());
    const std::chrono::duration<double, std::milli> took = std::chrono::steady_clock::now() - begin;
    best = std::min(best, took.count());
  }
  fmt::print("{:<28} {:7.2f} ms (best of 20)\n", name, best);
}

Json Operations(std::string_view text) { return ParseJson(text).value(); }

}  // namespace

int main(int argc, char** argv) {
  const int tasks = argc > 1 ? std::atoi(argv[1]) : 500;
  const std::string text = dsl::BenchDocument(tasks);
  const dsl::TestFunctions functions;
  const yaml::Position middle{static_cast<std::uint32_t>(std::ranges::count(text, '\n') / 2), 9};
  fmt::print("{} bytes\n", text.size());
  Measure("check, outline and graph", [&] { return CheckReport(text, functions)["valid"].BoolOr(false); });
  const Json rename = Operations(R"([{"op":"rename","task":"/do/2/choose0","name":"other"}])");
  Measure("edit: rename", [&] { return Edit(text, rename).has_value(); });
  const Json move = Operations(R"([{"op":"move","task":"/do/3/each0","list":"/do","at":0}])");
  Measure("edit: move", [&] { return Edit(text, move).has_value(); });
  const Json set = Operations(R"([{"op":"set","at":"/do/0/load0/with/method","value":"post"}])");
  Measure("edit: set", [&] { return Edit(text, set).has_value(); });
  Measure("edit: set, with its report", [&] { return EditReport(text, set, functions).has_value(); });
  Measure("format", [&] { return Format(text).has_value(); });
  Measure("complete", [&] { return Complete(text, middle, functions).from.line > 0; });
  Measure("hover", [&] { return HoverAt(text, {2, 3}, functions).has_value(); });
  Measure("diff with itself", [&] { return Diff(text, text).has_value(); });
}
