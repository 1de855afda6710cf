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

namespace elevaite::flow {
namespace {

const AccountId kAccount = AccountId::Default();

template <class... Ts>
struct Overloaded : Ts... {
  using Ts::operator()...;
};

class SimulatedClock final : public Clock {
 public:
  Timestamp Now() const override { return Timestamp::FromMicros(now_us); }
  Instant Monotonic() const override { return Instant(); }
  std::int64_t now_us = 1'800'000'000'000'000;
};

// What the disk has.
class SimulatedDisk {
 public:
  struct Row {
    StoredRun run;
    Json input;
    std::vector<Json> collected;
  };
  std::map<ExecutionId, Row> rows;
  std::map<std::pair<AccountId, std::string>, std::int64_t> paces;
  std::map<std::string, StoredRules> rules;
  std::map<std::string, Pause> pauses;

  void Apply(const std::vector<Change>& changes) {
    for (const Change& change : changes) {
      std::visit(
          Overloaded{[&](const AddRun& c) { rows.try_emplace(c.run.id, Row{c.run, c.input, {}}); },
                     [&](const SetState& c) {
                       Row& row = rows.at(c.id);
                       row.run.state = c.state;
                       row.run.due_us = c.due_us;
                       row.run.became = c.became;
                     },
                     [&](const EraseRun& c) { ASSERT_EQ(rows.erase(c.id), 1U); },
                     [&](const ReplaceInput& c) {
                       rows.at(c.id).input = c.input;
                       rows.at(c.id).run.due_us = c.due_us;
                     },
                     [&](const CollectInput& c) {
                       ASSERT_EQ(rows.at(c.id).collected.size(), static_cast<std::size_t>(c.position));
                       rows.at(c.id).collected.push_back(c.input);
                     },
                     [&](const SetPace& c) {
                       if (c.due_us) {
                         paces[{c.account, c.gate}] = *c.due_us;
                       } else {
                         paces.erase({c.account, c.gate});
                       }
                     },
                     [&](const EraseOver&) {}, [&](const PutRules& c) { rules[c.rules.workflow] = c.rules; },
                     [&](const EraseRules& c) { rules.erase(c.workflow); },
                     [&](const PutPause& c) { pauses[c.pause.workflow + c.pause.key] = c.pause; },
                     [&](const ErasePause& c) { pauses.erase(c.pause.workflow + c.pause.key); }},
          change);
    }
  }

  StoredFlow Load() const {
    StoredFlow all;
    for (const auto& [workflow, one] : rules) all.rules.push_back(one);
    for (const auto& [name, one] : pauses) all.pauses.push_back(one);
    for (const auto& [gate, due_us] : paces)
      all.paces.push_back({.account = gate.first, .gate = gate.second, .due_us = due_us});
    for (const auto& [id, row] : rows) {
      all.last_seq = std::max(all.last_seq, row.run.seq);
      if (row.run.state > RunState::kCollecting) continue;
      all.runs.push_back(row.run);
      if (row.run.items > 0) all.runs.back().items = static_cast<std::int64_t>(row.collected.size());
    }
    std::ranges::sort(all.runs, {}, &StoredRun::seq);
    return all;
  }
};

// Executions, which go on while the keeper is dead.
struct SimulatedEngine {
  struct Execution {
    std::string workflow;
    RunKeys keys;
    Json input;
    bool ended = false;
    std::int64_t ends_us = 0;
  };
  std::map<ExecutionId, Execution> executions;
};

class Simulation final : public FlowStore, public FlowRuns {
 public:
  explicit Simulation(std::uint32_t seed) : random_(seed) {}

  // ---- Time
  using Action = std::function<void()>;
  void At(std::int64_t due_us, Action action) { actions_.emplace(due_us, std::move(action)); }
  // Unless this life of the keeper is over by then.
  void Later(std::int64_t most_us, Action action) {
    At(clock.now_us + Pick(most_us), [this, life = life_, action = std::move(action)] {
      if (life == life_ && keeper) action();
    });
  }
  void RunUntil(std::int64_t until_us) {
    while (!actions_.empty() && actions_.begin()->first <= until_us) {
      const auto first = actions_.begin();
      clock.now_us = std::max(clock.now_us, first->first);
      const Action action = std::move(first->second);
      actions_.erase(first);
      action();
      Check();
    }
    clock.now_us = std::max(clock.now_us, until_us);
  }
  bool idle() const { return actions_.empty(); }
  std::int64_t Pick(std::int64_t most) {
    return static_cast<std::int64_t>(random_() % static_cast<std::uint64_t>(most + 1));
  }

  // ---- The keeper's life
  void Begin() {
    ++life_;
    wakes_us_ = INT64_MAX;
    keeper = std::make_unique<Keeper>(
        Keeper::Ports{*this, *this, clock, [this](std::int64_t due_us) { Wake(due_us); }}, disk.Load());
    keeper->Turn();
  }
  void Die() {
    // What was on its way to the disk is there or not.
    if (writing_ && Pick(1) == 0) disk.Apply(*writing_);
    writing_.reset();
    keeper.reset();
    ++life_;
  }
  void Wake(std::int64_t due_us) {
    if (due_us >= wakes_us_ && wakes_us_ > clock.now_us) return;
    wakes_us_ = due_us;
    if (due_us == INT64_MAX) return;
    At(std::max(due_us, clock.now_us), [this, life = life_, due_us] {
      if (life != life_ || !keeper || wakes_us_ != due_us) return;
      wakes_us_ = INT64_MAX;
      keeper->Turn();
    });
  }

  // ---- FlowStore
  void Write(std::vector<Change> changes, std::function<void(Result<void>)> done) override {
    ASSERT_FALSE(writing_) << "one batch at a time";
    writing_ = std::move(changes);
    const bool fails = disk_fails && Pick(3) == 0;
    Later(5'000, [this, fails, done = std::move(done)] {
      const auto written = std::exchange(writing_, std::nullopt);
      if (!fails) disk.Apply(*written);
      done(fails ? Result<void>(Fail(ErrorCode::kResourceExhausted, "the disk is full")) : Result<void>());
    });
  }

  // ---- FlowRuns
  void Start(AccountId /*account*/, ExecutionId id, std::optional<Fresh> fresh,
             std::function<void(Result<void>)> accepted, Ended ended) override {
    Later(3'000, [this, id, fresh = std::move(fresh), accepted = std::move(accepted),
                  ended = std::move(ended)]() mutable {
      if (Pick(9) == 0) return accepted(Fail(ErrorCode::kUnavailable, "later"));
      const auto row = disk.rows.find(id);
      ASSERT_NE(row, disk.rows.end());
      ASSERT_EQ(row->second.run.state, RunState::kRunning) << "it starts before that is on disk";
      if (fresh) ASSERT_EQ(fresh->input, row->second.input);
      const auto found = engine.executions.find(id);
      if (found != engine.executions.end() && found->second.ended)
        return accepted(Fail(ErrorCode::kConflict, "it has ended"));
      if (found == engine.executions.end()) {
        const StoredRun& run = row->second.run;
        const std::int64_t ends_us = clock.now_us + 1 + Pick(20'000);
        Json input = run.items > 0 ? Json::Array(row->second.collected) : row->second.input;
        engine.executions[id] = {
            .workflow = run.workflow, .keys = run.keys, .input = std::move(input), .ends_us = ends_us};
        starts.push_back({clock.now_us, id});
        At(ends_us, [this, id] { engine.executions.at(id).ended = true; });
      }
      accepted({});
      Follow(id, std::move(ended));
    });
  }
  void Resume(AccountId /*account*/, ExecutionId id, std::function<void()> never_began,
              Ended ended) override {
    Later(3'000, [this, id, never_began = std::move(never_began), ended = std::move(ended)]() mutable {
      if (!engine.executions.contains(id)) return never_began();
      Follow(id, std::move(ended));
    });
  }
  void Follow(const ExecutionId& id, Ended ended) {
    const std::int64_t at = std::max(engine.executions.at(id).ends_us, clock.now_us);
    At(at + Pick(2'000), [this, life = life_, ended = std::move(ended)] {
      if (life == life_ && keeper) ended(engine::Outcome{.phase = engine::Phase::kCompleted});
    });
  }
  void Cancel(AccountId /*account*/, ExecutionId id, std::string /*reason*/) override {
    const auto found = engine.executions.find(id);
    if (found != engine.executions.end()) found->second.ended = true;
  }

  // ---- Rules
  void Check() {
    if (keeper) ASSERT_EQ(keeper->queue().Inconsistency(clock.now_us), "");
    std::map<std::pair<std::string, std::string>, std::int64_t> at_once;
    for (const auto& [id, execution] : engine.executions) {
      if (execution.ended) continue;
      for (const auto& [workflow, limit] : limits) {
        if (execution.workflow != workflow) continue;
        ++at_once[{workflow, ""}];
        if (limit.key) ++at_once[{workflow, std::string(execution.keys.Of(limit.key))}];
      }
    }
    for (const auto& [where, count] : at_once) {
      const Limit& limit = limits.at(where.first);
      ASSERT_LE(count, where.second.empty() ? limit.all : limit.of_key) << where.first << " " << where.second;
    }
  }

  struct Limit {
    std::int64_t all = 0;
    std::int64_t of_key = 0;
    Key key;
  };
  SimulatedClock clock;
  SimulatedDisk disk;
  SimulatedEngine engine;
  std::unique_ptr<Keeper> keeper;
  std::map<std::string, Limit> limits;
  std::vector<std::pair<std::int64_t, ExecutionId>> starts;
  bool disk_fails = false;

 private:
  std::mt19937_64 random_;
  std::multimap<std::int64_t, Action> actions_;
  std::optional<std::vector<Change>> writing_;
  std::int64_t wakes_us_ = INT64_MAX;
  int life_ = 0;
};

Json RulesText(std::string_view text) { return ParseJson(text).value(); }

struct Accepted {
  ExecutionId id;
  std::string workflow;
  Json input;
};

class KeeperSimulation : public ::testing::Test {
 protected:
  void Put(Simulation& s, const std::string& workflow, std::string_view rules) {
    s.keeper->Put(StoredRules{.account = kAccount, .workflow = workflow, .definition = RulesText(rules)}, {});
  }
  void Arrive(Simulation& s, const std::string& workflow, Json input) {
    Arrival arrival{
        .run = {.account = kAccount, .id = ExecutionId::New(), .workflow = workflow, .version = "1.0.0"},
        .input = input};
    arrival.accepted = [this, workflow, input](const Result<Arrival::Answer>& answer) {
      if (answer) accepted_.push_back({answer->id, workflow, input});
      if (!answer) ++refused_;
    };
    s.keeper->Arrive(std::move(arrival));
  }
  std::vector<Accepted> accepted_;
  int refused_ = 0;
};

TEST_F(KeeperSimulation, LosesNothingAndPassesNoLimit) {
  SetLogLevel(LogLevel::kOff);
  int crashes = 0;
  std::size_t runs = 0;
  for (std::uint32_t seed = 1; seed <= 150; ++seed) {
    Simulation s(seed);
    accepted_.clear();
    s.Begin();
    const std::string limits =
        R"({"concurrency": [{"limit": 4}, {"limit": 2, "key": ".c"}], "priority": ".p", "fairness": {"key": ".c"}})";
    s.limits["a.limited"] = {
        .all = 4, .of_key = 2, .key = WorkflowRulesFrom(RulesText(limits))->concurrency[1].key};
    s.limits["a.single"] = {.all = 1};
    Put(s, "a.limited", limits);
    Put(s, "a.single", R"({"singleton": {"on_second": "skip"}})");
    Put(s, "a.batch", R"({"batch": {"size": 5, "timeout": "30ms"}})");
    Put(s, "a.debounce", R"({"debounce": {"period": "10ms", "max_wait": "50ms", "key": ".c"}})");
    Put(s, "a.throttle", R"({"throttle": {"limit": 10, "period": "100ms", "burst": 2}})");
    s.RunUntil(s.clock.now_us + 100'000);
    s.disk_fails = seed % 3 == 0;
    const std::vector<std::string> names{"a.limited", "a.limited",  "a.single",
                                         "a.batch",   "a.debounce", "a.throttle"};
    for (int step = 0; step < 150; ++step) {
      const auto act = s.Pick(99);
      if (s.keeper && act < 70) {
        const Json input =
            Json::Object({{"c", std::to_string(s.Pick(3))}, {"p", 1 + s.Pick(4)}, {"n", step}});
        Arrive(s, names[static_cast<std::size_t>(s.Pick(5))], input);
      } else if (s.keeper && act < 76) {
        s.Die();
        ++crashes;
      } else if (!s.keeper) {
        s.Begin();
      } else if (act < 80) {
        s.keeper->Put(Pause{.account = kAccount, .workflow = "a.limited"}, {});
      } else if (act < 86) {
        s.keeper->Drop(Pause{.account = kAccount, .workflow = "a.limited"}, {});
      }
      s.RunUntil(s.clock.now_us + s.Pick(6'000));
      if (HasFatalFailure()) FAIL() << "seed " << seed << " step " << step;
    }
    // Everything comes to its end.
    s.disk_fails = false;
    if (!s.keeper) s.Begin();
    s.keeper->Drop(Pause{.account = kAccount, .workflow = "a.limited"}, {});
    s.RunUntil(s.clock.now_us + 60'000'000);
    ASSERT_EQ(s.keeper->queue().queued(), 0U) << "seed " << seed;
    ASSERT_EQ(s.keeper->queue().running(), 0U) << "seed " << seed << ": a place is lost";
    ASSERT_EQ(s.keeper->starting(), 0U) << "seed " << seed;
    for (const auto& [id, row] : s.disk.rows) ASSERT_GE(row.run.state, RunState::kOver) << "seed " << seed;
    std::set<ExecutionId> started;
    for (const auto& [at, id] : s.starts) ASSERT_TRUE(started.insert(id).second) << "seed " << seed;
    for (const Accepted& one : accepted_) {
      ASSERT_TRUE(started.contains(one.id))
          << "seed " << seed << ": accepted and never started, of " << one.workflow;
      if (one.workflow != "a.batch") continue;
      const auto items = s.engine.executions.at(one.id).input.AsArray();
      ASSERT_TRUE(std::ranges::find(items, one.input) != items.end())
          << "seed " << seed << ": lost of a batch";
      ASSERT_LE(items.size(), 5U);
    }
    std::vector<std::int64_t> paced;
    for (const auto& [at, id] : s.starts) {
      if (s.engine.executions.at(id).workflow == "a.throttle") paced.push_back(at);
    }
    runs += s.starts.size();
  }
  EXPECT_GT(crashes, 500);
  EXPECT_GT(runs, 5'000U);
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
  Put(s, "a.w", R"({"concurrency": {"limit": 1}})");
  for (int i = 0; i < 3; ++i) Arrive(s, "a.w", Json::Object({{"n", i}}));
  s.RunUntil(s.clock.now_us + 8'000);
  ASSERT_EQ(accepted_.size(), 3U);
  bool done = false;
  EXPECT_FALSE(s.keeper->Cancel(kAccount, accepted_[0].id, "", {}));
  EXPECT_FALSE(s.keeper->Cancel(AccountId::Parse("other").value(), accepted_[1].id, "", {}));
  EXPECT_TRUE(s.keeper->Cancel(kAccount, accepted_[1].id, "not needed",
                               [&](const Result<void>& result) { done = result.has_value(); }));
  s.RunUntil(s.clock.now_us + 1'000'000);
  EXPECT_TRUE(done);
  EXPECT_EQ(s.starts.size(), 2U);
  EXPECT_EQ(s.disk.rows.at(accepted_[1].id).run.state, RunState::kOver);
}

}  // namespace
}  // namespace elevaite::flow
