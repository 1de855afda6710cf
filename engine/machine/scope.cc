#include "engine/machine/scope.h"

#include <vector>

#include "foundation/clock.h"

namespace elevaite::engine {
namespace {

// How the task's call identifies itself. The parameter is a credential: it is never given to expressions.
Json AuthorizationOf(const dsl::Task* task) {
  const auto* call = task ? std::get_if<dsl::CallTask>(&task->body) : nullptr;
  if (!call || call->authorization_scheme.empty()) return {};
  return Json::Object({{"scheme", call->authorization_scheme}, {"parameter", Json()}});
}

Json OrNull(const Json* value) { return value ? *value : Json(); }

// The DSL's date: {iso8601, epoch: {seconds, milliseconds}}.
Json Moment(std::int64_t time_us) {
  return Json::Object(
      {{"iso8601", Timestamp::FromMicros(time_us).ToRfc3339()},
       {"epoch", Json::Object({{"seconds", time_us / 1'000'000}, {"milliseconds", time_us / 1'000}})}});
}

}  // namespace

Json MachineScope::Variable(std::string_view name) const {
  if (a_.extra && name == a_.extra_name) return *a_.extra;
  if (auto found = Enclosing(name)) return *std::move(found);
  if (name == "context") return a_.context ? *a_.context : ContextIn(a_.program, a_.state, a_.enclosing);
  if (name == "input") return OrNull(a_.input);
  if (name == "output") return OrNull(a_.output);
  if (name == "workflow") return WorkflowVariable();
  if (name == "task") return TaskVariable();
  if (name == "runtime") return a_.surroundings.runtime;
  if (name == "secrets") return Secrets();
  if (name == "authorization") return AuthorizationOf(a_.task);
  return {};
}

// Those that the document lists under `use.secrets`.
Json MachineScope::Secrets() const {
  std::vector<Json::Member> members;
  for (const std::string& name : a_.program.secrets) {
    auto value = a_.surroundings.secret ? a_.surroundings.secret(name) : std::nullopt;
    if (!value && !missing_secret_) missing_secret_ = name;
    members.emplace_back(std::string_view(name), value ? *std::move(value) : Json());
  }
  return Json::Object(std::move(members));
}

Json MachineScope::WorkflowVariable() const {
  return Json::Object({{"id", a_.surroundings.execution_id},
                       {"definition", a_.program.definition},
                       {"input", a_.state.input},
                       {"startedAt", Moment(a_.state.started_us)}});
}

Json MachineScope::TaskVariable() const {
  if (!a_.task) return {};
  std::vector<Json::Member> members{{"name", a_.task->name},
                                    {"reference", a_.task->reference},
                                    {"definition", a_.task->definition},
                                    {"input", OrNull(a_.raw_input)}};
  if (a_.output) members.emplace_back("output", *a_.output);
  members.emplace_back("startedAt", Moment(a_.task_started_us));
  return Json::Object(std::move(members));
}

// The innermost loop or catch that names the variable wins.
std::optional<Json> MachineScope::Enclosing(std::string_view name) const {
  for (FrameId id = a_.enclosing; id != kRootFrame;) {
    const auto found = a_.state.frames.find(id);
    if (found == a_.state.frames.end()) break;
    const Frame& frame = found->second;
    const auto& body = a_.program.all.at(frame.task).body;
    if (const auto* loop = std::get_if<dsl::ForTask>(&body)) {
      if (name == loop->each) return frame.items.At(frame.index);
      if (name == loop->at) return Json(frame.index);
    } else if (const auto* attempt = std::get_if<dsl::TryTask>(&body)) {
      if (frame.stage == Frame::Stage::kCatch && name == attempt->as) return frame.error;
    } else if (const auto* listen = std::get_if<dsl::ListenTask>(&body)) {
      const bool in_round = listen->each && frame.waiting == Frame::Waiting::kNothing;
      if (in_round && name == listen->each->item) return frame.listening->item;
      if (in_round && name == listen->each->at) return Json(frame.listening->rounds - 1);
    }
    id = frame.parent;
  }
  return std::nullopt;
}

}  // namespace elevaite::engine
