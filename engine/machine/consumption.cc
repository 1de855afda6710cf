#include "engine/machine/consumption.h"

#include <algorithm>
#include <set>
#include <string_view>

#include "foundation/base64.h"

namespace elevaite::engine {
namespace {

bool AttributeFits(const dsl::AttributeFilter& filter, const Json& event, const EventEvaluator& evaluator) {
  const Json* value = event.Find(filter.name);
  if (!filter.expression) return value && *value == filter.literal;
  const auto result = evaluator.Evaluate(*filter.expression, value ? *value : Json());
  if (!result || result->IsNull()) return false;
  return result->IsBool() ? result->AsBool() : value && *result == *value;
}

// The correlation values after this event; nullopt when one of them is not what is expected.
std::optional<Json> Correlate(const dsl::EventFilter& filter, Json known, const Json& event,
                              const EventEvaluator& evaluator) {
  for (const dsl::Correlation& one : filter.correlate) {
    const auto value = evaluator.Evaluate(one.from, event);
    if (!value || value->IsNull()) return std::nullopt;
    if (one.expect) {
      const auto expected = evaluator.Expected(*one.expect);
      if (!expected || !(*expected == *value)) return std::nullopt;
      continue;
    }
    if (const Json* first = known.Find(one.name)) {
      if (!(*first == *value)) return std::nullopt;
    } else {
      known = Json::WithMember(known.IsNull() ? Json::EmptyObject() : std::move(known), one.name, *value);
    }
  }
  return known;
}

std::optional<Json> Fits(const dsl::EventFilter& filter, const Json& known, const Json& event,
                         const EventEvaluator& evaluator) {
  const bool fits = std::ranges::all_of(
      filter.with, [&](const auto& attribute) { return AttributeFits(attribute, event, evaluator); });
  if (!fits) return std::nullopt;
  return Correlate(filter, known, event, evaluator);
}

}  // namespace

std::optional<Taken> Offer(const dsl::EventStrategy& strategy, const Consumption& so_far, const Json& event,
                           const EventEvaluator& evaluator) {
  using Mode = dsl::EventStrategy::Mode;
  if (strategy.filters.empty())
    return strategy.mode == Mode::kAny ? std::optional(Taken{0, so_far.correlations}) : std::nullopt;
  for (std::uint32_t i = 0; i < strategy.filters.size(); ++i) {
    if (strategy.mode == Mode::kAll && i < so_far.filled.size() && so_far.filled[i]) continue;
    if (auto values = Fits(strategy.filters[i], so_far.correlations, event, evaluator))
      return Taken{i, *std::move(values)};
  }
  return std::nullopt;
}

bool SatisfiedBy(const dsl::EventStrategy& strategy, const Consumption& so_far, const Taken& taken) {
  switch (strategy.mode) {
    case dsl::EventStrategy::Mode::kOne: return true;
    case dsl::EventStrategy::Mode::kAny: return strategy.EndsWithFirst();
    case dsl::EventStrategy::Mode::kAll: break;
  }
  for (std::size_t i = 0; i < strategy.filters.size(); ++i) {
    if (i != taken.filter && !(i < so_far.filled.size() && so_far.filled[i])) return false;
  }
  return true;
}

bool SatisfiedAtOnce(const dsl::EventStrategy& strategy) {
  return strategy.mode == dsl::EventStrategy::Mode::kAll && strategy.filters.empty();
}

bool NeverEnds(const dsl::EventStrategy& strategy) {
  if (!strategy.until_condition) return false;
  std::string_view text = strategy.until_condition->text();
  while (text.starts_with(' ')) text.remove_prefix(1);
  while (text.ends_with(' ')) text.remove_suffix(1);
  return text == "false";
}

Json ReadEvent(const Json& event, dsl::EventRead read) {
  if (read == dsl::EventRead::kEnvelope) return event;
  const Json* binary = event.Find("data_base64");
  if (read == dsl::EventRead::kData) return binary ? *binary : event["data"];
  if (binary) return *binary;
  const Json& data = event["data"];
  return Base64Encode(data.IsString() ? std::string(data.AsString()) : data.Dump());
}

std::vector<std::string> TypesOf(const dsl::EventStrategy& strategy) {
  std::set<std::string> types;
  const auto add = [&](const dsl::EventStrategy& part) {
    for (const dsl::EventFilter& filter : part.filters) {
      const auto type = std::ranges::find(filter.with, "type", &dsl::AttributeFilter::name);
      if (type == filter.with.end() || type->expression || !type->literal.IsString()) return false;
      types.emplace(type->literal.AsString());
    }
    return !part.filters.empty();
  };
  if (!add(strategy) || (strategy.until_events && !add(*strategy.until_events))) return {};
  return {types.begin(), types.end()};
}

}  // namespace elevaite::engine
