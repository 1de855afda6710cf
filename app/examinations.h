// Examinations: the doctor on a server that works. One at a time, on a thread of its own, whoever asked for
// it stays or goes; what it has found so far can be read meanwhile.
//
// They are of this process and are forgotten with it: what was found is found again.
#pragma once

#include <cstddef>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <stop_token>
#include <string>
#include <thread>

#include "engine/doctor.h"
#include "foundation/clock.h"
#include "foundation/json.h"

namespace elevaite::app {

class Examinations {
 public:
  using Examine = std::function<Result<engine::DoctorReport>(const engine::ExaminationOptions&)>;
  static constexpr std::size_t kKept = 10;

  explicit Examinations(Examine examine, const Clock& clock = SystemClock())
      : examine_(std::move(examine)), clock_(clock) {}
  ~Examinations() { Stop(); }

  // {"id", "state": "running" | "completed" | "cancelled" | "failed", "mend", "phase", "started_at",
  // "ended_at", "error", "healthy", and what ToJson(DoctorReport) has}. kConflict: one is under way.
  Result<Json> Start(bool mend);
  std::optional<Json> Latest() const;
  std::optional<Json> Find(std::string_view id) const;
  // What has been mended stays so. Nothing: there is none of that id.
  std::optional<Json> Cancel(std::string_view id);
  // Cancels, waits, takes nothing new.
  void Stop();

 private:
  enum class State : std::uint8_t { kRunning, kCompleted, kCancelled, kFailed };
  struct Examination {
    std::string id;
    bool mend = false;
    State state = State::kRunning;
    engine::ExaminationPhase phase = engine::ExaminationPhase::kIndexes;
    Timestamp started_at;
    std::optional<Timestamp> ended_at;
    std::string error;
    engine::DoctorReport report;  // so far
  };

  void Run(Examination& one, const std::stop_token& stop);
  void Told(Examination& one, engine::ExaminationPhase phase, const engine::DoctorReport& so_far);
  static Json ToJson(const Examination& one);

  const Examine examine_;
  const Clock& clock_;
  mutable std::mutex mutex_;
  bool stopped_ = false;
  std::deque<std::unique_ptr<Examination>> kept_;  // the newest at the back; a running one is never dropped
  std::jthread thread_;
};

}  // namespace elevaite::app
