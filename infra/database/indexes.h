// Indexes: whether a service's database has those that its migrations make, valid, and in step with their
// tables.
//
// What should be there is not written down a second time: the migrations are applied to an empty database,
// of which nothing stays (SQLite: in memory; PostgreSQL: a schema in a transaction that is rolled back), and
// both are compared. On PostgreSQL names do not count, what is indexed does; tables of a week are compared
// with those of another week. An index that no migration makes may be there, but must be in step, too.
//
// Beside a live process: all of it has a connection of its own, and nothing is read in one go for long.
//   SQLite      `integrity_check` of a table, and where that takes longer than a moment, row by row through
//               each index in short reads. An index is made anew by the writer, which writes nothing else
//               meanwhile: some seconds for a million rows.
//   PostgreSQL  `bt_index_check` of the extension amcheck where our role may call it; else some hundred rows
//               of each index are looked up through it. Indexes are made anew with CONCURRENTLY.
#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <stop_token>
#include <string>
#include <vector>

#include "infra/database/database.h"
#include "infra/database/migrate.h"

namespace elevaite::database {

struct IndexFinding {
  std::string subject;  // an index, or a table
  std::string problem;
  std::string advice;
  std::string mended{};  // what was done; empty: nothing
};

struct IndexReport {
  std::uint64_t indexes = 0;  // whose contents were looked at
  std::vector<IndexFinding> findings;
  std::vector<std::string> unseen;  // what could not be looked at, and why
};

struct IndexCheck {
  std::span<const Migration> migrations;  // of the database's dialect
  bool mend = false;
  std::stop_token stop{};  // then it fails with kCancelled
  // SQLite: tables that take longer are looked at in pieces. Meanwhile the log cannot be written over.
  std::chrono::milliseconds whole_table{250};
  std::function<void(const IndexReport&)> looked = nullptr;  // after each piece of work
};

// Blocks. Errors: kCancelled; kUnavailable and those of statements; kConflict (another one mends).
Result<IndexReport> CheckIndexes(Database& db, const IndexCheck& check);

// What an adapter's database is, too.
class IndexedDatabase {
 public:
  virtual ~IndexedDatabase() = default;
  virtual Result<IndexReport> CheckIndexes(const IndexCheck& check) = 0;
};

}  // namespace elevaite::database
