// The journal port: where executions live on disk. One implementation on the database port
// (database_journal.h); a simulated one for the engine's simulation.
//
// Everything an Append holds is applied in one transaction, in order, and is on disk when `done` says so.
// After one failed Append all later ones fail too, until Resume(): the partition builds each commit on the
// one before, so none may be missing.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/events/event_store.h"
#include "engine/journal/payload_rows.h"
#include "engine/machine/labels.h"
#include "engine/machine/state.h"
#include "foundation/ids.h"
#include "foundation/json.h"
#include "foundation/result.h"

namespace elevaite::engine {

// Executions fall into kShards by their id; a partition owns every shard that leaves its index when divided
// by their number. The number of shards is stored and never changes, the number of partitions may.
inline constexpr std::uint32_t kShards = 64;
inline std::uint32_t ShardOf(const ExecutionId& id) { return id.uuid().bytes[15] % kShards; }
inline std::size_t PartitionIndex(const ExecutionId& id, std::size_t partitions) {
  return ShardOf(id) % partitions;
}

// How an execution came to be.
// Values are stored: append only.
enum class Trigger : std::uint8_t {
  kApi = 0,
  kWebhook = 1,
  kStudio = 2,
  kCommandLine = 3,
  kSchedule = 4,
  kEvent = 5,
  kSubflow = 6,
  kFork = 7,  // of a past one
};
inline constexpr Trigger kLastTrigger = Trigger::kFork;
std::string_view NameOf(Trigger trigger);

// A move to another version.
struct VersionChange {
  std::uint64_t seq = 0;  // of its event
  std::string from;
};

// The small row of an execution: what lists show and filters ask. Input, output and the rest are in its
// events.
struct ExecutionRecord {
  AccountId account;
  ExecutionId id;
  std::string name_space;
  std::string workflow;
  std::string version;                      // the one it is on
  std::vector<VersionChange> migrations{};  // in order; none: it began on that version
  Trigger trigger = Trigger::kApi;
  std::string correlation;              // the request id that started it; for logs
  std::optional<ExecutionId> parent;    // the execution that runs this one as a task of its own
  Phase phase = Phase::kPending;        // in a gap, see Partition::Entry
  std::uint32_t depth = 0;              // how many parents there are above it
  std::optional<FrameId> parent_frame;  // of the parent's task while that awaits this one; else nothing
  std::int64_t created_us = 0;
  std::int64_t started_us = 0;
  std::optional<std::int64_t> finished_us;
  Json error;                   // {type, status, title} when faulted, else null
  std::vector<Label> labels{};  // as it began; it keeps them on another version
};

struct DeadLetterTag {
  static constexpr std::string_view kPrefix = "dead_", kName = "dead letter";
};
using DeadLetterId = Id<DeadLetterTag>;

// A task that was given up because the process died each time that it was done (engine/machine/lost.cc). Kept
// until somebody deletes it, whatever becomes of the execution.
struct DeadLetter {
  DeadLetterId id;
  AccountId account;
  ExecutionId execution;
  FrameId frame = 0;
  std::string name_space;
  std::string workflow;
  std::string version;
  std::string reference;  // of the task: "/do/1/fetch"
  std::string connector;
  std::uint32_t attempts = 0;
  Json error;  // which the task faulted with
  std::int64_t time_us = 0;
};

// What one step adds to one execution.
struct JournalWrite {
  ExecutionRecord record;       // as it is after the step
  bool created = false;         // the first write of this execution
  bool record_changed = false;  // phase, error or version differ from what is stored
  std::uint64_t first_seq = 0;
  std::string events;                   // EncodeEvents
  std::optional<std::string> snapshot;  // EncodeState; replaces the one before
  std::uint64_t snapshot_seq = 0;
  bool drops_snapshot = false;       // there is one, of no use any more
  std::vector<StoredEvent> emitted;  // by `emit` tasks
  std::vector<DeadLetter> dead_letters;
  std::vector<PayloadId> payloads;  // that were written for it; see payload_journal.h
};

// An unfinished execution as it was when its last commit was done.
struct StoredExecution {
  ExecutionRecord record;
  std::optional<std::string> snapshot;
  std::vector<std::string> events;  // the rows after the snapshot, in order
  std::optional<Error> damage{};    // something of it cannot be read, this says what and why
};

// Where the reading of unfinished executions goes on.
struct UnfinishedCursor {
  std::uint32_t shard = 0;
  AccountId account;
  ExecutionId id;
};
struct UnfinishedPage {
  std::vector<StoredExecution> executions;
  std::optional<UnfinishedCursor> next;  // nothing: that was all
};

// Where it stands. kDataLoss: it cannot be told.
Result<State> Fold(const StoredExecution& stored, const dsl::Program& program);

class Journal {
 public:
  using Done = std::function<void(Result<void>)>;

  virtual ~Journal() = default;
  // Calls `done` once, on any thread.
  virtual void Append(std::vector<JournalWrite> writes, Done done) = 0;
  virtual void Resume() = 0;
  // Another owner has the partition now, so that nothing will ever be written through this journal again.
  // Said before the append that has found it out is answered.
  virtual bool IsTakenOver() const { return false; }

  // Blocking reads, for start-up, repair after a failed commit, and those who only look. What they give fits
  // together, also when it is being written.
  // In pages of `limit` at most, maybe of none; `after`: of the page before.
  virtual Result<UnfinishedPage> LoadUnfinished(std::uint32_t partition, std::uint32_t partitions,
                                                const std::optional<UnfinishedCursor>& after,
                                                std::size_t limit) = 0;
  // When the unfinished one that began last did so, in microseconds since 1970; 0: there are none. That is
  // not the one with the newest id: clocks are set back.
  virtual Result<std::int64_t> NewestUnfinished(std::uint32_t partition, std::uint32_t partitions) = 0;
  // Unfinished executions that a task of an execution in this partition awaits, wherever they are. Asked when
  // the owner before has died; what is all in one process dies and is read back together.
  virtual Result<std::vector<ExecutionRecord>> LoadAwaitedBy(std::uint32_t partition,
                                                             std::uint32_t partitions) {
    (void)partition, (void)partitions;
    return std::vector<ExecutionRecord>();
  }
  // nullopt: not stored (or already finished).
  virtual Result<std::optional<StoredExecution>> LoadOne(const AccountId& account, const ExecutionId& id) = 0;
  // Stored at all, finished or not.
  virtual Result<bool> Exists(const AccountId& account, const ExecutionId& id) = 0;
};

// All pages, for who has room for them.
Result<std::vector<StoredExecution>> LoadAllUnfinished(Journal& journal, std::uint32_t partition,
                                                       std::uint32_t partitions);

}  // namespace elevaite::engine
