#include "services/workflow/flow_map.h"

#include <algorithm>
#include <memory>
#include <utility>

#include "engine/machine/errors.h"
#include "foundation/async.h"

namespace elevaite::workflow {
namespace {

using boost::asio::awaitable;
using engine::ActivityFailure;
using engine::ActivityOutcome;
using engine::ActivitySuccess;
using engine::MakeError;

std::unexpected<Json> Invalid(const std::string& detail) {
  return std::unexpected(MakeError("validation", "Not a list to go through", detail));
}

// What the lanes share. Each takes the next item when it is done with one.
struct Progress {
  FlowMap map;
  RunItem run;
  std::function<void()> stop;
  std::uint32_t next = 0;
  std::size_t lanes = 0;  // that have not ended
  std::vector<Json> results;
  std::size_t bytes = 0;  // of them
  std::optional<Json> error;
  OneShot<bool> ended;

  void Fail(Json why) {
    if (error) return;
    error = std::move(why);
    stop();
  }

  void Take(std::uint32_t index, ActivityOutcome outcome) {
    auto* failure = std::get_if<ActivityFailure>(&outcome);
    if (failure && !map.collects_errors) return Fail(std::move(failure->error));
    Json value = failure ? std::move(failure->error) : std::move(std::get<ActivitySuccess>(outcome).output);
    bytes += value.MemoryBytes(FlowMap::kOutputBytesMax);
    if (bytes > FlowMap::kOutputBytesMax) {
      return Fail(
          MakeError("validation", "Too much output",
                    "what the runs put out together is larger than 16 MiB; let them put out less, or keep it "
                    "where the next task can fetch it"));
    }
    if (map.collects_errors) value = Json::Object({{failure ? "error" : "output", std::move(value)}});
    results[index] = std::move(value);
  }
};

awaitable<void> Lane(std::shared_ptr<Progress> progress) {
  Progress& p = *progress;
  try {
    while (!p.error && p.next < p.map.items.size()) {
      const std::uint32_t index = p.next++;
      auto run = p.run(index);
      ActivityOutcome outcome = co_await std::move(run);
      p.Take(index, std::move(outcome));
    }
  } catch (const std::exception&) {  // whoever waits must hear of it
    p.Fail(MakeError("runtime", "The runs could not go on", "an unexpected error in flow.map"));
  }
  if (--p.lanes == 0) p.ended.Set(true);
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

awaitable<ActivityOutcome> RunMap(FlowMap map, RunItem run, std::function<void()> stop) {
  const auto executor = co_await boost::asio::this_coro::executor;
  const auto progress = std::make_shared<Progress>();
  progress->map = std::move(map);
  progress->run = std::move(run);
  progress->stop = std::move(stop);
  const std::size_t count = progress->map.items.size();
  progress->results.resize(count);
  progress->lanes = std::min(progress->map.concurrency, count);
  if (count == 0) co_return ActivitySuccess{Json::Array({})};
  for (std::size_t lane = progress->lanes; lane > 0; --lane) Spawn(executor, Lane(progress), "flow.map");
  auto end = progress->ended.WaitUntil(kNoDeadline);
  co_await std::move(end);
  if (progress->error) co_return ActivityFailure{.error = *std::move(progress->error), .retry_in_us = {}};
  co_return ActivitySuccess{Json::Array(std::move(progress->results))};
}

}  // namespace elevaite::workflow
