#include "app/options.h"

#include <unistd.h>

#include "infra/secrets/environment.h"

namespace elevaite::app {
namespace {

constexpr Option kProcess[] = {
    {.name = "roles",
     .type = OptionType::kList,
     .help = "What this process is: workflow (engine and API), worker (runs the connectors), or both, as "
             "it is when nothing is said; docs/operations/workers.md says more"},
};
constexpr Option kServer[] = {
    {.name = "server.address",
     .type = OptionType::kString,
     .default_value = "127.0.0.1",
     .help = "Address to listen on. There is no sign-in yet: whoever reaches it may do everything"},
    {.name = "server.port",
     .type = OptionType::kInt,
     .default_value = "8000",
     .min = "1",
     .max = "65535",
     .help = "Port to listen on"},
    {.name = "server.public_url",
     .type = OptionType::kString,
     .help = "Address under which people reach this server; workflows see it as $runtime.metadata.baseUrl"},
    {.name = "server.threads",
     .type = OptionType::kInt,
     .default_value = "0",
     .min = "0",
     .max = "256",
     .unit = "threads",
     .help = "I/O threads; 0: one for each core"},
    {.name = "server.connections_max",
     .type = OptionType::kInt,
     .default_value = "10000",
     .min = "1",
     .max = "1000000",
     .unit = "connections",
     .help = "One more is answered with 503"},
    {.name = "server.shutdown_timeout",
     .type = OptionType::kDuration,
     .default_value = "10s",
     .max = "10m",
     .help = "How long requests and activities may take to end at shutdown"},
};
constexpr Option kData[] = {
    {.name = "data.dir",
     .type = OptionType::kString,
     .default_value = "data",
     .help = "Folder of the databases; made when it is not there"},
    {.name = "database.url",
     .type = OptionType::kString,
     .help = "PostgreSQL in place of files in data.dir: postgresql://user:password@host:5432/database; "
             "docs/operations/postgres.md says more",
     .secret = true},
};
constexpr Option kObjects[] = {
    {.name = "objects.dir",
     .type = OptionType::kString,
     .help =
         "Folder of what is too large or too old for the database; data.dir/objects when it is not given, "
         "but for several nodes: they must share one, and have none otherwise"},
};
constexpr Option kSecrets[] = {
    {.name = "secrets.dir",
     .type = OptionType::kString,
     .help =
         "Folder of the secrets that workflows may use: a file each, <account>/<name> or <name>, that not "
         "everybody may read. Secrets may also be variables: ELEVAITE_SECRET_<NAME>"},
};
constexpr Option kLog[] = {
    {.name = "log.level",
     .type = OptionType::kString,
     .default_value = "info",
     .choices = "debug|info|warn|error|off",
     .help = "What is worth a line; debug shows each request"},
    {.name = "log.format",
     .type = OptionType::kString,
     .default_value = "auto",
     .choices = "auto|json|human",
     .help = "auto: for people on a terminal, else JSON lines"},
};
constexpr Option kEngine[] = {
    {.name = "engine.partitions",
     .type = OptionType::kInt,
     .default_value = "2",
     .min = "1",
     .max = "64",
     .unit = "partitions",
     .help = "Owners of executions that work side by side"},
    {.name = "engine.tasks_max",
     .type = OptionType::kInt,
     .default_value = "2000000",
     .min = "100",
     .unit = "tasks",
     .help = "Of one execution; what runs more is a loop without an end"},
    {.name = "engine.value_bytes_max",
     .type = OptionType::kBytes,
     .default_value = "16MiB",
     .min = "64KiB",
     .max = "256MiB",
     .help = "Size of one task's result"},
    {.name = "engine.activities_max",
     .type = OptionType::kInt,
     .default_value = "512",
     .min = "1",
     .max = "100000",
     .unit = "activities",
     .help = "Quick calls that run at the same time; others wait"},
    {.name = "engine.long_activities_max",
     .type = OptionType::kInt,
     .default_value = "512",
     .min = "1",
     .max = "100000",
     .unit = "activities",
     .help = "Long calls that run at the same time, beside the quick ones"},
    {.name = "operations.per_second",
     .type = OptionType::kInt,
     .default_value = "400",
     .min = "0",
     .max = "100000",
     .unit = "acts",
     .help = "Of all operations on many executions together, so that others are not disturbed; 0: no bound"},
    {.name = "engine.attempts_lost_max",
     .type = OptionType::kInt,
     .default_value = "5",
     .min = "1",
     .max = "1000",
     .unit = "attempts",
     .help =
         "Of one call, in a row, that the server may die with; then its task faults and is a dead letter"},
    {.name = "engine.cancel_grace",
     .type = OptionType::kDuration,
     .default_value = "30s",
     .max = "1h",
     .help = "How long a cancelled execution may take to clean up; a request may say otherwise"},
    {.name = "engine.search_lag_max",
     .type = OptionType::kDuration,
     .default_value = "30s",
     .max = "1d",
     .help =
         "Starts are refused while tags and attributes of what was started so long ago cannot be searched "
         "yet; 0: never because of that"},
};
constexpr Option kCluster[] = {
    {.name = "cluster.node_address",
     .type = OptionType::kString,
     .help = "Address under which the other nodes reach this one, http://host:port; set: several processes "
             "share the "
             "PostgreSQL of database.url. docs/operations/cluster.md says more"},
    {.name = "cluster.token",
     .type = OptionType::kString,
     .help = "What the nodes know each other by: the same on all, 16 characters or more",
     .secret = true},
    {.name = "cluster.partitions",
     .type = OptionType::kInt,
     .default_value = "16",
     .min = "1",
     .max = "64",
     .unit = "partitions",
     .help = "Of all nodes together, in place of engine.partitions; the first node that starts decides"},
    {.name = "cluster.lease",
     .type = OptionType::kDuration,
     .default_value = "4s",
     .min = "1s",
     .max = "60s",
     .help = "A node that has not been heard of for so long is replaced"},
    {.name = "cluster.linger",
     .type = OptionType::kDuration,
     .default_value = "1s",
     .max = "60s",
     .help = "A node that is stopped goes on to answer new requests for so long, so that clients and load "
             "balancers go elsewhere first"},
};
constexpr Option kWorker[] = {
    {.name = "worker.token",
     .type = OptionType::kString,
     .help = "What an engine and its workers know each other by: the same on all, 16 characters or more",
     .secret = true},
    {.name = "worker.engine",
     .type = OptionType::kString,
     .help = "Of a worker: address of an engine, http://host:port or https://host; of a cluster, any node"},
    {.name = "worker.name",
     .type = OptionType::kString,
     .help = "Of a worker: what people see of it; <host>:<process id> when it is not given"},
    {.name = "worker.quick_max",
     .type = OptionType::kInt,
     .default_value = "128",
     .min = "0",
     .max = "8000",
     .unit = "activities",
     .help = "Of a worker: quick calls that run at the same time; 0: it does none"},
    {.name = "worker.long_max",
     .type = OptionType::kInt,
     .default_value = "32",
     .min = "0",
     .max = "8000",
     .unit = "activities",
     .help = "Of a worker: long calls that run at the same time; 0: it does none"},
    {.name = "worker.lease",
     .type = OptionType::kDuration,
     .default_value = "10s",
     .min = "1s",
     .max = "10m",
     .help = "Of an engine: a worker that has not been heard of for so long is dead, and others do its work"},
};
constexpr Option kRetention[] = {
    {.name = "retention.completed",
     .type = OptionType::kDuration,
     .default_value = "0",
     .max = "36500d",
     .help = "How long executions that completed are kept after their end; 0: for ever"},
    {.name = "retention.account_max",
     .type = OptionType::kDuration,
     .default_value = "0",
     .max = "36500d",
     .help = "The longest that an account may choose to keep its executions; 0: also for ever"},
    {.name = "audit.keep",
     .type = OptionType::kDuration,
     .default_value = "365d",
     .max = "36500d",
     .help = "How long it is kept who did what to which object; 0: for ever"},
    {.name = "retention.archive",
     .type = OptionType::kBool,
     .default_value = "false",
     .help = "What is forgotten because of its age is written to objects.dir before"},
    {.name = "retention.faulted",
     .type = OptionType::kDuration,
     .default_value = "0",
     .max = "36500d",
     .help = "How long executions that faulted or were cancelled are kept; 0: for ever"},
};
constexpr Option kEgress[] = {
    {.name = "egress.allow",
     .type = OptionType::kList,
     .help = "Private addresses that workflows may call all the same: host, host:port, *.domain or CIDR"},
    {.name = "egress.allow_self",
     .type = OptionType::kBool,
     .default_value = "true",
     .help = "Workflows may call the routes of this server"},
    {.name = "catalogs.allow",
     .type = OptionType::kList,
     .help = "Hosts from which functions and schemas may be fetched when a workflow is published: host or "
             "*.domain"},
};
constexpr Option kModels[] = {
    {.name = "models.base_url",
     .type = OptionType::kString,
     .help = "OpenAI-compatible server for llm.generate, for example http://127.0.0.1:11434/v1"},
    {.name = "models.api_key", .type = OptionType::kString, .help = "Key for that server", .secret = true},
    {.name = "models.default",
     .type = OptionType::kString,
     .default_value = "gpt-4o-mini",
     .help = "Model for calls that name none"},
    {.name = "models.timeout",
     .type = OptionType::kDuration,
     .default_value = "120s",
     .min = "1s",
     .max = "30m",
     .help = "Time for one answer of the model"},
};

constexpr std::span<const Option> kTables[] = {kProcess, kServer,    kData,    kObjects, kSecrets, kLog,
                                               kEngine,  kRetention, kCluster, kWorker,  kEgress,  kModels};

net::ServerOptions ServerOptionsFrom(const Config& config) {
  net::ServerOptions options;
  options.address = config.Text("server.address");
  options.port = static_cast<std::uint16_t>(config.Int("server.port"));
  options.connections_max = static_cast<std::size_t>(config.Int("server.connections_max"));
  return options;
}

connectors::LlmOptions LlmOptionsFrom(const Config& config) {
  return {
      .base_url = config.Text("models.base_url"),
      .api_key = config.SecretValue("models.api_key"),
      .default_model = config.Text("models.default"),
      .timeout = std::chrono::duration_cast<std::chrono::milliseconds>(config.Duration("models.timeout"))};
}

std::string NameOfProcess() {
  char host[256] = "worker";
  (void)gethostname(host, sizeof host - 1);
  return std::string(host) + ":" + std::to_string(getpid());
}

}  // namespace

std::span<const std::span<const Option>> OptionTables() { return kTables; }

Result<Config> LoadConfig(std::vector<std::string> arguments) {
  constexpr std::string_view kFlag = "--config=";
  std::string path;
  std::erase_if(arguments, [&](const std::string& argument) {
    if (!argument.starts_with(kFlag)) return false;
    path = argument.substr(kFlag.size());
    return true;
  });
  if (path.empty() && access("elevaite.yaml", F_OK) == 0) path = "elevaite.yaml";
  ASSIGN_OR_RETURN(ConfigSources sources, ReadConfigSources(path, std::move(arguments)));
  // These are no options of serve: the address for the commands that talk to a server, and secrets.
  std::erase_if(sources.environment, [](const std::string& variable) {
    return variable.starts_with("ELEVAITE_SERVER=") || variable.starts_with(secrets::kVariablePrefix);
  });
  return Config::Load(OptionTables(), sources);
}

Result<Role> RoleFrom(const Config& config) {
  bool workflow = false;
  bool worker = false;
  for (const std::string& role : config.List("roles")) {
    if (role != "workflow" && role != "worker")
      return Fail(ErrorCode::kInvalidArgument, "roles: there is no role '" + role + "'",
                  "it is workflow, worker, or both: workflow,worker");
    workflow = workflow || role == "workflow";
    worker = worker || role == "worker";
  }
  if (workflow == worker) return Role::kAll;
  if (config.SecretValue("worker.token").Reveal().size() < 16)
    return Fail(ErrorCode::kInvalidArgument, "worker.token has fewer than 16 characters",
                "make one with: openssl rand -hex 32");
  return worker ? Role::kWorker : Role::kWorkflow;
}

StoreOptions StoreOptionsFrom(const Config& config) {
  const bool is_node = !config.Text("cluster.node_address").empty();
  const std::string& objects_dir = config.Text("objects.dir");
  return {
      .data_dir = config.Text("data.dir"),
      .database_url = config.SecretValue("database.url"),
      .node = is_node ? SystemUuids().Next().ToText().substr(14) : "",
      .objects_dir = objects_dir.empty() && !is_node ? config.Text("data.dir") + "/objects" : objects_dir};
}

StoreOptions ToolStoreOptionsFrom(const Config& config) {
  StoreOptions options = StoreOptionsFrom(config);
  options.begins_objects = options.database_url.IsEmpty() || !config.Text("objects.dir").empty();
  return options;
}

PlatformOptions PlatformOptionsFrom(const Config& config) {
  PlatformOptions options;
  options.stores = StoreOptionsFrom(config);
  options.secrets_dir = config.Text("secrets.dir");
  options.server = ServerOptionsFrom(config);
  options.public_url = config.Text("server.public_url");
  options.threads = static_cast<std::uint32_t>(config.Int("server.threads"));
  options.partitions = static_cast<std::uint32_t>(config.Int("engine.partitions"));
  options.tasks_max = static_cast<std::uint64_t>(config.Int("engine.tasks_max"));
  options.value_bytes_max = config.Bytes("engine.value_bytes_max");
  options.activities_max = static_cast<std::size_t>(config.Int("engine.activities_max"));
  options.operations_per_second = static_cast<std::size_t>(config.Int("operations.per_second"));
  options.long_activities_max = static_cast<std::size_t>(config.Int("engine.long_activities_max"));
  options.attempts_lost_max = static_cast<std::uint32_t>(config.Int("engine.attempts_lost_max"));
  options.cluster = {
      .node_address = config.Text("cluster.node_address"),
      .token = config.SecretValue("cluster.token"),
      .partitions = static_cast<std::uint32_t>(config.Int("cluster.partitions")),
      .lease = std::chrono::duration_cast<std::chrono::milliseconds>(config.Duration("cluster.lease")),
      .linger = std::chrono::duration_cast<std::chrono::milliseconds>(config.Duration("cluster.linger"))};
  if (RoleFrom(config) == Role::kWorkflow) {
    options.workers = {
        .token = config.SecretValue("worker.token"),
        .lease = std::chrono::duration_cast<std::chrono::milliseconds>(config.Duration("worker.lease"))};
  }
  options.audit_keep = config.Duration("audit.keep");
  options.retention = {.completed = config.Duration("retention.completed"),
                       .faulted = config.Duration("retention.faulted")};
  options.retention_account_max = config.Duration("retention.account_max");
  options.archive = config.Bool("retention.archive");
  options.cancel_grace =
      std::chrono::duration_cast<std::chrono::milliseconds>(config.Duration("engine.cancel_grace"));
  options.search_lag_max = config.Duration("engine.search_lag_max");
  options.egress_allow = config.List("egress.allow");
  options.egress_allow_self = config.Bool("egress.allow_self");
  options.catalogs_allow = config.List("catalogs.allow");
  options.llm = LlmOptionsFrom(config);
  return options;
}

WorkerProcessOptions WorkerProcessOptionsFrom(const Config& config) {
  WorkerProcessOptions options;
  options.worker = {.engine = config.Text("worker.engine"),
                    .name = config.Text("worker.name").empty() ? NameOfProcess() : config.Text("worker.name"),
                    .slots = {static_cast<std::size_t>(config.Int("worker.quick_max")),
                              static_cast<std::size_t>(config.Int("worker.long_max"))}};
  options.token = config.SecretValue("worker.token");
  options.server = ServerOptionsFrom(config);
  options.threads = static_cast<std::uint32_t>(config.Int("server.threads"));
  options.egress_allow = config.List("egress.allow");
  options.egress_allow_self = config.Bool("egress.allow_self");
  options.llm = LlmOptionsFrom(config);
  return options;
}

Result<LogOptions> LogOptionsFrom(const Config& config) {
  LogOptions options;
  ASSIGN_OR_RETURN(options.level, ParseLogLevel(config.Text("log.level")));
  const std::string& format = config.Text("log.format");
  options.format =
      format == "json" ? LogFormat::kJson : (format == "human" ? LogFormat::kHuman : LogFormat::kAuto);
  return options;
}

}  // namespace elevaite::app
