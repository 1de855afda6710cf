// Who may write, and what became of a commit that nobody answered. Private to infra/database/postgres.
//
// The table `commit_numbers (epoch, number)` of the schema: each process that opens it takes the next epoch
// (a row with number 0), and each of its transactions inserts a row with a number of its own.
#pragma once

#include <cstdint>

#include "infra/database/postgres/connection.h"

namespace elevaite::database::postgres {

// The table, in a schema that is made when it is not there.
Result<void> EnsureSchema(Connection& connection, const std::string& schema);

// Ends what is left of our own earlier connections on the server: a lost one may still hold the lock.
Result<void> EndOldConnections(Connection& connection, const std::string& application_name);

// The lock of the schema, which this connection then has until it ends. kConflict: another one has it.
Result<void> TryLock(Connection& connection, const std::string& schema);

// For the holder of the lock. Also removes what earlier epochs have left.
Result<std::int64_t> TakeEpoch(Connection& connection);
// Nobody else has taken one since.
Result<bool> IsNewest(Connection& connection, std::int64_t epoch);

// Part of each transaction.
extern const Sql kInsertNumber;
// Now and then part of one: forgets the numbers in [from, to), whose commits are answered.
extern const Sql kForgetNumbers;

// Whether the transaction with this number was committed. When it was not, it never will be.
Result<bool> WasCommitted(Connection& connection, std::int64_t epoch, std::int64_t number);

}  // namespace elevaite::database::postgres
