// The part of the scheduler that listens for the events that start a document.
#include <algorithm>
#include <boost/asio/post.hpp>

#include "engine/machine/consumption.h"
#include "foundation/log.h"
#include "services/workflow/schedule/scheduler_active.h"

namespace elevaite::workflow {
namespace {

constexpr std::size_t kEventsQueuedMax = 100'000;
constexpr std::int64_t kOutOfOrderMax = 1'000;  // positions by which an event may come late

}  // namespace

// As far as it has come.
void Scheduler::SetUpListening(Active& active, std::shared_ptr<const dsl::Program> program) const {
  const Json& collected = active.progress.collected;
  active.listening = std::make_unique<Listening>(
      Listening{.program = program, .trigger = {program, limits_}, .since_us = collected["since"].IntOr(0)});
  active.listening->trigger.Restore(collected["trigger"]);
}

// At once: lifecycle events are written only while somebody listens for them. Takes the place of the one of
// the same id that listened before, and of its own before: then it goes on behind what it has looked at.
Result<void> Scheduler::Listen(const Shared& active) {
  Listening& listening = *active->listening;
  const std::int64_t resumes_after =
      std::max(listening.trigger.resumes_after(), listening.looked_at - kOutOfOrderMax);
  engine::EventHub::Subscription subscription{.account = active->account,
                                              .key = active->key(),
                                              .types = engine::TypesOf(*listening.program->schedule->on),
                                              .since_us = listening.since_us,
                                              .after = events_.WithStragglers(resumes_after)};
  const auto deliver = [this, weak = std::weak_ptr(active),
                        number = ++listening.subscriptions](const engine::StoredEvent& event) {
    boost::asio::post(executor_, [this, weak, number, event] {
      const Shared still = weak.lock();
      if (still && !still->gone && !still->paused && still->listening->subscriptions == number)
        Queue(still, event);
    });
  };
  listening.missed = true;  // until it listens
  RETURN_IF_ERROR(events_.Subscribe(std::move(subscription), deliver));
  listening.missed = false;
  return {};
}

void Scheduler::Queue(const Shared& active, const engine::StoredEvent& event) {
  Listening& listening = *active->listening;
  if (listening.missed) return;
  if (listening.events.size() < kEventsQueuedMax) {
    listening.events.push_back(event);
  } else {
    listening.missed = true;
    LogWarn("a schedule is far behind its events; it reads the rest again when it is through with these",
            {{"schedule", active->id}, {"events", kEventsQueuedMax}});
  }
  Wake(active);
}

Task<void> Scheduler::TakeEvent(Shared active) {
  Listening& listening = *active->listening;
  if (!listening.pending && listening.events.empty()) co_return Listen(active);
  if (!listening.pending) {
    const engine::StoredEvent event = std::move(listening.events.front());
    listening.events.pop_front();
    listening.looked_at = std::max(listening.looked_at, event.position);
    const std::int64_t before = listening.trigger.position();
    const std::int64_t forgotten = listening.trigger.forgotten();
    auto input = listening.trigger.Offer(event, clock_.Now().micros());
    if (listening.trigger.forgotten() > forgotten)
      LogWarn("events that a schedule has collected started nothing; they are forgotten",
              {{"schedule", active->id}, {"events", listening.trigger.forgotten() - forgotten}});
    if (input)
      listening.pending = {{event.accepted_us, event.position, Cause::kEvent}, *std::move(input)};
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
