#include "services/workflow/deployment/deployment.h"

#include <fmt/format.h>

#include <cmath>
#include <cstring>

#include "foundation/clock.h"

namespace elevaite::workflow {
namespace {

// SplitMix64's finalizer: each bit of what comes in changes half of what comes out.
constexpr std::uint64_t Mix(std::uint64_t x) {
  x = (x ^ (x >> 30U)) * 0xbf58476d1ce4e5b9U;
  x = (x ^ (x >> 27U)) * 0x94d049bb133111ebU;
  return x ^ (x >> 31U);
}

// From 0 to 99. Both halves count: ids made one after the other may differ in a few bits only.
std::uint64_t BucketOf(const ExecutionId& id) {
  std::uint64_t high = 0;
  std::uint64_t low = 0;
  const auto& bytes = id.uuid().bytes;
  std::memcpy(&high, bytes.data(), sizeof high);
  std::memcpy(&low, bytes.data() + sizeof high, sizeof low);
  return Mix(Mix(high) + low) % 100;
}

auto Refuse(std::string message) {
  return Fail(ErrorCode::kInvalidArgument, std::move(message),
              R"(send for example {"failure_ratio": 0.2, "runs": 20})");
}

}  // namespace

Json Canary::ToJson() const {
  Json abort;
  if (abort_when)
    abort = Json::Object({{"failure_ratio", abort_when->failure_ratio}, {"runs", abort_when->runs}});
  return Json::Object({{"version", version},
                       {"percent", percent},
                       {"since", Timestamp::FromMicros(since_us).ToRfc3339()},
                       {"abort_when", abort}});
}

Result<Canary> Canary::FromJson(const Json& json) {
  Canary canary{.version = std::string(json["version"].StringOr("")),
                .percent = json["percent"].IntOr(0),
                .since_us = 0,
                .abort_when = std::nullopt};
  ASSIGN_OR_RETURN(const Timestamp since, Timestamp::Parse(json["since"].StringOr("")));
  canary.since_us = since.micros();
  if (!json["abort_when"].IsNull()) {
    ASSIGN_OR_RETURN(canary.abort_when, AbortWhenFrom(json["abort_when"]));
  }
  return canary;
}

Json Deployment::ToJson() const {
  return Json::Object(
      {{"current_version", current}, {"canary", canary ? canary->ToJson() : Json()}, {"revision", revision}});
}

const std::string& Deployment::VersionFor(const ExecutionId& id) const {
  if (!canary || BucketOf(id) >= static_cast<std::uint64_t>(canary->percent)) return current;
  return canary->version;
}

Result<AbortWhen> AbortWhenFrom(const Json& json) {
  if (!json.IsObject()) return Refuse("`abort_when` must be an object");
  for (const auto& [name, value] : json.AsObject()) {
    if (name.AsString() != "failure_ratio" && name.AsString() != "runs")
      return Refuse("unknown member '" + std::string(name.AsString().substr(0, 40)) + "' of `abort_when`");
  }
  AbortWhen when;
  when.failure_ratio = json["failure_ratio"].IsNumber() ? json["failure_ratio"].AsDouble() : 0;
  if (!(when.failure_ratio > 0 && when.failure_ratio < 1))
    return Refuse("`abort_when.failure_ratio` must be a number between 0 and 1");
  if (const Json* runs = json.Find("runs")) {
    when.runs = runs->IntOr(0);
    if (when.runs < 1 || when.runs > AbortWhen::kRunsMax)
      return Refuse(fmt::format("`abort_when.runs` must be a number from 1 to {}", AbortWhen::kRunsMax));
  }
  return when;
}

std::optional<std::string> WhyAbort(const AbortWhen& when, const Ended& canary, const Ended& current) {
  if (canary.all() < when.runs || canary.FailureRatio() <= when.failure_ratio) return std::nullopt;
  const bool comparable = current.all() >= when.runs;
  if (comparable && current.FailureRatio() >= canary.FailureRatio()) return std::nullopt;
  std::string why =
      fmt::format("{} of {} runs of the canary failed ({:.0f} %, more than {:g} %)", canary.faulted,
                  canary.all(), canary.FailureRatio() * 100, when.failure_ratio * 100);
  if (comparable) why += fmt::format("; of the current version {} of {}", current.faulted, current.all());
  return why;
}

}  // namespace elevaite::workflow
