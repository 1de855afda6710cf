// A partition with a journal that fails when told, on a simulated clock, for tests: nothing of it has
// threads.
#pragma once

#include <gtest/gtest.h>

#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "engine/events/memory_event_store.h"
#include "engine/journal/memory_journal.h"
#include "engine/partition/partition.h"
#include "engine/partition/recovery.h"
#include "engine/testing/functions.h"

namespace elevaite::engine {

class HeldActivities final : public Activities {
 public:
  void Schedule(ActivityTask task, Done done) override { held.push_back({std::move(task), std::move(done)}); }
  void Cancel(const ExecutionId&, FrameId frame, std::string_view, std::int64_t) override {
    cancelled.push_back(frame);
  }

  struct Held {
    ActivityTask task;
    Done done;
  };
  std::deque<Held> held;
  std::vector<FrameId> cancelled;
};

class OneProgram final : public ProgramSource {
 public:
  Result<std::shared_ptr<const dsl::Program>> Load(const ExecutionRecord& record) override {
    if (failure) return elevaite::Fail(*failure);
    const auto found = of.find(record.id);
    return found == of.end() ? program : found->second;
  }
  std::optional<Error> failure;
  std::shared_ptr<const dsl::Program> program;
  std::map<ExecutionId, std::shared_ptr<const dsl::Program>> of;        // where it differs
  std::map<std::string, std::shared_ptr<const dsl::Program>> versions;  // that executions were moved to
};

class PartitionTest : public ::testing::Test {
 protected:
  PartitionTest() {
    EXPECT_TRUE(hub_.Start());
    Open();
  }

  void Open() { Open(hub_); }
  void Open(EventHub& hub) {
    partition_ = std::make_unique<Partition>(
        options_, clock_, random_, journal_, activities_, programs_, hub, feed_,
        [this](Command command) { posted_.push_back(std::move(command)); },
        [this](std::uint64_t commit, Result<void> result) {
          settled_.emplace_back(commit, std::move(result));
        });
  }

  // What the thread of a partition does in a round.
  void Round(bool disk_full = false) {
    while (!posted_.empty()) {
      Command command = std::move(posted_.front());
      posted_.pop_front();
      partition_->Handle(std::move(command));
    }
    partition_->FireTimers();
    partition_->Flush();
    journal_.Settle(disk_full);
    while (!settled_.empty()) {
      auto [commit, result] = std::move(settled_.front());
      settled_.pop_front();
      partition_->Committed(commit, std::move(result));
    }
  }

  ExecutionId Start(std::string_view tasks, Json input = Json()) {
    programs_.program = TestProgram(tasks);
    const ExecutionId id = ExecutionId::New();
    posted_.push_back(StartCommand{
        .record = {.account = AccountId::Default(), .id = id, .workflow = "t", .version = "1.0.0"},
        .program = programs_.program,
        .input = std::move(input),
        .accepted = [this](Result<void> result) { accepted_.push_back(std::move(result)); },
        .finished =
            [this](const std::optional<Outcome>& outcome) {
              if (outcome) outcomes_.push_back(*outcome);
            }});
    return id;
  }

  // A workflow that a task of `parent` runs. `frame`: the task awaits it.
  ExecutionId StartChild(const ExecutionId& parent, std::optional<FrameId> frame) {
    const ExecutionId id = ExecutionId::New();
    programs_.of[id] = TestProgram("- c: {call: ping}\n");
    posted_.push_back(StartCommand{.record = {.account = AccountId::Default(),
                                              .id = id,
                                              .workflow = "u",
                                              .version = "1.0.0",
                                              .parent = parent,
                                              .depth = 1,
                                              .parent_frame = frame},
                                   .program = programs_.of[id],
                                   .input = {},
                                   .accepted = [](const Result<void>&) {},
                                   .finished = {}});
    return id;
  }

  // The answer comes with a later Round.
  std::shared_ptr<Result<Migration>> Migrate(const ExecutionId& id, std::string_view tasks,
                                             const std::string& version, bool dry_run = false,
                                             const AccountId& account = AccountId::Default()) {
    auto program = std::make_shared<dsl::Program>(*TestProgram(tasks));
    program->version = version;
    programs_.versions[version] = program;
    auto answer = std::make_shared<Result<Migration>>(elevaite::Fail(ErrorCode::kInternal, "no answer"));
    posted_.push_back(
        MigrateCommand{.account = account,
                       .id = id,
                       .program = program,
                       .note = {},
                       .dry_run = dry_run,
                       .done = [answer](Result<Migration> result) { *answer = std::move(result); }});
    return answer;
  }

  // The process, and another one reads back what is on disk.
  void Die(Predecessor predecessor = Predecessor::kReleased) {
    activities_.held.clear();
    posted_.clear();
    settled_.clear();
    Open();
    ASSERT_TRUE(RecoverAll(journal_, *partition_, predecessor));
  }

  PartitionOptions options_;
  SimulatedClock clock_;
  SeededRandom random_{1};
  MemoryEventStore events_;
  MemoryJournal journal_{&events_};
  EventHub hub_{{}, events_, clock_};
  HeldActivities activities_;
  OneProgram programs_;
  LiveFeed feed_;
  std::deque<Command> posted_;
  std::deque<std::pair<std::uint64_t, Result<void>>> settled_;
  std::vector<Result<void>> accepted_;
  std::vector<Outcome> outcomes_;
  std::unique_ptr<Partition> partition_;
};

}  // namespace elevaite::engine
