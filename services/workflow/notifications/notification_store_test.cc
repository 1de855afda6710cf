// The tables of notifications on every database.
#include "services/workflow/notifications/notification_store.h"

#include <gtest/gtest.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/use_future.hpp>
#include <set>

#include "foundation/io_threads.h"
#include "infra/database/test_database.h"

namespace elevaite::workflow {

std::span<const database::Migration> SqliteMigrations();
std::span<const database::Migration> PostgresMigrations();

}  // namespace elevaite::workflow

namespace elevaite::notifications {
namespace {

using database::TestDatabase;
using database::TestDatabaseKind;

const AccountId kAccount = AccountId::Default();
const AccountId kOther = AccountId::Parse("other").value();
constexpr std::int64_t kMinuteUs = 60'000'000;

class NotificationStoreTest : public testing::TestWithParam<TestDatabaseKind> {
 protected:
  template <class T>
  Result<T> Run(Task<T> task) {
    return boost::asio::co_spawn(io_.executor(0), std::move(task), boost::asio::use_future).get();
  }
  static ChannelSettings Hook(const std::string& name) {
    return ChannelSettingsFrom(
               Json::Object({{"name", name}, {"type", "webhook"}, {"url", "https://x.example/in"}}))
        .value();
  }
  static RuleSettings RuleTo(const ChannelId& channel, const std::string& name = "r") {
    return RuleSettingsFrom(Json::Object({{"name", name},
                                          {"on", Json::Array({"execution.failed"})},
                                          {"channels", Json::Array({channel.ToString()})}}))
        .value();
  }
  Channel MakeChannel(const std::string& name) {
    auto made = Run(store_.Create(kAccount, Hook(name)));
    EXPECT_TRUE(made) << made.error().ToString();
    return *std::move(made);
  }
  static NewNotification Failure(const ChannelId& channel, const std::string& id,
                                 std::int64_t group_within_us = 0, const std::string& workflow = "orders") {
    Occasion occasion{
        .kind = Kind::kFailed, .id = id, .place = {"shop", workflow}, .execution = ExecutionId::New()};
    return {.account = kAccount,
            .channel = channel,
            .rule = RuleId(Uuid{{7}}),
            .occasion = occasion,
            .content = ContentOf(occasion, nullptr, "http://h"),
            .group_within_us = group_within_us};
  }
  void Add(std::vector<NewNotification> all) {
    const auto added = Run(store_.Add(std::move(all), {}));
    EXPECT_TRUE(added) << added.error().ToString();
  }
  // "<occasion> <status>" of each, oldest first.
  std::string Stored(NotificationFilter filter = {.with_grouped = true}) {
    const auto list = Run(store_.List(kAccount, std::move(filter)));
    EXPECT_TRUE(list) << list.error().ToString();
    std::string text;
    for (const Notification& n : list.value_or(std::vector<Notification>{}))
      text = std::string(n.occasion.substr(0, 5)) + " " + std::string(NameOf(n.status)) + "; " + text;
    return text;
  }

  IoThreads io_{1};
  TestDatabase database_{GetParam(),
                         {"workflow", workflow::SqliteMigrations(), workflow::PostgresMigrations()}};
  std::unique_ptr<database::Database> db_ = database_.Open();
  SimulatedClock clock_;
  NotificationStore store_{*db_, clock_, "http://h"};
};
INSTANTIATE_TEST_SUITE_P(Each, NotificationStoreTest, database::kEachDatabase, database::DatabaseName);

TEST_P(NotificationStoreTest, KeepsChannelsAndRules) {
  const Channel channel = MakeChannel("on call");
  EXPECT_EQ(Run(store_.Create(kAccount, Hook("on call"))).error().code, ErrorCode::kConflict);
  EXPECT_EQ(Run(store_.Find(kOther, channel.id)).error().code, ErrorCode::kNotFound);
  const auto rule = Run(store_.Create(kAccount, RuleTo(channel.id)));
  ASSERT_TRUE(rule) << rule.error().ToString();
  EXPECT_EQ(Run(store_.Create(kOther, RuleTo(channel.id))).error().code, ErrorCode::kNotFound)
      << "the channel is another account's";
  EXPECT_EQ(Run(store_.Delete(kAccount, channel.id)).error().code, ErrorCode::kConflict);

  Channel changed = channel;
  changed.settings = Hook("team");
  ASSERT_TRUE(Run(store_.Update(kAccount, changed)));
  EXPECT_EQ(Run(store_.Update(kAccount, changed)).error().code, ErrorCode::kConflict)
      << "it was changed since";
  EXPECT_EQ(Run(store_.Update(kOther, changed)).error().code, ErrorCode::kNotFound);

  const auto plans = Run(store_.AllPlans());
  ASSERT_TRUE(plans) << plans.error().ToString();
  EXPECT_EQ(plans->at(kAccount).channels.at(channel.id).settings.name, "team");
  EXPECT_EQ(plans->at(kAccount).rules.front().settings.source, rule->settings.source);
  EXPECT_EQ(store_.AllPlansNow()->size(), 1U);

  const std::string revision = *Run(store_.Revision());
  EXPECT_EQ(Run(store_.Delete(kOther, rule->id)).error().code, ErrorCode::kNotFound);
  EXPECT_EQ(*Run(store_.Revision()), revision);
  ASSERT_TRUE(Run(store_.Delete(kAccount, rule->id)));
  EXPECT_NE(*Run(store_.Revision()), revision);
  EXPECT_TRUE(Run(store_.Delete(kAccount, channel.id)));
  EXPECT_EQ(Run(store_.Find(kAccount, rule->id)).error().code, ErrorCode::kNotFound);
}

TEST_P(NotificationStoreTest, TellsAnOccasionOnceToAChannel) {
  const Channel a = MakeChannel("a"), b = MakeChannel("b");
  Add({Failure(a.id, "exe.1"), Failure(b.id, "exe.1"), Failure(a.id, "exe.1")});
  Add({Failure(a.id, "exe.1"), Failure(a.id, "exe.2")});
  EXPECT_EQ(Stored({.channel = a.id}), "exe.1 pending; exe.2 pending; ");
  EXPECT_EQ(Stored({.channel = b.id}), "exe.1 pending; ");
}

TEST_P(NotificationStoreTest, NotesHowFarEventsWereRead) {
  EXPECT_EQ(*Run(store_.ProgressOf(kAccount)), 0);
  ASSERT_TRUE(Run(store_.Add({}, {{kAccount, 100}})));
  ASSERT_TRUE(Run(store_.Add({}, {{kAccount, 50}})));
  EXPECT_EQ(*Run(store_.ProgressOf(kAccount)), 100) << "it does not go back";
}

TEST_P(NotificationStoreTest, AStormBecomesAMessageForEachStretch) {
  const Channel channel = MakeChannel("a");
  for (int i = 0; i < 4; ++i) Add({Failure(channel.id, "exe." + std::to_string(i), 5 * kMinuteUs)});
  Add({Failure(channel.id, "exe.x", 5 * kMinuteUs, "refunds")});
  EXPECT_EQ(Stored(), "exe.0 pending; exe.1 grouped; exe.2 grouped; exe.3 grouped; exe.x pending; ");
  EXPECT_EQ(**Run(store_.CloseGroups()), clock_.Now().micros() + 5 * kMinuteUs) << "nothing is over yet";

  clock_.Advance(std::chrono::minutes(5));
  ASSERT_TRUE(Run(store_.CloseGroups()));
  const auto all = Run(store_.List(kAccount, {.with_grouped = true}));
  const auto group =
      std::ranges::find_if(*all, [](const auto& n) { return n.occasion.starts_with("group:"); });
  ASSERT_NE(group, all->end());
  EXPECT_EQ(group->content["count"], Json(3));
  EXPECT_EQ(group->content["window_s"], Json(300));
  EXPECT_EQ(group->content["executions"].Size(), 3U);
  EXPECT_EQ(group->content["url"], Json("http://h/executions?workflow=shop.orders&status=faulted"));
  for (const auto& n : *all) {
    if (n.status == Status::kGrouped) EXPECT_EQ(n.group, group->id);
  }

  // The storm goes on, by one: that one is told as it is. Then it is over.
  Add({Failure(channel.id, "exe.9", 5 * kMinuteUs)});
  clock_.Advance(std::chrono::minutes(6));
  ASSERT_TRUE(Run(store_.CloseGroups()));
  const auto last = Run(store_.List(kAccount, {.limit = 10}));
  const auto single = std::ranges::find(*last, "exe.9", &Notification::occasion);
  ASSERT_NE(single, last->end());
  EXPECT_EQ(single->status, Status::kPending);
  EXPECT_FALSE(single->group);
  clock_.Advance(std::chrono::minutes(6));
  EXPECT_FALSE(*Run(store_.CloseGroups()));
  Add({Failure(channel.id, "exe.10", 5 * kMinuteUs)});
  EXPECT_EQ(Run(store_.List(kAccount, {.limit = 1}))->front().occasion, "exe.10") << "told at once again";
}

TEST_P(NotificationStoreTest, WhatComesAfterTheTimeOfAGroupIsNotPartOfIt) {
  const Channel channel = MakeChannel("a");
  for (int i = 0; i < 3; ++i) Add({Failure(channel.id, "exe." + std::to_string(i), kMinuteUs)});
  clock_.Advance(std::chrono::minutes(2));
  Add({Failure(channel.id, "late", kMinuteUs)});
  const auto all = Run(store_.List(kAccount, {.with_grouped = true}));
  const auto group =
      std::ranges::find_if(*all, [](const auto& n) { return n.occasion.starts_with("group:"); });
  ASSERT_NE(group, all->end());
  EXPECT_EQ(group->content["count"], Json(2));
}

TEST_P(NotificationStoreTest, OneSenderMakesAnAttempt) {
  const Channel channel = MakeChannel("a");
  Add({Failure(channel.id, "exe.1")});
  auto due = Run(store_.Due(kAccount, channel.id, 10));
  ASSERT_EQ(due->size(), 1U);
  Notification n = due->front();
  const std::int64_t until_us = clock_.Now().micros() + kMinuteUs;
  EXPECT_TRUE(*Run(store_.Claim(n, "one", until_us)));
  EXPECT_FALSE(*Run(store_.Claim(n, "two", until_us))) << "somebody was quicker";
  EXPECT_TRUE(Run(store_.Due(kAccount, channel.id, 10))->empty());

  // Its process dies: another one takes it up, at once when it is alone, else when the time is over.
  ASSERT_TRUE(Run(store_.ReleaseOthers("one")));
  EXPECT_TRUE(Run(store_.Due(kAccount, channel.id, 10))->empty()) << "its own";
  ASSERT_TRUE(Run(store_.ReleaseOthers("two")));
  due = Run(store_.Due(kAccount, channel.id, 10));
  ASSERT_EQ(due->size(), 1U);
  EXPECT_EQ(due->front().attempts, 1);
  ASSERT_TRUE(*Run(store_.Claim(due->front(), "two", until_us)));

  // What the first one has to say does not count any more.
  ++n.attempts;
  n.status = Status::kGivenUp;
  n.answer = Json::Object({{"status", 500}});
  ASSERT_TRUE(Run(store_.Finish(n)));
  EXPECT_EQ(Run(store_.Find(kAccount, n.id))->status, Status::kPending);
  ++n.attempts;
  n.status = Status::kDelivered;
  n.ended_us = clock_.Now().micros();
  n.answer = Json::Object({{"status", 204}});
  ASSERT_TRUE(Run(store_.Finish(n)));
  const auto done = Run(store_.Find(kAccount, n.id));
  EXPECT_EQ(done->status, Status::kDelivered);
  EXPECT_EQ(done->answer["status"], Json(204));
  EXPECT_TRUE(Run(store_.BacklogsOf(kAccount))->empty());
  EXPECT_EQ(Run(store_.LastOfEach(kAccount, {channel.id}))->size(), 1U);
}

TEST_P(NotificationStoreTest, BacklogsAreReadPageByPage) {
  std::set<ChannelId> made;
  for (const char* name : {"a", "b", "c"}) {
    const Channel channel = MakeChannel(name);
    Add({Failure(channel.id, "exe.1"), Failure(channel.id, "exe.2")});
    made.insert(channel.id);
  }
  std::set<ChannelId> read;
  std::optional<NotificationStore::Line> after;
  for (std::size_t page = 0; page < 3; ++page) {
    const auto one = Run(store_.Backlogs(after, 1));
    ASSERT_TRUE(one) << one.error().ToString();
    ASSERT_EQ(one->size(), 1U);
    EXPECT_EQ(one->front().count, 2);
    after = NotificationStore::Line{one->front().account, one->front().channel};
    read.insert(one->front().channel);
  }
  EXPECT_EQ(read, made);
  EXPECT_TRUE(Run(store_.Backlogs(after, 1))->empty());
  EXPECT_EQ(Run(store_.BacklogsOf(kAccount))->size(), 3U);
  EXPECT_TRUE(Run(store_.BacklogsOf(AccountId::Parse("other").value()))->empty());
}

TEST_P(NotificationStoreTest, WhatWasGivenUpCanBeTriedAgain) {
  const Channel channel = MakeChannel("a");
  Add({Failure(channel.id, "exe.1")});
  Notification n = Run(store_.Due(kAccount, channel.id, 1))->front();
  EXPECT_EQ(Run(store_.Retry(kAccount, n.id)).error().code, ErrorCode::kConflict) << "it is still tried";
  ASSERT_TRUE(*Run(store_.Claim(n, "one", INT64_MAX)));
  ++n.attempts;
  n.status = Status::kGivenUp;
  n.ended_us = clock_.Now().micros();
  ASSERT_TRUE(Run(store_.Finish(n)));
  EXPECT_EQ(Run(store_.Retry(kOther, n.id)).error().code, ErrorCode::kNotFound);
  const auto again = Run(store_.Retry(kAccount, n.id));
  ASSERT_TRUE(again) << again.error().ToString();
  EXPECT_EQ(again->status, Status::kPending);
  EXPECT_EQ(again->attempts, 0);
  EXPECT_EQ(Run(store_.Due(kAccount, channel.id, 1))->size(), 1U);
}

TEST_P(NotificationStoreTest, ListsByWhatIsAskedFor) {
  const Channel a = MakeChannel("a"), b = MakeChannel("b");
  const NewNotification first = Failure(a.id, "exe.1");
  Add({first, Failure(b.id, "exe.2"), Failure(a.id, "exe.3", 0, "refunds")});
  EXPECT_EQ(Stored({.channel = b.id}), "exe.2 pending; ");
  EXPECT_EQ(Stored({.place = {"shop", "refunds"}}), "exe.3 pending; ");
  EXPECT_EQ(Stored({.place = {"", "orders"}}), "exe.1 pending; exe.2 pending; ");
  EXPECT_EQ(Stored({.execution = first.occasion.execution}), "exe.1 pending; ");
  EXPECT_EQ(Stored({.status = Status::kDelivered}), "");
  const auto page = Run(store_.List(kAccount, {.limit = 1}));
  EXPECT_EQ(page->front().occasion, "exe.3");
  EXPECT_EQ(Stored({.before = page->front().id}), "exe.1 pending; exe.2 pending; ");
  EXPECT_TRUE(Run(store_.List(kOther, {}))->empty());
}

TEST_P(NotificationStoreTest, ForgetsWhatIsOldAndNotWhatIsToBeSent) {
  const Channel channel = MakeChannel("a");
  for (int i = 0; i < 3; ++i) Add({Failure(channel.id, "exe." + std::to_string(i), kMinuteUs)});
  const std::int64_t later_us = clock_.Now().micros() + 1;
  EXPECT_FALSE(*Run(store_.Forget(later_us, 0)));
  EXPECT_EQ(Stored(), "exe.0 pending; exe.1 grouped; exe.2 grouped; ");
  EXPECT_FALSE(*Run(store_.Forget(0, later_us)));
  EXPECT_EQ(Stored(), "exe.0 pending; ");
  Notification n = Run(store_.Due(kAccount, channel.id, 1))->front();
  ASSERT_TRUE(*Run(store_.Claim(n, "one", INT64_MAX)));
  ++n.attempts;
  n.status = Status::kDelivered;
  n.ended_us = clock_.Now().micros();
  ASSERT_TRUE(Run(store_.Finish(n)));
  EXPECT_FALSE(*Run(store_.Forget(later_us, later_us)));
  EXPECT_EQ(Stored(), "");
}

TEST_P(NotificationStoreTest, ADeletedChannelTakesItsMessagesAlong) {
  const Channel channel = MakeChannel("a");
  Add({Failure(channel.id, "exe.1", kMinuteUs), Failure(channel.id, "exe.2", kMinuteUs)});
  ASSERT_TRUE(Run(store_.Delete(kAccount, channel.id)));
  EXPECT_EQ(Stored(), "");
  EXPECT_FALSE(*Run(store_.CloseGroups()));
}

}  // namespace
}  // namespace elevaite::notifications
