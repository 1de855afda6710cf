// The one thread that writes; postgres.h says how. Private to infra/database/postgres.
#pragma once

#include <deque>
#include <memory>
#include <mutex>
#include <optional>
#include <thread>

#include "infra/database/counters.h"
#include "infra/database/postgres/connection.h"
#include "infra/database/postgres/group.h"
#include "infra/database/postgres/postgres.h"

namespace elevaite::database::postgres {

class Writer {
 public:
  // The connection has the lock of the schema; `epoch` is ours.
  Writer(std::unique_ptr<Connection> connection, ConnectionOptions connection_options, std::int64_t epoch,
         const PostgresOptions& options, Counters& counters);
  ~Writer();

  void Submit(Batch batch, WriteStream* stream, BatchDone done);
  void Transact(TransactFunction function, TransactDone done);
  Result<void> Health() const;
  void Close();

 private:
  void Enqueue(Job job);
  void Loop();
  bool Finished();

  // ---- The way of a job ----
  std::optional<Job> Take();
  bool CanTake();
  void FillGroup();
  bool IsReady(const Job& job) const;
  bool PrepareAll(Job& job);
  Result<void> SendJob(Job job);
  void RunAlone(Job job);
  Result<void> TakeTurn();
  Result<void> ApplyAlone(Job& job);
  void CommitGroup();
  void WaitForNews();
  void ReadAnswers();
  void TakeCommitAnswer(PGresult* answer);
  void FinishCommit();
  void AnswerAll(Group group, const Result<void>& committed);

  // ---- When something fails ----
  void BackOut(const Group::Failure& failure);
  void Requeue(Group group);

  // ---- When the connection is lost ----
  std::chrono::milliseconds SilenceMax() const;
  bool IsSilent() const;
  int PatienceMs() const;
  void GiveUpConnection();
  bool IsLongAway() const;
  void DropConnection();
  void Recover();
  Result<void> Reconnect();
  Result<void> SettleCommit();
  void FailWaiting(const Error& error);
  void WaitBeforeRetry();
  void SetHealth(Result<void> health);

  const ConnectionOptions connection_options_;
  const PostgresOptions options_;
  Counters& counters_;
  const int wake_;  // an eventfd

  // Of the writer's thread.
  std::unique_ptr<Connection> connection_;
  std::int64_t epoch_;
  std::int64_t number_ = 0;
  std::deque<Job> again_;  // before what is queued
  Group open_;
  std::optional<Group> committing_;
  Result<void> commit_answer_{};
  Clock::Instant silent_since_{};  // as long as answers are outstanding
  Clock::Instant outage_since_{};
  std::chrono::milliseconds pause_{0};

  mutable std::mutex mutex_;
  std::deque<Job> queue_;
  std::size_t queue_bytes_ = 0;
  bool sleeping_ = false;
  bool closing_ = false;
  Clock::Instant closing_since_{};
  Result<void> health_{};
  std::thread thread_;
};

}  // namespace elevaite::database::postgres
