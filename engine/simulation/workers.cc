#include "engine/simulation/workers.h"

#include "engine/simulation/process.h"

namespace elevaite::simulation {
namespace {

constexpr std::int64_t kWorkUs = 3'000;

}  // namespace

void Workers::Schedule(engine::ActivityTask task, Done done) {
  Host& host = process_.host();
  host.scheduler.trace().Note("activity", task.execution, task.frame,
                              [&] { return task.connector + " attempt " + std::to_string(task.attempt); });
  host.services.CheckRequest(task);
  const auto job = std::make_shared<Job>(Job{.scheduler = host.scheduler,
                                             .services = host.services,
                                             .knobs = host.knobs,
                                             .task = std::move(task),
                                             .done = std::move(done),
                                             .process = &process_,
                                             .alive = alive_});
  job->is_late = host.scheduler.Percent(host.knobs.late_percent);
  jobs_[{job->task.execution, job->task.frame}] = job;
  host.scheduler.After(host.scheduler.Delay(kWorkUs), "activity begins", [job] { Perform(job); });
}

// A worker that died before it began has done nothing.
void Workers::Perform(const JobPtr& job) {
  if (job->IsGone()) return;
  if (job->task.connector == kPoison) {
    if (!job->alive.expired()) throw ProcessDied{job->process};
    return;
  }
  engine::ActivityOutcome outcome = job->services.Serve(job->task);
  Scheduler& scheduler = job->scheduler;
  const std::int64_t delay_us = scheduler.Delay(kWorkUs);
  if (scheduler.Percent(job->knobs.repeated_percent)) {
    scheduler.After(delay_us + scheduler.Delay(kWorkUs), "result again",
                    [job, outcome] { Tell(job, outcome); });
  }
  scheduler.After(delay_us, "result", [job, outcome = std::move(outcome)] { Tell(job, outcome); });
}

void Workers::Tell(const JobPtr& job, engine::ActivityOutcome outcome) {
  if (!job->IsGone()) job->done(std::move(outcome));
}

// Half of the time it comes too late.
void Workers::Cancel(const ExecutionId& execution, engine::FrameId frame, std::string_view, std::int64_t) {
  Scheduler& scheduler = process_.host().scheduler;
  scheduler.trace().Note("activity is called off", execution, frame);
  const auto found = jobs_.find({execution, frame});
  if (found == jobs_.end() || scheduler.Percent(50)) return;
  found->second->is_cancelled = true;
  jobs_.erase(found);
}

}  // namespace elevaite::simulation
