#include "services/workflow/hosts/host_rule.h"

#include <fmt/format.h>

#include <algorithm>

#include "net/url.h"
#include "services/workflow/fields.h"

namespace elevaite::hosts {
namespace {

using std::chrono::hours;
using std::chrono::milliseconds;
using workflow::Fields;

constexpr Span kShortest = milliseconds(1);
constexpr Span kLongestPeriod = hours(24);
constexpr Span kLongestWait = hours(24 * 7);
constexpr Span kLongestOpen = hours(24);
constexpr std::int64_t kRateMax = 1'000'000;
constexpr std::string_view kPatterns =
    "api.example.com, api.example.com:8443, *.example.com for all below it, or * for each other host";

Result<flow::PaceLimit> RateFrom(const Json& json) {
  ASSIGN_OR_RETURN(const Fields fields, Fields::Of(json, "rate.", {"limit", "period", "burst"}));
  ASSIGN_OR_RETURN(const std::int64_t limit, fields.Count("limit", {}, kRateMax));
  if (fields.Find("period") == nullptr) return fields.Wrong("period", "is missing", "for example: 1s");
  ASSIGN_OR_RETURN(const Span period, fields.Duration("period", Span(0), kShortest, kLongestPeriod));
  ASSIGN_OR_RETURN(const std::int64_t burst, fields.Count("burst", 1, kRateMax));
  if (limit > period.count())
    return fields.Wrong("limit", "is more than one in a microsecond", "leave the rule out");
  return flow::PaceLimit{.interval_us = period.count() / limit, .burst = burst};
}

Result<void> ReadQueue(const Json& json, LaneRule& rule) {
  ASSIGN_OR_RETURN(const Fields fields, Fields::Of(json, "queue.", {"max", "wait"}));
  ASSIGN_OR_RETURN(const std::int64_t most,
                   fields.Count("max", static_cast<std::int64_t>(rule.waiting_max), kHostWaitingMax));
  rule.waiting_max = static_cast<std::size_t>(most);
  ASSIGN_OR_RETURN(rule.wait_max, fields.Duration("wait", rule.wait_max, kShortest, kLongestWait));
  return {};
}

Result<BreakerRule> BreakerFrom(const Json& json) {
  ASSIGN_OR_RETURN(const Fields fields, Fields::Of(json, "breaker.",
                                                   {"in_a_row", "percent", "calls_min", "window", "open",
                                                    "probes", "retry_after_max", "when_open"}));
  BreakerRule rule;
  const auto count = [&](std::string_view name, std::uint32_t& into, std::int64_t most) -> Result<void> {
    if (fields.Find(name) == nullptr) return {};
    ASSIGN_OR_RETURN(const std::int64_t number, fields.Count(name, {}, most));
    into = static_cast<std::uint32_t>(number);
    return {};
  };
  RETURN_IF_ERROR(count("in_a_row", rule.in_a_row, 10'000));
  RETURN_IF_ERROR(count("percent", rule.percent, 100));
  RETURN_IF_ERROR(count("calls_min", rule.calls_min, 100'000));
  RETURN_IF_ERROR(count("probes", rule.probes, 100));
  if (rule.in_a_row == 0 && rule.percent == 0) rule.in_a_row = 5;
  ASSIGN_OR_RETURN(rule.window, fields.Duration("window", rule.window, milliseconds(100), hours(1)));
  ASSIGN_OR_RETURN(rule.open, fields.Duration("open", rule.open, kShortest, kLongestOpen));
  ASSIGN_OR_RETURN(rule.retry_after_max,
                   fields.Duration("retry_after_max", rule.retry_after_max, Span(0), kLongestOpen));
  ASSIGN_OR_RETURN(const auto when_open, fields.Text("when_open", 20));
  if (when_open && *when_open != "fail" && *when_open != "wait")
    return fields.Wrong("when_open", "is not known", "fail (at once, with status 503) or wait");
  if (when_open && *when_open == "wait") rule.when_open = WhenOpen::kWait;
  return rule;
}

std::unexpected<Error> NoPattern(std::string_view text) {
  return Fail(ErrorCode::kInvalidArgument,
              fmt::format("'{}' is no host", text.substr(0, std::min<std::size_t>(text.size(), 100))),
              std::string(kPatterns));
}

// "host" and ":8443", which may be empty.
std::pair<std::string_view, std::string_view> Split(std::string_view text) {
  const auto bracket = text.rfind(']');
  const auto colon = text.rfind(':');
  if (colon == std::string_view::npos || (bracket != std::string_view::npos && colon < bracket))
    return {text, {}};
  return {text.substr(0, colon), text.substr(colon)};
}

// How close a pattern is to a host: the larger the closer; 0: not meant.
std::size_t Closeness(std::string_view pattern, std::string_view host) {
  if (pattern == "*") return 1;
  if (pattern == host) return 4'000;
  const auto [name, port] = Split(host);
  const auto [pattern_name, pattern_port] = Split(pattern);
  if (!pattern_port.empty() && pattern_port != port) return 0;
  const std::size_t more = pattern_port.empty() ? 0 : 1;
  if (pattern_name == name) return 3'000 + more;
  if (!pattern_name.starts_with("*.")) return 0;
  const std::string_view ending = pattern_name.substr(1);
  return name.size() > ending.size() && name.ends_with(ending) ? 2 * ending.size() + more : 0;
}

}  // namespace

Result<LaneRule> LaneRuleFrom(const Json& object) {
  ASSIGN_OR_RETURN(const Fields fields, Fields::Of(object, "", {"concurrency", "rate", "queue", "breaker"}));
  LaneRule rule;
  if (fields.Find("concurrency") != nullptr) {
    ASSIGN_OR_RETURN(rule.concurrency,
                     fields.Count("concurrency", {}, kHostConcurrencyMax,
                                  "to let no call out, pause the workflows that make them"));
  }
  if (const Json* rate = fields.Find("rate")) {
    ASSIGN_OR_RETURN(rule.rate, RateFrom(*rate));
  }
  if (const Json* queue = fields.Find("queue")) {
    RETURN_IF_ERROR(ReadQueue(*queue, rule));
  }
  if (const Json* breaker = fields.Find("breaker")) {
    ASSIGN_OR_RETURN(rule.breaker, BreakerFrom(*breaker));
  }
  return rule;
}

Result<std::string> PatternFrom(std::string_view text) {
  if (text == "*") return std::string(text);
  if (text.empty() || text.size() > kHostBytesMax) return NoPattern(text);
  const bool is_below = text.starts_with("*.");
  const std::string_view host = is_below ? text.substr(2) : text;
  // What an address would have as its host is what a call to it has.
  if (host.find_first_of("/?#@* ") != std::string_view::npos) return NoPattern(text);
  const auto url = net::Url::Parse("http://" + std::string(host) + "/");
  if (!url || (is_below && (url->IsIpv6Literal() || host.starts_with('.')))) return NoPattern(text);
  // Ports of their own schemes are not named.
  std::string name = url->HostHeader();
  if (name.ends_with(":443")) name.resize(name.size() - 4);
  return is_below ? "*." + name : name;
}

const HostRule* HostRules::For(std::string_view host) const {
  const HostRule* closest = nullptr;
  std::size_t best = 0;
  for (const HostRule& one : rules_) {
    const std::size_t close = Closeness(one.pattern, host);
    if (close > best) {
      best = close;
      closest = &one;
    }
  }
  return closest;
}

bool IsScarce(const LaneRule& rule, std::size_t nodes) {
  return rule.concurrency && *rule.concurrency < static_cast<std::int64_t>(nodes);
}

LaneRule ShareOf(LaneRule rule, std::size_t nodes, std::int64_t places) {
  const auto parts = static_cast<std::int64_t>(std::max<std::size_t>(nodes, 1));
  if (rule.concurrency) rule.concurrency = IsScarce(rule, nodes) ? places : *rule.concurrency / parts;
  if (rule.rate) {
    rule.rate->interval_us *= parts;
    rule.rate->burst = std::max<std::int64_t>(rule.rate->burst / parts, 1);
  }
  return rule;
}

}  // namespace elevaite::hosts
