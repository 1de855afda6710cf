// WorkQueue: the attempts that wait for a worker, and who has which. Pure: it reads no clock, does no I/O and
// takes no lock. A hint only: what it forgets is in the journal and comes again.
//
// Of each class (quick, long) it is first come first served within an account, and the accounts take turns,
// so that a thousand tasks of one keep no other from its turn.
//
// A worker is known by the id of its process's life. Each of its requests is a sign of life; when none has
// come for `lease`, what it had is lost (Expire). What it never received, or gives back, was no attempt and
// goes to the next, before all that wait.
#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <list>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "engine/activities/activities.h"
#include "engine/activities/worker_protocol.h"

namespace elevaite::engine {

class WorkQueue {
 public:
  using Time = std::chrono::steady_clock::time_point;
  using Done = Activities::Done;
  struct Options {
    std::chrono::milliseconds lease{10'000};
    std::size_t workers_max = 1'000;
  };

  explicit WorkQueue(Options options) : options_(options) {}

  // A task that was given out by an owner before (`resumed`) waits for half a lease first, so that a worker
  // that has it can say so. One that is here already, with the same attempt, goes on where it is and tells
  // the new `done`; another attempt takes its place.
  void Add(ActivityTask task, Done done, Time now);
  // The worker that has it, and is to be told by Stops.
  std::optional<std::string> Cancel(const ExecutionId& execution, FrameId frame);

  // Gives as much as fits into the slots and a batch's bytes. Errors: kResourceExhausted (more workers than
  // may be).
  Result<std::vector<ActivityTask>> Take(const Pull& pull, Time now);
  // What this worker shall stop; said once.
  std::vector<Attempt> Stops(const std::string& worker);

  struct Beat {
    std::vector<Attempt> stop;     // these are not the worker's, or no longer wanted
    std::vector<Attempt> adopted;  // of those claimed: from now on they are this worker's
  };
  // `is_ours`: what it holds was handed out by this queue, so that what is not known here is not wanted.
  Result<Beat> Hear(const Heartbeat& heartbeat, bool is_ours, Time now);

  // The attempt is over: whoever awaits its outcome. Nothing: nobody does (it was cancelled, or is lost).
  std::optional<Done> Finish(const Attempt& attempt);
  // `pull`: with which the worker got it; it may have been given the same again since.
  void GiveBack(const std::string& worker, const Attempt& attempt, std::uint64_t pull);
  // The worker ends in good order: what it still has goes back.
  void Leave(const std::string& worker, Time now);

  // What time brings. Tasks that settled may be taken.
  struct Gone {  // a worker that was not heard of
    std::string name;
    std::vector<Done> lost;  // who awaits what it had
  };
  struct Overdue {  // a task whose turn did not come in time (its bound `queued`)
    ActivityTask task;
    Done done;
  };
  struct Expired {
    std::vector<Gone> gone;
    std::vector<Overdue> overdue;
  };
  Expired Expire(Time now);

  struct Status {
    struct OfClass {
      std::size_t waiting = 0;
      std::size_t given = 0;    // to workers
      std::size_t workers = 0;  // that do this class
    };
    struct OfWorker {
      std::string name;
      std::array<bool, kWorkClasses> does{};
      std::size_t holds = 0;
      Time heard;
    };
    std::array<OfClass, kWorkClasses> classes;
    std::vector<OfWorker> workers;
    std::uint64_t lost = 0;      // attempts whose worker was not heard of any more
    std::uint64_t returned = 0;  // tasks given back, or not received
  };
  Status status() const;
  bool HasWaiting(const Slots& slots) const;

 private:
  using Key = std::pair<ExecutionId, FrameId>;
  using Line = std::list<Key>;
  // The tasks of a class that may be taken.
  struct Lane {
    std::map<AccountId, Line> lines;  // none is empty
    AccountId last;                   // whose turn it was
    std::size_t size = 0;
  };
  struct Item {
    ActivityTask task;
    Done done;
    Time since;                             // when it began to wait
    std::string worker{};                   // who has it; empty: it waits
    std::uint64_t pull = 0;                 // with which it was given; 0: adopted
    std::optional<Line::iterator> place{};  // in its lane; nothing: given, or settling
  };
  using Items = std::map<Key, Item>;
  struct Worker {
    std::string name;
    Time heard;
    std::uint64_t pulled = 0;
    std::array<bool, kWorkClasses> does{};
    bool has_left = false;
    std::set<Key> holds{};
    std::vector<Attempt> stops{};
  };

  static Key KeyOf(const Attempt& attempt) { return {attempt.execution, attempt.frame}; }
  Lane& LaneOf(const Item& item) { return lanes_[static_cast<std::size_t>(item.task.bounds.work)]; }
  Item* Find(const Attempt& attempt);
  Result<Worker*> Meet(const std::string& id, const std::string& name, Time now);
  void PutInLane(const Key& key, Item& item, bool in_front);
  void LeaveLane(Item& item);
  void BoundWait(const Item& item);
  void Settle(Time now);
  std::vector<Overdue> TakeOverdue(Time now);
  std::vector<Gone> ForgetSilent(Time now);
  std::optional<Key> NextOf(Lane& lane);
  void Give(const Key& key, Item& item, const std::string& worker, std::uint64_t pull);
  void PutBack(const Key& key, Item& item);
  void Forget(Items::iterator item);
  Done Remove(Items::iterator item);

  Options options_;
  Items items_;
  std::array<Lane, kWorkClasses> lanes_;
  Slots total_{};  // of items_, by class
  Slots given_{};  // of these
  std::multimap<Time, Attempt> settling_;
  std::multimap<Time, Attempt> turns_;  // by when they must have come
  std::map<std::string, Worker> workers_;
  std::uint64_t lost_ = 0;
  std::uint64_t returned_ = 0;
};

}  // namespace elevaite::engine
