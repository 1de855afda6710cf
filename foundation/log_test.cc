#include "foundation/log.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <future>
#include <sstream>
#include <thread>

#include "foundation/json.h"
#include "foundation/log_format.h"

namespace elevaite {
namespace {

const Timestamp kTime = Timestamp::Parse("2026-11-20T21:52:00.123Z").value();

std::string AsJson(std::string_view message, std::vector<Field> fields, const LogContext* context = nullptr) {
  return log_internal::FormatJson(
      {.level = LogLevel::kWarn, .time = kTime, .message = message, .context = context, .fields = fields});
}

std::string AsHuman(std::string_view message, std::vector<Field> fields, bool colour = false) {
  return log_internal::FormatHuman(
      {.level = LogLevel::kInfo, .time = kTime, .message = message, .context = nullptr, .fields = fields},
      colour);
}

TEST(Log, WritesJsonLines) {
  const LogContext context = LogContext({{"execution", "exe_1"}}).With("account", "default");
  const std::string text = "x y";
  EXPECT_EQ(
      AsJson("it happened",
             {{"text", text},
              {"int", -3},
              {"max", UINT64_MAX},
              {"real", 0.5},
              {"nan", std::nan("")},
              {"yes", true}},
             &context),
      R"({"time":"2026-11-20T21:52:00.123Z","level":"warn","message":"it happened","execution":"exe_1",)"
      R"("account":"default","text":"x y","int":-3,"max":18446744073709551615,"real":0.5,"nan":"nan","yes":true})"
      "\n");
}

TEST(Log, WritesForPeopleWithColourOnRequest) {
  EXPECT_EQ(AsHuman("it happened", {{"id", "wf_1"}, {"text", "x y"}, {"empty", ""}, {"n", 3}}),
            "21:52:00.123 INFO  it happened  id=wf_1 text=\"x y\" empty=\"\" n=3\n");
  EXPECT_EQ(AsHuman("it", {}, true), "21:52:00.123 \x1b[32mINFO \x1b[0m it\n");
}

TEST(Log, FieldsCannotForgeLinesOrMoveTheCursor) {
  const std::string evil =
      "a\n{\"level\":\"error\"}\r\x1b[2J\xC2\x9B"
      "1m\xE2\x80\xA8\xff\x7f\"\\end";
  const std::string json = AsJson("m", {{"evil", evil}, {"level", "x"}, {"k\"\n", 1}});
  EXPECT_EQ(std::count(json.begin(), json.end(), '\n'), 1);
  const auto parsed = ParseJson(json);
  ASSERT_TRUE(parsed) << json;
  EXPECT_EQ((*parsed)["level"], Json("warn"));
  EXPECT_EQ((*parsed)["field_level"], Json("x"));
  EXPECT_EQ((*parsed)["evil"].AsString(),
            "a\n{\"level\":\"error\"}\r\x1b[2J\xC2\x9B"
            "1m\xE2\x80\xA8\xEF\xBF\xBD\x7f\"\\end");
  EXPECT_EQ(
      AsHuman("m", {{"evil", evil}}),
      "21:52:00.123 INFO  m  "
      "evil=\"a\\n{\\\"level\\\":\\\"error\\\"}\\u000d\\u001b[2J\\u009b1m\\u2028\\xff\\u007f\\\"\\\\end\"\n");
  EXPECT_LT(AsJson("m", {{"long", std::string(100'000, 'x')}}).size(), 9000U);
  EXPECT_NE(AsJson("m", {{"long", std::string(10'000, 'x')}}).find("...(+1808 bytes)"), std::string::npos);
}

TEST(Log, NeverShowsSecrets) {
  Secret secret("hunter2");
  EXPECT_EQ(AsJson("m", {{"password", secret}}).find("hunter2"), std::string::npos);
  EXPECT_NE(AsJson("m", {{"password", secret}}).find("***"), std::string::npos);
  std::ostringstream out;
  out << secret;
  EXPECT_EQ(out.str(), "***");
  const Secret copy = secret;
  EXPECT_EQ(copy, secret);
  const Secret moved = std::move(secret);
  EXPECT_EQ(moved.Reveal(), "hunter2");
  EXPECT_FALSE(moved == Secret("hunter3"));
}

TEST(Log, WritesInOrderAboveItsLevelAndAllOfItAtTheStop) {
  std::vector<std::string> lines;
  StartLogging({.level = LogLevel::kInfo, .format = LogFormat::kJson, .sink = [&](std::string_view line) {
                  lines.emplace_back(line);
                }});
  LogDebug("not this");
  for (int i = 0; i < 1000; ++i) LogInfo("line", {{"i", i}});
  SetLogLevel(LogLevel::kError);
  LogWarn("nor this");
  LogError(LogContext({{"request", "r1"}}), "the last");
  StopLogging();
  SetLogLevel(LogLevel::kInfo);
  ASSERT_EQ(lines.size(), 1001U);
  for (std::size_t i = 0; i < 1000; ++i) EXPECT_EQ(ParseJson(lines[i]).value()["i"], Json(i));
  EXPECT_EQ(ParseJson(lines.back()).value()["request"], Json("r1"));
}

TEST(Log, DropsTheOldestLinesRatherThanWait) {
  std::promise<void> open;
  const auto gate = open.get_future().share();
  std::vector<std::string> lines;
  StartLogging({.format = LogFormat::kJson, .queue_max = 10, .sink = [&](std::string_view line) {
                  gate.wait();
                  lines.emplace_back(line);
                }});
  const std::uint64_t before = DroppedLogLines();
  for (int i = 0; i < 200; ++i) LogInfo("line", {{"i", i}});  // would hang if it waited
  EXPECT_GE(DroppedLogLines() - before, 180U);
  open.set_value();
  StopLogging();
  EXPECT_LE(lines.size(), 20U);
  EXPECT_EQ(lines.size() + DroppedLogLines() - before, 200U);
  EXPECT_EQ(ParseJson(lines.back()).value()["i"], Json(199));
}

TEST(Log, ManyThreadsMayLogWhileItStartsAndStops) {
  std::atomic<int> written{0};
  std::vector<std::thread> threads;
  StartLogging({.sink = [&](std::string_view) { ++written; }});
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([] {
      for (int i = 0; i < 500; ++i) LogInfo("from a thread", {{"i", i}});
    });
  }
  for (auto& thread : threads) thread.join();
  StopLogging();
  EXPECT_EQ(written, 2000);
  EXPECT_FALSE(ParseLogLevel("loud"));
  EXPECT_EQ(ParseLogLevel("warn").value(), LogLevel::kWarn);
}

}  // namespace
}  // namespace elevaite
