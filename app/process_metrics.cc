#include "app/process_metrics.h"

namespace elevaite::app {
namespace {

std::string_view ClassOf(int status) {
  static constexpr std::string_view kClasses[] = {"1xx", "2xx", "3xx", "4xx", "5xx"};
  return status >= 100 && status < 600 ? kClasses[status / 100 - 1] : "other";
}

}  // namespace

void AddActivityMetrics(Registry& registry, std::function<connectors::Runner::Status()> status) {
  registry.AddGaugeCallback({.name = "activities_running", .help = "Calls under way"},
                            [status] { return static_cast<double>(status().running); });
  registry.AddGaugeCallback({.name = "activities_waiting", .help = "Calls that wait for others to end"},
                            [status] { return static_cast<double>(status().waiting); });
  registry.AddCounterCallback({.name = "activities_succeeded_total", .help = "Calls that gave a result"},
                              [status] { return static_cast<double>(status().succeeded); });
  registry.AddCounterCallback({.name = "activities_failed_total", .help = "Attempts at calls that failed"},
                              [status] { return static_cast<double>(status().failed); });
}

ProcessMetrics::ProcessMetrics(Sources sources)
    : requests_(
          registry_.AddCounters({.name = "http_requests_total", .help = "Requests answered"},
                                {{"method", {"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"}},
                                 {"status", {"1xx", "2xx", "3xx", "4xx", "5xx"}}})),
      request_seconds_(registry_.AddHistogram({.name = "http_request_duration_seconds",
                                               .help = "From the head of a request to the end of its answer"},
                                              kSecondsBuckets)) {
  registry_.AddProcessMetrics();
  AddEngine(sources.engine);
  AddActivityMetrics(registry_, std::move(sources.activities));
  registry_.AddCounterCallback(
      {.name = "executions_purged_total", .help = "Executions forgotten after their time, or deleted"},
      [&retention = sources.retention] { return static_cast<double>(retention.counters().purged); });
  registry_.AddCounterCallback(
      {.name = "retention_failures_total", .help = "Passes of the retention that failed and are tried again"},
      [&retention = sources.retention] { return static_cast<double>(retention.counters().failures); });
  registry_.AddCounterCallback(
      {.name = "retention_weeks_dropped_total",
       .help = "Tables of a week that were dropped, of executions, their events or labels (PostgreSQL)"},
      [&retention = sources.retention] { return static_cast<double>(retention.counters().weeks_dropped); });
  registry_.AddGaugeCallback(
      {.name = "retention_weeks_busy",
       .help = "Tables of a week that could have been dropped, had nobody been reading or writing there"},
      [&retention = sources.retention] { return static_cast<double>(retention.counters().weeks_busy); });
  AddProjector(sources.projector);
  if (sources.payloads) AddPayloads(*sources.payloads, sources.retention);
  AddDatabase("engine_database_commits_total", "engine_database_log_bytes", "engine_database_writes_queued",
              sources.engine_db);
  AddDatabase("workflow_database_commits_total", "workflow_database_log_bytes",
              "workflow_database_writes_queued", sources.workflow_db);
}

void ProcessMetrics::AddEngine(engine::Engine& engine) {
  const auto count = [&](const char* name, const char* help,
                         std::uint64_t engine::PartitionCounters::* member) {
    registry_.AddCounterCallback({.name = name, .help = help}, [&engine, member] {
      return static_cast<double>(engine.status().counters.*member);
    });
  };
  count("executions_started_total", "Executions accepted", &engine::PartitionCounters::started);
  count("executions_completed_total", "Executions that completed", &engine::PartitionCounters::completed);
  count("executions_faulted_total", "Executions that faulted", &engine::PartitionCounters::faulted);
  count("executions_cancelled_total", "Executions that were cancelled",
        &engine::PartitionCounters::cancelled);
  count("engine_events_total", "Events written to the journal", &engine::PartitionCounters::events);
  count("engine_commits_total", "Commits of the journal", &engine::PartitionCounters::commits);
  count("engine_commits_failed_total", "Commits of the journal that failed",
        &engine::PartitionCounters::commits_failed);
  registry_.AddGaugeCallback({.name = "engine_partitions_open", .help = "Partitions that this process owns"},
                             [&engine] { return static_cast<double>(engine.status().open); });
  registry_.AddGaugeCallback(
      {.name = "engine_partitions_recovering",
       .help = "Of these: not all that is unfinished has been read back yet; timers may be late"},
      [&engine] { return static_cast<double>(engine.status().recovering); });
  registry_.AddGaugeCallback({.name = "executions_active", .help = "Executions that have not ended"},
                             [&engine] { return static_cast<double>(engine.status().active); });
  registry_.AddGaugeCallback(
      {.name = "executions_held", .help = "Executions paused by a pause of their account, workflow or key"},
      [&engine] { return static_cast<double>(engine.status().held); });
  registry_.AddCounterCallback(
      {.name = "engine_starts_refused_total", .help = "Starts from outside refused because of too much work"},
      [&engine] { return static_cast<double>(engine.admission()->refused()); });
  registry_.AddGaugeCallback(
      {.name = "engine_starts_refused_share", .help = "Of the starts of the last second or so, 0 to 1"},
      [&engine] { return engine.admission()->refused_share(); });
  registry_.AddGaugeCallback(
      {.name = "engine_commands_queued", .help = "Commands that wait for their partition"},
      [&engine] { return static_cast<double>(engine.status().queued); });
}

void ProcessMetrics::AddProjector(const engine::Projector& projector) {
  registry_.AddGaugeCallback(
      {.name = "search_lag_seconds", .help = "How long the oldest tags and attributes wait to be searched"},
      [&projector] {
        const auto lag = projector.status().lag.value_or(std::chrono::microseconds(0));
        return std::chrono::duration<double>(lag).count();
      });
  registry_.AddGaugeCallback(
      {.name = "search_executions_waiting", .help = "Executions whose tags and attributes wait so"},
      [&projector] { return static_cast<double>(projector.status().waiting); });
  registry_.AddCounterCallback({.name = "search_executions_total",
                                .help = "Executions whose tags and attributes were made searchable"},
                               [&projector] { return static_cast<double>(projector.status().projected); });
  registry_.AddCounterCallback({.name = "search_failures_total",
                                .help = "Commits of tags and attributes that failed and are tried again"},
                               [&projector] { return static_cast<double>(projector.status().failures); });
}

void ProcessMetrics::AddPayloads(const engine::PayloadStore& payloads, const engine::Retention& retention) {
  const auto count = [&](const char* name, const char* help,
                         std::uint64_t engine::PayloadStore::Counters::* member) {
    registry_.AddCounterCallback({.name = name, .help = help}, [&payloads, member] {
      return static_cast<double>(payloads.counters().*member);
    });
  };
  count("payloads_written_total", "Large values written to the store of objects",
        &engine::PayloadStore::Counters::written);
  count("payloads_written_bytes_total", "Size of the large values written",
        &engine::PayloadStore::Counters::bytes_written);
  count("payloads_read_total", "Large values read back", &engine::PayloadStore::Counters::read);
  count("payloads_failed_total", "Large values that could not be written or read",
        &engine::PayloadStore::Counters::failures);
  registry_.AddCounterCallback(
      {.name = "payloads_swept_total", .help = "Large values of commits that never happened, deleted"},
      [&retention] { return static_cast<double>(retention.counters().swept); });
}

void ProcessMetrics::AddDatabase(const char* commits, const char* log_bytes, const char* queued,
                                 database::Database& db) {
  registry_.AddCounterCallback({.name = commits, .help = "Commits, each of one or many writes"},
                               [&db] { return static_cast<double>(db.stats().commits); });
  registry_.AddGaugeCallback({.name = log_bytes, .help = "Size of the write-ahead log in use"},
                             [&db] { return static_cast<double>(db.stats().log_bytes); });
  registry_.AddGaugeCallback({.name = queued, .help = "Writes that wait for the writer"},
                             [&db] { return static_cast<double>(db.stats().writes_queued); });
}

void ProcessMetrics::Watch(const net::Server& server) {
  registry_.AddGaugeCallback({.name = "http_connections_open", .help = "Connections that are open"},
                             [&server] { return static_cast<double>(server.stats().connections_open); });
  registry_.AddCounterCallback({.name = "http_timeouts_total", .help = "Slow clients and slow handlers"},
                               [&server] { return static_cast<double>(server.stats().timeouts); });
}

void ProcessMetrics::Watch(const engine::Member& member, const workflow::Peers& peers) {
  const auto count = [&](const char* name, const char* help,
                         std::uint64_t engine::Member::Counters::* value) {
    registry_.AddCounterCallback({.name = name, .help = help},
                                 [&member, value] { return static_cast<double>(member.counters().*value); });
  };
  count("cluster_partitions_taken_total", "Partitions taken", &engine::Member::Counters::taken);
  count("cluster_partitions_taken_after_crash_total", "Partitions taken whose owner had not given them back",
        &engine::Member::Counters::taken_after_crash);
  count("cluster_partitions_given_total", "Partitions given back", &engine::Member::Counters::given);
  count("cluster_partitions_lost_total", "Partitions that another node had taken already",
        &engine::Member::Counters::lost);
  registry_.AddCounterCallback(
      {.name = "cluster_commands_forwarded_total", .help = "Commands done by other nodes"},
      [&peers] { return static_cast<double>(peers.forwarded()); });
  registry_.AddGaugeCallback(
      {.name = "cluster_commands_waiting", .help = "Commands on their way to other nodes"},
      [&peers] { return static_cast<double>(peers.waiting()); });
}

void ProcessMetrics::Watch(const workflow::Workers& workers) {
  const auto by_class = [&](const char* name, const char* help,
                            std::size_t engine::WorkQueue::Status::OfClass::* value) {
    Registry::LabelledReads reads;
    for (std::size_t i = 0; i < engine::kWorkClasses; ++i) {
      reads.emplace_back(NameOf(static_cast<engine::WorkClass>(i)), [&workers, value, i] {
        return static_cast<double>(workers.status().classes[i].*value);
      });
    }
    registry_.AddGaugeCallbacks({.name = name, .help = help}, "class", std::move(reads));
  };
  using OfClass = engine::WorkQueue::Status::OfClass;
  by_class("workers_connected", "Workers that do this class", &OfClass::workers);
  by_class("workers_tasks_waiting", "Calls that wait for a worker", &OfClass::waiting);
  by_class("workers_tasks_given", "Calls that workers have", &OfClass::given);
  registry_.AddCounterCallback(
      {.name = "workers_attempts_lost_total", .help = "Attempts whose worker was not heard of any more"},
      [&workers] { return static_cast<double>(workers.status().lost); });
  registry_.AddCounterCallback(
      {.name = "workers_tasks_returned_total", .help = "Calls that a worker gave back, or never received"},
      [&workers] { return static_cast<double>(workers.status().returned); });
}

void ProcessMetrics::Watch(const workflow::RecentRequests& requests) {
  Registry::LabelledReads reads;
  for (std::size_t i = 0; i < workflow::kHookResults; ++i) {
    const auto result = static_cast<workflow::HookResult>(i);
    reads.emplace_back(NameOf(result),
                       [&requests, result] { return static_cast<double>(requests.Count(result)); });
  }
  registry_.AddCounterCallbacks(
      {.name = "webhook_requests_total", .help = "Requests to webhooks, by what became of them"}, "result",
      std::move(reads));
}

void ProcessMetrics::Watch(const flow::FlowControl& flow) {
  registry_.AddGaugeCallback(
      {.name = "flow_runs_queued", .help = "Runs that wait for a limit, on the node that keeps the queue"},
      [&flow] { return static_cast<double>(flow.status().queued); });
  registry_.AddGaugeCallback({.name = "flow_runs_running", .help = "Runs that hold places of limits"},
                             [&flow] { return static_cast<double>(flow.status().running); });
  Registry::LabelledReads arrivals;
  const auto count = [&](const char* result, std::uint64_t flow::Keeper::Counters::* member) {
    arrivals.emplace_back(result,
                          [&flow, member] { return static_cast<double>(flow.status().counters.*member); });
  };
  count("taken", &flow::Keeper::Counters::arrived);
  count("refused", &flow::Keeper::Counters::refused);
  count("absorbed", &flow::Keeper::Counters::absorbed);
  registry_.AddCounterCallbacks(
      {.name = "flow_arrivals_total", .help = "Starts that limits concern, by what became of them"}, "result",
      std::move(arrivals));
  registry_.AddCounterCallback({.name = "flow_starts_total", .help = "Runs that the queue has let go"},
                               [&flow] { return static_cast<double>(flow.status().counters.started); });
}

void ProcessMetrics::Watch(const hosts::HostCalls& calls) {
  const auto gauge = [&](const char* name, const char* help, std::size_t hosts::HostTable::Totals::* value) {
    registry_.AddGaugeCallback({.name = name, .help = help},
                               [&calls, value] { return static_cast<double>(calls.status().totals.*value); });
  };
  using Totals = hosts::HostTable::Totals;
  gauge("hosts_known", "Hosts that workflows call, or have called not long ago", &Totals::hosts);
  gauge("host_calls_running", "Calls to hosts that are out, or given to workers", &Totals::running);
  gauge("host_calls_waiting", "Calls that wait for their turn at a host", &Totals::waiting);
  gauge("host_circuits_open", "Circuits to hosts that are not closed", &Totals::open);
  registry_.AddCounterCallback(
      {.name = "host_circuits_opened_total", .help = "Circuits to hosts that opened"},
      [&calls] { return static_cast<double>(calls.status().opened); });
  Registry::LabelledReads reads;
  reads.emplace_back("open", [&calls] { return static_cast<double>(calls.status().refused_open); });
  reads.emplace_back("full", [&calls] { return static_cast<double>(calls.status().refused_full); });
  reads.emplace_back("overdue", [&calls] { return static_cast<double>(calls.status().refused_overdue); });
  registry_.AddCounterCallbacks(
      {.name = "host_calls_refused_total", .help = "Calls that did not go out, by why"}, "reason",
      std::move(reads));
}

void ProcessMetrics::Watch(const engine::DatabaseEventStore& events) {
  Registry::LabelledReads reads;
  reads.emplace_back("accepted", [&events] { return static_cast<double>(events.counts().accepted); });
  reads.emplace_back("duplicate", [&events] { return static_cast<double>(events.counts().duplicates); });
  reads.emplace_back("refused", [&events] { return static_cast<double>(events.counts().refused); });
  registry_.AddCounterCallbacks(
      {.name = "events_received_total", .help = "Events from outside, by what became of them"}, "result",
      std::move(reads));
  registry_.AddCounterCallback(
      {.name = "events_expired_total", .help = "Events forgotten after their time, on the node that does it"},
      [&events] { return static_cast<double>(events.counts().expired); });
  registry_.AddCounterCallback(
      {.name = "events_unheard_total",
       .help = "Of those, the events that nobody listened for, on the node that forgets them"},
      [&events] { return static_cast<double>(events.counts().unheard); });
  registry_.AddGaugeCallback(
      {.name = "events_stored",
       .help = "Events that are kept, when it was last looked, on the node that forgets them"},
      [&events] { return static_cast<double>(events.counts().stored); });
}

void ProcessMetrics::Watch(const notifications::Notifier& notifier) {
  Registry::LabelledReads reads;
  reads.emplace_back("delivered", [&notifier] { return static_cast<double>(notifier.counts().delivered); });
  reads.emplace_back("failed",
                     [&notifier] { return static_cast<double>(notifier.counts().attempts_failed); });
  registry_.AddCounterCallbacks({.name = "notification_attempts_total",
                                 .help = "Attempts to send a notification, by what became of them"},
                                "result", std::move(reads));
  registry_.AddCounterCallback(
      {.name = "notifications_given_up_total", .help = "Notifications that nobody has taken in time"},
      [&notifier] { return static_cast<double>(notifier.counts().given_up); });
  registry_.AddGaugeCallback({.name = "notifications_pending",
                              .help = "Notifications that are still to be sent, on the node that does"},
                             [&notifier] { return static_cast<double>(notifier.counts().pending); });
}

void ProcessMetrics::CountRequest(const net::AccessRecord& record) {
  requests_.With({record.method, ClassOf(record.status)}).Add();
  request_seconds_.Observe(std::chrono::duration<double>(record.duration).count());
}

}  // namespace elevaite::app
