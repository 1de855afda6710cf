#include "engine/simulation/services.h"

#include <array>
#include <vector>

#include "dsl/error_types.h"
#include "engine/machine/errors.h"

namespace elevaite::simulation {
namespace {

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

const dsl::FunctionCatalog& FunctionsOfServices() {
  static const Catalog catalog;
  return catalog;
}

Json AnswerTo(const Json& request) { return (request["n"].IntOr(0) * 17 + 5) % 10'007; }

std::optional<Json> FinalErrorOf(std::string_view function, const Json& request, std::uint32_t earlier) {
  if (function == "broken")
    return engine::MakeError("runtime", "Broken", "simulated",
                             static_cast<int>(request["status"].IntOr(500)));
  if (function == kPoison)
    return engine::MakeOwnError(dsl::kAttemptsLostError, 500, "The server died", "simulated");
  if (function == "fragile" && earlier < request["fails"].IntOr(0)) return Trouble();
  return std::nullopt;
}

void Services::CheckRequest(const engine::ActivityTask& task) {
  const StoredRun* run = disk_.Find(task.execution);
  auditor_.Require(run && run->HasScheduled(task.frame, task.attempt),
                   "no effect before its commit: an activity is given out when that is on disk",
                   task.IdempotencyKey());
  const auto [known, is_new] = requests_.try_emplace(task.IdempotencyKey(), task.request);
  auditor_.Require(is_new || known->second == task.request,
                   "attempts with one idempotency key ask for the same", task.IdempotencyKey());
}

engine::ActivityOutcome Services::Serve(const engine::ActivityTask& task) {
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

void Services::Inherit(const ExecutionId& fork, const std::map<engine::FrameId, std::string>& called) {
  for (const auto& [frame, reference] : called)
    (void)EarlierCalls({.account = {},
                        .execution = fork,
                        .frame = frame,
                        .connector = {},
                        .request = {},
                        .reference = reference});
}

std::uint32_t Services::EarlierCalls(const engine::ActivityTask& task) {
  auto& keys = calls_[{task.execution, task.reference}];
  return keys.try_emplace(task.IdempotencyKey(), static_cast<std::uint32_t>(keys.size())).first->second;
}

}  // namespace elevaite::simulation
