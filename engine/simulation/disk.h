// Disk: the simulated database under every journal and the event store of a process, and what survives it.
//
// Writes are taken into memory, go to the disk in groups, and are told to be done when their group is synced.
// A crash keeps what is synced and, of the rest, as many writes as happen to have arrived, in order; one that
// is torn is not there. Objects are written beside, each for itself: one that is not synced when the process
// dies is there as a whole or not at all. A full disk fails the writes of a while, and with them all later
// ones of the same journal until it resumes.
//
// A process writes under the epoch with which it has taken over; what it writes later than the next one has
// is refused (in the product: the fence of DatabaseJournal).
#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "engine/events/event_store.h"
#include "engine/journal/journal.h"
#include "engine/simulation/auditor.h"
#include "engine/simulation/library.h"
#include "engine/simulation/mutation.h"
#include "engine/simulation/scenario.h"
#include "engine/simulation/scheduler.h"
#include "engine/simulation/stored_run.h"
#include "engine/testing/memory_event_store.h"

namespace elevaite::simulation {

class Disk final : public engine::EventStore {
 public:
  Disk(Scheduler& scheduler, Library& library, Auditor& auditor, const Knobs& knobs, Mutation mutation)
      : scheduler_(scheduler), library_(library), auditor_(auditor), knobs_(knobs), mutation_(mutation) {}

  // Raises the epoch, and gives it.
  std::int64_t TakeOver();
  // Of one owner. The disk must outlive it. 0: of somebody who only looks.
  std::unique_ptr<engine::Journal> OpenJournal(std::int64_t epoch = 0);

  void SetFull(bool is_full) { is_full_ = is_full; }
  void SetSlow(bool is_slow) { is_slow_ = is_slow; }
  // The process that wrote is gone.
  void Crash();

  const std::map<ExecutionId, StoredRun>& runs() const { return runs_; }
  const StoredRun* Find(const ExecutionId& id) const;
  // When the execution's end was written, on the scheduler's clock; nothing: it has not been.
  std::optional<std::int64_t> EndedAtUs(const ExecutionId& id) const;
  const std::vector<engine::DeadLetter>& dead_letters() const { return dead_letters_; }
  // A call of it, or of one that it runs, was given up though nothing is wrong with the call: the process
  // died too often while it was under way. No reference foresees how it goes on.
  bool WasUnlucky(const ExecutionId& id) const { return unlucky_.contains(id); }
  std::uint64_t unfinished() const { return unfinished_; }  // executions
  // An attempt's worker is not heard of any more: it may be counted as lost.
  void AllowLost() { ++losses_; }
  std::uint64_t losses() const { return losses_; }
  bool HasEvent(std::int64_t position) const { return identities_.contains(position); }

  void Append(std::vector<engine::StoredEvent> events, Appended done) override {
    AppendUnder(epoch_, std::move(events), std::move(done));
  }

  // Writes an object; how long until it is synced. EndObject says so, or that there was no room.
  std::int64_t BeginObject(const std::string& name, std::string bytes);
  Result<void> EndObject(const std::string& name);
  Result<std::string> Object(const std::string& name) const;  // kNotFound
  std::uint64_t objects() const { return objects_.size(); }

  void AppendUnder(std::int64_t epoch, std::vector<engine::StoredEvent> events, Appended done);
  std::uint64_t refused() const { return refused_; }  // writes under an older epoch
  void DeleteBefore(std::int64_t accepted_us, std::size_t at_most) override;
  Result<std::vector<engine::StoredEvent>> LoadNewest(std::size_t limit) override;
  Result<std::vector<engine::StoredEvent>> Load(const AccountId& account,
                                                const std::vector<std::string>& types, std::int64_t since_us,
                                                std::int64_t after, std::int64_t before,
                                                std::size_t limit) override;
  Result<std::optional<std::int64_t>> PositionOf(const AccountId& account, std::string_view source,
                                                 std::string_view id) override;

 private:
  class JournalOnDisk;
  // Of one journal: broken after a failed write, until it resumes.
  struct Stream {
    bool is_broken = false;
    bool is_taken_over = false;
    std::vector<engine::JournalWrite> failed{};  // kFailedKept reads them
  };
  struct Write {
    std::shared_ptr<Stream> stream;  // null: events from outside
    std::int64_t epoch = 0;
    std::vector<engine::JournalWrite> steps;
    std::vector<engine::StoredEvent> events;
    std::function<void(Result<void>)> done;
    Appended appended;
    std::vector<bool> is_new;
    Result<void> result;
  };

  void Submit(Write write);
  void BeginSync();
  void EndSync();
  void Apply(Write& write);
  bool Refuses(Write& write);
  void ApplyStep(const engine::JournalWrite& stored);
  std::optional<engine::JournalWrite> WithValues(engine::JournalWrite step);
  bool AddEvent(const engine::StoredEvent& event);
  void CheckConsumed(const engine::JournalWrite& step);
  void CheckLost(const engine::JournalWrite& step);
  void NoteUnlucky(const engine::JournalWrite& step);
  engine::StoredExecution Read(const StoredRun& run) const;

  Scheduler& scheduler_;
  Library& library_;
  Auditor& auditor_;
  const Knobs& knobs_;
  Mutation mutation_;
  bool is_full_ = false;
  bool is_slow_ = false;
  std::int64_t epoch_ = 0;
  std::uint64_t owners_ = 0;  // so many have taken over: all but the newest have died or stood still
  std::uint64_t losses_ = 0;  // of attempts that workers in other processes had
  std::uint64_t unfinished_ = 0;
  std::uint64_t refused_ = 0;
  std::uint64_t process_ = 0;  // counts crashes: a sync of an earlier one is over
  std::deque<Write> waiting_;
  std::deque<Write> syncing_;
  std::map<ExecutionId, StoredRun> runs_;
  std::map<ExecutionId, std::int64_t> ended_at_us_;
  std::map<std::string, std::string> objects_;   // synced
  std::map<std::string, std::string> unsynced_;  // objects, too
  std::set<engine::PayloadId> payloads_;         // that commits have told of
  engine::MemoryEventStore events_;
  std::map<std::int64_t, std::string> identities_;  // of events, by position: source and id
  std::set<std::pair<ExecutionId, std::string>> taken_;
  std::vector<engine::DeadLetter> dead_letters_;
  std::set<ExecutionId> unlucky_;
  std::map<std::pair<ExecutionId, engine::FrameId>, std::uint64_t> lost_;  // attempts, all in all
};

}  // namespace elevaite::simulation
