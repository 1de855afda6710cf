#include "infra/database/postgres/connection.h"

#include <fmt/format.h>
#include <poll.h>

#include <algorithm>
#include <cerrno>
#include <climits>

#include "infra/database/errors.h"
#include "infra/database/postgres/statement.h"
#include "infra/database/postgres/types.h"

namespace elevaite::database::postgres {
namespace {

constexpr std::size_t kStatementsMax = 1000;
constexpr int kServerVersionMin = 140'000;

std::string TextOf(const Secret& secret) { return std::string(secret.Reveal()); }

std::string PasswordIn(const Secret& url) {
  PQconninfoOption* options = PQconninfoParse(TextOf(url).c_str(), nullptr);
  std::string password;
  for (const PQconninfoOption* o = options; o != nullptr && o->keyword != nullptr; ++o) {
    if (std::string_view(o->keyword) == "password" && o->val != nullptr) password = o->val;
  }
  PQconninfoFree(options);
  return password;
}

// What the URL says stands over what is before `dbname`, and what is after it over the URL.
PGconn* StartConnecting(const ConnectionOptions& options) {
  const std::string url = TextOf(options.url);
  // Not a standby: what was acknowledged must be seen.
  const char* attributes = options.access == Access::kReadWrite ? "read-write" : "primary";
  const char* keywords[] = {"connect_timeout",
                            "keepalives_idle",
                            "keepalives_interval",
                            "keepalives_count",
                            "tcp_user_timeout",
                            "target_session_attrs",
                            "dbname",
                            "application_name",
                            "client_encoding",
                            nullptr};
  const char* values[] = {"5",     "10",       "5",         "3",
                          "20000", attributes, url.c_str(), options.application_name.c_str(),
                          "UTF8",  nullptr};
  return PQconnectStartParams(keywords, values, 1);
}

void AddResult(Result<Rows>& rows, const PGresult* result, const Sql& sql, const QueryOptions& options) {
  if (rows->columns() == 0) *rows = Rows(sql.name, static_cast<std::size_t>(PQnfields(result)));
  if (PQntuples(result) == 0) return;
  if (rows->size() >= options.rows_max || rows->cells().MemoryBytes() > options.bytes_max) {
    rows = Fail(
        ErrorCode::kResourceExhausted,
        fmt::format("the answer is larger than {} rows or {} bytes", options.rows_max, options.bytes_max),
        "ask for less at a time", sql.name);
  } else if (auto added = AddRows(*rows, result, sql.name); !added) {
    rows = Fail(std::move(added).error());
  }
}

}  // namespace

Error OutOfReach(const Error& why) {
  return Error{.code = ErrorCode::kUnavailable,
               .message = "the database cannot be reached",
               .detail = why.message + (why.detail.empty() ? "" : " [" + why.detail + "]"),
               .retry_after = std::chrono::seconds(1)};
}

Result<void> CheckUrl(const Secret& url) {
  PQconninfoOption* options = PQconninfoParse(TextOf(url).c_str(), nullptr);
  const bool good = options != nullptr && !url.IsEmpty();
  PQconninfoFree(options);
  if (good) return {};
  return Fail(
      ErrorCode::kInvalidArgument, "the address of the database cannot be read",
      "postgresql://user:password@host:5432/database; write special characters of the password as %40");
}

// ---- Beginning ----

Result<std::unique_ptr<Connection>> Connection::Open(const ConnectionOptions& options) {
  const auto deadline = std::chrono::steady_clock::now() + options.connect_timeout;
  std::unique_ptr<Connection> connection(new Connection(StartConnecting(options), PasswordIn(options.url)));
  if (connection->connection_ == nullptr) return Fail(ErrorCode::kResourceExhausted, "out of memory");
  RETURN_IF_ERROR(connection->Establish(deadline));
  RETURN_IF_ERROR(connection->SetUp(options, deadline));
  return connection;
}

Result<void> Connection::Establish(Clock::Instant deadline) {
  PostgresPollingStatusType status = PGRES_POLLING_WRITING;
  while (status != PGRES_POLLING_OK && status != PGRES_POLLING_FAILED && !lost()) {
    if (!WaitForSocket(status == PGRES_POLLING_READING, status == PGRES_POLLING_WRITING, deadline))
      return Fail(ErrorCode::kUnavailable, "cannot connect to PostgreSQL: no answer in time");
    status = PQconnectPoll(connection_);
  }
  if (status != PGRES_POLLING_OK) {
    return Fail(ErrorCode::kUnavailable,
                "cannot connect to PostgreSQL: " + Scrubbed(PQerrorMessage(connection_)));
  }
  if (PQserverVersion(connection_) < kServerVersionMin) {
    return Fail(ErrorCode::kUnavailable, fmt::format("PostgreSQL {} is too old; 14 or newer is needed",
                                                     PQserverVersion(connection_) / 10'000));
  }
  return {};
}

Result<void> Connection::SetUp(const ConnectionOptions& options, Clock::Instant deadline) {
  PQsetnonblocking(connection_, 1);
  PQsetNoticeProcessor(connection_, [](void*, const char*) {}, nullptr);
  // A server that loses us without noticing would keep our locks: it looks after us, too.
  std::string text = fmt::format(
      "SET search_path TO {}; SET jit TO off; SET TIME ZONE 'UTC'; SET lock_timeout TO {};"
      "SET statement_timeout TO 0; SET idle_in_transaction_session_timeout TO {};"
      "SET default_transaction_isolation TO 'read committed'; SET standard_conforming_strings TO on;"
      "SET tcp_keepalives_idle TO 10; SET tcp_keepalives_interval TO 5; SET tcp_keepalives_count TO 3;",
      options.schema, options.lock_timeout.count(), options.idle_timeout.count());
  text += options.access == Access::kReadOnly
              ? "SET default_transaction_read_only TO on;"
              : "SELECT set_config('synchronous_commit', 'on', false)"
                " WHERE current_setting('synchronous_commit') IN ('off', 'local');";
  RETURN_IF_ERROR(SimpleQuery(text, deadline));
  if (PQenterPipelineMode(connection_) != 1) return Fail(Lost());
  return {};
}

// Before pipeline mode only.
Result<void> Connection::SimpleQuery(const std::string& text, Clock::Instant deadline) {
  if (PQsendQuery(connection_, text.c_str()) != 1) return Fail(Lost());
  Result<void> answer;
  while (true) {
    const bool more = Pump();
    if (PQisBusy(connection_) == 0) {
      const PgResult result(PQgetResult(connection_));
      if (!result) return answer;
      if (answer && PQresultStatus(result.get()) == PGRES_FATAL_ERROR)
        answer = Fail(ErrorOf(result.get(), "connect"));
    } else if (lost() || !WaitForSocket(true, more, deadline)) {
      return Fail(Lost());
    }
  }
}

// ---- The socket ----

bool Connection::WaitForSocket(bool for_reading, bool for_writing, Clock::Instant deadline) {
  pollfd descriptor{.fd = socket(), .events = 0, .revents = 0};
  descriptor.events = static_cast<short>((for_reading ? POLLIN : 0) | (for_writing ? POLLOUT : 0));
  while (true) {
    int wait = -1;
    if (deadline != Clock::Instant::max()) {
      const auto left =
          std::chrono::ceil<std::chrono::milliseconds>(deadline - std::chrono::steady_clock::now());
      wait = static_cast<int>(std::clamp<std::int64_t>(left.count(), 0, INT_MAX));
    }
    const int ready = poll(&descriptor, 1, wait);
    if (ready > 0) return true;
    if (ready == 0 || errno != EINTR) return false;
  }
}

bool Connection::Pump() {
  PQconsumeInput(connection_);
  return PQflush(connection_) == 1;
}

PgResult Connection::TryRead() {
  while (outstanding_ > 0 && PQisBusy(connection_) == 0) {
    PgResult result(PQgetResult(connection_));
    if (!result) {
      if (lost()) return nullptr;
      continue;  // what stands between the answers of two statements
    }
    const ExecStatusType status = PQresultStatus(result.get());
    if (status == PGRES_SINGLE_TUPLE) return result;
    --outstanding_;
    // Takes that separator away, too, so that the next statement is the current one.
    if (status != PGRES_PIPELINE_SYNC) PgResult(PQgetResult(connection_));
    return result;
  }
  return nullptr;
}

PgResult Connection::Await(Clock::Instant deadline) {
  CHECK(outstanding_ > 0);
  while (true) {
    if (PgResult result = TryRead()) return result;
    const bool more = Pump();
    if (lost()) return TryRead();
    if (PQisBusy(connection_) != 0 && !WaitForSocket(true, more, deadline)) return nullptr;
  }
}

Result<void> Connection::AwaitSync(const char* sql_name) {
  Result<void> answer;
  while (outstanding_ > 0) {
    const PgResult result = Await();
    if (!result) return Fail(Lost());
    const ExecStatusType status = PQresultStatus(result.get());
    if (status == PGRES_PIPELINE_SYNC) return answer;
    if (status == PGRES_FATAL_ERROR && answer) answer = Fail(ErrorOf(result.get(), sql_name));
  }
  return answer;
}

Error Connection::Lost() const {
  return Error{.code = ErrorCode::kUnavailable,
               .message = "the connection to the database is lost",
               .detail = Scrubbed(PQerrorMessage(connection_))};
}

std::string Connection::Scrubbed(std::string text) const {
  for (std::size_t at = 0; !password_.empty() && (at = text.find(password_, at)) != std::string::npos;)
    text.replace(at, password_.size(), "***");
  while (!text.empty() && text.back() == '\n') text.pop_back();
  std::ranges::replace(text, '\n', ' ');
  return text;
}

// ---- Sending ----

Result<void> Connection::Sent(int accepted) {
  if (accepted != 1) return Fail(Lost());
  ++outstanding_;
  return {};
}

Result<void> Connection::Send(const Prepared& prepared, const char* sql_name, const Cells& params,
                              std::size_t first, std::size_t count) {
  RETURN_IF_ERROR(encoder_.Encode(prepared.types, sql_name, params, first, count));
  return Sent(PQsendQueryPrepared(connection_, prepared.name.c_str(), encoder_.count(), encoder_.values(),
                                  encoder_.lengths(), encoder_.formats(), 1));
}

Result<void> Connection::SendMany(const Prepared& prepared, const char* sql_name, const Cells& params,
                                  std::size_t first, std::size_t rows) {
  RETURN_IF_ERROR(encoder_.EncodeMany(prepared.types, sql_name, params, first, rows));
  return Sent(PQsendQueryPrepared(connection_, prepared.many.c_str(), encoder_.count(), encoder_.values(),
                                  encoder_.lengths(), encoder_.formats(), 1));
}

Result<void> Connection::SendControl(const Sql& sql) {
  return Sent(PQsendQueryParams(connection_, sql.text, 0, nullptr, nullptr, nullptr, nullptr, 1));
}

Result<void> Connection::SendSync() { return Sent(PQpipelineSync(connection_)); }

Result<void> Connection::SendFlushRequest() {
  if (PQsendFlushRequest(connection_) != 1) return Fail(Lost());
  return {};
}

// ---- One at a time ----

const Prepared* Connection::FindPrepared(const Sql& sql) const {
  const auto found = statements_.find(sql.text);
  // Somebody's text may be no literal.
  return found == statements_.end() || found->second.text != sql.text ? nullptr : &found->second;
}

Result<const Prepared*> Connection::Prepare(const Sql& sql) {
  if (const Prepared* known = FindPrepared(sql)) return known;
  if (ControlsTransaction(sql.text)) {
    return Fail(ErrorCode::kInternal, "a statement failed", {},
                fmt::format("{}: only the database controls transactions and sessions", sql.name));
  }
  if (statements_.size() >= kStatementsMax) {
    RETURN_IF_ERROR(Control({"deallocate", "DEALLOCATE ALL"}));
    statements_.clear();
  }
  Prepared prepared{
      .name = fmt::format("{}#{}", sql.name, ++names_), .text = sql.text, .types = {}, .many = {}};
  RETURN_IF_ERROR(AskFor(prepared, sql));
  RETURN_IF_ERROR(AskForMany(prepared, sql));
  return &statements_.insert_or_assign(sql.text, std::move(prepared)).first->second;
}

Result<void> Connection::AskFor(Prepared& prepared, const Sql& sql) {
  const Translated translated = Translate(sql.text);
  RETURN_IF_ERROR(
      Sent(PQsendPrepare(connection_, prepared.name.c_str(), translated.text.c_str(), 0, nullptr)));
  RETURN_IF_ERROR(Sent(PQsendDescribePrepared(connection_, prepared.name.c_str())));
  RETURN_IF_ERROR(SendSync());
  Result<void> answer;
  while (outstanding_ > 0) {
    const PgResult result = Await();
    if (!result) return Fail(Lost());
    if (PQresultStatus(result.get()) == PGRES_FATAL_ERROR && answer)
      answer = Fail(ErrorOf(result.get(), sql.name));
    for (int i = 0; i < PQnparams(result.get()); ++i) prepared.types.push_back(PQparamtype(result.get(), i));
  }
  return answer;
}

Result<void> Connection::AskForMany(Prepared& prepared, const Sql& sql) {
  const std::string text = TranslateForMany(sql.text);
  std::vector<Oid> types;
  for (const Oid type : prepared.types) types.push_back(ArrayOf(type));
  if (text.empty() || std::ranges::find(types, Oid{0}) != types.end()) return {};
  const std::string name = prepared.name + "*";
  RETURN_IF_ERROR(Sent(
      PQsendPrepare(connection_, name.c_str(), text.c_str(), static_cast<int>(types.size()), types.data())));
  RETURN_IF_ERROR(SendSync());
  RETURN_IF_ERROR(AwaitSync(sql.name));
  prepared.many = name;
  return {};
}

Result<void> Connection::Control(const Sql& sql) {
  RETURN_IF_ERROR(SendControl(sql));
  RETURN_IF_ERROR(SendSync());
  return AwaitSync(sql.name);
}

Result<std::int64_t> Connection::Run(const Sql& sql, const Cells& params, std::size_t first,
                                     std::size_t count) {
  ASSIGN_OR_RETURN(const Prepared* prepared, Prepare(sql));
  RETURN_IF_ERROR(Send(*prepared, sql.name, params, first, count));
  RETURN_IF_ERROR(SendSync());
  const PgResult result = Await();
  if (!result) return Fail(Lost());
  Result<std::int64_t> changed = RowsChanged(result.get());
  if (PQresultStatus(result.get()) == PGRES_FATAL_ERROR) changed = Fail(ErrorOf(result.get(), sql.name));
  RETURN_IF_ERROR(AwaitSync(sql.name));
  return changed;
}

Result<Rows> Connection::Fetch(const Sql& sql, const Cells& params, const QueryOptions& options,
                               Clock::Instant deadline) {
  ASSIGN_OR_RETURN(const Prepared* prepared, Prepare(sql));
  RETURN_IF_ERROR(Send(*prepared, sql.name, params, 0, params.size()));
  PQsetSingleRowMode(connection_);
  RETURN_IF_ERROR(SendSync());
  auto rows = ReadRows(sql, options, deadline);
  if (lost()) return rows;
  RETURN_IF_ERROR(AwaitSync(sql.name));
  return rows;
}

// Row by row, so that an answer that is too large costs no memory. Reads to its end in any case.
Result<Rows> Connection::ReadRows(const Sql& sql, const QueryOptions& options, Clock::Instant deadline) {
  Result<Rows> rows;
  while (true) {
    const PgResult result = Await(deadline);
    if (!result) {
      if (lost()) return Fail(Lost());
      given_up_ = true;
      return Fail(ErrorCode::kTimeout, MessageOf(ErrorCode::kTimeout), {}, sql.name);
    }
    const ExecStatusType status = PQresultStatus(result.get());
    if (status == PGRES_FATAL_ERROR) return rows ? Fail(ErrorOf(result.get(), sql.name)) : std::move(rows);
    if (rows) AddResult(rows, result.get(), sql, options);
    if (status != PGRES_SINGLE_TUPLE) return rows;
  }
}

Result<void> Connection::RunScript(const char* name, std::string_view script) {
  // EXECUTE within a block runs several statements and refuses those that end the transaction.
  ASSIGN_OR_RETURN(const std::string inner, Quoted(script));
  ASSIGN_OR_RETURN(const std::string block, Quoted("BEGIN EXECUTE " + inner + "; END"));
  const std::string text = "DO " + block;
  return Control({name, text.c_str()});
}

Result<std::string> Connection::Quoted(std::string_view text) {
  char* quoted = PQescapeLiteral(connection_, text.data(), text.size());
  if (quoted == nullptr) return Fail(Lost());
  std::string result(quoted);
  PQfreemem(quoted);
  return result;
}

Result<void> Connection::SetStatementTimeout(std::chrono::milliseconds timeout) {
  const std::string text = fmt::format("SET statement_timeout TO {}", timeout.count());
  return Control({"statement_timeout", text.c_str()});
}

}  // namespace elevaite::database::postgres
