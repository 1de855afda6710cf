#include "foundation/metrics.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <thread>

#include "foundation/clock.h"

namespace elevaite {
namespace {

TEST(Metrics, TellsCountersAndGauges) {
  Registry registry;
  Counter& plain = registry.AddCounter({.name = "things_total", .help = "Things\nmade"});
  CounterFamily& requests = registry.AddCounters({.name = "http_requests_total", .help = "Requests"},
                                                 {{"method", {"GET", "POST"}}, {"status", {"2xx", "5xx"}}});
  Gauge& depth = registry.AddGauge({.name = "queue_depth", .help = "Waiting"});
  requests.With({"GET", "2xx"}).Add(3);
  requests.With({"POST", "5xx"}).Add();
  requests.With({"BREW", "5xx"}).Add();
  requests.With({"DELETE", "5xx"}).Add();
  depth.Set(2.5);
  depth.Add(-1);
  EXPECT_EQ(registry.Expose(),
            "# HELP things_total Things\\nmade\n# TYPE things_total counter\nthings_total 0\n"
            "# HELP http_requests_total Requests\n# TYPE http_requests_total counter\n"
            "http_requests_total{method=\"GET\",status=\"2xx\"} 3\n"
            "http_requests_total{method=\"POST\",status=\"5xx\"} 1\n"
            "http_requests_total{method=\"other\",status=\"5xx\"} 2\n"
            "# HELP queue_depth Waiting\n# TYPE queue_depth gauge\nqueue_depth 1.5\n");
  plain.Add();
  EXPECT_EQ(plain.value(), 1U);
}

TEST(Metrics, TellsHistogramsCumulatively) {
  Registry registry;
  constexpr double kBounds[] = {0.1, 1};
  HistogramFamily& family = registry.AddHistograms({.name = "step_duration_seconds", .help = "Steps"},
                                                   kBounds, {{"kind", {"set", "call"}}});
  for (const double value : {0.05, 0.1, 0.5, 2.0}) family.With({"set"}).Observe(value);
  EXPECT_EQ(registry.Expose(),
            "# HELP step_duration_seconds Steps\n# TYPE step_duration_seconds histogram\n"
            "step_duration_seconds_bucket{kind=\"set\",le=\"0.1\"} 2\n"
            "step_duration_seconds_bucket{kind=\"set\",le=\"1\"} 3\n"
            "step_duration_seconds_bucket{kind=\"set\",le=\"+Inf\"} 4\n"
            "step_duration_seconds_sum{kind=\"set\"} 2.65\n"
            "step_duration_seconds_count{kind=\"set\"} 4\n");
}

TEST(Metrics, CountsExactlyFromManyThreads) {
  Registry registry;
  Counter& counter = registry.AddCounter({.name = "events_total", .help = "Events"});
  Histogram& histogram = registry.AddHistogram({.name = "size_bytes", .help = "Sizes"}, kBytesBuckets);
  std::vector<std::thread> threads;
  for (int t = 0; t < 12; ++t) {
    threads.emplace_back([&] {
      for (int i = 0; i < 10'000; ++i) {
        counter.Add();
        histogram.Observe(1000);
      }
    });
  }
  const std::string during = registry.Expose();
  for (auto& thread : threads) thread.join();
  EXPECT_EQ(counter.value(), 120'000U);
  EXPECT_EQ(histogram.Read().count, 120'000U);
  EXPECT_EQ(histogram.Read().sum, 120'000'000.0);
  EXPECT_NE(during.find("size_bytes_bucket{le=\"+Inf\"}"), std::string::npos);
}

double ValueOf(const std::string& text, const std::string& name) {
  const std::size_t at = text.find("\n" + name + " ");
  return at == std::string::npos ? -1 : std::strtod(text.c_str() + at + name.size() + 2, nullptr);
}

TEST(Metrics, KnowsTheProcess) {
  Registry registry;
  registry.AddProcessMetrics();
  const std::string before = registry.Expose();
  const int descriptor = open("/dev/null", O_RDONLY | O_CLOEXEC);
  const std::string after = registry.Expose();
  close(descriptor);
  EXPECT_EQ(ValueOf(after, "process_open_fds"), ValueOf(before, "process_open_fds") + 1);
  EXPECT_GT(ValueOf(after, "process_resident_memory_bytes"), 1e6);
  EXPECT_GE(ValueOf(after, "process_cpu_seconds_total"), 0);
  const double now = static_cast<double>(SystemClock().Now().millis()) * 1e-3;
  EXPECT_NEAR(ValueOf(after, "process_start_time_seconds"), now, 3600);
}

TEST(MetricsDeathTest, BreachesOfTheRulesAreBugs) {
  EXPECT_DEATH(
      {
        Registry registry;
        registry.AddCounter({.name = "events", .help = "no _total"});
      },
      "invariant");
  EXPECT_DEATH(
      {
        Registry registry;
        registry.AddGauge({.name = "depth", .help = "a"});
        registry.AddGauge({.name = "depth", .help = "b"});
      },
      "invariant");
}

}  // namespace
}  // namespace elevaite
