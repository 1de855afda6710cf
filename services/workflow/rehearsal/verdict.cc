#include "services/workflow/rehearsal/verdict.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <ranges>
#include <set>
#include <utility>

#include "dsl/suggest.h"
#include "foundation/text.h"

namespace elevaite::rehearsal {
namespace {

using engine::Phase;

constexpr std::size_t kListed = 50;  // names in a message

std::string DurationText(std::int64_t us) { return FormatDuration(std::chrono::microseconds(us)); }

std::string_view StatusOf(Phase phase) { return engine::IsFinal(phase) ? NameOf(phase) : "waiting"; }

// "task `pay` waits for an event": of an execution that has not ended.
std::string WaitsFor(const Run& run, const engine::State& state) {
  static constexpr std::string_view kFor[] = {"", "a call", "a time", "an event"};
  for (const auto& [id, frame] : state.frames) {
    if (frame.waiting == engine::Frame::Waiting::kNothing || frame.task == dsl::kNoTask) continue;
    const dsl::Program& program = *run.programs.rbegin()->second;
    return fmt::format(": task `{}` waits for {}", program.all.at(frame.task).name,
                       kFor[static_cast<std::size_t>(frame.waiting)]);
  }
  return "";
}

class Judgement {
 public:
  Judgement(const Case& test, const Played& played) : expected_(test.expect), played_(played) {}

  std::vector<Failure> Take() && {
    if (!played_.trouble.empty()) return {{"play", played_.trouble}};
    CheckStarts();
    CheckCalls();
    CheckEvents();
    if (played_.main)
      CheckMain(played_.stage->run(*played_.main));
    else if (!expected_.starts)
      Fail("play", "nothing has started the workflow");
    return std::move(failures_);
  }

 private:
  void Fail(std::string about, std::string message, std::vector<Difference> differences = {}) {
    failures_.push_back({std::move(about), std::move(message), std::move(differences)});
  }

  void Compare(const std::string& about, const Json& expected, const Json& actual, Comparison comparison) {
    auto differences = Differences(expected, actual, comparison);
    if (!differences.empty()) Fail(about, about + " differs", std::move(differences));
  }

  void CheckMain(const Run& run) {
    const engine::State state = run.state();
    const Phase usual = expected_.error ? Phase::kFaulted : Phase::kCompleted;
    const std::string_view wanted = StatusOf(expected_.status.value_or(usual));
    const std::string_view is = StatusOf(state.phase);
    if (wanted != is) {
      std::string more;
      if (state.phase == Phase::kFaulted) more = ": " + state.error.Dump();
      if (is == "waiting") more = WaitsFor(run, state);
      Fail("status", fmt::format("expected {}, but it is {}{}", wanted, is, more));
    } else {
      CheckOutput(state);
      if (expected_.error) Compare("error", *expected_.error, state.error, Comparison::kContains);
    }
    CheckTasks(run);
    if (expected_.duration_us && *expected_.duration_us != played_.ended_us - played_.started_us)
      Fail("duration", fmt::format("expected {}, but it took {}", DurationText(*expected_.duration_us),
                                   DurationText(played_.ended_us - played_.started_us)));
  }

  void CheckOutput(const engine::State& state) {
    if (expected_.output) Compare("output", *expected_.output, state.output, Comparison::kEqual);
    if (expected_.contains) Compare("contains", *expected_.contains, state.output, Comparison::kContains);
    for (const jq::Program& check : expected_.checks) {
      const auto holds = Holds(check, state.output);
      if (!holds)
        Fail("check", fmt::format("`{}` fails: {}", check.text(), holds.error().message));
      else if (!*holds)
        Fail("check",
             fmt::format("`{}` does not hold for {}", check.text(), dsl::Excerpt(state.output.Dump())));
    }
  }

  void CheckTasks(const Run& run) {
    if (expected_.ran.empty() && expected_.never.empty()) return;
    const std::vector<std::string> ran = TasksThatRan(run);
    const std::string all =
        ran.empty() ? "none" : fmt::format("{}", fmt::join(ran | std::views::take(kListed), ", "));
    auto from = ran.begin();
    for (std::size_t i = 0; i < expected_.ran.size(); ++i) {
      const std::string& name = expected_.ran[i];
      const auto found = std::find(from, ran.end(), name);
      if (found == ran.end()) {
        const std::string after = i == 0 ? "" : fmt::format(" after `{}`", expected_.ran[i - 1]);
        Fail("ran", fmt::format("task `{}` did not run{}; these did: {}", name, after, all));
        break;
      }
      from = std::next(found);
    }
    for (const std::string& name : expected_.never) {
      if (std::ranges::find(ran, name) != ran.end())
        Fail("never", fmt::format("task `{}` ran; these did: {}", name, all));
    }
  }

  void CheckCalls() {
    if (!expected_.calls) return;
    const auto& made = played_.calls;
    if (made.size() != expected_.calls->size()) {
      std::string list;
      for (const MadeCall& call : made | std::views::take(kListed))
        list += fmt::format("{}{} ({})", list.empty() ? ": " : ", ", call.task, call.call);
      Fail("calls",
           fmt::format("expected {} calls, but {} were made{}", expected_.calls->size(), made.size(), list));
    }
    for (std::size_t i = 0; i < std::min(made.size(), expected_.calls->size()); ++i) {
      const ExpectedCall& expected = (*expected_.calls)[i];
      if ((!expected.task.empty() && expected.task != made[i].task) ||
          (!expected.call.empty() && expected.call != made[i].call)) {
        Fail("calls", fmt::format("call {} is by task `{}` ({})", i + 1, made[i].task, made[i].call));
        continue;
      }
      auto differences = Differences(expected.request, made[i].request, Comparison::kContains);
      if (!expected.request.IsNull() && !differences.empty())
        Fail("calls", fmt::format("call {} by task `{}` asks for something else", i + 1, made[i].task),
             std::move(differences));
    }
  }

  void CheckEvents() {
    if (expected_.events)
      Compare("events", Json::Array(*expected_.events), Json::Array(played_.stage->emitted()),
              Comparison::kContains);
  }

  void CheckStarts() {
    if (!expected_.starts) return;
    std::vector<Json> expected;
    for (const Timestamp& time : *expected_.starts) expected.emplace_back(time.ToRfc3339());
    std::vector<Json> actual;
    for (const ExecutionId& id : played_.starts)
      actual.emplace_back(Timestamp::FromMicros(played_.stage->run(id).record.started_us).ToRfc3339());
    Compare("starts", Json::Array(std::move(expected)), Json::Array(std::move(actual)), Comparison::kEqual);
  }

  const Expected& expected_;
  const Played& played_;
  std::vector<Failure> failures_;
};

}  // namespace

std::vector<Failure> Judge(const Case& test, const Played& played) { return Judgement(test, played).Take(); }

Json ToJson(const Failure& failure) {
  std::vector<Json::Member> members{{"about", failure.about}, {"message", failure.message}};
  std::vector<Json> differences;
  for (const Difference& difference : failure.differences) differences.push_back(ToJson(difference));
  if (!differences.empty()) members.emplace_back("differences", Json::Array(std::move(differences)));
  return Json::Object(std::move(members));
}

std::vector<std::string> TasksThatRan(const Run& run) {
  std::vector<std::string> names;
  std::set<engine::FrameId> begun;
  for (const engine::Event& event : run.events) {
    const bool is_begin = event.type == engine::EventType::kTaskStarted ||
                          event.type == engine::EventType::kTaskCompleted ||
                          event.type == engine::EventType::kTaskFaulted;
    if (!is_begin || event.task == dsl::kNoTask || !begun.insert(event.frame).second) continue;
    const dsl::Task& task = run.ProgramOf(event).all.at(event.task);
    if (task.kind != dsl::TaskKind::kExtended) names.push_back(task.name);
  }
  return names;
}

}  // namespace elevaite::rehearsal
