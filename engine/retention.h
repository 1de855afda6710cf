// Retention: forgets executions some time after they have ended, and those that people delete, and sweeps the
// store of objects. One thread of its own, which takes a quarter of the database's time at most.
#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <thread>

#include "engine/journal/payload_sweep.h"
#include "engine/journal/purge.h"
#include "engine/journal/weeks.h"
#include "foundation/clock.h"
#include "infra/database/database.h"

namespace elevaite::engine {

// How long executions are kept after their end.
struct RetentionTimes {
  std::chrono::microseconds completed{0};  // 0: for ever
  std::chrono::microseconds faulted{0};    // also those that were cancelled

  bool KeepsAll() const { return completed.count() == 0 && faulted.count() == 0; }
  friend bool operator==(const RetentionTimes&, const RetentionTimes&) = default;
};

struct RetentionOptions {
  std::chrono::microseconds completed{0};  // as in RetentionTimes
  std::chrono::microseconds faulted{0};
  std::chrono::milliseconds every{600'000};  // between two passes, at most
  // The accounts that have times of their own; asked before each pass, which an error puts off. Empty: none.
  std::function<Result<std::map<AccountId, RetentionTimes>>()> of_accounts{};
  // Of a PostgreSQL, which can drop the tables of a whole week; null: another database.
  database::Upkeep* upkeep = nullptr;
  // Of several processes on one database, one forgets by age: whether it is this one now. Empty: it is.
  std::function<bool()> leads{};
};

class Retention {
 public:
  // All must outlive it. `payloads`: null when there is no store of objects.
  Retention(RetentionOptions options, database::Database& db, Clock& clock, PayloadStore* payloads = nullptr);
  ~Retention() { Stop(); }

  // Before Start.
  void Use(Purge::Before before);
  void Start();
  void Stop();

  // As Purge::One; kUnavailable when too many wait. `done` runs on the thread of the retention, or here.
  void Delete(AccountId account, ExecutionId id, std::function<void(Result<void>)> done);

  struct Counters {
    std::uint64_t purged = 0;
    std::uint64_t swept = 0;     // payloads of commits that never happened
    std::uint64_t failures = 0;  // of whole passes: they are tried again
    std::uint64_t weeks_dropped = 0;
    std::uint64_t weeks_busy = 0;  // in the last pass; see Weeks::Outcome
  };
  Counters counters() const {
    return {.purged = purged_,
            .swept = swept_,
            .failures = failures_,
            .weeks_dropped = weeks_dropped_,
            .weeks_busy = weeks_busy_};
  }

 private:
  struct Request {
    AccountId account;
    ExecutionId id;
    std::function<void(Result<void>)> done;
  };
  void Run(const std::stop_token& stop);
  bool Pause(std::chrono::microseconds took);
  void Serve();
  void Pass();
  Result<void> ForgetOld();
  Result<void> Sweep();
  Result<void> ReadTimes();
  const RetentionTimes& TimesOf(const AccountId& account) const;
  Result<void> DropWeeks();

  const RetentionOptions options_;
  database::Database& db_;
  Clock& clock_;
  PayloadStore* const payloads_;
  Purge deletes_;  // what people want, which does not wait
  Purge purge_;
  std::optional<Weeks> weeks_;
  Purge::Before before_;
  RetentionTimes times_;  // of all others
  std::map<AccountId, RetentionTimes> of_account_;
  std::optional<std::chrono::steady_clock::time_point> of_account_at_;  // when they were read
  std::atomic<std::uint64_t> purged_ = 0;
  std::atomic<std::uint64_t> swept_ = 0;
  std::atomic<std::uint64_t> failures_ = 0;
  std::atomic<std::uint64_t> weeks_dropped_ = 0;
  std::atomic<std::uint64_t> weeks_busy_ = 0;
  std::stop_token stop_;  // of the thread
  std::mutex mutex_;
  std::condition_variable_any news_;
  std::deque<Request> requests_;  // under mutex_
  bool running_ = false;          // under mutex_
  std::jthread thread_;
};

}  // namespace elevaite::engine
