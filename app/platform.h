// Platform: everything of one process, composed. The one place that knows all rooms.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "app/stores.h"
#include "connectors/llm/llm.h"
#include "engine/retention.h"
#include "foundation/result.h"
#include "net/server.h"

namespace elevaite::app {

// As a node among others on the same PostgreSQL; docs/operations/cluster.md.
struct ClusterOptions {
  std::string node_address{};  // where the others reach this one; empty: it is alone
  Secret token{};
  std::uint32_t partitions = 16;
  std::chrono::milliseconds lease{4'000};
  std::chrono::milliseconds linger{1'000};  // of one that leaves, for clients who still come
};

// Other processes that do what connectors do; docs/operations/workers.md.
struct WorkersOptions {
  Secret token{};  // empty: this process does it
  std::chrono::milliseconds lease{10'000};
};

struct PlatformOptions {
  StoreOptions stores;
  std::vector<std::string> catalogs_allow{};  // hosts that documents may refer to
  std::string secrets_dir{};                  // empty: secrets come from the environment only
  net::ServerOptions server;
  std::string public_url;        // as clients reach it; empty: http://address:port
  std::uint32_t threads = 0;     // 0: one a core
  std::uint32_t partitions = 2;  // of a process that is alone
  ClusterOptions cluster{};
  WorkersOptions workers{};
  std::uint64_t tasks_max = 2'000'000;  // of one execution
  std::size_t value_bytes_max = 16U << 20U;
  std::uint32_t attempts_lost_max = 5;
  std::chrono::milliseconds cancel_grace{30'000};
  std::chrono::microseconds search_lag_max{30'000'000};  // 0: starts do not wait for searches
  std::size_t activities_max = 512;                      // at the same time
  std::size_t long_activities_max = 512;                 // of those that take long, beside these
  std::size_t operations_per_second = 400;               // acts of operations on many; 0: no bound
  std::chrono::microseconds audit_keep{0};               // 0: for ever
  engine::RetentionOptions retention;
  std::chrono::microseconds retention_account_max{0};  // that an account may choose; 0: for ever
  bool archive = false;                                // what is forgotten because of its age
  std::vector<std::string> egress_allow;
  bool egress_allow_self = true;  // workflows may call this server's own routes
  connectors::LlmOptions llm;
};

class Platform {
 public:
  // Opens the data, migrates it, reads back what is unfinished and serves. Errors are one clear line.
  static Result<std::unique_ptr<Platform>> Start(PlatformOptions options);
  ~Platform();

  std::uint16_t port() const;
  // Stops taking requests, lets what runs end for so long, closes the data.
  void Stop(std::chrono::milliseconds patience);

  struct Impl;

 private:
  explicit Platform(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace elevaite::app
