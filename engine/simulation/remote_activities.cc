#include "engine/simulation/remote_activities.h"

#include <chrono>
#include <utility>

#include "engine/machine/errors.h"
#include "engine/simulation/fleet.h"

namespace elevaite::simulation {
namespace {

constexpr std::int64_t kTickUs = 2'000'000;

}  // namespace

RemoteActivities::RemoteActivities(Process& process, Fleet& fleet)
    : process_(process),
      fleet_(fleet),
      life_(fleet.NextEngine()),
      queue_({.lease = std::chrono::milliseconds(kWorkerLeaseUs / 1'000), .workers_max = 1'000}) {}

engine::WorkQueue::Time RemoteActivities::Now() const {
  return engine::WorkQueue::Time(std::chrono::microseconds(process_.host().scheduler.elapsed_us()));
}

void RemoteActivities::Schedule(engine::ActivityTask task, Done done) {
  process_.host().scheduler.trace().Note("activity waits for a worker", task.execution, task.frame);
  process_.host().services.CheckRequest(task);
  queue_.Add(std::move(task), std::move(done), Now());
  Wake();
  if (!std::exchange(ticks_, true)) process_.After(kTickUs, "queue of workers", [this] { Tick(); });
  fleet_.Wake();
}

void RemoteActivities::Cancel(const ExecutionId& execution, engine::FrameId frame, std::string_view,
                              std::int64_t) {
  process_.host().scheduler.trace().Note("activity is called off", execution, frame);
  queue_.Cancel(execution, frame);
  Wake();
}

// As long as there is something that time could change. A result may have come another way, from the owner
// before: then its task waits here for a worker, and nothing waits for it.
void RemoteActivities::Tick() {
  engine::WorkQueue::Expired expired = queue_.Expire(Now());
  for (const engine::WorkQueue::Gone& one : expired.gone) {
    for (const Done& done : one.lost) TellLost(done);
  }
  for (const engine::WorkQueue::Overdue& one : expired.overdue)
    one.done(engine::ActivityFailure{engine::MakeError("timeout", "Queued for too long", ""), std::nullopt});
  Wake();
  const auto status = queue_.status();
  ticks_ = false;
  for (const auto& of : status.classes) ticks_ = ticks_ || of.waiting + of.given > 0;
  ticks_ = ticks_ && process_.host().disk.unfinished() > 0;
  if (ticks_) process_.After(kTickUs, "queue of workers", [this] { Tick(); });
}

void RemoteActivities::TellLost(const Done& done) {
  fleet_.NoteLost();
  const Mutation mutation = process_.host().mutation;
  if (mutation == Mutation::kLossUntold) return;
  if (mutation == Mutation::kLossUncounted)
    return done(engine::ActivityFailure{engine::MakeError("runtime", "Lost", ""), kTickUs});
  done(engine::AttemptLost{});
}

// ---- What workers ask ----

void RemoteActivities::Pull(engine::Pull pull, std::function<void(const Handed&)> answer) {
  Waiter waiter{std::move(pull), std::move(answer)};
  if (!Answer(waiter)) waiters_.push_back(std::move(waiter));
}

bool RemoteActivities::Answer(const Waiter& waiter) {
  auto tasks = queue_.Take(waiter.pull, Now());
  process_.host().auditor.Require(tasks.has_value(), "an engine takes as many workers as there are");
  if (!tasks) return true;
  auto stops = queue_.Stops(waiter.pull.worker);
  if (tasks->empty() && stops.empty()) return false;
  for (const engine::ActivityTask& task : *tasks) fleet_.CheckGiven(*this, task, waiter.pull.worker);
  waiter.answer({.engine = life_, .tasks = *std::move(tasks), .stop = std::move(stops)});
  fleet_.Gave(waiter.pull.worker);
  return true;
}

void RemoteActivities::Wake() {
  std::erase_if(waiters_, [this](const Waiter& waiter) {
    return queue_.HasWaiting(waiter.pull.slots) && Answer(waiter);
  });
}

engine::WorkQueue::Beat RemoteActivities::Hear(const engine::Heartbeat& heartbeat) {
  auto beat = queue_.Hear(heartbeat, heartbeat.engine == life_, Now());
  process_.host().auditor.Require(beat.has_value(), "an engine takes as many workers as there are");
  Wake();
  return beat ? *std::move(beat) : engine::WorkQueue::Beat{};
}

void RemoteActivities::Take(const std::string& worker, const std::vector<engine::AttemptResult>& results) {
  for (const engine::AttemptResult& result : results) Accept(worker, result);
  Wake();
}

// What nobody awaits here may be of another life of the engine.
void RemoteActivities::Accept(const std::string& worker, engine::AttemptResult result) {
  const engine::Attempt& a = result.attempt;
  if (std::holds_alternative<engine::AttemptLost>(result.outcome))
    return queue_.GiveBack(worker, a, result.pull);
  if (const auto done = queue_.Finish(a)) return (*done)(std::move(result.outcome));
  process_.Post(
      engine::InputCommand{a.execution, engine::InputFrom(a.frame, a.number, std::move(result.outcome))});
}

std::optional<std::int64_t> RemoteActivities::HeardOfUs(const std::string& worker) const {
  for (const auto& one : queue_.status().workers) {
    if (one.name == worker)
      return std::chrono::duration_cast<std::chrono::microseconds>(one.heard.time_since_epoch()).count();
  }
  return std::nullopt;
}

}  // namespace elevaite::simulation
