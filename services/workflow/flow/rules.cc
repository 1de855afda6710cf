#include "services/workflow/flow/rules.h"

#include <fmt/format.h>

#include <algorithm>

#include "dsl/expression.h"
#include "dsl/jq/jq.h"
#include "services/workflow/fields.h"

namespace elevaite::flow {
namespace {

using std::chrono::hours;
using std::chrono::microseconds;
using std::chrono::milliseconds;
using workflow::Fields;

constexpr std::size_t kExpressionBytesMax = 4U << 10U;
constexpr microseconds kPeriodLeast = milliseconds(1);
constexpr microseconds kPeriodMost = hours(24 * 366);
constexpr microseconds kCollectMost = hours(24 * 7);
// How long a whole burst may take at the pace of its rule: times are counted in microseconds, in 64 bits.
constexpr microseconds kBurstMost = hours(24 * 366 * 10);

// Without ${ } and the blanks around it: keys are known by this text.
std::string_view Unwrapped(std::string_view text) {
  const dsl::TextScan scan = dsl::ScanText(text);
  if (scan.kind == dsl::TextKind::kWhole) text = text.substr(scan.begin, scan.end - scan.begin);
  constexpr std::string_view kBlanks = " \t\r\n";
  const std::size_t first = text.find_first_not_of(kBlanks);
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(kBlanks) - first + 1);
}

Result<dsl::Expression> Compile(const Fields& fields, std::string_view name, std::string_view text) {
  auto program = jq::Program::Compile(Unwrapped(text), {.text_bytes_max = kExpressionBytesMax});
  if (program) return dsl::Expression(*std::move(program));
  return fields.Wrong(name, "is no jq expression: " + program.error().message, program.error().hint);
}

Result<Key> KeyOf(const Fields& fields) {
  ASSIGN_OR_RETURN(const auto text, fields.Text("key", kExpressionBytesMax));
  if (!text) return Key();
  ASSIGN_OR_RETURN(dsl::Expression expression, Compile(fields, "key", *text));
  return Key(std::move(expression));
}

Result<std::int64_t> DurationOf(const Fields& fields, std::string_view name, microseconds otherwise,
                                microseconds most) {
  if (fields.Find(name) == nullptr && otherwise.count() == 0)
    return fields.Wrong(name, "is missing", "for example: 10s");
  ASSIGN_OR_RETURN(const microseconds time, fields.Duration(name, otherwise, kPeriodLeast, most));
  return time.count();
}

constexpr std::string_view kStopHint = "to let nothing start, pause the workflow instead";

Result<Concurrency> ConcurrencyFrom(const Json& json, std::string_view where) {
  ASSIGN_OR_RETURN(const Fields fields, Fields::Of(json, where, {"limit", "key"}));
  Concurrency rule;
  ASSIGN_OR_RETURN(rule.limit, fields.Count("limit", {}, kLimitMax, std::string(kStopHint)));
  ASSIGN_OR_RETURN(rule.key, KeyOf(fields));
  return rule;
}

// One, or a list of them.
Result<std::vector<Concurrency>> ConcurrencyRules(const Fields& all, const Json& json) {
  std::vector<Concurrency> rules;
  if (!json.IsArray()) {
    ASSIGN_OR_RETURN(Concurrency rule, ConcurrencyFrom(json, "concurrency."));
    rules.push_back(std::move(rule));
    return rules;
  }
  if (json.AsArray().size() > kConcurrencyRulesMax)
    return all.Wrong("concurrency", fmt::format("may have {} rules at most", kConcurrencyRulesMax));
  for (const Json& one : json.AsArray()) {
    const std::string where = fmt::format("concurrency[{}].", rules.size());
    ASSIGN_OR_RETURN(Concurrency rule, ConcurrencyFrom(one, where));
    const auto same = [&](const Concurrency& other) {
      return (other.key ? other.key->text() : "") == (rule.key ? rule.key->text() : "");
    };
    if (std::ranges::any_of(rules, same))
      return all.Wrong("concurrency", "has two rules for the same key", "keep the smaller limit");
    rules.push_back(std::move(rule));
  }
  return rules;
}

enum class BurstDefault : std::uint8_t { kOne, kLimit };

Result<Pace> PaceFrom(const Json& json, std::string_view where, BurstDefault burst) {
  ASSIGN_OR_RETURN(const Fields fields, Fields::Of(json, where, {"limit", "period", "burst", "key"}));
  Pace pace;
  ASSIGN_OR_RETURN(pace.limit, fields.Count("limit", {}, kLimitMax, std::string(kStopHint)));
  ASSIGN_OR_RETURN(pace.period_us, DurationOf(fields, "period", microseconds(0), kPeriodMost));
  const std::int64_t otherwise = burst == BurstDefault::kLimit ? pace.limit : 1;
  ASSIGN_OR_RETURN(pace.burst, fields.Count("burst", otherwise, kLimitMax));
  ASSIGN_OR_RETURN(pace.key, KeyOf(fields));
  if (pace.limit > pace.period_us)
    return fields.Wrong("limit", "is more than one in a microsecond", "leave the rule out");
  if (pace.burst > kBurstMost.count() / (pace.period_us / pace.limit))
    return fields.Wrong("burst", "is more than ten years of this pace",
                        "a smaller `burst`, or a shorter `period`");
  return pace;
}

Result<Debounce> DebounceFrom(const Json& json) {
  ASSIGN_OR_RETURN(const Fields fields, Fields::Of(json, "debounce.", {"period", "max_wait", "key"}));
  Debounce rule;
  ASSIGN_OR_RETURN(rule.period_us, DurationOf(fields, "period", microseconds(0), kCollectMost));
  const microseconds most = std::min<microseconds>(microseconds(rule.period_us) * 10, kCollectMost);
  ASSIGN_OR_RETURN(rule.max_wait_us, DurationOf(fields, "max_wait", most, kCollectMost));
  ASSIGN_OR_RETURN(rule.key, KeyOf(fields));
  if (rule.max_wait_us < rule.period_us) return fields.Wrong("max_wait", "is shorter than `period`");
  return rule;
}

Result<Singleton> SingletonFrom(const Json& json) {
  ASSIGN_OR_RETURN(const Fields fields, Fields::Of(json, "singleton.", {"on_second", "key"}));
  Singleton rule;
  ASSIGN_OR_RETURN(const auto on_second, fields.Text("on_second", 20));
  if (on_second && *on_second != "skip" && *on_second != "cancel_first")
    return fields.Wrong("on_second", "is not known", "skip (the second is not started) or cancel_first");
  rule.on_second = on_second && *on_second == "cancel_first" ? OnSecond::kCancelFirst : OnSecond::kSkip;
  ASSIGN_OR_RETURN(rule.key, KeyOf(fields));
  return rule;
}

Result<Collecting> BatchFrom(const Json& json) {
  constexpr std::int64_t kSizeMax = 1'000;
  ASSIGN_OR_RETURN(const Fields fields, Fields::Of(json, "batch.", {"size", "timeout", "key"}));
  Collecting rule;
  ASSIGN_OR_RETURN(rule.size, fields.Count("size", {}, kSizeMax));
  ASSIGN_OR_RETURN(rule.timeout_us, DurationOf(fields, "timeout", microseconds(0), kCollectMost));
  ASSIGN_OR_RETURN(rule.key, KeyOf(fields));
  return rule;
}

Result<Fairness> FairnessFrom(const Json& json) {
  ASSIGN_OR_RETURN(const Fields fields, Fields::Of(json, "fairness.", {"key", "weights"}));
  Fairness rule;
  ASSIGN_OR_RETURN(rule.key, KeyOf(fields));
  if (!rule.key) return fields.Wrong("key", "is missing", "for example: ${ .tenant }");
  const Json* weights = fields.Find("weights");
  if (weights == nullptr) return rule;
  if (!weights->IsObject() || weights->AsObject().size() > kWeightsMax)
    return fields.Wrong("weights", fmt::format("must be an object of up to {} numbers", kWeightsMax));
  for (const auto& [key, weight] : weights->AsObject()) {
    const std::int64_t number = weight.IsInt64() ? weight.AsInt64() : 0;
    if (number < 1 || number > kWeightMax)
      return fields.Wrong("weights", fmt::format("has no whole number from 1 to {} for '{}'", kWeightMax,
                                                 key.AsString().substr(0, 40)));
    rule.weights.emplace(key.AsString(), static_cast<std::uint32_t>(number));
  }
  return rule;
}

Result<void> ReadPriority(const Fields& fields, WorkflowRules& rules) {
  const Json* value = fields.Find("priority");
  if (value == nullptr) return {};
  if (value->IsString()) {
    ASSIGN_OR_RETURN(rules.priority, Compile(fields, "priority", value->AsString()));
    return {};
  }
  ASSIGN_OR_RETURN(
      const std::int64_t fixed,
      fields.Count("priority", {}, kPriorityLast, "1 goes first, 5 last; or an expression that gives it"));
  rules.priority_fixed = static_cast<std::uint8_t>(fixed);
  return {};
}

Result<void> ReadCaps(const Json& json, std::int64_t& most, std::int64_t* per_key) {
  ASSIGN_OR_RETURN(const Fields fields, per_key != nullptr
                                            ? Fields::Of(json, "queue.", {"max", "max_per_key"})
                                            : Fields::Of(json, "queue.", {"max"}));
  ASSIGN_OR_RETURN(most, fields.Count("max", kQueuedMaxDefault, kQueuedMaxMost));
  if (per_key != nullptr) {
    ASSIGN_OR_RETURN(*per_key, fields.Count("max_per_key", kQueuedMaxDefault, kQueuedMaxMost));
  }
  return {};
}

template <class T, class Read>
Result<void> ReadRule(const Fields& fields, std::string_view name, std::optional<T>& rule, const Read& read) {
  if (const Json* json = fields.Find(name)) {
    ASSIGN_OR_RETURN(rule, read(*json));
  }
  return {};
}

}  // namespace

std::uint32_t Fairness::WeightOf(std::string_view value) const {
  const auto found = weights.find(value);
  return found == weights.end() ? 1 : found->second;
}

bool WorkflowRules::empty() const {
  return concurrency.empty() && !throttle && !rate_limit && !debounce && !singleton && !batch;
}

Result<WorkflowRules> WorkflowRulesFrom(const Json& object) {
  ASSIGN_OR_RETURN(const Fields fields, Fields::Of(object, "",
                                                   {"concurrency", "throttle", "rate_limit", "debounce",
                                                    "singleton", "batch", "priority", "fairness", "queue"}));
  WorkflowRules rules{.source = object};
  if (const Json* json = fields.Find("concurrency")) {
    ASSIGN_OR_RETURN(rules.concurrency, ConcurrencyRules(fields, *json));
  }
  RETURN_IF_ERROR(ReadRule(fields, "throttle", rules.throttle,
                           [](const Json& json) { return PaceFrom(json, "throttle.", BurstDefault::kOne); }));
  RETURN_IF_ERROR(ReadRule(fields, "rate_limit", rules.rate_limit, [](const Json& json) {
    return PaceFrom(json, "rate_limit.", BurstDefault::kLimit);
  }));
  RETURN_IF_ERROR(ReadRule(fields, "debounce", rules.debounce, DebounceFrom));
  RETURN_IF_ERROR(ReadRule(fields, "singleton", rules.singleton, SingletonFrom));
  RETURN_IF_ERROR(ReadRule(fields, "batch", rules.batch, BatchFrom));
  RETURN_IF_ERROR(ReadRule(fields, "fairness", rules.fairness, FairnessFrom));
  RETURN_IF_ERROR(ReadPriority(fields, rules));
  if (const Json* json = fields.Find("queue"))
    RETURN_IF_ERROR(ReadCaps(*json, rules.queued_max, &rules.queued_per_key_max));
  if (rules.debounce && rules.batch)
    return fields.Wrong("debounce", "and `batch` do not go together",
                        "debounce keeps the last input, batch all of them");
  return rules;
}

Result<AccountRules> AccountRulesFrom(const Json& object) {
  ASSIGN_OR_RETURN(const Fields fields, Fields::Of(object, "", {"concurrency", "queue", "weight"}));
  AccountRules rules{.source = object};
  if (fields.Find("concurrency") != nullptr) {
    ASSIGN_OR_RETURN(rules.concurrency, fields.Count("concurrency", {}, kLimitMax,
                                                     "to let nothing start, pause the account instead"));
  }
  if (const Json* json = fields.Find("queue")) RETURN_IF_ERROR(ReadCaps(*json, rules.queued_max, nullptr));
  ASSIGN_OR_RETURN(const std::int64_t weight, fields.Count("weight", 1, kWeightMax));
  rules.weight = static_cast<std::uint32_t>(weight);
  return rules;
}

// ---- Keys

std::optional<std::string> KeyNamed(const Json& definition, std::string_view expression) {
  const auto rules = WorkflowRulesFrom(definition);
  if (!rules) return std::nullopt;
  std::string text(Unwrapped(expression));
  const auto is = [&](const Key& key) { return key && key->text() == text; };
  const bool is_one =
      std::ranges::any_of(rules->concurrency, [&](const Concurrency& rule) { return is(rule.key); }) ||
      (rules->throttle && is(rules->throttle->key)) || (rules->fairness && is(rules->fairness->key));
  return is_one ? std::optional(std::move(text)) : std::nullopt;
}

std::string_view RunKeys::Of(const Key& key) const {
  if (!key) return {};
  const auto found =
      std::ranges::lower_bound(values, key->text(), {}, &std::pair<std::string, std::string>::first);
  return found == values.end() || found->first != key->text() ? std::string_view() : found->second;
}

bool RunKeys::HasValue(std::string_view value) const {
  return std::ranges::find(values, value, &std::pair<std::string, std::string>::second) != values.end();
}

Json RunKeys::ToJson() const {
  std::vector<Json::Member> members;
  for (const auto& [expression, value] : values)
    members.emplace_back(std::string_view(expression), Json(value));
  return Json::Object(std::move(members));
}

Result<RunKeys> RunKeys::FromJson(const Json& json) {
  RunKeys keys;
  if (!json.IsObject()) return Fail(ErrorCode::kDataLoss, "the keys of a run are no object");
  for (const auto& [expression, value] : json.AsObject())
    keys.values.emplace_back(expression.AsString(), value.StringOr(""));
  std::ranges::sort(keys.values);
  return keys;
}

namespace {

constexpr milliseconds kArrivalTime{100};  // for each expression

class NoVariables final : public dsl::Scope {
 public:
  Json Variable(std::string_view /*name*/) const override { return {}; }
};

Result<Json> Evaluate(const dsl::Expression& expression, const Json& input, milliseconds time_max) {
  const NoVariables scope;
  const jq::Budget budget{
      .steps_max = 1'000'000, .bytes_max = 16U << 20U, .outputs_max = 1'000, .time_max = time_max};
  auto value = expression.Evaluate(input, {.scope = scope, .options = {.budget = budget}});
  if (value) return *std::move(value);
  return Fail(
      ErrorCode::kInvalidArgument,
      fmt::format("the flow control of this workflow cannot use the input: {}", value.error().message),
      "expression: " + value.error().expression);
}

Result<void> AddKey(RunKeys& keys, const Key& key, const Json& input) {
  if (!key) return {};
  const auto same = [&](const auto& one) { return one.first == key->text(); };
  if (std::ranges::any_of(keys.values, same)) return {};
  ASSIGN_OR_RETURN(std::string text, KeyTextOf(*key, input, kArrivalTime));
  keys.values.emplace_back(key->text(), std::move(text));
  return {};
}

}  // namespace

Result<Key> KeyFrom(std::string_view text) {
  auto program = jq::Program::Compile(Unwrapped(text), {.text_bytes_max = kExpressionBytesMax});
  if (program) return Key(dsl::Expression(*std::move(program)));
  return Fail(ErrorCode::kInvalidArgument, "the key is no jq expression: " + program.error().message,
              program.error().hint);
}

Result<std::string> KeyTextOf(const dsl::Expression& key, const Json& input, milliseconds time_max) {
  ASSIGN_OR_RETURN(const Json value, Evaluate(key, input, time_max));
  std::string text = value.IsString() ? std::string(value.AsString()) : value.IsNull() ? "" : value.Dump();
  if (text.size() <= kKeyBytesMax) return text;
  return Fail(ErrorCode::kInvalidArgument,
              fmt::format("a key of flow control has {} bytes; {} are allowed", text.size(), kKeyBytesMax),
              "expression: " + key.text());
}

Result<RunDemands> DemandsOf(const WorkflowRules& rules, const Json& input) {
  RunDemands demands{.priority = rules.priority_fixed};
  for (const Concurrency& rule : rules.concurrency) RETURN_IF_ERROR(AddKey(demands.keys, rule.key, input));
  if (rules.throttle) RETURN_IF_ERROR(AddKey(demands.keys, rules.throttle->key, input));
  if (rules.fairness) RETURN_IF_ERROR(AddKey(demands.keys, rules.fairness->key, input));
  if (rules.rate_limit) RETURN_IF_ERROR(AddKey(demands.on_arrival, rules.rate_limit->key, input));
  if (rules.debounce) RETURN_IF_ERROR(AddKey(demands.on_arrival, rules.debounce->key, input));
  if (rules.singleton) RETURN_IF_ERROR(AddKey(demands.on_arrival, rules.singleton->key, input));
  if (rules.batch) RETURN_IF_ERROR(AddKey(demands.on_arrival, rules.batch->key, input));
  std::ranges::sort(demands.keys.values);
  std::ranges::sort(demands.on_arrival.values);
  if (!rules.priority) return demands;
  ASSIGN_OR_RETURN(const Json value, Evaluate(*rules.priority, input, kArrivalTime));
  const std::int64_t priority = value.IsInt64() ? value.AsInt64() : 0;
  if (priority < kPriorityFirst || priority > kPriorityLast)
    return Fail(ErrorCode::kInvalidArgument,
                "the priority of a run must be a whole number from 1 to 5; its expression gave " +
                    value.Dump().substr(0, 40),
                "expression: " + rules.priority->text());
  demands.priority = static_cast<std::uint8_t>(priority);
  return demands;
}

}  // namespace elevaite::flow
