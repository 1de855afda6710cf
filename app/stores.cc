#include "app/stores.h"

#include <fmt/format.h>
#include <pthread.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "engine/journal/partitions.h"
#include "engine/journal/payload_sweep.h"
#include "foundation/log.h"
#include "infra/database/migrate.h"
#include "infra/database/postgres/postgres.h"
#include "infra/database/sqlite/sqlite.h"
#include "infra/objects/files.h"

namespace elevaite::engine {
std::span<const database::Migration> SqliteMigrations();
std::span<const database::Migration> PostgresMigrations();
}  // namespace elevaite::engine
namespace elevaite::workflow {
std::span<const database::Migration> SqliteMigrations();
std::span<const database::Migration> PostgresMigrations();
}  // namespace elevaite::workflow

namespace elevaite::app {
namespace {

using database::Database;
using database::Migration;

constexpr const char* kEngineSchema = "elevaite_engine";
constexpr std::chrono::hours kUpkeepEvery{6};
constexpr std::chrono::minutes kUpkeepAgain{10};  // when something was in its way

Result<void> EnsureFolder(const std::string& path) {
  if (mkdir(path.c_str(), 0700) != 0 && errno != EEXIST) {
    return Fail(ErrorCode::kUnavailable,
                fmt::format("cannot make the data folder {}: {}", path, std::strerror(errno)));
  }
  if (access(path.c_str(), R_OK | W_OK | X_OK) != 0) {
    return Fail(ErrorCode::kUnavailable,
                fmt::format("cannot use the data folder {}: {}", path, std::strerror(errno)),
                "give it to this user, or choose another with --data.dir");
  }
  return {};
}

Result<std::unique_ptr<Database>> OpenFile(const std::string& path) {
  database::SqliteOptions options;
  options.path = path;
  return database::OpenSqlite(options);
}

database::PostgresOptions SchemaOptions(const StoreOptions& store, const std::string& schema) {
  database::PostgresOptions options;
  options.url = store.database_url;
  options.schema = schema;
  options.shared = !store.node.empty();
  options.name = store.node;
  return options;
}

Result<void> MigrateStore(Database& db, const char* service, std::span<const Migration> migrations,
                          std::vector<std::string>& applied) {
  ASSIGN_OR_RETURN(const std::vector<int> numbers, database::Migrate(db, service, migrations));
  for (const int number : numbers) {
    const Migration& migration = migrations[static_cast<std::size_t>(number) - 1];
    applied.push_back(fmt::format("{} {:04}_{}", service, number, migration.name));
  }
  return {};
}

}  // namespace

Result<std::unique_ptr<Stores>> Stores::Open(const StoreOptions& options) {
  std::unique_ptr<Stores> stores(new Stores);
  RETURN_IF_ERROR(options.database_url.IsEmpty() ? stores->OpenFiles(options.data_dir)
                                                 : stores->OpenSchemas(options));
  RETURN_IF_ERROR(stores->OpenObjects(options));
  return stores;
}

Result<void> Stores::OpenObjects(const StoreOptions& options) {
  ASSIGN_OR_RETURN(const bool has_objects, engine::HasObjects(*engine_));
  if (options.objects_dir.empty() && has_objects)
    return Fail(ErrorCode::kInvalidArgument,
                "this database has large values in a store of objects, and there is none here",
                "set objects.dir to its folder, which all nodes share");
  if (options.objects_dir.empty() || (!has_objects && !options.begins_objects)) return {};
  ASSIGN_OR_RETURN(objects_, objects::OpenFiles({.folder = options.objects_dir}));
  RETURN_IF_ERROR(engine::BindObjects(*engine_, *objects_, options.adopts_objects));
  payloads_ = engine::OpenPayloads(*objects_);
  return {};
}

Result<void> Stores::OpenFiles(const std::string& data_dir) {
  RETURN_IF_ERROR(EnsureFolder(data_dir));
  ASSIGN_OR_RETURN(engine_, OpenFile(data_dir + "/engine.db"));
  RETURN_IF_ERROR(MigrateStore(*engine_, "engine", engine::SqliteMigrations(), applied_));
  ASSIGN_OR_RETURN(workflow_, OpenFile(data_dir + "/workflow.db"));
  return MigrateStore(*workflow_, "workflow", workflow::SqliteMigrations(), applied_);
}

Result<void> Stores::OpenSchemas(const StoreOptions& options) {
  ASSIGN_OR_RETURN(engine_, database::OpenPostgres(SchemaOptions(options, kEngineSchema)));
  RETURN_IF_ERROR(MigrateStore(*engine_, "engine", engine::PostgresMigrations(), applied_));
  ASSIGN_OR_RETURN(engine_upkeep_, database::OpenUpkeep(SchemaOptions(options, kEngineSchema)));
  RETURN_IF_ERROR(MakePartitions());
  ASSIGN_OR_RETURN(workflow_, database::OpenPostgres(SchemaOptions(options, "elevaite_workflow")));
  RETURN_IF_ERROR(MigrateStore(*workflow_, "workflow", workflow::PostgresMigrations(), applied_));
  upkeep_ = std::jthread([this](const std::stop_token& stop) { KeepPartitions(stop); });
  return {};
}

Result<void> Stores::MakePartitions() {
  ASSIGN_OR_RETURN(const engine::MadePartitions partitions,
                   engine::MakePartitions(*engine_, *engine_upkeep_));
  upkeep_after_ = partitions.missing == 0 ? kUpkeepEvery : kUpkeepAgain;
  if (partitions.missing > 0)
    LogWarn(
        "partitions of the next weeks could not be made for somebody's lock; it is tried again in minutes",
        {{"partitions", partitions.missing}});
  return {};
}

engine::OtherDatabase Stores::OtherIndexes() {
  return {workflow_.get(), workflow::SqliteMigrations(), workflow::PostgresMigrations()};
}

void Stores::KeepPartitions(const std::stop_token& stop) {
  pthread_setname_np(pthread_self(), "db-upkeep");
  std::unique_lock lock(mutex_);
  while (!ended_.wait_for(lock, stop, upkeep_after_, [&stop] { return stop.stop_requested(); })) {
    if (stop.stop_requested()) return;
    const auto made = MakePartitions();
    if (made) continue;
    upkeep_after_ = kUpkeepAgain;
    LogWarn("the partitions of the next weeks were not made; it is tried again in minutes",
            {{"error", made.error().message}, {"detail", made.error().detail}});
  }
}

void Stores::Close() {
  upkeep_ = {};
  if (engine_) engine_->Close();
  if (workflow_) workflow_->Close();
  payloads_.reset();  // answers what it has been asked; what it is asked for comes from the databases
}

Result<void> Stores::CheckThere(const StoreOptions& options) {
  if (!options.database_url.IsEmpty() || access((options.data_dir + "/engine.db").c_str(), F_OK) == 0 ||
      errno != ENOENT)
    return {};
  return Fail(ErrorCode::kNotFound, "there is no data in the folder " + options.data_dir,
              "name the folder with --data.dir");
}

}  // namespace elevaite::app
