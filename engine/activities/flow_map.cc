#include "engine/activities/flow_map.h"

#include <algorithm>
#include <utility>

#include "engine/machine/errors.h"

namespace elevaite::engine {
namespace {

std::unexpected<Json> Invalid(const std::string& detail) {
  return std::unexpected(MakeError("validation", "Not a list to go through", detail));
}

}  // namespace

std::expected<FlowMap, Json> FlowMap::From(const Json& request) {
  const Json& items = request["items"];
  if (!items.IsArray()) return Invalid("`items` must be an array");
  if (items.AsArray().size() > kItemsMax) {
    return Invalid("`items` has " + std::to_string(items.AsArray().size()) + " values, more than " +
                   std::to_string(kItemsMax) + "; go through parts of them, one after the other");
  }
  const Json& concurrency = request["concurrency"];
  const std::int64_t wanted = concurrency.IsNull() ? 10 : concurrency.IntOr(0);
  if (wanted < 1 || wanted > 1'000) return Invalid("`concurrency` must be a whole number from 1 to 1000");
  const std::string_view on_error = request["onError"].StringOr("stop");
  if (on_error != "stop" && on_error != "collect") return Invalid("`onError` must be stop or collect");
  const Json& workflow = request["workflow"];
  const std::string_view version = workflow["version"].StringOr("");
  return FlowMap{.workflow = std::string(workflow["namespace"].StringOr("")) + "." +
                             std::string(workflow["name"].StringOr("")),
                 .version = std::string(version == "latest" ? "" : version),
                 .items = {items.AsArray().begin(), items.AsArray().end()},
                 .concurrency = static_cast<std::size_t>(wanted),
                 .collects_errors = on_error == "collect"};
}

ActivityOutcome OutcomeOf(ChildEnd end) {
  if (auto* success = std::get_if<ActivitySuccess>(&end)) return std::move(*success);
  if (auto* failure = std::get_if<ActivityFailure>(&end)) return std::move(*failure);
  return ActivityFailure{.error = MakeError("runtime", "The workflow was cancelled",
                                            "the workflow that this task runs was cancelled"),
                         .retry_in_us = {}};
}

MapProgress::MapProgress(FlowMap map) : map_(std::move(map)), results_(map_.items.size()) {}

std::size_t MapProgress::lanes() const { return std::min(map_.concurrency, map_.items.size()); }

std::optional<MapProgress::Turn> MapProgress::Next() {
  if (next_ >= map_.items.size()) return std::nullopt;
  return Turn{.index = next_++, .only_if_begun = was_cancelled_ || error_};
}

bool MapProgress::Take(std::uint32_t index, std::optional<ChildEnd> end) {
  if (!end) {  // nor were those after it
    next_ = static_cast<std::uint32_t>(map_.items.size());
    return false;
  }
  if (std::holds_alternative<ChildCancelled>(*end) && !map_.collects_errors)
    return !std::exchange(was_cancelled_, true) && !error_;
  return Keep(index, OutcomeOf(*std::move(end)));
}

bool MapProgress::Keep(std::uint32_t index, ActivityOutcome outcome) {
  auto* failure = std::get_if<ActivityFailure>(&outcome);
  if (failure && !map_.collects_errors) return Fail(std::move(failure->error));
  Json value = failure ? std::move(failure->error) : std::move(std::get<ActivitySuccess>(outcome).output);
  bytes_ += value.MemoryBytes(FlowMap::kOutputBytesMax);
  if (bytes_ > FlowMap::kOutputBytesMax) {
    return Fail(
        MakeError("validation", "Too much output",
                  "what the runs put out together is larger than 16 MiB; let them put out less, or keep it "
                  "where the next task can fetch it"));
  }
  if (map_.collects_errors) value = Json::Object({{failure ? "error" : "output", std::move(value)}});
  results_[index] = std::move(value);
  return false;
}

bool MapProgress::Fail(Json error) {
  if (error_) return false;
  error_ = std::move(error);
  return true;
}

ActivityOutcome MapProgress::Outcome() && {
  if (error_) return ActivityFailure{.error = *std::move(error_), .retry_in_us = {}};
  if (was_cancelled_) return OutcomeOf(ChildCancelled{});
  return ActivitySuccess{Json::Array(std::move(results_))};
}

}  // namespace elevaite::engine
