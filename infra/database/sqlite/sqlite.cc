#include "infra/database/sqlite/sqlite.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "infra/database/counters.h"
#include "infra/database/readers.h"
#include "infra/database/sqlite/checkpointer.h"
#include "infra/database/sqlite/connection.h"
#include "infra/database/sqlite/indexes.h"
#include "infra/database/sqlite/lock_file.h"
#include "infra/database/sqlite/writer.h"

namespace elevaite::database {
namespace {

using sqlite::Access;
using sqlite::Connection;

class SqliteDatabase final : public Database, public IndexedDatabase {
 public:
  SqliteDatabase(std::string path, sqlite::LockFile lock, std::unique_ptr<Counters> counters,
                 std::unique_ptr<sqlite::Writer> writer, std::unique_ptr<Readers> readers)
      : path_(std::move(path)),
        lock_(std::move(lock)),
        counters_(std::move(counters)),
        writer_(std::move(writer)),
        readers_(std::move(readers)) {}
  ~SqliteDatabase() override { SqliteDatabase::Close(); }

  Kind kind() const override { return Kind::kSqlite; }
  void Transact(TransactFunction function, TransactDone done) override {
    writer_->Transact(std::move(function), std::move(done));
  }
  void Query(const Sql& sql, Params params, const QueryOptions& options, QueryDone done) override {
    readers_->Query(sql, std::move(params), options, std::move(done));
  }
  Result<IndexReport> CheckIndexes(const IndexCheck& check) override {
    ASSIGN_OR_RETURN(const auto reading, Connection::Open(path_, {.access = Access::kReadOnly}));
    return sqlite::CheckIndexes(*this, *reading, check);
  }
  Result<void> Health() const override { return writer_->Health(); }
  Stats stats() const override { return counters_->Read(); }

  // The writer's connection goes last: the last one to close copies the log into the file and removes it.
  void Close() override {
    readers_->Close();
    writer_->Close();
  }

 protected:
  void SubmitBatch(Batch batch, WriteStream* stream, BatchDone done) override {
    writer_->Submit(std::move(batch), stream, std::move(done));
  }

 private:
  const std::string path_;
  sqlite::LockFile lock_;
  std::unique_ptr<Counters> counters_;
  std::unique_ptr<sqlite::Writer> writer_;
  std::unique_ptr<Readers> readers_;
};

// Before the first use in the process: SQLite shall not count what it allocates, which takes a lock, the same
// for all connections, each time.
void Configure() {
  [[maybe_unused]] static const int configured = sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0);
}

// SQLite would make the file readable for everybody; the log and the shared memory take its mode.
Result<void> EnsureFile(const std::string& path) {
  const int descriptor = open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  if (descriptor >= 0) {
    close(descriptor);
    return {};
  }
  return Fail(errno == ENOSPC ? ErrorCode::kResourceExhausted : ErrorCode::kUnavailable,
              "cannot open '" + path + "': " + std::strerror(errno),
              "the data folder must exist and belong to the user who runs elevaite");
}

Error Named(Error error, const std::string& path) {
  error.message = "cannot open '" + path + "': " + error.message;
  return error;
}

}  // namespace

Result<std::unique_ptr<Database>> OpenSqlite(const SqliteOptions& options) {
  Configure();
  ASSIGN_OR_RETURN(sqlite::LockFile lock, sqlite::LockFile::Acquire(options.path + ".lock"));
  RETURN_IF_ERROR(EnsureFile(options.path));
  const auto open = [&](Access access) {
    auto connection =
        Connection::Open(options.path, {.access = access,
                                        .cache_bytes = options.cache_bytes,
                                        .mmap_bytes = access == Access::kReadOnly ? options.mmap_bytes : 0});
    if (!connection) connection.error() = Named(std::move(connection).error(), options.path);
    return connection;
  };
  ASSIGN_OR_RETURN(auto write_connection, open(Access::kReadWrite));
  ASSIGN_OR_RETURN(auto checkpoint_connection, open(Access::kReadWrite));
  std::vector<std::unique_ptr<Reader>> read_connections;
  for (int i = 0; i < std::clamp(options.readers, 1, 64); ++i) {
    ASSIGN_OR_RETURN(auto connection, open(Access::kReadOnly));
    read_connections.push_back(std::move(connection));
  }
  auto counters = std::make_unique<Counters>();
  auto checkpointer = std::make_unique<sqlite::Checkpointer>(
      std::move(checkpoint_connection), options.checkpoint_bytes, options.log_bytes_max, *counters);
  auto writer = std::make_unique<sqlite::Writer>(std::move(write_connection), std::move(checkpointer),
                                                 options, *counters);
  auto readers =
      std::make_unique<Readers>(std::move(read_connections), options.queries_queued_max, *counters);
  return std::make_unique<SqliteDatabase>(options.path, std::move(lock), std::move(counters),
                                          std::move(writer), std::move(readers));
}

}  // namespace elevaite::database
