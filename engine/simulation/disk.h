// Disk: the simulated database under every journal and the event store of a process, and what survives it.
//
// Writes are taken into memory, go to the disk in groups, and are told to be done when their group is synced.
// A crash keeps what is synced and, of the rest, as many writes as happen to have arrived, in order; one that
// is torn is not there. Objects are written beside, each for itself: one that is not synced when the process
// dies is there as a whole or not at all. A full disk fails the writes of a while, and with them all later
// ones of the same journal until it resumes.
//
// What a process writes for a partition it writes under the epoch of its tenure; later than the next one has
// begun, that is refused (in the product: the fence of DatabaseJournal).
//
// Several nodes share it as their database: one of them may be cut off, so that what it writes arrives only
// when it no longer is; and the database itself may die and be gone for a while.
#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "engine/events/event_store.h"
#include "engine/events/memory_event_store.h"
#include "engine/journal/journal.h"
#include "engine/simulation/auditor.h"
#include "engine/simulation/library.h"
#include "engine/simulation/mutation.h"
#include "engine/simulation/registry.h"
#include "engine/simulation/scenario.h"
#include "engine/simulation/scheduler.h"
#include "engine/simulation/stored_run.h"

namespace elevaite::simulation {

// Who writes: the number of the life of a process; 0: somebody who only looks.
using Author = std::int64_t;

class Disk {
 public:
  Disk(Scheduler& scheduler, const Registry& registry, Library& library, Auditor& auditor, const Knobs& knobs,
       Mutation mutation)
      : scheduler_(scheduler),
        registry_(registry),
        library_(library),
        auditor_(auditor),
        knobs_(knobs),
        mutation_(mutation) {}

  // Of one owner, for its tenure. The disk must outlive it.
  std::unique_ptr<engine::Journal> OpenJournal(Author author = 0, const engine::Tenure& tenure = {});
  std::unique_ptr<engine::EventStore> OpenEventStore(Author author);

  void SetFull(bool is_full) { is_full_ = is_full; }
  void SetSlow(bool is_slow) { is_slow_ = is_slow; }
  // The process is gone.
  void Crash(Author author);

  // ---- Several nodes ----
  void CutOff(Author author, bool is_cut_off);
  // The database dies with what it has not synced, and is back later: then all are told what has become of
  // their writes.
  void GoDown();
  void ComeUp();
  bool is_up() const { return !is_away_; }
  // kUnavailable: this one cannot reach the database. Who only looks always can.
  Result<void> Reach(Author author) const;
  // Something of this tenure is being written.
  bool IsWriting(std::uint32_t partition, std::int64_t epoch) const;
  // What the author has written of events, from the `mark`-th on: in the order in which that has arrived.
  std::span<const engine::StoredEvent> ArrivedOf(Author author, std::size_t mark) const;
  // Called when an event has arrived.
  void OnArrival(std::function<void()> arrived) { arrived_ = std::move(arrived); }

  const std::map<ExecutionId, StoredRun>& runs() const { return runs_; }
  const StoredRun* Find(const ExecutionId& id) const;
  // When the execution's end was written, on the scheduler's clock; nothing: it has not been.
  std::optional<std::int64_t> EndedAtUs(const ExecutionId& id) const;
  const std::vector<engine::DeadLetter>& dead_letters() const { return dead_letters_; }
  // A call of it, or of one that it runs, was given up though nothing is wrong with the call: the process
  // died too often while it was under way. No reference foresees how it goes on.
  bool WasUnlucky(const ExecutionId& id) const { return unlucky_.contains(id); }
  // It has the past of one that was.
  void InheritBadLuck(const ExecutionId& id) { unlucky_.insert(id); }
  std::uint64_t unfinished() const { return unfinished_; }  // executions
  // An attempt's worker is not heard of any more: it may be counted as lost.
  void AllowLost() { ++losses_; }
  std::uint64_t losses() const { return losses_; }
  bool HasEvent(std::int64_t position) const { return identities_.contains(position); }

  // Writes an object; how long until it is synced. EndObject says so, or that there was no room.
  std::int64_t BeginObject(Author author, const std::string& name, std::string bytes);
  Result<void> EndObject(const std::string& name);
  Result<std::string> Object(const std::string& name) const;  // kNotFound
  std::uint64_t objects() const { return objects_.size(); }

  std::uint64_t refused() const { return refused_; }  // writes under an older epoch

 private:
  using Appended = engine::EventStore::Appended;
  class JournalOnDisk;
  class EventsOnDisk;
  // Of one journal: broken after a failed write, until it resumes.
  struct Stream {
    bool is_broken = false;
    bool is_taken_over = false;
    std::vector<engine::JournalWrite> failed{};  // kFailedKept reads them
  };
  struct Write {
    Author author = 0;
    std::shared_ptr<Stream> stream;              // null: events from outside
    engine::Tenure tenure{};                     // else
    std::optional<std::int64_t> newest_epoch{};  // kEarlyFence: as it was before
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
  void ApplyUnlessItFails(Write& write);
  void TellAll(std::deque<Write> group);
  void Tell(Write write);
  void GoOnWithWrites();
  bool Refuses(Write& write);
  void ApplyStep(Author author, const engine::JournalWrite& stored);
  std::optional<engine::JournalWrite> WithValues(engine::JournalWrite step);
  bool AddEvent(Author author, const engine::StoredEvent& event);
  void CheckConsumed(const engine::JournalWrite& step);
  void CheckLost(const engine::JournalWrite& step);
  void NoteUnlucky(const engine::JournalWrite& step);
  engine::StoredExecution Read(const StoredRun& run) const;

  Scheduler& scheduler_;
  const Registry& registry_;
  Library& library_;
  Auditor& auditor_;
  const Knobs& knobs_;
  Mutation mutation_;
  bool is_full_ = false;
  bool is_slow_ = false;
  bool is_away_ = false;  // the database
  std::set<Author> cut_off_;
  std::set<Author> dead_;
  std::function<void()> arrived_;
  std::uint64_t losses_ = 0;  // of attempts that workers in other processes had
  std::uint64_t unfinished_ = 0;
  std::uint64_t refused_ = 0;
  std::uint64_t life_ = 0;  // counts crashes, its own and those of processes: a sync of before is over
  std::deque<Write> waiting_;
  std::deque<Write> syncing_;
  std::deque<Write> on_the_way_;  // of authors who are cut off
  std::deque<Write> untold_;      // written or failed when the database died
  std::map<ExecutionId, StoredRun> runs_;
  std::map<ExecutionId, std::int64_t> ended_at_us_;
  std::map<std::string, std::string> objects_;                      // synced
  std::map<std::string, std::pair<Author, std::string>> unsynced_;  // objects, too
  std::set<engine::PayloadId> payloads_;                            // that commits have told of
  engine::MemoryEventStore events_;
  std::map<Author, std::vector<engine::StoredEvent>> arrivals_;
  std::map<std::int64_t, std::string> identities_;  // of events, by position: source and id
  std::set<std::pair<ExecutionId, std::string>> taken_;
  std::vector<engine::DeadLetter> dead_letters_;
  std::set<ExecutionId> unlucky_;
  std::map<std::pair<ExecutionId, engine::FrameId>, std::uint64_t> lost_;  // attempts, all in all
};

}  // namespace elevaite::simulation
