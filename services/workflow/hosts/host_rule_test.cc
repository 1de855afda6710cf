// Rules of hosts as people write them: what is read, what is refused and how, and which one counts.
#include "services/workflow/hosts/host_rule.h"

#include <gtest/gtest.h>

namespace elevaite::hosts {
namespace {

using std::chrono::minutes;
using std::chrono::seconds;

Result<LaneRule> Read(std::string_view json) { return LaneRuleFrom(ParseJson(json).value()); }

TEST(HostRule, ReadsAllThatCanBeSaid) {
  const auto rule = Read(
      R"({"concurrency": 10, "rate": {"limit": 100, "period": "1m", "burst": 7},
          "queue": {"max": 50, "wait": "2m"},
          "breaker": {"percent": 50, "calls_min": 30, "window": "2m", "open": "10s", "probes": 3,
                      "retry_after_max": "1m", "when_open": "wait"}})");
  ASSERT_TRUE(rule) << rule.error().ToString();
  EXPECT_EQ(rule->concurrency, 10);
  EXPECT_EQ(rule->rate->interval_us, 600'000);
  EXPECT_EQ(rule->rate->burst, 7);
  EXPECT_EQ(rule->waiting_max, 50U);
  EXPECT_EQ(rule->wait_max, minutes(2));
  EXPECT_EQ(rule->breaker->in_a_row, 0U);
  EXPECT_EQ(rule->breaker->percent, 50U);
  EXPECT_EQ(rule->breaker->calls_min, 30U);
  EXPECT_EQ(rule->breaker->window, minutes(2));
  EXPECT_EQ(rule->breaker->open, seconds(10));
  EXPECT_EQ(rule->breaker->probes, 3U);
  EXPECT_EQ(rule->breaker->retry_after_max, minutes(1));
  EXPECT_EQ(rule->breaker->when_open, WhenOpen::kWait);
}

TEST(HostRule, ABreakerOfNothingButItsNameHasSoundNumbers) {
  const auto rule = Read(R"({"breaker": {}})");
  ASSERT_TRUE(rule);
  EXPECT_EQ(rule->breaker->in_a_row, 5U);
  EXPECT_EQ(rule->breaker->open, seconds(30));
  EXPECT_FALSE(rule->concurrency);
}

TEST(HostRule, SaysWhichMemberIsWrong) {
  for (const auto& [json, what] : std::vector<std::pair<std::string_view, std::string_view>>{
           {R"([])", "object"},
           {R"({"limit": 1})", "limit"},
           {R"({"concurrency": 0})", "concurrency must be a whole number"},
           {R"({"concurrency": 1.5})", "concurrency must be a whole number"},
           {R"({"rate": {"limit": 5}})", "rate.period is missing"},
           {R"({"rate": {"period": "1s"}})", "rate.limit is missing"},
           {R"({"rate": {"limit": 1000000, "period": "1ms"}})", "rate.limit is more than"},
           {R"({"queue": {"wait": "1y"}})", "queue.wait is not a time"},
           {R"({"queue": 5})", "queue"},
           {R"({"breaker": {"percent": 101}})", "breaker.percent must be"},
           {R"({"breaker": {"open": "0"}})", "breaker.open is not a time"},
           {R"({"breaker": {"when_open": "maybe"}})", "breaker.when_open is not known"},
           {R"({"breaker": {"in_a_row": 0}})", "breaker.in_a_row must be"}}) {
    const auto rule = Read(json);
    ASSERT_FALSE(rule) << json;
    EXPECT_EQ(rule.error().code, ErrorCode::kInvalidArgument);
    EXPECT_NE(rule.error().message.find(what), std::string::npos) << json << ": " << rule.error().message;
  }
}

TEST(HostRule, PatternsAreKeptInOneForm) {
  for (const auto& [text, kept] : std::vector<std::pair<std::string_view, std::string_view>>{
           {"*", "*"},
           {"API.Example.com", "api.example.com"},
           {"api.example.com:8443", "api.example.com:8443"},
           {"api.example.com:443", "api.example.com"},
           {"api.example.com:80", "api.example.com"},
           {"*.Example.com", "*.example.com"},
           {"127.0.0.1:9000", "127.0.0.1:9000"},
           {"[::1]:9000", "[::1]:9000"}}) {
    const auto pattern = PatternFrom(text);
    ASSERT_TRUE(pattern) << text;
    EXPECT_EQ(*pattern, kept);
  }
  for (const std::string_view text :
       {"", "**", "*.", "a*.example.com", "https://example.com", "example.com/x", "user@example.com",
        "example.com:0", "example.com:99999", "a b", "*.[::1]", "*example.com", "0x7f.1"})
    EXPECT_FALSE(PatternFrom(text)) << text;
  EXPECT_FALSE(PatternFrom(std::string(300, 'a')));
}

TEST(HostRule, TheClosestPatternCounts) {
  std::vector<HostRule> list;
  for (const char* pattern : {"*", "*.example.com", "*.api.example.com", "api.example.com",
                              "api.example.com:8443", "*.example.com:9000"})
    list.push_back({.pattern = pattern, .rule = {}});
  const HostRules rules(std::move(list));
  const auto closest = [&](std::string_view host) { return rules.For(host)->pattern; };
  EXPECT_EQ(closest("api.example.com"), "api.example.com");
  EXPECT_EQ(closest("api.example.com:8443"), "api.example.com:8443");
  EXPECT_EQ(closest("api.example.com:1"), "api.example.com") << "all its ports";
  EXPECT_EQ(closest("www.example.com"), "*.example.com");
  EXPECT_EQ(closest("www.example.com:9000"), "*.example.com:9000");
  EXPECT_EQ(closest("eu.api.example.com"), "*.api.example.com");
  EXPECT_EQ(closest("example.com"), "*") << "it does not stand below itself";
  EXPECT_EQ(closest("badexample.com"), "*");
  EXPECT_EQ(closest("[::1]:80"), "*");
  EXPECT_EQ(HostRules().For("example.com"), nullptr);
}

TEST(HostRule, NodesShareIt) {
  const LaneRule rule{.concurrency = 10, .rate = flow::PaceLimit{.interval_us = 100, .burst = 4}};
  const LaneRule share = ShareOf(rule, 3);
  EXPECT_EQ(share.concurrency, 3);
  EXPECT_EQ(share.rate->interval_us, 300);
  EXPECT_EQ(share.rate->burst, 1);
  EXPECT_EQ(ShareOf(rule, 1).concurrency, 10);
  EXPECT_EQ(ShareOf(rule, 0).concurrency, 10);
  EXPECT_EQ(ShareOf({.concurrency = 3}, 3).concurrency, 1);
  EXPECT_EQ(ShareOf({.concurrency = 2}, 3).concurrency, 0) << "those that it has claimed, and no other";
  EXPECT_EQ(ShareOf({.concurrency = 2}, 3, 1).concurrency, 1);
}

}  // namespace
}  // namespace elevaite::hosts
