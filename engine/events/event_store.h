// Where events are kept for a time, so that a listener that begins a little later, or comes back after a
// crash, misses none. Events of `emit` tasks are written by the journal, in the commit of their step
// (journal.h, JournalWrite::emitted); these are the other ways in and out.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "foundation/ids.h"
#include "foundation/json.h"
#include "foundation/result.h"

namespace elevaite::engine {

// What the engine tells of its executions (engine/lifecycle.h). Written only while somebody listens for them
// by name; `any: []` does not mean them.
inline constexpr std::string_view kLifecyclePrefix = "io.serverlessworkflow.";

struct StoredEvent {
  AccountId account;
  std::int64_t position = 0;     // grows with each event accepted by this process; unique in the database
  std::int64_t accepted_us = 0;  // when it was accepted; the event's own `time` is its sender's
  Json event;                    // CloudEvent, see engine/machine/cloud_event.h

  std::string_view type() const { return event["type"].StringOr(""); }
  std::string_view source() const { return event["source"].StringOr(""); }
  std::string_view id() const { return event["id"].StringOr(""); }
  bool IsLifecycle() const { return type().starts_with(kLifecyclePrefix); }
};

class EventStore {
 public:
  using Appended = std::function<void(Result<std::vector<bool>>)>;

  virtual ~EventStore() = default;
  // All or none. `done` once, on any thread: for each event whether it is new; one with the source and id of
  // a stored event is not, and is not stored again.
  virtual void Append(std::vector<StoredEvent> events, Appended done) = 0;
  virtual void DeleteBefore(std::int64_t accepted_us, std::size_t at_most) = 0;
  // These were handed to a listener: of those that never are, somebody may want to know. A hint: what a
  // process has not written when it dies is lost.
  virtual void MarkHeard(std::vector<std::int64_t> /*positions*/) {}

  // Blocking reads.
  // The newest `limit` events of all accounts, in order of position.
  virtual Result<std::vector<StoredEvent>> LoadNewest(std::size_t limit) = 0;
  // Of one account, of these types (none: all), accepted since, with a position in (after, before), in order,
  // at most `limit`.
  virtual Result<std::vector<StoredEvent>> Load(const AccountId& account,
                                                const std::vector<std::string>& types, std::int64_t since_us,
                                                std::int64_t after, std::int64_t before,
                                                std::size_t limit) = 0;
  virtual Result<std::optional<std::int64_t>> PositionOf(const AccountId& account, std::string_view source,
                                                         std::string_view id) = 0;
};

}  // namespace elevaite::engine
