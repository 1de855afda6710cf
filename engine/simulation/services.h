// Services: what the activities of a run call. They outlive every crash and know a call by its idempotency
// key: the same key has the same answer.
//
//   call: work      gives a number made of `n`
//   call: flaky     fails in its first `fails` attempts, and asks to be tried again
//   call: fragile   the first `fails` calls from one place of one execution fail; a retry of the task is a
//                   new call
//   call: broken    always fails, with `status`
//   call: slow      takes for ever when one of its bounds is set, which then ends it; else it works
//   call: poison    ends the process that does it, each time
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "dsl/functions.h"
#include "engine/activities/activities.h"
#include "engine/simulation/auditor.h"
#include "engine/simulation/disk.h"

namespace elevaite::simulation {

inline constexpr std::string_view kPoison = "poison";

const dsl::FunctionCatalog& FunctionsOfServices();
// What a call gives when it ends well.
Json AnswerTo(const Json& request);
// The error that a call ends with; nothing: it ends well. `earlier`: calls made from the same place before.
std::optional<Json> FinalErrorOf(std::string_view function, const Json& request, std::uint32_t earlier);

class Services {
 public:
  Services(Disk& disk, Auditor& auditor) : disk_(disk), auditor_(auditor) {}

  // The engine has the task done: it must be on disk, and ask for the same as each attempt before.
  void CheckRequest(const engine::ActivityTask& task);
  // A fork has made the calls that its past has made: `called` has the frames, and from where they called.
  void Inherit(const ExecutionId& fork, const std::map<engine::FrameId, std::string>& called);
  // A worker calls.
  engine::ActivityOutcome Serve(const engine::ActivityTask& task);

 private:
  using Place = std::pair<ExecutionId, std::string>;
  std::uint32_t EarlierCalls(const engine::ActivityTask& task);

  Disk& disk_;
  Auditor& auditor_;
  std::map<std::string, Json> requests_;  // by idempotency key
  std::map<Place, std::map<std::string, std::uint32_t>>
      calls_;  // their keys, in the order of their first call
};

}  // namespace elevaite::simulation
