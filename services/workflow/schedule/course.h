// What becomes of a due time whose moment has come: pure, so that each policy is tested without waiting.
#pragma once

#include <cstdint>
#include <optional>

#include "services/workflow/schedule/schedule_spec.h"
#include "services/workflow/schedule/timetable.h"

namespace elevaite::workflow {

// What runs of a schedule when it is due.
enum class Busy : std::uint8_t {
  kNo,
  kYes,
  kBackfilling,  // what runs was started to fill in past times
};

struct DueTime {
  // A start that is later than this, because nothing served the schedule, was missed.
  static constexpr std::int64_t kGraceUs = 60'000'000;

  std::int64_t due_us = 0;
  std::int64_t now_us = 0;
  std::int64_t served_since_us = 0;  // since when due times have been seen in time
  Busy busy = Busy::kNo;
};

struct Decision {
  enum class Act : std::uint8_t {
    kStart,
    kSkip,         // because of the overlap
    kMiss,         // too late
    kHold,         // it is asked again when what runs has ended
    kCancelOther,  // the same, and what runs is to be cancelled
  };
  Act act;
  std::optional<std::int64_t> next_us;  // the due time after it; of one that is held: itself

  friend bool operator==(const Decision&, const Decision&) = default;
};

Decision Decide(const Timetable& timetable, const Policy& policy, const DueTime& due);

}  // namespace elevaite::workflow
