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
    : registry_(registry),
      executors_(std::move(executors)),
      places_({{{.max = options.concurrency_max}, {.max = options.long_concurrency_max}}}) {}

Runner::Places& Runner::PlacesOf(const Job& job) {
  return places_[static_cast<std::size_t>(job.task.bounds.work)];
}

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
    Places& places = PlacesOf(*job);
    if (draining_ || places.running >= places.max) {
      places.waiting.push_back(job);
      if (job->task.bounds.queued_us > 0) BoundWait(job);
      return;
    }
    ++places.running;
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
  auto& waiting = PlacesOf(*job).waiting;
  const auto queued = std::ranges::find(waiting, job);
  if (queued == waiting.end()) return false;
  waiting.erase(queued);
  jobs_.erase({job->task.execution, job->task.frame});
  ++failed_;
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
      if (overdue && !outcome)
        outcome = std::unexpected(
            Failure{.error = *overdue, .retryable = true, .contact = engine::Contact::kTried});
    }
    Ended(job, Judge(*job, std::move(outcome)));
  };
  boost::asio::co_spawn(j.executor, j.connector->Invoke(j.task),
                        boost::asio::bind_cancellation_slot(j.signal.slot(), std::move(ended)));
}

engine::ActivityOutcome Runner::Judge(const Job& job, Outcome outcome) const {
  if (outcome) return engine::ActivitySuccess{*std::move(outcome)};
  Failure& failure = outcome.error();
  engine::ActivityFailure result{
      .error = std::move(failure.error), .retry_in_us = std::nullopt, .contact = failure.contact};
  if (failure.retry_after) result.retry_after_us = std::chrono::microseconds(*failure.retry_after).count();
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
    ++(std::holds_alternative<engine::ActivitySuccess>(outcome) ? succeeded_ : failed_);
    cancelled = job->cancelled;
    Places& places = PlacesOf(*job);
    if (!places.waiting.empty() && !draining_) {
      next = std::move(places.waiting.front());
      places.waiting.pop_front();
      next->executor = executors_[next_executor_++ % executors_.size()];
    } else {
      --places.running;
    }
  }
  if (!cancelled) job->done(std::move(outcome));
  if (next) Begin(std::move(next));
  const std::scoped_lock lock(mutex_);
  if (IsIdle()) idle_.notify_all();
}

void Runner::Cancel(const ExecutionId& execution, engine::FrameId frame, std::string_view, std::int64_t) {
  std::shared_ptr<Job> job;
  {
    const std::scoped_lock lock(mutex_);
    const auto found = jobs_.find({execution, frame});
    if (found == jobs_.end()) return;
    job = found->second;
    job->cancelled = true;
    auto& waiting = PlacesOf(*job).waiting;
    if (const auto queued = std::ranges::find(waiting, job); queued != waiting.end()) {
      waiting.erase(queued);
      jobs_.erase(found);
      return;
    }
  }
  boost::asio::post(job->executor, [job] { job->signal.emit(boost::asio::cancellation_type::terminal); });
}

std::vector<engine::ActivityTask> Runner::TakeBackWaiting() {
  const std::scoped_lock lock(mutex_);
  draining_ = true;
  std::vector<engine::ActivityTask> tasks;
  for (Places& places : places_) {
    for (const auto& job : std::exchange(places.waiting, {})) {
      jobs_.erase({job->task.execution, job->task.frame});
      tasks.push_back(std::move(job->task));
    }
  }
  return tasks;
}

void Runner::Drain(std::chrono::milliseconds at_most) {
  std::unique_lock lock(mutex_);
  draining_ = true;
  idle_.wait_for(lock, at_most, [this] { return IsIdle(); });
}

Runner::Status Runner::status() const {
  const std::scoped_lock lock(mutex_);
  Status status{.succeeded = succeeded_, .failed = failed_};
  for (const Places& places : places_) {
    status.running += places.running;
    status.waiting += places.waiting.size();
  }
  return status;
}

bool Runner::IsIdle() const {
  return std::ranges::all_of(places_, [](const Places& places) { return places.running == 0; });
}

}  // namespace elevaite::connectors
