// Metrics: counters, gauges and histograms with labels from closed sets, told in Prometheus' text format.
//
//   Counter& published = registry.AddCounter({.name = "workflows_published_total", .help = "Versions
//   published"}); published.Add(); CounterFamily& requests = registry.AddCounters(
//       {.name = "http_requests_total", .help = "Requests answered"}, {{"method", {"GET", "POST"}},
//       {"status", {"2xx", "4xx"}}});
//   requests.With({"GET", "2xx"}).Add();          // keep the reference on a hot path
//   Histogram& duration = registry.AddHistogram({.name = "step_duration_seconds", .help = "..."},
//   kSecondsBuckets);
//
// Each label names all the values it may have, so that no input can make the number of series grow; any other
// value counts as "other". Names are [a-z0-9_]; those of counters end in _total, and names carry their unit:
// _seconds, _bytes, _ratio. A breach of these rules, or a name used twice, is a bug: CHECK.
//
// Cost: Counter::Add and Histogram::Observe are one and three relaxed atomic additions, on a shard that few
// other threads touch. (prometheus-cpp takes a mutex for each observation of a histogram and one to find a
// series: hence our own.) Handles live as long as the registry. All functions are thread-safe; Expose() sees
// each series on its own, not a snapshot of all.
#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <functional>
#include <initializer_list>
#include <memory>
#include <mutex>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "foundation/result.h"

namespace elevaite {

struct MetricInfo {
  std::string_view name;
  std::string_view help;
};

// A label and every value it can have.
struct LabelSet {
  std::string_view name;
  std::vector<std::string_view> values;
};

namespace metrics_internal {
inline constexpr std::size_t kShards = 8;
std::size_t ShardOfThisThread();
}  // namespace metrics_internal

class Counter {
 public:
  void Add(std::uint64_t by = 1) {
    shards_[metrics_internal::ShardOfThisThread()].value.fetch_add(by, std::memory_order_relaxed);
  }
  std::uint64_t value() const;

 private:
  struct alignas(64) Shard {
    std::atomic<std::uint64_t> value{0};
  };
  std::array<Shard, metrics_internal::kShards> shards_;
};

class Gauge {
 public:
  void Set(double value) { value_.store(value, std::memory_order_relaxed); }
  void Add(double by) { value_.fetch_add(by, std::memory_order_relaxed); }
  double value() const { return value_.load(std::memory_order_relaxed); }

 private:
  std::atomic<double> value_{0};
};

class Histogram {
 public:
  // Upper bounds, ascending; one more bucket (+Inf) comes by itself. 1 to 64.
  explicit Histogram(std::span<const double> bounds);
  void Observe(double value);

  struct Snapshot {
    std::vector<std::uint64_t> counts;  // of each bucket alone, the last for +Inf
    std::uint64_t count = 0;
    double sum = 0;
  };
  Snapshot Read() const;
  std::span<const double> bounds() const { return bounds_; }

 private:
  struct Shard {
    std::vector<std::atomic<std::uint64_t>> counts;
    std::atomic<double> sum{0};
  };
  std::vector<double> bounds_;
  std::array<Shard, metrics_internal::kShards> shards_;
};

inline constexpr std::array<double, 17> kSecondsBuckets{
    0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30};
inline constexpr std::array<double, 9> kBytesBuckets{256,     1024,      4096,      16'384,    65'536,
                                                     262'144, 1'048'576, 4'194'304, 16'777'216};

// The series of one name, all made at the start: at most kSeriesMax.
template <class Metric>
class Family {
 public:
  // The values in the order of the labels; an unknown one is "other". A wrong number of them is a bug: CHECK.
  Metric& With(std::initializer_list<std::string_view> values);

 private:
  friend class Registry;
  std::vector<LabelSet> labels_;  // with "other" as the last value of each
  std::vector<std::unique_ptr<Metric>> series_;
};
using CounterFamily = Family<Counter>;
using GaugeFamily = Family<Gauge>;
using HistogramFamily = Family<Histogram>;

class Registry {
 public:
  static constexpr std::size_t kSeriesMax = 10'000;  // of one name

  Registry();
  ~Registry();
  Registry(const Registry&) = delete;
  Registry& operator=(const Registry&) = delete;

  Counter& AddCounter(const MetricInfo& info) { return AddCounters(info, {}).With({}); }
  Gauge& AddGauge(const MetricInfo& info) { return AddGauges(info, {}).With({}); }
  Histogram& AddHistogram(const MetricInfo& info, std::span<const double> bounds) {
    return AddHistograms(info, bounds, {}).With({});
  }
  CounterFamily& AddCounters(const MetricInfo& info, std::vector<LabelSet> labels);
  GaugeFamily& AddGauges(const MetricInfo& info, std::vector<LabelSet> labels);
  HistogramFamily& AddHistograms(const MetricInfo& info, std::span<const double> bounds,
                                 std::vector<LabelSet> labels);

  // Values that exist elsewhere and are asked for when told. `read` is called by Expose() and must live until
  // the registry ends.
  void AddCounterCallback(const MetricInfo& info, std::function<double()> read);
  void AddGaugeCallback(const MetricInfo& info, std::function<double()> read);

  // The same for several things of a kind, told apart by one label whose values are given: {{"engine", read},
  // {"platform", read}}.
  using LabelledReads = std::vector<std::pair<std::string, std::function<double()>>>;
  void AddCounterCallbacks(const MetricInfo& info, std::string_view label, LabelledReads reads);
  void AddGaugeCallbacks(const MetricInfo& info, std::string_view label, LabelledReads reads);

  // process_cpu_seconds_total, process_resident_memory_bytes, process_open_fds, process_start_time_seconds.
  // Linux.
  void AddProcessMetrics();

  // Prometheus' text format, version 0.0.4; names in the order they were added.
  std::string Expose() const;

 private:
  struct Entry;
  void AddEntry(Entry entry);
  void AddReads(const MetricInfo& info, const char* type, std::string_view label, LabelledReads reads);

  mutable std::mutex mutex_;
  std::vector<Entry> entries_;
};

}  // namespace elevaite
