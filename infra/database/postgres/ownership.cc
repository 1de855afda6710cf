#include "infra/database/postgres/ownership.h"

#include <fmt/format.h>

namespace elevaite::database::postgres {
namespace {

constexpr Sql kHasSchema{"schema.find", "SELECT 1 FROM pg_namespace WHERE nspname = CAST(?1 AS TEXT)"};
constexpr Sql kHasTable{"commit_numbers.find",
                        "SELECT 1 FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace"
                        " WHERE n.nspname = CAST(?1 AS TEXT) AND c.relname = 'commit_numbers'"};
constexpr Sql kCreateTable{"commit_numbers.create",
                           "CREATE TABLE IF NOT EXISTS commit_numbers ("
                           " epoch BIGINT NOT NULL, number BIGINT NOT NULL, PRIMARY KEY (epoch, number))"};
constexpr Sql kEndOld{"connections.end",
                      "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity"
                      " WHERE application_name = ?1 AND pid <> pg_backend_pid()"};
constexpr Sql kTryLock{"schema.lock",
                       "SELECT pg_try_advisory_lock(hashtextextended('elevaite ' || CAST(?1 AS TEXT), 0))"};
constexpr Sql kTryLockShared{
    "schema.lock_shared",
    "SELECT pg_try_advisory_lock_shared(hashtextextended('elevaite ' || CAST(?1 AS TEXT), 0))"};
constexpr Sql kBeginSetUp{
    "schema.begin_set_up",
    "SELECT count(pg_advisory_lock(hashtextextended('elevaite set up ' || CAST(?1 AS TEXT), 0)))"};
constexpr Sql kEndSetUp{
    "schema.end_set_up",
    "SELECT pg_advisory_unlock(hashtextextended('elevaite set up ' || CAST(?1 AS TEXT), 0))"};
constexpr Sql kHoldEpoch{
    "commit_numbers.hold_epoch",
    "SELECT pg_try_advisory_lock(hashtextextended('elevaite epoch ' || current_schema() ||"
    " ' ' || CAST(CAST(?1 AS BIGINT) AS TEXT), 0))"};
constexpr Sql kTakeEpoch{"commit_numbers.epoch",
                         "INSERT INTO commit_numbers (epoch, number)"
                         " SELECT coalesce(max(epoch), 0) + 1, 0 FROM commit_numbers RETURNING epoch"};
constexpr Sql kNewestEpoch{"commit_numbers.newest", "SELECT coalesce(max(epoch), 0) FROM commit_numbers"};
// A process that comes back after losing the lock still asks for its last ones.
constexpr Sql kForgetEpochs{
    "commit_numbers.forget_epochs",
    "WITH old AS MATERIALIZED (SELECT DISTINCT epoch FROM commit_numbers WHERE epoch < ?1 - CAST(10 AS "
    "BIGINT)),"
    " gone AS MATERIALIZED (SELECT epoch FROM old WHERE pg_try_advisory_xact_lock(hashtextextended("
    "'elevaite epoch ' || current_schema() || ' ' || CAST(epoch AS TEXT), 0)))"
    " DELETE FROM commit_numbers WHERE epoch IN (SELECT epoch FROM gone)"};
constexpr Sql kClaim{
    "commit_numbers.claim",
    "INSERT INTO commit_numbers (epoch, number) VALUES (?1, ?2) ON CONFLICT DO NOTHING RETURNING 1"};
// A commit that waits for the same standby as the one that it confirms, which may be here only so far.
constexpr Sql kConfirm{
    "commit_numbers.confirm",
    "UPDATE commit_numbers SET number = number WHERE epoch = ?1 AND number = ?2 RETURNING 1"};

constexpr std::chrono::seconds kPatience{10};

Result<Rows> Fetch(Connection& connection, const Sql& sql, const Params& params) {
  return connection.Fetch(sql, params, QueryOptions{}, std::chrono::steady_clock::now() + kPatience);
}

Result<std::int64_t> Run(Connection& connection, const Sql& sql, const Params& params = {}) {
  return connection.Run(sql, params, 0, params.size());
}

}  // namespace

const Sql kTakeTurn{
    "schema.take_turn",
    "SELECT count(pg_advisory_xact_lock(hashtextextended('elevaite turn ' || current_schema(), 0)))"};
const Sql kInsertNumber{"commit_numbers.insert",
                        "INSERT INTO commit_numbers (epoch, number) VALUES (?1, ?2)"};
const Sql kForgetNumbers{"commit_numbers.forget",
                         "DELETE FROM commit_numbers WHERE epoch = ?1 AND number >= ?2 AND number < ?3"};

Result<void> BeginSetUp(Connection& connection, const std::string& schema) {
  RETURN_IF_ERROR(Fetch(connection, kBeginSetUp, Params::Of(schema)));
  return {};
}

Result<void> EndSetUp(Connection& connection, const std::string& schema) {
  RETURN_IF_ERROR(Fetch(connection, kEndSetUp, Params::Of(schema)));
  return {};
}

Result<void> EnsureSchema(Connection& connection, const std::string& schema) {
  ASSIGN_OR_RETURN(const Rows schemas, Fetch(connection, kHasSchema, Params::Of(schema)));
  if (schemas.empty()) {
    const std::string text = fmt::format("CREATE SCHEMA IF NOT EXISTS {}", schema);
    RETURN_IF_ERROR(connection.Control({"schema.create", text.c_str()}));
  }
  ASSIGN_OR_RETURN(const Rows tables, Fetch(connection, kHasTable, Params::Of(schema)));
  if (tables.empty()) RETURN_IF_ERROR(Run(connection, kCreateTable));
  return {};
}

Result<void> EndOldConnections(Connection& connection, const std::string& application_name) {
  RETURN_IF_ERROR(Fetch(connection, kEndOld, Params::Of(application_name)));
  return {};
}

Result<void> TryLock(Connection& connection, const std::string& schema, bool shared) {
  ASSIGN_OR_RETURN(const Rows rows,
                   Fetch(connection, shared ? kTryLockShared : kTryLock, Params::Of(schema)));
  if (rows[0].Bool(0)) return {};
  return Fail(ErrorCode::kConflict,
              fmt::format("the schema '{}' of the database is in use by another process", schema),
              "stop the other one or choose another database; several processes share one when each has"
              " cluster.node_address");
}

Result<void> HoldEpoch(Connection& connection, std::int64_t epoch) {
  ASSIGN_OR_RETURN(const Rows rows, Fetch(connection, kHoldEpoch, Params::Of(epoch)));
  if (rows[0].Bool(0)) return {};
  return Fail(ErrorCode::kUnavailable, "the server has not ended our earlier connection yet");
}

Result<std::int64_t> TakeEpoch(Connection& connection) {
  ASSIGN_OR_RETURN(const Rows rows, Fetch(connection, kTakeEpoch, {}));
  const std::int64_t epoch = rows[0].Int(0);
  RETURN_IF_ERROR(HoldEpoch(connection, epoch));
  RETURN_IF_ERROR(Run(connection, kForgetEpochs, Params::Of(epoch)));
  return epoch;
}

Result<bool> IsNewest(Connection& connection, std::int64_t epoch) {
  ASSIGN_OR_RETURN(const Rows rows, Fetch(connection, kNewestEpoch, {}));
  return rows[0].Int(0) == epoch;
}

Result<bool> WasCommitted(Connection& connection, std::int64_t epoch, std::int64_t number) {
  ASSIGN_OR_RETURN(const Rows claimed, Fetch(connection, kClaim, Params::Of(epoch, number)));
  if (!claimed.empty()) return false;
  RETURN_IF_ERROR(Fetch(connection, kConfirm, Params::Of(epoch, number)));
  return true;
}

}  // namespace elevaite::database::postgres
