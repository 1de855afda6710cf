// The keeper with a store and executions that are slow, fail, and outlive it: whatever happens, each run that
// was accepted starts once, no limit is passed, and no place is lost.
#include "services/workflow/flow/keeper.h"

#include <gtest/gtest.h>

#include <map>
#include <memory>
#include <random>
#include <set>
#include <vector>

#include "foundation/log.h"
#include "services/workflow/flow/keeper_simulation.h"

namespace elevaite::flow {
namespace {

// A fleet of workflows with every rule, and people who change what they want.
class KeeperCampaign : public KeeperSimulation {
 protected:
  static constexpr const char* kLimits =
      R"({"concurrency": [{"limit": 4}, {"limit": 2, "key": ".c"}], "priority": ".p", "fairness": {"key": ".c"}})";

  void Prepare(Simulation& s) {
    accepted_.clear();
    cancelled_.clear();
    s.Begin();
    s.limits["a.limited"] = {
        .all = 4, .of_key = 2, .key = WorkflowRulesFrom(RulesText(kLimits))->concurrency[1].key};
    s.limits["a.single"] = {.all = 1};
    s.account_limit = 12;
    s.newest_only = "a.newest";
    Put(s, "", R"({"concurrency": 12})");
    Put(s, "a.limited", kLimits);
    Put(s, "a.single", R"({"singleton": {"on_second": "skip"}})");
    Put(s, "a.newest", R"({"singleton": {"on_second": "cancel_first", "key": ".c"}})");
    Put(s, "a.batch", R"({"batch": {"size": 5, "timeout": "30ms"}})");
    Put(s, "a.debounce", R"({"debounce": {"period": "10ms", "max_wait": "50ms", "key": ".c"}})");
    Put(s, "a.throttle", R"({"throttle": {"limit": 10, "period": "100ms", "burst": 2}})");
    Put(s, "a.rate", R"({"rate_limit": {"limit": 5, "period": "50ms"}})");
    s.RunUntil(s.clock.now_us + 100'000);
  }

  void ChangeRules(Simulation& s) {
    static const std::vector<std::string> some{
        R"({"debounce": {"period": "1h", "max_wait": "2h", "key": ".c"}})",
        R"({"batch": {"size": 100, "timeout": "1h"}})",
        R"({"batch": {"size": 3, "timeout": "1h", "key": ".c"}})",
        R"({"singleton": {"on_second": "skip"}, "concurrency": {"limit": 1}})",
        R"({"singleton": {"on_second": "cancel_first", "key": ".c"}})",
        R"({"singleton": {"on_second": "cancel_first"}, "debounce": {"period": "5ms", "max_wait": "20ms", "key": ".c"}})",
        R"({"throttle": {"limit": 1, "period": "10ms", "key": ".c"}})",
        R"({"rate_limit": {"limit": 1, "period": "10ms", "key": ".c"}, "concurrency": {"limit": 2}})"};
    if (s.Pick(3) == 0) return s.keeper->Drop(kAccount, "a.free", {});
    Put(s, "a.free", some[static_cast<std::size_t>(s.Pick(static_cast<std::int64_t>(some.size()) - 1))]);
  }

  void CancelOne(Simulation& s) {
    if (accepted_.empty()) return;
    const ExecutionId id =
        accepted_[static_cast<std::size_t>(s.Pick(static_cast<std::int64_t>(accepted_.size()) - 1))].id;
    if (s.keeper->Cancel(kAccount, id, "not needed", [](const auto&) {})) cancelled_.insert(id);
  }

  void Step(Simulation& s, int step) {
    static const std::vector<std::string> names{"a.limited",  "a.limited",  "a.single",
                                                "a.newest",   "a.batch",    "a.free",
                                                "a.debounce", "a.throttle", "a.rate"};
    if (!s.keeper) {
      s.Begin();
      return last_.clear();
    }
    const auto act = s.Pick(99);
    if (act < 65) {
      const Json input = Json::Object({{"c", std::to_string(s.Pick(3))}, {"p", 1 + s.Pick(4)}, {"n", step}});
      const std::string& name = names[static_cast<std::size_t>(s.Pick(8))];
      last_.push_back({Arrive(s, name, input), name, input});
    } else if (act < 70 && !last_.empty() && last_.back().workflow != "a.rate") {
      const Accepted& again = last_.back();  // who has had no answer asks once more
      Arrive(s, again.workflow, again.input, again.id);
    } else if (act < 76) {
      s.Die();
      ++crashes_;
    } else if (act < 80) {
      s.keeper->Put(Pause{.account = kAccount, .workflow = "a.limited"}, {});
    } else if (act < 86) {
      s.keeper->Drop(Pause{.account = kAccount, .workflow = "a.limited"}, {});
    } else if (act < 92) {
      ChangeRules(s);
    } else if (act < 95) {
      CancelOne(s);
    } else if (!accepted_.empty()) {
      const auto one = s.Pick(static_cast<std::int64_t>(accepted_.size()) - 1);
      s.keeper->SetPriority(kAccount, accepted_[static_cast<std::size_t>(one)].id,
                            static_cast<std::uint8_t>(1 + s.Pick(4)), {});
    }
  }

  void ComeToTheEnd(Simulation& s) {
    s.disk_fails = false;
    if (!s.keeper) s.Begin();
    s.keeper->Drop(Pause{.account = kAccount, .workflow = "a.limited"}, {});
    s.keeper->Drop(kAccount, "a.free", {});
    s.RunUntil(s.clock.now_us + 180'000'000);
  }

  void NoPlaceIsLost(const Simulation& s) {
    EXPECT_EQ(s.keeper->queue().queued(), 0U);
    EXPECT_EQ(s.keeper->queue().running(), 0U) << "a place is lost";
    EXPECT_EQ(s.keeper->starting(), 0U);
    EXPECT_EQ(s.keeper->Collected(kAccount, ""), 0U);
    EXPECT_EQ(s.keeper->Collecting(kAccount, ""), 0U);
    for (const auto& [id, row] : s.disk.rows) EXPECT_GE(row.run.state, RunState::kOver);
  }

  // What a run has become in the end, by those that took its place.
  static ExecutionId EndOf(const Simulation& s, ExecutionId id) {
    for (auto row = s.disk.rows.find(id); row != s.disk.rows.end() && row->second.run.became;
         row = s.disk.rows.find(id))
      id = *row->second.run.became;
    return id;
  }

  void WhatWasAcceptedStartsOnce(const Simulation& s) {
    std::set<ExecutionId> started;
    for (const auto& [at, id] : s.starts) EXPECT_TRUE(started.insert(id).second) << "started twice";
    for (const Accepted& one : accepted_) {
      const ExecutionId id = EndOf(s, one.id);
      if (cancelled_.contains(id) && !started.contains(id)) continue;
      ASSERT_TRUE(started.contains(id)) << "accepted and never started, of " << one.workflow;
      if (one.workflow != "a.batch") continue;
      const auto items = s.engine.executions.at(id).input.AsArray();
      EXPECT_EQ(std::ranges::count(items, one.input), 1) << "not once in its batch";
      EXPECT_LE(items.size(), 5U);
    }
  }

  // An earlier single is stopped, and does not go on to its end while a newer one waits.
  void EachSingleStopsTheOneBefore(const Simulation& s) {
    std::map<std::string, ExecutionId> last;
    for (const auto& [at, id] : s.starts) {
      const auto& execution = s.engine.executions.at(id);
      if (execution.workflow != "a.newest") continue;
      const std::string key = execution.input["c"].Dump();
      if (const auto before = last.find(key); before != last.end())
        EXPECT_TRUE(s.engine.executions.at(before->second).cancelled);
      last[key] = id;
    }
  }

  void PacesAreKept(const Simulation& s) {
    const auto& paced = s.disk.throttled;
    const auto starts = std::ranges::count_if(s.starts, [&](const auto& one) {
      return s.engine.executions.at(one.second).workflow == "a.throttle";
    });
    EXPECT_LE(static_cast<std::size_t>(starts), paced.size()) << "a start that was not counted";
    for (std::size_t i = 1; i < paced.size(); ++i) EXPECT_GE(paced[i] - paced[i - 1], 10'000);
    std::vector<std::int64_t> rated;
    for (const Accepted& one : accepted_) {
      if (one.workflow == "a.rate") rated.push_back(one.at_us);
    }
    constexpr std::size_t kMost = 5 + 5 - 1;
    for (std::size_t i = kMost; i < rated.size(); ++i) EXPECT_GE(rated[i] - rated[i - kMost], 50'000);
  }

  std::set<ExecutionId> cancelled_;
  std::vector<Accepted> last_;  // of this life of the keeper
  int crashes_ = 0;
};

TEST_F(KeeperCampaign, LosesNothingAndPassesNoLimit) {
  SetLogLevel(LogLevel::kOff);
  std::size_t runs = 0;
  std::size_t cancelled = 0;
  for (std::uint32_t seed = 1; seed <= 150; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    Simulation s(seed);
    Prepare(s);
    s.disk_fails = seed % 3 == 0;
    for (int step = 0; step < 200; ++step) {
      Step(s, step);
      s.RunUntil(s.clock.now_us + s.Pick(6'000));
      if (HasFatalFailure()) FAIL() << "step " << step;
    }
    ComeToTheEnd(s);
    NoPlaceIsLost(s);
    WhatWasAcceptedStartsOnce(s);
    EachSingleStopsTheOneBefore(s);
    PacesAreKept(s);
    if (HasFailure()) FAIL();
    runs += s.starts.size();
    cancelled += cancelled_.size();
  }
  EXPECT_GT(crashes_, 500);
  EXPECT_GT(runs, 5'000U);
  EXPECT_GT(cancelled, 50U);
}

TEST_F(KeeperSimulation, WhatIsCollectedGoesWhenItsRuleIsGone) {
  for (const char* rules : {R"({"debounce": {"period": "1h", "max_wait": "2h"}})",
                            R"({"batch": {"size": 9, "timeout": "1h"}})"}) {
    Simulation s(11);
    s.Begin();
    Put(s, "a.w", rules);
    Arrive(s, "a.w", Json::Object({{"n", 1}}));
    Arrive(s, "a.w", Json::Object({{"n", 2}}));
    s.RunUntil(s.clock.now_us + 100'000);
    EXPECT_TRUE(s.starts.empty());
    s.keeper->Drop(kAccount, "a.w", {});
    s.RunUntil(s.clock.now_us + 5'000'000);
    EXPECT_EQ(s.starts.size(), 1U) << rules;
  }
}

TEST_F(KeeperSimulation, ASingletonIsToldOfAtRunTimeSeesWhatGoesAlready) {
  Simulation s(12);
  s.Begin();
  Put(s, "a.newest", R"({"concurrency": {"limit": 10}})");
  const ExecutionId first = Arrive(s, "a.newest", Json::Object({{"n", 1}}));
  s.RunUntil(s.clock.now_us + 5'000'000);
  ASSERT_EQ(s.starts.size(), 1U);
  Put(s, "a.newest", R"({"singleton": {"on_second": "skip"}})");
  Arrive(s, "a.newest", Json::Object({{"n", 2}}));
  s.RunUntil(s.clock.now_us + 1'000'000);
  ASSERT_EQ(accepted_.size(), 2U);
  EXPECT_EQ(accepted_[1].id, first);
  Put(s, "a.newest", R"({"singleton": {"on_second": "cancel_first"}})");
  Arrive(s, "a.newest", Json::Object({{"n", 3}}));
  s.keeper->Drop(kAccount, "a.newest", {});
  s.RunUntil(s.clock.now_us + 5'000'000);
  EXPECT_EQ(s.starts.size(), 2U) << "nothing holds it any more";
}

TEST_F(KeeperSimulation, ABatchThatWouldBeTooLargeGoesBefore) {
  Simulation s(13);
  s.Begin();
  Put(s, "a.w", R"({"batch": {"size": 1000, "timeout": "1h"}})");
  const std::string large(static_cast<std::size_t>(Keeper::kBatchBytesMax) / 3, 'x');
  for (int i = 0; i < 7; ++i) {
    Arrive(s, "a.w", Json::Object({{"n", i}, {"x", large}}));
    if (i == 3) {
      s.RunUntil(s.clock.now_us + 10'000'000);
      s.Die();
      s.Begin();
    }
  }
  s.RunUntil(s.clock.now_us + 10'000'000);
  ASSERT_EQ(s.starts.size(), 3U);
  for (const auto& [at, id] : s.starts) EXPECT_EQ(s.engine.executions.at(id).input.AsArray().size(), 2U);
}

TEST_F(KeeperSimulation, WhatIsCollectedCountsAgainstTheCaps) {
  Simulation s(14);
  s.Begin();
  Put(s, "a.w", R"({"batch": {"size": 100, "timeout": "1h", "key": ".c"}, "queue": {"max": 5}})");
  for (int i = 0; i < 8; ++i) Arrive(s, "a.w", Json::Object({{"c", i % 2}}));
  s.RunUntil(s.clock.now_us + 10'000'000);
  EXPECT_EQ(accepted_.size(), 5U);
  EXPECT_EQ(refused_, 3);
  EXPECT_EQ(s.keeper->Collected(kAccount, "a.w"), 5U);
  s.Die();
  s.Begin();
  EXPECT_EQ(s.keeper->Collected(kAccount, ""), 5U);
}

TEST_F(KeeperSimulation, OfManyWhoWatchTheFirstAreToldToLookThemselves) {
  Simulation s(15);
  s.Begin();
  Put(s, "a.newest", R"({"singleton": {"on_second": "skip"}})");
  std::size_t told = 0;
  for (std::size_t i = 0; i < Keeper::kWatchersMax + 5; ++i) {
    Arrival arrival{
        .run = {.account = kAccount, .id = ExecutionId::New(), .workflow = "a.newest", .version = "1"}};
    arrival.accepted = [](const auto&) {};
    arrival.finished = [&](const auto&) { ++told; };
    s.keeper->Arrive(std::move(arrival));
  }
  EXPECT_EQ(told, 5U);
}

TEST_F(KeeperSimulation, DebounceKeepsTheLastInputAndDoesNotWaitForEver) {
  Simulation s(1);
  s.Begin();
  Put(s, "a.w", R"({"debounce": {"period": "1s", "max_wait": "3s"}})");
  const std::int64_t begin_us = s.clock.now_us;
  for (int i = 0; i < 10; ++i) {
    Arrive(s, "a.w", Json::Object({{"n", i}}));
    s.RunUntil(s.clock.now_us + 500'000);
  }
  s.RunUntil(s.clock.now_us + 10'000'000);
  ASSERT_EQ(s.starts.size(), 2U);
  EXPECT_NEAR(static_cast<double>(s.starts[0].first - begin_us), 3e6, 2e5);
  EXPECT_EQ(s.engine.executions.at(s.starts[1].second).input["n"].AsInt64(), 9);
}

TEST_F(KeeperSimulation, ANewerSingleTakesThePlaceOfTheOneBefore) {
  Simulation s(2);
  s.Begin();
  Put(s, "a.w", R"({"singleton": {"on_second": "cancel_first", "key": ".c"}})");
  for (int i = 0; i < 4; ++i) Arrive(s, "a.w", Json::Object({{"c", "x"}, {"n", i}}));
  Arrive(s, "a.w", Json::Object({{"c", "y"}, {"n", 100}}));
  s.RunUntil(s.clock.now_us + 1'000'000);
  std::vector<std::int64_t> started;
  for (const auto& [at, id] : s.starts) started.push_back(s.engine.executions.at(id).input["n"].AsInt64());
  std::ranges::sort(started);
  EXPECT_EQ(started.back(), 100);
  EXPECT_EQ(started[started.size() - 2], 3);
  EXPECT_LE(started.size(), 3U);
}

TEST_F(KeeperSimulation, RefusesWhatIsTooMuchByName) {
  Simulation s(3);
  s.Begin();
  Put(s, "a.rate", R"({"rate_limit": {"limit": 3, "period": "10s", "key": ".u"}})");
  Put(s, "a.caps", R"({"concurrency": {"limit": 1, "key": ".u"}, "queue": {"max": 4, "max_per_key": 2}})");
  s.RunUntil(s.clock.now_us + 10'000);
  std::vector<Error> errors;
  const auto arrive = [&](const std::string& workflow, const std::string& user) {
    Arrival arrival{
        .run = {.account = kAccount, .id = ExecutionId::New(), .workflow = workflow, .version = "1"},
        .input = Json::Object({{"u", user}})};
    arrival.accepted = [&](const Result<Arrival::Answer>& answer) {
      if (!answer) errors.push_back(answer.error());
    };
    s.keeper->Arrive(std::move(arrival));
  };
  for (int i = 0; i < 4; ++i) arrive("a.rate", "a");
  ASSERT_EQ(errors.size(), 1U);
  EXPECT_EQ(errors[0].code, ErrorCode::kQuotaExceeded);
  EXPECT_NE(errors[0].message.find("rate_limit"), std::string::npos);
  arrive("a.rate", "b");
  EXPECT_EQ(errors.size(), 1U);
  for (int i = 0; i < 4; ++i) arrive("a.caps", "a");
  ASSERT_EQ(errors.size(), 2U);
  EXPECT_NE(errors[1].message.find("queue.max_per_key"), std::string::npos);
  for (int i = 0; i < 4; ++i) arrive("a.caps", "b");
  ASSERT_EQ(errors.size(), 3U);
  arrive("a.caps", "c");
  arrive("a.caps", "c");
  ASSERT_EQ(errors.size(), 5U);
  EXPECT_NE(errors[3].message.find("queue.max "), std::string::npos);
}

// It waits for its gates as any other, but is nothing new that has come.
TEST_F(KeeperSimulation, AForkIsNotCollectedAndBecomesNoOtherRun) {
  Simulation s(5);
  s.Begin();
  Put(s, "a.debounced", R"({"debounce": {"period": "1h"}})");
  Put(s, "a.batched", R"({"batch": {"size": 2, "timeout": "1h"}})");
  Put(s, "a.single", R"({"singleton": {"on_second": "skip"}, "concurrency": {"limit": 1}})");
  std::vector<Result<Arrival::Answer>> told;
  const auto fork = [&](const std::string& workflow) {
    s.keeper->Arrive(
        {.run = {.account = kAccount,
                 .id = ExecutionId::New(),
                 .workflow = workflow,
                 .version = "1",
                 .past = Json::Object({{"execution", "exe_1"}, {"seq", 3}})},
         .input = Json::Object({{"n", 1}}),
         .accepted = [&](Result<Arrival::Answer> answer) { told.push_back(std::move(answer)); }});
  };
  Arrive(s, "a.batched", Json::Object({{"n", 0}}));
  Arrive(s, "a.debounced", Json::Object({{"n", 0}}));
  fork("a.debounced");
  fork("a.batched");
  s.RunUntil(s.clock.now_us + 5'000'000);
  ASSERT_EQ(told.size(), 2U);
  for (const auto& answer : told) EXPECT_TRUE(answer && answer->is_new);
  EXPECT_EQ(s.starts.size(), 2U) << "what is collected has not begun";
  told.clear();
  fork("a.single");
  fork("a.single");
  s.RunUntil(s.clock.now_us + 5'000'000);
  ASSERT_EQ(told.size(), 2U);
  std::ranges::sort(told, {}, [](const auto& answer) { return answer.has_value(); });
  ASSERT_FALSE(told[0]);
  EXPECT_EQ(told[0].error().code, ErrorCode::kConflict);
  EXPECT_TRUE(told[1] && told[1]->is_new);
}

// Each step of what runs is asked for its keys by all of these expressions.
TEST_F(KeeperSimulation, BoundsWhatIsPaused) {
  Simulation s(7);
  s.Begin();
  const auto put = [&](std::string workflow, std::string expression, std::string key) {
    std::optional<Result<void>> told;
    s.keeper->Put({.account = kAccount,
                   .workflow = std::move(workflow),
                   .expression = std::move(expression),
                   .key = std::move(key)},
                  [&](Result<void> result) { told = std::move(result); });
    s.RunUntil(s.clock.now_us + 1'000'000);
    return told && *told;
  };
  for (std::size_t i = 0; i < Keeper::kPausedByMax; ++i)
    ASSERT_TRUE(put("a.w", ".k" + std::to_string(i), "x"));
  EXPECT_FALSE(put("a.w", ".one_more", "x"));
  EXPECT_TRUE(put("a.w", ".k0", "x")) << "it is there";
  EXPECT_TRUE(put("a.w", ".k0", "y")) << "by an expression that is asked for already";
  EXPECT_TRUE(put("a.other", ".one_more", "x"));
  for (std::size_t i = Keeper::kPausedByMax + 2; i < Keeper::kPausesMax; ++i)
    ASSERT_TRUE(put("a.w", ".k0", std::to_string(i)));
  EXPECT_FALSE(put("", "", ""));
  EXPECT_TRUE(put("a.w", ".k0", "y"));
}

TEST_F(KeeperSimulation, WhatHasNotBegunCanBeCancelled) {
  Simulation s(4);
  s.Begin();
  Put(s, "a.newest", R"({"concurrency": {"limit": 1}})");
  for (int i = 0; i < 3; ++i) Arrive(s, "a.newest", Json::Object({{"n", i}}));
  s.RunUntil(s.clock.now_us + 10'000'000);
  ASSERT_EQ(accepted_.size(), 3U);
  ASSERT_EQ(s.starts.size(), 1U);
  bool done = false;
  EXPECT_FALSE(s.keeper->Cancel(kAccount, accepted_[0].id, "", {}));
  EXPECT_FALSE(s.keeper->Cancel(AccountId::Parse("other").value(), accepted_[1].id, "", {}));
  EXPECT_TRUE(s.keeper->Cancel(kAccount, accepted_[1].id, "not needed",
                               [&](const Result<void>& result) { done = result.has_value(); }));
  s.RunUntil(s.clock.now_us + 60'000'000);
  EXPECT_TRUE(done);
  EXPECT_EQ(s.starts.size(), 2U);
  EXPECT_EQ(s.disk.rows.at(accepted_[1].id).run.state, RunState::kOver);
}

TEST_F(KeeperSimulation, WhatWaitsGetsAnotherPriorityAlsoOverARestart) {
  Simulation s(6);
  s.Begin();
  Put(s, "a.newest", R"({"concurrency": {"limit": 1}})");
  Put(s, "a.batch", R"({"batch": {"size": 5, "timeout": "1h"}})");
  for (int i = 0; i < 3; ++i) Arrive(s, "a.newest", Json::Object({{"n", i}}));
  const ExecutionId batch = Arrive(s, "a.batch", Json(1));
  s.RunUntil(s.clock.now_us + 1'000'000);
  ASSERT_EQ(accepted_.size(), 4U);
  bool done = false;
  const auto tell = [&](const Result<void>& result) { done = result.has_value(); };
  EXPECT_FALSE(s.keeper->SetPriority(kAccount, accepted_[0].id, 1, {})) << "it runs";
  EXPECT_FALSE(s.keeper->SetPriority(AccountId::Parse("other").value(), accepted_[2].id, 1, {}));
  EXPECT_FALSE(s.keeper->SetPriority(AccountId::Parse("other").value(), batch, 1, {}));
  EXPECT_TRUE(s.keeper->SetPriority(kAccount, accepted_[2].id, 1, tell));
  EXPECT_TRUE(s.keeper->SetPriority(kAccount, batch, 5, {}));
  s.RunUntil(s.clock.now_us + 1'000'000);
  EXPECT_TRUE(done);
  EXPECT_EQ(s.disk.rows.at(batch).run.priority, 5);
  s.Die();
  s.Begin();
  s.RunUntil(s.clock.now_us + 60'000'000);
  ASSERT_EQ(s.starts.size(), 3U);
  EXPECT_EQ(s.starts[1].second, accepted_[2].id);
}

// The answer was lost, and with it who kept the queue.
TEST_F(KeeperSimulation, WhatComesAgainAfterACrashIsOnceInItsBatch) {
  Simulation s(8);
  s.Begin();
  Put(s, "a.batch", R"({"batch": {"size": 10, "timeout": "1m"}})");
  Arrive(s, "a.batch", Json(1));
  const ExecutionId second = Arrive(s, "a.batch", Json(2));
  for (int crash = 0; crash < 2; ++crash) {
    s.RunUntil(s.clock.now_us + 1'000'000);
    s.Die();
    s.Begin();
    Arrive(s, "a.batch", Json(2), second);
    Arrive(s, "a.batch", Json(3 + crash));
  }
  s.RunUntil(s.clock.now_us + 120'000'000);
  ASSERT_EQ(s.starts.size(), 1U);
  EXPECT_EQ(s.engine.executions.at(s.starts[0].second).input, Json::Array({1, 2, 3, 4}));
}

// Two that are collected by different keys are one by the key of the singleton.
TEST_F(KeeperSimulation, WhatIsCollectedByOtherKeysIsStillSingle) {
  for (const bool cancels : {false, true}) {
    accepted_.clear();
    Simulation s(7);
    s.Begin();
    Put(s, "a.newest",
        std::string(
            R"({"debounce": {"period": "10ms", "max_wait": "50ms", "key": ".c"}, "singleton": {"on_second": ")") +
            (cancels ? "cancel_first" : "skip") + "\"}}");
    for (int i = 0; i < 3; ++i) Arrive(s, "a.newest", Json::Object({{"c", std::to_string(i)}}));
    s.limits["a.newest"] = {.all = 1};
    s.RunUntil(s.clock.now_us + 5'000'000);
    ASSERT_EQ(accepted_.size(), 3U);
    EXPECT_EQ(s.keeper->Collecting(kAccount, ""), 0U);
    s.Die();
    s.Begin();
    s.RunUntil(s.clock.now_us + 120'000'000);
    std::size_t ended_by_themselves = 0;
    for (const auto& [id, execution] : s.engine.executions) {
      EXPECT_TRUE(execution.ended);
      if (!execution.cancelled) ++ended_by_themselves;
    }
    EXPECT_EQ(ended_by_themselves, 1U) << cancels;
    EXPECT_EQ(s.keeper->queue().running(), 0U);
    EXPECT_EQ(s.keeper->Collected(kAccount, ""), 0U);
    for (const Accepted& one : accepted_) {
      const auto row = s.disk.rows.find(one.id);
      EXPECT_TRUE(s.engine.executions.contains(one.id) || row->second.run.became) << "it is lost";
    }
  }
}

// The engine cannot take it, again and again: its place can be had back.
TEST_F(KeeperSimulation, WhatCannotStartCanBeCancelled) {
  Simulation s(5);
  s.engine_is_away = true;
  s.Begin();
  Put(s, "a.w", R"({"concurrency": {"limit": 1}})");
  const ExecutionId id = Arrive(s, "a.w", Json::Object({{"n", 1}}));
  std::optional<Result<void>> told;
  const auto tell = [&](const Result<void>& result) { told = result; };
  s.keeper->Cancel(kAccount, id, "not needed", tell);  // maybe before it had its turn
  EXPECT_TRUE(s.keeper->queue().Has(id));
  ASSERT_TRUE(told);
  EXPECT_EQ(told->error().code, ErrorCode::kUnavailable) << "it is being started just now";
  s.RunUntil(s.clock.now_us + 500'000);
  EXPECT_EQ(s.keeper->starting(), 1U);
  told.reset();
  EXPECT_TRUE(s.keeper->Cancel(kAccount, id, "not needed", tell));
  s.RunUntil(s.clock.now_us + 5'000'000);
  EXPECT_TRUE(told && *told);
  EXPECT_EQ(s.keeper->starting(), 0U);
  EXPECT_EQ(s.keeper->queue().running(), 0U);
  EXPECT_TRUE(s.starts.empty());
}

}  // namespace
}  // namespace elevaite::flow
