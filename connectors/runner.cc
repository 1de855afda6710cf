#include "connectors/runner.h"

#include <algorithm>
#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <exception>

#include "connectors/watch.h"
#include "engine/machine/errors.h"

namespace elevaite::connectors {

struct Runner::Job {
  engine::ActivityTask task;
  Done done;
  Connector* connector = nullptr;
  boost::asio::any_io_executor executor;
  boost::asio::cancellation_signal signal;  // used on `executor` only
  bool cancelled = false;                   // under the runner's mutex
  std::shared_ptr<Watch> watch;             // null: nothing bounds it
};

Runner::Runner(const Registry& registry, std::vector<boost::asio::any_io_executor> executors,
               RunnerOptions options)
    : registry_(registry), executors_(std::move(executors)), options_(options) {}

void Runner::Schedule(engine::ActivityTask task, Done done) {
  auto job = std::make_shared<Job>();
  job->connector = registry_.FindConnector(task.connector);
  job->task = std::move(task);
  job->done = std::move(done);
  if (!job->connector) {
    job->done(engine::ActivityFailure{engine::MakeError(
        "configuration", "Unknown function", "this server has no function '" + job->task.connector + "'")});
    return;
  }
  {
    const std::scoped_lock lock(mutex_);
    jobs_[{job->task.execution, job->task.frame}] = job;
    if (draining_ || status_.running >= options_.concurrency_max) {
      waiting_.push_back(job);
      if (job->task.bounds.queued_us > 0) BoundWait(job);
      return;
    }
    ++status_.running;
    job->executor = executors_[next_executor_++ % executors_.size()];
  }
  Begin(std::move(job));
}

// Gives the job up when its turn has not come in time.
void Runner::BoundWait(const std::shared_ptr<Job>& job) {
  const auto timer =
      std::make_shared<boost::asio::steady_timer>(executors_[next_executor_++ % executors_.size()],
                                                  std::chrono::microseconds(job->task.bounds.queued_us));
  timer->async_wait([this, timer, waits = std::weak_ptr(job),
                     alive = std::weak_ptr(alive_)](const boost::system::error_code& error) {
    const auto kept = waits.lock();
    if (error || !kept || alive.expired() || !TakeBack(kept)) return;
    kept->done(engine::ActivityFailure{.error = QueuedTooLong(kept->task), .retry_in_us = std::nullopt});
  });
}

// True: it was still waiting, and does no more.
bool Runner::TakeBack(const std::shared_ptr<Job>& job) {
  const std::scoped_lock lock(mutex_);
  const auto queued = std::ranges::find(waiting_, job);
  if (queued == waiting_.end()) return false;
  waiting_.erase(queued);
  jobs_.erase({job->task.execution, job->task.frame});
  ++status_.failed;
  return true;
}

// Has the job stopped when it runs, or is silent, for too long.
void Runner::SetWatch(const std::shared_ptr<Job>& job) {
  if (job->task.bounds.attempt_us <= 0 && job->task.bounds.heartbeat_us <= 0) return;
  job->watch = std::make_shared<Watch>(job->executor, job->task, [watched = std::weak_ptr(job)] {
    if (const auto running = watched.lock()) running->signal.emit(boost::asio::cancellation_type::terminal);
  });
  job->task.beat = [watch = std::weak_ptr(job->watch)] {
    if (const auto listening = watch.lock()) listening->Beat();
  };
  boost::asio::post(job->executor, [watch = job->watch] { watch->Begin(); });
}

void Runner::Begin(std::shared_ptr<Job> job) {
  Job& j = *job;
  SetWatch(job);
  auto ended = [this, job](std::exception_ptr error, Outcome outcome) {
    if (error) {
      outcome = std::unexpected(
          Failure{.error = engine::MakeError("runtime", "The connector failed",
                                             "an unexpected error in " + job->task.connector)});
    }
    if (job->watch) {
      job->watch->End();
      const auto& overdue = job->watch->overdue();
      if (overdue && !outcome) outcome = std::unexpected(Failure{.error = *overdue, .retryable = true});
    }
    Ended(job, Judge(*job, std::move(outcome)));
  };
  boost::asio::co_spawn(j.executor, j.connector->Invoke(j.task),
                        boost::asio::bind_cancellation_slot(j.signal.slot(), std::move(ended)));
}

engine::ActivityOutcome Runner::Judge(const Job& job, Outcome outcome) const {
  if (outcome) return engine::ActivitySuccess{*std::move(outcome)};
  Failure& failure = outcome.error();
  engine::ActivityFailure result{.error = std::move(failure.error), .retry_in_us = std::nullopt};
  const RetryPolicy& policy = job.connector->descriptor().retry;
  if (failure.retryable && job.task.attempt < policy.attempts_max) {
    std::chrono::milliseconds delay = policy.first_delay * (1LL << std::min(job.task.attempt - 1, 20U));
    delay = std::min(std::max(delay, failure.retry_after.value_or(delay)), policy.delay_max);
    result.retry_in_us = std::chrono::microseconds(delay).count();
  }
  return result;
}

void Runner::Ended(const std::shared_ptr<Job>& job, engine::ActivityOutcome outcome) {
  std::shared_ptr<Job> next;
  bool cancelled = false;
  {
    const std::scoped_lock lock(mutex_);
    const auto found = jobs_.find({job->task.execution, job->task.frame});
    if (found != jobs_.end() && found->second == job) jobs_.erase(found);
    ++(std::holds_alternative<engine::ActivitySuccess>(outcome) ? status_.succeeded : status_.failed);
    cancelled = job->cancelled;
    if (!waiting_.empty() && !draining_) {
      next = std::move(waiting_.front());
      waiting_.pop_front();
      next->executor = executors_[next_executor_++ % executors_.size()];
    } else {
      --status_.running;
    }
  }
  if (!cancelled) job->done(std::move(outcome));
  if (next) Begin(std::move(next));
  const std::scoped_lock lock(mutex_);
  if (status_.running == 0) idle_.notify_all();
}

void Runner::Cancel(const ExecutionId& execution, engine::FrameId frame, std::string_view, std::int64_t) {
  std::shared_ptr<Job> job;
  {
    const std::scoped_lock lock(mutex_);
    const auto found = jobs_.find({execution, frame});
    if (found == jobs_.end()) return;
    job = found->second;
    job->cancelled = true;
    if (const auto queued = std::ranges::find(waiting_, job); queued != waiting_.end()) {
      waiting_.erase(queued);
      jobs_.erase(found);
      return;
    }
  }
  boost::asio::post(job->executor, [job] { job->signal.emit(boost::asio::cancellation_type::terminal); });
}

void Runner::Drain(std::chrono::milliseconds at_most) {
  std::unique_lock lock(mutex_);
  draining_ = true;
  idle_.wait_for(lock, at_most, [this] { return status_.running == 0; });
}

Runner::Status Runner::status() const {
  const std::scoped_lock lock(mutex_);
  Status status = status_;
  status.waiting = waiting_.size();
  return status;
}

}  // namespace elevaite::connectors
