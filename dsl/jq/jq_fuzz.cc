// Property: any text compiles or is refused with an error that lies inside it; any program runs within its
// budget and ends. Input: the filter, a NUL byte, a JSON text.
#include <chrono>
#include <cstdint>
#include <cstdlib>
#include <ctime>
#include <string_view>

#include "dsl/jq/jq.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace elevaite;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const std::size_t split = std::min(text.find('\0'), text.size());
  const std::string_view filter = text.substr(0, split);
  const auto program = jq::Program::Compile(filter, {.variables = {"context", "input"}});
  if (!program) {
    if (program.error().span.begin > filter.size() || program.error().message.empty()) std::abort();
    return 0;
  }
  Json input;
  if (split < text.size()) {
    if (auto parsed = ParseJson(text.substr(split + 1), {.depth_max = 100}); parsed)
      input = std::move(*parsed);
  }
  std::vector<Json> variables(program->variables().size(),
                              Json::Object({{"a", 1}, {"b", Json::Array({1, 2})}}));
  const jq::Budget budget{.steps_max = 20'000,
                          .bytes_max = 4U << 20U,
                          .outputs_max = 100,
                          .time_max = std::chrono::milliseconds(200)};
  const std::clock_t start = std::clock();  // of the processor: a busy machine proves nothing
  jq::Evaluation run(*program, input, variables, {.budget = budget});
  for (;;) {
    auto next = run.Next();
    if (!next) {
      if (next.error().span.begin > filter.size() && next.error().span.begin > 4096) std::abort();
      break;
    }
    if (!*next) break;
  }
  // Far more than the budget allows, even under sanitizers.
  if (std::clock() - start > 5 * CLOCKS_PER_SEC) std::abort();
  return 0;
}
