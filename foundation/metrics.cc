#include "foundation/metrics.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace elevaite {

using metrics_internal::kShards;
using metrics_internal::ShardOfThisThread;

std::size_t metrics_internal::ShardOfThisThread() {
  static std::atomic<std::size_t> next{0};
  thread_local const std::size_t shard = next.fetch_add(1, std::memory_order_relaxed) % kShards;
  return shard;
}

std::uint64_t Counter::value() const {
  std::uint64_t sum = 0;
  for (const Shard& shard : shards_) sum += shard.value.load(std::memory_order_relaxed);
  return sum;
}

Histogram::Histogram(std::span<const double> bounds) : bounds_(bounds.begin(), bounds.end()) {
  CHECK(!bounds_.empty() && bounds_.size() <= 64 && std::ranges::is_sorted(bounds_));
  for (Shard& shard : shards_) shard.counts = std::vector<std::atomic<std::uint64_t>>(bounds_.size() + 1);
}

void Histogram::Observe(double value) {
  const auto bucket = static_cast<std::size_t>(std::ranges::lower_bound(bounds_, value) - bounds_.begin());
  Shard& shard = shards_[ShardOfThisThread()];
  shard.counts[std::isnan(value) ? bounds_.size() : bucket].fetch_add(1, std::memory_order_relaxed);
  shard.sum.fetch_add(value, std::memory_order_relaxed);
}

Histogram::Snapshot Histogram::Read() const {
  Snapshot snapshot{.counts = std::vector<std::uint64_t>(bounds_.size() + 1)};
  for (const Shard& shard : shards_) {
    for (std::size_t i = 0; i < shard.counts.size(); ++i) {
      snapshot.counts[i] += shard.counts[i].load(std::memory_order_relaxed);
    }
    snapshot.sum += shard.sum.load(std::memory_order_relaxed);
  }
  for (const std::uint64_t count : snapshot.counts) snapshot.count += count;
  return snapshot;
}

// Series are numbered like the digits of a number whose bases are the sizes of the label sets.
template <class Metric>
Metric& Family<Metric>::With(std::initializer_list<std::string_view> values) {
  CHECK(values.size() == labels_.size());
  std::size_t index = 0;
  auto label = labels_.begin();
  for (const std::string_view value : values) {
    const auto& known = label++->values;
    const auto found = std::ranges::find(known, value);
    const auto digit =
        found == known.end() ? known.size() - 1 : static_cast<std::size_t>(found - known.begin());
    index = index * known.size() + digit;
  }
  return *series_[index];
}
template class Family<Counter>;
template class Family<Gauge>;
template class Family<Histogram>;

struct Registry::Entry {
  std::string name;
  std::string help;
  const char* type;
  std::function<void(std::string& out)> expose;
  std::shared_ptr<void> family{};
};

namespace {

bool IsName(std::string_view name) {
  return !name.empty() && name.front() >= 'a' && name.front() <= 'z' && std::ranges::all_of(name, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_';
  });
}

void CheckLabel(const LabelSet& label) {
  CHECK(IsName(label.name) && !label.values.empty() && label.name != "le");
  for (const std::string_view value : label.values) {
    CHECK(!value.empty() && value.find_first_of("\"\\\n") == std::string_view::npos);
    CHECK(std::ranges::count(label.values, value) == 1);
  }
}

// Adds "other" to each label and returns the number of series.
std::size_t Close(std::vector<LabelSet>& labels) {
  std::size_t series = 1;
  for (LabelSet& label : labels) {
    CheckLabel(label);
    std::erase(label.values, "other");
    label.values.emplace_back("other");
    series *= label.values.size();
    CHECK(series <= Registry::kSeriesMax);
  }
  return series;
}

// method="GET",status="2xx"
std::string LabelsOf(const std::vector<LabelSet>& labels, std::size_t index) {
  std::string text;
  for (auto label = labels.rbegin(); label != labels.rend(); ++label) {
    const std::size_t digit = index % label->values.size();
    index /= label->values.size();
    text = fmt::format("{}=\"{}\"{}{}", label->name, label->values[digit], text.empty() ? "" : ",", text);
  }
  return text;
}

std::string Number(double value) {
  if (std::isnan(value)) return "NaN";
  if (std::isinf(value)) return value > 0 ? "+Inf" : "-Inf";
  return fmt::format("{}", value);
}

void AppendSeries(std::string& out, std::string_view name, const std::string& labels,
                  const std::string& value) {
  out += name;
  if (!labels.empty()) out.append("{").append(labels).append("}");
  out.append(" ").append(value).append("\n");
}

// A series that counted nothing is left out where labels are many; "other" mostly.
bool Shown(const std::vector<LabelSet>& labels, bool touched) { return touched || labels.empty(); }

void Append(std::string& out, const std::string& name, const std::vector<LabelSet>& labels, std::size_t index,
            const Counter& counter) {
  const std::uint64_t value = counter.value();
  if (Shown(labels, value != 0)) AppendSeries(out, name, LabelsOf(labels, index), fmt::format("{}", value));
}

void Append(std::string& out, const std::string& name, const std::vector<LabelSet>& labels, std::size_t index,
            const Gauge& gauge) {
  const double value = gauge.value();
  if (Shown(labels, value != 0)) AppendSeries(out, name, LabelsOf(labels, index), Number(value));
}

void Append(std::string& out, const std::string& name, const std::vector<LabelSet>& labels, std::size_t index,
            const Histogram& histogram) {
  const Histogram::Snapshot read = histogram.Read();
  if (!Shown(labels, read.count != 0)) return;
  const std::string text = LabelsOf(labels, index);
  const std::string comma = text.empty() ? "" : ",";
  std::uint64_t below = 0;
  for (std::size_t i = 0; i < read.counts.size(); ++i) {
    below += read.counts[i];
    const std::string bound = i < histogram.bounds().size() ? Number(histogram.bounds()[i]) : "+Inf";
    AppendSeries(out, name + "_bucket", fmt::format("{}{}le=\"{}\"", text, comma, bound),
                 fmt::format("{}", below));
  }
  AppendSeries(out, name + "_sum", text, Number(read.sum));
  AppendSeries(out, name + "_count", text, fmt::format("{}", read.count));
}

std::string EscapedHelp(std::string_view help) {
  std::string text;
  for (const char c : help) {
    if (c == '\\')
      text += "\\\\";
    else if (c == '\n')
      text += "\\n";
    else
      text += c;
  }
  return text;
}

}  // namespace

Registry::Registry() = default;
Registry::~Registry() = default;

void Registry::AddEntry(Entry entry) {
  const bool counter = std::string_view(entry.type) == "counter";
  CHECK(IsName(entry.name) && !entry.help.empty() && counter == entry.name.ends_with("_total"));
  const std::lock_guard lock(mutex_);
  for (const Entry& other : entries_) CHECK(other.name != entry.name);
  entries_.push_back(std::move(entry));
}

namespace {

template <class Metric, class Make>
std::shared_ptr<Family<Metric>> MakeFamily(std::vector<LabelSet>& labels,
                                           std::vector<std::unique_ptr<Metric>>& series, Make make) {
  const std::size_t count = Close(labels);
  for (std::size_t i = 0; i < count; ++i) series.push_back(make());
  return std::make_shared<Family<Metric>>();
}

template <class Metric>
std::function<void(std::string&)> ExposeFamily(std::string name, const std::vector<LabelSet>& labels,
                                               const std::vector<std::unique_ptr<Metric>>& series) {
  return [name = std::move(name), &labels, &series](std::string& out) {
    for (std::size_t i = 0; i < series.size(); ++i) Append(out, name, labels, i, *series[i]);
  };
}

}  // namespace

CounterFamily& Registry::AddCounters(const MetricInfo& info, std::vector<LabelSet> labels) {
  std::vector<std::unique_ptr<Counter>> series;
  auto family = MakeFamily<Counter>(labels, series, [] { return std::make_unique<Counter>(); });
  family->labels_ = std::move(labels);
  family->series_ = std::move(series);
  AddEntry({std::string(info.name), std::string(info.help), "counter",
            ExposeFamily(std::string(info.name), family->labels_, family->series_), family});
  return *family;
}

GaugeFamily& Registry::AddGauges(const MetricInfo& info, std::vector<LabelSet> labels) {
  std::vector<std::unique_ptr<Gauge>> series;
  auto family = MakeFamily<Gauge>(labels, series, [] { return std::make_unique<Gauge>(); });
  family->labels_ = std::move(labels);
  family->series_ = std::move(series);
  AddEntry({std::string(info.name), std::string(info.help), "gauge",
            ExposeFamily(std::string(info.name), family->labels_, family->series_), family});
  return *family;
}

HistogramFamily& Registry::AddHistograms(const MetricInfo& info, std::span<const double> bounds,
                                         std::vector<LabelSet> labels) {
  std::vector<std::unique_ptr<Histogram>> series;
  auto family =
      MakeFamily<Histogram>(labels, series, [bounds] { return std::make_unique<Histogram>(bounds); });
  family->labels_ = std::move(labels);
  family->series_ = std::move(series);
  AddEntry({std::string(info.name), std::string(info.help), "histogram",
            ExposeFamily(std::string(info.name), family->labels_, family->series_), family});
  return *family;
}

void Registry::AddReads(const MetricInfo& info, const char* type, std::string_view label,
                        LabelledReads reads) {
  std::vector<std::pair<std::string, std::function<double()>>> series;
  std::vector<LabelSet> labels;
  if (!label.empty()) labels.push_back({.name = label, .values = {}});
  for (auto& [value, read] : reads) {
    if (!label.empty()) labels.front().values.emplace_back(value);
    series.emplace_back(label.empty() ? "" : fmt::format("{}=\"{}\"", label, value), std::move(read));
  }
  for (const LabelSet& set : labels) CheckLabel(set);
  AddEntry({std::string(info.name), std::string(info.help), type,
            [name = std::string(info.name), series = std::move(series)](std::string& out) {
              for (const auto& [text, read] : series) AppendSeries(out, name, text, Number(read()));
            }});
}

void Registry::AddCounterCallback(const MetricInfo& info, std::function<double()> read) {
  AddReads(info, "counter", {}, {{"", std::move(read)}});
}
void Registry::AddGaugeCallback(const MetricInfo& info, std::function<double()> read) {
  AddReads(info, "gauge", {}, {{"", std::move(read)}});
}
void Registry::AddCounterCallbacks(const MetricInfo& info, std::string_view label, LabelledReads reads) {
  AddReads(info, "counter", label, std::move(reads));
}
void Registry::AddGaugeCallbacks(const MetricInfo& info, std::string_view label, LabelledReads reads) {
  AddReads(info, "gauge", label, std::move(reads));
}

std::string Registry::Expose() const {
  std::string out;
  const std::lock_guard lock(mutex_);
  for (const Entry& entry : entries_) {
    out += fmt::format("# HELP {} {}\n# TYPE {} {}\n", entry.name, EscapedHelp(entry.help), entry.name,
                       entry.type);
    entry.expose(out);
  }
  return out;
}

}  // namespace elevaite
