#include "engine/events/trigger.h"

#include <algorithm>
#include <iterator>
#include <utility>

#include "engine/machine/consumption.h"
#include "engine/machine/evaluate.h"

namespace elevaite::engine {
namespace {

constexpr std::int64_t kSeenMax = 1'000;

// There is no execution yet: of the variables only $workflow.definition and $runtime have a value.
class TriggerEvaluator final : public EventEvaluator {
 public:
  TriggerEvaluator(const dsl::Program& program, const MachineLimits& limits, std::int64_t now_us)
      : evaluator_(limits, now_us),
        scope_{.program = program, .state = state_, .surroundings = surroundings_} {}

  std::optional<Json> Evaluate(const dsl::Expression& what, const Json& input) const override {
    return ValueOf(dsl::Template::Computed(what), input);
  }
  std::optional<Json> Expected(const dsl::Template& what) const override { return ValueOf(what, Json()); }
  bool Test(const dsl::Expression& what, const Json& input) const {
    return evaluator_.Test(what, input, scope_).value_or(false);
  }

 private:
  std::optional<Json> ValueOf(const dsl::Template& what, const Json& input) const {
    auto value = evaluator_.Evaluate(what, input, scope_);
    return value ? std::optional(*std::move(value)) : std::nullopt;
  }

  State state_;
  Surroundings surroundings_;
  Evaluator evaluator_;
  ScopeArguments scope_;
};

Json ConsumptionJson(const Consumption& c) {
  std::vector<Json> filled;
  for (const bool one : c.filled) filled.emplace_back(one);
  return Json::Object({{"filled", Json::Array(std::move(filled))}, {"correlations", c.correlations}});
}

bool RestoreConsumption(const Json& state, Consumption& c) {
  const auto filled = state["filled"].IsArray() ? state["filled"].AsArray() : std::span<const Json>();
  if (filled.size() != c.filled.size()) return false;
  for (std::size_t i = 0; i < filled.size(); ++i) c.filled[i] = filled[i].BoolOr(false);
  c.correlations = state["correlations"];
  return true;
}

}  // namespace

EventTrigger::EventTrigger(std::shared_ptr<const dsl::Program> program, MachineLimits limits)
    : program_(std::move(program)), limits_(std::move(limits)) {
  Forget();
}

void EventTrigger::Forget() {
  const dsl::EventStrategy& strategy = *program_->schedule->on;
  taken_ = Consumption{.filled = std::vector<bool>(strategy.filters.size()), .correlations = {}};
  until_ = Consumption{};
  if (strategy.until_events) until_.filled.resize(strategy.until_events->filters.size());
  read_.clear();
}

bool EventTrigger::WasSeen(std::int64_t position) const {
  return std::ranges::binary_search(seen_, position);
}

void EventTrigger::Remember(std::int64_t position) {
  position_ = std::max(position_, position);
  seen_.insert(std::ranges::lower_bound(seen_, position), position);
  if (std::ssize(seen_) > kSeenMax) seen_.erase(seen_.begin());
}

std::int64_t EventTrigger::resumes_after() const { return std::max<std::int64_t>(position_ - kSeenMax, 0); }

Result<std::optional<Json>> EventTrigger::Offer(const StoredEvent& event, std::int64_t now_us) {
  if (WasSeen(event.position)) return std::nullopt;
  const dsl::Schedule& schedule = *program_->schedule;
  const dsl::EventStrategy& strategy = *schedule.on;
  const TriggerEvaluator evaluator(*program_, limits_, now_us);
  bool satisfied = false;
  std::optional<Taken> ends;
  if (strategy.until_events) ends = engine::Offer(*strategy.until_events, until_, event.event, evaluator);
  if (ends) {
    satisfied = SatisfiedBy(*strategy.until_events, until_, *ends);
    if (ends->filter < until_.filled.size()) until_.filled[ends->filter] = true;
    until_.correlations = ends->correlations;
  } else {
    const auto taken = engine::Offer(strategy, taken_, event.event, evaluator);
    if (!taken) return std::nullopt;
    if (read_.size() >= kEventsMax)
      return elevaite::Fail(ErrorCode::kResourceExhausted, "too many events were collected for one start");
    satisfied = SatisfiedBy(strategy, taken_, *taken);
    if (taken->filter < taken_.filled.size()) taken_.filled[taken->filter] = true;
    taken_.correlations = taken->correlations;
    read_.push_back(ReadEvent(event.event, schedule.read));
    if (strategy.until_condition) satisfied = evaluator.Test(*strategy.until_condition, Json::Array(read_));
  }
  Remember(event.position);
  if (!satisfied) return std::nullopt;
  Json input = Json::Array(std::exchange(read_, {}));
  Forget();
  return input;
}

Json EventTrigger::ToJson() const {
  std::vector<Json> seen;
  for (const std::int64_t position : seen_) seen.emplace_back(position);
  return Json::Object({{"taken", ConsumptionJson(taken_)},
                       {"until", ConsumptionJson(until_)},
                       {"read", Json::Array(read_)},
                       {"seen", Json::Array(std::move(seen))},
                       {"position", position_}});
}

void EventTrigger::Restore(const Json& state) {
  if (!state.IsObject()) return;
  position_ = state["position"].IntOr(0);
  if (state["seen"].IsArray()) {
    for (const Json& position : state["seen"].AsArray()) seen_.push_back(position.IntOr(0));
  }
  if (!RestoreConsumption(state["taken"], taken_) || !RestoreConsumption(state["until"], until_))
    return Forget();
  if (!state["read"].IsArray()) return;
  const auto read = state["read"].AsArray();
  read_.assign(read.begin(), read.end());
}

}  // namespace elevaite::engine
