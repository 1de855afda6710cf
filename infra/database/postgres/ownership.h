// Who may write, and what became of a commit that nobody answered. Private to infra/database/postgres.
//
// The table `commit_numbers (epoch, number)` of the schema: each process that opens it takes the next epoch
// (a row with number 0), and each of its transactions inserts a row with a number of its own.
#pragma once

#include <cstdint>

#include "infra/database/postgres/connection.h"

namespace elevaite::database::postgres {

// Holds up others who begin to use the schema, until EndSetUp or the end of the connection.
Result<void> BeginSetUp(Connection& connection, const std::string& schema);
Result<void> EndSetUp(Connection& connection, const std::string& schema);

// The table, in a schema that is made when it is not there.
Result<void> EnsureSchema(Connection& connection, const std::string& schema);

// Ends what is left of our own earlier connections on the server: a lost one may still hold the lock.
Result<void> EndOldConnections(Connection& connection, const std::string& application_name);

// The lock of the schema, which this connection then has until it ends. kConflict: another one has it, and
// not both are `shared`.
Result<void> TryLock(Connection& connection, const std::string& schema, bool shared);

// For a holder of the lock. Also removes what earlier epochs have left whose processes are gone.
Result<std::int64_t> TakeEpoch(Connection& connection);
// Nobody else has taken one since.
Result<bool> IsNewest(Connection& connection, std::int64_t epoch);
// Tells the others that the process of this epoch lives, while the connection does.
Result<void> HoldEpoch(Connection& connection, std::int64_t epoch);

// The turn of a transaction that depends on what it reads, among all who share the schema.
extern const Sql kTakeTurn;

// Part of each transaction.
extern const Sql kInsertNumber;
// Now and then part of one: forgets the numbers in [from, to), whose commits are answered.
extern const Sql kForgetNumbers;

// Whether the transaction with this number was committed, also on the standbys that commits wait for. When it
// was not, it never will be.
Result<bool> WasCommitted(Connection& connection, std::int64_t epoch, std::int64_t number);

}  // namespace elevaite::database::postgres
