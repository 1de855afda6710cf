#include "services/workflow/flow/holds.h"

#include <functional>
#include <utility>

#include "foundation/clock.h"
#include "foundation/log.h"

namespace elevaite::flow {
namespace {

// Nothing: the expression is not understood any more, and nobody knows whom the pause concerns.
std::optional<std::function<bool(const Json&)>> ConcernedBy(const Pause& pause) {
  if (pause.expression.empty()) return std::function<bool(const Json&)>();
  auto key = KeyFrom(pause.expression);
  if (!key) {
    LogError("a stored pause of a key is not understood",
             {{"workflow", pause.workflow}, {"error", key.error().message}});
    return std::nullopt;
  }
  return [expression = **std::move(key), value = pause.key](const Json& input) {
    const auto text = KeyTextOf(expression, input);
    return text && *text == value;
  };
}

}  // namespace

engine::Holds HoldsFrom(const std::vector<Pause>& pauses) {
  std::vector<engine::Hold> holds;
  for (const Pause& pause : pauses) {
    if (pause.running != Running::kHold) continue;
    auto concerns = ConcernedBy(pause);
    if (!concerns) continue;
    const auto text = [](const std::string& value) { return value.empty() ? Json() : Json(value); };
    holds.push_back({.account = pause.account,
                     .workflow = pause.workflow,
                     .concerns = *std::move(concerns),
                     .scope = Json::Object({{"workflow", text(pause.workflow)},
                                            {"expression", text(pause.expression)},
                                            {"key", pause.expression.empty() ? Json() : Json(pause.key)},
                                            {"since", Timestamp::FromMicros(pause.created_us).ToRfc3339()}}),
                     .note = Json::Object({{"by", pause.by}, {"reason", pause.note}})});
  }
  return engine::Holds(std::move(holds));
}

}  // namespace elevaite::flow
