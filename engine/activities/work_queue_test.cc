#include "engine/activities/work_queue.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <algorithm>

#include "foundation/random.h"

namespace elevaite::engine {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr seconds kLease{10};

class WorkQueueTest : public ::testing::Test {
 protected:
  Attempt Add(ActivityTask task) {
    if (task.execution.IsNil()) task.execution = ExecutionId::New();
    if (task.account.IsEmpty()) task.account = AccountId::Default();
    const Attempt attempt = AttemptOf(task);
    queue_.Add(std::move(task), [this](ActivityOutcome) { ++told_; }, now_);
    return attempt;
  }
  Attempt Add() { return Add(ActivityTask{}); }

  std::vector<Attempt> Take(const std::string& worker, std::size_t quick = 100, std::size_t longs = 0) {
    auto taken = queue_.Take(
        {.worker = worker, .name = worker, .number = ++pulls_[worker], .slots = {quick, longs}}, now_);
    EXPECT_TRUE(taken);
    std::vector<Attempt> attempts;
    for (const auto& task : *taken) attempts.push_back(AttemptOf(task));
    return attempts;
  }

  WorkQueue::Beat Hear(const std::string& worker, std::vector<Attempt> holds, std::uint64_t pulled,
                       std::vector<Attempt> claims = {}, bool is_ours = true) {
    return *queue_.Hear({.worker = worker,
                         .name = worker,
                         .engine = {},
                         .pulled = pulled,
                         .holds = std::move(holds),
                         .claims = std::move(claims)},
                        is_ours, now_);
  }

  WorkQueue queue_{{.lease = kLease, .workers_max = 3}};
  WorkQueue::Time now_{seconds(1'000)};
  std::map<std::string, std::uint64_t> pulls_;
  int told_ = 0;
};

using Attempts = std::vector<Attempt>;

TEST_F(WorkQueueTest, IsFirstComeFirstServed) {
  const Attempts all{Add(), Add(), Add()};
  EXPECT_EQ(Take("a", 2), (Attempts{all[0], all[1]}));
  EXPECT_EQ(Take("b"), Attempts{all[2]});
  EXPECT_EQ(Take("a"), Attempts{});
  const auto status = queue_.status();
  EXPECT_EQ(status.classes[0].given, 3U);
  EXPECT_EQ(status.classes[0].waiting, 0U);
  EXPECT_EQ(status.classes[0].workers, 2U);
  EXPECT_EQ(status.classes[1].workers, 0U);
}

TEST_F(WorkQueueTest, LetsAccountsTakeTurns) {
  const AccountId busy = *AccountId::Parse("busy");
  const AccountId calm = *AccountId::Parse("calm");
  Attempts busy_ones;
  for (int i = 0; i < 4; ++i) busy_ones.push_back(Add({.account = busy}));
  const Attempt calm_one = Add({.account = calm});
  EXPECT_EQ(Take("a", 3), (Attempts{busy_ones[0], calm_one, busy_ones[1]}));
}

TEST_F(WorkQueueTest, KeepsClassesApart) {
  const Attempt takes_long = Add({.bounds = {.work = WorkClass::kLong}});
  EXPECT_EQ(Take("a", 5, 0), Attempts{});
  const Attempt quick = Add();
  EXPECT_EQ(Take("b", 0, 5), Attempts{takes_long});
  EXPECT_EQ(Take("a", 5, 5), Attempts{quick});
}

TEST_F(WorkQueueTest, HandsOutABatchOfBytesAtATime) {
  const Json large = Json(std::string(kWorkerBatchBytes / 2 + 1, 'x'));
  for (int i = 0; i < 3; ++i) Add({.request = large});
  EXPECT_EQ(Take("a").size(), 2U);
  EXPECT_EQ(Take("a").size(), 1U);
}

TEST_F(WorkQueueTest, LosesWhatASilentWorkerHad) {
  Add();
  const Attempt other = Add();
  Take("a", 1);
  now_ += kLease - milliseconds(1);
  Take("b", 1);
  EXPECT_TRUE(queue_.Expire(now_).gone.empty());
  now_ += milliseconds(1);
  const auto expired = queue_.Expire(now_);
  ASSERT_EQ(expired.gone.size(), 1U);
  EXPECT_EQ(expired.gone[0].name, "a");
  EXPECT_EQ(expired.gone[0].lost.size(), 1U);
  EXPECT_EQ(queue_.status().lost, 1U);
  EXPECT_TRUE(queue_.Finish(other)) << "b is heard of";
}

TEST_F(WorkQueueTest, GivesToTheNextWhatWasNeverReceived) {
  const Attempts all{Add(), Add()};
  EXPECT_EQ(Take("a", 1), Attempts{all[0]});
  EXPECT_EQ(Take("a", 1), Attempts{all[1]});
  Hear("a", {all[0]}, 1);  // the second is still on the way
  EXPECT_EQ(Take("b"), Attempts{});
  Hear("a", {all[0]}, 2);  // it is not
  EXPECT_EQ(Take("b"), Attempts{all[1]});
  EXPECT_EQ(queue_.status().returned, 1U);
  EXPECT_EQ(told_, 0) << "that was no attempt";
}

TEST_F(WorkQueueTest, DoesNotAnswerAPullThatWasGivenUp) {
  Add();
  Hear("a", {}, 1);
  EXPECT_EQ(Take("a"), Attempts{}) << "its first";
  EXPECT_EQ(Take("a").size(), 1U) << "its second";
}

TEST_F(WorkQueueTest, SaysWhatToStop) {
  const Attempt cancelled = Add();
  const Attempt waits = Add();
  Take("a", 1);
  EXPECT_EQ(queue_.Cancel(waits.execution, waits.frame), std::nullopt) << "nobody has it";
  EXPECT_EQ(queue_.Cancel(cancelled.execution, cancelled.frame), "a");
  EXPECT_EQ(queue_.Stops("a"), Attempts{cancelled});
  EXPECT_EQ(queue_.Stops("a"), Attempts{}) << "once";
  EXPECT_EQ(Hear("a", {cancelled}, 1).stop, Attempts{cancelled}) << "but for as long as it is held";
  EXPECT_FALSE(queue_.Finish(cancelled));
}

TEST_F(WorkQueueTest, TellsOneWorkerOnly) {
  const Attempt attempt = Add();
  Take("a");
  auto done = queue_.Finish(attempt);
  ASSERT_TRUE(done);
  EXPECT_FALSE(queue_.Finish(attempt));
  EXPECT_FALSE(queue_.Finish({attempt.execution, attempt.frame, 2})) << "another attempt";
}

TEST_F(WorkQueueTest, LetsWorkersKeepWhatALifeBeforeGaveThem) {
  const ExecutionId execution = ExecutionId::New();
  const Attempt attempt = Add({.execution = execution, .frame = 7, .attempt = 2, .resumed = true});
  EXPECT_EQ(Take("b"), Attempts{}) << "it settles";
  const auto beat = Hear("a", {}, 0, {attempt, {execution, 8, 1}});
  EXPECT_EQ(beat.adopted, Attempts{attempt});
  EXPECT_EQ(beat.stop, Attempts{}) << "the other may be another engine's";
  now_ += kLease / 2;
  queue_.Expire(now_);
  EXPECT_EQ(Take("b"), Attempts{});
  EXPECT_EQ(Hear("b", {}, 1, {attempt}).stop, Attempts{attempt}) << "one has it";
  Hear("a", {}, 0);
  EXPECT_EQ(Take("b"), Attempts{attempt}) << "it was given up";
}

TEST_F(WorkQueueTest, HandsOutWhatNobodyClaims) {
  const Attempt attempt = Add({.resumed = true});
  now_ += kLease / 2;
  queue_.Expire(now_);
  EXPECT_EQ(Take("b"), Attempts{attempt});
}

TEST_F(WorkQueueTest, TakesWhatHoldsOfAnotherLifeAsAClaim) {
  const Attempt attempt = Add({.resumed = true});
  EXPECT_EQ(Hear("a", {attempt}, 5, {}, false).adopted, Attempts{attempt});
  EXPECT_EQ(Hear("a", {attempt, {ExecutionId::New(), 1, 1}}, 5, {}, false).stop, Attempts{});
}

TEST_F(WorkQueueTest, TakesBackWhatALeavingWorkerHas) {
  const Attempts all{Add(), Add(), Add()};
  Take("a");
  queue_.GiveBack("b", all[1], 1);
  EXPECT_EQ(Take("b"), Attempts{}) << "b has none of it";
  queue_.GiveBack("a", all[1], 1);
  EXPECT_EQ(Take("b", 1), Attempts{all[1]});
  queue_.Leave("a", now_);
  EXPECT_EQ(Take("a"), Attempts{}) << "one that was on the way";
  EXPECT_EQ(Take("b").size(), 2U);
  now_ += kLease;
  Hear("b", all, 2);
  EXPECT_TRUE(queue_.Expire(now_).gone.empty()) << "it is no loss";
}

TEST_F(WorkQueueTest, WhatIsGivenBackTwiceStaysWhereItIsSince) {
  const Attempt attempt = Add();
  Take("a");
  queue_.GiveBack("a", attempt, 1);
  EXPECT_EQ(Take("a"), Attempts{attempt});
  queue_.GiveBack("a", attempt, 1);  // once more, and late: it is doing it by now
  EXPECT_EQ(Take("b"), Attempts{});
}

TEST_F(WorkQueueTest, BoundsHowLongATaskWaits) {
  const Attempt attempt = Add({.bounds = {.queued_us = 2'000'000}});
  Add({.bounds = {.queued_us = 3'000'000}});
  now_ += seconds(1);
  auto taken = queue_.Take({.worker = "a", .name = "a", .number = 1, .slots = {1, 0}}, now_);
  EXPECT_EQ(taken->at(0).bounds.queued_us, 1'000'000) << "it may wait at the worker, too";
  now_ += seconds(2);
  const auto expired = queue_.Expire(now_);
  ASSERT_EQ(expired.overdue.size(), 1U) << "the one that nobody took";
  EXPECT_EQ(expired.overdue[0].task.bounds.queued_us, 3'000'000);
  queue_.GiveBack("a", attempt, 1);
  EXPECT_EQ(queue_.Expire(now_).overdue.size(), 1U) << "what comes back has waited already";
  EXPECT_EQ(Take("b"), Attempts{});
}

TEST_F(WorkQueueTest, ANewerAttemptTakesThePlaceOfTheOneBefore) {
  const Attempt first = Add();
  Take("a");
  const Attempt second = Add({.execution = first.execution, .attempt = 2});
  EXPECT_EQ(queue_.Stops("a"), Attempts{first});
  EXPECT_FALSE(queue_.Finish(first));
  EXPECT_EQ(Take("b"), Attempts{second});
  EXPECT_TRUE(queue_.Finish(second));
}

TEST_F(WorkQueueTest, RefusesMoreWorkersThanMayBe) {
  Take("a"), Take("b"), Take("c");
  EXPECT_EQ(queue_.Take({.worker = "d", .name = "d", .number = 1, .slots = {1, 0}}, now_).error().code,
            ErrorCode::kResourceExhausted);
  EXPECT_FALSE(queue_.Hear({.worker = "d", .name = "d"}, true, now_));
}

// ---- Any order of what a network and processes may do ----

// Workers as they are (services/worker), a network that loses and delays, and the queue.
class Play {
 public:
  explicit Play(std::uint64_t seed) : random_(seed) {}

  void Run() {
    for (int i = 0; i < 400; ++i) Step();
    CalmDown();
  }

 private:
  struct Worker {
    std::set<Attempt> holds;
    std::map<Attempt, std::uint64_t> given;  // with which pull
    std::uint64_t pulls = 0;
    std::uint64_t pulled = 0;
    WorkQueue::Time heard{};
  };

  void Step() {
    now_ += milliseconds(random_.Below(400));
    const std::string worker = Any();
    switch (random_.Below(9)) {
      case 0: return Add();
      case 1:
      case 2: return Pull(worker, random_.Below(4) == 0);
      case 3: return Beat(worker);
      case 4: return Deliver(random_.Below(3) == 0);
      case 5: return Finish(worker);
      case 6: return random_.Below(6) == 0 ? Die(worker) : Beat(worker);
      case 7: return Cancel();
      default: return Expire();
    }
  }

  std::string Any() { return names_.at(random_.Below(names_.size())); }

  void Add() {
    ActivityTask task{.account = AccountId::Default(), .execution = ExecutionId::New()};
    Add(std::move(task));
  }
  void Add(ActivityTask task) {
    const Attempt attempt = AttemptOf(task);
    wanted_.insert(attempt);
    queue_.Add(std::move(task), [this, attempt](ActivityOutcome) { Told(attempt); }, now_);
  }
  void Told(const Attempt& attempt) { RC_ASSERT(wanted_.erase(attempt) == 1U); }

  void Pull(const std::string& name, bool is_lost) {
    Worker& worker = workers_[name];
    const engine::Pull pull{
        .worker = name, .name = name, .number = ++worker.pulls, .slots = {1 + random_.Below(3), 0}};
    const auto taken = queue_.Take(pull, now_);
    worker.heard = now_;
    worker.pulled = pull.number;
    for (const ActivityTask& task : *taken) {
      const Attempt attempt = AttemptOf(task);
      for (const auto& [other, one] : workers_) {
        const bool is_live = now_ - one.heard < kLease;
        RC_ASSERT(!is_live || !one.holds.contains(attempt));
      }
      if (!is_lost) worker.holds.insert(attempt);
      worker.given[attempt] = pull.number;
    }
    for (const Attempt& stop : queue_.Stops(name)) worker.holds.erase(stop);
  }

  // Written now, and maybe delivered much later.
  void Beat(const std::string& name) {
    const Worker& worker = workers_[name];
    beats_.push_back({.worker = name,
                      .name = name,
                      .engine = {},
                      .pulled = worker.pulled,
                      .holds = {worker.holds.begin(), worker.holds.end()},
                      .claims = {}});
    if (random_.Below(3) != 0) Deliver(false);
  }
  void Deliver(bool is_lost) {
    if (beats_.empty()) return;
    const auto at = beats_.begin() + static_cast<std::ptrdiff_t>(random_.Below(beats_.size()));
    const Heartbeat beat = *at;
    beats_.erase(at);
    if (is_lost) return;
    const auto answer = queue_.Hear(beat, true, now_);
    const auto worker = workers_.find(beat.worker);
    if (worker == workers_.end()) return;
    worker->second.heard = now_;
    for (const Attempt& stop : answer->stop) worker->second.holds.erase(stop);
  }

  void Finish(const std::string& name) {
    Worker& worker = workers_[name];
    if (worker.holds.empty()) return;
    const Attempt attempt = *worker.holds.begin();
    if (random_.Below(4) == 0) {
      queue_.GiveBack(name, attempt, worker.given[attempt]);
    } else if (const auto done = queue_.Finish(attempt)) {
      (*done)(ActivitySuccess{});
    }
    worker.holds.erase(attempt);
  }

  void Die(const std::string& name) {
    workers_.erase(name);
    std::ranges::find(names_, name)->append("'");  // the next has another id
  }

  void Cancel() {
    if (wanted_.empty() || random_.Below(3) != 0) return;
    const Attempt attempt = *wanted_.begin();
    queue_.Cancel(attempt.execution, attempt.frame);
    wanted_.erase(attempt);
  }

  void Expire() {
    for (const auto& gone : queue_.Expire(now_).gone) {
      for (const auto& done : gone.lost) {
        const auto before = wanted_;
        done(AttemptLost{});
        for (const Attempt& lost : before) {
          if (wanted_.contains(lost)) continue;
          Add({.account = AccountId::Default(),
               .execution = lost.execution,
               .frame = lost.frame,
               .attempt = lost.number + 1});
        }
      }
    }
  }

  // No more faults: all that is wanted is done.
  void CalmDown() {
    const std::string name = "worker of the end";
    beats_.clear();
    now_ += kLease;
    Expire();
    for (int i = 0; i < 1'000 && !wanted_.empty(); ++i) {
      Pull(name, false);
      while (!workers_[name].holds.empty()) Finish(name);
      Beat(name);
      Expire();
    }
    RC_ASSERT(wanted_.empty());
    RC_ASSERT(queue_.status().classes[0].waiting == 0U);
    RC_ASSERT(queue_.status().classes[0].given == 0U);
  }

  SeededRandom random_;
  WorkQueue queue_{{.lease = kLease}};
  WorkQueue::Time now_{seconds(1'000)};
  std::map<std::string, Worker> workers_;
  std::vector<Heartbeat> beats_;  // on the way
  std::set<Attempt> wanted_;
  std::vector<std::string> names_{"a", "b", "c"};
};

RC_GTEST_PROP(WorkQueueProperty, NothingIsLostAndNothingRunsTwiceUnderALiveLease, (std::uint64_t seed)) {
  Play(seed).Run();
}

}  // namespace
}  // namespace elevaite::engine
