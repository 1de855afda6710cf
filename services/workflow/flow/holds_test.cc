// Which executions that run already pauses of flow control hold.
#include "services/workflow/flow/holds.h"

#include <gtest/gtest.h>

namespace elevaite::flow {
namespace {

const AccountId kAccount = AccountId::Default();

engine::ExecutionRecord RecordOf(std::string workflow) {
  engine::ExecutionRecord record;
  record.account = kAccount;
  record.name_space = "shop";
  record.workflow = std::move(workflow);
  return record;
}

TEST(FlowHolds, AreOfTheAccountAWorkflowAndAKey) {
  const auto order = RecordOf("order");
  const Json input = ParseJson(R"({"customer": 17})").value();
  const Pause key{.account = kAccount, .workflow = "shop.order", .expression = ".customer", .key = "17"};

  EXPECT_TRUE(HoldsFrom({{.account = kAccount}}).Over(order, input));
  EXPECT_TRUE(HoldsFrom({{.account = kAccount, .workflow = "shop.order"}}).Over(order, input));
  EXPECT_FALSE(HoldsFrom({{.account = kAccount, .workflow = "other.order"}}).Over(order, input));
  EXPECT_FALSE(HoldsFrom({{.account = AccountId::Parse("other").value()}}).Over(order, input));
  const auto holds = HoldsFrom({key});
  EXPECT_TRUE(holds.Over(order, input));
  EXPECT_FALSE(holds.Over(order, ParseJson(R"({"customer": 18})").value()));
  EXPECT_FALSE(holds.Over(order, ParseJson(R"([])").value())) << "the expression fails";
  EXPECT_FALSE(holds.Over(RecordOf("bill"), input));
}

TEST(FlowHolds, LeaveOutWhatMayFinishAndSayWhoAndWhy) {
  Pause pause{.account = kAccount, .note = "their database is down", .by = "cli"};
  const auto holds = HoldsFrom({pause});
  const engine::Hold* hold = holds.Over(RecordOf("order"), Json());
  ASSERT_TRUE(hold);
  EXPECT_EQ(engine::NoteOf(*hold)["reason"], Json("their database is down"));
  EXPECT_EQ(engine::NoteOf(*hold)["by"], Json("cli"));
  EXPECT_EQ(engine::NoteOf(*hold)["hold"]["workflow"], Json());
  pause.running = Running::kFinish;
  EXPECT_TRUE(HoldsFrom({pause}).empty());
}

}  // namespace
}  // namespace elevaite::flow
