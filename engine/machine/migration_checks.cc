// Whether what has begun in a task can go on in the task of another version.
#include <algorithm>

#include "engine/machine/migration_plan.h"
#include "engine/machine/readiness.h"

namespace elevaite::engine {
namespace {

constexpr const char* kLetItEnd = "let the execution end on its version";

bool HasTaken(const Listening& listening) {
  const auto any = [](const Consumption& c) {
    return c.satisfied || !c.correlations.IsNull() || std::ranges::find(c.filled, true) != c.filled.end();
  };
  return any(listening.main) || any(listening.until) || listening.rounds > 0 || !listening.read.empty() ||
         !listening.pending.empty();
}

bool LimitsRuns(const dsl::Task& task) {
  const auto& body = std::get<dsl::TryTask>(task.body);
  return body.retry && body.retry->attempt_us;
}

}  // namespace

void MigrationPlanner::CheckTask(const Frame& frame, const dsl::Task& before, const dsl::Task& after,
                                 FrameMove& move) {
  switch (before.kind) {
    case dsl::TaskKind::kCall: return CheckCall(before, after);
    case dsl::TaskKind::kRun: return CheckSubflow(before, after);
    case dsl::TaskKind::kListen: return CheckListen(frame, before, after, move);
    case dsl::TaskKind::kTry:
      move.drops_run_deadline = frame.run_deadline_us != 0 && !LimitsRuns(after);
      return;
    case dsl::TaskKind::kFork:
      if (std::get<dsl::ForkTask>(before.body).compete == std::get<dsl::ForkTask>(after.body).compete) return;
      return Refuse(before, "has another `compete`, and its branches have begun", kLetItEnd);
    default: return;
  }
}

// Its request was made already, but what holds secrets is made anew with each attempt.
void MigrationPlanner::CheckCall(const dsl::Task& before, const dsl::Task& after) {
  const std::string& function = std::get<dsl::CallTask>(before.body).function;
  const std::string& now = std::get<dsl::CallTask>(after.body).function;
  if (function != now)
    return Refuse(before, "calls " + now + " in that version, and a call of " + function + " is under way",
                  "wait until the call has ended");
  const bool secret = ArgumentsOf(before)->HoldsSecrets();
  const bool same =
      secret == ArgumentsOf(after)->HoldsSecrets() && (!secret || before.definition == after.definition);
  if (!same)
    Refuse(before,
           "is defined in another way, and its request, which holds secrets, is made anew for each attempt",
           "wait until the call has ended");
}

void MigrationPlanner::CheckSubflow(const dsl::Task& before, const dsl::Task& after) {
  const auto& run = std::get<dsl::RunTask>(before.body);
  const auto& now = std::get<dsl::RunTask>(after.body);
  if (run.name_space == now.name_space && run.name == now.name && run.await == now.await) return;
  Refuse(before,
         "runs another workflow in that version, or awaits it otherwise, and " + run.name + " is running",
         "wait until that has ended");
}

// While it has taken nothing it may as well listen for what the new version wants.
void MigrationPlanner::CheckListen(const Frame& frame, const dsl::Task& before, const dsl::Task& after,
                                   FrameMove& move) {
  const auto& listen = std::get<dsl::ListenTask>(before.body);
  const auto& now = std::get<dsl::ListenTask>(after.body);
  const bool wants_same = before.definition["listen"] == after.definition["listen"];
  if (wants_same && !listen.each == !now.each) return;
  if (!HasTaken(*frame.listening)) {
    move.listens_anew = true;
    return;
  }
  Refuse(before,
         "listens for other events in that version, or handles them otherwise, and has taken some already",
         "wait until it has all its events, or let the execution end on its version");
}

}  // namespace elevaite::engine
