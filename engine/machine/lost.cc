// Attempts whose process died. The work itself may be what kills it, so they are counted, and a task whose
// attempts are lost again and again faults at last instead of taking the server down for ever.
//
// The first loss is made good at once: mostly it was a power cut or an upgrade. After that the pause grows
// and is drawn at random, so that what was under way at the same time comes back one by one: when the process
// dies again, only those that were under way with the culprit are counted once more.
#include <algorithm>

#include "dsl/error_types.h"
#include "engine/machine/errors.h"
#include "engine/machine/stepper.h"

namespace elevaite::engine {

void Stepper::Handle(const ActivityLost& input) {
  const Frame* frame = Find(input.frame);
  if (!frame || frame->waiting != Frame::Waiting::kActivity || frame->attempt != input.attempt) return;
  const TaskRun run = RunOf(input.frame);
  Event lost = EventFor(EventType::kActivityLost, run);
  lost.number = frame->lost + 1;
  lost.due_us = now_us_ + PauseAfterLosing(lost.number);
  const std::uint32_t count = lost.number;
  const std::int64_t due_us = lost.due_us;
  Emit(std::move(lost));
  if (count >= limits_.attempts_lost_max) return GiveUp(run, count);
  if (due_us <= now_us_ && !state_.paused) return Schedule(run.id);
  out_.effects.emplace_back(SetTimer{run.id, due_us});
}

// None after the first, then up to 4, 16, 64 s ...
std::int64_t Stepper::PauseAfterLosing(std::uint32_t lost) const {
  if (lost <= 1) return 0;
  constexpr std::uint32_t kDoublingsMax = 8;  // 256 s
  const std::uint32_t doublings = std::min(2 * (lost - 1), kDoublingsMax);
  return static_cast<std::int64_t>(random_ * 1e6 * static_cast<double>(1U << doublings));
}

void Stepper::GiveUp(const TaskRun& run, std::uint32_t lost) {
  const std::string connector = ConnectorOf(run.task);
  const std::string times = lost == 1 ? "once" : std::to_string(lost) + " times in a row";
  Json error = WithInstance(
      MakeOwnError(
          dsl::kAttemptsLostError, 500, "The server died while this was under way",
          "the process that did " + connector + " died " + times +
              " before it had an answer, the limit (engine.attempts_lost_max); this call may be what "
              "ends it: look into the server's log of that time, then start the workflow again"),
      run.task.reference);
  if (!Parks(run, error))
    out_.effects.emplace_back(BuryActivity{.frame = run.id,
                                           .attempts = At(run.id).attempt,
                                           .connector = connector,
                                           .reference = run.task.reference,
                                           .error = error});
  Fault(run, std::move(error));
}

}  // namespace elevaite::engine
