// Verdict: what of a case is not as expected.
#pragma once

#include <string>
#include <vector>

#include "services/workflow/rehearsal/difference.h"
#include "services/workflow/rehearsal/play.h"

namespace elevaite::rehearsal {

struct Failure {
  std::string about;    // a key of `expect` ("output"), or "play": it could not be played to its end
  std::string message;  // may have several lines
  std::vector<Difference> differences{};
};

// None: all is as expected.
std::vector<Failure> Judge(const Case& test, const Played& played);

// {about, message, differences?}
Json ToJson(const Failure& failure);

// The names of the tasks of an execution that ran, in the order in which they began.
std::vector<std::string> TasksThatRan(const Run& run);

}  // namespace elevaite::rehearsal
