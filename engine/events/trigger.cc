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

// Whether the first event decides which others belong to it.
bool IsCorrelated(const dsl::EventStrategy& strategy) {
  return std::ranges::any_of(strategy.filters, [](const dsl::EventFilter& filter) {
    return std::ranges::any_of(filter.correlate, [](const auto& one) { return !one.expect; });
  });
}

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
    : program_(std::move(program)),
      limits_(std::move(limits)),
      is_correlated_(IsCorrelated(*program_->schedule->on)) {}

EventTrigger::Collection EventTrigger::Begun(std::int64_t now_us) const {
  const dsl::EventStrategy& strategy = *program_->schedule->on;
  Collection collection{.taken = {.filled = std::vector<bool>(strategy.filters.size()), .correlations = {}},
                        .until = {},
                        .read = {},
                        .since_us = now_us};
  if (strategy.until_events) collection.until.filled.resize(strategy.until_events->filters.size());
  return collection;
}

void EventTrigger::ForgetOldest() {
  forgotten_ += std::ssize(collections_.front().read);
  collected_ -= collections_.front().read.size();
  collections_.pop_front();
}

void EventTrigger::Bound(std::int64_t now_us) {
  while (collected_ > kEventsMax || collections_.size() > kCollectionsMax) ForgetOldest();
  while (is_correlated_ && !collections_.empty() && collections_.front().since_us < now_us - kKeptUs)
    ForgetOldest();
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

EventTrigger::Answer EventTrigger::OfferTo(Collection& collection, const Json& event,
                                           const EventEvaluator& evaluator) const {
  const dsl::Schedule& schedule = *program_->schedule;
  const dsl::EventStrategy& strategy = *schedule.on;
  Consumption& until = collection.until;
  std::optional<Taken> ends;
  if (strategy.until_events) ends = engine::Offer(*strategy.until_events, until, event, evaluator);
  bool satisfied = false;
  if (ends) {
    satisfied = SatisfiedBy(*strategy.until_events, until, *ends);
    if (ends->filter < until.filled.size()) until.filled[ends->filter] = true;
    until.correlations = ends->correlations;
  } else {
    const auto taken = engine::Offer(strategy, collection.taken, event, evaluator);
    if (!taken) return Answer::kNotWanted;
    satisfied = SatisfiedBy(strategy, collection.taken, *taken);
    if (taken->filter < collection.taken.filled.size()) collection.taken.filled[taken->filter] = true;
    collection.taken.correlations = taken->correlations;
    collection.read.push_back(ReadEvent(event, schedule.read));
    if (strategy.until_condition) {
      const auto enough = evaluator.Evaluate(*strategy.until_condition, Json::Array(collection.read));
      satisfied = enough && !enough->IsNull() && *enough != Json(false);
    }
  }
  return satisfied ? Answer::kSatisfied : Answer::kTaken;
}

// The oldest that wants it; a new one when none does.
std::optional<Json> EventTrigger::Offer(const StoredEvent& event, std::int64_t now_us) {
  if (WasSeen(event.position)) return std::nullopt;
  const TriggerEvaluator evaluator(*program_, limits_, now_us);
  for (std::size_t i = 0; i < collections_.size(); ++i) {
    const std::size_t before = collections_[i].read.size();
    const Answer answer = OfferTo(collections_[i], event.event, evaluator);
    if (answer == Answer::kNotWanted) continue;
    Remember(event.position);
    collected_ += collections_[i].read.size() - before;
    return Settled(i, answer, now_us);
  }
  if (!is_correlated_ && !collections_.empty()) return std::nullopt;
  Collection begun = Begun(now_us);
  const Answer answer = OfferTo(begun, event.event, evaluator);
  if (answer == Answer::kNotWanted) return std::nullopt;
  Remember(event.position);
  collected_ += begun.read.size();
  collections_.push_back(std::move(begun));
  return Settled(collections_.size() - 1, answer, now_us);
}

std::optional<Json> EventTrigger::Settled(std::size_t index, Answer answer, std::int64_t now_us) {
  if (answer != Answer::kSatisfied) {
    Bound(now_us);
    return std::nullopt;
  }
  const auto complete = collections_.begin() + static_cast<std::ptrdiff_t>(index);
  Json input = Json::Array(std::move(complete->read));
  collected_ -= input.AsArray().size();
  collections_.erase(complete);
  return input;
}

Json EventTrigger::ToJson() const {
  std::vector<Json> seen;
  for (const std::int64_t position : seen_) seen.emplace_back(position);
  std::vector<Json> collections;
  for (const Collection& one : collections_)
    collections.push_back(Json::Object({{"taken", ConsumptionJson(one.taken)},
                                        {"until", ConsumptionJson(one.until)},
                                        {"read", Json::Array(one.read)},
                                        {"since", one.since_us}}));
  return Json::Object({{"collections", Json::Array(std::move(collections))},
                       {"forgotten", forgotten_},
                       {"seen", Json::Array(std::move(seen))},
                       {"position", position_}});
}

void EventTrigger::Restore(const Json& state) {
  if (!state.IsObject()) return;
  position_ = state["position"].IntOr(0);
  forgotten_ = state["forgotten"].IntOr(0);
  if (state["seen"].IsArray()) {
    for (const Json& position : state["seen"].AsArray()) seen_.push_back(position.IntOr(0));
  }
  // Before there were several, the state was that of the only one.
  const Json only[] = {state};
  const auto stored = state["collections"].IsArray() ? state["collections"].AsArray() : std::span(only);
  for (const Json& one : stored) {
    Collection collection = Begun(one["since"].IntOr(0));
    if (!RestoreConsumption(one["taken"], collection.taken) ||
        !RestoreConsumption(one["until"], collection.until) || !one["read"].IsArray())
      continue;
    const auto read = one["read"].AsArray();
    collection.read.assign(read.begin(), read.end());
    collected_ += read.size();
    collections_.push_back(std::move(collection));
  }
}

}  // namespace elevaite::engine
