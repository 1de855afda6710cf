#include "infra/database/metrics.h"

#include <string_view>

namespace elevaite::database {
namespace {

struct Metric {
  MetricInfo info;
  std::uint64_t Stats::* value;
};

constexpr Metric kCounters[] = {
    {{"database_batches_total", "Batches and transactions applied"}, &Stats::batches},
    {{"database_batches_failed_total", "Batches and transactions refused or failed"}, &Stats::batches_failed},
    {{"database_commits_total", "Commits, each of one or more batches"}, &Stats::commits},
    {{"database_commits_failed_total", "Commits that failed; the disk or a bug"}, &Stats::commits_failed},
    {{"database_groups_rerun_total", "Groups run again because one batch failed"}, &Stats::groups_rerun},
    {{"database_rows_changed_total", "Rows inserted, updated and deleted"}, &Stats::rows_changed},
    {{"database_queries_total", "Queries answered"}, &Stats::queries},
    {{"database_queries_failed_total", "Queries refused or failed"}, &Stats::queries_failed},
    {{"database_checkpoints_total", "Copies of the log into the database file"}, &Stats::checkpoints},
    {{"database_checkpoint_waits_total", "Times the writer waited because the log was too large"},
     &Stats::checkpoint_waits},
};
constexpr Metric kGauges[] = {
    {{"database_log_bytes", "Write-ahead log in use"}, &Stats::log_bytes},
    {{"database_writes_queued", "Batches that wait"}, &Stats::writes_queued},
    {{"database_queries_queued", "Queries that wait"}, &Stats::queries_queued},
};

Registry::LabelledReads ReadsOf(const std::vector<NamedDatabase>& databases, std::uint64_t Stats::* value) {
  Registry::LabelledReads reads;
  for (const NamedDatabase& named : databases) {
    reads.emplace_back(named.name, [database = named.database, value] {
      return static_cast<double>(database->stats().*value);
    });
  }
  return reads;
}

}  // namespace

void AddDatabaseMetrics(Registry& registry, const std::vector<NamedDatabase>& databases) {
  for (const Metric& metric : kCounters) {
    registry.AddCounterCallbacks(metric.info, "database", ReadsOf(databases, metric.value));
  }
  for (const Metric& metric : kGauges) {
    registry.AddGaugeCallbacks(metric.info, "database", ReadsOf(databases, metric.value));
  }
}

}  // namespace elevaite::database
