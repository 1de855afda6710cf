#include "services/workflow/rehearsal/play.h"

#include <fmt/format.h>

#include <algorithm>
#include <deque>
#include <map>
#include <utility>

#include "foundation/text.h"

namespace elevaite::rehearsal {
namespace {

using SteadyClock = std::chrono::steady_clock;

using ProgramPtr = std::shared_ptr<const dsl::Program>;

bool IsOfTask(const std::vector<Mock>& mocks, const dsl::Task& task) {
  return std::ranges::any_of(mocks, [&](const Mock& mock) {
    return mock.is_of_task && (mock.task == task.name || mock.task == task.reference);
  });
}

// The same program, without the `output.as` of the tasks whose mocks say what they give when it is done.
ProgramPtr WithoutOutputOfMocked(ProgramPtr program, const std::vector<Mock>& mocks) {
  if (std::ranges::none_of(mocks, &Mock::is_of_task)) return program;
  auto changed = std::make_shared<dsl::Program>(*program);
  for (dsl::Task& task : changed->all)
    if (IsOfTask(mocks, task)) task.output_as = {};
  return changed;
}

class Player {
 public:
  Player(const Case& test, ProgramPtr program, const std::vector<ProgramPtr>& others,
         const PlayLimits& limits)
      : test_(test),
        program_(WithoutOutputOfMocked(std::move(program), test.given.mocks)),
        limits_(limits),
        began_(SteadyClock::now()) {
    auto calls = std::make_unique<MockedCalls>(test.given.mocks);
    calls_ = calls.get();
    StageOptions options{
        .runtime = Json::Object({{"name", "elevaite"},
                                 {"version", "test"},
                                 {"metadata", Json::Object({{"baseUrl", test.given.base_url}})}}),
        .stops = [this] { return IsOver(); }};
    options.limits.tasks_max = limits.tasks_max;
    stage_ = std::make_unique<Stage>(std::move(calls), std::move(options));
    calls_->Use(*stage_, [this] { return IsOver(); });
    stage_->SetTime(test.given.at);
    for (const auto& [name, value] : test.given.secrets) stage_->SetSecret(name, value);
    for (const auto& other : others) stage_->Publish(other);
    stage_->Publish(program_);
    for (const SentEvent& event : test.when.events) {
      if (event.after_us)
        timed_.emplace(*event.after_us, event.attributes);
      else
        awaited_.push_back(event.attributes);
    }
    cancel_ = test.when.cancel;
  }

  Played Run() && {
    start_us_ = stage_->now_us();
    if (test_.when.passes_us)
      stage_->Install(program_, {.zone = test_.given.zone});
    else
      main_ = stage_->Start(program_, test_.given.input);
    for (std::size_t moves = 0; trouble_.empty() && !IsDone(); ++moves) {
      if (stage_->is_stopped() || moves >= limits_.moves_max) break;
      if (SendAwaited()) continue;
      const auto next = NextUs();
      if (!next) break;
      if (*next - start_us_ > limits_.virtual_us) break;
      Move(*next);
    }
    return Outcome();
  }

 private:
  bool IsOver() const {
    return !calls_->unanswered().empty() || SteadyClock::now() - began_ > limits_.wall_time;
  }

  // A schedule starts others after an execution has ended; else its end is all.
  bool IsDone() const {
    return main_ && !test_.when.passes_us && stage_->Knows(*main_) && stage_->run(*main_).ended();
  }

  // The next of the events that come as soon as something listens.
  bool SendAwaited() {
    if (awaited_.empty() || !stage_->IsListenedTo()) return false;
    Send(awaited_.front());
    awaited_.pop_front();
    return true;
  }

  void Send(const Json& event) {
    if (const auto sent = stage_->Send(event); !sent) trouble_ = sent.error().message;
  }

  std::optional<std::int64_t> NextUs() const {
    std::optional<std::int64_t> next = stage_->NextDueUs();
    const auto note = [&](std::int64_t after_us) {
      next = std::min(next.value_or(start_us_ + after_us), start_us_ + after_us);
    };
    if (!timed_.empty()) note(timed_.begin()->first);
    if (cancel_) note(cancel_->after_us);
    if (const auto passes = test_.when.passes_us) {
      if (stage_->now_us() >= start_us_ + *passes) return std::nullopt;
      note(*passes);
    }
    return next;
  }

  void Move(std::int64_t to_us) {
    stage_->AdvanceTo(to_us);
    const std::int64_t after_us = stage_->now_us() - start_us_;
    while (!timed_.empty() && timed_.begin()->first <= after_us)
      Send(timed_.extract(timed_.begin()).mapped());
    if (cancel_ && cancel_->after_us <= after_us) {
      const CancelAt cancel = *std::exchange(cancel_, std::nullopt);
      for (const ExecutionId& id : Starts())
        stage_->Cancel(id, cancel.reason, std::chrono::microseconds(cancel.grace_us));
    }
  }

  std::vector<ExecutionId> Starts() const {
    std::vector<ExecutionId> starts;
    for (const ExecutionId& id : stage_->started()) {
      if (!stage_->run(id).record.parent) starts.push_back(id);
    }
    return starts;
  }

  std::string Trouble() const {
    if (!trouble_.empty()) return trouble_;
    if (!calls_->unanswered().empty()) return calls_->unanswered();
    if (stage_->is_stopped())
      return fmt::format("the case took longer than {}: does a loop never end?",
                         FormatDuration(limits_.wall_time));
    const auto next = NextUs();
    if (IsDone() || !next) return "";
    if (*next - start_us_ > limits_.virtual_us) return "the case has not ended after 100 years of its time";
    return fmt::format("the clock was moved {} times and the case has not ended", limits_.moves_max);
  }

  Played Outcome() {
    Played played{.starts = Starts(), .started_us = start_us_, .ended_us = stage_->now_us()};
    if (!played.starts.empty()) played.main = played.starts.back();
    if (played.main) {
      const engine::ExecutionRecord& record = stage_->run(*played.main).record;
      played.started_us = record.started_us;
      played.ended_us = record.finished_us.value_or(played.ended_us);
    }
    played.trouble = Trouble();
    played.calls = calls_->made();
    played.took = std::chrono::duration_cast<std::chrono::microseconds>(SteadyClock::now() - began_);
    played.stage = std::move(stage_);
    return played;
  }

  const Case& test_;
  ProgramPtr program_;
  const PlayLimits& limits_;
  SteadyClock::time_point began_;
  std::unique_ptr<Stage> stage_;
  MockedCalls* calls_ = nullptr;             // the stage's
  std::multimap<std::int64_t, Json> timed_;  // events, by when they come after the start
  std::deque<Json> awaited_;
  std::optional<CancelAt> cancel_;
  std::int64_t start_us_ = 0;
  std::optional<ExecutionId> main_;
  std::string trouble_;
};

}  // namespace

Played Play(const Case& test, ProgramPtr program, const std::vector<ProgramPtr>& others,
            const PlayLimits& limits) {
  return Player(test, std::move(program), others, limits).Run();
}

}  // namespace elevaite::rehearsal
