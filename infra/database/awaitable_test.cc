#include "infra/database/awaitable.h"

#include <gtest/gtest.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <thread>

#include "infra/database/sqlite/sqlite.h"
#include "infra/database/test_folder.h"

namespace elevaite::database {
namespace {

constexpr Sql kCreate{"t.create", "CREATE TABLE t (id BIGINT PRIMARY KEY)"};
constexpr Sql kInsert{"t.insert", "INSERT INTO t VALUES (?1)"};
constexpr Sql kCount{"t.count", "SELECT count(*) FROM t"};

struct Seen {
  std::int64_t count = 0;
  Result<BatchOutcome> conflict{};
  Result<void> transact{};
  bool same_thread = true;
  bool finished = false;
};

boost::asio::awaitable<void> Work(Database& db, Seen& seen) {
  const auto home = std::this_thread::get_id();
  Batch create;
  create.Add(kCreate);
  auto creating = AsyncSubmit(db, std::move(create));
  const auto created = co_await std::move(creating);
  seen.same_thread = seen.same_thread && created && std::this_thread::get_id() == home;
  WriteStream stream;
  for (int i = 0; i < 2; ++i) {
    Batch insert;
    insert.Add(kInsert, 1);
    auto inserting = AsyncSubmit(db, stream, std::move(insert));
    seen.conflict = co_await std::move(inserting);
    seen.same_thread = seen.same_thread && std::this_thread::get_id() == home;
  }
  TransactFunction function = [](Session& session) -> Result<void> {
    RETURN_IF_ERROR(session.Execute(kInsert, 2));
    return {};
  };
  auto transacting = AsyncTransact(db, std::move(function));
  seen.transact = co_await std::move(transacting);
  auto querying = AsyncQuery(db, kCount, Params());
  const auto rows = co_await std::move(querying);
  seen.same_thread = seen.same_thread && std::this_thread::get_id() == home;
  if (rows) seen.count = (*rows)[0].Int(0);
  seen.finished = true;
}

TEST(Awaitable, ResumesOnTheExecutorOfTheCaller) {
  const TestFolder folder;
  auto db = OpenSqlite({.path = folder.File("a.db")}).value();
  boost::asio::io_context context;
  Seen seen;
  boost::asio::co_spawn(context, Work(*db, seen), boost::asio::detached);
  context.run();  // ends only when the work is done, though it waits elsewhere
  EXPECT_TRUE(seen.finished);
  EXPECT_TRUE(seen.same_thread);
  EXPECT_EQ(seen.count, 2);
  ASSERT_FALSE(seen.conflict);
  EXPECT_EQ(seen.conflict.error().code, ErrorCode::kConflict);
  EXPECT_TRUE(seen.transact);
}

}  // namespace
}  // namespace elevaite::database
