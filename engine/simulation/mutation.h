// Mutations: bugs that are planted on purpose, to see that the simulation finds them. All of them are in what
// the simulation puts around the engine (its disk, its loop, its activities); the product knows nothing of
// them.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>

namespace elevaite::simulation {

enum class Mutation : std::uint8_t {
  kNone,
  kEarlyDone,          // a commit is told to be done before it is on disk
  kCommitTwice,        // a commit whose answer was slow is sent again, and written twice
  kShortSnapshot,      // what is read back lacks the first row after the snapshot
  kFailedKept,         // reading back after a failed commit gives what was in memory
  kEventTwice,         // an event with a known source and id counts as new
  kAttemptsForgotten,  // what is read back has every attempt as the first
  kEarlyCancel,        // a cancel is acknowledged before it is on disk
  kEndNotTold,         // who awaits a workflow that ended before a restart is not told
  kWrongShards,        // after a restart the shards are divided as before, whatever the number of partitions
  kLostTimer,          // timers set by the recovery do not wake the owner
  kActivityLost,       // activities that were under way at a crash are not given out again
  kNoResume,           // after a failed commit the journal stays broken
  kNoFence,            // what an owner writes whose partition was taken over reaches the disk
  kEpochKept,          // who takes over does not raise the epoch
  kEarlyFence,         // whose partition it is is looked at before a commit, not with it
  kStartTwice,         // a start whose answer was lost is brought to the next owner as if it were new
  kCommandTwice,       // so is what an operator does
  kWatchersForgotten,  // who waits for the end of an execution is not taken along when its partition moves
  kEventsByPosition,   // events of other nodes are read on from the greatest position, not in the order they
                       // came
  kPayloadEarly,       // a commit does not wait until the large values that it refers to are on disk
  kNotLookedFor,       // what has not been read back yet counts as unknown
  kLossUntold,         // nobody is told that the worker of an attempt is not heard of any more
  kLossUncounted,      // that is told as a failure which is to be tried again
  kHoldsUnknown,       // who takes a partition over does not know what holds
  kHoldsKept,          // nobody is told that a hold is over
};

struct MutationName {
  Mutation mutation;
  std::string_view name;
};
inline constexpr std::array kMutations{
    MutationName{Mutation::kEarlyDone, "early-done"},
    MutationName{Mutation::kCommitTwice, "commit-twice"},
    MutationName{Mutation::kShortSnapshot, "short-snapshot"},
    MutationName{Mutation::kFailedKept, "failed-kept"},
    MutationName{Mutation::kEventTwice, "event-twice"},
    MutationName{Mutation::kAttemptsForgotten, "attempts-forgotten"},
    MutationName{Mutation::kEarlyCancel, "early-cancel"},
    MutationName{Mutation::kEndNotTold, "end-not-told"},
    MutationName{Mutation::kWrongShards, "wrong-shards"},
    MutationName{Mutation::kLostTimer, "lost-timer"},
    MutationName{Mutation::kActivityLost, "activity-lost"},
    MutationName{Mutation::kNoResume, "no-resume"},
    MutationName{Mutation::kNoFence, "no-fence"},
    MutationName{Mutation::kEpochKept, "epoch-kept"},
    MutationName{Mutation::kEarlyFence, "early-fence"},
    MutationName{Mutation::kStartTwice, "start-twice"},
    MutationName{Mutation::kCommandTwice, "command-twice"},
    MutationName{Mutation::kWatchersForgotten, "watchers-forgotten"},
    MutationName{Mutation::kEventsByPosition, "events-by-position"},
    MutationName{Mutation::kPayloadEarly, "payload-early"},
    MutationName{Mutation::kNotLookedFor, "not-looked-for"},
    MutationName{Mutation::kLossUntold, "loss-untold"},
    MutationName{Mutation::kLossUncounted, "loss-uncounted"},
    MutationName{Mutation::kHoldsUnknown, "holds-unknown"},
    MutationName{Mutation::kHoldsKept, "holds-kept"},
};
inline std::optional<Mutation> MutationFromName(std::string_view name) {
  for (const MutationName& one : kMutations) {
    if (one.name == name) return one.mutation;
  }
  return std::nullopt;
}

}  // namespace elevaite::simulation
