#include "foundation/text.h"

#include <gtest/gtest.h>

namespace elevaite {
namespace {

using std::chrono::microseconds;
using namespace std::chrono_literals;

TEST(Text, CountsEdits) {
  EXPECT_EQ(EditDistance("port", "port", 3), 0U);
  EXPECT_EQ(EditDistance("prot", "port", 3), 1U);
  EXPECT_EQ(EditDistance("pot", "port", 3), 1U);
  EXPECT_EQ(EditDistance("", "abc", 3), 3U);
  EXPECT_EQ(EditDistance("kitten", "sitting", 5), 3U);
  EXPECT_EQ(EditDistance("kitten", "sitting", 2), 3U);
  EXPECT_EQ(EditDistance("abcdef", "uvwxyz", 2), 3U);
  EXPECT_EQ(EditDistance(std::string(300, 'a'), std::string(300, 'a'), 2), 3U);
}

TEST(Text, SuggestsWhatWasProbablyMeant) {
  constexpr std::string_view kNames[] = {"server.port", "server.host", "log.level", "do"};
  EXPECT_EQ(ClosestMatch("server.prot", kNames), "server.port");
  EXPECT_EQ(ClosestMatch("sever.host", kNames), "server.host");
  EXPECT_EQ(ClosestMatch("database.path", kNames), std::nullopt);
  EXPECT_EQ(ClosestMatch("", kNames), std::nullopt);
  EXPECT_EQ(DidYouMean("log.levle", kNames), "did you mean 'log.level'?");
  EXPECT_EQ(DidYouMean("xyz", kNames), "");
}

TEST(Text, WritesAndReadsDurations) {
  EXPECT_EQ(FormatDuration(90min), "1h30m");
  EXPECT_EQ(FormatDuration(1500ms), "1s500ms");
  EXPECT_EQ(FormatDuration(0s), "0s");
  EXPECT_EQ(FormatDuration(-250us), "-250us");
  EXPECT_EQ(ParseDuration("1h30m").value(), 90min);
  EXPECT_EQ(ParseDuration("1.5s").value(), 1500ms);
  EXPECT_EQ(ParseDuration("0.1s").value(), 100ms);
  EXPECT_EQ(ParseDuration("7d").value(), 168h);
  EXPECT_EQ(ParseDuration("0").value(), 0s);
  for (const std::int64_t micros : {1LL, 999LL, 1'000'001LL, 86'400'000'000LL, 123'456'789'012LL}) {
    EXPECT_EQ(ParseDuration(FormatDuration(microseconds(micros))).value(), microseconds(micros));
  }
  for (const char* bad : {"", "5", "s", "5 s", "-5s", "5m1h", "5s5s", "1e3s", "5sec", ".5s", "1.s", "36526d",
                          "99999999999999999999s"}) {
    EXPECT_FALSE(ParseDuration(bad)) << bad;
  }
}

TEST(Text, WritesAndReadsSizes) {
  EXPECT_EQ(FormatBytes(16U << 20U), "16MiB");
  EXPECT_EQ(FormatBytes(1536), "1.5KiB");
  EXPECT_EQ(FormatBytes(1001), "1001");
  EXPECT_EQ(FormatBytes(0), "0");
  EXPECT_EQ(FormatBytesRough(1'234'567), "1.2MiB");
  EXPECT_EQ(FormatBytesRough(17), "17B");
  EXPECT_EQ(ParseBytes("16MiB").value(), 16U << 20U);
  EXPECT_EQ(ParseBytes("1.5KiB").value(), 1536U);
  EXPECT_EQ(ParseBytes("10MB").value(), 10'000'000U);
  EXPECT_EQ(ParseBytes("512").value(), 512U);
  EXPECT_EQ(ParseBytes("7B").value(), 7U);
  for (const char* bad : {"", "MiB", "-1", "1 MiB", "1mib", "1XB", "9999999TiB", "1.5.5MiB"})
    EXPECT_FALSE(ParseBytes(bad)) << bad;
}

TEST(Text, ReadsIsoDurationsOfFixedLength) {
  EXPECT_EQ(ParseIsoDuration("PT1H30M").value(), 90min);
  EXPECT_EQ(ParseIsoDuration("P1DT12H").value(), 36h);
  EXPECT_EQ(ParseIsoDuration("P2W").value(), 336h);
  EXPECT_EQ(ParseIsoDuration("PT0.25S").value(), 250ms);
  EXPECT_EQ(ParseIsoDuration("PT0S").value(), 0s);
  EXPECT_EQ(ParseIsoDuration("PT1.5H").value(), 90min);
  for (const char* bad : {"", "P", "PT", "P1DT", "1H", "PT1", "PTH", "PT1M1H", "PT1.5H1M", "P1H", "PT1D",
                          "-PT1S", "PT-1S", "pt1s", "PT1S ", "P999999D"}) {
    EXPECT_FALSE(ParseIsoDuration(bad)) << bad;
  }
  EXPECT_EQ(ParseIsoDuration("P1M").error().message,
            "'P1M' uses years or months, which have no fixed length");
  EXPECT_EQ(FormatIsoDuration(36h), "P1DT12H");
  EXPECT_EQ(FormatIsoDuration(1500ms), "PT1.5S");
  EXPECT_EQ(FormatIsoDuration(0s), "PT0S");
  EXPECT_EQ(FormatIsoDuration(24h), "P1D");
}

}  // namespace
}  // namespace elevaite
