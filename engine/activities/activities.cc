#include "engine/activities/activities.h"

namespace elevaite::engine {

Input InputFrom(FrameId frame, std::uint32_t attempt, ActivityOutcome outcome) {
  if (auto* success = std::get_if<ActivitySuccess>(&outcome))
    return ActivityCompleted{frame, attempt, std::move(success->output)};
  if (auto* failure = std::get_if<ActivityFailure>(&outcome))
    return ActivityFailed{frame, attempt, std::move(failure->error), failure->retry_in_us};
  return ActivityLost{frame, attempt};
}

}  // namespace elevaite::engine
