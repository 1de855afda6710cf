#include "services/workflow/flow/run_queue.h"

#include <gtest/gtest.h>

#include <map>
#include <random>
#include <set>
#include <vector>

namespace elevaite::flow {
namespace {

const AccountId kAccount = AccountId::Default();

WorkflowRules Rules(std::string_view text) {
  auto rules = WorkflowRulesFrom(ParseJson(text).value());
  EXPECT_TRUE(rules) << (rules ? "" : rules.error().message);
  return rules.value_or(WorkflowRules{});
}

class RunQueueTest : public ::testing::Test {
 protected:
  ExecutionId Add(const std::string& workflow, const WorkflowRules& rules, std::string_view input,
                  std::int64_t now_us = 0) {
    const auto demands = DemandsOf(rules, ParseJson(input).value());
    EXPECT_TRUE(demands);
    const ExecutionId id = ExecutionId::New();
    queue_.Add({.account = kAccount,
                .workflow = workflow,
                .id = id,
                .keys = demands->keys,
                .priority = demands->priority,
                .seq = ++seq_,
                .since_us = now_us},
               now_us);
    return id;
  }
  std::vector<ExecutionId> PopAll(std::int64_t now_us = 0) {
    std::vector<ExecutionId> ids;
    while (const auto id = queue_.Pop(now_us)) ids.push_back(*id);
    EXPECT_EQ(queue_.Inconsistency(now_us), "");
    return ids;
  }

  RunQueue queue_;
  std::int64_t seq_ = 0;
};

TEST_F(RunQueueTest, StartsNoMoreAtOnceThanTheLimit) {
  const WorkflowRules rules = Rules(R"({"concurrency": {"limit": 2}})");
  queue_.SetRules(kAccount, "a.w", rules, 0);
  std::vector<ExecutionId> ids;
  for (int i = 0; i < 5; ++i) ids.push_back(Add("a.w", rules, "{}"));
  EXPECT_EQ(PopAll(), (std::vector{ids[0], ids[1]}));
  const auto waits = queue_.WaitsOf(ids[3]);
  ASSERT_TRUE(waits && waits->gate);
  EXPECT_EQ(waits->gate->kind, GateKind::kConcurrency);
  EXPECT_EQ(waits->limit, 2);
  EXPECT_EQ(waits->place, 2U);
  queue_.Remove(ids[0], 0);
  EXPECT_EQ(PopAll(), (std::vector{ids[2]}));
  queue_.Remove(ids[3], 0);  // waits
  queue_.Remove(ids[1], 0);
  EXPECT_EQ(PopAll(), (std::vector{ids[4]}));
}

TEST_F(RunQueueTest, KeysDoNotWaitForEachOther) {
  const WorkflowRules rules = Rules(R"({"concurrency": [{"limit": 1, "key": ".c"}, {"limit": 3}]})");
  queue_.SetRules(kAccount, "a.w", rules, 0);
  const auto a1 = Add("a.w", rules, R"({"c": "a"})");
  const auto a2 = Add("a.w", rules, R"({"c": "a"})");
  const auto b1 = Add("a.w", rules, R"({"c": "b"})");
  const auto c1 = Add("a.w", rules, R"({"c": 7})");
  const auto d1 = Add("a.w", rules, R"({})");
  EXPECT_EQ(PopAll(), (std::vector{a1, b1, c1}));
  queue_.Remove(b1, 0);
  EXPECT_EQ(PopAll(), (std::vector{d1}));
  queue_.Remove(a1, 0);
  EXPECT_EQ(PopAll(), (std::vector{a2}));
}

TEST_F(RunQueueTest, GoesByPriorityThenTurnsByWeight) {
  const WorkflowRules rules = Rules(
      R"({"concurrency": {"limit": 1}, "fairness": {"key": ".t", "weights": {"big": 3}}, "priority": ".p // 3"})");
  queue_.SetRules(kAccount, "a.w", rules, 0);
  for (int i = 0; i < 40; ++i) Add("a.w", rules, R"({"t": "big"})");
  for (int i = 0; i < 40; ++i) Add("a.w", rules, R"({"t": "small"})");
  const auto first = Add("a.w", rules, R"({"t": "small", "p": 1})");
  const auto last = Add("a.w", rules, R"({"t": "new", "p": 5})");
  std::vector<ExecutionId> order;
  std::map<std::string, int> turns;
  for (int i = 0; i < 40; ++i) {
    const auto id = queue_.Pop(0);
    ASSERT_TRUE(id);
    order.push_back(*id);
    queue_.Remove(*id, 0);
  }
  EXPECT_EQ(order[1], first);  // after the one that was let through when it came
  EXPECT_TRUE(queue_.Has(last));
  EXPECT_EQ(queue_.DepthOf(kAccount).queued, 42U);
  const std::size_t small =
      queue_.QueuedWith(kAccount, "a.w", DemandsOf(rules, ParseJson(R"({"t": "small"})").value())->keys);
  EXPECT_NEAR(static_cast<double>(40 - small), 10.0, 1.0);  // of 39 turns
}

TEST_F(RunQueueTest, ANewKeyIsSoonServed) {
  const WorkflowRules rules = Rules(R"({"concurrency": {"limit": 1}, "fairness": {"key": ".t"}})");
  queue_.SetRules(kAccount, "a.w", rules, 0);
  for (int i = 0; i < 10'000; ++i) Add("a.w", rules, R"({"t": "flood"})");
  for (int i = 0; i < 500; ++i) queue_.Remove(*queue_.Pop(0), 0);
  const auto running = queue_.Pop(0);
  const auto late = Add("a.w", rules, R"({"t": "late"})");
  queue_.Remove(*running, 0);
  const auto one = queue_.Pop(0);
  queue_.Remove(*one, 0);
  const auto two = queue_.Pop(0);
  EXPECT_TRUE(*one == late || *two == late);
}

TEST_F(RunQueueTest, ANewKeyDoesNotWaitForARoundOfAllOthers) {
  const WorkflowRules rules = Rules(R"({"concurrency": {"limit": 1}, "fairness": {"key": ".t"}})");
  queue_.SetRules(kAccount, "a.w", rules, 0);
  for (int i = 0; i < 4'000; ++i) Add("a.w", rules, Json::Object({{"t", std::to_string(i % 1'000)}}).Dump());
  for (int i = 0; i < 1'500; ++i) queue_.Remove(*queue_.Pop(0), 0);
  const auto running = queue_.Pop(0);
  const auto late = Add("a.w", rules, R"({"t": "late"})");
  const auto later = Add("a.w", rules, R"({"t": "late"})");
  queue_.Remove(*running, 0);
  EXPECT_EQ(*queue_.Pop(0), late);
  queue_.Remove(late, 0);
  // Once: its second comes a round later, as those of all others.
  int turns = 0;
  for (auto id = queue_.Pop(0); *id != later; id = queue_.Pop(0)) {
    queue_.Remove(*id, 0);
    ++turns;
  }
  EXPECT_NEAR(turns, 1'000, 10);
}

TEST_F(RunQueueTest, EverNewKeysDoNotHoldTheOthersBack) {
  const WorkflowRules rules = Rules(R"({"concurrency": {"limit": 1}, "fairness": {"key": ".t"}})");
  queue_.SetRules(kAccount, "a.w", rules, 0);
  std::set<ExecutionId> old;
  for (int i = 0; i < 4'000; ++i)
    old.insert(Add("a.w", rules, Json::Object({{"t", "old-" + std::to_string(i % 10)}}).Dump()));
  int served = 0;
  for (int i = 0; i < 4'000; ++i) {  // as many new ones as there are turns
    Add("a.w", rules, Json::Object({{"t", "new-" + std::to_string(i)}}).Dump());
    const auto id = queue_.Pop(0);
    served += old.contains(*id) ? 1 : 0;
    queue_.Remove(*id, 0);
  }
  // A round grows longer with those that cannot come first any more. If new ones always came first, the ten
  // would have nothing.
  EXPECT_GT(served, 150);
}

TEST_F(RunQueueTest, AccountsTakeTurnsByWeight) {
  const AccountId other = AccountId::Parse("other").value();
  AccountRules heavy;
  heavy.weight = 3;
  queue_.SetRules(kAccount, heavy, 0);
  for (int i = 0; i < 40; ++i) {
    queue_.Add({.account = kAccount, .workflow = "a.w", .id = ExecutionId::New(), .seq = ++seq_}, 0);
    queue_.Add({.account = other, .workflow = "a.w", .id = ExecutionId::New(), .seq = ++seq_}, 0);
  }
  for (int i = 0; i < 40; ++i) queue_.Remove(*queue_.Pop(0), 0);
  EXPECT_NEAR(static_cast<double>(queue_.DepthOf(kAccount).queued), 10.0, 1.0);
}

TEST_F(RunQueueTest, ThrottlesInEveryPeriod) {
  const WorkflowRules rules =
      Rules(R"({"throttle": {"limit": 5, "period": "10s", "burst": 2, "key": ".k"}})");
  queue_.SetRules(kAccount, "a.w", rules, 0);
  for (int i = 0; i < 30; ++i) Add("a.w", rules, R"({"k": "a"})");
  std::vector<std::int64_t> starts;
  std::int64_t now = 1'000'000'000;
  while (starts.size() < 30) {
    for (const auto& id : PopAll(now)) {
      starts.push_back(now);
      queue_.Remove(id, now);
    }
    const auto due = queue_.NextDueUs();
    if (!due) break;
    EXPECT_GT(*due, now);
    now = *due;
  }
  ASSERT_EQ(starts.size(), 30U);
  for (std::size_t i = 6; i < starts.size(); ++i) EXPECT_GE(starts[i] - starts[i - 6], 10'000'000) << i;
  EXPECT_EQ(starts[0], starts[1]);
  EXPECT_EQ(starts.back() - starts.front(), 28 * 2'000'000);
}

TEST_F(RunQueueTest, LimitsChangeWhileRunsWait) {
  const WorkflowRules rules = Rules(R"({"concurrency": {"limit": 1}})");
  queue_.SetRules(kAccount, "a.w", rules, 0);
  for (int i = 0; i < 10; ++i) Add("a.w", rules, "{}");
  EXPECT_EQ(PopAll().size(), 1U);
  queue_.SetRules(kAccount, "a.w", Rules(R"({"concurrency": {"limit": 4}})"), 0);
  EXPECT_EQ(PopAll().size(), 3U);
  queue_.SetRules(kAccount, "a.w", Rules(R"({"concurrency": {"limit": 2}})"), 0);
  EXPECT_EQ(PopAll().size(), 0U);
  queue_.SetRules(kAccount, "a.w", Rules("{}"), 0);
  EXPECT_EQ(PopAll().size(), 6U);
  EXPECT_EQ(queue_.running(), 10U);
}

TEST_F(RunQueueTest, PausesWhatIsNamed) {
  const WorkflowRules rules = Rules(R"({"concurrency": {"limit": 100, "key": ".c"}})");
  queue_.SetRules(kAccount, "a.w", rules, 0);
  const GateName key{.workflow = "a.w", .expression = ".c", .key = "x"};
  queue_.SetPaused(kAccount, key, true, "their database is down", 0);
  const auto x = Add("a.w", rules, R"({"c": "x"})");
  const auto y = Add("a.w", rules, R"({"c": "y"})");
  EXPECT_EQ(PopAll(), (std::vector{y}));
  ASSERT_TRUE(queue_.WaitsOf(x)->gate);
  EXPECT_EQ(queue_.WaitsOf(x)->gate->kind, GateKind::kPause);
  EXPECT_EQ(queue_.WaitsOf(x)->note, "their database is down");
  queue_.SetPaused(kAccount, {}, true, "", 0);
  queue_.SetPaused(kAccount, key, false, "", 0);
  EXPECT_TRUE(PopAll().empty());
  queue_.SetPaused(kAccount, {}, false, "", 0);
  EXPECT_EQ(PopAll(), (std::vector{x}));
}

TEST_F(RunQueueTest, ListsWhatWaitsByKeyInTheOrderInWhichItCame) {
  const WorkflowRules rules =
      Rules(R"({"concurrency": [{"limit": 1}, {"limit": 1, "key": ".c"}], "fairness": {"key": ".t"}})");
  queue_.SetRules(kAccount, "a.w", rules, 0);
  std::vector<ExecutionId> x;
  for (int i = 0; i < 30; ++i) {
    x.push_back(Add("a.w", rules, Json::Object({{"c", "x"}, {"t", std::to_string(i % 7)}}).Dump()));
    Add("a.w", rules, Json::Object({{"c", "y"}, {"t", std::to_string(i % 5)}}).Dump());
  }
  EXPECT_EQ(PopAll(), (std::vector{x[0]}));
  const auto page = queue_.Waiting(kAccount, "a.w", "x", 0, 10);
  ASSERT_EQ(page.size(), 10U);
  for (std::size_t i = 0; i < page.size(); ++i) EXPECT_EQ(page[i].second, x[i + 1]);
  const auto next = queue_.Waiting(kAccount, "a.w", "x", page.back().first, 100);
  ASSERT_EQ(next.size(), 19U);
  EXPECT_EQ(next.front().second, x[11]);
  EXPECT_EQ(queue_.Waiting(kAccount, "a.w", std::nullopt, 0, 100).size(), 59U);
  EXPECT_TRUE(queue_.Waiting(kAccount, "a.w", "z", 0, 10).empty());
  EXPECT_TRUE(queue_.Waiting(kAccount, "a.other", "x", 0, 10).empty());
}

// What ends, and what changes for all, finds its own place and not every other.
TEST_F(RunQueueTest, ForgetsThrottlesThatHoldNothingBackAndNothingElse) {
  const WorkflowRules rules = Rules(R"({"throttle": {"limit": 1, "period": "10ms", "key": ".c"}})");
  queue_.SetRules(kAccount, "a.w", rules, 0);
  constexpr std::size_t kKeys = RunQueue::kForgottenMax + 5;
  for (std::size_t i = 0; i < kKeys; ++i) Add("a.w", rules, Json::Object({{"c", std::to_string(i)}}).Dump());
  const ExecutionId waits = Add("a.w", rules, R"({"c": "0"})");
  for (const ExecutionId& id : PopAll()) queue_.Remove(id, 0);
  EXPECT_EQ(queue_.idle_gates(), kKeys - 1) << "one is waited for";
  queue_.ForgetIdle(9'999);
  EXPECT_EQ(queue_.idle_gates(), kKeys - 1) << "they hold back what comes next";
  queue_.ForgetIdle(10'000);
  EXPECT_EQ(queue_.idle_gates(), 4U) << "so many at a time";
  queue_.ForgetIdle(10'000);
  EXPECT_EQ(queue_.idle_gates(), 0U);
  EXPECT_EQ(queue_.Inconsistency(10'000), "");
  EXPECT_EQ(PopAll(10'000), std::vector{waits});
}

TEST_F(RunQueueTest, ManyKeysComeAndGoWithoutLookingAtEachOther) {
  const WorkflowRules rules = Rules(R"({"concurrency": {"limit": 1, "key": ".c"}})");
  const RunKeys example = DemandsOf(rules, ParseJson(R"({"c": "x"})").value())->keys;
  queue_.SetRules(kAccount, "a.w", rules, 0);
  constexpr int kKeys = 200'000;
  for (int i = 0; i < kKeys; ++i) {
    RunKeys keys = example;
    keys.values[0].second = std::to_string(i);
    queue_.Add({.account = kAccount,
                .workflow = "a.w",
                .id = ExecutionId::New(),
                .keys = std::move(keys),
                .seq = ++seq_},
               0);
  }
  queue_.SetPaused(kAccount, {}, true, "", 0);
  EXPECT_FALSE(queue_.Pop(0));
  queue_.SetPaused(kAccount, {}, false, "", 0);
  queue_.SetRules(kAccount, "a.w", rules, 0);
  int served = 0;
  for (auto id = queue_.Pop(0); id; id = queue_.Pop(0), ++served) queue_.Remove(*id, 0);
  EXPECT_EQ(served, kKeys);
  EXPECT_EQ(queue_.Inconsistency(0), "");
}

// What is collected by key gets into the queue in another order than it came.
TEST_F(RunQueueTest, WhatCameFirstAndIsQueuedLaterStandsByItsAgeAndCanLeave) {
  queue_.SetPaused(kAccount, {}, true, "", 0);
  std::vector<ExecutionId> ids;
  for (const std::int64_t seq : {2, 3, 1}) {
    ids.push_back(ExecutionId::New());
    queue_.Add({.account = kAccount, .workflow = "a.w", .id = ids.back(), .seq = seq}, 0);
  }
  EXPECT_EQ(queue_.WaitsOf(ids[2])->place, 1U);
  EXPECT_TRUE(queue_.Remove(ids[2], 0));
  queue_.SetPaused(kAccount, {}, false, "", 0);
  EXPECT_EQ(PopAll(), (std::vector{ids[0], ids[1]}));
}

TEST_F(RunQueueTest, WhatWaitsGetsAnotherPriorityAndKeepsItsAge) {
  const WorkflowRules rules = Rules(R"({"concurrency": {"limit": 1}})");
  queue_.SetRules(kAccount, "a.w", rules, 0);
  const ExecutionId first = Add("a.w", rules, "{}");
  ASSERT_EQ(PopAll(), std::vector{first});
  std::vector<ExecutionId> ids;
  for (int i = 0; i < 4; ++i) ids.push_back(Add("a.w", rules, "{}"));
  EXPECT_FALSE(queue_.SetPriority(first, 1, 0)) << "it runs";
  EXPECT_FALSE(queue_.SetPriority(ExecutionId::New(), 1, 0));
  EXPECT_TRUE(queue_.SetPriority(ids[3], 1, 0));
  EXPECT_TRUE(queue_.SetPriority(ids[2], 1, 0));
  EXPECT_TRUE(queue_.SetPriority(ids[0], 5, 0));
  std::vector<ExecutionId> order;
  ExecutionId runs = first;
  while (queue_.Remove(runs, 0)) {
    const auto next = PopAll();
    if (next.empty()) break;
    order.push_back(runs = next.front());
  }
  EXPECT_EQ(order, (std::vector{ids[2], ids[3], ids[1], ids[0]}));
}

// Whatever happens in whatever order: nothing waits that could start, and no limit is passed.
TEST_F(RunQueueTest, KeepsItsPromisesInAnyOrder) {
  const std::vector<std::string> some_rules{
      "{}", R"({"concurrency": [{"limit": 2}, {"limit": 1, "key": ".c"}]})",
      R"({"concurrency": [{"limit": 5}, {"limit": 3, "key": ".c"}], "fairness": {"key": ".t"}, "priority": ".p"})",
      R"({"throttle": {"limit": 3, "period": "10ms", "burst": 2, "key": ".c"}, "concurrency": {"limit": 4}})",
      R"({"throttle": {"limit": 2, "period": "7ms"}, "fairness": {"key": ".t", "weights": {"1": 4}}})"};
  for (std::uint32_t seed = 1; seed <= 300; ++seed) {
    std::mt19937 random(seed);
    const auto pick = [&](int n) { return static_cast<int>(random() % static_cast<unsigned>(n)); };
    RunQueue queue;
    std::map<std::string, WorkflowRules> rules{{"a.v", Rules("{}")}, {"a.w", Rules("{}")}};
    std::map<ExecutionId, std::pair<std::string, RunKeys>> waiting;
    std::map<ExecutionId, std::pair<std::string, RunKeys>> running;
    std::int64_t seq = 0;
    std::int64_t now = 1'000'000;
    std::int64_t account_limit = INT64_MAX;
    for (int step = 0; step < 400; ++step) {
      const std::string workflow = pick(2) == 0 ? "a.v" : "a.w";
      const int act = pick(100);
      if (act < 45) {
        const Json input = Json::Object(
            {{"c", std::to_string(pick(4))}, {"t", std::to_string(pick(3))}, {"p", 1 + pick(5)}});
        const auto demands = DemandsOf(rules[workflow], input);
        ASSERT_TRUE(demands);
        const ExecutionId id = ExecutionId::New();
        queue.Add({.account = kAccount,
                   .workflow = workflow,
                   .id = id,
                   .keys = demands->keys,
                   .priority = demands->priority,
                   .seq = ++seq * 100 - (pick(4) == 0 ? 250 : 0),
                   .since_us = now},
                  now);
        waiting[id] = {workflow, demands->keys};
      } else if (act < 65 && !running.empty()) {
        const auto one = std::next(running.begin(), pick(static_cast<int>(running.size())));
        EXPECT_TRUE(queue.Remove(one->first, now));
        running.erase(one);
      } else if (act < 70 && !waiting.empty()) {
        const auto one = std::next(waiting.begin(), pick(static_cast<int>(waiting.size())));
        EXPECT_TRUE(queue.Remove(one->first, now));
        waiting.erase(one);
      } else if (act < 74) {
        rules[workflow] = Rules(some_rules[static_cast<std::size_t>(pick(5))]);
        queue.SetRules(kAccount, workflow, rules[workflow], now);
      } else if (act < 76) {
        AccountRules account;
        if (pick(2) == 0) account.concurrency = 1 + pick(6);
        account_limit = account.concurrency.value_or(INT64_MAX);
        queue.SetRules(kAccount, account, now);
      } else if (act < 79) {
        queue.SetPaused(kAccount, {.workflow = pick(2) == 0 ? workflow : ""}, pick(2) == 0, "", now);
      } else if (act < 90) {
        now += pick(5'000);
      } else if (act == 90) {
        queue.ForgetIdle(now);
      } else if (act < 95 && !waiting.empty()) {
        const auto one = std::next(waiting.begin(), pick(static_cast<int>(waiting.size())));
        EXPECT_TRUE(queue.SetPriority(one->first, static_cast<std::uint8_t>(1 + pick(5)), now));
      }
      ASSERT_EQ(queue.Inconsistency(now), "") << "seed " << seed << " step " << step << " act " << act;
      if (act % 3 != 0) continue;
      const std::map<ExecutionId, std::pair<std::string, RunKeys>> before = running;
      while (const auto id = queue.Pop(now)) {
        const auto found = waiting.find(*id);
        ASSERT_NE(found, waiting.end());
        running.insert(*found);
        waiting.erase(found);
        ASSERT_LE(running.size(),
                  std::max<std::size_t>(static_cast<std::size_t>(account_limit), before.size()));
        for (const Concurrency& rule : rules[running[*id].first].concurrency) {
          const auto same = [&](const auto& one) {
            return one.second.first == running[*id].first &&
                   one.second.second.Of(rule.key) == running[*id].second.Of(rule.key);
          };
          ASSERT_LE(std::ranges::count_if(running, same), rule.limit) << "seed " << seed << " step " << step;
        }
      }
      ASSERT_EQ(queue.Inconsistency(now), "") << "seed " << seed << " step " << step;
    }
    // In the end all starts: no place is lost.
    for (const char* workflow : {"a.v", "a.w"})
      queue.SetPaused(kAccount, {.workflow = workflow}, false, "", now);
    queue.SetPaused(kAccount, {}, false, "", now);
    while (!waiting.empty()) {
      for (const auto& [id, of] : running) queue.Remove(id, now);
      running.clear();
      while (const auto id = queue.Pop(now)) {
        running.insert(*waiting.find(*id));
        waiting.erase(*id);
      }
      if (waiting.empty()) break;
      if (running.empty()) {
        const auto due = queue.NextDueUs();
        ASSERT_TRUE(due && *due > now) << "seed " << seed << ": what waits is forgotten";
        now = *due;
      }
    }
  }
}

}  // namespace
}  // namespace elevaite::flow
