// A journal in memory whose appends wait until they are let through, or failed: for tests and rehearsals.
#pragma once

#include <algorithm>
#include <deque>
#include <iterator>
#include <map>
#include <optional>
#include <utility>
#include <vector>

#include "engine/events/memory_event_store.h"
#include "engine/journal/journal.h"

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

  Result<UnfinishedPage> LoadUnfinished(std::uint32_t, std::uint32_t,
                                        const std::optional<UnfinishedCursor>& after,
                                        std::size_t limit) override {
    UnfinishedPage page;
    for (auto it = after ? disk.upper_bound(after->id) : disk.begin(); it != disk.end(); ++it) {
      const StoredExecution& stored = it->second;
      if (stored.record.finished_us) continue;
      page.executions.push_back(stored);
      if (page.executions.size() < limit) continue;
      page.next = UnfinishedCursor{.account = stored.record.account, .id = stored.record.id};
      break;
    }
    return page;
  }
  Result<std::int64_t> NewestUnfinished(std::uint32_t, std::uint32_t) override {
    std::int64_t newest_us = 0;
    for (const auto& [id, stored] : disk) {
      if (!stored.record.finished_us) newest_us = std::max(newest_us, stored.record.started_us);
    }
    return newest_us;
  }
  Result<std::optional<StoredExecution>> LoadOne(const AccountId& account, const ExecutionId& id) override {
    const auto found = disk.find(id);
    if (found == disk.end() || found->second.record.finished_us) return std::nullopt;
    if (found->second.record.account != account) return std::nullopt;
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
        if (write.drops_snapshot) stored.snapshot.reset();
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
