// The one thread that writes: takes what waits, commits it together, answers. Private to
// infra/database/sqlite.
#pragma once

#include <condition_variable>
#include <deque>
#include <memory>
#include <mutex>
#include <optional>
#include <thread>
#include <vector>

#include "infra/database/counters.h"
#include "infra/database/sqlite/checkpointer.h"
#include "infra/database/sqlite/connection.h"
#include "infra/database/sqlite/sqlite.h"

namespace elevaite::database::sqlite {

class Writer {
 public:
  Writer(std::unique_ptr<Connection> connection, std::unique_ptr<Checkpointer> checkpointer,
         const SqliteOptions& options, Counters& counters);
  ~Writer() { Close(); }

  void Submit(Batch batch, WriteStream* stream, BatchDone done);
  void Transact(TransactFunction function, TransactDone done);
  Result<void> Health() const;
  void Close();

 private:
  // A batch or a function, and at the end its result.
  struct Job {
    Batch batch{};
    std::optional<WriteStream> stream{};
    WriteStream::Ticket ticket{};
    BatchDone batch_done{};
    TransactFunction function{};
    TransactDone function_done{};
    Result<BatchOutcome> result{};

    std::size_t bytes() const { return batch.MemoryBytes(); }
    void FailWith(const Error& error);
    void Answer();
  };
  using Group = std::vector<Job>;

  void Enqueue(Job job);
  void Loop();
  Group TakeGroup();  // with mutex_ held
  void TakeLate(Group& group);
  void RunGroup(Group& group);
  Result<void> RunTogether(Group& group, bool& one_failed);
  Result<void> RunOneByOne(Group& group);
  bool ApplyFrom(std::size_t first, Group& group);
  Result<void> Apply(Job& job);
  Result<void> ApplyFunction(Job& job);
  Result<void> ApplyBatch(Job& job);
  Result<void> ApplyGuarded(Job& job);
  Result<void> Commit();
  void Rollback();
  bool SkipBroken(Job& job);

  std::unique_ptr<Connection> connection_;
  std::unique_ptr<Checkpointer> checkpointer_;
  const SqliteOptions options_;
  Counters& counters_;
  std::uint64_t commit_ = 0;   // of the writer's thread
  bool fsync_failed_ = false;  // of the writer's thread
  std::size_t log_bytes_ = 0;  // of the writer's thread

  mutable std::mutex mutex_;
  std::condition_variable wake_;
  std::deque<Job> queue_;
  std::size_t queue_bytes_ = 0;
  bool closing_ = false;
  Result<void> health_{};
  std::thread thread_;
};

}  // namespace elevaite::database::sqlite
