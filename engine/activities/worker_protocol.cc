#include "engine/activities/worker_protocol.h"

#include <limits>

namespace elevaite::engine {
namespace {

constexpr std::size_t kNameBytesMax = 200;
constexpr std::size_t kAttemptsMax = 2 * kWorkClasses * kSlotsMax;

std::unexpected<Error> Wrong(std::string what) { return Fail(ErrorCode::kInvalidArgument, std::move(what)); }

std::string TextOf(const Json& json, std::string_view name) { return std::string(json[name].StringOr("")); }

template <class T>
Result<T> NumberFrom(const Json& json, std::string_view name) {
  const std::int64_t number = json.IntOr(-1);
  if (number < 0 || static_cast<std::uint64_t>(number) > std::numeric_limits<T>::max())
    return Wrong("`" + std::string(name) + "` must be a whole number");
  return static_cast<T>(number);
}

Result<std::string> NameFrom(const Json& json, std::string_view name) {
  const std::string_view text = json[name].StringOr("");
  if (text.empty() || text.size() > kNameBytesMax)
    return Wrong("`" + std::string(name) + "` must be a text of 1 to 200 bytes");
  return std::string(text);
}

Json ToJson(const Attempt& attempt) {
  return Json::Array({attempt.execution.ToString(), attempt.frame, attempt.number});
}

Result<Attempt> AttemptFromJson(const Json& json) {
  Attempt attempt;
  ASSIGN_OR_RETURN(attempt.execution, ExecutionId::Parse(json.At(0).StringOr("")));
  ASSIGN_OR_RETURN(attempt.frame, NumberFrom<FrameId>(json.At(1), "frame"));
  ASSIGN_OR_RETURN(attempt.number, NumberFrom<std::uint32_t>(json.At(2), "attempt"));
  return attempt;
}

}  // namespace

Json AttemptsToJson(const std::vector<Attempt>& attempts) {
  std::vector<Json> list;
  list.reserve(attempts.size());
  for (const Attempt& attempt : attempts) list.push_back(ToJson(attempt));
  return Json::Array(std::move(list));
}

Result<std::vector<Attempt>> AttemptsFromJson(const Json& json) {
  std::vector<Attempt> attempts;
  if (json.IsNull()) return attempts;
  if (!json.IsArray() || json.Size() > kAttemptsMax) return Wrong("a list of attempts is none, or too long");
  attempts.reserve(json.Size());
  for (const Json& one : json.AsArray()) {
    ASSIGN_OR_RETURN(attempts.emplace_back(), AttemptFromJson(one));
  }
  return attempts;
}

Json TaskToJson(const ActivityTask& task) {
  return Json::Object({{"attempt", ToJson(AttemptOf(task))},
                       {"account", task.account.ToString()},
                       {"connector", task.connector},
                       {"request", task.request},
                       {"reference", task.reference},
                       {"workflow", task.workflow},
                       {"correlation", task.correlation},
                       {"depth", task.depth},
                       {"class", NameOf(task.bounds.work)},
                       {"queued_us", task.bounds.queued_us},
                       {"attempt_us", task.bounds.attempt_us},
                       {"heartbeat_us", task.bounds.heartbeat_us}});
}

Result<ActivityTask> TaskFromJson(const Json& json) {
  ActivityTask task;
  ASSIGN_OR_RETURN(const Attempt attempt, AttemptFromJson(json["attempt"]));
  task.execution = attempt.execution;
  task.frame = attempt.frame;
  task.attempt = attempt.number;
  ASSIGN_OR_RETURN(task.account, AccountId::Parse(json["account"].StringOr("")));
  ASSIGN_OR_RETURN(task.connector, NameFrom(json, "connector"));
  task.request = json["request"];
  task.reference = TextOf(json, "reference");
  task.workflow = TextOf(json, "workflow");
  task.correlation = TextOf(json, "correlation");
  ASSIGN_OR_RETURN(task.depth, NumberFrom<std::uint32_t>(json["depth"], "depth"));
  ASSIGN_OR_RETURN(task.bounds.queued_us, NumberFrom<std::int64_t>(json["queued_us"], "queued_us"));
  ASSIGN_OR_RETURN(task.bounds.attempt_us, NumberFrom<std::int64_t>(json["attempt_us"], "attempt_us"));
  ASSIGN_OR_RETURN(task.bounds.heartbeat_us, NumberFrom<std::int64_t>(json["heartbeat_us"], "heartbeat_us"));
  const std::string_view work = json["class"].StringOr("");
  if (work != NameOf(WorkClass::kQuick) && work != NameOf(WorkClass::kLong))
    return Wrong("`class` must be quick or long");
  task.bounds.work = work == NameOf(WorkClass::kLong) ? WorkClass::kLong : WorkClass::kQuick;
  return task;
}

Json ToJson(const Pull& pull) {
  return Json::Object({{"worker", pull.worker},
                       {"name", pull.name},
                       {"pull", pull.number},
                       {"slots", Json::Object({{"quick", pull.slots[0]}, {"long", pull.slots[1]}})}});
}

Result<Pull> PullFromJson(const Json& json) {
  Pull pull;
  ASSIGN_OR_RETURN(pull.worker, NameFrom(json, "worker"));
  ASSIGN_OR_RETURN(pull.name, NameFrom(json, "name"));
  ASSIGN_OR_RETURN(pull.number, NumberFrom<std::uint64_t>(json["pull"], "pull"));
  for (std::size_t i = 0; i < kWorkClasses; ++i) {
    const std::string_view name = NameOf(static_cast<WorkClass>(i));
    ASSIGN_OR_RETURN(pull.slots[i], NumberFrom<std::size_t>(json["slots"][name], name));
    if (pull.slots[i] > kSlotsMax) return Wrong("more slots of a class than a worker may have");
  }
  return pull;
}

Json ToJson(const Heartbeat& heartbeat) {
  return Json::Object({{"worker", heartbeat.worker},
                       {"name", heartbeat.name},
                       {"engine", heartbeat.engine},
                       {"pulled", heartbeat.pulled},
                       {"holds", AttemptsToJson(heartbeat.holds)},
                       {"claims", AttemptsToJson(heartbeat.claims)}});
}

Result<Heartbeat> HeartbeatFromJson(const Json& json) {
  Heartbeat heartbeat;
  ASSIGN_OR_RETURN(heartbeat.worker, NameFrom(json, "worker"));
  ASSIGN_OR_RETURN(heartbeat.name, NameFrom(json, "name"));
  heartbeat.engine = TextOf(json, "engine");
  ASSIGN_OR_RETURN(heartbeat.pulled, NumberFrom<std::uint64_t>(json["pulled"], "pulled"));
  ASSIGN_OR_RETURN(heartbeat.holds, AttemptsFromJson(json["holds"]));
  ASSIGN_OR_RETURN(heartbeat.claims, AttemptsFromJson(json["claims"]));
  return heartbeat;
}

namespace {

Json ContactName(Contact contact) {
  switch (contact) {
    case Contact::kNone: return {};
    case Contact::kTried: return "tried";
    case Contact::kAnswered: return "answered";
  }
  return {};
}

Contact ContactFrom(const Json& json) {
  const std::string_view name = json.StringOr("");
  return name == "tried" ? Contact::kTried : name == "answered" ? Contact::kAnswered : Contact::kNone;
}

}  // namespace

Json ToJson(const AttemptResult& result) {
  const Json attempt = ToJson(result.attempt);
  if (const auto* success = std::get_if<ActivitySuccess>(&result.outcome))
    return Json::Object({{"attempt", attempt}, {"output", success->output}});
  if (const auto* failure = std::get_if<ActivityFailure>(&result.outcome))
    return Json::Object(
        {{"attempt", attempt},
         {"error", failure->error},
         {"retry_in_us", failure->retry_in_us ? Json(*failure->retry_in_us) : Json()},
         {"contact", ContactName(failure->contact)},
         {"retry_after_us", failure->retry_after_us ? Json(*failure->retry_after_us) : Json()}});
  return Json::Object({{"attempt", attempt}, {"returned", true}, {"pull", result.pull}});
}

namespace {

Result<AttemptResult> ResultFromJson(const Json& json) {
  AttemptResult result{.attempt = {}, .outcome = AttemptLost{}};
  ASSIGN_OR_RETURN(result.attempt, AttemptFromJson(json["attempt"]));
  if (json["returned"].BoolOr(false)) {
    ASSIGN_OR_RETURN(result.pull, NumberFrom<std::uint64_t>(json["pull"], "pull"));
    return result;
  }
  if (const Json* output = json.Find("output")) {
    result.outcome = ActivitySuccess{*output};
    return result;
  }
  if (!json["error"].IsObject()) return Wrong("a result has neither `output` nor `error`");
  ActivityFailure failure{.error = json["error"], .retry_in_us = std::nullopt};
  if (!json["retry_in_us"].IsNull()) {
    ASSIGN_OR_RETURN(failure.retry_in_us, NumberFrom<std::int64_t>(json["retry_in_us"], "retry_in_us"));
  }
  failure.contact = ContactFrom(json["contact"]);
  if (!json["retry_after_us"].IsNull()) {
    ASSIGN_OR_RETURN(failure.retry_after_us,
                     NumberFrom<std::int64_t>(json["retry_after_us"], "retry_after_us"));
  }
  result.outcome = std::move(failure);
  return result;
}

}  // namespace

Result<Results> ResultsFromJson(const Json& json) {
  Results results;
  ASSIGN_OR_RETURN(results.worker, NameFrom(json, "worker"));
  results.leaves = json["leaves"].BoolOr(false);
  const Json& list = json["results"];
  if (!list.IsArray() || list.Size() > kAttemptsMax) return Wrong("`results` is no list, or too long");
  results.results.reserve(list.Size());
  for (const Json& one : list.AsArray()) {
    ASSIGN_OR_RETURN(AttemptResult result, ResultFromJson(one));
    results.results.push_back(std::move(result));
  }
  return results;
}

}  // namespace elevaite::engine
