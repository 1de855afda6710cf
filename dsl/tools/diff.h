// Diff: what a new version of a workflow means for those who start it, read its results, listen to its
// events, and for executions that stand on its tasks.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "foundation/json.h"
#include "foundation/result.h"

namespace elevaite::dsl::tools {

enum class Impact : std::uint8_t { kBreaking, kRisky, kSafe };
std::string_view NameOf(Impact impact);  // "breaking", "risky", "safe"

enum class DiffCode : std::uint16_t {
#define DIFF_CODE(name, number, impact, title, explanation, advice) name = number,
#include "dsl/tools/diff_codes.def"
#undef DIFF_CODE
};

struct DiffInfo {
  DiffCode code;
  Impact impact;
  std::string_view title;
  std::string_view explanation;
  std::string_view advice;
};
std::span<const DiffInfo> AllDiffCodes();
const DiffInfo& InfoOf(DiffCode code);
std::string TextOf(DiffCode code);  // "DIFF001"

struct Difference {
  DiffCode code{};
  std::string before;  // JSON Pointer in the version before; empty when it is not there
  std::string after;
  std::string message;
};

// The breaking ones first. kInvalidWorkflow: one of the texts cannot be read.
Result<std::vector<Difference>> Diff(std::string_view before, std::string_view after);

// {"code", "severity", "before": pointer|null, "after", "message", "advice"}
Json ToJson(const Difference& difference);
// {"breaking": n, "risky", "safe", "changes": [...]}
Result<Json> DiffReport(std::string_view before, std::string_view after);

// docs/language/changes.md
std::string RenderDiffDocs();

}  // namespace elevaite::dsl::tools
