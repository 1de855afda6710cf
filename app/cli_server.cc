// elevaite serve, config and migrate.
#include <fmt/format.h>
#include <signal.h>

#include <cstdio>

#include "app/command_line.h"
#include "app/options.h"
#include "app/platform.h"
#include "app/report.h"
#include "app/version.h"
#include "foundation/async.h"

namespace elevaite::app {
namespace {

// Blocks SIGINT and SIGTERM in every thread begun later, so that WaitForSignal gets them.
sigset_t BlockSignals() {
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGINT);
  sigaddset(&signals, SIGTERM);
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);
  signal(SIGPIPE, SIG_IGN);
  return signals;
}

// Until a signal comes.
template <class Process>
void ServeUntilSignal(Process& process, const Config& config, const sigset_t& signals) {
  int received = 0;
  sigwait(&signals, &received);
  LogInfo("shutting down", {{"signal", received == SIGINT ? "SIGINT" : "SIGTERM"}});
  process.Stop(
      std::chrono::duration_cast<std::chrono::milliseconds>(config.Duration("server.shutdown_timeout")));
  LogInfo("stopped");
}

std::string UrlOf(const Config& config, std::uint16_t port) {
  return fmt::format("http://{}:{}", config.Text("server.address"), port);
}

Result<void> ServePlatform(const Config& config, const sigset_t& signals) {
  ASSIGN_OR_RETURN(const auto platform, Platform::Start(PlatformOptionsFrom(config)));
  LogInfo("ready",
          {{"version", kVersion},
           {"url", UrlOf(config, platform->port())},
           {"data", config.SecretValue("database.url").IsEmpty() ? config.Text("data.dir") : "postgresql"}});
  ServeUntilSignal(*platform, config, signals);
  return {};
}

Result<void> ServeWorker(const Config& config, const sigset_t& signals) {
  ASSIGN_OR_RETURN(const auto worker, WorkerProcess::Start(WorkerProcessOptionsFrom(config)));
  LogInfo("works", {{"version", kVersion},
                    {"url", UrlOf(config, worker->port())},
                    {"engine", config.Text("worker.engine")}});
  ServeUntilSignal(*worker, config, signals);
  return {};
}

}  // namespace

int Serve(const std::vector<std::string>& arguments) {
  const auto config = LoadConfig(arguments);
  if (!config) return Report(config.error());
  const auto role = RoleFrom(*config);
  if (!role) return Report(role.error());
  auto log_options = LogOptionsFrom(*config);
  if (!log_options) return Report(log_options.error());
  sigset_t signals = BlockSignals();
  StartLogging(*std::move(log_options));
  SetSpawnFailureHook([](std::string_view name, const Error& error) {
    LogError("a background task failed",
             {{"task", name}, {"error", error.message}, {"detail", error.detail}});
  });
  const auto served =
      *role == Role::kWorker ? ServeWorker(*config, signals) : ServePlatform(*config, signals);
  StopLogging();
  return served ? kDone : Report(served.error());
}

int ShowConfig(const std::vector<std::string>& arguments, bool describe, bool json) {
  if (describe) {
    const std::string text =
        json ? DescribeOptionsAsJson(OptionTables()).DumpPretty() : DescribeOptions(OptionTables());
    std::fputs(text.c_str(), stdout);
    return kDone;
  }
  const auto config = LoadConfig(arguments);
  if (!config) return Report(config.error());
  std::fputs(config->Describe().c_str(), stdout);
  return kDone;
}

int Migrate(const std::vector<std::string>& arguments, bool json) {
  const auto config = LoadConfig(arguments);
  if (!config) return Report(config.error());
  const auto stores = Stores::Open(ToolStoreOptionsFrom(*config));
  if (!stores) return Report(stores.error());
  const std::vector<std::string>& applied = (*stores)->applied();
  if (json) {
    const Json list = Json::Array(std::vector<Json>(applied.begin(), applied.end()));
    std::puts(Json::Object({{"applied", list}}).DumpPretty().c_str());
    return kDone;
  }
  for (const std::string& name : applied) fmt::print("applied {}\n", name);
  if (applied.empty()) fmt::print("nothing to do: every migration is applied\n");
  return kDone;
}

}  // namespace elevaite::app
