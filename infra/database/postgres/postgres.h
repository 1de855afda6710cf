// PostgreSQL 14 or newer, through libpq in pipeline mode.
//
// One connection writes, some read; a thread each. What is submitted is sent at once into the open
// transaction; as soon as the commit before it is answered and all its statements have been, it is committed
// itself. So the next group is on the server while the last one's COMMIT is on its way, and the slower the
// commits the larger they grow.
//
// Plain INSERTs of one batch that stand together are sent as one statement for many rows.
//
// Of a group in which a statement fails the batches before it are run again and committed, it alone fails,
// and those behind it follow: each batch runs twice at most.
//
// The connection lost. The open transaction is run again once the server is back; whether a COMMIT without an
// answer was done is looked up: each transaction inserts a number of its own into `commit_numbers`, and after
// reconnecting we try to insert it ourselves. If it is there, the commit was done; if not, ours keeps the
// lost one from ever being done, and the group is run again. So a restart of the server shows as a pause.
// Writes are refused (kUnavailable, retry_after) when the server stays away longer than outage_patience, in
// their order; also those behind a commit without an answer, which itself is answered when it is settled, and
// not before. A connection on which a COMMIT has no answer for outage_patience, or a statement for
// lock_timeout more, counts as lost: the server may be stopped, or its disk. A function of Transact is not
// run twice: it fails when the connection is lost in it.
//
// One process owns a schema: it holds an advisory lock on the writing connection, for as long as that lives.
// After losing it to another one all that waits fails. Processes that open it as shared hold the lock
// together: functions of Transact take turns over all of them, batches do not, so that these must name what
// they rely on (ExpectRows). A turn that stands still for abandoned_after is ended by the server; what else a
// stopped process holds is freed by ending its connections, whose application_name ends with its name.
//
// `synchronous_commit` is on: what is acknowledged is on the server's disk.
//
// Constraints must not be DEFERRABLE. A statement that waits longer than lock_timeout for another client's
// lock fails alone. Statements of Batch and Session cannot control the transaction or the session.
#pragma once

#include <memory>
#include <string>

#include "foundation/secret.h"
#include "infra/database/database.h"
#include "infra/database/upkeep.h"

namespace elevaite::database {

struct PostgresOptions {
  // postgresql://user:password@host:5432/database?sslmode=verify-full, or libpq's key=value form.
  Secret url;
  std::string schema;   // where the tables are; made when it is not there. [a-z][a-z0-9_]{0,29}
  bool shared = false;  // with other processes that say so, too
  std::string name{};   // of this process, on the server: 22 characters at most; empty: a random one
  int readers = 2;      // 1 to 64 threads and connections
  std::size_t writes_queued_max = 20'000;  // batches; more: kUnavailable
  std::size_t write_bytes_queued_max = 64U << 20U;
  std::size_t queries_queued_max = 2'000;
  std::size_t group_batches_max = 2'000;  // of one commit
  std::size_t group_bytes_max = 8U << 20U;
  std::chrono::milliseconds connect_timeout{5'000};
  std::chrono::milliseconds lock_timeout{10'000};
  std::chrono::milliseconds outage_patience{5'000};
  std::chrono::milliseconds abandoned_after{2'000};
};

// Errors, one line each: kInvalidArgument (the URL or schema), kUnavailable (no server, wrong password, ...),
// kConflict (another process has the schema; after two seconds). No text ever holds the
// password.
Result<std::unique_ptr<Database>> OpenPostgres(const PostgresOptions& options);

// For the schema of a database that this process has open. Connects for each statement.
Result<std::unique_ptr<Upkeep>> OpenUpkeep(const PostgresOptions& options);

}  // namespace elevaite::database
