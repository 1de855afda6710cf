// Recording: a run of the platform as a case that plays it again: its input, the answer of each call, the
// events that it took, its end. Secrets are not in the journal, and so not in the case.
//
// What the journal does not have is made up for: an event is what was read of it, with the attributes that
// its listener asks for; the answer of a task that has an `output.as` is what that has made of it (`gives`).
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "foundation/result.h"
#include "services/workflow/rehearsal/stage.h"

namespace elevaite::rehearsal {

inline constexpr std::size_t kRecordedEventsMax = 20'000;  // of the journal
inline constexpr std::size_t kRecordedCallsMax = 1'000;

struct Recorded {
  std::string file;                // where its case belongs: "charge-card.test.yaml"
  std::string source;              // a test file with the one case
  std::vector<std::string> tasks;  // that ran, in the order in which they began
};

// kConflict: it has not ended. kPayloadTooLarge: more calls, or more bytes, than a test file may have.
// `base_url`: of the server that ran it.
Result<Recorded> Record(const Run& run, std::string_view base_url);

}  // namespace elevaite::rehearsal
