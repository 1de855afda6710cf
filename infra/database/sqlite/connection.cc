#include "infra/database/sqlite/connection.h"

#include <fmt/format.h>

#include <array>
#include <cerrno>
#include <cstring>

#include "infra/database/errors.h"

namespace elevaite::database::sqlite {
namespace {

constexpr std::size_t kStatementsMax = 1000;
constexpr int kProgressEveryOps = 2000;  // some 20 microseconds

// Resets on leaving, so that a statement never keeps a read transaction open.
struct ResetOnExit {
  explicit ResetOnExit(sqlite3_stmt* s) : statement(s) {}
  ResetOnExit(const ResetOnExit&) = delete;
  ResetOnExit& operator=(const ResetOnExit&) = delete;
  ~ResetOnExit() { sqlite3_reset(statement); }
  sqlite3_stmt* statement;
};

void AddRow(Cells& cells, sqlite3_stmt* statement, int columns) {
  for (int i = 0; i < columns; ++i) {
    switch (sqlite3_column_type(statement, i)) {
      case SQLITE_INTEGER: cells.AddInt(sqlite3_column_int64(statement, i)); break;
      case SQLITE_FLOAT: cells.AddReal(sqlite3_column_double(statement, i)); break;
      case SQLITE_TEXT: {
        const auto* text = reinterpret_cast<const char*>(sqlite3_column_text(statement, i));
        cells.AddText({text, static_cast<std::size_t>(sqlite3_column_bytes(statement, i))});
        break;
      }
      case SQLITE_BLOB: {
        const auto* bytes = static_cast<const char*>(sqlite3_column_blob(statement, i));
        const auto size = static_cast<std::size_t>(sqlite3_column_bytes(statement, i));
        cells.AddBlob(bytes == nullptr ? std::string_view() : std::string_view(bytes, size));
        break;
      }
      default: cells.AddNull();
    }
  }
}

// The errno of the failed call. SQLite tells it for a statement, but not for a COMMIT: then the files know.
int SystemErrorOf(sqlite3* db) {
  if (const int error = sqlite3_system_errno(db); error != 0) return error;
  for (const int which : {SQLITE_FCNTL_JOURNAL_POINTER, SQLITE_FCNTL_FILE_POINTER}) {
    sqlite3_file* file = nullptr;
    int error = 0;
    if (sqlite3_file_control(db, "main", which, static_cast<void*>(&file)) != SQLITE_OK || file == nullptr)
      continue;
    if (file->pMethods == nullptr) continue;
    file->pMethods->xFileControl(file, SQLITE_FCNTL_LAST_ERRNO, &error);
    if (error != 0) return error;
  }
  return 0;
}

ErrorCode CodeOf(int code, int system_error) {
  switch (code & 0xFF) {
    case SQLITE_CONSTRAINT:
      return code == SQLITE_CONSTRAINT_CHECK || code == SQLITE_CONSTRAINT_NOTNULL ||
                     code == SQLITE_CONSTRAINT_DATATYPE
                 ? ErrorCode::kInvalidArgument
                 : ErrorCode::kConflict;
    case SQLITE_FULL:
    case SQLITE_NOMEM: return ErrorCode::kResourceExhausted;
    case SQLITE_IOERR:
      return system_error == ENOSPC || system_error == EFBIG || system_error == EDQUOT
                 ? ErrorCode::kResourceExhausted
                 : ErrorCode::kUnavailable;
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
    case SQLITE_CANTOPEN:
    case SQLITE_READONLY: return ErrorCode::kUnavailable;
    case SQLITE_INTERRUPT: return ErrorCode::kTimeout;
    case SQLITE_TOOBIG: return ErrorCode::kPayloadTooLarge;
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB: return ErrorCode::kDataLoss;
    default: return ErrorCode::kInternal;
  }
}

}  // namespace

Result<std::unique_ptr<Connection>> Connection::Open(const std::string& path,
                                                     const ConnectionOptions& options) {
  const bool writes = options.access == Access::kReadWrite;
  const int flags = SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_PRIVATECACHE |
                    (writes ? SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE : SQLITE_OPEN_READONLY);
  sqlite3* db = nullptr;
  const int opened = sqlite3_open_v2(path.c_str(), &db, flags, nullptr);
  std::unique_ptr<Connection> connection(new Connection(db));
  if (opened != SQLITE_OK) return Fail(connection->ErrorOf(opened, "open"));
  sqlite3_extended_result_codes(db, 1);
  sqlite3_busy_timeout(db, static_cast<int>(options.busy_timeout.count()));
  sqlite3_db_config(db, SQLITE_DBCONFIG_DEFENSIVE, 1, nullptr);
  sqlite3_db_config(db, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, nullptr);
  sqlite3_db_config(db, SQLITE_DBCONFIG_DQS_DML, 0, nullptr);
  sqlite3_db_config(db, SQLITE_DBCONFIG_DQS_DDL, 0, nullptr);
  sqlite3_limit(db, SQLITE_LIMIT_ATTACHED, 0);
  sqlite3_progress_handler(db, kProgressEveryOps, &Connection::OnProgress, connection.get());
  sqlite3_set_authorizer(db, &Connection::OnAuthorize, connection.get());
  // The first statement that reads the file tells whether it is a database.
  const std::string pragmas = fmt::format(
      "PRAGMA schema_version; PRAGMA foreign_keys=ON; PRAGMA temp_store=MEMORY; PRAGMA cache_size=-{}; "
      "PRAGMA mmap_size={};"
      "PRAGMA synchronous=FULL; PRAGMA wal_autocheckpoint=0; PRAGMA journal_size_limit=-1;{}",
      options.cache_bytes / 1024, options.mmap_bytes, writes ? "" : "PRAGMA query_only=ON;");
  RETURN_IF_ERROR(connection->RunScript("open", pragmas));
  if (writes) {
    auto mode = connection->Fetch({"open", "PRAGMA journal_mode=WAL"}, Cells{}, QueryOptions{},
                                  Clock::Instant::max());
    if (!mode) return Fail(std::move(mode).error());
    if ((*mode)[0].Text(0) != "wal") {
      return Fail(ErrorCode::kUnavailable, "this file system does not support the write-ahead log of SQLite",
                  "put the data folder on a local disk");
    }
  }
  return connection;
}

Connection::~Connection() {
  for (const auto& [text, statement] : statements_) sqlite3_finalize(statement);
  for (const auto& [text, statement] : own_statements_) sqlite3_finalize(statement);
  sqlite3_close_v2(db_);
}

Error Connection::ErrorOf(int code, const char* sql_name) const {
  const int family = code & 0xFF;
  const bool io = family == SQLITE_IOERR || family == SQLITE_CANTOPEN || family == SQLITE_FULL;
  const int system_error = io && db_ != nullptr ? SystemErrorOf(db_) : 0;
  const ErrorCode ours = CodeOf(code, system_error);
  std::string detail =
      fmt::format("{}: {} ({})", sql_name, db_ == nullptr ? sqlite3_errstr(code) : sqlite3_errmsg(db_), code);
  if (system_error != 0) detail += fmt::format(", {}", std::strerror(system_error));
  return Error{.code = ours, .message = MessageOf(ours), .detail = std::move(detail)};
}

bool Connection::FsyncFailed() const {
  const int code = sqlite3_extended_errcode(db_);
  return code == SQLITE_IOERR_FSYNC || code == SQLITE_IOERR_DIR_FSYNC;
}

Result<sqlite3_stmt*> Connection::Prepare(const Sql& sql) {
  Statements& statements = forbid_transaction_control_ ? statements_ : own_statements_;
  if (const auto found = statements.find(sql.text); found != statements.end()) {
    if (std::strcmp(sqlite3_sql(found->second), sql.text) == 0) return found->second;
    sqlite3_finalize(found->second);  // somebody's text was no literal
    statements.erase(found);
  }
  if (statements.size() >= kStatementsMax) {
    for (const auto& [text, statement] : statements) sqlite3_finalize(statement);
    statements.clear();
  }
  sqlite3_stmt* statement = nullptr;
  const char* rest = nullptr;
  const int code = sqlite3_prepare_v3(db_, sql.text, -1, SQLITE_PREPARE_PERSISTENT, &statement, &rest);
  if (code != SQLITE_OK) return Fail(ErrorOf(code, sql.name));
  if (statement == nullptr ||
      std::string_view(rest).find_first_not_of(" \t\r\n;") != std::string_view::npos) {
    sqlite3_finalize(statement);
    return Fail(ErrorCode::kInternal, "a statement failed", {},
                fmt::format("{}: the text must hold one statement", sql.name));
  }
  statements.emplace(sql.text, statement);
  return statement;
}

Result<void> Connection::Bind(sqlite3_stmt* statement, const Sql& sql, const Cells& params, std::size_t first,
                              std::size_t count) {
  const auto wanted = static_cast<std::size_t>(sqlite3_bind_parameter_count(statement));
  if (wanted != count) {
    return Fail(ErrorCode::kInternal, "a statement failed", {},
                fmt::format("{}: {} parameters wanted, {} given", sql.name, wanted, count));
  }
  for (std::size_t i = 0; i < count; ++i) {
    const std::size_t cell = first + i;
    const int at = static_cast<int>(i) + 1;
    int code = SQLITE_OK;
    // The bytes stay where they are until the statement has run, and every parameter is bound anew before it
    // runs again.
    switch (params.type(cell)) {
      case Type::kNull: code = sqlite3_bind_null(statement, at); break;
      case Type::kInt: code = sqlite3_bind_int64(statement, at, params.integer(cell)); break;
      case Type::kReal: code = sqlite3_bind_double(statement, at, params.real(cell)); break;
      case Type::kText: {
        const std::string_view text = params.bytes(cell);
        code = sqlite3_bind_text64(statement, at, text.data(), text.size(), SQLITE_STATIC, SQLITE_UTF8);
        break;
      }
      case Type::kBlob: {
        const std::string_view bytes = params.bytes(cell);
        code = sqlite3_bind_blob64(statement, at, bytes.data(), bytes.size(), SQLITE_STATIC);
        break;
      }
    }
    if (code != SQLITE_OK) return Fail(ErrorOf(code, sql.name));
  }
  return {};
}

Result<std::int64_t> Connection::Run(const Sql& sql, const Cells& params, std::size_t first,
                                     std::size_t count) {
  ASSIGN_OR_RETURN(sqlite3_stmt * statement, Prepare(sql));
  const ResetOnExit reset(statement);
  RETURN_IF_ERROR(Bind(statement, sql, params, first, count));
  const std::int64_t before = sqlite3_total_changes64(db_);
  int code = SQLITE_ROW;
  while (code == SQLITE_ROW) code = sqlite3_step(statement);
  if (code != SQLITE_DONE) return Fail(ErrorOf(code, sql.name));
  // sqlite3_changes() keeps its value over statements that change nothing; it is right only when the total
  // has moved.
  return sqlite3_total_changes64(db_) == before ? 0 : sqlite3_changes64(db_);
}

Result<Rows> Connection::Fetch(const Sql& sql, const Cells& params, const QueryOptions& options,
                               Clock::Instant deadline) {
  ASSIGN_OR_RETURN(sqlite3_stmt * statement, Prepare(sql));
  const ResetOnExit reset(statement);
  RETURN_IF_ERROR(Bind(statement, sql, params, 0, params.size()));
  deadline_ = deadline;
  const int columns = sqlite3_column_count(statement);
  Rows rows(sql.name, static_cast<std::size_t>(columns));
  int code = sqlite3_step(statement);
  for (; code == SQLITE_ROW; code = sqlite3_step(statement)) {
    if (rows.size() >= options.rows_max || rows.cells().MemoryBytes() > options.bytes_max) {
      deadline_ = Clock::Instant::max();
      return Fail(
          ErrorCode::kResourceExhausted,
          fmt::format("the answer is larger than {} rows or {} bytes", options.rows_max, options.bytes_max),
          "ask for less at a time", sql.name);
    }
    AddRow(rows.cells(), statement, columns);
  }
  deadline_ = Clock::Instant::max();
  if (code != SQLITE_DONE) return Fail(ErrorOf(code, sql.name));
  return rows;
}

Result<void> Connection::RunScript(const char* name, std::string_view script) {
  const std::string text(script);
  const int code = sqlite3_exec(db_, text.c_str(), nullptr, nullptr, nullptr);
  if (code != SQLITE_OK) return Fail(ErrorOf(code, name));
  return {};
}

int Connection::OnAuthorize(void* self, int action, const char*, const char*, const char*, const char*) {
  if (!static_cast<const Connection*>(self)->forbid_transaction_control_) return SQLITE_OK;
  const bool control = action == SQLITE_TRANSACTION || action == SQLITE_SAVEPOINT ||
                       action == SQLITE_ATTACH || action == SQLITE_DETACH;
  return control ? SQLITE_DENY : SQLITE_OK;
}

int Connection::OnProgress(void* self) {
  const auto* connection = static_cast<const Connection*>(self);
  if (connection->deadline_ == Clock::Instant::max()) return 0;
  return std::chrono::steady_clock::now() >= connection->deadline_ ? 1 : 0;
}

}  // namespace elevaite::database::sqlite
