#include "services/workflow/operations/operation.h"

#include <gtest/gtest.h>

namespace elevaite::workflow {
namespace {

Json J(std::string_view text) { return ParseJson(text).value(); }

TEST(Operation, IsReadWithWhatItsActNeeds) {
  const auto migrate =
      OperationFrom(J(R"({"act": "migrate", "version": "2.0.0", "reason": "new", "dry_run": true,
                         "filter": {"workflow": "shop.order", "status": ["running", "waiting"], "tag": ["team=a"]}})"));
  ASSERT_TRUE(migrate) << migrate.error().ToString();
  EXPECT_TRUE(migrate->dry_run);
  EXPECT_EQ(migrate->operation.act, BulkAct::kMigrate);
  EXPECT_EQ(migrate->operation.arguments, J(R"({"version": "2.0.0"})"));
  EXPECT_EQ(migrate->operation.note["reason"], Json("new"));
  Operation operation = migrate->operation;
  operation.created_us = 5'000;
  const auto scope = ScopeOf(operation);
  ASSERT_TRUE(scope);
  EXPECT_TRUE(scope->has_executions);
  EXPECT_FALSE(scope->has_queued);
  const engine::ExecutionFilter* filter = &scope->filter;
  EXPECT_EQ(filter->workflow, "order");
  EXPECT_EQ(filter->phases, (std::vector{engine::Phase::kRunning, engine::Phase::kWaiting}));
  EXPECT_EQ(filter->labels.size(), 1U);
  EXPECT_EQ(filter->until_us, 5'000) << "what is created later is not meant";
}

TEST(Operation, RefusesWhatNobodyWouldDoOnPurpose) {
  for (const char* text : {
           "[]",
           R"({"filter": {"status": "faulted"}})",
           R"({"act": "explode", "filter": {"status": "faulted"}})",
           R"({"act": "delete"})",
           R"({"act": "delete", "filter": {}})",
           R"({"act": "delete", "filter": {"statuses": "faulted"}})",
           R"({"act": "delete", "filter": {"status": "broken"}})",
           R"({"act": "delete", "filter": {"status": 7}})",
           R"({"act": "delete", "filter": {"status": ""}})",
           R"({"act": "delete", "filter": {"status": "faulted", "cursor": "1-x"}})",
           R"({"act": "delete", "filter": {"status": "faulted"}, "dryRun": true})",
           R"({"act": "delete", "filter": {"status": "faulted"}, "dry_run": 1})",
           R"({"act": "delete", "filter": {"status": "faulted"}, "version": "2.0.0"})",
           R"({"act": "migrate", "filter": {"workflow": "a"}})",
           R"({"act": "migrate", "filter": {"workflow": "a"}, "version": ""})",
           R"({"act": "fork", "filter": {"workflow": "a"}})",
           R"({"act": "complete", "filter": {"workflow": "a"}})",
           R"({"act": "fail", "filter": {"workflow": "a"}, "error": "no"})",
           R"({"act": "cancel", "filter": {"workflow": "a"}, "grace": "2 years"})",
           R"({"act": "cancel", "filter": {"workflow": "a"}, "grace": 3})",
       })
    EXPECT_FALSE(OperationFrom(J(text))) << text;
  const auto long_reason = Json::Object(
      {{"act", "retry"}, {"filter", J(R"({"status": "suspended"})")}, {"reason", std::string(2'000, 'x')}});
  EXPECT_FALSE(OperationFrom(long_reason));
  EXPECT_TRUE(OperationFrom(J(R"({"act": "cancel", "filter": {"workflow": "a"}})")));
  EXPECT_TRUE(OperationFrom(J(R"({"act": "complete", "filter": {"workflow": "a"}, "output": null})")))
      << "null is an output, too";
}

TEST(Operation, ReachesWhatWaitsInTheQueue) {
  struct Case {
    const char* text;
    bool executions;
    bool queued;
  };
  for (const auto& [text, executions, queued] : {
           Case{R"({"act": "cancel", "filter": {"workflow": "a"}})", true, true},
           Case{R"({"act": "cancel", "filter": {"status": "queued"}})", false, true},
           Case{R"({"act": "cancel", "filter": {"status": ["queued", "running"]}})", true, true},
           Case{R"({"act": "cancel", "filter": {"status": "running"}})", true, false},
           Case{R"({"act": "cancel", "filter": {"tag": "team=a"}})", true, false},
           Case{R"({"act": "cancel", "filter": {"status": "queued", "workflow": "a", "key": "17"}})", false,
                true},
           Case{R"({"act": "prioritize", "priority": 1, "filter": {"workflow": "a"}})", false, true},
           Case{R"({"act": "prioritize", "priority": 5, "filter": {"status": "queued"}})", false, true},
           Case{R"({"act": "pause", "filter": {"workflow": "a"}})", true, false},
       }) {
    const auto request = OperationFrom(J(text));
    ASSERT_TRUE(request) << text << request.error().ToString();
    const auto scope = ScopeOf(request->operation);
    ASSERT_TRUE(scope) << text;
    EXPECT_EQ(scope->has_executions, executions) << text;
    EXPECT_EQ(scope->has_queued, queued) << text;
    EXPECT_EQ(scope->filter.phases.empty(), std::string_view(text).find("running") == std::string_view::npos);
  }
  for (const char* text : {
           R"({"act": "pause", "filter": {"status": "queued"}})",
           R"({"act": "delete", "filter": {"status": ["faulted", "queued"]}})",
           R"({"act": "cancel", "filter": {"status": "queued", "tag": "team=a"}})",
           R"({"act": "cancel", "filter": {"status": "queued", "error": "timeout"}})",
           R"({"act": "cancel", "filter": {"workflow": "a", "key": "17"}})",
           R"({"act": "cancel", "filter": {"workflow": "a", "status": "queued", "key": 17}})",
           R"({"act": "prioritize", "priority": 1, "filter": {"status": "running"}})",
           R"({"act": "prioritize", "priority": 1, "filter": {"parent": "exe_01kdvdna00ewbrc0b9bhy65ts0"}})",
           R"({"act": "prioritize", "filter": {"status": "queued"}})",
           R"({"act": "prioritize", "priority": 0, "filter": {"status": "queued"}})",
           R"({"act": "prioritize", "priority": 6, "filter": {"status": "queued"}})",
           R"({"act": "prioritize", "priority": "1", "filter": {"status": "queued"}})",
       })
    EXPECT_FALSE(OperationFrom(J(text))) << text;
}

TEST(Operation, NamesGoThereAndBack) {
  for (int i = 0; i <= static_cast<int>(BulkAct::kPrioritize); ++i) {
    const auto act = static_cast<BulkAct>(i);
    EXPECT_EQ(BulkActFromName(NameOf(act)), act);
  }
  const std::vector<OperationReason> reasons{{"exe_1", true, "no"}, {"exe_2", false, "gone"}};
  const auto read = ReasonsFrom(ReasonsJson(reasons));
  ASSERT_EQ(read.size(), 2U);
  EXPECT_TRUE(read[0].failed);
  EXPECT_EQ(read[1].message, "gone");
}

}  // namespace
}  // namespace elevaite::workflow
