// Progress: how far a schedule has come. What must survive a restart.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "foundation/ids.h"
#include "foundation/json.h"
#include "foundation/result.h"

namespace elevaite::workflow {

// What made a schedule start an execution.
enum class Cause : std::uint8_t { kTime, kTrigger, kBackfill, kEvent };
std::string_view NameOf(Cause cause);

// A start that a schedule makes once. Its execution's id follows from it, so that one that is made again,
// after a crash or by the next node, is the same.
struct Occasion {
  std::int64_t time_us = 0;  // due; accepted; asked for
  std::int64_t number = 0;   // kEvent: the event's position; kBackfill: when the backfill was asked for
  Cause cause = Cause::kTime;

  ExecutionId IdFor(const AccountId& account, std::string_view schedule) const;
  friend bool operator==(const Occasion&, const Occasion&) = default;
};

struct Progress {
  // Due times that are filled in, by a person's wish.
  struct Backfill {
    std::int64_t asked_us = 0;
    std::int64_t next_us = 0;  // from here on
    std::int64_t until_us = 0;
    bool at_once = false;  // without waiting for the one before
    friend bool operator==(const Backfill&, const Backfill&) = default;
  };
  // An execution whose end has not been seen.
  struct Open {
    ExecutionId id;
    Cause cause = Cause::kTime;
    bool watched = false;  // by this process; not written down
    friend bool operator==(const Open& a, const Open& b) { return a.id == b.id && a.cause == b.cause; }
  };
  enum class What : std::uint8_t {
    kStarted,
    kSkipped,  // because another one was running
    kMissed,   // and perhaps more behind it
    kRefused,  // the workflow could not be started
  };
  struct Entry {  // small: each schedule has some in memory
    std::int64_t time_us = 0;
    std::int64_t number = 0;
    Cause cause = Cause::kTime;
    What what = What::kStarted;
    Occasion occasion() const { return {.time_us = time_us, .number = number, .cause = cause}; }
    friend bool operator==(const Entry&, const Entry&) = default;
  };
  static constexpr std::size_t kOpenMax = 4;
  static constexpr std::size_t kLogMax = 8;
  static constexpr std::size_t kBackfillsMax = 10;

  std::optional<std::int64_t> due_us{};  // the next one; nullopt: none, or it waits for an end
  std::vector<Open> open{};              // the latest kOpenMax; see Opened
  std::vector<Entry> log{};              // the latest kLogMax, the newest last
  std::vector<Backfill> backfills{};
  Json collected{};  // of events, see engine/events/trigger.h

  void Note(What what, const Occasion& occasion);
  // Of more than kOpenMax those go first that no due time waits for: what people have triggered, then what
  // fills in, then the oldest.
  void Opened(const ExecutionId& id, Cause cause);
  void Ended(const ExecutionId& id);

  // All but due_us, collected and the ids of `open`, which have columns of their own.
  Json ToJson() const;
  std::string OpenIds() const;  // 16 bytes each
  // Null is an empty one. kDataLoss.
  static Result<Progress> Read(const Json& json, std::string_view open_ids);

  friend bool operator==(const Progress&, const Progress&) = default;
};
std::string_view NameOf(Progress::What what);

}  // namespace elevaite::workflow
