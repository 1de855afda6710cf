// Commands of the engine and their answers as JSON, for the way from one node of a cluster to another.
// Programs are not sent: the owner of the execution has the version in its store.
//
//   {"command": "start", "record": {...}, "input": ..., "shared_id": true,
//    "past": {"execution", "seq", "input", "note"}}  past: only of one that is forked
//   {"command": "cancel", "account", "id", "reason", "deadline_us", "once"}
//   {"command": "migrate", "account", "id", "namespace", "workflow", "version", "reason", "by", "dry_run"}
//   {"command": "watch", "account", "id", "wait_ms"}  for so long, and no longer than kWatchTime
//   {"command": "input", "id", "input": "completed" | "failed" | "cancel", ...}
#pragma once

#include <chrono>
#include <optional>

#include "engine/partition/partition.h"
#include "foundation/json.h"
#include "services/workflow/service.h"

namespace elevaite::workflow {

// Who wants to wait for longer asks again.
inline constexpr std::chrono::milliseconds kWatchTime{20'000};

ExecutionId IdOf(const engine::Command& command);

// nullopt: nobody else needs it, the owner knows it from what is stored (timers, events, the rest of a step).
std::optional<Json> CommandToJson(const engine::Command& command);

// What has come from another node. The program and the callbacks are missing: `record` of a migration names
// the version that is wanted.
struct ReceivedPast {
  PastPoint point;
  std::optional<Json> input;
  Json note;
};
struct ReceivedCommand {
  engine::Command command;
  engine::ExecutionRecord record;      // whose program is to be loaded; of starts and migrations
  std::optional<ReceivedPast> past{};  // of a start: what it goes on from, to be read
};
Result<ReceivedCommand> CommandFromJson(const Json& json);

Json OutcomeToJson(const engine::Outcome& outcome);
Result<engine::Outcome> OutcomeFromJson(const Json& json);
Json MigrationToJson(const engine::Migration& migration);
Result<engine::Migration> MigrationFromJson(const Json& json);
Json ErrorToJson(const Error& error);
Error ErrorFromJson(const Json& json);

}  // namespace elevaite::workflow
