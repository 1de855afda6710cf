// A keeper with a disk, executions and callers that are slow, fail, and outlive it, in simulated time: what
// its tests are played on.
#pragma once

#include <gtest/gtest.h>

#include <map>
#include <memory>
#include <random>
#include <set>
#include <vector>

#include "services/workflow/flow/keeper.h"

namespace elevaite::flow {

inline const AccountId kAccount = AccountId::Default();

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
    std::int64_t last_position = -1;
  };
  std::set<ExecutionId> arrivals;  // that are collected
  std::map<ExecutionId, Row> rows;
  std::map<std::pair<AccountId, std::string>, std::int64_t> paces;
  std::map<std::string, StoredRules> rules;
  std::map<std::string, Pause> pauses;
  std::vector<std::int64_t> throttled;  // what the gate of a.throttle has come to, start by start

  void Apply(const std::vector<Change>& changes) {
    for (const Change& change : changes) {
      std::visit(
          Overloaded{[&](const AddRun& c) { rows.try_emplace(c.run.id, Row{c.run, c.input}); },
                     [&](const SetState& c) {
                       Row& row = rows.at(c.id);
                       row.run.state = c.state;
                       row.run.due_us = c.due_us;
                       row.run.became = c.became;
                     },
                     [&](const SetPriority& c) { rows.at(c.id).run.priority = c.priority; },
                     [&](const EraseRun& c) { ASSERT_EQ(rows.erase(c.id), 1U); },
                     [&](const ReplaceInput& c) {
                       rows.at(c.id).input = c.input;
                       rows.at(c.id).run.due_us = c.due_us;
                     },
                     [&](const CollectInput& c) {
                       if (c.arrival && !arrivals.insert(*c.arrival).second) return;
                       ASSERT_GT(c.position, std::exchange(rows.at(c.id).last_position, c.position));
                       rows.at(c.id).collected.push_back(c.input);
                     },
                     [&](const SetPace& c) {
                       if (c.due_us) {
                         paces[{c.account, c.gate}] = *c.due_us;
                         if (c.gate.find("a.throttle") != std::string::npos) throttled.push_back(*c.due_us);
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
      if (row.run.items == 0) continue;
      all.runs.back().items = static_cast<std::int64_t>(row.collected.size());
      all.runs.back().next_position = row.last_position + 1;
      for (const Json& input : row.collected)
        all.runs.back().bytes += static_cast<std::int64_t>(input.Dump().size());
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
    bool cancelled = false;
    std::vector<std::function<void()>> at_end{};
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
      // A commit that fails: who watches is told that nothing is known of an end.
      if (engine_is_away || Pick(9) == 0) {
        accepted(Fail(ErrorCode::kUnavailable, "later"));
        if (keeper && Pick(1) == 0) ended(std::nullopt);
        return;
      }
      const auto row = disk.rows.find(id);
      if (row == disk.rows.end()) return accepted(Fail(ErrorCode::kNotFound, "it has left the queue"));
      ASSERT_EQ(row->second.run.state, RunState::kRunning) << "it starts before that is on disk";
      if (fresh) ASSERT_EQ(fresh->input, row->second.input);
      const auto found = engine.executions.find(id);
      if (found != engine.executions.end() && found->second.ended)
        return accepted(Fail(ErrorCode::kConflict, "it has ended"));
      if (found == engine.executions.end()) Begin(row->second);
      accepted({});
      Follow(id, std::move(ended));
    });
  }
  void Begin(const SimulatedDisk::Row& row) {
    const StoredRun& run = row.run;
    const bool is_long = run.workflow == "a.newest";
    const std::int64_t takes_us = is_long ? 20'000'000 : 1 + Pick(20'000);
    engine.executions[run.id] = {.workflow = run.workflow,
                                 .keys = run.keys,
                                 .input = run.items > 0 ? Json::Array(row.collected) : row.input};
    starts.push_back({clock.now_us, run.id});
    At(clock.now_us + takes_us, [this, id = run.id] { End(id); });
  }
  void End(const ExecutionId& id) {
    SimulatedEngine::Execution& execution = engine.executions.at(id);
    if (std::exchange(execution.ended, true)) return;
    for (const auto& tell : std::exchange(execution.at_end, {})) tell();
  }
  void Resume(AccountId /*account*/, ExecutionId id, std::function<void()> never_began,
              Ended ended) override {
    Later(3'000, [this, id, never_began = std::move(never_began), ended = std::move(ended)]() mutable {
      if (!engine.executions.contains(id)) return never_began();
      Follow(id, std::move(ended));
    });
  }
  void Follow(const ExecutionId& id, Ended ended) {
    SimulatedEngine::Execution& execution = engine.executions.at(id);
    const auto tell = [this, life = life_, ended = std::move(ended)] {
      if (life != life_ || !keeper) return;
      Later(2'000, [ended] { ended(engine::Outcome{.phase = engine::Phase::kCompleted}); });
    };
    if (execution.ended) return tell();
    execution.at_end.push_back(tell);
  }
  void Cancel(AccountId /*account*/, ExecutionId id, std::string /*reason*/,
              std::function<void(Result<void>)> done) override {
    Later(3'000, [this, id, done = std::move(done)] {
      if (Pick(3) == 0) return done(Fail(ErrorCode::kUnavailable, "its owner is being changed"));
      const auto found = engine.executions.find(id);
      if (found == engine.executions.end()) return done(Fail(ErrorCode::kNotFound, "never begun"));
      if (found->second.ended) return done(Fail(ErrorCode::kConflict, "it has ended"));
      found->second.cancelled = true;
      End(id);
      done({});
    });
  }

  // ---- Rules
  void Check() {
    if (keeper) ASSERT_EQ(keeper->queue().Inconsistency(clock.now_us), "");
    std::map<std::pair<std::string, std::string>, std::int64_t> at_once;
    std::int64_t all = 0;
    std::set<std::string> newest;
    for (const auto& [id, execution] : engine.executions) {
      if (execution.ended) continue;
      ASSERT_LE(++all, account_limit);
      if (execution.workflow == newest_only)
        ASSERT_TRUE(newest.insert(execution.input["c"].Dump()).second) << "two singles at once";
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
  bool engine_is_away = false;
  std::string newest_only;  // of this workflow one runs at once by `c`
  std::int64_t account_limit = INT64_MAX;

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
  std::int64_t at_us = 0;
};

class KeeperSimulation : public ::testing::Test {
 protected:
  void Put(Simulation& s, const std::string& workflow, std::string_view rules) {
    s.keeper->Put(StoredRules{.account = kAccount, .workflow = workflow, .definition = RulesText(rules)}, {});
  }
  ExecutionId Arrive(Simulation& s, const std::string& workflow, Json input,
                     ExecutionId id = ExecutionId::New()) {
    Arrival arrival{.run = {.account = kAccount, .id = id, .workflow = workflow, .version = "1.0.0"},
                    .input = input};
    arrival.accepted = [this, workflow, input,
                        at_us = s.clock.now_us](const Result<Arrival::Answer>& answer) {
      if (answer) accepted_.push_back({answer->id, workflow, input, at_us});
      if (!answer) ++refused_;
    };
    s.keeper->Arrive(std::move(arrival));
    return id;
  }
  std::vector<Accepted> accepted_;
  int refused_ = 0;
};

}  // namespace elevaite::flow
