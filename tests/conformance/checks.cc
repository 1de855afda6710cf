// The sentences after "Then": what came of a scenario.
#include <algorithm>
#include <charconv>

#include "tests/conformance/steps.h"

namespace elevaite::conformance {

using engine::Event;
using engine::EventType;
using engine::Phase;

namespace {

Result<void> ExpectEqual(const Json& found, const Json& expected, std::string_view what) {
  if (found == expected) return {};
  return Mismatch(std::string(what) + " is " + found.Dump() + ", expected " + expected.Dump());
}

// Each member of `expected` is in `found`; other members do not matter.
Result<void> ExpectMembers(const Json& found, const Json& expected, std::string_view what) {
  if (!expected.IsObject()) return ExpectEqual(found, expected, what);
  for (const auto& [name, value] : expected.AsObject()) {
    RETURN_IF_ERROR(
        ExpectMembers(found[name.AsString()], value, std::string(what) + "." + std::string(name.AsString())));
  }
  return {};
}

// "a.b.c"; nullptr: there is none.
const Json* At(const Json& value, std::string_view path) {
  const Json* found = &value;
  while (found != nullptr && !path.empty()) {
    const std::string_view name = path.substr(0, path.find('.'));
    path.remove_prefix(std::min(path.size(), name.size() + 1));
    found = found->Find(name);
  }
  return found;
}

Result<void> ExpectCount(std::size_t found, const std::string& expected, std::string_view what) {
  if (std::to_string(found) == expected) return {};
  return Mismatch(std::string(what) + ": " + std::to_string(found) + ", expected " + expected);
}

std::string Seconds(std::int64_t us) { return Json(static_cast<double>(us) / 1e6).Dump(); }

std::string TimeText(std::int64_t us) {
  return Timestamp::FromMicros(us).ToRfc3339(Timestamp::Precision::kSeconds);
}

// The words between commas.
std::vector<std::string> Words(std::string_view text) {
  std::vector<std::string> words;
  while (!text.empty()) {
    std::string_view word = text.substr(0, text.find(','));
    text.remove_prefix(std::min(text.size(), word.size() + 1));
    while (word.starts_with(' ')) word.remove_prefix(1);
    words.emplace_back(word);
  }
  return words;
}

std::string Joined(const std::vector<std::string>& words) {
  std::string joined;
  for (const std::string& word : words) joined += (joined.empty() ? "" : ", ") + word;
  return joined;
}

std::string_view NameIn(const Run& run, const Event& event) {
  return event.task == dsl::kNoTask ? std::string_view()
                                    : std::string_view(run.ProgramOf(event).all[event.task].name);
}

// A task begins with kTaskStarted; one that ends in the step in which it begins has its end alone.
bool IsBegin(const Run& run, const Event& event) {
  if (event.task == dsl::kNoTask || run.ProgramOf(event).all[event.task].kind == dsl::TaskKind::kExtended)
    return false;
  if (event.type == EventType::kTaskStarted) return true;
  if (event.type != EventType::kTaskCompleted && event.type != EventType::kTaskFaulted) return false;
  return std::ranges::none_of(run.events, [&](const Event& other) {
    return other.type == EventType::kTaskStarted && other.frame == event.frame;
  });
}

}  // namespace

const std::vector<Steps::Sentence>& Steps::Checks() {
  static const std::vector<Sentence> sentences{
      {"the workflow should not migrate because of {text} to the definition:", &Steps::NotMigrated},
      {"the workflow should complete", &Steps::Completed},
      {"the workflow should complete with output:", &Steps::CompletedWith},
      {"the workflow should fault", &Steps::Faulted},
      {"the workflow should fault with error:", &Steps::FaultedWith},  // these members; others do not matter
      {"the workflow should be cancelled", &Steps::Cancelled},
      {"the workflow should be {word}", &Steps::InPhase},
      {"the workflow should have ended after {number} seconds", &Steps::EndedAfter},
      {"the workflow output should have a {text} property with value:", &Steps::HasValue},
      {"the workflow output should have a {text} property containing {number} items", &Steps::HasItems},
      {"the workflow error should have a {text} property with value:", &Steps::ErrorHasValue},
      {"{word} should run first", &Steps::RanFirst},
      {"{word} should run last", &Steps::RanLast},
      {"{word} should run after {word}", &Steps::RanAfter},
      {"{word} should run before {word}", &Steps::RanBefore},
      {"{word} should run once", &Steps::RanTimes},
      {"{word} should run {number} times", &Steps::RanTimes},
      {"{word} should not run", &Steps::DidNotRun},
      {"{word} should run at the seconds {text}", &Steps::RanAt},  // since the execution began: '0, 1, 3'
      {"{word} should be cancelled", &Steps::WasCancelled},
      {"{word} should be skipped", &Steps::WasSkipped},
      {"{word} should fault", &Steps::TaskFaulted},
      {"the context should be:", &Steps::ContextIs},
      {"the emitted events should be:", &Steps::Emitted},  // a list; of each event these members
      {"{number} events should be emitted", &Steps::EmittedCount},
      {"the journal should not contain {text}", &Steps::JournalHasNot},
      {"the journal should contain {text}", &Steps::JournalHas},
      {"{text} should receive {number} requests", &Steps::ReceivedCount},
      {"{text} should receive the header {text} with value {text}", &Steps::ReceivedHeader},
      {"{text} should receive the query {text}", &Steps::ReceivedQuery},
      {"{text} should receive the body:", &Steps::ReceivedBody},
      {"the definition should be refused with {word}", &Steps::Refused},
      {"the definition should give the warning {word}", &Steps::Warned},
      {"the definition should be accepted", &Steps::Accepted},
      {"{number} executions should have started", &Steps::StartedCount},
      {"{number} executions of {text} should have started", &Steps::StartedCountOf},
      {"executions should have started at:", &Steps::StartedAt},  // a list of times
      {"the next start should be due at {text}", &Steps::NextDue},
      {"no start should be due", &Steps::NothingDue},
      {"execution {number} should have the input:", &Steps::InputOf},
      {"the execution of {text} should complete with output:", &Steps::ChildCompletedWith},
      {"the execution of {text} should be {word}", &Steps::ChildInPhase},
      {"the workflow output should have properties {text}", &Steps::HasProperties},
      {"the workflow output should have properties {text}, {text}", &Steps::HasProperties},
      {"the workflow output should have properties {text}, {text}, {text}", &Steps::HasProperties},
      {"the workflow output should have properties {text}, {text}, {text}, {text}", &Steps::HasProperties},
      {"the workflow output should have properties {text}, {text}, {text}, {text}, {text}, {text}",
       &Steps::HasProperties},
      {"the workflow output should have properties {text}, {text}, {text}, {text}, {text}, {text}, {text}",
       &Steps::HasProperties},
  };
  return sentences;
}

// ---- How it ended ----

Result<const Run*> Steps::Ended(Phase phase) const {
  if (!current_) return Mismatch("nothing was executed");
  const Run& run = Current();
  if (run.record.phase == phase) return &run;
  const engine::State state = run.state();
  return Mismatch("the workflow is " + std::string(NameOf(run.record.phase)) + ", expected " +
                  std::string(NameOf(phase)) + "; output " + state.output.Dump() + ", error " +
                  state.error.Dump());
}

Result<void> Steps::Completed(const Step&, const Parameters&) {
  RETURN_IF_ERROR(Ended(Phase::kCompleted));
  return {};
}

Result<void> Steps::CompletedWith(const Step& step, const Parameters&) {
  ASSIGN_OR_RETURN(const Run* run, Ended(Phase::kCompleted));
  ASSIGN_OR_RETURN(const Json expected, DocOf(step));
  return ExpectEqual(run->state().output, expected, "the output");
}

Result<void> Steps::Faulted(const Step&, const Parameters&) {
  RETURN_IF_ERROR(Ended(Phase::kFaulted));
  return {};
}

Result<void> Steps::FaultedWith(const Step& step, const Parameters&) {
  ASSIGN_OR_RETURN(const Run* run, Ended(Phase::kFaulted));
  ASSIGN_OR_RETURN(const Json expected, DocOf(step));
  return ExpectMembers(run->state().error, expected, "the error");
}

Result<void> Steps::Cancelled(const Step&, const Parameters&) {
  RETURN_IF_ERROR(Ended(Phase::kCancelled));
  return {};
}

Result<void> Steps::InPhase(const Step&, const Parameters& parameters) {
  const auto phase = engine::PhaseFromName(parameters[0]);
  if (!phase) return Mismatch("no such phase: " + parameters[0]);
  RETURN_IF_ERROR(Ended(*phase));
  return {};
}

Result<void> Steps::EndedAfter(const Step&, const Parameters& parameters) {
  const Run& run = Current();
  if (!run.ended()) return Mismatch("it has not ended");
  const std::string found = Seconds(*run.record.finished_us - run.record.started_us);
  return found == parameters[0] + ".0" || found == parameters[0] ? Result<void>()
                                                                 : Mismatch("it took " + found + " seconds");
}

Result<void> Steps::HasProperties(const Step&, const Parameters& parameters) {
  ASSIGN_OR_RETURN(const Run* run, Ended(Phase::kCompleted));
  const Json output = run->state().output;
  for (const std::string& path : parameters) {
    if (At(output, path) == nullptr) return Mismatch("no '" + path + "' in the output " + output.Dump());
  }
  return {};
}

Result<void> Steps::HasValue(const Step& step, const Parameters& parameters) {
  ASSIGN_OR_RETURN(const Run* run, Ended(Phase::kCompleted));
  ASSIGN_OR_RETURN(const Json expected, DocOf(step));
  const Json output = run->state().output;
  const Json* found = At(output, parameters[0]);
  return found != nullptr ? ExpectEqual(*found, expected, parameters[0])
                          : Mismatch("no such property in " + output.Dump());
}

Result<void> Steps::HasItems(const Step&, const Parameters& parameters) {
  ASSIGN_OR_RETURN(const Run* run, Ended(Phase::kCompleted));
  const Json output = run->state().output;
  const Json* found = At(output, parameters[0]);
  if (found == nullptr || !found->IsArray()) return Mismatch("no such list in " + output.Dump());
  return ExpectCount(found->Size(), parameters[1], "items");
}

Result<void> Steps::ErrorHasValue(const Step& step, const Parameters& parameters) {
  ASSIGN_OR_RETURN(const Run* run, Ended(Phase::kFaulted));
  ASSIGN_OR_RETURN(const Json expected, DocOf(step));
  const Json error = run->state().error;
  const Json* found = At(error, parameters[0]);
  return found != nullptr ? ExpectEqual(*found, expected, parameters[0])
                          : Mismatch("no such property in " + error.Dump());
}

// `because of` names the task in the way.
Result<void> Steps::NotMigrated(const Step& step, const Parameters& parameters) {
  ASSIGN_OR_RETURN(const engine::Migration migration, MigrateTo(step));
  std::string found;
  for (const engine::Obstacle& one : migration.plan.obstacles) {
    if (one.task == parameters[0]) return {};
    found += one.task + " " + one.why + "; ";
  }
  return Mismatch(found.empty() ? "it has migrated" : "the obstacles are: " + found);
}

// ---- Its tasks ----

// An empty name: of every task.
std::vector<const Event*> Steps::Begins(std::string_view task) const {
  std::vector<const Event*> found;
  if (!current_) return found;
  const Run& run = Current();
  for (const Event& event : run.events) {
    if ((task.empty() || NameIn(run, event) == task) && IsBegin(run, event)) found.push_back(&event);
  }
  return found;
}

Result<void> Steps::RanFirst(const Step&, const Parameters& parameters) {
  const auto all = Begins("");
  if (!all.empty() && NameIn(Current(), *all.front()) == parameters[0]) return {};
  return Mismatch("the first task was " +
                  (all.empty() ? "none" : std::string(NameIn(Current(), *all.front()))));
}

Result<void> Steps::RanLast(const Step&, const Parameters& parameters) {
  const auto all = Begins("");
  if (!all.empty() && NameIn(Current(), *all.back()) == parameters[0]) return {};
  return Mismatch("the last task was " +
                  (all.empty() ? "none" : std::string(NameIn(Current(), *all.back()))));
}

Result<void> Steps::RanAfter(const Step&, const Parameters& parameters) {
  const auto later = Begins(parameters[0]);
  const auto earlier = Begins(parameters[1]);
  if (later.empty() || earlier.empty()) return Mismatch("one of them did not run");
  return later.front()->seq > earlier.front()->seq ? Result<void>() : Mismatch("it ran before");
}

Result<void> Steps::RanBefore(const Step& step, const Parameters& parameters) {
  return RanAfter(step, {parameters[1], parameters[0]});
}

Result<void> Steps::RanTimes(const Step&, const Parameters& parameters) {
  return ExpectCount(Begins(parameters[0]).size(), parameters.size() > 1 ? parameters[1] : "1",
                     "runs of " + parameters[0]);
}

Result<void> Steps::DidNotRun(const Step&, const Parameters& parameters) {
  return ExpectCount(Begins(parameters[0]).size(), "0", "runs of " + parameters[0]);
}

Result<void> Steps::RanAt(const Step&, const Parameters& parameters) {
  std::vector<std::string> found;
  for (const Event* begin : Begins(parameters[0])) {
    std::string seconds = Seconds(begin->time_us - Current().record.started_us);
    if (seconds.ends_with(".0")) seconds.resize(seconds.size() - 2);
    found.push_back(std::move(seconds));
  }
  return found == Words(parameters[1]) ? Result<void>() : Mismatch("it ran at '" + Joined(found) + "'");
}

Result<void> Steps::ExpectEvent(std::string_view task, EventType type, std::string_view what) const {
  const Run& run = Current();
  const bool found = std::ranges::any_of(
      run.events, [&](const Event& event) { return event.type == type && NameIn(run, event) == task; });
  return found ? Result<void>() : Mismatch(std::string(task) + " was not " + std::string(what));
}

Result<void> Steps::WasCancelled(const Step&, const Parameters& parameters) {
  return ExpectEvent(parameters[0], EventType::kTaskCancelled, "cancelled");
}
Result<void> Steps::WasSkipped(const Step&, const Parameters& parameters) {
  return ExpectEvent(parameters[0], EventType::kTaskSkipped, "skipped");
}
Result<void> Steps::TaskFaulted(const Step&, const Parameters& parameters) {
  return ExpectEvent(parameters[0], EventType::kTaskFaulted, "faulted");
}

// ---- Context, events, journal, requests ----

Result<void> Steps::ContextIs(const Step& step, const Parameters&) {
  ASSIGN_OR_RETURN(const Json expected, DocOf(step));
  return ExpectEqual(Current().state().context, expected, "$context");
}

Result<void> Steps::Emitted(const Step& step, const Parameters&) {
  ASSIGN_OR_RETURN(const Json expected, DocOf(step));
  const Json found = Json::Array(world_.emitted());
  if (!expected.IsArray() || expected.Size() != found.Size())
    return Mismatch("these were emitted: " + found.Dump());
  for (std::size_t i = 0; i < found.Size(); ++i)
    RETURN_IF_ERROR(ExpectMembers(found.At(i), expected.At(i), "event " + std::to_string(i + 1)));
  return {};
}

Result<void> Steps::EmittedCount(const Step&, const Parameters& parameters) {
  return ExpectCount(world_.emitted().size(), parameters[0], "emitted events");
}

Result<void> Steps::JournalHasNot(const Step&, const Parameters& parameters) {
  for (const ExecutionId& id : world_.started()) {
    if (world_.run(id).bytes.find(parameters[0]) != std::string::npos)
      return Mismatch("it is in the journal");
  }
  return {};
}

Result<void> Steps::JournalHas(const Step&, const Parameters& parameters) {
  const bool found = Current().bytes.find(parameters[0]) != std::string::npos;
  return found ? Result<void>() : Mismatch("it is not in the journal");
}

Result<void> Steps::ReceivedCount(const Step&, const Parameters& parameters) {
  return ExpectCount(world_.stub().RequestsTo(parameters[0]).size(), parameters[1], "requests");
}

Result<void> Steps::ReceivedHeader(const Step&, const Parameters& parameters) {
  const auto requests = world_.stub().RequestsTo(parameters[0]);
  if (requests.empty()) return Mismatch("no request came");
  const auto& headers = requests.back().headers;
  const auto found = headers.find(parameters[1]);
  if (found == headers.end()) return Mismatch("there was no such header");
  return found->second == parameters[2] ? Result<void>() : Mismatch("it was '" + found->second + "'");
}

Result<void> Steps::ReceivedQuery(const Step&, const Parameters& parameters) {
  const auto requests = world_.stub().RequestsTo(parameters[0]);
  if (requests.empty()) return Mismatch("no request came");
  return requests.back().query == parameters[1] ? Result<void>()
                                                : Mismatch("it was '" + requests.back().query + "'");
}

Result<void> Steps::ReceivedBody(const Step& step, const Parameters& parameters) {
  ASSIGN_OR_RETURN(const Json expected, DocOf(step));
  const auto requests = world_.stub().RequestsTo(parameters[0]);
  if (requests.empty()) return Mismatch("no request came");
  const auto body = ParseJson(requests.back().body);
  return body ? ExpectEqual(*body, expected, "the body")
              : Mismatch("the body was '" + requests.back().body + "'");
}

// ---- The definition ----

Result<void> Steps::ExpectCode(const std::string& code, dsl::Severity severity) const {
  if (!compiled_) return Mismatch("there is no definition yet");
  std::string found;
  for (const dsl::Diagnostic& diagnostic : compiled_->diagnostics) {
    if (dsl::TextOf(diagnostic.code) == code && diagnostic.severity == severity) return {};
    found += "\n  " + dsl::ToText(diagnostic);
  }
  return Mismatch("found:" + (found.empty() ? " nothing" : found));
}

Result<void> Steps::Refused(const Step&, const Parameters& parameters) {
  return ExpectCode(parameters[0], dsl::Severity::kError);
}
Result<void> Steps::Warned(const Step&, const Parameters& parameters) {
  RETURN_IF_ERROR(Program());
  return ExpectCode(parameters[0], dsl::Severity::kWarning);
}
Result<void> Steps::Accepted(const Step&, const Parameters&) {
  RETURN_IF_ERROR(Program());
  return {};
}

// ---- Schedules and subflows ----

Result<void> Steps::StartedCount(const Step&, const Parameters& parameters) {
  return ExpectCount(world_.started().size(), parameters[0], "executions");
}

Result<void> Steps::StartedCountOf(const Step&, const Parameters& parameters) {
  const auto count = std::ranges::count_if(world_.started(), [&](const ExecutionId& id) {
    return world_.run(id).record.workflow == parameters[1];
  });
  return ExpectCount(static_cast<std::size_t>(count), parameters[0], "executions of " + parameters[1]);
}

Result<void> Steps::StartedAt(const Step& step, const Parameters&) {
  ASSIGN_OR_RETURN(const Json expected, DocOf(step));
  std::vector<Json> found;
  for (const ExecutionId& id : world_.started())
    found.emplace_back(TimeText(world_.run(id).record.started_us));
  return ExpectEqual(Json::Array(std::move(found)), expected, "the times of the starts");
}

Result<void> Steps::NextDue(const Step&, const Parameters& parameters) {
  if (world_.schedules().empty()) return Mismatch("nothing is scheduled");
  const auto due = world_.schedules().back()->due_us();
  if (!due) return Mismatch("no start is due");
  return TimeText(*due) == parameters[0] ? Result<void>() : Mismatch("it is due at " + TimeText(*due));
}

Result<void> Steps::NothingDue(const Step&, const Parameters&) {
  if (world_.schedules().empty()) return Mismatch("nothing is scheduled");
  const auto due = world_.schedules().back()->due_us();
  return due ? Mismatch("a start is due at " + TimeText(*due)) : Result<void>();
}

Result<void> Steps::InputOf(const Step& step, const Parameters& parameters) {
  ASSIGN_OR_RETURN(const Json expected, DocOf(step));
  std::size_t number = 0;
  std::from_chars(parameters[0].data(), parameters[0].data() + parameters[0].size(), number);
  if (number == 0 || number > world_.started().size()) return Mismatch("there is no such execution");
  return ExpectEqual(world_.run(world_.started()[number - 1]).state().input, expected, "the input");
}

Result<const Run*> Steps::LastOf(const std::string& workflow) const {
  const auto& all = world_.started();
  const auto found = std::find_if(all.rbegin(), all.rend(), [&](const ExecutionId& id) {
    return world_.run(id).record.workflow == workflow;
  });
  if (found == all.rend()) return Mismatch("'" + workflow + "' was never started");
  return &world_.run(*found);
}

Result<void> Steps::ChildCompletedWith(const Step& step, const Parameters& parameters) {
  ASSIGN_OR_RETURN(const Run* run, LastOf(parameters[0]));
  ASSIGN_OR_RETURN(const Json expected, DocOf(step));
  if (run->record.phase != Phase::kCompleted)
    return Mismatch("it is " + std::string(NameOf(run->record.phase)));
  return ExpectEqual(run->state().output, expected, "the output");
}

Result<void> Steps::ChildInPhase(const Step&, const Parameters& parameters) {
  ASSIGN_OR_RETURN(const Run* run, LastOf(parameters[0]));
  const std::string_view found = NameOf(run->record.phase);
  return found == parameters[1] ? Result<void>() : Mismatch("it is " + std::string(found));
}

}  // namespace elevaite::conformance
