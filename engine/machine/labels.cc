#include "engine/machine/labels.h"

#include "dsl/expression.h"
#include "dsl/jq/jq.h"
#include "foundation/utf8.h"

namespace elevaite::engine {
namespace {

// Of one attribute: a path into the input takes some ten steps.
constexpr jq::Budget kBudget{.steps_max = 100'000,
                             .bytes_max = 4U << 20U,
                             .outputs_max = 100,
                             .time_max = std::chrono::milliseconds(20)};

// Null when it cannot be computed. Filters compile in about two microseconds, so they are not kept.
Json AttributeOf(const Json& declared, const Json& input, std::int64_t now_us) {
  if (!declared.IsString()) return declared;
  const std::string_view text = declared.AsString();
  const dsl::TextScan scan = dsl::ScanText(text);
  if (scan.kind != dsl::TextKind::kWhole) return declared;
  const auto filter = jq::Program::Compile(text.substr(scan.begin, scan.end - scan.begin));
  if (!filter) return {};
  return jq::EvaluateFirst(*filter, input, {}, {.budget = kBudget, .now_us = now_us}).value_or(Json());
}

}  // namespace

std::optional<std::string> LabelValue(const Json& value) {
  if (value.IsNull() || value.IsArray() || value.IsObject()) return std::nullopt;
  const std::string text = value.IsString() ? std::string(value.AsString()) : value.Dump();
  return std::string(Utf8Prefix(text, kLabelValueBytesMax));
}

std::vector<Label> LabelsOf(const dsl::Program& program, const Json& input, std::int64_t now_us) {
  std::vector<Label> labels;
  const auto add = [&labels](LabelKind kind, std::string_view name, const Json& value) {
    auto text = LabelValue(value);
    const bool has_name =
        !name.empty() && name.size() <= kLabelNameBytesMax && name.find('=') == std::string_view::npos;
    if (text && has_name && labels.size() < kLabelsMax)
      labels.push_back({kind, std::string(name), *std::move(text)});
  };
  const Json& attributes = program.metadata["elevaite"]["attributes"];
  if (attributes.IsObject()) {
    for (const auto& [name, declared] : attributes.AsObject())
      add(LabelKind::kAttribute, name.AsString(), AttributeOf(declared, input, now_us));
  }
  if (program.tags.IsObject()) {
    for (const auto& [name, value] : program.tags.AsObject()) add(LabelKind::kTag, name.AsString(), value);
  }
  return labels;
}

}  // namespace elevaite::engine
