// Steps: what the sentences of a scenario do. The words of the specification's kit are here, and ours in the
// same style; the two tables (Actions in steps.cc, Checks in checks.cc) are the whole vocabulary.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "tests/conformance/gherkin.h"
#include "tests/conformance/world.h"

namespace elevaite::conformance {

class Steps {
 public:
  Steps(StubServer& stub, bool crashes) : world_(stub, crashes) {}

  // The error says what was expected and what was found.
  Result<void> Do(const Step& step);
  const World& world() const { return world_; }

 private:
  using Parameters = std::vector<std::string>;
  using Handler = Result<void> (Steps::*)(const Step& step, const Parameters& parameters);
  struct Sentence {
    std::string_view pattern;  // see pattern.h
    Handler handler;
  };
  static const std::vector<Sentence>& Actions();
  static const std::vector<Sentence>& Checks();

  // ---- steps.cc: given and when ----
  Result<void> Define(const Step&, const Parameters&);
  Result<void> DefinePublished(const Step&, const Parameters&);
  Result<void> SetInput(const Step&, const Parameters&);
  Result<void> SetSecret(const Step&, const Parameters&);
  Result<void> SetSecretValue(const Step&, const Parameters&);
  Result<void> SetTime(const Step&, const Parameters&);
  Result<void> SetResource(const Step&, const Parameters&);
  Result<void> SetAnswers(const Step&, const Parameters&);
  Result<void> Execute(const Step&, const Parameters&);
  Result<void> Start(const Step&, const Parameters&);
  Result<void> RunOn(const Step&, const Parameters&);
  Result<void> Cancel(const Step&, const Parameters&);
  Result<void> CancelAtOnce(const Step&, const Parameters&);
  Result<void> Migrate(const Step&, const Parameters&);
  Result<void> Pass(const Step&, const Parameters&);
  Result<void> BeDown(const Step&, const Parameters&);
  Result<void> Crash(const Step&, const Parameters&);
  Result<void> SendOne(const Step&, const Parameters&);
  Result<void> SendMany(const Step&, const Parameters&);
  Result<void> PublishSchedule(const Step&, const Parameters&);
  Result<void> PublishScheduleIn(const Step&, const Parameters&);
  Result<void> PublishWithoutCatchUp(const Step&, const Parameters&);
  Result<void> PublishWithoutOverlap(const Step&, const Parameters&);

  // ---- checks.cc: then ----
  Result<void> NotMigrated(const Step&, const Parameters&);
  Result<void> Completed(const Step&, const Parameters&);
  Result<void> CompletedWith(const Step&, const Parameters&);
  Result<void> Faulted(const Step&, const Parameters&);
  Result<void> FaultedWith(const Step&, const Parameters&);
  Result<void> Cancelled(const Step&, const Parameters&);
  Result<void> InPhase(const Step&, const Parameters&);
  Result<void> EndedAfter(const Step&, const Parameters&);
  Result<void> HasProperties(const Step&, const Parameters&);
  Result<void> HasValue(const Step&, const Parameters&);
  Result<void> HasItems(const Step&, const Parameters&);
  Result<void> ErrorHasValue(const Step&, const Parameters&);
  Result<void> RanFirst(const Step&, const Parameters&);
  Result<void> RanLast(const Step&, const Parameters&);
  Result<void> RanAfter(const Step&, const Parameters&);
  Result<void> RanBefore(const Step&, const Parameters&);
  Result<void> RanTimes(const Step&, const Parameters&);
  Result<void> DidNotRun(const Step&, const Parameters&);
  Result<void> RanAt(const Step&, const Parameters&);
  Result<void> WasCancelled(const Step&, const Parameters&);
  Result<void> WasSkipped(const Step&, const Parameters&);
  Result<void> TaskFaulted(const Step&, const Parameters&);
  Result<void> ContextIs(const Step&, const Parameters&);
  Result<void> Emitted(const Step&, const Parameters&);
  Result<void> EmittedCount(const Step&, const Parameters&);
  Result<void> JournalHasNot(const Step&, const Parameters&);
  Result<void> JournalHas(const Step&, const Parameters&);
  Result<void> ReceivedCount(const Step&, const Parameters&);
  Result<void> ReceivedHeader(const Step&, const Parameters&);
  Result<void> ReceivedQuery(const Step&, const Parameters&);
  Result<void> ReceivedBody(const Step&, const Parameters&);
  Result<void> Refused(const Step&, const Parameters&);
  Result<void> Warned(const Step&, const Parameters&);
  Result<void> Accepted(const Step&, const Parameters&);
  Result<void> StartedCount(const Step&, const Parameters&);
  Result<void> StartedCountOf(const Step&, const Parameters&);
  Result<void> StartedAt(const Step&, const Parameters&);
  Result<void> NextDue(const Step&, const Parameters&);
  Result<void> NothingDue(const Step&, const Parameters&);
  Result<void> InputOf(const Step&, const Parameters&);
  Result<void> ChildCompletedWith(const Step&, const Parameters&);
  Result<void> ChildInPhase(const Step&, const Parameters&);

  Result<std::shared_ptr<const dsl::Program>> Program() const;
  const Run& Current() const { return world_.run(*current_); }
  Result<const Run*> Ended(engine::Phase phase) const;
  Result<const Run*> LastOf(const std::string& workflow) const;
  std::vector<const engine::Event*> Begins(std::string_view task) const;
  Result<void> ExpectEvent(std::string_view task, engine::EventType type, std::string_view what) const;
  Result<void> ExpectCode(const std::string& code, dsl::Severity severity) const;
  Result<void> PublishWith(ScheduleSettings settings);
  Result<engine::Migration> MigrateTo(const Step& step);

  World world_;
  std::optional<dsl::CompileResult> compiled_;
  Json input_ = Json::EmptyObject();
  std::optional<ExecutionId> current_;
  int versions_ = 1;  // of the current workflow
};

// What the doc string of a step says, as YAML.
Result<Json> DocOf(const Step& step);
std::unexpected<Error> Mismatch(std::string message);

}  // namespace elevaite::conformance
