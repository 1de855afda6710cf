// The part of the scheduler that listens for the events that start a document.
#include <boost/asio/post.hpp>

#include "engine/machine/consumption.h"
#include "foundation/log.h"
#include "services/workflow/schedule/scheduler_active.h"

namespace elevaite::workflow {
namespace {

constexpr std::size_t kEventsQueuedMax = 100'000;

}  // namespace

Task<void> Scheduler::Listen(Shared active) {
  const std::size_t dot = active->workflow.find('.');
  auto get = programs_.Get(active->account, active->workflow.substr(0, dot), active->workflow.substr(dot + 1),
                           active->version);
  ASSIGN_OR_CO_RETURN(auto program, co_await std::move(get));
  if (!active->gone && !active->listening) ListenTo(active, std::move(program));
  co_return Result<void>();
}

void Scheduler::ListenTo(const Shared& active, std::shared_ptr<const dsl::Program> program) {
  const Json& collected = active->progress.collected;
  active->listening = std::make_unique<Listening>(
      Listening{.program = program, .trigger = {program, limits_}, .since_us = collected["since"].IntOr(0)});
  engine::EventTrigger& trigger = active->listening->trigger;
  trigger.Restore(collected["trigger"]);
  engine::EventHub::Subscription subscription{.account = active->account,
                                              .key = active->key(),
                                              .types = engine::TypesOf(*program->schedule->on),
                                              .since_us = active->listening->since_us,
                                              .after = events_.WithStragglers(trigger.position())};
  const auto deliver = [this, weak = std::weak_ptr(active)](const engine::StoredEvent& event) {
    boost::asio::post(executor_, [this, weak, event] {
      const Shared still = weak.lock();
      if (!still || still->gone || still->paused) return;
      if (still->listening->events.size() < kEventsQueuedMax) still->listening->events.push_back(event);
      Wake(still);
    });
  };
  if (const auto done = events_.Subscribe(std::move(subscription), deliver); !done)
    LogError("a schedule cannot listen", {{"schedule", active->id}, {"error", done.error().message}});
}

Task<void> Scheduler::TakeEvent(Shared active) {
  Listening& listening = *active->listening;
  if (!listening.pending) {
    const engine::StoredEvent event = std::move(listening.events.front());
    listening.events.pop_front();
    const std::int64_t before = listening.trigger.position();
    auto input = listening.trigger.Offer(event, clock_.Now().micros());
    if (!input) {
      LogError("a schedule has collected too many events and begins anew",
               {{"schedule", active->id}, {"error", input.error().message}});
      listening.trigger = engine::EventTrigger(listening.program, limits_);
      co_return Result<void>();
    }
    if (*input)
      listening.pending = {{event.accepted_us, event.position, Cause::kEvent}, **std::move(input)};
    else if (listening.trigger.position() == before)
      co_return Result<void>();
  }
  if (listening.pending) {
    auto start = StartFor(active, listening.pending->occasion, listening.pending->input);
    CO_RETURN_IF_ERROR(co_await std::move(start));
    listening.pending.reset();
  }
  active->progress.collected =
      Json::Object({{"since", listening.since_us}, {"trigger", listening.trigger.ToJson()}});
  MarkDirty(active);
  co_return Result<void>();
}

}  // namespace elevaite::workflow
