// Lines of a transfer: what is written is read, and nothing else is; and the databases on both sides.
#include "engine/transfer/transfer.h"

#include <gtest/gtest.h>

#include "engine/journal/database_journal.h"
#include "infra/database/test_database.h"

namespace elevaite::engine {

std::span<const database::Migration> SqliteMigrations();
std::span<const database::Migration> PostgresMigrations();

namespace {

using database::TestDatabase;
using database::TestDatabaseKind;

Event EventOf(EventType type, std::uint64_t seq) {
  return {.type = type, .seq = seq, .time_us = 1'700'000'000'000'000, .data = Json("é\n")};
}

Transferred Execution(bool ended) {
  const std::int64_t now_us = SystemClock().Now().micros();
  Transferred e;
  e.record = {.account = AccountId::Default(),
              .id = ExecutionId::New(),
              .name_space = "shop",
              .workflow = "orders",
              .version = "2.0.0",
              .migrations = {{.seq = 2, .from = "1.0.0"}},
              .trigger = Trigger::kSubflow,
              .correlation = "r é",
              .parent = ExecutionId::New(),
              .phase = ended ? Phase::kFaulted : Phase::kWaiting,
              .depth = 2,
              .parent_frame = 7,
              .created_us = now_us,
              .started_us = now_us + 1,
              .labels = {{LabelKind::kTag, "a", "b"}, {LabelKind::kAttribute, "c", "ü"}}};
  e.events.push_back(
      {1, EncodeEvents({EventOf(EventType::kExecutionStarted, 1), EventOf(EventType::kTaskStarted, 2)})});
  e.events.push_back(
      {3, EncodeEvents({EventOf(ended ? EventType::kExecutionFaulted : EventType::kTaskCompleted, 3)})});
  if (ended) {
    e.record.finished_us = now_us + 5;
    e.record.error = Json::Object({{"type", "x"}, {"status", 500}, {"title", "no"}});
  } else {
    State state;
    e.snapshot = {2, EncodeState(state)};
  }
  return e;
}

std::vector<std::string> LinesOf(const std::vector<Transferred>& executions) {
  std::vector<std::string> lines;
  TransferWriter writer([&lines](std::string_view line) -> Result<void> {
    lines.emplace_back(line.substr(0, line.size() - 1));
    return {};
  });
  EXPECT_TRUE(writer.Begin());
  EXPECT_TRUE(writer.Workflow(Json::Object({{"name", "orders"}})));
  for (const Transferred& one : executions) EXPECT_TRUE(writer.Execution(one));
  EXPECT_TRUE(writer.End());
  return lines;
}

// The executions up to the first error, and that; empty: there was none.
struct Outcome {
  std::vector<Transferred> executions;
  std::string error;
};
Outcome ReadAll(const std::vector<std::string>& lines) {
  TransferReader reader;
  Outcome outcome;
  for (const std::string& line : lines) {
    auto item = reader.Take(line);
    if (!item) {
      outcome.error = item.error().message;
      return outcome;
    }
    if (*item && std::holds_alternative<Transferred>(**item))
      outcome.executions.push_back(std::get<Transferred>(**std::move(item)));
  }
  const auto finished = reader.Finish();
  if (!finished) outcome.error = finished.error().message;
  return outcome;
}

TEST(TransferLinesTest, WhatIsWrittenIsRead) {
  const std::vector<Transferred> executions{Execution(true), Execution(false)};
  const Outcome outcome = ReadAll(LinesOf(executions));
  ASSERT_EQ(outcome.error, "");
  ASSERT_EQ(outcome.executions.size(), 2U);
  EXPECT_EQ(LinesOf(outcome.executions), LinesOf(executions));
  EXPECT_EQ(outcome.executions[1].events, executions[1].events);
  EXPECT_EQ(outcome.executions[1].snapshot, executions[1].snapshot);
}

TEST(TransferLinesTest, ALineThatIsLostOrChangedOrTwiceIsNoticed) {
  const std::vector<std::string> lines = LinesOf({Execution(true), Execution(false)});
  for (std::size_t at = 0; at < lines.size(); ++at) {
    auto lost = lines;
    lost.erase(lost.begin() + static_cast<std::ptrdiff_t>(at));
    EXPECT_NE(ReadAll(lost).error, "") << "without line " << at + 1;
    auto twice = lines;
    twice.insert(twice.begin() + static_cast<std::ptrdiff_t>(at), lines[at]);
    EXPECT_NE(ReadAll(twice).error, "") << "twice line " << at + 1;
    for (std::size_t byte = 0; byte < lines[at].size(); byte += 11) {
      auto changed = lines;
      changed[at][byte] ^= 1;
      EXPECT_NE(ReadAll(changed).error, "") << "line " << at + 1 << " byte " << byte;
    }
  }
}

TEST(TransferLinesTest, WhatStandsBeforeTheDamageIsGiven) {
  auto lines = LinesOf({Execution(true), Execution(false)});
  const std::size_t damaged = lines.size() - 4;
  lines[damaged][0] = 'x';
  const Outcome outcome = ReadAll(lines);
  EXPECT_EQ(outcome.executions.size(), 1U);
  EXPECT_TRUE(outcome.error.starts_with("line " + std::to_string(damaged + 1) + ":")) << outcome.error;
}

TEST(TransferLinesTest, WhatTheEngineCouldNotUseIsRefused) {
  const auto error = [](const std::function<void(Transferred&)>& damage, bool ended = true) {
    Transferred execution = Execution(ended);
    damage(execution);
    return ReadAll(LinesOf({execution})).error;
  };
  EXPECT_NE(error([](Transferred& e) { e.events.clear(); }).find("no events"), std::string::npos);
  EXPECT_NE(error([](Transferred& e) { e.events[1].seq = 4; }).find("jumps"), std::string::npos);
  EXPECT_NE(error([](Transferred& e) { e.events.erase(e.events.begin()); }).find("jumps"), std::string::npos);
  EXPECT_NE(error([](Transferred& e) { e.events[1].bytes = "x"; }).find("cannot be read"), std::string::npos);
  EXPECT_NE(error([](Transferred& e) { e.record.finished_us.reset(); }).find("not by both"),
            std::string::npos);
  EXPECT_NE(error([](Transferred& e) { e.snapshot->bytes = "x"; }, false).find("snapshot"),
            std::string::npos);
}

TEST(TransferLinesTest, OtherFilesAreRefused) {
  EXPECT_NE(ReadAll({}).error, "");
  EXPECT_NE(ReadAll({"hello"}).error.find("line 1"), std::string::npos);
  EXPECT_NE(ReadAll({R"({"elevaite": "executions", "version": 2})"}).error.find("version 2"),
            std::string::npos);
  EXPECT_NE(ReadAll({R"({"elevaite": "executions", "version": 1})", R"({"what": 1})"}).error.find("line 2"),
            std::string::npos);
}

class TransferTest : public testing::TestWithParam<TestDatabaseKind> {
 protected:
  TestDatabase database_{GetParam(), {"engine", SqliteMigrations(), PostgresMigrations()}};
  std::unique_ptr<database::Database> db_ = database_.Open();
};
INSTANTIATE_TEST_SUITE_P(Each, TransferTest, database::kEachDatabase, database::DatabaseName);

TEST_P(TransferTest, WhatIsImportedIsWhatWasExportedAndOnceOnly) {
  for (const bool ended : {true, false}) {
    const Transferred execution = Execution(ended);
    EXPECT_EQ(Import({*db_}, execution).value(), Imported::kNew);
    EXPECT_EQ(Import({*db_}, execution).value(), Imported::kUnchanged);
    const auto read = ReadWhole({*db_}, execution.record.account, execution.record.id);
    ASSERT_TRUE(read && *read);
    EXPECT_EQ(LinesOf({**read}), LinesOf({execution}));
    auto other = execution;
    other.events[0].bytes = EncodeEvents({EventOf(EventType::kExecutionStarted, 1)});
    EXPECT_EQ(Import({*db_}, other).error().code, ErrorCode::kConflict);
  }
  EXPECT_EQ(ProjectAll(*db_).value(), 2U);
  const auto labels = db_->QueryAndWait({"count", "SELECT count(*) FROM labels"});
  EXPECT_EQ((*labels)[0].Int(0), 4);
  EXPECT_FALSE(*ReadWhole({*db_}, AccountId::Default(), ExecutionId::New()));
}

}  // namespace
}  // namespace elevaite::engine
