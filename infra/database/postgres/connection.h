// One connection in pipeline mode, with its prepared statements. Used by one thread at a time. Private to
// infra/database/postgres.
//
// Two ways to use it: a statement at a time, waiting for its answer (Run, Fetch, ...), or many statements
// whose answers are read later, in the order in which they were sent (Send, TryRead). Do not mix them while
// answers are outstanding.
#pragma once

#include <libpq-fe.h>

#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

#include "foundation/secret.h"
#include "infra/database/database.h"
#include "infra/database/postgres/parameters.h"
#include "infra/database/postgres/result.h"

namespace elevaite::database::postgres {

enum class Access : std::uint8_t { kReadWrite, kReadOnly };

struct ConnectionOptions {
  Secret url;
  std::string schema;            // checked already
  std::string application_name;  // as pg_stat_activity shows it
  Access access = Access::kReadWrite;
  std::chrono::milliseconds connect_timeout{5'000};
  std::chrono::milliseconds lock_timeout{10'000};
  std::chrono::milliseconds idle_timeout{0};  // of an open transaction, before the server ends it; 0: never
};

// As the server knows a statement.
struct Prepared {
  std::string name;
  std::string text;  // as the caller wrote it
  std::vector<Oid> types;
  std::string many;  // the name of the same for many rows (TranslateForMany); empty: there is none
};

struct CancelFreed {
  void operator()(PGcancel* cancel) const { PQfreeCancel(cancel); }
};
using CancelHandle = std::unique_ptr<PGcancel, CancelFreed>;

class Connection {
 public:
  static Result<std::unique_ptr<Connection>> Open(const ConnectionOptions& options);
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;
  ~Connection() { PQfinish(connection_); }

  bool lost() const { return given_up_ || PQstatus(connection_) == CONNECTION_BAD; }
  int socket() const { return PQsocket(connection_); }
  int server_process() const { return PQbackendPID(connection_); }
  // For another thread to end what the server does here.
  CancelHandle Cancellation() const { return CancelHandle(PQgetCancel(connection_)); }

  // ---- One at a time ----
  // What the server says when it hears of the statement for the first time. Refuses what controls
  // transactions.
  Result<const Prepared*> Prepare(const Sql& sql);
  Result<std::int64_t> Run(const Sql& sql, const Cells& params, std::size_t first, std::size_t count);
  // When the server does not keep to the deadline the connection is given up.
  Result<Rows> Fetch(const Sql& sql, const Cells& params, const QueryOptions& options,
                     Clock::Instant deadline);
  // Several statements, none of which can control the transaction they run in.
  Result<void> RunScript(const char* name, std::string_view script);
  // The adapter's own statements, also BEGIN and the like; without parameters.
  Result<void> Control(const Sql& sql);
  // For readers: how long the server works on a statement.
  Result<void> SetStatementTimeout(std::chrono::milliseconds timeout);

  // ---- Many, answers later ----
  const Prepared* FindPrepared(const Sql& sql) const;
  Result<void> Send(const Prepared& prepared, const char* sql_name, const Cells& params, std::size_t first,
                    std::size_t count);
  // Rows behind one another in `params`, with a statement that has a form for many.
  Result<void> SendMany(const Prepared& prepared, const char* sql_name, const Cells& params,
                        std::size_t first, std::size_t rows);
  Result<void> SendControl(const Sql& sql);
  Result<void> SendSync();
  // The server answers what it has so far, without ending the pipeline.
  Result<void> SendFlushRequest();
  // Answers that are still to come; a sync is one too.
  std::size_t outstanding() const { return outstanding_; }
  // One has arrived, perhaps.
  bool HasAnswer() const { return outstanding_ > 0 && PQisBusy(connection_) == 0; }
  // The next answer if it has arrived; else nothing. Nothing, too, once the connection is lost.
  PgResult TryRead();
  // Takes from the socket what is there, gives it what it takes. True: it must be written again.
  bool Pump();
  // Waits for the next answer. Nothing: the connection is lost, or the deadline has passed (and then it is).
  PgResult Await(Clock::Instant deadline = Clock::Instant::max());
  // Reads up to the next sync; the first error on the way, if there was one.
  Result<void> AwaitSync(const char* sql_name);

  Error Lost() const;

 private:
  explicit Connection(PGconn* connection, std::string password)
      : connection_(connection), password_(std::move(password)) {}
  Result<void> Establish(Clock::Instant deadline);
  Result<void> SetUp(const ConnectionOptions& options, Clock::Instant deadline);
  Result<void> SimpleQuery(const std::string& text, Clock::Instant deadline);
  bool WaitForSocket(bool for_reading, bool for_writing, Clock::Instant deadline);
  Result<void> AskFor(Prepared& prepared, const Sql& sql);
  Result<void> AskForMany(Prepared& prepared, const Sql& sql);
  Result<Rows> ReadRows(const Sql& sql, const QueryOptions& options, Clock::Instant deadline);
  Result<std::string> Quoted(std::string_view text);
  Result<void> Sent(int accepted);
  std::string Scrubbed(std::string text) const;  // one line, without the password

  PGconn* connection_;
  std::string password_;
  std::size_t outstanding_ = 0;
  std::size_t names_ = 0;
  Encoder encoder_;
  std::unordered_map<const char*, Prepared> statements_;  // by the address of the text
  bool given_up_ = false;
};

// Of one that cannot be made, for those who use the database: where it is stays in the detail.
Error OutOfReach(const Error& why);

// Checks the URL without a word of it in the error.
Result<void> CheckUrl(const Secret& url);

}  // namespace elevaite::database::postgres
