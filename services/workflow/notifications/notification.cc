#include "services/workflow/notifications/notification.h"

#include <algorithm>
#include <array>

#include "foundation/clock.h"
#include "foundation/percent.h"

namespace elevaite::notifications {
namespace {

constexpr std::array<std::string_view, 5> kStatuses{"", "pending", "delivered", "given_up", "grouped"};
constexpr std::int64_t kFirstPauseUs = 5'000'000;
constexpr std::int64_t kLongestPauseUs = 15LL * 60 * 1'000'000;
constexpr std::int64_t kAskedForMaxUs = 3'600LL * 1'000'000;
constexpr double kJitter = 0.2;

Json TimeJson(std::int64_t us) { return Timestamp::FromMicros(us).ToRfc3339(); }

// The list of runs of the workflow, of the phase that they are in.
std::string ListUrl(const Json& content, std::string_view base_url) {
  std::string phase;
  switch (KindFromName(content["type"].StringOr("")).value_or(Kind::kTest)) {
    case Kind::kFailed: phase = "faulted"; break;
    case Kind::kCompleted: phase = "completed"; break;
    case Kind::kCancelled: phase = "cancelled"; break;
    case Kind::kParked: phase = "suspended"; break;
    default: break;
  }
  const Json& workflow = content["workflow"];
  std::string url = std::string(base_url) +
                    "/executions?workflow=" + PercentEncode(workflow["namespace"].StringOr("")) + "." +
                    PercentEncode(workflow["name"].StringOr(""));
  if (!phase.empty()) url += "&status=" + phase;
  return url;
}

}  // namespace

std::string_view NameOf(Status status) { return kStatuses[static_cast<std::size_t>(status)]; }

std::optional<Status> StatusFromName(std::string_view name) {
  const auto found = std::ranges::find(kStatuses, name);
  if (name.empty() || found == kStatuses.end()) return std::nullopt;
  return static_cast<Status>(found - kStatuses.begin());
}

Json GroupContent(const std::vector<Json>& some, const GroupFacts& facts, std::string_view base_url) {
  std::vector<Json> runs;
  for (const Json& one : some)
    runs.push_back(Json::Object({{"id", one["execution"]["id"]}, {"url", one["url"]}}));
  Json content = some.empty() ? Json::EmptyObject() : some.back();
  const std::string url = ListUrl(content, base_url);
  for (auto& [name, value] : std::vector<Json::Member>{{"id", Json()},
                                                       {"time", TimeJson(facts.last_us)},
                                                       {"execution", Json()},
                                                       {"count", facts.count},
                                                       {"window_s", facts.window_us / 1'000'000},
                                                       {"first_at", TimeJson(facts.first_us)},
                                                       {"last_at", TimeJson(facts.last_us)},
                                                       {"executions", Json::Array(std::move(runs))},
                                                       {"url", url}}) {
    content = Json::WithMember(std::move(content), name, value);
  }
  return content;
}

std::int64_t BackoffUs(std::int64_t attempts, double chance, std::int64_t asked_for_us) {
  const std::int64_t doublings = std::clamp<std::int64_t>(attempts - 1, 0, 20);
  const std::int64_t pause = std::min(kFirstPauseUs << doublings, kLongestPauseUs);
  const auto varied =
      static_cast<std::int64_t>(static_cast<double>(pause) * (1 + kJitter * (2 * chance - 1)));
  return std::max(varied, std::min(asked_for_us, kAskedForMaxUs));
}

}  // namespace elevaite::notifications
