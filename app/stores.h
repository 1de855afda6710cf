// The databases of a process: files in the data folder, or schemas of a PostgreSQL.
#pragma once

#include <condition_variable>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "foundation/secret.h"
#include "infra/database/database.h"

namespace elevaite::app {

struct StoreOptions {
  std::string data_dir = "data";
  Secret database_url{};  // empty: SQLite in data_dir
  std::string node{};     // our id among the nodes that share the PostgreSQL; empty: we are alone
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
  // "engine 0001_journal", in order.
  const std::vector<std::string>& applied() const { return applied_; }
  void Close();

 private:
  Stores() = default;
  Result<void> OpenFiles(const std::string& data_dir);
  Result<void> OpenSchemas(const StoreOptions& options);
  void KeepPartitions(const std::stop_token& stop);

  std::unique_ptr<database::Database> engine_;
  std::unique_ptr<database::Database> workflow_;
  std::vector<std::string> applied_;
  std::mutex mutex_;
  std::condition_variable_any ended_;
  std::jthread upkeep_;  // of the partitions of PostgreSQL
};

}  // namespace elevaite::app
