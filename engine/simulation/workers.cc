#include "engine/simulation/workers.h"

#include "engine/simulation/process.h"

namespace elevaite::simulation {
namespace {

constexpr std::int64_t kWorkUs = 3'000;

}  // namespace

void Workers::Schedule(engine::ActivityTask task, Done done) {
  scheduler_.trace().Note("activity", task.execution, task.frame,
                          [&] { return task.connector + " attempt " + std::to_string(task.attempt); });
  services_.CheckRequest(task);
  auto job =
      std::make_shared<Job>(Job{.task = std::move(task), .done = std::move(done), .process = process_});
  job->is_late = scheduler_.Percent(knobs_.late_percent);
  jobs_[{job->task.execution, job->task.frame}] = job;
  scheduler_.After(scheduler_.Delay(kWorkUs), "activity begins", [this, job] { Perform(job); });
}

// A worker that died before it began has done nothing.
void Workers::Perform(const std::shared_ptr<Job>& job) {
  if (job->is_cancelled || (job->process != process_ && !job->is_late)) return;
  if (job->task.connector == kPoison) {
    if (job->process == process_) throw ProcessDied{};
    return;
  }
  engine::ActivityOutcome outcome = services_.Serve(job->task);
  const std::int64_t delay_us = scheduler_.Delay(kWorkUs);
  if (scheduler_.Percent(knobs_.repeated_percent)) {
    scheduler_.After(delay_us + scheduler_.Delay(kWorkUs), "result again",
                     [this, job, outcome] { Tell(job, outcome); });
  }
  scheduler_.After(delay_us, "result", [this, job, outcome = std::move(outcome)] { Tell(job, outcome); });
}

void Workers::Tell(const std::shared_ptr<Job>& job, engine::ActivityOutcome outcome) {
  if (job->is_cancelled || (job->process != process_ && !job->is_late)) return;
  const auto found = jobs_.find({job->task.execution, job->task.frame});
  if (found != jobs_.end() && found->second == job) jobs_.erase(found);
  job->done(std::move(outcome));
}

// Half of the time it comes too late.
void Workers::Cancel(const ExecutionId& execution, engine::FrameId frame, std::string_view, std::int64_t) {
  scheduler_.trace().Note("activity is called off", execution, frame);
  const auto found = jobs_.find({execution, frame});
  if (found == jobs_.end() || scheduler_.Percent(50)) return;
  found->second->is_cancelled = true;
  jobs_.erase(found);
}

void Workers::Crash() {
  ++process_;
  jobs_.clear();
}

}  // namespace elevaite::simulation
