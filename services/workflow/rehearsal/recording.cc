#include "services/workflow/rehearsal/recording.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <optional>
#include <utility>

#include "dsl/tools/render.h"
#include "foundation/text.h"
#include "services/workflow/rehearsal/verdict.h"

namespace elevaite::rehearsal {
namespace {

using engine::Event;
using engine::EventType;
using Members = std::vector<Json::Member>;

// Of a call that nobody has answered before the run, or the task, was cancelled.
constexpr std::int64_t kNeverUs = 3'650LL * 86'400 * 1'000'000;

Json DurationJson(std::int64_t us) {
  const std::int64_t ms = us / 1'000;
  if (ms % 1'000 == 0) return fmt::format("PT{}S", ms / 1'000);
  return fmt::format("PT{}.{:03}S", ms / 1'000, ms % 1'000);
}

// What a test file may say of an error.
Json ErrorJson(const Json& error, std::initializer_list<std::string_view> keys) {
  Members members;
  for (const std::string_view key : keys)
    if (const Json* value = error.Find(key)) members.emplace_back(key, *value);
  return Json::Object(std::move(members));
}

struct Call {
  const dsl::Task* task = nullptr;
  Json request;
  std::int64_t began_us = 0;
  Json answer;  // {output or gives or error, delay?}

  void Answer(std::string_view key, Json value, std::int64_t ended_us) {
    Members members{{key, std::move(value)}};
    if (ended_us / 1'000 > began_us / 1'000) members.emplace_back("delay", DurationJson(ended_us - began_us));
    answer = Json::Object(std::move(members));
  }
};

class Recorder {
 public:
  Recorder(const Run& run, std::string_view base_url) : run_(run), base_url_(base_url) {
    for (const Event& recorded : run.events) {
      Event event = recorded;
      if (event.type == EventType::kExecutionForked) past_us_ += event.time_us - event.due_us;
      event.time_us -= past_us_;
      if (event.deadline_us != 0) event.deadline_us -= past_us_;
      Look(event, run.ProgramOf(event));
      engine::Apply(state_, run.ProgramOf(event), recorded);
    }
    for (auto& [frame, index] : open_)
      calls_[index].Answer("output", Json(), calls_[index].began_us + kNeverUs);
  }

  std::size_t calls() const { return calls_.size(); }

  Json Case() const {
    Members members{{"name", "run " + run_.record.id.ToString()}, {"given", Given()}};
    Members when;
    if (!events_.empty()) when.emplace_back("events", Json::Array(events_));
    if (!cancel_.IsNull()) when.emplace_back("cancel", cancel_);
    if (!when.empty()) members.emplace_back("when", Json::Object(std::move(when)));
    members.emplace_back("expect", Expected());
    return Json::Object(std::move(members));
  }

 private:
  // Before the event is applied.
  void Look(const Event& event, const dsl::Program& program) {
    switch (event.type) {
      case EventType::kActivityScheduled: return Begin(event, program);
      case EventType::kTaskCompleted:
      case EventType::kTaskFaulted:
      case EventType::kTaskCancelled: return End(event);
      case EventType::kEventConsumed: return Consume(event, program);
      case EventType::kCancelRequested: return Cancel(event, event.deadline_us - event.time_us);
      case EventType::kExecutionCancelled: return Cancel(event, 0);
      default: return;
    }
  }

  // Another attempt of the connector's own is part of the same call.
  void Begin(const Event& event, const dsl::Program& program) {
    if (!event.data || open_.contains(event.frame)) return;
    open_[event.frame] = calls_.size();
    calls_.push_back({&program.all.at(state_.frames.at(event.frame).task), *event.data, event.time_us, {}});
  }

  void End(const Event& event) {
    const auto open = open_.find(event.frame);
    if (open == open_.end()) return;
    Call& call = calls_[open->second];
    if (event.type == EventType::kTaskCompleted)
      call.Answer(call.task->output_as ? "gives" : "output",
                  event.data.value_or(state_.frames.at(event.frame).raw_input), event.time_us);
    else if (event.type == EventType::kTaskFaulted)
      call.Answer("error",
                  ErrorJson(event.data.value_or(Json()), {"type", "status", "title", "detail", "instance"}),
                  event.time_us);
    else
      call.Answer("output", Json(), call.began_us + kNeverUs);
    open_.erase(open);
  }

  void Consume(const Event& event, const dsl::Program& program) {
    const auto& listen = std::get<dsl::ListenTask>(program.all.at(state_.frames.at(event.frame).task).body);
    const dsl::EventStrategy& strategy =
        event.data || !listen.to.until_events ? listen.to : *listen.to.until_events;
    const bool is_whole = event.data && listen.read == dsl::EventRead::kEnvelope;
    Members members;
    if (is_whole) members.assign(event.data->AsObject().begin(), event.data->AsObject().end());
    if (!is_whole) members.emplace_back("type", "recorded");
    if (!is_whole && event.number < strategy.filters.size()) {
      for (const dsl::AttributeFilter& filter : strategy.filters[event.number].with)
        if (!filter.expression && filter.name != "data")
          members.emplace_back(Json(filter.name), filter.literal);
    }
    if (!is_whole && event.data)
      members.emplace_back(listen.read == dsl::EventRead::kRaw ? "data_base64" : "data", *event.data);
    members.emplace_back("after", DurationJson(event.time_us - started_us()));
    events_.push_back(Json::Object(std::move(members)));
  }

  void Cancel(const Event& event, std::int64_t grace_us) {
    if (!cancel_.IsNull()) return;
    Members members{{"after", DurationJson(event.time_us - started_us())}};
    if (grace_us > 0) members.emplace_back("grace", DurationJson(grace_us));
    if (event.data && event.data->IsString()) members.emplace_back("reason", *event.data);
    cancel_ = Json::Object(std::move(members));
  }

  std::int64_t started_us() const { return state_.started_us; }

  Json Given() const {
    const dsl::Program& program = *run_.programs.rbegin()->second;
    Members members{{"at", Timestamp::FromMicros(started_us()).ToRfc3339()}, {"input", state_.input}};
    if (MentionsServer()) members.emplace_back("baseUrl", base_url_);
    Members secrets;
    for (const std::string& name : program.secrets)
      secrets.emplace_back(Json(name), Json(dsl::Template::kHidden));
    if (!secrets.empty()) members.emplace_back("secrets", Json::Object(std::move(secrets)));
    if (!calls_.empty()) members.emplace_back("mocks", Mocks(program));
    return Json::Object(std::move(members));
  }

  bool MentionsServer() const {
    const auto mentions = [this](const Json& value) {
      return value.Dump().find(base_url_) != std::string::npos;
    };
    return mentions(state_.output) ||
           std::ranges::any_of(calls_, [&](const Call& call) { return mentions(call.request); });
  }

  // By its name, where no other call of the program has the same.
  static std::string NameOf(const dsl::Program& program, const dsl::Task& task) {
    const auto is_other = [&](const dsl::Task& one) {
      const bool calls = one.kind == dsl::TaskKind::kCall || one.kind == dsl::TaskKind::kRun;
      return calls && one.name == task.name && one.reference != task.reference;
    };
    return std::ranges::any_of(program.all, is_other) ? task.reference : task.name;
  }

  Json Mocks(const dsl::Program& program) const {
    std::vector<std::string> order;
    std::map<std::string, std::vector<Json>> answers;
    for (const Call& call : calls_) {
      auto& of = answers[NameOf(program, *call.task)];
      if (of.empty()) order.push_back(NameOf(program, *call.task));
      of.push_back(call.answer);
    }
    std::vector<Json> mocks;
    for (const std::string& name : order) {
      Members members{{"task", name}};
      if (answers[name].size() > 1)
        members.emplace_back("answers", Json::Array(answers[name]));
      else
        for (const auto& [key, value] : answers[name][0].AsObject()) members.emplace_back(key, value);
      mocks.push_back(Json::Object(std::move(members)));
    }
    return Json::Array(std::move(mocks));
  }

  Json Expected() const {
    Members members;
    if (state_.phase == engine::Phase::kCompleted) members.emplace_back("output", state_.output);
    if (state_.phase == engine::Phase::kFaulted)
      members.emplace_back("error", ErrorJson(state_.error, {"type", "status"}));
    if (state_.phase == engine::Phase::kCancelled) members.emplace_back("status", "cancelled");
    std::vector<Json> calls;
    for (const Call& call : calls_)
      calls.push_back(Json::Object(
          {{"task", call.task->name}, {"call", engine::ConnectorOf(*call.task)}, {"request", call.request}}));
    members.emplace_back("calls", Json::Array(std::move(calls)));
    return Json::Object(std::move(members));
  }

  const Run& run_;
  std::string_view base_url_;
  engine::State state_;
  std::int64_t past_us_ = 0;  // that lie between a past and its fork: played again, there is nothing between
  std::vector<Call> calls_;
  std::map<engine::FrameId, std::size_t> open_;  // calls that have not ended
  std::vector<Json> events_;
  Json cancel_;  // null: it was not
};

}  // namespace

Result<Recorded> Record(const Run& run, std::string_view base_url) {
  if (!run.ended()) return Fail(ErrorCode::kConflict, "the execution has not ended", "record it when it has");
  const bool was_edited = std::ranges::any_of(run.events, [](const Event& event) {
    return event.type == EventType::kExecutionForked && event.input.has_value();
  });
  if (was_edited)
    return Fail(ErrorCode::kConflict,
                "a task of this execution was given its input by hand: a test cannot play that",
                "record the execution that it goes on from");
  const Recorder recorder(run, base_url);
  if (recorder.calls() > kRecordedCallsMax)
    return Fail(ErrorCode::kPayloadTooLarge,
                fmt::format("the execution has made {} calls; a test has at most {}", recorder.calls(),
                            kRecordedCallsMax));
  const dsl::Program& program = *run.programs.rbegin()->second;
  std::string source = fmt::format("# Recorded from {}: {}.{} {}\n", run.record.id.ToString(),
                                   program.name_space, program.name, run.record.version);
  if (!program.secrets.empty()) source += "# Secrets are not recorded; give each a value of your own.\n";
  source += dsl::tools::BlockLines(Json::Array({recorder.Case()}), 0, {});
  if (source.size() > kFileLimits.source_bytes_max)
    return Fail(ErrorCode::kPayloadTooLarge,
                fmt::format("the test would have {} bytes; at most {} are allowed", source.size(),
                            kFileLimits.source_bytes_max));
  const TestFile read = ReadTestFile(source, {});
  if (!read.is_valid)
    return Fail(ErrorCode::kInvalidArgument,
                "this run cannot be written as a test: " + dsl::ToText(read.diagnostics.front()));
  return Recorded{.file = program.name + std::string(kTestFileEnding),
                  .source = std::move(source),
                  .tasks = TasksThatRan(run)};
}

}  // namespace elevaite::rehearsal
