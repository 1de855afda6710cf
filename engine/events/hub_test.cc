#include "engine/events/hub.h"

#include <gtest/gtest.h>

#include "engine/events/memory_event_store.h"

namespace elevaite::engine {
namespace {

class HubTest : public ::testing::Test {
 protected:
  static Json EventOf(std::string_view type, std::string_view id) {
    return Json::Object({{"specversion", "1.0"}, {"id", id}, {"source", "/test"}, {"type", type}});
  }

  HubTest() { EXPECT_TRUE(hub_.Start()); }

  // What a listener for these types is given, as the ids of the events.
  EventHub::Key Listen(std::vector<std::string> types, std::string& heard, std::int64_t since_us = 0) {
    const EventHub::Key key{ExecutionId::New(), 1};
    const auto subscribed = hub_.Subscribe(
        {.account = AccountId::Default(), .key = key, .types = std::move(types), .since_us = since_us},
        [&heard](const StoredEvent& event) { heard += std::string(event.id()) + " "; });
    EXPECT_TRUE(subscribed);
    return key;
  }

  std::size_t Send(std::string_view type, std::string_view id) {
    EventHub::Accepted is_new;
    hub_.Accept(AccountId::Default(), {EventOf(type, id)},
                [&](Result<EventHub::Accepted> accepted) { is_new = accepted.value(); });
    return static_cast<std::size_t>(std::ranges::count(is_new, true));
  }

  SimulatedClock clock_;
  MemoryEventStore store_;
  EventHub hub_{{.keep_us = 1'000'000, .in_memory_max = 3}, store_, clock_};
};

TEST_F(HubTest, HandsEventsToThoseWhoListenForTheirType) {
  std::string a, all;
  Listen({"a"}, a);
  Listen({}, all);
  Send("a", "1");
  Send("b", "2");
  EXPECT_EQ(a, "1 ");
  EXPECT_EQ(all, "1 2 ");
}

TEST_F(HubTest, TellsTheStoreWhichEventsSomebodyHasListenedFor) {
  for (const char* id : {"1", "2"}) Send("a", id);
  Send("b", "3");
  std::string early, late;
  Listen({"c"}, early);
  Send("c", "4");
  Listen({"a"}, late);
  Send("b", "5");
  hub_.Expire();
  std::string heard;
  for (const StoredEvent& event : store_.events) {
    if (store_.heard.contains(event.position)) heard += std::string(event.id()) + " ";
  }
  EXPECT_EQ(heard, "1 2 4 ") << "also those that came before their listener, and are in the store only";
}

TEST_F(HubTest, ASecondEventWithTheSameSourceAndIdIsNotHandedOn) {
  std::string heard;
  Listen({"a"}, heard);
  EXPECT_EQ(Send("a", "1"), 1U);
  EXPECT_EQ(Send("a", "1"), 0U);
  hub_.Publish({AccountId::Default(), hub_.NextPosition(), 0, EventOf("a", "1")});
  EXPECT_EQ(heard, "1 ");
}

TEST_F(HubTest, RecognisesDuplicatesThatAreNoLongerInMemory) {
  for (const char* id : {"1", "2", "3", "4", "5"}) Send("a", id);
  std::string heard;
  Listen({"a"}, heard, INT64_MAX);
  hub_.Publish({AccountId::Default(), hub_.NextPosition(), 0, EventOf("a", "1")});
  EXPECT_EQ(heard, "");
}

TEST_F(HubTest, ALateListenerGetsWhatCameBeforeFromMemoryAndFromTheStore) {
  for (const char* id : {"1", "2", "3", "4", "5"}) Send("a", id);
  std::string heard;
  Listen({"a"}, heard);
  EXPECT_EQ(heard, "1 2 3 4 5 ");
}

TEST_F(HubTest, ALateListenerMissesNothingThatComesWhileTheStoreIsRead) {
  for (const char* id : {"1", "2", "3", "4", "5"}) Send("a", id);
  store_.while_reading = [this] {
    for (const char* id : {"6", "7", "8", "9"}) Send("a", id);  // more than memory holds
  };
  std::string heard;
  Listen({"a"}, heard);
  EXPECT_EQ(heard, "1 2 3 4 5 6 7 8 9 ");
  std::string again;
  Listen({"a"}, again);
  EXPECT_EQ(again, "1 2 3 4 5 6 7 8 9 ");
}

TEST_F(HubTest, ALateListenerMissesNothingWhenEventsWereHandedOnOutOfOrder) {
  const std::int64_t early = hub_.NextPosition();
  StoredEvent late{AccountId::Default(), hub_.NextPosition(), clock_.Now().micros(), EventOf("a", "late")};
  store_.Add(late);
  hub_.Publish(late);
  StoredEvent other{AccountId::Default(), early, clock_.Now().micros(), EventOf("b", "early")};
  store_.Add(other);
  hub_.Publish(other);
  for (const char* id : {"1", "2"}) Send("b", id);  // memory holds three: "late" is forgotten
  std::string heard;
  Listen({"a"}, heard);
  EXPECT_EQ(heard, "late ");
}

TEST_F(HubTest, AClockThatIsSetBackMakesNoEventOlderThanWhatHasBegunBefore) {
  const std::int64_t begun_us = clock_.Now().micros();
  hub_.NotBefore(begun_us);
  clock_.Jump(Timestamp::FromMicros(begun_us - 3'600'000'000));
  Send("a", "1");
  std::string heard;
  Listen({"a"}, heard, begun_us);
  EXPECT_EQ(heard, "1 ");
}

TEST_F(HubTest, NothingOlderThanAskedForIsGiven) {
  Send("a", "1");
  clock_.Advance(std::chrono::milliseconds(10));
  const std::int64_t since_us = clock_.Now().micros();
  Send("a", "2");
  std::string heard;
  Listen({"a"}, heard, since_us);
  EXPECT_EQ(heard, "2 ");
}

TEST_F(HubTest, WhoHasEndedHearsNothingMore) {
  std::string heard;
  const EventHub::Key key = Listen({"a"}, heard);
  hub_.Unsubscribe(key);
  Send("a", "1");
  EXPECT_EQ(heard, "");
  EXPECT_EQ(hub_.subscriptions(), 0U);
}

TEST_F(HubTest, ForgetsWhatIsTooOld) {
  Send("a", "1");
  clock_.Advance(std::chrono::seconds(2));
  hub_.Expire();
  EXPECT_TRUE(store_.events.empty());
  std::string heard;
  Listen({"a"}, heard);
  EXPECT_EQ(heard, "");
  EXPECT_EQ(Send("a", "1"), 1U) << "it is known no longer";
}

TEST_F(HubTest, GoesOnWithPositionsAfterARestart) {
  Send("a", "1");
  EventHub again({}, store_, clock_);
  ASSERT_TRUE(again.Start());
  EXPECT_GT(again.NextPosition(), store_.events.back().position);
}

// A position or a time that was given before the newest are known may be one of the past.
TEST_F(HubTest, AcceptsNothingBeforeItHasStarted) {
  EventHub again({}, store_, clock_);
  Result<EventHub::Accepted> accepted;
  again.Accept(AccountId::Default(), {EventOf("a", "1")},
               [&](Result<EventHub::Accepted> given) { accepted = std::move(given); });
  ASSERT_FALSE(accepted);
  EXPECT_EQ(accepted.error().code, ErrorCode::kUnavailable);
  EXPECT_TRUE(store_.events.empty());
}

TEST_F(HubTest, AnEventThatComesAfterARestartIsNoOlderThanWhatWaitsForIt) {
  const std::int64_t began_us = clock_.Now().micros() + 5'000'000;  // before the clock was set back
  ASSERT_TRUE(hub_.Start(began_us));
  Send("a", "1");
  std::string heard;
  Listen({"a"}, heard, began_us);
  EXPECT_EQ(heard, "1 ");
}

TEST_F(HubTest, LifecycleEventsAreWantedOnlyByName) {
  std::string all, named;
  Listen({}, all);
  EXPECT_FALSE(hub_.WantsLifecycle(AccountId::Default()));
  const std::string type = std::string(kLifecyclePrefix) + "workflow.faulted.v1";
  const EventHub::Key key = Listen({type}, named);
  EXPECT_TRUE(hub_.WantsLifecycle(AccountId::Default()));
  hub_.Publish({AccountId::Default(), hub_.NextPosition(), 0, EventOf(type, "1")});
  EXPECT_EQ(all, "");
  EXPECT_EQ(named, "1 ");
  hub_.Unsubscribe(key);
  EXPECT_FALSE(hub_.WantsLifecycle(AccountId::Default()));
}

TEST_F(HubTest, WritesTheLifecycleEventsThatAreWanted) {
  const AccountId account = AccountId::Default();
  EXPECT_EQ(hub_.ToldOf(account), 0U);
  const EventHub::EventTypes ends =
      EventHub::Bit(EventType::kExecutionFaulted) | EventHub::Bit(EventType::kTaskParked);
  hub_.TellOf({{account, ends}});
  EXPECT_EQ(hub_.ToldOf(account), ends);
  EXPECT_EQ(hub_.ToldOf(AccountId::Parse("other").value()), 0U);

  const std::string type = std::string(kLifecyclePrefix) + "workflow.faulted.v1";
  const auto listen = [&](bool quiet) {
    const EventHub::Key key{ExecutionId::New(), 1};
    EXPECT_TRUE(hub_.Subscribe({.account = account, .key = key, .types = {type}, .quiet = quiet},
                               [](const StoredEvent&) {}));
    return key;
  };
  listen(true);
  EXPECT_EQ(hub_.ToldOf(account), ends) << "a quiet listener gets what is written anyway";
  const EventHub::Key loud = listen(false);
  EXPECT_EQ(hub_.ToldOf(account), ~EventHub::EventTypes{0});
  hub_.Unsubscribe(loud);
  EXPECT_EQ(hub_.ToldOf(account), ends);
  hub_.TellOf({});
  EXPECT_EQ(hub_.ToldOf(account), 0U);
}

}  // namespace
}  // namespace elevaite::engine
