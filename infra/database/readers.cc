#include "infra/database/readers.h"

#include <pthread.h>

#include <algorithm>

namespace elevaite::database {
namespace {

constexpr std::chrono::milliseconds kTimeoutMax{60'000};
constexpr std::chrono::milliseconds kRetryAfter{200};

}  // namespace

Readers::Readers(std::vector<std::unique_ptr<Reader>> connections, std::size_t queued_max, Counters& counters)
    : connections_(std::move(connections)), queued_max_(queued_max), counters_(counters) {
  for (const auto& connection : connections_) threads_.emplace_back([this, &c = *connection] { Loop(c); });
}

void Readers::Query(const Sql& sql, Params params, const QueryOptions& options, QueryDone done) {
  const auto deadline = std::chrono::steady_clock::now() + std::min(options.timeout, kTimeoutMax);
  Error refused{.code = ErrorCode::kUnavailable};
  {
    const std::lock_guard lock(mutex_);
    if (closing_) {
      refused.message = "the database is closed";
    } else if (queue_.size() >= queued_max_) {
      refused.message = "too many queries are waiting";
      refused.retry_after = kRetryAfter;
    } else {
      queue_.push_back(Job{.sql = sql,
                           .params = std::move(params),
                           .options = options,
                           .deadline = deadline,
                           .done = std::move(done)});
      counters_.queries_queued.store(queue_.size(), std::memory_order_relaxed);
      wake_.notify_one();
      return;
    }
  }
  counters_.queries_failed.fetch_add(1, std::memory_order_relaxed);
  done(std::unexpected(std::move(refused)));
}

void Readers::Close() {
  {
    const std::lock_guard lock(mutex_);
    closing_ = true;
  }
  wake_.notify_all();
  for (std::thread& thread : threads_) {
    if (thread.joinable()) thread.join();
  }
  connections_.clear();
}

void Readers::Loop(Reader& connection) {
  pthread_setname_np(pthread_self(), "db-reader");
  std::unique_lock lock(mutex_);
  while (true) {
    wake_.wait(lock, [this] { return closing_ || !queue_.empty(); });
    if (queue_.empty()) return;
    Job job = std::move(queue_.front());
    queue_.pop_front();
    counters_.queries_queued.store(queue_.size(), std::memory_order_relaxed);
    lock.unlock();
    Result<Rows> rows =
        std::chrono::steady_clock::now() >= job.deadline
            ? Fail(ErrorCode::kTimeout, "the query waited too long for its turn", {}, job.sql.name)
            : connection.Fetch(job.sql, job.params, job.options, job.deadline);
    (rows ? counters_.queries : counters_.queries_failed).fetch_add(1, std::memory_order_relaxed);
    job.done(std::move(rows));
    lock.lock();
  }
}

}  // namespace elevaite::database
