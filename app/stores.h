// The databases of a process: files in the data folder, or schemas of a PostgreSQL; and its store of objects.
#pragma once

#include <chrono>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "engine/doctor.h"
#include "engine/journal/payloads.h"
#include "foundation/secret.h"
#include "infra/database/database.h"
#include "infra/database/upkeep.h"
#include "infra/objects/objects.h"

namespace elevaite::app {

struct StoreOptions {
  std::string data_dir = "data";
  Secret database_url{};  // empty: SQLite in data_dir
  std::string node{};     // our id among the nodes that share the PostgreSQL; empty: we are alone
  // Folder of the store of objects; empty: there is none, and large values stand in the database.
  std::string objects_dir{};
  bool begins_objects = true;   // when the database has no store yet; else it goes on without
  bool adopts_objects = false;  // though the database has another one
};

class Stores {
 public:
  // Opens both, and applies the migrations that are pending. Errors are one clear line.
  static Result<std::unique_ptr<Stores>> Open(const StoreOptions& options);
  // Whether there is anything to be opened, without making it.
  static Result<void> CheckThere(const StoreOptions& options);
  ~Stores() { Close(); }

  database::Database& engine() { return *engine_; }
  database::Database& workflow() { return *workflow_; }
  // Of the engine's; null: these are files.
  database::Upkeep* engine_upkeep() { return engine_upkeep_.get(); }
  // Null: there is none.
  objects::ObjectStore* objects() { return objects_.get(); }
  engine::PayloadStore* payloads() { return payloads_.get(); }
  // What the doctor examines besides the engine's data.
  engine::OtherDatabase OtherIndexes();
  // "engine 0001_journal", in order.
  const std::vector<std::string>& applied() const { return applied_; }
  void Close();

 private:
  Stores() = default;
  Result<void> OpenFiles(const std::string& data_dir);
  Result<void> OpenSchemas(const StoreOptions& options);
  Result<void> OpenObjects(const StoreOptions& options);
  Result<void> MakePartitions();
  void KeepPartitions(const std::stop_token& stop);

  std::unique_ptr<database::Database> engine_;
  std::unique_ptr<database::Database> workflow_;
  std::unique_ptr<database::Upkeep> engine_upkeep_;
  std::unique_ptr<objects::ObjectStore> objects_;
  std::unique_ptr<engine::PayloadStore> payloads_;
  std::vector<std::string> applied_;
  std::mutex mutex_;
  std::condition_variable_any ended_;
  std::chrono::minutes upkeep_after_{0};
  std::jthread upkeep_;  // of the partitions of PostgreSQL
};

}  // namespace elevaite::app
