#include "app/platform.h"

#include <fmt/format.h>
#include <unistd.h>

#include <atomic>
#include <boost/asio/post.hpp>
#include <boost/asio/thread_pool.hpp>
#include <map>
#include <thread>

#include "app/embedded.h"
#include "app/hooks.h"
#include "app/link_key.h"
#include "app/process_metrics.h"
#include "app/process_routes.h"
#include "app/system_view.h"
#include "app/version.h"
#include "app/worker_process.h"
#include "connectors/all.h"
#include "connectors/runner.h"
#include "engine/cluster/leased_ownership.h"
#include "engine/cluster/member.h"
#include "engine/cluster/sole_ownership.h"
#include "engine/engine.h"
#include "engine/events/database_event_store.h"
#include "engine/events/tail.h"
#include "engine/journal/database_journal.h"
#include "engine/journal/history.h"
#include "engine/journal/payload_journal.h"
#include "engine/journal/projector.h"
#include "foundation/async.h"
#include "foundation/io_threads.h"
#include "foundation/log.h"
#include "infra/database/awaitable.h"
#include "infra/secrets/environment.h"
#include "infra/secrets/files.h"
#include "net/problem.h"
#include "net/static_files.h"
#include "services/workflow/api/api.h"
#include "services/workflow/archive.h"
#include "services/workflow/audit/audit_store.h"
#include "services/workflow/deployment/canary_watch.h"
#include "services/workflow/flow/flow_control.h"
#include "services/workflow/hosts/host_control.h"
#include "services/workflow/notifications/notifier.h"
#include "services/workflow/operations/service_target.h"
#include "services/workflow/peers/peers.h"
#include "services/workflow/people/inbox.h"
#include "services/workflow/retention/retention_store.h"
#include "services/workflow/schedule/scheduler.h"
#include "services/workflow/schedule/service_runs.h"
#include "services/workflow/subflows.h"
#include "services/workflow/webhooks/receiver.h"
#include "services/workflow/workers/workers.h"

namespace elevaite::app {
namespace {

using net::Method;
using net::Request;

constexpr const char* kNotificationRules = "/internal/v1/notifications/rules";
constexpr std::chrono::milliseconds kTellPatience{700};  // a node that does not answer looks by itself

Result<net::EgressPolicy> EgressFor(const PlatformOptions& options) {
  std::vector<std::string> allow = options.egress_allow;
  if (options.egress_allow_self) allow.push_back(fmt::format("127.0.0.1:{}", options.server.port));
  return net::EgressPolicy::Create(allow);
}

// Files win over the environment.
std::unique_ptr<secrets::SecretSource> SecretsFor(const PlatformOptions& options) {
  std::vector<std::string> environment;
  for (char** variable = environ; *variable != nullptr; ++variable) environment.emplace_back(*variable);
  std::vector<std::unique_ptr<secrets::SecretSource>> sources;
  if (!options.secrets_dir.empty()) sources.push_back(secrets::FromFiles(options.secrets_dir, SystemClock()));
  sources.push_back(secrets::FromEnvironment(environment));
  return secrets::Combine(std::move(sources));
}

// What this machine calls itself when it greets a mail server.
std::string HostName() {
  char name[256] = {};
  if (gethostname(name, sizeof(name) - 1) != 0 || name[0] == '\0') return "localhost";
  return name;
}

// A process as a node of a cluster.
struct Node {
  engine::LeasedOwnership ownership;
  engine::Member member;
  engine::Joined joined{};
  std::unique_ptr<workflow::Peers> peers{};
  std::unique_ptr<engine::EventTail> tail{};
  std::atomic<bool> updates_schedules = false;

  Node(database::Database& db, const ClusterOptions& options, std::string id, std::function<void()> looked)
      : ownership(db, {.id = id, .address = options.node_address}, options.lease),
        member(ownership, {.id = std::move(id),
                           .lease = options.lease,
                           .look_every = std::min<std::chrono::milliseconds>(options.lease / 10, kLookEvery),
                           .partitions = options.partitions,
                           .looked = std::move(looked)}) {}

  static constexpr std::chrono::milliseconds kLookEvery{200};
};

Result<void> CheckCluster(const PlatformOptions& options) {
  if (options.cluster.node_address.empty()) return {};
  if (options.stores.database_url.IsEmpty())
    return Fail(ErrorCode::kInvalidArgument, "several nodes need a PostgreSQL", "set database.url");
  const auto address = net::Url::Parse(options.cluster.node_address);
  if (!address || options.cluster.node_address.ends_with('/'))
    return Fail(ErrorCode::kInvalidArgument, "cluster.node_address is no address of a server",
                "write it as http://10.0.0.5:8000");
  if (options.cluster.token.Reveal().size() < 16)
    return Fail(ErrorCode::kInvalidArgument, "cluster.token has fewer than 16 characters",
                "make one with: openssl rand -hex 32");
  if (options.archive && options.stores.objects_dir.empty())
    return Fail(ErrorCode::kInvalidArgument, "retention.archive needs a store of objects",
                "set objects.dir to a folder that all nodes share");
  return {};
}

}  // namespace

// In the order of construction; destroyed from the last to the first.
struct Platform::Impl {
  PlatformOptions options;
  std::unique_ptr<Stores> stores;
  std::unique_ptr<Node> node;  // null: alone
  IoThreads io;
  net::Client tenant_client;
  net::Client platform_client;
  connectors::Registry registry;
  connectors::Runner runner;
  std::unique_ptr<workflow::Workers> workers;  // null: the runner does what connectors do
  hosts::HostCalls host_calls;
  workflow::WorkflowStore store;
  workflow::Programs programs;
  engine::History history;
  engine::DeadLetters dead_letters;
  engine::DatabaseEventStore events;
  workflow::Subflows subflows;
  people::PeopleStore people_store;
  people::HumanActivities human_activities;
  std::unique_ptr<secrets::SecretSource> secret_source;
  engine::Engine engine;
  engine::Projector projector;
  workflow::ResourceFetcher fetcher;
  workflow::WorkflowService service;
  std::unique_ptr<people::PeopleHost> people_host;
  std::unique_ptr<people::Inbox> inbox;
  workflow::RetentionStore retention_store;
  engine::Retention retention;
  std::unique_ptr<workflow::Archive> archive;
  workflow::ScheduleStore schedule_store;
  workflow::ServiceRuns scheduled_runs;
  workflow::Scheduler scheduler;
  workflow::AuditStore audit;
  workflow::OperationStore operation_store;
  workflow::ServiceTarget operation_target;
  workflow::Operator operations;
  flow::FlowControl flow;
  hosts::HostControl hosts;
  workflow::DeploymentStore deployments;
  workflow::CanaryWatch canary_watch;
  workflow::WebhookStore webhooks;
  workflow::Receiver receiver;
  net::SmtpClient mail;
  notifications::NotificationStore notification_store;
  notifications::ChannelCourier courier;
  std::unique_ptr<notifications::NotifierHost> notifier_host;
  std::unique_ptr<notifications::Notifier> notifier;
  net::StaticFiles studio;
  std::unique_ptr<net::Server> server;
  ProcessMetrics metrics;
  boost::asio::thread_pool blocking{1};  // for what waits for the database
  Examinations examinations{[this](const engine::ExaminationOptions& wanted) { return Examine(wanted); }};
  std::uint16_t port = 0;
  std::atomic<bool> ready = false;
  bool stopped = false;

  Impl(PlatformOptions given, std::unique_ptr<Stores> opened, std::unique_ptr<Node> as_node,
       net::EgressPolicy egress, Secret link_key)
      : options(std::move(given)),
        stores(std::move(opened)),
        node(std::move(as_node)),
        io(options.threads),
        tenant_client(egress),
        platform_client(net::EgressPolicy::AllowAll()),
        registry(connectors::All(
            {.tenant_client = &tenant_client, .platform_client = &platform_client, .llm = options.llm})),
        runner(
            registry, Executors(),
            {.concurrency_max = options.activities_max, .long_concurrency_max = options.long_activities_max}),
        workers(MakeWorkers()),
        host_calls(workers ? static_cast<engine::Activities&>(*workers) : runner, io.executor(0),
                   SystemClock(), HostOptions()),
        store(stores->workflow(), SystemClock()),
        programs(store, registry),
        history(stores->engine(), stores->payloads()),
        dead_letters(stores->engine()),
        events(stores->engine(), node ? node->joined.writer : 0),
        subflows(host_calls, io.executor(0)),
        people_store(stores->workflow()),
        human_activities(subflows, people_store, SystemClock(), io.executor(0), BaseUrl()),
        secret_source(SecretsFor(options)),
        engine(
            EngineOptions(), SystemClock(), SystemRandom(),
            [this](const engine::Tenure& tenure) { return MakeJournal(tenure); }, events, human_activities,
            programs),
        projector(ProjectorOptions(), stores->engine(), SystemClock()),
        fetcher(tenant_client, options.catalogs_allow),
        service(store, programs, engine, history, fetcher, BaseUrl(), options.cancel_grace),
        retention_store(stores->workflow()),
        retention(RetentionOptions(), stores->engine(), SystemClock(), stores->payloads()),
        schedule_store(stores->workflow()),
        scheduled_runs(service),
        scheduler(schedule_store, programs, scheduled_runs, engine.events(), SystemClock(),
                  EngineOptions().thread.partition.limits, io.executor(0)),
        audit(stores->workflow(), SystemClock(), options.audit_keep),
        operation_store(stores->workflow()),
        operation_target(service),
        operations(operation_store, operation_target, SystemClock(), io.executor(0),
                   {.per_second = options.operations_per_second}),
        flow(stores->workflow(), service, programs, SystemClock()),
        hosts(stores->workflow(), host_calls, SystemClock(), io.executor(0)),
        deployments(stores->workflow(), SystemClock()),
        canary_watch(deployments, service, io.executor(0)),
        webhooks(stores->workflow(), SystemClock()),
        receiver(
            webhooks, service,
            [this](const AccountId& account, std::string_view name) {
              return secret_source->Find(account, name);
            },
            SystemClock()),
        mail(std::move(egress)),
        notification_store(stores->workflow(), SystemClock(), BaseUrl()),
        courier(
            tenant_client, mail,
            [this](const AccountId& account, std::string_view name) {
              return secret_source->Find(account, name);
            },
            SystemClock(), HostName()),
        metrics({.engine = engine,
                 .activities = [this] { return ActivitiesStatus(); },
                 .retention = retention,
                 .projector = projector,
                 .payloads = stores->payloads(),
                 .engine_db = stores->engine(),
                 .workflow_db = stores->workflow()}) {
    metrics.Watch(receiver.recent());
    subflows.Use(service);
    people_host = people::MakePeopleHost(service, engine, stores->objects(), blocking.get_executor());
    human_activities.Use(*people_host);
    inbox = std::make_unique<people::Inbox>(people_store, human_activities, *people_host, SystemClock(),
                                            people::Inbox::Options{.base_url = BaseUrl(),
                                                                   .link_key = std::move(link_key),
                                                                   .objects = stores->objects(),
                                                                   .blocking = blocking.get_executor()});
    notifier_host = notifications::MakeNotifierHost(service, people_store, SystemClock());
    notifier = std::make_unique<notifications::Notifier>(
        notification_store, courier, engine.events(), events, *notifier_host, SystemClock(), SystemRandom(),
        notifications::NotifierOptions{.executor = io.executor(0),
                                       .blocking = blocking.get_executor(),
                                       .base_url = BaseUrl(),
                                       .is_alone = node == nullptr,
                                       .tell_others = [this] { return TellOfNotificationRules(); }});
    metrics.Watch(*notifier);
    metrics.Watch(events);
    metrics.Watch(host_calls);
    service.Use(scheduler);
    service.Use(flow);
    metrics.Watch(flow);
    flow.Use(engine.holds());
    service.Use(retention);
    if (workers) {
      workers->Use(engine);
      metrics.Watch(*workers);
    }
    if (!node) return;
    node->peers = std::make_unique<workflow::Peers>(
        workflow::Peers::Options{.token = options.cluster.token,
                                 .executors = Executors(),
                                 .past =
                                     [this](AccountId account, workflow::PastPoint point) {
                                       return service.ReadPast(std::move(account), std::move(point));
                                     }},
        platform_client, node->member, programs);
    node->peers->Use(engine);
    service.Use(*node->peers);
    flow.Use(*node->peers);
    hosts.Use(*node->peers, [this] { return NodeAddresses().size(); }, node->member.id());
    node->tail = std::make_unique<engine::EventTail>(
        stores->engine(), engine.events(), [this] { return Writers(); }, std::chrono::milliseconds(100));
    metrics.Watch(node->member, *node->peers);
  }

  std::unique_ptr<workflow::Workers> MakeWorkers() {
    if (options.workers.token.IsEmpty()) return nullptr;
    return std::make_unique<workflow::Workers>(workflow::Workers::Options{
        .token = options.workers.token,
        .lease = options.workers.lease,
        .settings = SettingsForWorkers(options.llm),
        .executor = io.executor(0),
        .nodes = [this] { return NodeAddresses(); },
        .claimed = [this](const engine::Attempt& attempt) { host_calls.Claim(attempt); }});
  }

  hosts::HostCalls::Options HostOptions() {
    const auto target = [this](const engine::ActivityTask& task) -> std::optional<hosts::HostCalls::Target> {
      const connectors::Connector* const connector = registry.FindConnector(task.connector);
      if (connector == nullptr) return std::nullopt;
      auto host = connector->HostOf(task);
      if (!host) return std::nullopt;
      return hosts::HostCalls::Target{.host = *std::move(host),
                                      .attempts_max = connector->descriptor().retry.attempts_max};
    };
    return {.target = target,
            .is_ours = [this](const ExecutionId& id) { return engine.IsHere(id); },
            .settle = workers ? options.workers.lease / 2 : std::chrono::milliseconds(0)};
  }

  // Of those that live; none: this process is alone.
  std::vector<std::string> NodeAddresses() const {
    std::vector<std::string> addresses;
    if (!node) return addresses;
    for (const engine::NodeRow& row : node->member.view()->nodes) {
      if (row.lives) addresses.push_back(row.address);
    }
    return addresses;
  }

  // So that what ends on another node is told by a rule from the moment at which who made it is answered.
  boost::asio::awaitable<void> TellOfNotificationRules() {
    if (!node) co_return;
    auto tell = node->peers->TellOthers(kNotificationRules, Json::EmptyObject(), kTellPatience);
    co_await std::move(tell);
  }
  boost::asio::awaitable<Result<Json>> LookAtNotificationRules() {
    auto refresh = notifier->RefreshHere();
    CO_RETURN_IF_ERROR(co_await std::move(refresh));
    co_return Json::EmptyObject();
  }

  connectors::Runner::Status ActivitiesStatus() const {
    if (!workers) return runner.status();
    const workflow::Workers::Status status = workers->status();
    connectors::Runner::Status sum{.succeeded = status.succeeded, .failed = status.failed};
    for (const auto& of : status.classes) {
      sum.running += of.given;
      sum.waiting += of.waiting;
    }
    return sum;
  }

  engine::RetentionOptions RetentionOptions() {
    engine::RetentionOptions retention_options = options.retention;
    retention_options.leads = [this] { return engine.is_open(0); };
    retention_options.upkeep = stores->engine_upkeep();
    retention_options.of_accounts = [this] { return retention_store.All(RetentionPolicy()); };
    return retention_options;
  }

  workflow::RetentionPolicy RetentionPolicy() const {
    return {.standard = {.completed = options.retention.completed, .faulted = options.retention.faulted},
            .account_max = options.retention_account_max};
  }

  std::unique_ptr<engine::Journal> MakeJournal(const engine::Tenure& tenure) {
    std::optional<engine::Fence> fence;
    if (node) fence = {.partition = tenure.partition, .epoch = tenure.epoch, .writer = node->joined.writer};
    projector.Taken(tenure.partition);
    return std::make_unique<engine::PayloadJournal>(
        std::make_unique<engine::DatabaseJournal>(stores->engine(), fence, &projector), stores->payloads());
  }

  engine::Projector::Options ProjectorOptions() {
    return {.partitions = engine.partitions(),
            .behind = [admission = engine.admission()](const auto& since) { admission->Behind(since); }};
  }

  std::vector<std::int64_t> Writers() const {
    std::vector<std::int64_t> writers;
    for (const engine::NodeRow& other : node->member.view()->nodes) writers.push_back(other.writer);
    return writers;
  }

  std::vector<boost::asio::any_io_executor> Executors() {
    std::vector<boost::asio::any_io_executor> executors;
    for (std::size_t i = 0; i < io.size(); ++i) executors.push_back(io.executor(i));
    return executors;
  }

  std::string BaseUrl() const {
    return options.public_url.empty() ? fmt::format("http://127.0.0.1:{}", options.server.port)
                                      : options.public_url;
  }

  engine::EngineOptions EngineOptions() const {
    engine::EngineOptions engine_options;
    engine_options.partitions = node ? node->joined.partitions : options.partitions;
    engine_options.admission.behind_max = options.search_lag_max;
    if (node) {
      engine_options.events.lane = node->joined.lane;
      engine_options.events.lanes = engine::kLanes;
      engine_options.events.written = [this] { node->tail->Wake(); };
      engine_options.thread.elsewhere = [this](engine::Command command) {
        node->peers->Forward(std::move(command));
      };
      engine_options.thread.changed = [this] { node->member.Wake(); };
      engine_options.thread.lasts_until = [this] { return node->member.lasts_until(); };
    }
    engine_options.thread.read_holds = [this] { return flow.ReadHolds(); };
    auto& partition = engine_options.thread.partition;
    partition.limits.tasks_max = options.tasks_max;
    partition.limits.value_bytes_max = options.value_bytes_max;
    partition.limits.attempts_lost_max = options.attempts_lost_max;
    partition.activities_outlive_owner = workers != nullptr;
    partition.time_per_step = std::chrono::milliseconds(20);
    const std::string url = BaseUrl();
    partition.base_url = url;
    partition.secret = [this](const AccountId& account, std::string_view name) {
      return secret_source->Find(account, name);
    };
    partition.runtime = Json::Object(
        {{"name", "elevaite"}, {"version", kVersion}, {"metadata", Json::Object({{"baseUrl", url}})}});
    return engine_options;
  }

  net::Router Routes() {
    net::Router router;
    router.Decorate([this](Method method, std::string_view pattern, net::Handler handler) {
      return workflow::WithAudit(audit, method, pattern, std::move(handler));
    });
    AddProcessRoutes(router, {.engine = engine,
                              .projector = projector,
                              .events = events,
                              .stores = *stores,
                              .scheduler = scheduler,
                              .member = node ? &node->member : nullptr,
                              .node_address = options.cluster.node_address,
                              .workers = workers.get(),
                              .calls = [this] { return ActivitiesStatus(); },
                              .llm = options.llm,
                              .metrics = metrics,
                              .ready = ready,
                              .examinations = examinations});
    workflow::AddWorkflowRoutes(router, service);
    workflow::AddDeploymentRoutes(router, deployments, service);
    workflow::AddExecutionRoutes(router, service);
    workflow::AddScheduleRoutes(router, service);
    workflow::AddFlowRoutes(router, service);
    flow.AddRoutes(router);
    workflow::AddRetentionRoutes(router, retention_store, RetentionPolicy(), options.archive);
    workflow::AddHostRoutes(router, hosts);
    hosts.AddRoutes(router);
    workflow::AddRepairRoutes(router, service);
    workflow::AddDeadLetterRoutes(router, dead_letters, service);
    workflow::AddAuditRoutes(router, audit);
    workflow::AddOperationRoutes(router, operation_store, operations, service);
    workflow::AddEventRoutes(router, service);
    workflow::AddTaskRoutes(router, *inbox);
    workflow::AddTaskLinkRoutes(router, *inbox);
    workflow::AddWebhookRoutes(router, webhooks, service, receiver);
    workflow::AddHookRoutes(router, receiver);
    workflow::AddNotificationRoutes(router, {.store = notification_store,
                                             .notifier = *notifier,
                                             .courier = courier,
                                             .clock = SystemClock(),
                                             .base_url = BaseUrl()});
    workflow::AddLanguageRoutes(router, programs, registry);
    workflow::AddLanguageToolRoutes(router, registry);
    workflow::AddReferenceRoutes(router);
    if (node) {
      node->peers->AddRoutes(router);
      node->peers->AddLeaderRoute(router, kNotificationRules,
                                  [this](const Json& /*body*/) { return LookAtNotificationRules(); });
    }
    if (workers) workers->AddRoutes(router);
    router.SetFallback([this](Request& request) -> workflow::Reply { co_return studio.Serve(request); });
    return router;
  }

  void LoadStudio() {
    std::map<std::string_view, std::string_view> by_path;
    for (const EmbeddedFile& file : StudioFiles()) by_path[file.path] = file.bytes;
    const auto twin = [&](std::string_view path, const char* ending) -> net::SharedBytes {
      const auto found = by_path.find(std::string(path) + ending);
      return found == by_path.end() ? net::SharedBytes{} : net::SharedBytes{nullptr, found->second};
    };
    for (const auto& [path, bytes] : by_path) {
      if (path.ends_with(".gz") || path.ends_with(".br")) continue;
      studio.Add({.path = std::string(path),
                  .bytes = {nullptr, bytes},
                  .gzip = twin(path, ".gz"),
                  .brotli = twin(path, ".br")});
    }
    for (const char* prefix : {"/v1/", "/hooks/", "/internal/", "/assets/"}) studio.KeepOut(prefix);
  }

  void OpenArchive() {
    if (!options.archive) return;
    archive =
        std::make_unique<workflow::Archive>(*stores->objects(), Executions(), store, programs, SystemClock());
    retention.Use(
        [this](std::vector<engine::ExecutionRecord> records) { return archive->Keep(std::move(records)); });
    service.Use(*archive, blocking.get_executor());
  }

  Result<engine::DoctorReport> Examine(engine::ExaminationOptions examination) {
    examination.others = {stores->OtherIndexes()};
    return engine::ExamineAll(stores->engine(), stores->payloads(), programs, examination);
  }

  engine::ExecutionStore Executions() {
    return {.db = stores->engine(), .payloads = stores->payloads(), .projector = &projector};
  }

  Result<void> Serve() {
    LoadStudio();
    OpenArchive();
    net::ServerHooks hooks{.access_log = {}, .failure = LogFailure};
    hooks.access_log = [this](const net::AccessRecord& record) {
      metrics.CountRequest(record);
      LogAccess(record);
    };
    server = std::make_unique<net::Server>(io, Routes(), options.server, std::move(hooks));
    metrics.Watch(*server);
    RETURN_IF_ERROR(flow.Open());
    RETURN_IF_ERROR(hosts.Open());
    // Listens first: an execution that is read back may call a route of this server at once. Requests to it
    // wait for the engine.
    ASSIGN_OR_RETURN(port, server->Start());
    projector.Start();
    RETURN_IF_ERROR(notifier->Prepare());
    RETURN_IF_ERROR(node ? StartAsNode() : StartAlone());
    if (workers) workers->Start();
    human_activities.Start();
    operations.Start();
    canary_watch.Start();
    notifier->Start();
    retention.Start();
    ready = true;
    return {};
  }

  Result<void> StartAlone() {
    ASSIGN_OR_RETURN(const auto tenures, engine::TakeAll(stores->engine(), options.partitions));
    // What ends before the schedules listen may be what one of them waits for.
    engine.events().OthersWantLifecycle(true);
    RETURN_IF_ERROR(engine.Start(tenures));
    RETURN_IF_ERROR(flow.Start());
    RETURN_IF_ERROR(scheduler.Start());
    notifier->Lead(true);
    // They are taken up on this executor, before this.
    boost::asio::post(io.executor(0), [this] { engine.events().OthersWantLifecycle(false); });
    return {};
  }

  // Ready at once: what others own is done by them, and this node takes its share as they give it.
  Result<void> StartAsNode() {
    ASSIGN_OR_RETURN(const std::int64_t newest_us, engine.NewestUnfinished());
    RETURN_IF_ERROR(node->tail->Start(newest_us));
    engine.events().OthersWantLifecycle(true);
    node->member.Start(engine);
    return {};
  }

  // The node that has the first partition keeps the schedules and the queue of runs, and sends what people
  // are told.
  void UpdateSchedules() {
    engine.events().OthersWantLifecycle(OthersWantLifecycle());
    const bool leads = engine.is_open(0);
    notifier->Lead(leads);
    if ((leads == scheduler.leads() && leads == flow.leads()) || node->updates_schedules.exchange(true))
      return;
    boost::asio::post(blocking, [this] {
      Lead(engine.is_open(0), flow, "the queue of runs cannot be taken up; it is tried again");
      Lead(engine.is_open(0), scheduler, "the schedules cannot be taken up; it is tried again");
      node->updates_schedules = false;
    });
  }

  template <class Duty>
  static void Lead(bool leads, Duty& duty, std::string_view failure) {
    if (leads == duty.leads()) return;
    if (!leads) return duty.Suspend();
    if (const auto started = duty.Start(); !started) LogError(failure, {{"error", started.error().message}});
  }

  // Whether lifecycle events are to be written although nobody in this process listens: somebody does in
  // another one, or did in one that has died (its row stays for a while, and others take over what listened
  // there), or nobody keeps the schedules at the moment.
  bool OthersWantLifecycle() const {
    const auto view = node->member.view();
    if (!scheduler.leads() && (engine.is_open(0) || view->OwnerOf(0) == nullptr)) return true;
    return std::ranges::any_of(view->nodes, [this](const engine::NodeRow& other) {
      return other.wants_lifecycle && other.id != node->member.id();
    });
  }
};

Platform::Platform(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Platform::~Platform() { Stop(std::chrono::milliseconds(0)); }

std::uint16_t Platform::port() const { return impl_->port; }

Result<std::unique_ptr<Platform>> Platform::Start(PlatformOptions options) {
  RETURN_IF_ERROR(CheckCluster(options));
  ASSIGN_OR_RETURN(net::EgressPolicy egress, EgressFor(options));
  ASSIGN_OR_RETURN(auto stores, Stores::Open(options.stores));
  const bool is_node = !options.cluster.node_address.empty();
  ASSIGN_OR_RETURN(Secret link_key,
                   LinkKeyFor(is_node ? options.cluster.token : Secret(), options.stores.data_dir));
  std::unique_ptr<Node> node;
  const auto self = std::make_shared<Impl*>(nullptr);
  if (!options.cluster.node_address.empty()) {
    node = std::make_unique<Node>(stores->engine(), options.cluster, options.stores.node,
                                  [self] { (*self)->UpdateSchedules(); });
    ASSIGN_OR_RETURN(node->joined, node->member.Join());
  }
  auto impl = std::make_unique<Impl>(std::move(options), std::move(stores), std::move(node),
                                     std::move(egress), std::move(link_key));
  *self = impl.get();
  std::unique_ptr<Platform> platform(new Platform(std::move(impl)));
  RETURN_IF_ERROR(platform->impl_->Serve());
  return platform;
}

void Platform::Stop(std::chrono::milliseconds patience) {
  Impl& p = *impl_;
  if (std::exchange(p.stopped, true)) return;
  const auto lingers_until = std::chrono::steady_clock::now() + std::min(patience, p.options.cluster.linger);
  if (p.node && p.server) p.server->Retire();
  if (p.node) p.node->member.Leave(patience);  // others take over while requests are still answered here
  if (p.workers) p.workers->Stop();
  if (p.node && p.server) std::this_thread::sleep_until(lingers_until);
  if (p.server) p.server->Drain(patience);
  if (p.node) p.node->member.Stop();
  p.examinations.Stop();
  p.scheduler.Stop();
  p.operations.Stop();
  p.notifier->Stop(std::min<std::chrono::milliseconds>(patience, std::chrono::seconds(5)));
  p.human_activities.Stop();
  p.canary_watch.Stop();
  p.hosts.Stop();
  p.retention.Stop();
  p.blocking.join();
  p.flow.Stop();
  p.runner.Drain(patience);  // results of activities that end now are still written
  if (p.node) p.node->tail->Stop();
  p.engine.Stop();
  p.projector.Stop();
  if (p.ready && !p.node) (void)engine::GiveBackAll(p.stores->engine());
  p.server.reset();
  p.io.Stop();  // a command on its way to another node must not go on while all it refers to is destroyed
  p.stores->Close();
}

}  // namespace elevaite::app
