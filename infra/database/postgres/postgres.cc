#include "infra/database/postgres/postgres.h"

#include <fmt/format.h>

#include <algorithm>
#include <thread>

#include "infra/database/counters.h"
#include "infra/database/postgres/connection.h"
#include "infra/database/postgres/indexes.h"
#include "infra/database/postgres/ownership.h"
#include "infra/database/postgres/reader.h"
#include "infra/database/postgres/writer.h"
#include "infra/database/readers.h"

namespace elevaite::database {
namespace {

using postgres::Access;
using postgres::Connection;
using postgres::ConnectionOptions;

constexpr std::chrono::milliseconds kLockPatience{2'000};

class PostgresDatabase final : public Database, public IndexedDatabase {
 public:
  // `indexes`: of the connection that looks at them.
  PostgresDatabase(ConnectionOptions indexes, std::unique_ptr<Counters> counters,
                   std::unique_ptr<postgres::Writer> writer, std::unique_ptr<Readers> readers)
      : indexes_(std::move(indexes)),
        counters_(std::move(counters)),
        writer_(std::move(writer)),
        readers_(std::move(readers)) {}
  ~PostgresDatabase() override { PostgresDatabase::Close(); }

  Kind kind() const override { return Kind::kPostgres; }
  void Transact(TransactFunction function, TransactDone done) override {
    writer_->Transact(std::move(function), std::move(done));
  }
  void Query(const Sql& sql, Params params, const QueryOptions& options, QueryDone done) override {
    readers_->Query(sql, std::move(params), options, std::move(done));
  }
  Result<IndexReport> CheckIndexes(const IndexCheck& check) override {
    const auto connection = Connection::Open(indexes_);
    if (!connection) return Fail(postgres::OutOfReach(connection.error()));
    return postgres::CheckIndexes(**connection, indexes_.schema, check);
  }
  Result<void> Health() const override { return writer_->Health(); }
  Stats stats() const override { return counters_->Read(); }
  void Close() override {
    readers_->Close();
    writer_->Close();
  }

 protected:
  void SubmitBatch(Batch batch, WriteStream* stream, BatchDone done) override {
    writer_->Submit(std::move(batch), stream, std::move(done));
  }

 private:
  const ConnectionOptions indexes_;
  std::unique_ptr<Counters> counters_;
  std::unique_ptr<postgres::Writer> writer_;
  std::unique_ptr<Readers> readers_;
};

Result<void> CheckSchema(const std::string& schema) {
  const auto good = [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_'; };
  if (!schema.empty() && schema.size() <= 30 && schema[0] >= 'a' && schema[0] <= 'z' &&
      std::ranges::all_of(schema, good))
    return {};
  return Fail(ErrorCode::kInvalidArgument, "the name of a schema is made of a-z, 0-9 and _, 30 at most");
}

// One who has just ended may still be on its way out of the server.
Result<void> Lock(Connection& connection, const PostgresOptions& options) {
  const auto deadline = std::chrono::steady_clock::now() + kLockPatience;
  while (true) {
    auto locked = postgres::TryLock(connection, options.schema, options.shared);
    if (locked || locked.error().code != ErrorCode::kConflict || std::chrono::steady_clock::now() > deadline)
      return locked;
    std::this_thread::sleep_for(std::chrono::milliseconds(50));
  }
}

ConnectionOptions ConnectionOptionsFrom(const PostgresOptions& options, Access access) {
  const bool writes = access == Access::kReadWrite;
  return {.url = options.url,
          .schema = options.schema,
          .application_name =
              fmt::format("elevaite {} {} {}", options.schema, writes ? "writer" : "reader",
                          options.name.empty() ? SystemUuids().Next().ToText().substr(14) : options.name),
          .access = access,
          .connect_timeout = options.connect_timeout,
          .lock_timeout = options.lock_timeout,
          .idle_timeout = options.shared && writes ? options.abandoned_after : std::chrono::milliseconds(0)};
}

// Its work comes in hours, so it keeps no connection.
class PostgresUpkeep final : public Upkeep {
 public:
  explicit PostgresUpkeep(ConnectionOptions options) : options_(std::move(options)) {}

  Result<Rows> Run(const Sql& sql, Params params, std::chrono::milliseconds timeout) override {
    postgres::PostgresReader connection(options_);
    return connection.Fetch(sql, params, {.timeout = timeout}, std::chrono::steady_clock::now() + timeout);
  }

 private:
  const ConnectionOptions options_;
};

ConnectionOptions IndexOptionsFrom(const PostgresOptions& options) {
  ConnectionOptions own = ConnectionOptionsFrom(options, Access::kReadWrite);
  own.application_name.replace(own.application_name.find(" writer "), 8, " indexes ");
  own.idle_timeout = {};
  return own;
}

// The epoch that we have then.
Result<std::int64_t> SetUp(Connection& connection, const PostgresOptions& options) {
  RETURN_IF_ERROR(postgres::BeginSetUp(connection, options.schema));
  RETURN_IF_ERROR(postgres::EnsureSchema(connection, options.schema));
  RETURN_IF_ERROR(Lock(connection, options));
  ASSIGN_OR_RETURN(const std::int64_t epoch, postgres::TakeEpoch(connection));
  RETURN_IF_ERROR(postgres::EndSetUp(connection, options.schema));
  return epoch;
}

}  // namespace

Result<std::unique_ptr<Database>> OpenPostgres(const PostgresOptions& options) {
  RETURN_IF_ERROR(postgres::CheckUrl(options.url));
  RETURN_IF_ERROR(CheckSchema(options.schema));
  const ConnectionOptions writing = ConnectionOptionsFrom(options, Access::kReadWrite);
  ASSIGN_OR_RETURN(auto connection, Connection::Open(writing));
  ASSIGN_OR_RETURN(const std::int64_t epoch, SetUp(*connection, options));
  std::vector<std::unique_ptr<Reader>> reading;
  for (int i = 0; i < std::clamp(options.readers, 1, 64); ++i) {
    reading.push_back(
        std::make_unique<postgres::PostgresReader>(ConnectionOptionsFrom(options, Access::kReadOnly)));
  }
  auto counters = std::make_unique<Counters>();
  auto writer = std::make_unique<postgres::Writer>(std::move(connection), writing, epoch, options, *counters);
  auto readers = std::make_unique<Readers>(std::move(reading), options.queries_queued_max, *counters);
  return std::make_unique<PostgresDatabase>(IndexOptionsFrom(options), std::move(counters), std::move(writer),
                                            std::move(readers));
}

Result<std::unique_ptr<Upkeep>> OpenUpkeep(const PostgresOptions& options) {
  RETURN_IF_ERROR(postgres::CheckUrl(options.url));
  RETURN_IF_ERROR(CheckSchema(options.schema));
  ConnectionOptions connection = ConnectionOptionsFrom(options, Access::kReadWrite);
  connection.application_name = fmt::format("elevaite {} upkeep", options.schema);
  connection.lock_timeout = Upkeep::kLockTimeout;
  connection.idle_timeout = {};
  return std::make_unique<PostgresUpkeep>(std::move(connection));
}

}  // namespace elevaite::database
