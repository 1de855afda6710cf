#include "services/workflow/rehearsal/schedule.h"

#include <utility>

#include "engine/machine/consumption.h"
#include "services/workflow/derived_id.h"

namespace elevaite::rehearsal {
namespace {

std::string NameOf(const dsl::Program& program) { return program.name_space + "." + program.name; }

}  // namespace

Schedule::Schedule(std::shared_ptr<const dsl::Program> program, ScheduleSettings settings,
                   std::int64_t now_us)
    : program_(std::move(program)),
      settings_(std::move(settings)),
      since_us_(now_us),
      timetable_(
          workflow::Timetable::Create(*program_->schedule, settings_.zone, settings_.catch_up).value()),
      due_us_(timetable_.First(now_us)) {}

void Schedule::Listen(engine::EventHub& hub) {
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
  if (!due_us_ || *due_us_ > now_us) return std::nullopt;
  const std::int64_t due_us = *due_us_;
  const bool in_the_way = !settings_.overlap && running_ && is_running(*running_);
  const bool starts = timetable_.StartsNow(due_us, now_us) && !in_the_way;
  due_us_ = timetable_.Next(due_us, now_us);
  if (!starts) return std::nullopt;
  return Start{engine::Trigger::kSchedule, NameOf(*program_) + "/time/" + std::to_string(due_us), due_us,
               Json::EmptyObject()};
}

std::optional<Schedule::Start> Schedule::TakeEvents(std::int64_t now_us) {
  while (!events_.empty()) {
    const engine::StoredEvent event = std::move(events_.front());
    events_.pop_front();
    auto input = trigger_->Offer(event, now_us);
    CHECK(input.has_value());
    collected_ = trigger_->ToJson();
    if (*input)
      return Start{engine::Trigger::kEvent, NameOf(*program_) + "/event/" + std::to_string(event.position),
                   event.accepted_us, **std::move(input)};
  }
  return std::nullopt;
}

void Schedule::Ended(std::int64_t now_us) {
  running_.reset();
  if (timetable_.WaitsForEnd()) due_us_ = timetable_.AfterEnd(now_us);
}

}  // namespace elevaite::rehearsal
