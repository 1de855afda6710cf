#include "services/workflow/flow/holds.h"

#include <chrono>
#include <optional>
#include <string>
#include <utility>

#include "foundation/clock.h"
#include "foundation/log.h"

namespace elevaite::flow {
namespace {

constexpr std::chrono::milliseconds kKeyTime{5};  // the partition waits for it

// Nothing: the expression is not understood any more, and nobody knows whom the pause concerns.
std::optional<engine::Hold::Key> KeyOf(const Pause& pause) {
  auto key = KeyFrom(pause.expression);
  if (!key) {
    LogError("a stored pause of a key is not understood",
             {{"workflow", pause.workflow}, {"error", key.error().message}});
    return std::nullopt;
  }
  const auto of = [expression = **std::move(key)](const Json& input) -> std::optional<std::string> {
    auto text = KeyTextOf(expression, input, kKeyTime);
    if (!text) return std::nullopt;
    return *std::move(text);
  };
  return engine::Hold::Key{.name = pause.expression, .value = pause.key, .of = of};
}

}  // namespace

engine::Holds HoldsFrom(const std::vector<Pause>& pauses) {
  std::vector<engine::Hold> holds;
  for (const Pause& pause : pauses) {
    if (pause.running != Running::kHold) continue;
    std::optional<engine::Hold::Key> key;
    if (!pause.expression.empty()) {
      key = KeyOf(pause);
      if (!key) continue;
    }
    const auto text = [](const std::string& value) { return value.empty() ? Json() : Json(value); };
    holds.push_back({.account = pause.account,
                     .workflow = pause.workflow,
                     .key = std::move(key),
                     .scope = Json::Object({{"workflow", text(pause.workflow)},
                                            {"expression", text(pause.expression)},
                                            {"key", pause.expression.empty() ? Json() : Json(pause.key)},
                                            {"since", Timestamp::FromMicros(pause.created_us).ToRfc3339()}}),
                     .note = Json::Object({{"by", pause.by}, {"reason", pause.note}})});
  }
  return engine::Holds(std::move(holds));
}

}  // namespace elevaite::flow
