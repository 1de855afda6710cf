// Runs a flow.map (engine/activities/flow_map.h).
#pragma once

#include <boost/asio/awaitable.hpp>
#include <functional>
#include <optional>

#include "engine/activities/flow_map.h"

namespace elevaite::workflow {

// Runs the workflow for an item to its end, or looks at how it has ended: see MapProgress::Turn.
using RunItem =
    std::function<boost::asio::awaitable<std::optional<engine::ChildEnd>>(engine::MapProgress::Turn)>;

// When one fails and errors are not collected, nothing new is begun, `stop` is called, which must end those
// that run, and its error is given once they have ended; the same when `is_cancelled` says so between two.
// Everything runs on the caller's executor, which must be of one thread.
boost::asio::awaitable<engine::ActivityOutcome> RunMap(engine::FlowMap map, RunItem run,
                                                       std::function<void()> stop,
                                                       std::function<bool()> is_cancelled);

}  // namespace elevaite::workflow
