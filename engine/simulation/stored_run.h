// StoredRun: one execution as it is on the simulated disk, and the rules that each step written to it must
// keep.
#pragma once

#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "engine/holds/holds.h"
#include "engine/journal/journal.h"
#include "engine/simulation/auditor.h"

namespace elevaite::simulation {

class StoredRun {
 public:
  // Writes a step down: `write` is what it says, with all its values, `stored` how it stands on the disk.
  // What is wrong with it goes to the auditor.
  void Add(const engine::JournalWrite& write, const engine::JournalWrite& stored, const dsl::Program& program,
           std::uint32_t attempts_lost_max, Auditor& auditor);

  // As it is read back.
  engine::StoredExecution Read() const;

  const engine::ExecutionRecord& record() const { return record_; }
  const engine::State& state() const { return state_; }
  bool ended() const { return engine::IsFinal(state_.phase); }
  // Cleaning up was cut short before its time was over.
  bool was_forced() const { return was_forced_; }
  // All of it, with all values.
  const std::vector<engine::Event>& events() const { return events_; }
  // Of an operator's.
  bool HasDone(engine::CommandNumber command) const { return commands_.contains(command); }
  // A pause of its account or its workflow has paused it.
  bool was_held() const { return was_held_; }
  // Whether the step that asks for this attempt has been written.
  bool HasScheduled(engine::FrameId frame, std::uint32_t attempt) const {
    return scheduled_.contains({frame, attempt});
  }

 private:
  struct Row {
    std::uint64_t first_seq = 0;
    std::string events;
  };
  void Take(const engine::Event& event, const dsl::Program& program, Auditor& auditor);
  bool IsCopying() const;
  static void CheckLetters(const engine::JournalWrite& write, const std::vector<engine::Event>& events,
                           std::uint32_t attempts_lost_max, Auditor& auditor);
  void CheckCancelling(const engine::Event& event, const dsl::Program& program, Auditor& auditor);
  void CheckAttempt(const engine::Event& event, Auditor& auditor) const;
  void CheckCommands(const std::vector<engine::Event>& events, Auditor& auditor);
  void CheckPause(const engine::Event& event, Auditor& auditor) const;

  engine::ExecutionRecord record_;
  engine::State state_;  // every event folded, from the first on
  std::optional<std::string> snapshot_;
  std::uint64_t snapshot_seq_ = 0;
  std::vector<Row> rows_;
  std::vector<engine::Event> events_;
  std::set<std::pair<engine::FrameId, std::uint32_t>> scheduled_;
  std::set<engine::CommandNumber> commands_;
  std::set<engine::FrameId> owed_;                 // tries that have yet to clean up
  engine::FrameId repaired_ = engine::kRootFrame;  // by the event before
  bool was_forced_ = false;
  bool was_held_ = false;
  bool has_forked_ = false;
};

}  // namespace elevaite::simulation
