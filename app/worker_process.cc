#include "app/worker_process.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "app/hooks.h"
#include "app/process_metrics.h"
#include "connectors/all.h"
#include "connectors/runner.h"
#include "foundation/io_threads.h"
#include "foundation/metrics.h"
#include "net/problem.h"

namespace elevaite::app {
namespace {

using net::Request;
using Reply = boost::asio::awaitable<Result<net::Response>>;

connectors::LlmOptions LlmOptionsFrom(const Json& settings) {
  const Json& models = settings["models"];
  return {.base_url = std::string(models["base_url"].StringOr("")),
          .api_key = Secret(models["api_key"].StringOr("")),
          .default_model = std::string(models["default"].StringOr("")),
          .timeout = std::chrono::milliseconds(std::max<std::int64_t>(models["timeout_ms"].IntOr(0), 1'000))};
}

Result<net::EgressPolicy> EgressFor(const WorkerProcessOptions& options) {
  std::vector<std::string> allow = options.egress_allow;
  if (options.egress_allow_self) {
    ASSIGN_OR_RETURN(const net::Url engine, net::Url::Parse(options.worker.engine));
    const bool is_ipv6 = engine.host.contains(':');
    allow.push_back(fmt::format("{}:{}", is_ipv6 ? "[" + engine.host + "]" : engine.host, engine.port));
  }
  return net::EgressPolicy::Create(allow);
}

Result<void> Check(const WorkerProcessOptions& options) {
  if (!net::Url::Parse(options.worker.engine) || options.worker.engine.ends_with('/'))
    return Fail(ErrorCode::kInvalidArgument, "worker.engine is no address of a server",
                "write it as http://10.0.0.5:8000");
  if (std::ranges::max(options.worker.slots) == 0)
    return Fail(ErrorCode::kInvalidArgument, "this worker would do nothing",
                "set worker.quick_max or worker.long_max to 1 or more");
  return {};
}

}  // namespace

Json SettingsForWorkers(const connectors::LlmOptions& llm) {
  return Json::Object({{"models", Json::Object({{"base_url", llm.base_url},
                                                {"api_key", llm.api_key.Reveal()},
                                                {"default", llm.default_model},
                                                {"timeout_ms", llm.timeout.count()}})}});
}

// In the order of construction; destroyed from the last to the first.
struct WorkerProcess::Impl {
  WorkerProcessOptions options;
  IoThreads io;
  net::Client tenant_client;
  net::Client platform_client;
  std::unique_ptr<connectors::Registry> registry;  // made with what the engine says
  worker::Worker worker;
  Registry metrics;
  std::unique_ptr<net::Server> server;
  std::uint16_t port = 0;
  bool stopped = false;

  Impl(WorkerProcessOptions given, net::EgressPolicy egress)
      : options(std::move(given)),
        io(options.threads),
        tenant_client(std::move(egress)),
        platform_client(net::EgressPolicy::AllowAll()),
        worker(options.worker, worker::EngineClient(platform_client, options.token), io.executor(0),
               [this](const Json& settings) { return MakeRunner(settings); }) {
    metrics.AddProcessMetrics();
    AddActivityMetrics(metrics, [this] { return worker.status().runner; });
    metrics.AddGaugeCallback({.name = "worker_engines", .help = "Engines that answer"},
                             [this] { return static_cast<double>(worker.status().engines); });
  }

  std::unique_ptr<connectors::Runner> MakeRunner(const Json& settings) {
    registry = std::make_unique<connectors::Registry>(
        connectors::All({.tenant_client = &tenant_client,
                         .platform_client = &platform_client,
                         .llm = options.llm.base_url.empty() ? LlmOptionsFrom(settings) : options.llm}));
    std::vector<boost::asio::any_io_executor> executors;
    for (std::size_t i = 0; i < io.size(); ++i) executors.push_back(io.executor(i));
    return std::make_unique<connectors::Runner>(
        *registry, std::move(executors),
        connectors::RunnerOptions{.concurrency_max = options.worker.slots[0],
                                  .long_concurrency_max = options.worker.slots[1]});
  }

  Reply Health(Request&) { co_return net::JsonResponse(200, Json::Object({{"status", "ok"}})); }

  Reply Ready(Request& request) {
    const worker::Worker::Status status = worker.status();
    if (status.engines > 0 && !status.draining)
      co_return net::JsonResponse(200, Json::Object({{"status", "ready"}}));
    const Error error{.code = ErrorCode::kUnavailable,
                      .message = status.draining ? "this worker is stopping" : status.failure,
                      .retry_after = std::chrono::seconds(1)};
    co_return net::ProblemResponse(error, request);
  }

  Reply Metrics(Request&) {
    net::Response response = net::TextResponse(200, metrics.Expose());
    response.headers.Set("content-type", "text/plain; version=0.0.4; charset=utf-8");
    co_return response;
  }

  Result<void> Serve() {
    net::Router router;
    const auto add = [&](const char* path, Reply (Impl::*handler)(Request&)) {
      router.Add(net::Method::kGet, path,
                 [this, handler](Request& request) { return (this->*handler)(request); });
    };
    add("/health", &Impl::Health);
    add("/ready", &Impl::Ready);
    add("/metrics", &Impl::Metrics);
    server = std::make_unique<net::Server>(io, std::move(router), options.server,
                                           net::ServerHooks{.access_log = LogAccess, .failure = LogFailure});
    ASSIGN_OR_RETURN(port, server->Start());
    worker.Start();
    return {};
  }
};

WorkerProcess::WorkerProcess(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
WorkerProcess::~WorkerProcess() { Stop(std::chrono::milliseconds(0)); }

std::uint16_t WorkerProcess::port() const { return impl_->port; }

Result<std::unique_ptr<WorkerProcess>> WorkerProcess::Start(WorkerProcessOptions options) {
  RETURN_IF_ERROR(Check(options));
  ASSIGN_OR_RETURN(net::EgressPolicy egress, EgressFor(options));
  std::unique_ptr<WorkerProcess> process(
      new WorkerProcess(std::make_unique<Impl>(std::move(options), std::move(egress))));
  RETURN_IF_ERROR(process->impl_->Serve());
  return process;
}

void WorkerProcess::Stop(std::chrono::milliseconds patience) {
  Impl& p = *impl_;
  if (std::exchange(p.stopped, true)) return;
  p.worker.Drain(patience);
  if (p.server) p.server->Drain(std::chrono::milliseconds(0));
  p.server.reset();
  p.io.Stop();
}

}  // namespace elevaite::app
