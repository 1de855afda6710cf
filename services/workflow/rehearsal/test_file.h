// Test files: NAME.test.yaml beside NAME.yaml, a list of cases.
//
//   - name: the bank declines
//     given:
//       input: {order: '1002', amount: 250}
//       mocks:
//         - {task: askBank, error: {type: communication, status: 402}}
//     expect: {output: {charged: false}}
//
// docs/language/testing.md has all of it. What is wrong with a file is said in the compiler's diagnostics,
// with places in the file.
#pragma once

#include <cstdint>
#include <expected>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "dsl/diagnostic.h"
#include "dsl/jq/jq.h"
#include "dsl/parse.h"
#include "engine/machine/state.h"
#include "foundation/clock.h"
#include "foundation/json.h"

namespace elevaite::rehearsal {

inline constexpr std::size_t kCasesMax = 1'000;
inline constexpr std::size_t kMocksMax = 1'000;              // of a case; as many answers of a mock
inline constexpr dsl::Limits kFileLimits{.depth_max = 100};  // 1 MiB
inline constexpr std::string_view kTestFileEnding = ".test.yaml";

// What one call gets.
struct Answer {
  Json output;
  Json error;  // the DSL's error object; null: there is none
  std::int64_t delay_us = 0;
};

// Answers calls in place of who would do them. Exactly one of `task`, `call` and `workflow` is there.
struct Mock {
  std::string task;                 // its name, or its reference ("/do/0/fetch")
  std::string call;                 // "http", "llm.generate", "run.script", "flow.map"
  std::string workflow;             // of `run: workflow`: "name" or "namespace.name"
  std::optional<jq::Program> when;  // `.`: the request
  std::vector<Answer> answers;
  bool is_repeated = false;  // the one answer is given to all calls; else each once
  // An answer is what the task gives (`gives`), not what the call does: its `output.as` is not done.
  bool is_of_task = false;
};

struct SentEvent {
  Json attributes;
  std::optional<std::int64_t> after_us;  // since the start; none: as soon as something listens
};
struct CancelAt {
  std::int64_t after_us = 0;
  std::int64_t grace_us = 0;
  std::string reason;
};

struct Given {
  Json input;
  Timestamp at = Timestamp::FromMillis(1'767'225'600'000);  // 2026-01-01
  std::string zone = "UTC";                                 // of the schedule
  std::string base_url = "http://127.0.0.1:8000";           // $runtime.metadata.baseUrl
  std::map<std::string, Json> secrets;
  std::vector<Mock> mocks;
};
struct When {
  std::vector<SentEvent> events;
  std::optional<CancelAt> cancel;
  // The workflow is published and so much time passes; what starts it is its own schedule.
  std::optional<std::int64_t> passes_us;
};

struct ExpectedCall {
  std::string task;
  std::string call;
  Json request;  // what of it must be so
};
struct Expected {
  std::optional<engine::Phase> status;
  std::optional<Json> output;
  std::optional<Json> contains;  // members that the output must have, and may have more
  std::vector<jq::Program> checks;
  std::optional<Json> error;  // what of it must be so
  std::vector<std::string> ran;
  std::vector<std::string> never;
  std::optional<std::vector<ExpectedCall>> calls;
  std::optional<std::vector<Json>> events;
  std::optional<std::int64_t> duration_us;
  std::optional<std::vector<Timestamp>> starts;
};

struct Case {
  std::string name;
  std::uint32_t line = 1;
  Given given;
  When when;
  Expected expect;
};

// Whether a filter of a test file holds for the value. An evaluation has five million steps, a second at
// most.
std::expected<bool, jq::EvaluationError> Holds(const jq::Program& filter, const Json& value);

struct TestFile {
  std::vector<Case> cases;  // empty when there are errors
  std::vector<dsl::Diagnostic> diagnostics;
  bool is_valid = false;
};

// Names that a file may mention; of what is empty any.
struct KnownNames {
  std::vector<std::string> tasks;
  std::vector<std::string> calls;
};

// Reads nothing else but time zones. Hostile input costs bounded time.
TestFile ReadTestFile(std::string_view text, const KnownNames& known);

}  // namespace elevaite::rehearsal
