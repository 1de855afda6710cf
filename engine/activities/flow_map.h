// One `flow.map`: a workflow run for each item of a list, a bounded number at a time. Pure: says which item
// is next and what has come of them; whoever uses it runs them.
//
// It keeps nothing on disk: the ids of its runs follow from the task and the index of the item, so that doing
// it again after a crash finds those that were started before, and their outputs.
#pragma once

#include <cstdint>
#include <expected>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "engine/activities/activities.h"
#include "foundation/json.h"

namespace elevaite::engine {

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

// How a workflow has ended that a task ran.
struct ChildCancelled {};
using ChildEnd = std::variant<ActivitySuccess, ActivityFailure, ChildCancelled>;
ActivityOutcome OutcomeOf(ChildEnd end);

class MapProgress {
 public:
  explicit MapProgress(FlowMap map);

  const FlowMap& map() const { return map_; }
  // So many take items at the same time, each the next one when it is done with one.
  std::size_t lanes() const;

  struct Turn {
    std::uint32_t index = 0;
    // The run is not to be begun, only ended and looked at when it was begun earlier, before a crash: one
    // before it has failed, or was cancelled, perhaps by us when another one had failed; that error counts.
    bool only_if_begun = false;
  };
  // Nothing: no more is begun. All have been, or it has failed and none of the others was begun earlier.
  std::optional<Turn> Next();
  // How the run of this item has ended; nothing: it was to be looked at, and never begun. True: that makes
  // the task fail, and what still runs is to be ended.
  bool Take(std::uint32_t index, std::optional<ChildEnd> end);
  // The same by something else. The first counts.
  bool Fail(Json error);
  // Once all that was begun has ended: the outputs, or with `collects_errors` {output} or {error}, in the
  // order of the items; or the error.
  ActivityOutcome Outcome() &&;

 private:
  bool Keep(std::uint32_t index, ActivityOutcome outcome);

  FlowMap map_;
  std::uint32_t next_ = 0;
  std::vector<Json> results_;
  std::size_t bytes_ = 0;  // of them
  std::optional<Json> error_;
  bool was_cancelled_ = false;  // one of them, and errors are not collected
};

}  // namespace elevaite::engine
