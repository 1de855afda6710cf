#include "services/workflow/schedule/input.h"

#include <chrono>
#include <utility>
#include <vector>

#include "dsl/expression.h"
#include "dsl/jq/jq.h"

namespace elevaite::workflow {
namespace {

constexpr std::size_t kExpressionBytesMax = 4'096;
constexpr jq::Budget kBudget{.steps_max = 1'000'000,
                             .bytes_max = 16U << 20U,
                             .outputs_max = 1'000,
                             .time_max = std::chrono::milliseconds(100)};

class NoVariables final : public dsl::Scope {
 public:
  Json Variable(std::string_view /*name*/) const override { return {}; }
};

Result<Json> Compute(std::string_view text, const Json& start) {
  auto program = jq::Program::Compile(text, {.text_bytes_max = kExpressionBytesMax});
  if (!program)
    return Fail(ErrorCode::kInvalidArgument, "input: " + program.error().message, program.error().hint);
  const NoVariables scope;
  auto value =
      dsl::Expression(*std::move(program)).Evaluate(start, {.scope = scope, .options = {.budget = kBudget}});
  if (value) return *std::move(value);
  return Fail(ErrorCode::kInvalidArgument, "input: " + value.error().message,
              "expression: " + value.error().expression);
}

// Without copies where nothing is computed.
Result<Json> Fill(const Json& value, const Json& start) {
  if (value.IsString()) {
    const std::string_view text = value.AsString();
    const dsl::TextScan scan = dsl::ScanText(text);
    if (scan.kind == dsl::TextKind::kLiteral) return value;
    if (scan.kind != dsl::TextKind::kWhole)
      return Fail(ErrorCode::kInvalidArgument,
                  "input: an expression is a whole text: '" + std::string(text.substr(0, 60)) + "'",
                  R"(write for example "${ \"day \" + .due[:10] }")");
    return Compute(text.substr(scan.begin, scan.end - scan.begin), start);
  }
  if (value.IsArray()) {
    std::vector<Json> items;
    for (const Json& item : value.AsArray()) {
      ASSIGN_OR_RETURN(Json filled, Fill(item, start));
      items.push_back(std::move(filled));
    }
    return Json::Array(std::move(items));
  }
  if (!value.IsObject()) return value;
  std::vector<Json::Member> members;
  for (const auto& [name, member] : value.AsObject()) {
    ASSIGN_OR_RETURN(Json filled, Fill(member, start));
    members.emplace_back(name, std::move(filled));
  }
  return Json::Object(std::move(members));
}

}  // namespace

Result<Json> InputFor(const Json& input, std::string_view schedule, const Occasion& occasion) {
  return Fill(input, Json::Object({{"schedule", schedule},
                                   {"due", Timestamp::FromMicros(occasion.time_us).ToRfc3339()},
                                   {"cause", NameOf(occasion.cause)}}));
}

Result<void> CheckInput(const Json& input) {
  constexpr std::int64_t kSomeTimeUs = 1'764'115'200'000'000;  // 2025-11-26
  RETURN_IF_ERROR(InputFor(input, "schedule", {.time_us = kSomeTimeUs}));
  return {};
}

}  // namespace elevaite::workflow
