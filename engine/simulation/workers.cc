#include "engine/simulation/workers.h"

#include <array>
#include <vector>

#include "dsl/error_types.h"
#include "engine/machine/errors.h"
#include "engine/simulation/process.h"

namespace elevaite::simulation {
namespace {

constexpr std::int64_t kWorkUs = 3'000;
constexpr std::int64_t kRetryUs = 500'000;
constexpr std::array<std::string_view, 6> kFunctions{"work", "flaky", "fragile", "broken", "slow", "poison"};

class Catalog final : public dsl::FunctionCatalog {
 public:
  Catalog() {
    for (const std::string_view name : kFunctions)
      infos_.push_back({.name = std::string(name), .title = std::string(name), .icon = "", .input = Json()});
    infos_.push_back(
        {.name = std::string(engine::kMapConnector), .title = "map", .icon = "", .input = Json()});
  }
  const dsl::FunctionInfo* Find(std::string_view name) const override {
    for (const dsl::FunctionInfo& info : infos_) {
      if (info.name == name) return &info;
    }
    return nullptr;
  }
  std::vector<std::string_view> Names() const override { return {kFunctions.begin(), kFunctions.end()}; }

 private:
  std::vector<dsl::FunctionInfo> infos_;
};

Json Trouble() { return engine::MakeError("communication", "The service is in trouble", "simulated", 503); }

}  // namespace

const dsl::FunctionCatalog& FunctionsOfWorkers() {
  static const Catalog catalog;
  return catalog;
}

Json AnswerTo(const Json& request) { return (request["n"].IntOr(0) * 17 + 5) % 10'007; }

std::optional<Json> FinalErrorOf(std::string_view function, const Json& request, std::uint32_t earlier) {
  if (function == "broken")
    return engine::MakeError("runtime", "Broken", "simulated",
                             static_cast<int>(request["status"].IntOr(500)));
  if (function == "poison")
    return engine::MakeOwnError(dsl::kAttemptsLostError, 500, "The server died", "simulated");
  if (function == "fragile" && earlier < request["fails"].IntOr(0)) return Trouble();
  return std::nullopt;
}

void Workers::Schedule(engine::ActivityTask task, Done done) {
  scheduler_.trace().Note("activity", task.execution, task.frame,
                          [&] { return task.connector + " attempt " + std::to_string(task.attempt); });
  CheckRequest(task);
  auto job =
      std::make_shared<Job>(Job{.task = std::move(task), .done = std::move(done), .process = process_});
  job->is_late = scheduler_.Percent(knobs_.late_percent);
  jobs_[{job->task.execution, job->task.frame}] = job;
  scheduler_.After(scheduler_.Delay(kWorkUs), "activity begins", [this, job] { Perform(job); });
}

void Workers::CheckRequest(const engine::ActivityTask& task) {
  const StoredRun* run = disk_.Find(task.execution);
  auditor_.Require(run && run->HasScheduled(task.frame, task.attempt),
                   "no effect before its commit: an activity is given out when that is on disk",
                   task.IdempotencyKey());
  const auto [known, is_new] = requests_.try_emplace(task.IdempotencyKey(), task.request);
  auditor_.Require(is_new || known->second == task.request,
                   "attempts with one idempotency key ask for the same", task.IdempotencyKey());
}

// A worker that died before it began has done nothing.
void Workers::Perform(const std::shared_ptr<Job>& job) {
  if (job->is_cancelled || (job->process != process_ && !job->is_late)) return;
  if (job->task.connector == "poison") {
    if (job->process == process_) throw ProcessDied{};
    return;
  }
  engine::ActivityOutcome outcome = Serve(job->task);
  const std::int64_t delay_us = scheduler_.Delay(kWorkUs);
  if (scheduler_.Percent(knobs_.repeated_percent)) {
    scheduler_.After(delay_us + scheduler_.Delay(kWorkUs), "result again",
                     [this, job, outcome] { Tell(job, outcome); });
  }
  scheduler_.After(delay_us, "result", [this, job, outcome = std::move(outcome)] { Tell(job, outcome); });
}

engine::ActivityOutcome Workers::Serve(const engine::ActivityTask& task) {
  if (task.connector == "flaky" && task.attempt <= task.request["fails"].IntOr(0))
    return engine::ActivityFailure{Trouble(), kRetryUs * task.attempt};
  const engine::ActivityBounds& bounds = task.bounds;
  if (task.connector == "slow" && bounds.queued_us + bounds.attempt_us + bounds.heartbeat_us > 0)
    return engine::ActivityFailure{engine::MakeError("timeout", "Too slow", "simulated"), std::nullopt};
  const std::uint32_t earlier = EarlierCalls(task);
  if (auto error = FinalErrorOf(task.connector, task.request, earlier))
    return engine::ActivityFailure{*std::move(error), std::nullopt};
  return engine::ActivitySuccess{AnswerTo(task.request)};
}

std::uint32_t Workers::EarlierCalls(const engine::ActivityTask& task) {
  auto& keys = calls_[{task.execution, task.reference}];
  return keys.try_emplace(task.IdempotencyKey(), static_cast<std::uint32_t>(keys.size())).first->second;
}

void Workers::Tell(const std::shared_ptr<Job>& job, engine::ActivityOutcome outcome) {
  if (job->is_cancelled || (job->process != process_ && !job->is_late)) return;
  const auto found = jobs_.find({job->task.execution, job->task.frame});
  if (found != jobs_.end() && found->second == job) jobs_.erase(found);
  job->done(std::move(outcome));
}

// Half of the time it comes too late.
void Workers::Cancel(const ExecutionId& execution, engine::FrameId frame, std::string_view, std::int64_t) {
  scheduler_.trace().Note("activity is called off", execution, frame);
  const auto found = jobs_.find({execution, frame});
  if (found == jobs_.end() || scheduler_.Percent(50)) return;
  found->second->is_cancelled = true;
  jobs_.erase(found);
}

void Workers::Crash() {
  ++process_;
  jobs_.clear();
}

}  // namespace elevaite::simulation
