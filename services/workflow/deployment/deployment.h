// Deployment: which versions of a workflow new executions get: the current one, and for a share of them a
// canary. Pure.
//
//   {"current_version": "1.4.0", "revision": 7,
//    "canary": {"version": "2.0.0", "percent": 10, "since": "...", "abort_when": {"failure_ratio": 0.2,
//    "runs": 20}}}
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "foundation/ids.h"
#include "foundation/json.h"
#include "foundation/result.h"

namespace elevaite::workflow {

// When a canary is stopped without anybody asking.
struct AbortWhen {
  static constexpr std::int64_t kRunsMax = 1'000;

  double failure_ratio = 0;  // of its runs, above 0 and below 1: with more it is stopped
  std::int64_t runs = 20;    // that must have ended before anything is decided

  friend bool operator==(const AbortWhen&, const AbortWhen&) = default;
};

struct Canary {
  std::string version;
  std::int64_t percent = 0;   // of new executions, 0 to 100
  std::int64_t since_us = 0;  // when this version became the canary
  std::optional<AbortWhen> abort_when;

  Json ToJson() const;
  static Result<Canary> FromJson(const Json& json);
  friend bool operator==(const Canary&, const Canary&) = default;
};

struct Deployment {
  std::int64_t revision = 0;  // of each change a higher one
  std::string current;
  std::optional<Canary> canary;

  Json ToJson() const;

  // Of the execution with this id, always the same one while nobody changes the deployment: who asks again
  // for a start that has an id (by a key, by a due time, as a child) gets the same version. A higher
  // percentage keeps those that had the canary before.
  const std::string& VersionFor(const ExecutionId& id) const;
};

// `{"failure_ratio": 0.2, "runs": 20}`; `runs` may be left out.
Result<AbortWhen> AbortWhenFrom(const Json& json);

// How the executions of a version that began in some time have ended.
struct Ended {
  std::int64_t completed = 0;
  std::int64_t faulted = 0;

  std::int64_t all() const { return completed + faulted; }
  double FailureRatio() const {
    return all() == 0 ? 0 : static_cast<double>(faulted) / static_cast<double>(all());
  }
};

// Why the canary is to be stopped; nullopt: it may go on. It may fail as often as it likes as long as the
// current version, of which as many have ended in the same time, does no better: then it is not the cause.
std::optional<std::string> WhyAbort(const AbortWhen& when, const Ended& canary, const Ended& current);

}  // namespace elevaite::workflow
