#include "services/workflow/peers/command_json.h"

#include <algorithm>
#include <utility>

namespace elevaite::workflow {
namespace {

using engine::Command;
using engine::InputCommand;

std::string TextOf(const Json& json, std::string_view name) { return std::string(json[name].StringOr("")); }

Result<AccountId> AccountFrom(const Json& json) { return AccountId::Parse(json["account"].StringOr("")); }
Result<ExecutionId> IdFrom(const Json& json) { return ExecutionId::Parse(json["id"].StringOr("")); }

std::optional<std::int64_t> NumberFrom(const Json& json) {
  return json.IsNull() ? std::nullopt : std::optional(json.IntOr(0));
}
template <class T>
Json NumberOrNull(const std::optional<T>& number) {
  return number ? Json(*number) : Json();
}

Json RecordToJson(const engine::ExecutionRecord& r) {
  return Json::Object({{"account", r.account.ToString()},
                       {"id", r.id.ToString()},
                       {"namespace", r.name_space},
                       {"workflow", r.workflow},
                       {"version", r.version},
                       {"trigger", static_cast<std::int64_t>(r.trigger)},
                       {"correlation", r.correlation},
                       {"parent", r.parent ? Json(r.parent->ToString()) : Json()},
                       {"depth", r.depth},
                       {"parent_frame", NumberOrNull(r.parent_frame)}});
}

Result<engine::ExecutionRecord> RecordFromJson(const Json& json) {
  engine::ExecutionRecord record;
  ASSIGN_OR_RETURN(record.account, AccountFrom(json));
  ASSIGN_OR_RETURN(record.id, IdFrom(json));
  record.name_space = TextOf(json, "namespace");
  record.workflow = TextOf(json, "workflow");
  record.version = TextOf(json, "version");
  const std::int64_t trigger = json["trigger"].IntOr(-1);
  if (trigger < 0 || trigger > static_cast<std::int64_t>(engine::kLastTrigger))
    return Fail(ErrorCode::kInvalidArgument, "unknown trigger");
  record.trigger = static_cast<engine::Trigger>(trigger);
  record.correlation = TextOf(json, "correlation");
  if (!json["parent"].IsNull()) {
    ASSIGN_OR_RETURN(record.parent, ExecutionId::Parse(json["parent"].StringOr("")));
  }
  record.depth = static_cast<std::uint32_t>(json["depth"].IntOr(0));
  if (const auto frame = NumberFrom(json["parent_frame"]))
    record.parent_frame = static_cast<engine::FrameId>(*frame);
  return record;
}

// The owner reads it again: it may be large, and is the same for ever.
Json PastToJson(const engine::Past& past) {
  std::vector<Json::Member> members{
      {"execution", past.execution.ToString()}, {"seq", past.request.began.seq}, {"note", past.request.note}};
  if (past.request.input) members.emplace_back("input", *past.request.input);
  return Json::Object(std::move(members));
}

Result<ReceivedPast> PastFromJson(const Json& json) {
  ReceivedPast past;
  ASSIGN_OR_RETURN(past.point.execution, ExecutionId::Parse(json["execution"].StringOr("")));
  past.point.seq = static_cast<std::uint64_t>(json["seq"].IntOr(0));
  if (past.point.seq == 0) return Fail(ErrorCode::kInvalidArgument, "`past.seq` is missing");
  if (const Json* input = json.Find("input")) past.input = *input;
  past.note = json["note"];
  return past;
}

std::optional<Json> InputToJson(const InputCommand& command) {
  const std::string id = command.id.ToString();
  if (const auto* done = std::get_if<engine::ActivityCompleted>(&command.input)) {
    return Json::Object({{"command", "input"},
                         {"id", id},
                         {"input", "completed"},
                         {"frame", done->frame},
                         {"attempt", done->attempt},
                         {"output", done->output}});
  }
  if (const auto* failed = std::get_if<engine::ActivityFailed>(&command.input)) {
    return Json::Object({{"command", "input"},
                         {"id", id},
                         {"input", "failed"},
                         {"frame", failed->frame},
                         {"attempt", failed->attempt},
                         {"error", failed->error},
                         {"retry_in_us", NumberOrNull(failed->retry_in_us)}});
  }
  if (const auto* cancel = std::get_if<engine::Cancel>(&command.input))
    return Json::Object({{"command", "input"},
                         {"id", id},
                         {"input", "cancel"},
                         {"reason", cancel->reason},
                         {"deadline_us", cancel->deadline_us},
                         {"by_parent", cancel->by_parent}});
  return std::nullopt;
}

Result<engine::Input> InputFromJson(const Json& json) {
  const std::string_view kind = json["input"].StringOr("");
  const auto frame = static_cast<engine::FrameId>(json["frame"].IntOr(0));
  const auto attempt = static_cast<std::uint32_t>(json["attempt"].IntOr(0));
  if (kind == "completed") return engine::ActivityCompleted{frame, attempt, json["output"]};
  if (kind == "failed")
    return engine::ActivityFailed{frame, attempt, json["error"], NumberFrom(json["retry_in_us"])};
  if (kind == "cancel") {
    return engine::Cancel{.reason = TextOf(json, "reason"),
                          .deadline_us = json["deadline_us"].IntOr(0),
                          .by_parent = json["by_parent"].BoolOr(false)};
  }
  return Fail(ErrorCode::kInvalidArgument, "unknown input");
}

Json OperateToJson(const engine::OperateCommand& command) {
  std::vector<Json::Member> members{
      {"command", "operate"},
      {"account", command.account.ToString()},
      {"id", command.id.ToString()},
      {"note", std::visit([](const auto& act) { return act.note; }, command.act)},
      {"number", std::visit([](const auto& act) { return act.command; }, command.act)}};
  if (const auto* repair = std::get_if<engine::Repair>(&command.act)) {
    members.emplace_back("act", engine::NameOf(repair->act));
    members.emplace_back("frame", repair->frame);
    members.emplace_back("value", repair->value);
  } else {
    members.emplace_back("act", std::holds_alternative<engine::Pause>(command.act) ? "pause" : "resume");
  }
  return Json::Object(std::move(members));
}

Result<engine::OperateCommand> OperateFromJson(const Json& json, const AccountId& account,
                                               const ExecutionId& id) {
  const engine::CommandNumber number = json["number"].IntOr(0);
  engine::OperateCommand command{
      .account = account, .id = id, .act = engine::Pause{json["note"], number}, .done = {}};
  const std::string_view act = json["act"].StringOr("");
  if (act == "pause") return command;
  if (act == "resume") {
    command.act = engine::Resume{json["note"], number};
    return command;
  }
  const auto repair = engine::RepairActFromName(act);
  if (!repair) return Fail(ErrorCode::kInvalidArgument, "unknown act");
  command.act = engine::Repair{.frame = static_cast<engine::FrameId>(json["frame"].IntOr(0)),
                               .act = *repair,
                               .value = json["value"],
                               .note = json["note"],
                               .command = number};
  return command;
}

Json TextsToJson(const std::vector<std::string>& texts) {
  return Json::Array(std::vector<Json>(texts.begin(), texts.end()));
}

}  // namespace

ExecutionId IdOf(const Command& command) {
  return std::visit(
      [](const auto& one) {
        if constexpr (requires { one.record.id; }) {
          return one.record.id;
        } else {
          return one.id;
        }
      },
      command);
}

std::optional<Json> CommandToJson(const Command& command) {
  if (const auto* start = std::get_if<engine::StartCommand>(&command)) {
    return Json::Object({{"command", "start"},
                         {"record", RecordToJson(start->record)},
                         {"input", start->input},
                         {"shared_id", start->shared_id},
                         {"past", start->past ? PastToJson(*start->past) : Json()}});
  }
  if (const auto* cancel = std::get_if<engine::CancelCommand>(&command)) {
    return Json::Object({{"command", "cancel"},
                         {"account", cancel->account.ToString()},
                         {"id", cancel->id.ToString()},
                         {"reason", cancel->reason},
                         {"deadline_us", cancel->deadline_us},
                         {"once", cancel->once}});
  }
  if (const auto* migrate = std::get_if<engine::MigrateCommand>(&command)) {
    return Json::Object({{"command", "migrate"},
                         {"account", migrate->account.ToString()},
                         {"id", migrate->id.ToString()},
                         {"namespace", migrate->program->name_space},
                         {"workflow", migrate->program->name},
                         {"version", migrate->program->version},
                         {"reason", migrate->note.reason},
                         {"by", migrate->note.by},
                         {"number", migrate->note.command},
                         {"dry_run", migrate->dry_run}});
  }
  if (const auto* operate = std::get_if<engine::OperateCommand>(&command)) return OperateToJson(*operate);
  if (const auto* watch = std::get_if<engine::WatchCommand>(&command)) {
    const auto patience = std::chrono::duration_cast<std::chrono::milliseconds>(
        watch->waits_until - std::chrono::steady_clock::now());
    return Json::Object(
        {{"command", "watch"},
         {"account", watch->account.ToString()},
         {"id", watch->id.ToString()},
         {"wait_ms", std::clamp(patience, std::chrono::milliseconds(0), kWatchTime).count()}});
  }
  return InputToJson(std::get<InputCommand>(command));
}

Result<ReceivedCommand> CommandFromJson(const Json& json) {
  const std::string_view kind = json["command"].StringOr("");
  ReceivedCommand received{.command = engine::WatchCommand{}, .record = {}};
  if (kind == "start") {
    ASSIGN_OR_RETURN(received.record, RecordFromJson(json["record"]));
    received.command = engine::StartCommand{.record = received.record,
                                            .program = {},
                                            .input = json["input"],
                                            .accepted = {},
                                            .finished = {},
                                            .shared_id = json["shared_id"].BoolOr(false)};
    if (!json["past"].IsNull()) {
      ASSIGN_OR_RETURN(received.past, PastFromJson(json["past"]));
    }
    return received;
  }
  ASSIGN_OR_RETURN(const ExecutionId id, IdFrom(json));
  if (kind == "input") {
    ASSIGN_OR_RETURN(engine::Input input, InputFromJson(json));
    received.command = InputCommand{id, std::move(input)};
    return received;
  }
  ASSIGN_OR_RETURN(const AccountId account, AccountFrom(json));
  if (kind == "cancel") {
    received.command = engine::CancelCommand{.account = account,
                                             .id = id,
                                             .reason = TextOf(json, "reason"),
                                             .done = {},
                                             .deadline_us = json["deadline_us"].IntOr(0),
                                             .once = json["once"].BoolOr(false)};
  } else if (kind == "migrate") {
    received.record.account = account;
    received.record.name_space = TextOf(json, "namespace");
    received.record.workflow = TextOf(json, "workflow");
    received.record.version = TextOf(json, "version");
    received.command = engine::MigrateCommand{.account = account,
                                              .id = id,
                                              .program = {},
                                              .note = {.reason = TextOf(json, "reason"),
                                                       .by = TextOf(json, "by"),
                                                       .command = json["number"].IntOr(0)},
                                              .dry_run = json["dry_run"].BoolOr(true),
                                              .done = {}};
  } else if (kind == "operate") {
    ASSIGN_OR_RETURN(received.command, OperateFromJson(json, account, id));
  } else if (kind == "watch") {
    const std::chrono::milliseconds patience(json["wait_ms"].IntOr(kWatchTime.count()));
    received.command =
        engine::WatchCommand{.account = account,
                             .id = id,
                             .finished = {},
                             .waits_until = std::chrono::steady_clock::now() +
                                            std::clamp(patience, std::chrono::milliseconds(0), kWatchTime)};
  } else {
    return Fail(ErrorCode::kInvalidArgument, "unknown command");
  }
  return received;
}

Json OutcomeToJson(const engine::Outcome& outcome) {
  return Json::Object({{"phase", std::string(engine::NameOf(outcome.phase))},
                       {"output", outcome.output},
                       {"error", outcome.error}});
}

Result<engine::Outcome> OutcomeFromJson(const Json& json) {
  const auto phase = engine::PhaseFromName(json["phase"].StringOr(""));
  if (!phase) return Fail(ErrorCode::kInvalidArgument, "unknown phase");
  return engine::Outcome{.phase = *phase, .output = json["output"], .error = json["error"]};
}

Json MigrationToJson(const engine::Migration& migration) {
  std::vector<Json> obstacles;
  for (const engine::Obstacle& one : migration.plan.obstacles)
    obstacles.push_back(Json::Object({{"task", one.task}, {"why", one.why}, {"advice", one.advice}}));
  std::vector<Json> tasks;
  for (const engine::MovedTask& one : migration.plan.tasks)
    tasks.push_back(Json::Object({{"frame", one.frame}, {"before", one.before}, {"after", one.after}}));
  return Json::Object({{"from", migration.from},
                       {"to", migration.to},
                       {"done", migration.done},
                       {"obstacles", Json::Array(std::move(obstacles))},
                       {"tasks", Json::Array(std::move(tasks))},
                       {"passed", TextsToJson(migration.plan.passed)}});
}

// The moves of frames are of no use to anybody but the owner.
Result<engine::Migration> MigrationFromJson(const Json& json) {
  engine::Migration migration{.from = TextOf(json, "from"), .to = TextOf(json, "to"), .plan = {}};
  migration.done = json["done"].BoolOr(false);
  for (const char* list : {"obstacles", "tasks", "passed"}) {
    if (!json[list].IsArray()) return Fail(ErrorCode::kInvalidArgument, std::string(list) + " is missing");
  }
  for (const Json& one : json["obstacles"].AsArray())
    migration.plan.obstacles.push_back({TextOf(one, "task"), TextOf(one, "why"), TextOf(one, "advice")});
  for (const Json& one : json["tasks"].AsArray())
    migration.plan.tasks.push_back(
        {static_cast<engine::FrameId>(one["frame"].IntOr(0)), TextOf(one, "before"), TextOf(one, "after")});
  for (const Json& one : json["passed"].AsArray()) migration.plan.passed.emplace_back(one.StringOr(""));
  return migration;
}

Json ErrorToJson(const Error& error) {
  return Json::Object({{"code", std::string(InfoOf(error.code).name)},
                       {"message", error.message},
                       {"hint", error.hint},
                       {"retry_after_ms", error.retry_after ? Json(error.retry_after->count()) : Json()}});
}

Error ErrorFromJson(const Json& json) {
  Error error{.code = ErrorCode::kInternal, .message = TextOf(json, "message"), .hint = TextOf(json, "hint")};
  for (int code = 0; code <= static_cast<int>(ErrorCode::kInternal); ++code) {
    if (InfoOf(static_cast<ErrorCode>(code)).name == json["code"].StringOr(""))
      error.code = static_cast<ErrorCode>(code);
  }
  if (const auto after = NumberFrom(json["retry_after_ms"]))
    error.retry_after = std::chrono::milliseconds(*after);
  return error;
}

}  // namespace elevaite::workflow
