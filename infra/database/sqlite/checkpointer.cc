#include "infra/database/sqlite/checkpointer.h"

#include <pthread.h>

namespace elevaite::database::sqlite {

Checkpointer::Checkpointer(std::unique_ptr<Connection> connection, std::size_t checkpoint_bytes,
                           std::size_t log_bytes_max, Counters& counters)
    : connection_(std::move(connection)),
      checkpoint_bytes_(checkpoint_bytes),
      log_bytes_max_(log_bytes_max),
      counters_(counters),
      next_at_(checkpoint_bytes),
      wait_at_(log_bytes_max),
      thread_([this] { Loop(); }) {}

Checkpointer::~Checkpointer() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  wake_.notify_all();
  thread_.join();
}

void Checkpointer::AfterCommit(Connection& writer, std::size_t log_bytes) {
  if (log_bytes < log_bytes_) {  // the log has started anew
    next_at_ = checkpoint_bytes_;
    wait_at_ = log_bytes_max_;
  }
  log_bytes_ = log_bytes;
  counters_.log_bytes.store(log_bytes, std::memory_order_relaxed);
  if (tail_left_.exchange(false)) {
    sqlite3_wal_checkpoint_v2(writer.raw(), nullptr, SQLITE_CHECKPOINT_PASSIVE, nullptr, nullptr);
    counters_.checkpoints.fetch_add(1, std::memory_order_relaxed);
    next_at_ = log_bytes + checkpoint_bytes_;
  } else if (log_bytes > next_at_) {
    // Readers may hinder this pass; the next try comes after as much growth again, not with every commit.
    next_at_ = log_bytes + checkpoint_bytes_;
    StartPass();
  }
  if (log_bytes > wait_at_) WaitForReaders(writer);
}

void Checkpointer::StartPass() {
  {
    const std::lock_guard lock(mutex_);
    running_ = true;
  }
  wake_.notify_all();
}

void Checkpointer::WaitForReaders(Connection& writer) {
  counters_.checkpoint_waits.fetch_add(1, std::memory_order_relaxed);
  {
    // SQLite waits for readers but not for another checkpoint: it would answer SQLITE_BUSY at once. A pass
    // waits for nobody.
    std::unique_lock lock(mutex_);
    idle_.wait(lock, [this] { return !running_; });
  }
  const int code =
      sqlite3_wal_checkpoint_v2(writer.raw(), nullptr, SQLITE_CHECKPOINT_RESTART, nullptr, nullptr);
  if (code != SQLITE_OK) wait_at_ = log_bytes_ + checkpoint_bytes_;
}

void Checkpointer::Loop() {
  pthread_setname_np(pthread_self(), "db-checkpoint");
  std::unique_lock lock(mutex_);
  while (true) {
    wake_.wait(lock, [this] { return running_ || stopping_; });
    if (stopping_) return;
    lock.unlock();
    const int code =
        sqlite3_wal_checkpoint_v2(connection_->raw(), nullptr, SQLITE_CHECKPOINT_PASSIVE, nullptr, nullptr);
    counters_.checkpoints.fetch_add(1, std::memory_order_relaxed);
    if (code == SQLITE_OK) tail_left_.store(true);  // what the writer has added meanwhile
    lock.lock();
    running_ = false;
    idle_.notify_all();
  }
}

}  // namespace elevaite::database::sqlite
