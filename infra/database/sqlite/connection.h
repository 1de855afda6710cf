// One SQLite connection with its prepared statements. Used by one thread at a time. Private to
// infra/database/sqlite.
#pragma once

#include <sqlite3.h>

#include <memory>
#include <string>
#include <unordered_map>

#include "infra/database/database.h"
#include "infra/database/readers.h"

namespace elevaite::database::sqlite {

enum class Access : std::uint8_t { kReadWrite, kReadOnly };

struct ConnectionOptions {
  Access access = Access::kReadWrite;
  std::int64_t cache_bytes = 16 << 20;
  std::int64_t mmap_bytes = 0;
  std::chrono::milliseconds busy_timeout{10'000};
};

class Connection final : public Reader {
 public:
  static Result<std::unique_ptr<Connection>> Open(const std::string& path, const ConnectionOptions& options);
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;
  ~Connection() override;

  // Runs to the end and returns the number of rows changed. `first` and `count` choose the parameters.
  Result<std::int64_t> Run(const Sql& sql, const Cells& params, std::size_t first, std::size_t count);
  Result<std::int64_t> Run(const Sql& sql) { return Run(sql, Cells{}, 0, 0); }
  Result<Rows> Fetch(const Sql& sql, const Cells& params, const QueryOptions& options,
                     Clock::Instant deadline) override;
  Result<void> RunScript(const char* name, std::string_view script);

  // While set, statements that begin or end transactions, and ATTACH, are refused.
  void ForbidTransactionControl(bool forbid) { forbid_transaction_control_ = forbid; }
  bool InTransaction() const { return sqlite3_get_autocommit(db_) == 0; }
  sqlite3* raw() const { return db_; }
  // The last error of this connection as ours.
  Error ErrorOf(int code, const char* sql_name) const;
  // The last error was a failed fsync: what is on the disk is not known.
  bool FsyncFailed() const;

 private:
  explicit Connection(sqlite3* db) : db_(db) {}
  Result<sqlite3_stmt*> Prepare(const Sql& sql);
  Result<void> Bind(sqlite3_stmt* statement, const Sql& sql, const Cells& params, std::size_t first,
                    std::size_t count);
  static int OnProgress(void* self);
  static int OnAuthorize(void* self, int action, const char*, const char*, const char*, const char*);

  sqlite3* db_;
  // By the address of the text; apart for the writer's own statements (BEGIN ...), which the others must not
  // get at through here.
  using Statements = std::unordered_map<const char*, sqlite3_stmt*>;
  Statements statements_;
  Statements own_statements_;
  Clock::Instant deadline_ = Clock::Instant::max();
  bool forbid_transaction_control_ = false;
};

}  // namespace elevaite::database::sqlite
