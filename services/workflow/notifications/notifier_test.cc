// From an event to a message: what is told, how often, and what a crash changes.
#include "services/workflow/notifications/notifier.h"

#include <gtest/gtest.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/use_future.hpp>
#include <thread>

#include "engine/events/memory_event_store.h"
#include "foundation/io_threads.h"
#include "infra/database/test_database.h"

namespace elevaite::workflow {

std::span<const database::Migration> SqliteMigrations();
std::span<const database::Migration> PostgresMigrations();

}  // namespace elevaite::workflow

namespace elevaite::notifications {
namespace {

const AccountId kAccount = AccountId::Default();
const AccountId kBefore = AccountId::Parse("a-tenant").value();  // it comes first

class FakeCourier final : public Courier {
 public:
  boost::asio::awaitable<Attempt> Send(Channel channel, std::optional<RuleSettings>,
                                       Notification n) override {
    sent.push_back(channel.settings.name + ":" +
                   (n.occasion.starts_with("group:") ? "group of " + n.content["count"].Dump() : n.occasion));
    Attempt attempt = answer;
    if (fails_for == channel.settings.name) attempt = {.error = "no"};
    co_return attempt;
  }
  std::vector<std::string> sent;
  Attempt answer{.delivered = true, .status = 200};
  std::string fails_for;
};

class FakeHost final : public NotifierHost {
 public:
  Task<engine::ExecutionRecord> Find(AccountId account, ExecutionId id) override {
    if (on_find) std::exchange(on_find, {})();
    if (is_down || account == fails_for) co_return Fail(ErrorCode::kUnavailable, "the disk does not answer");
    engine::ExecutionRecord record{.account = account, .id = id};
    record.name_space = "shop";
    record.workflow = "orders";
    co_return record;
  }
  Task<std::vector<Waiting>> LookForWaiting(AccountId account, std::int64_t) override {
    if (account == fails_for) co_return Fail(ErrorCode::kUnavailable, "the disk does not answer");
    co_return waits;
  }
  std::vector<Waiting> waits;
  bool is_down = false;
  AccountId fails_for;
  std::function<void()> on_find;  // once
};

class NotifierTest : public testing::Test {
 protected:
  NotifierTest() {
    EXPECT_TRUE(hub_.Start());
    Restart();
  }
  ~NotifierTest() override {
    notifier_->Stop(std::chrono::seconds(1));
    io_.Stop();
  }

  template <class T>
  Result<T> Run(Task<T> task) {
    return boost::asio::co_spawn(io_.executor(0), std::move(task), boost::asio::use_future).get();
  }
  // Another process on the same data.
  void Restart() {
    if (notifier_) {
      notifier_->Stop(std::chrono::seconds(1));
      before_.push_back(std::move(notifier_));
    }
    notifier_ = std::make_unique<Notifier>(store_, courier_, hub_, events_, host_, clock_, random_,
                                           NotifierOptions{.executor = io_.executor(0),
                                                           .blocking = io_.executor(0),
                                                           .base_url = "http://h",
                                                           .events_queued_max = events_queued_max_,
                                                           .backlogs_at_once = 1,
                                                           .tell_others = [this] { return CountTold(); }});
    EXPECT_TRUE(notifier_->Prepare());
    notifier_->Lead(true);
  }
  boost::asio::awaitable<void> CountTold() {
    ++others_told_;
    co_return;
  }
  ChannelId MakeChannel(const std::string& name, const std::string& give_up_after = "1h",
                        const AccountId& account = kAccount) {
    return Run(store_.Create(account, ChannelSettingsFrom(Json::Object({{"name", name},
                                                                        {"type", "webhook"},
                                                                        {"url", "https://x.example"},
                                                                        {"give_up_after", give_up_after}}))
                                          .value()))
        ->id;
  }
  void MakeRule(const ChannelId& channel, const std::string& members, const AccountId& account = kAccount) {
    const auto settings = RuleSettingsFrom(
        ParseJson(R"({"name": "r", "channels": [")" + channel.ToString() + R"("], )" + members + "}")
            .value());
    EXPECT_TRUE(settings) << settings.error().ToString();
    EXPECT_TRUE(Run(store_.Create(account, *settings)));
    EXPECT_TRUE(Run(notifier_->Refresh()));
  }
  static Json Ended(const std::string& how, std::uint8_t number) {
    const std::string execution = ExecutionId(Uuid{{number}}).ToString();
    return Json::Object({{"specversion", "1.0"},
                         {"id", std::to_string(number)},
                         {"source", "/executions/" + execution},
                         {"type", "io.serverlessworkflow.workflow." + how + ".v1"},
                         {"time", "2026-11-26T20:00:00Z"},
                         {"subject", execution},
                         {"data", Json::Object({{"name", "orders-" + execution + ".shop"}})}});
  }
  void Tell(const Json& event, const AccountId& account = kAccount) {
    hub_.Accept(account, {event}, [](const auto& done) { EXPECT_TRUE(done); });
  }
  // Rounds until nothing is under way any more.
  std::vector<std::string> Rounds() {
    for (int i = 0; i < 3; ++i) {
      const auto done = Run(notifier_->Round());
      EXPECT_TRUE(done || host_.is_down) << done.error().ToString();
      const auto give_up = std::chrono::steady_clock::now() + std::chrono::seconds(10);
      while (notifier_->under_way() > 0 && std::chrono::steady_clock::now() < give_up)
        std::this_thread::sleep_for(std::chrono::milliseconds(1));
    }
    return Run(Sent()).value();
  }
  Task<std::vector<std::string>> Sent() { co_return std::exchange(courier_.sent, {}); }

  using Texts = std::vector<std::string>;

  IoThreads io_{1};
  database::TestDatabase database_{
      database::TestDatabaseKind::kSqlite,
      {"workflow", workflow::SqliteMigrations(), workflow::PostgresMigrations()}};
  std::unique_ptr<database::Database> db_ = database_.Open();
  SimulatedClock clock_;
  SeededRandom random_{1};
  engine::MemoryEventStore events_;
  engine::EventHub hub_{{}, events_, clock_};
  NotificationStore store_{*db_, clock_, "http://h"};
  FakeCourier courier_;
  FakeHost host_;
  std::size_t events_queued_max_ = 1'000;
  int others_told_ = 0;
  std::unique_ptr<Notifier> notifier_;
  std::vector<std::unique_ptr<Notifier>> before_;  // stopped; what they have posted may still come
};

TEST_F(NotifierTest, TellsWhatRulesAskFor) {
  const ChannelId channel = MakeChannel("a");
  MakeRule(channel, R"("on": ["execution.failed"], "workflows": ["shop.*"])");
  EXPECT_EQ(hub_.ToldOf(kAccount), engine::EventHub::Bit(engine::EventType::kExecutionFaulted));
  EXPECT_EQ(Rounds(), Texts{});
  Tell(Ended("faulted", 1));
  Tell(Ended("completed", 2));
  EXPECT_EQ(Rounds(), Texts{"a:1"});
  EXPECT_EQ(notifier_->counts().delivered, 1U);
}

TEST_F(NotifierTest, AChannelIsToldOnceWhateverTheNumberOfRules) {
  const ChannelId channel = MakeChannel("a");
  MakeRule(channel, R"("on": ["execution.failed"])");
  MakeRule(channel, R"("on": ["execution.failed", "execution.completed"])");
  EXPECT_EQ(Rounds(), Texts{});
  Tell(Ended("faulted", 1));
  EXPECT_EQ(Rounds(), Texts{"a:1"});
}

TEST_F(NotifierTest, WhatHappenedBeforeTheRuleIsNotTold) {
  Tell(Ended("faulted", 1));
  clock_.Advance(std::chrono::seconds(1));
  MakeRule(MakeChannel("a"), R"("on": ["execution.failed"])");
  EXPECT_EQ(Rounds(), Texts{});
}

TEST_F(NotifierTest, WhatHappenedWhileNobodyLookedIsToldOnce) {
  MakeRule(MakeChannel("a"), R"("on": ["execution.failed"], "group_within": "0s")");
  EXPECT_EQ(Rounds(), Texts{});
  notifier_->Stop(std::chrono::seconds(1));
  Tell(Ended("faulted", 1));
  Tell(Ended("faulted", 2));
  Restart();
  EXPECT_EQ(Rounds(), (Texts{"a:1", "a:2"}));
  Restart();
  EXPECT_EQ(Rounds(), Texts{}) << "the same events are read again, and are known";
}

TEST_F(NotifierTest, KeepsEventsUntilTheyAreOnDisk) {
  MakeRule(MakeChannel("a"), R"("on": ["execution.failed"])");
  EXPECT_EQ(Rounds(), Texts{});
  host_.is_down = true;
  Tell(Ended("faulted", 1));
  EXPECT_EQ(Rounds(), Texts{});
  host_.is_down = false;
  clock_.Advance(std::chrono::seconds(1));
  EXPECT_EQ(Rounds(), Texts{"a:1"});
}

TEST_F(NotifierTest, AnEventForWhichThereIsNoRoomWhileOthersAreReadIsReadLater) {
  events_queued_max_ = 1;
  Restart();
  MakeRule(MakeChannel("a"), R"("on": ["execution.failed"], "group_within": "0s")");
  Tell(Ended("faulted", 1));
  host_.on_find = [this] {
    for (std::uint8_t number = 2; number <= 4; ++number) Tell(Ended("faulted", number));
  };
  Texts sent = Rounds();
  std::ranges::sort(sent);
  EXPECT_EQ(sent, (Texts{"a:1", "a:2", "a:3", "a:4"}));
}

// What is taken from memory says that events have been read up to there.
TEST_F(NotifierTest, NothingIsTakenBeforeWhatWasMissed) {
  MakeRule(MakeChannel("a"), R"("on": ["execution.failed"], "group_within": "0s")");
  EXPECT_EQ(Rounds(), Texts{});
  host_.is_down = true;
  Tell(Ended("faulted", 1));
  EXPECT_EQ(Rounds(), Texts{});
  host_.is_down = false;
  clock_.Advance(std::chrono::milliseconds(500));  // it is not read again yet
  Tell(Ended("faulted", 2));
  EXPECT_EQ(Rounds(), Texts{});
  clock_.Advance(std::chrono::minutes(5));
  Tell(Ended("faulted", 3));
  Texts sent = Rounds();
  std::ranges::sort(sent);
  EXPECT_EQ(sent, (Texts{"a:1", "a:2", "a:3"}));
}

TEST_F(NotifierTest, AnAccountWhoseEventsCannotBeLookedAtDoesNotHoldOthersUp) {
  MakeRule(MakeChannel("b", "1h", kBefore), R"("on": ["execution.failed"])", kBefore);
  MakeRule(MakeChannel("a"), R"("on": ["execution.failed"])");
  EXPECT_EQ(Rounds(), Texts{});
  host_.fails_for = kBefore;
  Tell(Ended("faulted", 1), kBefore);
  Tell(Ended("faulted", 2));
  EXPECT_EQ(Rounds(), Texts{}) << "they are read together; afterwards each account for itself";
  clock_.Advance(std::chrono::seconds(1));
  EXPECT_EQ(Rounds(), Texts{"a:2"});
  host_.fails_for = AccountId();
  clock_.Advance(std::chrono::seconds(1));
  EXPECT_EQ(Rounds(), Texts{"b:1"});
}

TEST_F(NotifierTest, OtherNodesAreToldOfRules) {
  MakeRule(MakeChannel("a"), R"("on": ["execution.failed"])");
  EXPECT_EQ(others_told_, 1);
  EXPECT_TRUE(Run(notifier_->RefreshHere()));
  EXPECT_EQ(others_told_, 1) << "who is told does not tell";
}

TEST_F(NotifierTest, TriesAgainWithPausesAndGivesUp) {
  MakeRule(MakeChannel("a", "1m"), R"("on": ["execution.failed"])");
  EXPECT_EQ(Rounds(), Texts{});
  courier_.answer = {.status = 500, .error = "'x.example' answers with 500"};
  Tell(Ended("faulted", 1));
  EXPECT_EQ(Rounds(), Texts{"a:1"});
  EXPECT_EQ(Rounds(), Texts{}) << "not at once";
  std::size_t attempts = 1;
  for (int second = 0; second < 120; ++second) {
    clock_.Advance(std::chrono::seconds(1));
    attempts += Rounds().size();
  }
  EXPECT_GE(attempts, 3U);
  EXPECT_LE(attempts, 5U);
  const auto list = Run(store_.List(kAccount, {}));
  EXPECT_EQ(list->front().status, Status::kGivenUp);
  EXPECT_EQ(list->front().answer["error"], Json("'x.example' answers with 500"));
  courier_.answer = {.delivered = true, .status = 200};
  ASSERT_TRUE(Run(store_.Retry(kAccount, list->front().id)));
  clock_.Advance(std::chrono::minutes(2));
  EXPECT_EQ(Rounds(), Texts{"a:1"});
}

TEST_F(NotifierTest, WhatWillNeverBeTakenIsGivenUpAtOnce) {
  MakeRule(MakeChannel("a"), R"("on": ["execution.failed"])");
  EXPECT_EQ(Rounds(), Texts{});
  courier_.answer = {.is_final = true, .status = 410, .error = "gone"};
  Tell(Ended("faulted", 1));
  EXPECT_EQ(Rounds(), Texts{"a:1"});
  EXPECT_EQ(Run(store_.List(kAccount, {}))->front().status, Status::kGivenUp);
}

TEST_F(NotifierTest, AChannelThatTakesNothingDoesNotHoldOthersUp) {
  MakeRule(MakeChannel("bad"), R"("on": ["execution.failed"], "group_within": "0s")");
  MakeRule(MakeChannel("good"), R"("on": ["execution.failed"], "group_within": "0s")");
  courier_.fails_for = "bad";
  EXPECT_EQ(Rounds(), Texts{});
  for (std::uint8_t i = 1; i <= 20; ++i) Tell(Ended("faulted", i));
  Texts sent = Rounds();
  for (int i = 0; i < 10; ++i) std::ranges::move(Rounds(), std::back_inserter(sent));
  EXPECT_EQ(std::ranges::count_if(sent, [](const auto& one) { return one.starts_with("good:"); }), 20);
  EXPECT_LE(std::ranges::count_if(sent, [](const auto& one) { return one.starts_with("bad:"); }), 4)
      << "those that were under way; then it is left alone for a while";
}

TEST_F(NotifierTest, AStormIsOneMessageAndThenAnother) {
  MakeRule(MakeChannel("a"), R"("on": ["execution.failed"], "group_within": "5m")");
  EXPECT_EQ(Rounds(), Texts{});
  for (std::uint8_t i = 1; i <= 43; ++i) Tell(Ended("faulted", i));
  EXPECT_EQ(Rounds(), Texts{"a:1"});
  Restart();  // counts stay right, whatever is read again
  clock_.Advance(std::chrono::minutes(5));
  EXPECT_EQ(Rounds(), Texts{"a:group of 42"});
}

TEST_F(NotifierTest, SendsAgainWhatAProcessDiedWith) {
  const ChannelId channel = MakeChannel("a");
  MakeRule(channel, R"("on": ["execution.failed"])");
  EXPECT_EQ(Rounds(), Texts{});
  notifier_->Lead(false);
  Tell(Ended("faulted", 1));
  Restart();
  notifier_->Lead(false);
  ASSERT_TRUE(Run(store_.Add({{.account = kAccount,
                               .channel = channel,
                               .occasion = {.kind = Kind::kFailed, .id = "1", .place = {"shop", "orders"}},
                               .content = Json::EmptyObject()}},
                             {})));
  const auto due = Run(store_.Due(kAccount, channel, 1));
  ASSERT_TRUE(*Run(store_.Claim(due->front(), "a life before", clock_.Now().micros() + 60'000'000)));
  notifier_->Lead(true);
  EXPECT_EQ(Rounds(), Texts{"a:1"});
  EXPECT_EQ(Run(store_.Find(kAccount, due->front().id))->attempts, 2);
}

TEST_F(NotifierTest, TellsWhatWaitsTooLongOnce) {
  MakeRule(MakeChannel("a"), R"("on": ["execution.waiting"], "waiting_after": "1h")");
  engine::ExecutionRecord record{.account = kAccount, .id = ExecutionId(Uuid{{5}})};
  record.name_space = "shop";
  record.workflow = "orders";
  host_.waits = {{.record = record, .what = "event", .mark = "3", .since_us = clock_.Now().micros()}};
  EXPECT_EQ(Rounds(), Texts{});
  clock_.Advance(std::chrono::hours(1));
  const Texts told = Rounds();
  ASSERT_EQ(told.size(), 1U);
  EXPECT_NE(told.front().find(".waiting.3."), std::string::npos) << told.front();
  clock_.Advance(std::chrono::hours(1));
  EXPECT_EQ(Rounds(), Texts{});
  // It has gone on, and waits anew.
  host_.waits.front().since_us = clock_.Now().micros() - 3'600'000'000;
  clock_.Advance(std::chrono::seconds(5));
  EXPECT_EQ(Rounds().size(), 1U);
}

TEST_F(NotifierTest, WaitsThatCannotBeLookedForDoNotHoldOthersUp) {
  constexpr const char* kRule = R"("on": ["execution.waiting"], "waiting_after": "1h")";
  MakeRule(MakeChannel("b", "1h", kBefore), kRule, kBefore);
  MakeRule(MakeChannel("a"), kRule);
  host_.fails_for = kBefore;
  engine::ExecutionRecord record{.account = kAccount, .id = ExecutionId(Uuid{{5}})};
  record.name_space = "shop";
  record.workflow = "orders";
  host_.waits = {{.record = record,
                  .what = "event",
                  .mark = "3",
                  .since_us = clock_.Now().micros() - 2 * 3'600'000'000}};
  EXPECT_EQ(Rounds().size(), 1U);
}

TEST_F(NotifierTest, SendsNothingUnlessItLeads) {
  MakeRule(MakeChannel("a"), R"("on": ["execution.failed"])");
  notifier_->Lead(false);
  EXPECT_EQ(Rounds(), Texts{});
  Tell(Ended("faulted", 1));
  EXPECT_EQ(Rounds(), Texts{});
  EXPECT_NE(hub_.ToldOf(kAccount), 0U) << "it sees to it that the events are written, all the same";
  notifier_->Lead(true);
  EXPECT_EQ(Rounds(), Texts{"a:1"});
}

TEST_F(NotifierTest, ADisabledChannelKeepsNothingNew) {
  const ChannelId id = MakeChannel("a");
  MakeRule(id, R"("on": ["execution.failed"])");
  EXPECT_EQ(Rounds(), Texts{});
  Channel channel = *Run(store_.Find(kAccount, id));
  channel.settings = ChannelSettingsFrom(Json::WithMember(channel.settings.source, "enabled", false)).value();
  ASSERT_TRUE(Run(store_.Update(kAccount, channel)));
  Tell(Ended("faulted", 1));
  EXPECT_EQ(Rounds(), Texts{});
  EXPECT_TRUE(Run(store_.List(kAccount, {}))->empty());
}

}  // namespace
}  // namespace elevaite::notifications
