// Gate: a limit that runs pass on their way from the queue to the engine. Pure; times in microseconds.
//
// Three kinds: so many at once; so many starts in a period; closed by a person. Those of a period are kept by
// the generic cell rate algorithm (ITU-T I.371): one number says all, so it is cheap to write down. Let
// `interval` be period / limit: at most `burst` starts come at once, and never more than limit + burst - 1 in
// any period.
#pragma once

#include <algorithm>
#include <cstdint>
#include <limits>
#include <string>

#include "services/workflow/flow/lane_set.h"

namespace elevaite::flow {

enum class GateKind : std::uint8_t { kConcurrency, kThrottle, kPause };

struct PaceLimit {
  std::int64_t interval_us = 1;
  std::int64_t burst = 1;

  // How many may come now, when the next one after those before is due at `due_us`.
  std::int64_t Free(std::int64_t due_us, std::int64_t now_us) const {
    const std::int64_t slack = now_us - (due_us - (burst - 1) * interval_us);
    return slack < 0 ? 0 : std::min(burst, slack / interval_us + 1);
  }
  std::int64_t AfterOne(std::int64_t due_us, std::int64_t now_us) const {
    return std::max(due_us, now_us) + interval_us;
  }
  // When one may come again.
  std::int64_t NextUs(std::int64_t due_us) const { return due_us - (burst - 1) * interval_us; }

  friend bool operator==(const PaceLimit&, const PaceLimit&) = default;
};

// What a gate is, as people see it and as it is found again.
struct GateName {
  GateKind kind = GateKind::kConcurrency;
  std::string workflow;    // namespace.name; empty: of the account
  std::string expression;  // that makes the key; empty: for all
  std::string key;

  auto operator<=>(const GateName&) const = default;
};

struct Gate {
  static constexpr std::int64_t kNoLimit = std::numeric_limits<std::int64_t>::max();

  GateName name;
  std::int64_t limit = kNoLimit;  // kConcurrency
  std::int64_t used = 0;          // kConcurrency
  PaceLimit pace;                 // kThrottle
  std::int64_t due_us = 0;        // kThrottle
  bool closed = false;            // kPause
  std::string note;               // kPause: why

  LaneSet waiting{};          // lanes that wait for this gate first
  std::int64_t ready = 0;     // lanes that wait for nothing but their turn, and pass here
  std::size_t lanes = 0;      // that pass here
  std::int64_t alarm_us = 0;  // when it is looked at again; 0: not by itself
  bool idles = false;         // kThrottle: nothing passes here; it is among those to be forgotten

  std::int64_t Free(std::int64_t now_us) const {
    switch (name.kind) {
      case GateKind::kConcurrency: return std::max<std::int64_t>(limit - used, 0);
      case GateKind::kThrottle: return pace.Free(due_us, now_us);
      case GateKind::kPause: return closed ? 0 : kNoLimit;
    }
    return 0;
  }
  void Take(std::int64_t now_us) {
    if (name.kind == GateKind::kConcurrency) ++used;
    if (name.kind == GateKind::kThrottle) due_us = pace.AfterOne(due_us, now_us);
  }
};

}  // namespace elevaite::flow
