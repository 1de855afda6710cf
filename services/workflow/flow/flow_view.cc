#include "services/workflow/flow/flow_view.h"

namespace elevaite::flow {
namespace {

Json TimeJson(std::int64_t us) {
  return us == 0 || us == INT64_MAX ? Json() : Json(Timestamp::FromMicros(us).ToRfc3339());
}

std::string_view NameOf(GateKind kind) {
  switch (kind) {
    case GateKind::kConcurrency: return "concurrency";
    case GateKind::kThrottle: return "throttle";
    case GateKind::kPause: return "pause";
  }
  return "";
}

Json TextOrNull(const std::string& text) { return text.empty() ? Json() : Json(text); }

Json NameJson(const GateName& name) {
  return Json::Object({{"kind", NameOf(name.kind)},
                       {"workflow", name.workflow.empty() ? Json() : Json(name.workflow)},
                       {"expression", name.expression.empty() ? Json() : Json(name.expression)},
                       {"key", name.expression.empty() ? Json() : Json(name.key)}});
}

std::string_view StatusOf(RunState state) {
  switch (state) {
    case RunState::kQueued:
    case RunState::kCollecting:
    case RunState::kRunning: return "queued";
    case RunState::kOver: return "cancelled";
    case RunState::kAbsorbed: return "absorbed";
  }
  return "";
}

Json SummaryJson(const StoredRun& run, const Json& waits_for) {
  const std::size_t dot = run.workflow.find('.');
  const bool over = run.state >= RunState::kOver;
  return Json::Object({{"id", run.id.ToString()},
                       {"workflow", run.workflow.substr(dot + 1)},
                       {"namespace", run.workflow.substr(0, dot)},
                       {"version", run.version},
                       {"status", StatusOf(run.state)},
                       {"trigger", engine::NameOf(run.trigger)},
                       {"created_at", TimeJson(run.created_us)},
                       {"finished_at", over ? TimeJson(run.due_us) : Json()},
                       {"priority", static_cast<std::int64_t>(run.priority)},
                       {"keys", run.keys.ToJson()},
                       {"waits_for", waits_for}});
}

// Where a fork goes on from; its task is named when it has begun.
Json ForkedFromJson(const StoredRun& run) {
  if (!run.is_fork()) return {};
  return Json::Object({{"execution", run.past["execution"]},
                       {"edited", run.past["input"].IsArray()},
                       {"by", run.past["note"]["by"]},
                       {"reason", run.past["note"]["reason"]}});
}

}  // namespace

Json WaitsJson(const Keeper::Waits& waits) {
  if (!waits.collecting.empty())
    return Json::Object({{"kind", waits.collecting},
                         {"workflow", waits.queue.gate->workflow},
                         {"expression", TextOrNull(waits.queue.gate->expression)},
                         {"key", TextOrNull(waits.queue.gate->key)},
                         {"place", static_cast<std::int64_t>(waits.queue.place)},
                         {"since", TimeJson(waits.queue.since_us)},
                         {"until", TimeJson(waits.due_us)}});
  const RunQueue::Waits& queue = waits.queue;
  Json json = queue.gate ? NameJson(*queue.gate) : Json::Object({{"kind", "turn"}});
  json = Json::WithMember(std::move(json), "place", static_cast<std::int64_t>(queue.place));
  json = Json::WithMember(std::move(json), "since", TimeJson(queue.since_us));
  if (queue.gate && queue.gate->kind == GateKind::kConcurrency) {
    json = Json::WithMember(std::move(json), "limit", queue.limit);
    json = Json::WithMember(std::move(json), "in_use", queue.used);
  }
  if (queue.next_us > 0) json = Json::WithMember(std::move(json), "until", TimeJson(queue.next_us));
  if (!queue.note.empty()) json = Json::WithMember(std::move(json), "note", queue.note);
  return json;
}

Json QueuedSummaryJson(const StoredRun& run, const std::optional<Keeper::Waits>& waits) {
  return SummaryJson(run, waits ? WaitsJson(*waits) : Json());
}

Json QueuedRunJson(const StoredRun& run, const Json& waits_for, const Json& input) {
  Json view = SummaryJson(run, waits_for);
  const auto add = [&](std::string_view name, Json value) {
    view = Json::WithMember(std::move(view), name, std::move(value));
  };
  add("correlation_id", run.correlation);
  add("input", input);
  add("cancel_reason", run.state == RunState::kOver ? Json(run.reason) : Json());
  add("became", run.became ? Json(run.became->ToString()) : Json());
  add("forked_from", ForkedFromJson(run));
  for (const char* absent :
       {"parent", "started_at", "duration_ms", "output", "error", "cancelling", "paused", "held_by"})
    add(absent, Json());
  for (const char* object : {"tags", "attributes"}) add(object, Json::EmptyObject());
  for (const char* list : {"migrations", "waiting_for", "tasks"}) add(list, Json::EmptyArray());
  add("events", 0);
  add("tasks_total", 0);
  return view;
}

Json GateJson(const RunQueue::GateView& gate) {
  Json json = NameJson(gate.name);
  const auto add = [&](std::string_view name, Json value) {
    json = Json::WithMember(std::move(json), name, std::move(value));
  };
  const bool counts = gate.name.kind == GateKind::kConcurrency;
  add("limit", counts ? Json(gate.limit) : Json());
  add("in_use", counts ? Json(gate.used) : Json());
  if (gate.name.kind == GateKind::kThrottle) {
    add("interval_ms", static_cast<double>(gate.period_us) / 1'000);
    add("burst", gate.limit);
  }
  add("waiting", static_cast<std::int64_t>(gate.waiting));
  add("oldest", TimeJson(gate.oldest_us));
  add("note", gate.note.empty() ? Json() : Json(gate.note));
  return json;
}

Json PauseJson(const Pause& pause) {
  return Json::Object({{"workflow", pause.workflow.empty() ? Json() : Json(pause.workflow)},
                       {"expression", pause.expression.empty() ? Json() : Json(pause.expression)},
                       {"key", pause.expression.empty() ? Json() : Json(pause.key)},
                       {"reason", pause.note},
                       {"since", TimeJson(pause.created_us)},
                       {"by", pause.by},
                       {"running", pause.running == Running::kHold ? "hold" : "finish"}});
}

Json RulesJson(const StoredRules& rules) {
  return Json::Object({{"workflow", rules.workflow.empty() ? Json() : Json(rules.workflow)},
                       {"rules", rules.definition},
                       {"updated_at", TimeJson(rules.updated_us)},
                       {"updated_by", rules.by}});
}

}  // namespace elevaite::flow
