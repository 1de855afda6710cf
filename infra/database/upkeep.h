// Upkeep: a connection beside the one that writes, for the work on tables that may wait for locks or take
// long: making partitions, dropping them. PostgreSQL only (infra/database/postgres/postgres.h opens it).
//
// Writes of the process do not wait behind it; those of others wait behind a lock that it asks for as long as
// it does itself, which is short: kLockTimeout for each.
#pragma once

#include <chrono>

#include "infra/database/database.h"

namespace elevaite::database {

class Upkeep {
 public:
  static constexpr std::chrono::milliseconds kLockTimeout{20};

  virtual ~Upkeep() = default;

  // One statement, committed when it returns; what the connection is lost in is done again, so a statement
  // must be right when it is done twice. kTimeout: rolled back. Blocks; from any thread.
  virtual Result<Rows> Run(const Sql& sql, Params params, std::chrono::milliseconds timeout) = 0;
};

}  // namespace elevaite::database
