// For tests: one execution under a virtual clock that goes on input by input and can be moved to another
// program. Each step checks that folding the journal gives the state, and that something will move it.
#pragma once

#include <gtest/gtest.h>

#include <deque>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "engine/machine/fork.h"
#include "engine/machine/migration.h"
#include "engine/testing/functions.h"

namespace elevaite::engine {

class MigrationRun {
 public:
  using ProgramPtr = std::shared_ptr<const dsl::Program>;

  explicit MigrationRun(ProgramPtr program, MachineLimits limits = {})
      : program_(std::move(program)), limits_(std::move(limits)) {}

  const State& state() const { return state_; }
  const std::vector<Event>& events() const { return events_; }
  const std::deque<ScheduleActivity>& calls() const { return calls_; }
  const std::vector<Subscribe>& subscribed() const { return subscribed_; }
  const std::set<std::pair<std::int64_t, FrameId>>& timers() const { return timers_; }
  std::int64_t now_us() const { return now_us_; }
  bool ended() const { return IsFinal(state_.phase); }

  void Feed(const Input& input) {
    const Surroundings surroundings{.execution_id = "exe_test",
                                    .runtime = {},
                                    .secret = [](std::string_view) { return std::optional(Json("secret")); }};
    Take(Step(*program_, state_, input, now_us_, 0.5, limits_, surroundings));
  }

  // Instead of a start: a fork of the run whose events these are, before that one of them.
  MigrationRun& ForkFrom(const std::vector<Event>& events, std::size_t at, std::int64_t now_us,
                         std::optional<Json> input = std::nullopt) {
    for (std::size_t i = 0; i < at; ++i) Apply(state_, *program_, events[i]);
    folded_ = state_;
    events_.assign(events.begin(), events.begin() + static_cast<std::ptrdiff_t>(at));
    now_us_ = now_us;
    const ForkRequest request{.began = events[at],
                              .input = std::move(input),
                              .execution = "exe_past",
                              .note = Json::Object({{"by", "test"}})};
    Take(Fork(state_, *program_, request, now_us_));
    return *this;
  }
  // The place of the event with which a task of that name begins its run number `visit`.
  std::size_t BeginOf(std::string_view name, std::size_t visit = 1) const {
    State state;
    for (std::size_t i = 0; i < events_.size(); ++i) {
      const bool begins = BeginsTask(state, events_[i]) && program_->all.at(events_[i].task).name == name;
      if (begins && --visit == 0) return i;
      Apply(state, *program_, events_[i]);
    }
    ADD_FAILURE() << name << " has not begun";
    return 0;
  }
  MigrationRun& Pass(std::int64_t us) {
    now_us_ += us;
    return *this;
  }

  // Starts it; what can go on goes on, while no time passes and no call is answered.
  MigrationRun& Start(Json input = Json()) {
    Feed(engine::Start{std::move(input)});
    return Settle();
  }
  MigrationRun& Settle() {
    while (continues_ > 0) ContinueOnce();
    return *this;
  }
  // Answers the oldest call, or lets time pass until the next timer. False: there is neither.
  bool Move() {
    if (continues_ > 0) {
      ContinueOnce();
    } else if (!calls_.empty()) {
      Answer();
    } else if (!timers_.empty()) {
      const auto [due_us, frame] = *timers_.begin();
      timers_.erase(timers_.begin());
      now_us_ = std::max(now_us_, due_us);
      Feed(TimerFired{frame});
    } else {
      return false;
    }
    return true;
  }
  // With twice its argument `n`, and one.
  void Answer() {
    const ScheduleActivity call = calls_.front();
    calls_.pop_front();
    Feed(ActivityCompleted{call.frame, call.attempt, call.request["n"].IntOr(0) * 2 + 1});
  }
  void Send(Json event) {
    const Subscribe to = subscribed_.back();
    Feed(EventReceived{to.frame, ++position_, std::move(event)});
    Settle();
  }
  const Json& Finish() {
    while (!ended() && Move()) {
    }
    EXPECT_EQ(state_.phase, Phase::kCompleted) << state_.error.Dump();
    return state_.output;
  }

  MigrationPlan PlanTo(const ProgramPtr& to) const { return PlanMigration(state_, *program_, *to); }
  void MoveTo(const ProgramPtr& to, const MigrationPlan& plan) {
    Transition transition = Migrate(state_, *program_, *to, plan, {"because", "test"}, now_us_);
    program_ = to;
    Take(std::move(transition));
  }
  // "": it has moved; else the obstacles.
  std::string MoveTo(const ProgramPtr& to) {
    const MigrationPlan plan = PlanTo(to);
    std::string told;
    for (const Obstacle& one : plan.obstacles) told += one.task + " " + one.why + "\n";
    if (told.empty()) MoveTo(to, plan);
    return told;
  }

 private:
  void ContinueOnce() {
    --continues_;
    Feed(Continue{});
  }

  void Take(Transition transition) {
    for (Event& event : transition.events) {
      const auto stored = DecodeEvents(EncodeEvents({event})).value();
      Apply(folded_, *program_, stored.front());
      events_.push_back(std::move(event));
    }
    ASSERT_EQ(EncodeState(folded_), EncodeState(state_));
    state_ = DecodeState(EncodeState(state_)).value();  // go on from the snapshot
    ASSERT_TRUE(ended() || !PendingEffects(*program_, state_).empty()) << "nothing will move this execution";
    for (const Effect& effect : transition.effects) CarryOut(effect);
  }

  void CarryOut(const Effect& effect) {
    if (const auto* call = std::get_if<ScheduleActivity>(&effect)) calls_.push_back(*call);
    if (const auto* cancel = std::get_if<CancelActivity>(&effect))
      std::erase_if(calls_, [&](const auto& one) { return one.frame == cancel->frame; });
    if (const auto* timer = std::get_if<SetTimer>(&effect)) timers_.emplace(timer->due_us, timer->frame);
    if (const auto* clear = std::get_if<ClearTimer>(&effect)) timers_.erase({clear->due_us, clear->frame});
    if (const auto* subscribe = std::get_if<Subscribe>(&effect)) subscribed_.push_back(*subscribe);
    if (const auto* unsubscribe = std::get_if<Unsubscribe>(&effect))
      std::erase_if(subscribed_, [&](const auto& one) { return one.frame == unsubscribe->frame; });
    if (std::holds_alternative<ContinueLater>(effect)) ++continues_;
  }

  ProgramPtr program_;
  MachineLimits limits_;
  State state_;
  State folded_;
  std::vector<Event> events_;
  std::deque<ScheduleActivity> calls_;
  std::set<std::pair<std::int64_t, FrameId>> timers_;
  std::vector<Subscribe> subscribed_;
  int continues_ = 0;
  std::int64_t position_ = 0;
  std::int64_t now_us_ = 1'000'000;
};

}  // namespace elevaite::engine
