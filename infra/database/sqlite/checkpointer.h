// Copies the write-ahead log into the database file, beside the commits. Private to infra/database/sqlite.
//
// SQLite starts the log anew at its begin when all of it is copied and no reader uses it. A PASSIVE
// checkpoint beside a busy writer copies what was there when it began, never what was added meanwhile; so
// after the long pass here, the writer does a short one itself between two commits. When
// readers keep the log from starting anew until it is log_bytes_max long, the writer waits for them with a
// RESTART checkpoint.
#pragma once

#include <atomic>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <thread>

#include "infra/database/counters.h"
#include "infra/database/sqlite/connection.h"

namespace elevaite::database::sqlite {

class Checkpointer {
 public:
  Checkpointer(std::unique_ptr<Connection> connection, std::size_t checkpoint_bytes,
               std::size_t log_bytes_max, Counters& counters);
  ~Checkpointer();  // stops the thread

  // The writer's part, between two commits: `log_bytes` is the length of the log after the last one.
  void AfterCommit(Connection& writer, std::size_t log_bytes);

 private:
  void Loop();
  void StartPass();
  void WaitForReaders(Connection& writer);

  std::unique_ptr<Connection> connection_;
  const std::size_t checkpoint_bytes_;
  const std::size_t log_bytes_max_;
  Counters& counters_;

  // Of the writer's thread.
  std::size_t log_bytes_ = 0;
  std::size_t next_at_;  // a pass begins when the log is larger
  std::size_t wait_at_;  // the writer waits for readers when the log is larger

  std::atomic<bool> tail_left_{false};
  std::mutex mutex_;
  std::condition_variable wake_;
  std::condition_variable idle_;
  bool running_ = false;  // a pass is wanted or under way
  bool stopping_ = false;
  std::thread thread_;
};

}  // namespace elevaite::database::sqlite
