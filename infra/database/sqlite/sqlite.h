// The embedded database: one file, one writer thread, several readers, a thread for checkpoints.
//
// Durability: WAL with synchronous=FULL; a callback means that the commit is on the disk. The writer takes
// all batches that wait, up to group_batches_max or group_bytes_max, into one commit; the next group gathers
// while the disk works. So with n callers the rate is up to n times that of fsync, and a lone caller waits
// for one fsync.
//
// The log is copied into the database file beside the commits once it is larger than checkpoint_bytes, and
// then written over from its begin. When readers hold it up so that it passes log_bytes_max, the writer waits
// for them (up to 10 s at a time).
//
// A failed fsync leaves unknown what is on the disk: from then on all writes fail with kUnavailable until a
// restart.
//
// Beside `path` there are `path`-wal, `path`-shm (SQLite's) and `path`.lock, which keeps a second process
// out. New files are readable by their owner only. Back up with `VACUUM INTO` or SQLite's backup API, not by
// copying the file alone.
#pragma once

#include <memory>
#include <string>

#include "infra/database/database.h"

namespace elevaite::database {

struct SqliteOptions {
  std::string path;
  int readers = 2;                         // 1 to 64 threads and connections
  std::size_t writes_queued_max = 20'000;  // batches; more: kUnavailable
  std::size_t write_bytes_queued_max = 64U << 20U;
  std::size_t queries_queued_max = 2'000;
  std::size_t group_batches_max = 2'000;  // of one commit
  std::size_t group_bytes_max = 8U << 20U;
  std::size_t checkpoint_bytes = 4U << 20U;
  std::size_t log_bytes_max = 64U << 20U;
  std::int64_t cache_bytes = 16 << 20;  // of each connection
  std::int64_t mmap_bytes = 128 << 20;  // of readers
};

// Errors, one line each: kConflict (another process has it), kUnavailable (folder or file cannot be opened),
// kDataLoss (not a database), kResourceExhausted (disk full).
Result<std::unique_ptr<Database>> OpenSqlite(const SqliteOptions& options);

}  // namespace elevaite::database
