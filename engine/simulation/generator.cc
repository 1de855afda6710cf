#include "engine/simulation/generator.h"

#include <algorithm>
#include <utility>

#include "dsl/error_types.h"

namespace elevaite::simulation {
namespace {

// Makes `{n: ...}` of what a task gives and what it was given.
Json MixedOutput(const std::string& number) {
  return Json::Object({{"as", "{n: ((" + number + " + $input.n) % 10007)}"}});
}

}  // namespace

std::string SignalType(std::uint32_t number) { return "signal-" + std::to_string(number); }

Json SignalData(std::string_view type) { return Json::Object({{"n", 100 + type.back()}}); }

Workflow Generator::Make(const std::string& name) {
  left_ = 2 + static_cast<std::uint32_t>(Below(options_.tasks_max));
  Json tasks = List({}, 6);
  std::vector<Json::Member> document{
      {"document",
       Json::Object({{"dsl", "1.0.3"}, {"namespace", "sim"}, {"name", name}, {"version", "1.0.0"}})}};
  std::vector<Json::Member> use;
  if (!functions_.empty()) use.emplace_back("functions", Json::Object(std::move(functions_)));
  std::vector<Json> extensions;
  while (extensions.size() < 3 && OneIn(5)) extensions.push_back(Extension());
  if (!extensions.empty()) use.emplace_back("extensions", Json::Array(std::move(extensions)));
  if (!use.empty()) document.emplace_back("use", Json::Object(std::move(use)));
  if (OneIn(6)) document.emplace_back("input", Json::Object({{"from", "{n: (.n + 1)}"}}));
  if (options_.allows_timing && OneIn(8)) {
    document.emplace_back("timeout", Json::Object({{"after", Json::Object({{"seconds", 1 + Below(60)}})}}));
    is_timed_ = true;
  }
  document.emplace_back("do", std::move(tasks));
  if (OneIn(6)) document.emplace_back("output", Json::Object({{"as", "{n: .n, sum: ($context.c0 // 0)}"}}));
  return {.name = name, .document = Json::Object(std::move(document)), .is_timed = is_timed_};
}

Json Generator::List(const Place& place, std::uint32_t tasks_max) {
  Tasks tasks;
  Notes notes;
  const std::uint64_t wanted = 1 + Below(tasks_max);
  for (std::uint64_t i = 0; i < wanted && (left_ > 0 || tasks.empty()); ++i) {
    const std::string name = NewName();
    if (options_.allows_own_events && OneIn(14)) {
      const std::size_t sender = tasks.size();
      tasks.emplace_back(name, Emit("note-" + name));
      if (!OneIn(3)) {
        const std::string between = NewName();
        tasks.emplace_back(between, Task(place));
      }
      notes.emplace_back(sender, tasks.size());
      tasks.emplace_back(NewName(), ListenToOwn("note-" + name));
      continue;
    }
    tasks.emplace_back(name, Task(place));
  }
  Direct(place, tasks, notes);
  std::vector<Json> list;
  list.reserve(tasks.size());
  for (auto& [name, task] : tasks)
    list.push_back(Json::Object({Json::Member(std::string_view(name), std::move(task))}));
  return Json::Array(std::move(list));
}

// A task after the i-th. Never one that listens, or stands before a task that does, for what another one
// sends that would be left out.
std::string Generator::LaterTask(const Tasks& tasks, std::size_t i, const Notes& notes) {
  const std::size_t to = i + 1 + Below(tasks.size() - i - 1);
  for (const auto& [sender, listener] : notes) {
    if (i < sender && sender < to && to <= listener) return tasks[i + 1].first;
  }
  return tasks[to].first;
}

// Lets some tasks lead elsewhere: to a later one, out of the list, to the end.
void Generator::Direct(const Place& place, Tasks& tasks, const Notes& notes) {
  for (std::size_t i = 0; i + 1 < tasks.size(); ++i) {
    if (tasks[i].second.Find("switch") || !OneIn(12)) continue;
    std::string then = LaterTask(tasks, i, notes);
    if (OneIn(5)) then = "exit";
    if (OneIn(8) && !place.in_fork && !place.in_function) then = "end";
    tasks[i].second = Json::WithMember(std::move(tasks[i].second), "then", then);
  }
  for (std::size_t i = 0; i + 1 < tasks.size(); ++i) {
    const Json* cases = tasks[i].second.Find("switch");
    if (!cases) continue;
    std::vector<Json> directed;
    for (const Json& one : cases->AsArray()) {
      const Json::Member& member = *one.AsObject().begin();
      directed.push_back(Json::Object(
          {Json::Member(member.key, Json::WithMember(member.value, "then", LaterTask(tasks, i, notes)))}));
    }
    tasks[i].second =
        Json::WithMember(std::move(tasks[i].second), "switch", Json::Array(std::move(directed)));
  }
}

Json Generator::Task(const Place& place) {
  if (left_ > 0) --left_;
  const bool composite = place.depth < options_.depth_max && left_ > 1 && OneIn(2);
  Json task = composite ? Composite(place) : Leaf(place);
  Decorate(task);
  return task;
}

Json Generator::Composite(const Place& place) {
  Place inner = place;
  ++inner.depth;
  switch (Below(6)) {
    case 0: return Do(inner);
    case 1: return For(inner);
    case 2:
    case 3: return Fork(inner);
    default: return Try(inner);
  }
}

Json Generator::Leaf(const Place& place) {
  if (OneIn(30)) return ListenInVain();
  switch (Below(14)) {
    case 0:
    case 1: return Set(place);
    case 2: return Switch();
    case 3: return Raise();
    case 4:
    case 5: return Wait();
    case 6:
      if (place.depth < options_.depth_max && !place.in_function) return CallFunction(place);
      return Call(place);
    case 7:
    case 8:
      if (!options_.children.empty()) return OneIn(3) ? MapWorkflow(place) : RunWorkflow(place);
      return Call(place);
    case 9:
      if (options_.allows_signals && !place.in_function) return ListenToSignal(place);
      return Call(place);
    default: return Call(place);
  }
}

// What any task may have: a condition, a change of its input, what it writes to the context.
void Generator::Decorate(Json& task) {
  if (OneIn(8) && !task.Find("if")) task = Json::WithMember(std::move(task), "if", Condition());
  if (OneIn(8)) task = Json::WithMember(std::move(task), "input", Json::Object({{"from", "{n: (.n + 3)}"}}));
  if (OneIn(5)) {
    const std::string key = "c" + std::to_string(Below(3));
    task = Json::WithMember(std::move(task), "export",
                            Json::Object({{"as", "($context // {}) + {" + key + ": ((($context." + key +
                                                     " // 0) + .n) % 10007)}"}}));
  }
  if (options_.allows_timing && OneIn(10)) task = Timeout(std::move(task));
}

Json Generator::Timeout(Json task) {
  if (task.Find("timeout")) return task;
  is_timed_ = true;
  return Json::WithMember(std::move(task), "timeout",
                          Json::Object({{"after", Json::Object({{"milliseconds", 1 + Below(20'000)}})}}));
}

std::string Generator::Mixed(const Place& place, const std::string& n) {
  std::string value = n + " * " + std::to_string(2 + Below(4)) + " + " + std::to_string(Below(4));
  if (!place.loops.empty() && OneIn(2)) value += " + $" + place.loops[Below(place.loops.size())];
  if (!place.errors.empty() && OneIn(2))
    value += " + $" + place.errors[Below(place.errors.size())] + ".status";
  if (OneIn(3)) value += " + ($context.c" + std::to_string(Below(3)) + " // 0)";
  return "(" + value + ") % 10007";
}

std::string Generator::Condition() {
  return ".n % " + std::to_string(2 + Below(3)) + (OneIn(2) ? " == 0" : " != 0");
}

Json Generator::Set(const Place& place) {
  if (OneIn(20))
    return Json::Object({{"set", Json::Object({{"n", "${ error(\"boom\") }"}})}, {"if", Condition()}});
  return Json::Object({{"set", Json::Object({{"n", "${ " + Mixed(place) + " }"}})}});
}

Json Generator::Do(const Place& place) { return Json::Object({{"do", List(place, 4)}}); }

Json Generator::Switch() {
  std::vector<Json> cases;
  const std::uint64_t count = 1 + Below(3);
  const std::uint64_t otherwise = Below(2 * count);  // half of them have no default
  for (std::uint64_t i = 0; i < count; ++i) {
    std::vector<Json::Member> one{{"then", "continue"}};
    if (i != otherwise) one.emplace_back("when", Condition());
    cases.push_back(
        Json::Object({Json::Member(Json("case" + std::to_string(i)), Json::Object(std::move(one)))}));
  }
  return Json::Object({{"switch", Json::Array(std::move(cases))}});
}

Json Generator::For(const Place& place) {
  const std::string each = "item" + std::to_string(place.depth);
  const std::string at = "at" + std::to_string(place.depth);
  Place inner = place;
  inner.loops.push_back(each);
  inner.loops.push_back(at);
  const std::string rounds = std::to_string(2 + Below(3));
  Json task = Json::Object(
      {{"for", Json::Object({{"each", each}, {"at", at}, {"in", "[range(0; .n % " + rounds + " + 1)]"}})}});
  if (OneIn(4)) task = Json::WithMember(std::move(task), "while", ".n % 7 != $" + at);
  return Json::WithMember(std::move(task), "do", List(inner, 3));
}

Json Generator::Fork(const Place& place) {
  Place inner = place;
  inner.in_fork = true;
  const bool competes = options_.allows_timing && OneIn(3);
  if (competes) is_timed_ = true;
  std::vector<Json> branches;
  const std::uint64_t count = 2 + Below(2);
  for (std::uint64_t i = 0; i < count; ++i) {
    const std::string name = NewName();
    Json task = Task(inner);
    branches.push_back(Json::Object({Json::Member(std::string_view(name), std::move(task))}));
  }
  std::vector<Json::Member> fork{{"branches", Json::Array(std::move(branches))}};
  if (competes) fork.emplace_back("compete", true);
  Json task = Json::Object({{"fork", Json::Object(std::move(fork))}});
  if (competes) return task;
  // The outputs count by their place: n1 + 2 n2 + 3 n3.
  return Json::WithMember(
      std::move(task), "output",
      Json::Object(
          {{"as", ". as $all | {n: ([range(0; length) as $i | ($i + 1) * $all[$i].n] | add % 10007)}"}}));
}

Json Generator::Retry() {
  std::vector<Json::Member> limit{{"attempt", Json::Object({{"count", 1 + Below(3)}})}};
  if (options_.allows_timing && OneIn(4)) {
    is_timed_ = true;
    limit.emplace_back("duration", Json::Object({{"seconds", 1 + Below(30)}}));
  }
  std::vector<Json::Member> retry{{"delay", Json::Object({{"milliseconds", 1 + Below(3'000)}})},
                                  {"limit", Json::Object(std::move(limit))}};
  if (OneIn(2)) retry.emplace_back("backoff", Json::Object({{"exponential", Json::EmptyObject()}}));
  if (OneIn(3)) {
    retry.emplace_back("jitter", Json::Object({{"from", Json::Object({{"milliseconds", 1}})},
                                               {"to", Json::Object({{"milliseconds", 500}})}}));
  }
  return Json::Object(std::move(retry));
}

Json Generator::Try(const Place& place) {
  if (options_.allows_cleanup && OneIn(3)) return OneIn(2) ? TryWithCleanup(place) : Saga(place);
  const std::string variable = "err" + std::to_string(place.depth);
  std::vector<Json::Member> handler{{"as", variable}};
  if (OneIn(3)) handler.emplace_back("errors", Json::Object({{"with", Json::Object({{"status", 503}})}}));
  if (OneIn(4)) handler.emplace_back("when", "$" + variable + ".status % 2 == 1");
  if (OneIn(5)) handler.emplace_back("exceptWhen", "$" + variable + ".status == 500");
  const bool retries = OneIn(2);
  if (retries) handler.emplace_back("retry", Retry());
  Json body = List(place, 3);
  if (!retries || OneIn(2)) {
    Place inner = place;
    inner.errors.push_back(variable);
    handler.emplace_back("do", List(inner, 2));
  }
  return Json::Object({{"try", std::move(body)}, {"catch", Json::Object(std::move(handler))}});
}

// Its list runs when the execution is cancelled, and never else.
Json Generator::TryWithCleanup(const Place& place) {
  Json body = List(place, 3);
  Json filter = Json::Object({{"with", Json::Object({{"type", dsl::kCancelledError}})}});
  return Json::Object({{"try", std::move(body)},
                       {"catch", Json::Object({{"as", "err" + std::to_string(place.depth)},
                                               {"errors", std::move(filter)},
                                               {"do", List(place, 2)}})}});
}

Json Generator::Saga(const Place& place) {
  Place undone = place;
  undone.in_fork = true;  // no `end` inside
  std::vector<Json> steps;
  const std::uint64_t count = 2 + Below(3);
  for (std::uint64_t i = 0; i < count; ++i) {
    std::vector<Json::Member> step{{"do", List(place, 2)}};
    if (!OneIn(4)) step.emplace_back("undo", List(undone, 2));
    steps.push_back(Json::Object({Json::Member(Json(NewName()), Json::Object(std::move(step)))}));
  }
  return Json::Object(
      {{"call", "flow.saga"}, {"with", Json::Object({{"steps", Json::Array(std::move(steps))}})}});
}

Json Generator::Raise() {
  const std::uint64_t status = OneIn(2) ? 503 : 400 + Below(3);
  const char* type = OneIn(2) ? "https://example.com/errors/sim"
                              : "https://open-workflow-specification.org/spec/1.0.0/errors/runtime";
  return Json::Object(
      {{"raise",
        Json::Object({{"error", Json::Object({{"type", type}, {"status", status}, {"title", "raised"}})}})},
       {"if", Condition()}});
}

Json Generator::Wait() {
  const std::uint64_t ms = OneIn(3) ? 1 + Below(120'000) : 1 + Below(2'000);
  Json task = Json::Object({{"wait", Json::Object({{"milliseconds", ms}})}});
  if (!OneIn(6)) return task;
  // It always ends in time, or never does: also when nobody was there to see it.
  const std::uint64_t timeout_ms = OneIn(2) ? ms + Below(1'000) : std::max<std::uint64_t>(ms / 2, 1);
  return Json::WithMember(std::move(task), "timeout",
                          Json::Object({{"after", Json::Object({{"milliseconds", timeout_ms}})}}));
}

// The functions are those of workers.h.
Json Generator::Call(const Place& place) {
  static constexpr std::string_view kFunctions[] = {"flaky", "flaky", "fragile", "fragile", "broken",
                                                    "work",  "work",  "work",    "work",    "work"};
  if (options_.allows_poison && OneIn(6)) return Call(place, "poison");
  if (OneIn(12)) return CallBounded(place);
  return Call(place, kFunctions[Below(std::size(kFunctions))]);
}

// It is as slow as it may be: a bound always ends it, none never does.
Json Generator::CallBounded(const Place& place) {
  Json task = Call(place, "slow");
  if (OneIn(3)) return task;
  static constexpr std::string_view kBounds[] = {"queued", "attempt", "heartbeat"};
  Json bound = Json::Object({{"milliseconds", 1 + Below(5'000)}});
  Json timeouts = Json::Object({Json::Member(Json(kBounds[Below(3)]), std::move(bound))});
  return Json::WithMember(std::move(task), "metadata",
                          Json::Object({{"elevaite", Json::Object({{"timeouts", std::move(timeouts)}})}}));
}

Json Generator::Call(const Place& place, std::string_view function) {
  std::vector<Json::Member> with{{"n", "${ " + Mixed(place) + " }"}};
  if (function == "broken") {
    with.emplace_back("status", OneIn(2) ? 503 : 500);
  } else if (function == "flaky" || function == "fragile") {
    with.emplace_back("fails", 1 + Below(3));
  }
  Json task = Json::Object(
      {{"call", function}, {"with", Json::Object(std::move(with))}, {"output", MixedOutput(".")}});
  if (function == "broken" || function == "poison")
    task = Json::WithMember(std::move(task), "if", Condition());
  return task;
}

Json Generator::CallFunction(const Place& place) {
  Place inner;
  inner.depth = place.depth + 1;
  inner.in_function = true;
  inner.in_fork = true;  // it may be called from one
  const std::string name = "f" + std::to_string(functions_.size() + 1);
  functions_.emplace_back(std::string_view(name), Json());  // keeps the name while its tasks are made
  Json body = Do(inner);
  for (Json::Member& function : functions_) {
    if (function.key.AsString() == name) function.value = body;
  }
  return Json::Object({{"call", name},
                       {"with", Json::Object({{"n", "${ " + Mixed(place) + " }"}})},
                       {"output", MixedOutput(".n")}});
}

// Its tasks stand at one place of the document and run at many: a call that counts what was called there
// before would not be the same in each order of branches.
Json Generator::Extension() {
  static constexpr std::string_view kKinds[] = {"set", "call", "wait",      "for",    "raise",
                                                "try", "run",  "composite", "switch", "all"};
  const std::string_view kind = kKinds[Below(std::size(kKinds))];
  std::vector<Json::Member> extension{{"extend", kind}};
  if (OneIn(3)) extension.emplace_back("when", Condition());
  const bool has_before = !OneIn(3);
  // Never around tasks that send: who listens would wait for what was not sent.
  if (has_before) extension.emplace_back("before", ListOfExtension(kind != "all" && OneIn(3)));
  if (!has_before || OneIn(2)) extension.emplace_back("after", ListOfExtension(false));
  return Json::Object(
      {Json::Member(Json("x" + std::to_string(++names_)), Json::Object(std::move(extension)))});
}

Json Generator::ListOfExtension(bool exits) {
  Json task = OneIn(2) ? Call({}, "work") : (OneIn(2) ? Wait() : Set({}));
  Decorate(task);
  if (exits) task = Json::WithMember(std::move(task), "then", "exit");
  return Json::Array({Json::Object({Json::Member(Json(NewName()), std::move(task))})});
}

Json Generator::RunWorkflow(const Place& place) {
  const std::string& name = options_.children[Below(options_.children.size())];
  std::vector<Json::Member> workflow{{"namespace", "sim"},
                                     {"name", name},
                                     {"version", "1.0.0"},
                                     {"input", Json::Object({{"n", "${ " + Mixed(place) + " }"}})}};
  std::vector<Json::Member> run{{"workflow", Json::Object(std::move(workflow))}};
  if (OneIn(4)) run.emplace_back("await", false);
  return Json::Object({{"run", Json::Object(std::move(run))}, {"output", MixedOutput(".n")}});
}

// The outputs count by their place, as those of a fork; of an error that is collected its status does.
Json Generator::MapWorkflow(const Place& place) {
  const std::string& name = options_.children[Below(options_.children.size())];
  std::vector<Json::Member> with{
      {"items", "${ (" + Mixed(place) + ") as $m | [range(0; $m % " + std::to_string(2 + Below(4)) +
                    ") | {n: ((. * 31 + $m) % 10007)}] }"},
      {"workflow", Json::Object({{"namespace", "sim"}, {"name", name}, {"version", "1.0.0"}})}};
  if (!OneIn(3)) with.emplace_back("concurrency", 1 + Below(3));
  const bool collects = OneIn(2);
  if (collects) with.emplace_back("onError", "collect");
  const std::string one = collects ? "(.output.n // .error.status)" : ".n";
  return Json::Object(
      {{"call", "flow.map"},
       {"with", Json::Object(std::move(with))},
       {"output", MixedOutput("(. as $all | [range(0; length) as $i | ($i + 1) * ($all[$i] | " + one +
                              ")] | add // 0)")}});
}

Json Generator::Emit(const std::string& type) {
  return Json::Object(
      {{"emit",
        Json::Object(
            {{"event",
              Json::Object({{"with", Json::Object({{"type", type},
                                                   {"subject", "${ $workflow.id }"},
                                                   {"data", Json::Object({{"n", "${ .n }"}})}})}})}})},
       {"output", Json::Object({{"as", "{n: .data.n}"}})}});
}

namespace {

Json ForThisExecution(const std::string& type) {
  return Json::Object({{"with", Json::Object({{"type", type}, {"subject", "${ . == $workflow.id }"}})}});
}

}  // namespace

Json Generator::ListenToOwn(const std::string& type) {
  return Json::Object({{"listen", Json::Object({{"to", Json::Object({{"one", ForThisExecution(type)}})}})},
                       {"output", MixedOutput("(map(.n) | add)")}});
}

// Only its timeout ends it.
Json Generator::ListenInVain() {
  return Json::Object(
      {{"listen", Json::Object({{"to", Json::Object({{"one", ForThisExecution(std::string(kNeverSent))}})}})},
       {"timeout", Json::Object({{"after", Json::Object({{"milliseconds", 1 + Below(20'000)}})}})}});
}

Json Generator::ListenToSignal(const Place& place) {
  const std::string first = SignalType(static_cast<std::uint32_t>(Below(kSignals)));
  const std::string second = SignalType(static_cast<std::uint32_t>(Below(kSignals)));
  Json to;
  bool has_rounds = false;
  switch (Below(4)) {
    case 0:
      to = Json::Object({{"all", Json::Array({ForThisExecution(first), ForThisExecution(second)})}});
      break;
    case 1:
      has_rounds = OneIn(2);
      to = Json::Object({{"any", Json::Array({ForThisExecution(first)})},
                         {"until", "length >= " + std::to_string(1 + Below(3))}});
      break;
    default: to = Json::Object({{"one", ForThisExecution(first)}}); break;
  }
  std::vector<Json::Member> task{{"listen", Json::Object({{"to", std::move(to)}})},
                                 {"output", MixedOutput("(map(.n) | add)")}};
  if (has_rounds) {
    Place inner = place;
    ++inner.depth;
    const std::string at = "round" + std::to_string(place.depth);
    inner.loops.push_back(at);
    inner.in_fork = true;  // no `end` inside
    task.emplace_back(
        "foreach",
        Json::Object({{"item", "event" + std::to_string(place.depth)}, {"at", at}, {"do", List(inner, 2)}}));
  }
  return Json::Object(std::move(task));
}

}  // namespace elevaite::simulation
