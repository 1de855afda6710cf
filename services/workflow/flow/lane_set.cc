#include "services/workflow/flow/lane_set.h"

#include "services/workflow/flow/run_queue.h"

namespace elevaite::flow {
namespace lane_set_internal {

template <>
Turn& Level<2>::TurnOf(Lane& lane) {
  return *lane.workflow_turn;
}
template <>
Turn& Level<1>::TurnOf(Lane& lane) {
  return lane.group->turn;
}

}  // namespace lane_set_internal

void LaneSet::Add(Lane& lane) { levels_.Add(lane, {lane.priority(), lane.turn}); }
void LaneSet::Remove(Lane& lane) { levels_.Remove(lane, {lane.priority(), lane.turn}); }

}  // namespace elevaite::flow
