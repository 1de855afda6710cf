// A schedule in memory, and its events. Private to the scheduler.
#pragma once

#include <deque>
#include <memory>
#include <optional>
#include <string>

#include "services/workflow/derived_id.h"
#include "services/workflow/schedule/scheduler.h"

namespace elevaite::workflow {

// Of a document's schedule.on.
struct Scheduler::Listening {
  std::shared_ptr<const dsl::Program> program;
  engine::EventTrigger trigger;
  std::int64_t since_us = 0;
  std::deque<engine::StoredEvent> events{};  // that came and were not looked at
  struct Pending {
    Occasion occasion;
    Json input;
  };
  std::optional<Pending> pending{};  // caused by the last event looked at
  std::int64_t looked_at = 0;        // the greatest position
  std::uint64_t subscriptions = 0;   // so many; events of the latest count
  bool missed = false;  // events came that were not queued: it subscribes anew when it is through

  bool has_work() const { return pending || !events.empty() || missed; }
};

// That a schedule has paused itself.
struct Scheduler::OwnPause {
  ExecutionId cause{};  // the start that it did so for
  std::string note;
  bool is_unsaved = true;
  bool is_untold = true;
};

// What is started.
struct Scheduler::Started {
  std::string workflow;  // namespace.name
  std::string version;   // as in ScheduleRow

  std::string name_space() const { return workflow.substr(0, workflow.find('.')); }
  std::string name() const { return workflow.substr(workflow.find('.') + 1); }
};

// Kept small, for there may be very many: what only a person reads stays in the store.
struct Scheduler::Active {
  AccountId account;
  std::string id;
  std::shared_ptr<const Started> starts;  // shared by all that start the same
  Timetable timetable;
  Policy policy;
  Progress progress;
  std::unique_ptr<Listening> listening{};  // if is_by_events, before it is installed
  std::int64_t served_since_us = 0;
  std::int64_t moment_us = 0;  // in the queue
  bool is_by_events = false;
  bool has_input = false;
  bool paused = false;
  bool queued = false;
  std::uint16_t wanted = 0;   // commands wait for their turn
  bool working = false;       // a coroutine deals with it
  bool held = false;          // what is due waits for an end
  bool filling_held = false;  // a backfill does
  bool dirty = false;         // its progress is to be written
  bool gone = false;          // it is no longer in active_
  std::unique_ptr<OwnPause> own_pause{};

  engine::EventHub::Key key() const { return {DerivedId(0, account.ToString() + "/" + id), 0}; }
  bool wants_ends() const { return policy.pause_on_failure || timetable.after_us(); }
};

}  // namespace elevaite::workflow
