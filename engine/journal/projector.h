// Projector: brings the labels of executions into the table that searches read, after the commit of their
// start and many at once.
//
// The commit of a start puts them into `labels_due`, one row for all of an execution. Each row is taken away
// by the commit that writes its labels, and that commit fails when one of its rows is no longer there: so
// each is brought over once, whoever else does it too (the owner before), whatever dies in between, and never
// for an execution that has been forgotten meanwhile.
//
// A process does so for the partitions that it has. What is due in one becomes visible in the order of its
// time, but for a clock that steps back; the journal says from when on there is something, so nothing is
// looked for while nothing comes.
//
// One thread of its own. Between two commits it waits for more to come, or, when many are waiting, as long as
// the last one took: at most half of the database's time.
#pragma once

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <mutex>
#include <optional>
#include <thread>
#include <vector>

#include "engine/journal/journal.h"
#include "foundation/clock.h"
#include "infra/database/database.h"

namespace elevaite::engine {

struct ProjectedPage;

class Projector {
 public:
  using Time = std::chrono::steady_clock::time_point;

  struct Options {
    std::uint32_t partitions = 1;
    std::chrono::milliseconds gather{50};   // how long the first one waits for others
    std::chrono::milliseconds again{1000};  // after an error
    // Is told since when the oldest that is due has been waiting; nothing: none is. May be empty.
    std::function<void(std::optional<Time>)> behind{};
  };

  // All must outlive it.
  Projector(Options options, database::Database& db, Clock& clock);
  ~Projector() { Stop(); }

  void Start();
  // What is due then is left to who has the partitions next.
  void Stop();

  // This process has a partition now; its owner before may have left something.
  void Taken(std::uint32_t partition);
  // Labels of `executions`, in the partition of one of them, may be due, from `first_us` on. Any thread.
  void Due(const ExecutionId& one, std::size_t executions, std::int64_t first_us);

  struct Status {
    std::uint64_t waiting = 0;                       // executions, of those that this process has started
    std::optional<std::chrono::microseconds> lag{};  // how long the oldest has waited; nothing: none is due
    std::uint64_t projected = 0;                     // executions, so far
    std::uint64_t failures = 0;                      // commits, tried again
  };
  Status status() const;

 private:
  // What is due in a partition.
  struct Wait {
    std::optional<Time> since;  // the oldest; nothing: none is
    std::int64_t from_us = 0;   // none of them was created before
    std::uint64_t executions = 0;
    void Add(Time now, std::size_t more, std::int64_t first_us);
    void Behind(const ProjectedPage& page, std::chrono::microseconds age);
  };
  struct Share {
    Wait in_hand;
    Wait next;  // came since
  };

  void Add(std::uint32_t partition, std::size_t executions, std::int64_t first_us);
  void Run(const std::stop_token& stop);
  bool AwaitDue(const std::stop_token& stop, std::chrono::microseconds pause);
  std::chrono::microseconds Round(const std::stop_token& stop);
  Result<ProjectedPage> Project(std::uint32_t partition);
  Result<ProjectedPage> Failed(const Error& error);
  std::chrono::microseconds Age(std::int64_t time_us) const;
  std::optional<Time> Oldest() const;
  void Tell() const;

  const Options options_;
  database::Database& db_;
  Clock& clock_;
  mutable std::mutex mutex_;
  std::condition_variable_any news_;
  std::vector<Share> shares_;  // of each partition; this and what follows under mutex_
  std::uint64_t projected_ = 0;
  std::uint64_t failures_ = 0;
  int conflicts_ = 0;  // in a row
  bool is_failing_ = false;
  std::jthread thread_;
};

// All that is due, in every partition: for who has the data of a server that does not run. Blocks; how many
// executions it was.
Result<std::uint64_t> ProjectAll(database::Database& db);

}  // namespace elevaite::engine
