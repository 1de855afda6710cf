#include "engine/simulation/stored_run.h"

#include "engine/machine/machine.h"

namespace elevaite::simulation {

using engine::Event;
using engine::EventType;

void StoredRun::Add(const engine::JournalWrite& write, const engine::JournalWrite& stored,
                    const dsl::Program& program, std::uint32_t attempts_lost_max, Auditor& auditor) {
  const std::string who = write.record.id.ToString();
  auditor.Require(write.created == rows_.empty(), "an execution is created once, by its first step", who);
  auditor.Require(!ended(), "nothing is written after the end of an execution", who);
  auditor.Require(
      write.first_seq == state_.seq + 1, "the steps of an execution have no gap and no repetition",
      who + ": event " + std::to_string(write.first_seq) + " comes after " + std::to_string(state_.seq));
  if (write.created) record_ = write.record;
  auto events = engine::DecodeEvents(write.events);
  auditor.Require(events.has_value() && !events->empty(), "what is written can be read", who);
  if (auditor.first()) return;
  if (!IsCopying()) {
    CheckLetters(write, *events, attempts_lost_max, auditor);
    CheckCommands(*events, auditor);
  }
  for (const Event& event : *events) {
    Take(event, program, auditor);
    if (auditor.first()) return;
  }
  if (write.created || write.record_changed) record_ = write.record;
  if (!IsCopying())
    auditor.Require(record_.phase == engine::CurrentPhase(program, state_),
                    "the record's phase is that of its events",
                    who + ": " + std::string(engine::NameOf(record_.phase)));
  rows_.push_back({write.first_seq, stored.events});
  auditor.Require(write.drops_snapshot == (ended() && snapshot_.has_value()),
                  "a snapshot goes with the end of its execution", who);
  if (!write.snapshot) return;
  auditor.Require(write.snapshot_seq == state_.seq && *write.snapshot == engine::EncodeState(state_),
                  "a snapshot is what the events give", who);
  snapshot_ = stored.snapshot;
  snapshot_seq_ = write.snapshot_seq;
}

// A fork begins with events of another execution. What was buried there is not buried again.
bool StoredRun::IsCopying() const {
  const bool is_fork = record_.trigger == engine::Trigger::kFork;
  return is_fork && !has_forked_;
}

// A task whose attempts were lost as often as may be is given up in that commit, and no other is.
void StoredRun::CheckLetters(const engine::JournalWrite& write, const std::vector<Event>& events,
                             std::uint32_t attempts_lost_max, Auditor& auditor) {
  std::vector<engine::FrameId> given_up;
  for (std::size_t i = 0; i < events.size(); ++i) {
    if (events[i].type != EventType::kActivityLost) continue;
    auditor.Require(events[i].number <= attempts_lost_max, "no more attempts are lost than may be");
    if (events[i].number < attempts_lost_max) continue;
    given_up.push_back(events[i].frame);
    auditor.Require(i + 1 < events.size() && events[i + 1].type == EventType::kTaskFaulted &&
                        events[i + 1].frame == events[i].frame,
                    "a task that is given up faults");
  }
  std::vector<engine::FrameId> letters;
  for (const engine::DeadLetter& letter : write.dead_letters) letters.push_back(letter.frame);
  auditor.Require(letters == given_up, "each task that is given up has a dead letter, and no other",
                  write.record.id.ToString());
}

// However often it comes.
void StoredRun::CheckCommands(const std::vector<Event>& events, Auditor& auditor) {
  std::set<engine::CommandNumber> done;
  for (const Event& event : events) {
    const std::int64_t command = event.data ? (*event.data)["command"].IntOr(0) : 0;
    if (engine::IsOfOperator(event.type) && command != 0) done.insert(command);
  }
  for (const engine::CommandNumber command : done)
    auditor.Require(commands_.insert(command).second, "what an operator asks for is done once",
                    record_.id.ToString() + ": command " + std::to_string(command));
}

void StoredRun::Take(const Event& event, const dsl::Program& program, Auditor& auditor) {
  auditor.Require(event.seq == state_.seq + 1, "the events of a step have consecutive numbers");
  CheckAttempt(event, auditor);
  CheckPause(event, auditor);
  CheckCancelling(event, program, auditor);
  if (auditor.first()) return;
  if (event.type == EventType::kActivityScheduled) scheduled_.emplace(event.frame, event.number);
  repaired_ = event.type == EventType::kTaskRepaired ? event.frame : engine::kRootFrame;
  engine::Apply(state_, program, event);
  events_.push_back(event);
  // That of a fork of a fork has an earlier one among its copies.
  has_forked_ =
      has_forked_ || (event.type == EventType::kExecutionForked && event.time_us == record_.created_us);
  was_held_ = was_held_ || engine::IsPausedByHold(state_);
}

// But for what an operator wants tried again.
void StoredRun::CheckPause(const Event& event, Auditor& auditor) const {
  if (!state_.paused || event.frame == repaired_) return;
  const bool begins = event.type == EventType::kTaskStarted || event.type == EventType::kLoopAdvanced ||
                      event.type == EventType::kActivityScheduled || event.type == EventType::kRetryStarted;
  auditor.Require(!begins, "nothing begins while it is paused", std::string(engine::NameOf(event.type)));
}

// From the request on only cleanups move; each try that names the cancellation has its turn, inner ones
// first, unless the time is over or somebody wants the end at once; and the end is cancelled.
void StoredRun::CheckCancelling(const Event& event, const dsl::Program& program, Auditor& auditor) {
  if (event.type == EventType::kCancelRequested) {
    auditor.Require(!state_.cancelling, "a cancel with time for cleaning up is asked for once");
    for (const auto& [id, frame] : state_.frames) {
      if (id == engine::kRootFrame || engine::InCleanup(program, state_, id)) continue;
      const auto* body = std::get_if<dsl::TryTask>(&program.all.at(frame.task).body);
      if (body && body->catches_cancel) owed_.insert(id);
    }
    return;
  }
  if (event.type == EventType::kExecutionCancelled) {
    const bool cut_short = event.number == 1;
    auditor.Require(cut_short || owed_.empty(), "each try that names the cancellation cleans up");
    const auto root = state_.frames.find(engine::kRootFrame);
    was_forced_ = cut_short && state_.cancelling && event.time_us < root->second.deadline_us;
    return;
  }
  if (!state_.cancelling) return;
  auditor.Require(!engine::IsEnd(event.type), "what is being cancelled ends as cancelled");
  switch (event.type) {
    case EventType::kErrorCaught:
      if (owed_.erase(event.frame) > 0)
        auditor.Require(state_.frames.at(event.frame).children == 0,
                        "inner tries clean up before outer ones");
      return;
    case EventType::kTaskStarted:
    case EventType::kTaskCompleted:
    case EventType::kTaskSkipped:
    case EventType::kRetryStarted:
    case EventType::kActivityScheduled:
      auditor.Require(engine::InCleanup(program, state_, event.parent),
                      "only cleanups move while it is cancelled");
      return;
    default: return;
  }
}

// Attempts and runs are counted on from what is on disk, and begin when they are due.
void StoredRun::CheckAttempt(const Event& event, Auditor& auditor) const {
  const auto found = state_.frames.find(event.frame);
  if (found == state_.frames.end() || event.frame == engine::kRootFrame) return;
  const engine::Frame& frame = found->second;
  const bool is_first = frame.waiting == engine::Frame::Waiting::kNothing;
  if (event.type == EventType::kActivityScheduled) {
    auditor.Require(event.number == (is_first ? 1 : frame.attempt + 1), "attempts are counted without a gap",
                    "attempt " + std::to_string(event.number) + " after " + std::to_string(frame.attempt));
  }
  if (event.type == EventType::kActivityLost) {
    auditor.Require(frame.waiting == engine::Frame::Waiting::kActivity && event.number == frame.lost + 1,
                    "lost attempts are counted without a gap",
                    "the " + std::to_string(event.number) + ". after " + std::to_string(frame.lost));
  }
  if (event.type == EventType::kRetryScheduled) {
    auditor.Require(event.number == frame.attempt + 1, "retries are counted without a gap",
                    "run " + std::to_string(event.number) + " after " + std::to_string(frame.attempt));
  }
  const bool by_timer =
      event.type == EventType::kRetryStarted || (event.type == EventType::kActivityScheduled && !is_first);
  if (by_timer && event.frame != repaired_)
    auditor.Require(event.time_us >= frame.due_us, "nothing begins before it is due");
}

engine::StoredExecution StoredRun::Read() const {
  engine::StoredExecution stored{.record = record_, .snapshot = snapshot_, .events = {}};
  for (const Row& row : rows_) {
    if (row.first_seq > snapshot_seq_) stored.events.push_back(row.events);
  }
  return stored;
}

}  // namespace elevaite::simulation
