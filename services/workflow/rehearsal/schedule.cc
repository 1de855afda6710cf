#include "services/workflow/rehearsal/schedule.h"

#include <utility>

#include "engine/machine/consumption.h"
#include "services/workflow/derived_id.h"

namespace elevaite::rehearsal {
namespace {

using workflow::Decision;

std::string NameOf(const dsl::Program& program) { return program.name_space + "." + program.name; }

}  // namespace

Schedule::Schedule(std::shared_ptr<const dsl::Program> program, ScheduleSettings settings,
                   std::int64_t now_us)
    : program_(std::move(program)),
      settings_(std::move(settings)),
      since_us_(now_us),
      served_since_us_(now_us),
      timetable_(MakeTimetable()),
      due_us_(timetable_.after_us() ? now_us : timetable_.Next(now_us)) {}

workflow::Timetable Schedule::MakeTimetable() const {
  const workflow::ScheduleSpec spec{.zone = settings_.zone,
                                    .times = workflow::TimesOf(*program_->schedule, since_us_)};
  return workflow::Timetable::Create(spec, TimeZone::Load(settings_.zone).value(), NameOf(*program_)).value();
}

void Schedule::Listen(engine::EventHub& hub, std::int64_t now_us) {
  served_since_us_ = now_us;
  if (!program_->schedule->on) return;
  trigger_.emplace(program_, engine::MachineLimits{});
  trigger_->Restore(collected_);
  events_.clear();
  engine::EventHub::Subscription subscription{.account = AccountId::Default(),
                                              .key = {workflow::DerivedId(0, NameOf(*program_)), 0},
                                              .types = engine::TypesOf(*program_->schedule->on),
                                              .since_us = since_us_,
                                              .after = trigger_->position()};
  const auto subscribed = hub.Subscribe(
      std::move(subscription), [this](const engine::StoredEvent& event) { events_.push_back(event); });
  CHECK(subscribed.has_value());
}

std::optional<Schedule::Start> Schedule::Next(std::int64_t now_us,
                                              const std::function<bool(const ExecutionId&)>& is_running) {
  if (auto start = TakeEvents(now_us)) return start;
  const bool by_end = timetable_.after_us().has_value();
  while (due_us_ && !held_ && *due_us_ <= now_us) {
    const std::int64_t due_us = *due_us_;
    const bool is_busy = !by_end && running_ && is_running(*running_);
    const Decision decision =
        workflow::Decide(timetable_, settings_.policy,
                         {.due_us = due_us,
                          .now_us = now_us,
                          .served_since_us = by_end ? due_us : served_since_us_,
                          .busy = is_busy ? workflow::Busy::kYes : workflow::Busy::kNo});
    held_ = decision.act == Decision::Act::kHold || decision.act == Decision::Act::kCancelOther;
    due_us_ = decision.next_us;
    if (decision.act != Decision::Act::kStart) continue;
    return Start{engine::Trigger::kSchedule, NameOf(*program_) + "/time/" + std::to_string(due_us), due_us,
                 Json::EmptyObject()};
  }
  return std::nullopt;
}

std::optional<Schedule::Start> Schedule::TakeEvents(std::int64_t now_us) {
  while (!events_.empty()) {
    const engine::StoredEvent event = std::move(events_.front());
    events_.pop_front();
    auto input = trigger_->Offer(event, now_us);
    collected_ = trigger_->ToJson();
    if (input)
      return Start{engine::Trigger::kEvent, NameOf(*program_) + "/event/" + std::to_string(event.position),
                   event.accepted_us, *std::move(input)};
  }
  return std::nullopt;
}

void Schedule::Ended(std::int64_t now_us) {
  running_.reset();
  held_ = false;
  if (const auto after_us = timetable_.after_us()) due_us_ = now_us + *after_us;
}

}  // namespace elevaite::rehearsal
