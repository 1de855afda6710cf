// Whatever the bytes are: the reader says what is wrong or gives cases, and a case can be played.
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "connectors/all.h"
#include "dsl/compile.h"
#include "services/workflow/rehearsal/play.h"
#include "services/workflow/rehearsal/verdict.h"

namespace {

constexpr std::string_view kDocument = R"(
document: {dsl: '1.0.3', namespace: test, name: main, version: '1.0.0'}
use: {secrets: [key]}
schedule: {every: PT1H}
do:
  - ask: {call: http, with: {method: get, endpoint: 'https://a.example'}, timeout: {after: PT1M}}
  - choose: {switch: [{one: {when: '${ . == 1 }', then: end}}, {rest: {then: hear}}]}
  - hear: {listen: {to: {one: {with: {type: heard}}}}}
  - say: {emit: {event: {with: {source: 'https://a.example', type: said}}}}
)";

const std::shared_ptr<const elevaite::dsl::Program>& Program() {
  static const elevaite::connectors::Registry functions = elevaite::connectors::Descriptors();
  static const auto program = elevaite::dsl::Compile(kDocument, {.functions = &functions}).program;
  return program;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace elevaite::rehearsal;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const TestFile file = ReadTestFile(text, {});
  if (file.is_valid && file.cases.empty()) __builtin_trap();
  if (!file.is_valid && file.diagnostics.empty()) __builtin_trap();
  for (std::size_t i = 0; i < file.cases.size() && i < 3; ++i) {
    const Played played =
        Play(file.cases[i], Program(), {}, {.wall_time = std::chrono::milliseconds(200), .moves_max = 100});
    static_cast<void>(Judge(file.cases[i], played));
  }
  return 0;
}
