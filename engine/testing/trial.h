// A program under a virtual clock, one input after the other. Every step also checks that folding the events
// gives the state, and that a snapshot taken at that moment has the same future. For tests.
#pragma once

#include <gtest/gtest.h>

#include <functional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "engine/machine/machine.h"
#include "engine/testing/functions.h"

namespace elevaite::engine {

// Runs a program under a virtual clock, answering its calls as the test says.
class Trial {
 public:
  using Answer = std::function<Input(const ScheduleActivity&)>;

  struct Options {
    std::string_view head = "";        // keys before `do`
    std::string_view metadata = "{}";  // of the document
  };
  explicit Trial(std::string_view tasks, std::string_view head = "") { program_ = TestProgram(tasks, head); }
  Trial(std::string_view tasks, const Options& options)
      : program_(TestProgram(tasks, options.head, options.metadata)) {}

  Trial& OnCall(Answer answer) {
    answer_ = std::move(answer);
    return *this;
  }
  MachineLimits& limits() { return limits_; }
  const dsl::Program& program() const { return *program_; }
  const State& state() const { return state_; }
  const std::vector<Event>& events() const { return events_; }
  std::int64_t now_us() const { return now_us_; }
  std::size_t steps() const { return steps_; }
  std::size_t buried() const { return buried_; }
  const std::vector<std::string>& calls() const { return calls_; }

  // Until it ends or nothing moves it any more.
  Trial& Start(Json input) {
    if (!program_) return *this;
    Feed(engine::Start{std::move(input)});
    return GoOn();
  }

  // The same from where it stands.
  Trial& GoOn() {
    while (!IsFinal(state_.phase) && (!inputs_.empty() || !timers_.empty())) {
      if (inputs_.empty()) {
        const auto [due_us, frame] = *timers_.begin();
        timers_.erase(timers_.begin());
        now_us_ = std::max(now_us_, due_us);
        inputs_.push_back(TimerFired{frame});
      }
      const Input next = inputs_.front();
      inputs_.erase(inputs_.begin());
      Feed(next);
    }
    return *this;
  }

  // Lets time go by.
  Trial& Pass(std::int64_t us) {
    now_us_ += us;
    return *this;
  }
  Trial& FireDue() {
    while (!timers_.empty() && timers_.begin()->first <= now_us_) {
      const FrameId frame = timers_.extract(timers_.begin()).value().second;
      Feed(TimerFired{frame});
    }
    return *this;
  }
  // What has come in answer, at this time.
  Trial& Handle() {
    while (!inputs_.empty()) {
      const Input next = inputs_.front();
      inputs_.erase(inputs_.begin());
      Feed(next);
    }
    return *this;
  }

  Trial& Feed(const Input& input) {
    ++steps_;
    const Surroundings surroundings{.execution_id = "exe_test",
                                    .runtime = Json::Object({{"name", "elevaite"}})};
    Transition transition = Step(*program_, state_, input, now_us_, 0.5, limits_, surroundings);
    for (const Event& event : transition.events) {
      Apply(folded_, *program_, event);
      events_.push_back(event);
    }
    CheckFold(transition);
    for (const Effect& effect : transition.effects) CarryOut(effect);
    return *this;
  }

  std::string Names() const {
    std::string names;
    for (const Event& event : events_) {
      if (event.type != EventType::kTaskCompleted) continue;
      names += (names.empty() ? "" : " ") + program_->all[event.task].name;
    }
    return names;
  }

 private:
  void CheckFold(const Transition& transition) {
    ASSERT_EQ(EncodeState(folded_), EncodeState(state_));
    auto restored = DecodeState(EncodeState(state_));
    ASSERT_TRUE(restored) << restored.error().ToString();
    ASSERT_EQ(EncodeState(*restored), EncodeState(state_));
    state_ = *std::move(restored);  // go on from the snapshot
    if (!transition.events.empty()) {
      auto decoded = DecodeEvents(EncodeEvents(transition.events));
      ASSERT_TRUE(decoded);
      ASSERT_EQ(EncodeEvents(*decoded), EncodeEvents(transition.events));
    }
    const bool moved = IsFinal(state_.phase) || IsHeld(state_) || !PendingEffects(*program_, state_).empty();
    ASSERT_TRUE(moved) << "nothing will move this execution";
  }

  void CarryOut(const Effect& effect) {
    if (const auto* call = std::get_if<ScheduleActivity>(&effect)) {
      calls_.push_back(call->request.Dump());
      if (answer_) inputs_.push_back(answer_(*call));
    } else if (const auto* timer = std::get_if<SetTimer>(&effect)) {
      timers_.emplace(timer->due_us, timer->frame);
    } else if (const auto* clear = std::get_if<ClearTimer>(&effect)) {
      timers_.erase({clear->due_us, clear->frame});
    } else if (std::holds_alternative<BuryActivity>(effect)) {
      ++buried_;
    } else if (std::holds_alternative<ContinueLater>(effect)) {
      inputs_.push_back(Continue{});
    }
  }

  std::shared_ptr<const dsl::Program> program_;
  MachineLimits limits_;
  State state_;
  State folded_;
  std::vector<Event> events_;
  std::vector<Input> inputs_;
  std::set<std::pair<std::int64_t, FrameId>> timers_;
  std::vector<std::string> calls_;
  Answer answer_;
  std::int64_t now_us_ = 1'000'000;
  std::size_t steps_ = 0;
  std::size_t buried_ = 0;
};

}  // namespace elevaite::engine
