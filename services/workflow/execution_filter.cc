#include "services/workflow/execution_filter.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "dsl/error_types.h"
#include "foundation/clock.h"

namespace elevaite::workflow {
namespace {

using engine::ExecutionFilter;

// Of an id: 38 bits of its time, about a second. Fewer would be too many executions.
constexpr std::size_t kIdDigitsMin = 8;

auto Refuse(std::string message, std::string hint = {}) {
  return Fail(ErrorCode::kInvalidArgument, std::move(message), std::move(hint));
}

std::string Shown(std::string_view text) { return "'" + std::string(text.substr(0, 40)) + "'"; }

Result<void> ReadPhases(ExecutionFilter& filter, std::string_view text) {
  while (!text.empty()) {
    const std::size_t comma = std::min(text.find(','), text.size());
    const auto phase = engine::PhaseFromName(text.substr(0, comma));
    if (!phase)
      return Refuse(
          "unknown status " + Shown(text.substr(0, comma)),
          "one of pending, running, waiting, suspended, cancelled, faulted, completed; or queued, alone");
    if (std::ranges::find(filter.phases, *phase) == filter.phases.end()) filter.phases.push_back(*phase);
    text.remove_prefix(std::min(comma + 1, text.size()));
  }
  return {};
}

Result<void> ReadWorkflow(ExecutionFilter& filter, std::string_view text) {
  const std::size_t dot = text.find('.');
  filter.name_space = dot == std::string_view::npos ? "" : text.substr(0, dot);
  filter.workflow = dot == std::string_view::npos ? text : text.substr(dot + 1);
  return {};
}

Result<void> ReadError(ExecutionFilter& filter, std::string_view text) {
  const bool is_standard = dsl::FindErrorType(text) != nullptr;
  filter.error_type =
      is_standard ? std::string(dsl::kErrorTypeBase) + std::string(text) : dsl::NormalizeErrorType(text);
  return {};
}

Result<void> ReadLabel(ExecutionFilter& filter, engine::LabelKind kind, std::string_view text) {
  const std::size_t sign = text.find('=');
  if (sign == std::string_view::npos || sign == 0)
    return Refuse(Shown(text) + " is no name and value", "write for example tag=team=sales");
  if (filter.labels.size() >= ExecutionFilter::kLabelsMax)
    return Refuse(fmt::format("at most {} tags and attributes", ExecutionFilter::kLabelsMax));
  filter.labels.push_back({kind, std::string(text.substr(0, sign)),
                           engine::LabelValue(Json(std::string(text.substr(sign + 1)))).value_or("")});
  return {};
}

// The whole id or its beginning, with or without `exe_`.
Result<void> ReadId(ExecutionFilter& filter, std::string_view text) {
  constexpr std::size_t kDigits = 26;
  const std::string_view prefix = ExecutionTag::kPrefix;
  const std::string digits(text.starts_with(prefix) ? text.substr(prefix.size()) : text);
  const auto filled = [&](char with) {
    return Uuid::FromText(digits + std::string(kDigits - std::min(kDigits, digits.size()), with));
  };
  const auto first = filled('0');
  const auto last = filled('z');
  if (digits.size() < kIdDigitsMin || !first || !last)
    return Refuse(Shown(text) + " is not the beginning of an id",
                  fmt::format("write at least {} of its digits", kIdDigitsMin));
  filter.ids = {.first = ExecutionId(*first), .last = ExecutionId(*last)};
  return {};
}

Result<void> ReadTime(std::optional<std::int64_t>& time, std::string_view name, std::string_view text) {
  if (text.empty()) return {};
  const auto parsed = Timestamp::Parse(text);
  if (!parsed)
    return Refuse(fmt::format("{}: {}", name, parsed.error().message), "write it as 2026-11-20T09:00:00Z");
  time = parsed->micros();
  return {};
}

Result<void> ReadParameter(ExecutionFilter& filter, std::string_view name, const std::string& text) {
  if (name == "status") return ReadPhases(filter, text);
  if (name == "workflow") return ReadWorkflow(filter, text);
  if (name == "version") return filter.version = text, Result<void>();
  if (name == "error") return ReadError(filter, text);
  if (name == "tag") return ReadLabel(filter, engine::LabelKind::kTag, text);
  if (name == "attribute") return ReadLabel(filter, engine::LabelKind::kAttribute, text);
  if (name == "id") return text.empty() ? Result<void>() : ReadId(filter, text);
  if (name == "since") return ReadTime(filter.since_us, name, text);
  if (name == "until") return ReadTime(filter.until_us, name, text);
  if (name == "finished_since") return ReadTime(filter.finished_since_us, name, text);
  if (name == "finished_until") return ReadTime(filter.finished_until_us, name, text);
  if (name == "limit" || text.empty()) return {};
  if (name == "parent") {
    ASSIGN_OR_RETURN(filter.parent, ExecutionId::Parse(text));
  } else if (name == "cursor") {
    ASSIGN_OR_RETURN(filter.after, engine::ListCursor::Parse(text));
  }
  return {};
}

constexpr std::array<std::string_view, 14> kParameters{
    "workflow", "version", "status", "error",          "parent",         "tag",   "attribute",
    "id",       "since",   "until",  "finished_since", "finished_until", "limit", "cursor"};

}  // namespace

Result<ExecutionFilter> FilterFrom(const net::QueryParameters& parameters) {
  ExecutionFilter filter;
  for (auto at = parameters.begin(); at != parameters.end(); ++at) {
    const auto& [name, text] = *at;
    if (std::ranges::find(kParameters, name) == kParameters.end())
      return Refuse("unknown parameter " + Shown(name),
                    fmt::format("one of {}", fmt::join(kParameters, ", ")));
    const bool may_repeat = name == "tag" || name == "attribute";
    if (!may_repeat &&
        std::ranges::find(parameters.begin(), at, name, &net::QueryParameters::value_type::first) != at)
      return Refuse(Shown(name) + " is given twice");
    RETURN_IF_ERROR(ReadParameter(filter, name, text));
  }
  return filter;
}

}  // namespace elevaite::workflow
