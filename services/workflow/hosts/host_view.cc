#include "services/workflow/hosts/host_view.h"

#include <algorithm>

#include "foundation/clock.h"

namespace elevaite::hosts {
namespace {

Json TimeJson(std::int64_t us) { return us == 0 ? Json() : Json(Timestamp::FromMicros(us).ToRfc3339()); }

std::string_view NameOf(Breaker::State state) {
  switch (state) {
    case Breaker::State::kClosed: return "closed";
    case Breaker::State::kOpen: return "open";
    case Breaker::State::kHalfOpen: return "half_open";
  }
  return "";
}

int Badness(Breaker::State state) {
  switch (state) {
    case Breaker::State::kClosed: return 0;
    case Breaker::State::kHalfOpen: return 1;
    case Breaker::State::kOpen: return 2;
  }
  return 0;
}

std::int64_t Earlier(std::int64_t a, std::int64_t b) { return a == 0 || b == 0 ? a + b : std::min(a, b); }

}  // namespace

Json HostJson(const HostCalls::View& view) {
  const Json circuit = Json::Object({{"state", NameOf(view.state)},
                                     {"since", TimeJson(view.state_since_us)},
                                     {"until", TimeJson(view.open_until_us)},
                                     {"failures", view.failures}});
  const Json error = Json::Object({{"kind", view.error_kind},
                                   {"status", view.error_status == 0 ? Json() : Json(view.error_status)},
                                   {"at", TimeJson(view.error_us)}});
  return Json::Object({{"host", view.host},
                       {"rule", view.pattern.empty() ? Json() : Json(view.pattern)},
                       {"running", view.running},
                       {"concurrency", view.concurrency ? Json(*view.concurrency) : Json()},
                       {"waiting", view.waiting},
                       {"oldest", TimeJson(view.oldest_us)},
                       {"circuit", view.has_breaker ? circuit : Json()},
                       {"last_error", view.error_kind.empty() ? Json() : error},
                       {"last_call", TimeJson(view.used_us)}});
}

Json CallJson(const HostCalls::CallView& call) {
  return Json::Object({{"execution_id", call.execution.ToString()},
                       {"workflow", call.workflow},
                       {"task", call.reference},
                       {"state", call.waits ? "waiting" : "running"},
                       {"since", TimeJson(call.since_us)}});
}

Json RuleJson(const StoredRule& rule) {
  return Json::Object({{"host", rule.pattern},
                       {"rules", rule.definition},
                       {"updated_at", TimeJson(rule.updated_us)},
                       {"updated_by", rule.by}});
}

HostCalls::View Together(const HostCalls::View& one, const HostCalls::View& other) {
  HostCalls::View sum = Badness(one.state) >= Badness(other.state) ? one : other;
  sum.running = one.running + other.running;
  sum.waiting = one.waiting + other.waiting;
  sum.oldest_us = Earlier(one.oldest_us, other.oldest_us);
  sum.used_us = std::max(one.used_us, other.used_us);
  if (one.concurrency && other.concurrency)
    sum.concurrency = one.takes_turns && other.takes_turns ? std::max(*one.concurrency, *other.concurrency)
                                                           : *one.concurrency + *other.concurrency;
  const HostCalls::View& later = one.error_us >= other.error_us ? one : other;
  sum.error_kind = later.error_kind;
  sum.error_status = later.error_status;
  sum.error_us = later.error_us;
  return sum;
}

Json ToWire(const HostCalls::View& view) {
  return Json::Object({{"host", view.host},
                       {"pattern", view.pattern},
                       {"running", view.running},
                       {"waiting", view.waiting},
                       {"oldest_us", view.oldest_us},
                       {"used_us", view.used_us},
                       {"concurrency", view.concurrency ? Json(*view.concurrency) : Json()},
                       {"takes_turns", view.takes_turns},
                       {"has_breaker", view.has_breaker},
                       {"state", static_cast<std::int64_t>(view.state)},
                       {"state_since_us", view.state_since_us},
                       {"open_until_us", view.open_until_us},
                       {"failures", view.failures},
                       {"error_kind", view.error_kind},
                       {"error_status", view.error_status},
                       {"error_us", view.error_us}});
}

HostCalls::View ViewFromWire(const Json& json) {
  HostCalls::View view{
      .host = std::string(json["host"].StringOr("")),
      .pattern = std::string(json["pattern"].StringOr("")),
      .running = json["running"].IntOr(0),
      .waiting = json["waiting"].IntOr(0),
      .oldest_us = json["oldest_us"].IntOr(0),
      .used_us = json["used_us"].IntOr(0),
      .takes_turns = json["takes_turns"].BoolOr(false),
      .has_breaker = json["has_breaker"].BoolOr(false),
      .state = static_cast<Breaker::State>(std::clamp<std::int64_t>(json["state"].IntOr(0), 0, 2)),
      .state_since_us = json["state_since_us"].IntOr(0),
      .open_until_us = json["open_until_us"].IntOr(0),
      .failures = json["failures"].IntOr(0),
      .error_kind = std::string(json["error_kind"].StringOr("")),
      .error_status = json["error_status"].IntOr(0),
      .error_us = json["error_us"].IntOr(0)};
  if (json["concurrency"].IsInt64()) view.concurrency = json["concurrency"].AsInt64();
  return view;
}

Json ToWire(const HostCalls::CallView& call) {
  return Json::Object({{"execution", call.execution.ToString()},
                       {"reference", call.reference},
                       {"workflow", call.workflow},
                       {"waits", call.waits},
                       {"since_us", call.since_us}});
}

Result<HostCalls::CallView> CallFromWire(const Json& json) {
  HostCalls::CallView call{.execution = {},
                           .reference = std::string(json["reference"].StringOr("")),
                           .workflow = std::string(json["workflow"].StringOr("")),
                           .waits = json["waits"].BoolOr(false),
                           .since_us = json["since_us"].IntOr(0)};
  ASSIGN_OR_RETURN(call.execution, ExecutionId::Parse(json["execution"].StringOr("")));
  return call;
}

}  // namespace elevaite::hosts
