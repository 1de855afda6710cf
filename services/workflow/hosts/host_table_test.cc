// The hosts of all accounts: which rule holds for which, how many are remembered, and who is looked at when.
#include "services/workflow/hosts/host_table.h"

#include <gtest/gtest.h>

#include <vector>

namespace elevaite::hosts {
namespace {

using std::chrono::minutes;
using std::chrono::seconds;

const AccountId kOne = AccountId::Default();
const AccountId kOther = AccountId::Parse("other").value();
constexpr CallEnd kGood{.verdict = Verdict::kGood};
constexpr CallEnd kBad{.verdict = Verdict::kBad};

class HostTableTest : public ::testing::Test {
 protected:
  HostTable::Arrived Arrive(const std::string& host, const AccountId& account = kOne) {
    return table_.Arrive({.account = account, .host = host}, now_);
  }
  void Use(std::vector<HostRule> rules, std::size_t nodes = 1) {
    table_.SetRules({{kOne, HostRules(std::move(rules))}}, nodes, now_);
  }
  std::vector<Ticket> Go() { return table_.Look(now_).go; }
  std::size_t Known() const { return table_.totals(now_).hosts; }

  HostTable table_{{.hosts_max = 3, .forget_after = minutes(60)}};
  Time now_ = Time() + minutes(1'000);
};

TEST_F(HostTableTest, EachHostHasPlacesOfItsOwn) {
  Use({{.pattern = "*.example.com", .rule = {.concurrency = 1}}});
  EXPECT_TRUE(Arrive("a.example.com").goes);
  EXPECT_TRUE(Arrive("b.example.com").goes);
  EXPECT_FALSE(Arrive("a.example.com").goes);
  EXPECT_TRUE(Arrive("a.example.com", kOther).goes) << "and each account";
  EXPECT_TRUE(Arrive("elsewhere").goes);
}

TEST_F(HostTableTest, ANewRuleCountsWhatIsOutAlready) {
  const Ticket first = Arrive("api").ticket;
  Arrive("api");
  Use({{.pattern = "api", .rule = {.concurrency = 2}}});
  const auto waits = Arrive("api");
  EXPECT_FALSE(waits.goes);
  EXPECT_FALSE(waits.refused);
  table_.Leave(first, kGood, std::nullopt, now_);
  EXPECT_EQ(Go(), std::vector<Ticket>({waits.ticket}));
}

TEST_F(HostTableTest, WithoutTheRuleAllThatWaitGo) {
  Use({{.pattern = "*", .rule = {.concurrency = 1}}});
  Arrive("api");
  const Ticket second = Arrive("api").ticket;
  const Ticket third = Arrive("api").ticket;
  Use({});
  EXPECT_EQ(Go(), std::vector<Ticket>({second, third}));
}

TEST_F(HostTableTest, OfManyNodesEachHasAPart) {
  Use({{.pattern = "*", .rule = {.concurrency = 4}}}, 2);
  EXPECT_TRUE(Arrive("api").goes);
  EXPECT_TRUE(Arrive("api").goes);
  EXPECT_FALSE(Arrive("api").goes);
}

TEST_F(HostTableTest, OfFewerPlacesThanNodesItUsesThoseThatItIsGiven) {
  Use({{.pattern = "*", .rule = {.concurrency = 2}}}, 3);
  const Ticket first = Arrive("api").ticket;
  const Ticket second = Arrive("api").ticket;
  EXPECT_TRUE(Go().empty());
  ASSERT_EQ(table_.scarce().size(), 1U);
  EXPECT_EQ(table_.scarce()[0].limit, 2);
  EXPECT_EQ(table_.scarce()[0].waiting, 2);
  table_.SetPlaces(kOne, "api", 1, now_);
  EXPECT_EQ(Go(), std::vector<Ticket>({first}));
  table_.SetPlaces(kOne, "api", 0, now_);
  table_.Leave(first, kGood, std::nullopt, now_);
  EXPECT_TRUE(Go().empty()) << "the place is another node's";
  table_.SetPlaces(kOne, "api", 1, now_);
  EXPECT_EQ(Go(), std::vector<Ticket>({second}));
  table_.Leave(second, kGood, std::nullopt, now_);
  Go();
  EXPECT_EQ(table_.scarce().size(), 1U) << "until it has given its place back";
  table_.SetPlaces(kOne, "api", 0, now_);
  Go();
  EXPECT_TRUE(table_.scarce().empty());
}

TEST_F(HostTableTest, WhenNodesBecomeFewerNobodyTakesTurnsAnyMore) {
  Use({{.pattern = "*", .rule = {.concurrency = 1}}}, 2);
  const Ticket waits = Arrive("api").ticket;
  EXPECT_TRUE(Go().empty());
  Use({{.pattern = "*", .rule = {.concurrency = 1}}}, 1);
  EXPECT_EQ(Go(), std::vector<Ticket>({waits}));
  EXPECT_TRUE(table_.scarce().empty());
}

// The rules of all accounts are set together when one of them changes.
TEST_F(HostTableTest, ARuleThatIsSetAgainGivesNothing) {
  const HostRule slow{.pattern = "*",
                      .rule = {.rate = flow::PaceLimit{.interval_us = 60'000'000, .burst = 3}}};
  Use({slow});
  for (int i = 0; i < 3; ++i) EXPECT_TRUE(Arrive("api").goes);
  Arrive("api");
  Use({slow, {.pattern = "elsewhere", .rule = {.concurrency = 1}}});
  EXPECT_TRUE(Go().empty());
  now_ += minutes(1);
  EXPECT_EQ(Go().size(), 1U);
}

TEST_F(HostTableTest, AnotherPaceGivesNoMoreThanWasFree) {
  const auto pace = [](std::int64_t seconds) {
    return HostRule{.pattern = "*",
                    .rule = {.rate = flow::PaceLimit{.interval_us = seconds * 1'000'000, .burst = 3}}};
  };
  Use({pace(60)});
  for (int i = 0; i < 3; ++i) EXPECT_TRUE(Arrive("api").goes);
  Arrive("api");
  Use({pace(10)});
  EXPECT_TRUE(Go().empty());
  now_ += seconds(10);
  EXPECT_EQ(Go().size(), 1U) << "and does not wait as long as at the slower one";
}

TEST_F(HostTableTest, ForgetsTheHostThatWasCalledLongestAgo) {
  table_.Leave(Arrive("a").ticket, kGood, std::nullopt, now_);
  Go();
  const Ticket busy = Arrive("b").ticket;
  table_.Leave(Arrive("c").ticket, kGood, std::nullopt, now_);
  Go();
  Arrive("d");
  EXPECT_EQ(Known(), 3U);
  EXPECT_FALSE(table_.Find(kOne, "a"));
  EXPECT_TRUE(table_.Find(kOne, "b"));
  Arrive("e");
  EXPECT_FALSE(table_.Find(kOne, "c"));
  table_.Leave(busy, kGood, std::nullopt, now_);
}

TEST_F(HostTableTest, WhenAllAreBusyAnotherOneIsNotCountedAndRefusedWhereARuleHolds) {
  Use({{.pattern = "limited", .rule = {.concurrency = 1}}});
  for (const char* host : {"a", "b", "c"}) Arrive(host);
  const auto free = Arrive("d");
  EXPECT_TRUE(free.goes);
  table_.Leave(free.ticket, kGood, std::nullopt, now_);
  const auto limited = Arrive("limited");
  ASSERT_TRUE(limited.refused);
  EXPECT_EQ(limited.refused->why, Refusal::kNoRoom);
  EXPECT_EQ(Known(), 3U);
}

TEST_F(HostTableTest, ForgetsHostsThatNobodyCallsForLong) {
  for (const char* host : {"a", "b"}) table_.Leave(Arrive(host).ticket, kGood, std::nullopt, now_);
  Go();
  now_ += minutes(61);
  Arrive("c");
  EXPECT_EQ(Known(), 1U);
}

TEST_F(HostTableTest, WakesForTheSoonest) {
  Use({{.pattern = "*", .rule = {.concurrency = 1, .wait_max = seconds(30)}}});
  EXPECT_EQ(table_.WakeAt(), kNever);
  Arrive("a");
  Arrive("a");
  now_ += seconds(10);
  Arrive("b");
  Arrive("b");
  EXPECT_EQ(table_.WakeAt(), now_ + seconds(20));
  now_ += seconds(20);
  const auto decisions = table_.Look(now_);
  ASSERT_EQ(decisions.refused.size(), 1U);
  EXPECT_EQ(decisions.refused[0].host, "a");
  EXPECT_EQ(decisions.refused[0].pattern, "*");
  EXPECT_EQ(table_.WakeAt(), now_ + seconds(10));
}

TEST_F(HostTableTest, SaysWhyACallIsRefused) {
  Use({{.pattern = "api", .rule = {.breaker = BreakerRule{.in_a_row = 1}}}});
  const Time until =
      table_.Leave(Arrive("api").ticket, kBad, LastError{.kind = "status", .status = 502, .at = now_}, now_);
  EXPECT_EQ(until, now_ + seconds(30));
  const auto refused = Arrive("api").refused;
  ASSERT_TRUE(refused);
  EXPECT_EQ(refused->why, Refusal::kOpen);
  EXPECT_EQ(refused->until, until);
  EXPECT_EQ(refused->last_error->status, 502);
  EXPECT_EQ(table_.totals(now_).open, 1U);
  EXPECT_EQ(table_.opened(), 1U);
  EXPECT_EQ(table_.HostsOf(kOne, 10, now_)[0].host, "api");
  EXPECT_TRUE(table_.CloseCircuit(kOne, "api", now_));
  EXPECT_TRUE(Arrive("api").goes);
  EXPECT_FALSE(table_.CloseCircuit(kOther, "api", now_));
}

TEST_F(HostTableTest, LeavingTwiceGivesOnePlace) {
  Use({{.pattern = "*", .rule = {.concurrency = 1}}});
  const Ticket first = Arrive("a").ticket;
  Arrive("a");
  Arrive("a");
  table_.Leave(first, kGood, std::nullopt, now_);
  table_.Leave(first, kGood, std::nullopt, now_);
  EXPECT_EQ(Go().size(), 1U);
  EXPECT_EQ(Go().size(), 0U);
}

}  // namespace
}  // namespace elevaite::hosts
