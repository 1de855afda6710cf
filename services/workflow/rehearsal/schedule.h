// Schedule: starts executions of one published workflow as the service's scheduler does, on a stage's
// clock.
#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "engine/events/hub.h"
#include "engine/events/trigger.h"
#include "engine/journal/journal.h"
#include "services/workflow/schedule/course.h"

namespace elevaite::rehearsal {

struct ScheduleSettings {
  std::string zone = "UTC";
  workflow::Policy policy{.overlap = workflow::Overlap::kAllow};  // kCancelOther waits as kBufferOne does
};

class Schedule {
 public:
  struct Start {
    engine::Trigger trigger;
    std::string cause;  // the same for the same due time or event
    std::int64_t time_us = 0;
    Json input;
  };

  // `program` has a schedule. An unknown time zone is a CHECK.
  Schedule(std::shared_ptr<const dsl::Program> program, ScheduleSettings settings, std::int64_t now_us);

  const std::shared_ptr<const dsl::Program>& program() const { return program_; }
  // nullopt: nothing is due of itself.
  std::optional<std::int64_t> due_us() const { return held_ ? std::nullopt : due_us_; }

  // To be called after a crash, too: what was collected of events is kept, and what is late was missed.
  void Listen(engine::EventHub& hub, std::int64_t now_us);
  // What is to be started now; nullopt: nothing. `is_running` says whether the last execution still runs.
  std::optional<Start> Next(std::int64_t now_us, const std::function<bool(const ExecutionId&)>& is_running);
  void Started(const ExecutionId& id) { running_ = id; }
  // The last execution has ended.
  void Ended(std::int64_t now_us);
  const std::optional<ExecutionId>& running() const { return running_; }

 private:
  std::optional<Start> TakeEvents(std::int64_t now_us);
  workflow::Timetable MakeTimetable() const;

  std::shared_ptr<const dsl::Program> program_;
  ScheduleSettings settings_;
  std::int64_t since_us_;
  std::int64_t served_since_us_;
  workflow::Timetable timetable_;
  std::optional<std::int64_t> due_us_;
  bool held_ = false;  // what is due waits for the end of what runs
  std::optional<engine::EventTrigger> trigger_;
  Json collected_;  // as the trigger was saved last
  std::deque<engine::StoredEvent> events_;
  std::optional<ExecutionId> running_;
};

}  // namespace elevaite::rehearsal
