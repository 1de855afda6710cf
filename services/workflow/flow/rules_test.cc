#include "services/workflow/flow/rules.h"

#include <gtest/gtest.h>

namespace elevaite::flow {
namespace {

std::string Refusal(std::string_view text) {
  const auto rules = WorkflowRulesFrom(ParseJson(text).value());
  return rules ? "" : rules.error().message;
}

TEST(Rules, RefusesWhatMakesNoSense) {
  EXPECT_EQ(Refusal("{}"), "");
  EXPECT_NE(Refusal(R"({"concurency": {"limit": 1}})"), "");
  EXPECT_NE(Refusal(R"({"concurrency": {"limit": 0}})").find("concurrency.limit"), std::string::npos);
  EXPECT_NE(Refusal(R"({"concurrency": {"limit": -3}})"), "");
  EXPECT_NE(Refusal(R"({"concurrency": {"limit": 2.5}})"), "");
  EXPECT_NE(Refusal(R"({"concurrency": {"limit": "2"}})"), "");
  EXPECT_NE(Refusal(R"({"concurrency": [{"limit": 2}, {"limit": 3}]})"), "");
  EXPECT_NE(Refusal(R"({"concurrency": {"limit": 1, "key": ".a ||"}})"), "");
  EXPECT_NE(Refusal(R"({"throttle": {"limit": 1}})").find("throttle.period"), std::string::npos);
  EXPECT_NE(Refusal(R"({"throttle": {"limit": 1, "period": "0s"}})"), "");
  EXPECT_NE(
      Refusal(R"({"throttle": {"limit": 1, "period": "366d", "burst": 1000000}})").find("throttle.burst"),
      std::string::npos);
  EXPECT_EQ(Refusal(R"({"throttle": {"limit": 1, "period": "366d", "burst": 10}})"), "");
  EXPECT_EQ(Refusal(R"({"rate_limit": {"limit": 1000000, "period": "366d"}})"), "");
  EXPECT_NE(Refusal(R"({"debounce": {"period": "5s", "max_wait": "1s"}})"), "");
  EXPECT_NE(Refusal(R"({"debounce": {"period": "5s"}, "batch": {"size": 2, "timeout": "1s"}})"), "");
  EXPECT_NE(Refusal(R"({"singleton": {"on_second": "maybe"}})"), "");
  EXPECT_NE(Refusal(R"({"priority": 6})"), "");
  EXPECT_NE(Refusal(R"({"fairness": {"key": ".a", "weights": {"x": 0}}})"), "");
}

TEST(Rules, MakesKeysOfTheInput) {
  const auto rules = WorkflowRulesFrom(ParseJson(R"({"concurrency": {"limit": 1, "key": "${ .customer.id }"},
      "rate_limit": {"limit": 1, "period": "1s", "key": ".user"},
      "priority": "if .gold then 1 else 4 end"})")
                                           .value());
  ASSERT_TRUE(rules);
  const auto demands =
      DemandsOf(*rules, ParseJson(R"({"customer": {"id": 17}, "user": "u", "gold": true})").value());
  ASSERT_TRUE(demands);
  EXPECT_EQ(demands->keys.Of(rules->concurrency[0].key), "17");
  EXPECT_EQ(demands->on_arrival.Of(rules->rate_limit->key), "u");
  EXPECT_EQ(demands->priority, 1);
  EXPECT_EQ(RunKeys::FromJson(demands->keys.ToJson()).value(), demands->keys);
  EXPECT_FALSE(DemandsOf(*rules, ParseJson(R"({"customer": 5})").value()));
  EXPECT_FALSE(
      DemandsOf(*rules, Json::Object({{"customer", Json::Object({{"id", std::string(300, 'x')}})}})));
}

}  // namespace
}  // namespace elevaite::flow
