// For tests: a journal in memory whose appends wait until the test lets them through, or fails them.
#pragma once

#include <algorithm>
#include <deque>
#include <iterator>
#include <map>
#include <optional>
#include <utility>
#include <vector>

#include "engine/journal/journal.h"
#include "engine/testing/memory_event_store.h"

namespace elevaite::engine {

// What is on "disk", and appends that wait for the test to let them through.
class MemoryJournal final : public Journal {
 public:
  // Emitted events go to `events`.
  explicit MemoryJournal(MemoryEventStore* events = nullptr) : events_(events) {}

  void Append(std::vector<JournalWrite> writes, Done done) override {
    waiting.push_back({std::move(writes), std::move(done)});
  }
  void Resume() override { broken = false; }

  Result<std::vector<StoredExecution>> LoadUnfinished(std::uint32_t, std::uint32_t) override {
    std::vector<StoredExecution> all;
    for (const auto& [id, stored] : disk) {
      if (!stored.record.finished_us) all.push_back(stored);
    }
    return all;
  }
  Result<std::optional<StoredExecution>> LoadOne(const AccountId&, const ExecutionId& id) override {
    const auto found = disk.find(id);
    if (found == disk.end() || found->second.record.finished_us) return std::nullopt;
    return found->second;
  }

  Result<bool> Exists(const AccountId&, const ExecutionId& id) override { return disk.contains(id); }

  // Lets everything that waits succeed, or fail as a full disk does.
  void Settle(bool full) {
    while (!waiting.empty()) {
      auto [writes, done] = std::move(waiting.front());
      waiting.pop_front();
      broken = broken || full;
      if (broken) {
        done(elevaite::Fail(ErrorCode::kResourceExhausted, "the disk is full"));
        continue;
      }
      for (JournalWrite& write : writes) {
        StoredExecution& stored = disk[write.record.id];
        stored.record = write.record;
        stored.events.push_back(write.events);
        if (write.snapshot) {
          stored.snapshot = write.snapshot;
          stored.events.clear();
        }
        std::ranges::move(write.dead_letters, std::back_inserter(dead_letters));
        for (StoredEvent& event : write.emitted) {
          if (events_) events_->Add(std::move(event));
        }
      }
      done({});
    }
  }

  struct Waiting {
    std::vector<JournalWrite> writes;
    Done done;
  };
  std::deque<Waiting> waiting;
  std::map<ExecutionId, StoredExecution> disk;
  std::vector<DeadLetter> dead_letters;
  bool broken = false;

 private:
  MemoryEventStore* events_;
};

}  // namespace elevaite::engine
