// One `flow.map`: a workflow run for each item of a list, a bounded number at a time.
//
// It keeps nothing on disk: the ids of its runs follow from the task and the index of the item, so that doing
// it again after a crash finds those that were started before, and their outputs.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <cstdint>
#include <expected>
#include <functional>
#include <string>
#include <vector>

#include "engine/activities/activities.h"
#include "foundation/json.h"

namespace elevaite::workflow {

struct FlowMap {
  static constexpr std::size_t kItemsMax = 10'000;
  static constexpr std::size_t kOutputBytesMax = 16U << 20U;  // of all outputs, in memory

  std::string workflow;  // namespace.name
  std::string version;   // empty: the latest
  std::vector<Json> items;
  std::size_t concurrency = 10;
  bool collects_errors = false;

  // From what the task was given; the DSL's error when that is not right.
  static std::expected<FlowMap, Json> From(const Json& request);
};

// Runs the workflow for the item with this index to its end.
using RunItem = std::function<boost::asio::awaitable<engine::ActivityOutcome>(std::uint32_t index)>;

// Gives the outputs, or with `collects_errors` {output} or {error}, in the order of the items. When one fails
// otherwise nothing new is begun, `stop` is called, which must end those that run, and its error is given
// once they have ended. Everything runs on the caller's executor, which must be of one thread.
boost::asio::awaitable<engine::ActivityOutcome> RunMap(FlowMap map, RunItem run, std::function<void()> stop);

}  // namespace elevaite::workflow
