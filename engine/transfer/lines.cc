// The lines of a transfer, written and read.
#include <fmt/format.h>

#include <array>

#include "engine/journal/records.h"
#include "engine/transfer/transfer.h"
#include "foundation/base64.h"
#include "foundation/digest.h"

namespace elevaite::engine {
namespace {

constexpr int kVersion = 1;

Json RowJson(const Transferred::Row& row) {
  return Json::Object({{"seq", row.seq}, {"data", Base64Url(row.bytes)}});
}

Json RecordJson(const ExecutionRecord& r) {
  std::vector<Json> migrations;
  for (const VersionChange& one : r.migrations)
    migrations.push_back(Json::Object({{"seq", one.seq}, {"from", one.from}}));
  return Json::Object({{"account", r.account.ToString()},
                       {"id", r.id.ToString()},
                       {"namespace", r.name_space},
                       {"workflow", r.workflow},
                       {"version", r.version},
                       {"migrations", Json::Array(std::move(migrations))},
                       {"trigger", NameOf(r.trigger)},
                       {"correlation", r.correlation},
                       {"parent", r.parent ? Json(r.parent->ToString()) : Json()},
                       {"depth", r.depth},
                       {"parent_task", r.parent_frame ? Json(*r.parent_frame) : Json()},
                       {"status", NameOf(r.phase)},
                       {"created_us", r.created_us},
                       {"started_us", r.started_us},
                       {"finished_us", r.finished_us ? Json(*r.finished_us) : Json()},
                       {"error", r.error},
                       {"labels", LabelsJson(r.labels)}});
}

// ---- Reading. The error is what is wrong; the caller adds where.

struct Wrong {
  std::string what;
};
template <class T>
using Read = std::expected<T, Wrong>;

Read<std::string> Text(const Json& json, const char* name) {
  if (!json[name].IsString()) return std::unexpected(Wrong{fmt::format("`{}` must be a text", name)});
  return std::string(json[name].AsString());
}

Read<std::int64_t> Whole(const Json& json, const char* name) {
  const std::int64_t value = json[name].IntOr(-1);
  if (value < 0) return std::unexpected(Wrong{fmt::format("`{}` must be a whole number from 0 on", name)});
  return value;
}

#define ELEVAITE_READ(target, expression)                                   \
  do {                                                                      \
    auto read_value = (expression);                                         \
    if (!read_value) return std::unexpected(std::move(read_value).error()); \
    (target) = *std::move(read_value);                                      \
  } while (false)

template <class SomeId>
Read<SomeId> IdOf(const Json& json, const char* name) {
  const auto id = SomeId::Parse(json[name].StringOr(""));
  if (!id) return std::unexpected(Wrong{fmt::format("`{}` is no id", name)});
  return *id;
}

Read<Trigger> TriggerNamed(const Json& json) {
  for (int i = 0; i <= static_cast<int>(kLastTrigger); ++i) {
    if (json["trigger"].StringOr("") == NameOf(static_cast<Trigger>(i))) return static_cast<Trigger>(i);
  }
  return std::unexpected(Wrong{"`trigger` is not known"});
}

Read<Phase> PhaseNamed(const Json& json) {
  const auto phase = PhaseFromName(json["status"].StringOr(""));
  if (!phase) return std::unexpected(Wrong{"`status` is not known"});
  return *phase;
}

Read<std::vector<VersionChange>> MigrationsOf(const Json& json) {
  std::vector<VersionChange> migrations;
  if (!json["migrations"].IsArray()) return std::unexpected(Wrong{"`migrations` must be a list"});
  for (const Json& one : json["migrations"].AsArray()) {
    VersionChange change;
    std::int64_t seq = 0;
    ELEVAITE_READ(seq, Whole(one, "seq"));
    ELEVAITE_READ(change.from, Text(one, "from"));
    change.seq = static_cast<std::uint64_t>(seq);
    migrations.push_back(std::move(change));
  }
  return migrations;
}

Read<ExecutionRecord> RecordOf(const Json& json) {
  if (!json.IsObject()) return std::unexpected(Wrong{"`execution` must be an object"});
  ExecutionRecord r;
  ELEVAITE_READ(r.account, IdOf<AccountId>(json, "account"));
  ELEVAITE_READ(r.id, IdOf<ExecutionId>(json, "id"));
  ELEVAITE_READ(r.name_space, Text(json, "namespace"));
  ELEVAITE_READ(r.workflow, Text(json, "workflow"));
  ELEVAITE_READ(r.version, Text(json, "version"));
  ELEVAITE_READ(r.migrations, MigrationsOf(json));
  ELEVAITE_READ(r.trigger, TriggerNamed(json));
  ELEVAITE_READ(r.correlation, Text(json, "correlation"));
  if (!json["parent"].IsNull()) ELEVAITE_READ(r.parent, IdOf<ExecutionId>(json, "parent"));
  std::int64_t number = 0;
  ELEVAITE_READ(number, Whole(json, "depth"));
  r.depth = static_cast<std::uint32_t>(number);
  if (!json["parent_task"].IsNull()) {
    ELEVAITE_READ(number, Whole(json, "parent_task"));
    r.parent_frame = static_cast<FrameId>(number);
  }
  ELEVAITE_READ(r.phase, PhaseNamed(json));
  ELEVAITE_READ(r.created_us, Whole(json, "created_us"));
  ELEVAITE_READ(r.started_us, Whole(json, "started_us"));
  if (!json["finished_us"].IsNull()) ELEVAITE_READ(r.finished_us, Whole(json, "finished_us"));
  r.error = json["error"];
  auto labels = LabelsFrom(json["labels"]);
  if (!labels) return std::unexpected(Wrong{"`labels` must have `tags` and `attributes`"});
  r.labels = *std::move(labels);
  return r;
}

Read<Transferred::Row> RowOf(const Json& json) {
  Transferred::Row row;
  std::int64_t seq = 0;
  ELEVAITE_READ(seq, Whole(json, "seq"));
  row.seq = static_cast<std::uint64_t>(seq);
  auto bytes = json["data"].IsString() ? ReadBase64Url(json["data"].AsString()) : std::nullopt;
  if (!bytes) return std::unexpected(Wrong{"`data` is not base64url"});
  row.bytes = *std::move(bytes);
  return row;
}

}  // namespace

// ---- Writing

Result<void> TransferWriter::Line(const Json& line) {
  const std::string text = line.Dump() + "\n";
  unchecked_ += text;
  return sink_(text);
}

Result<void> TransferWriter::Check() {
  check_ = Sha256Hex(check_ + unchecked_);
  unchecked_.clear();
  return sink_(Json::Object({{"check", check_}}).Dump() + "\n");
}

Result<void> TransferWriter::Begin() {
  return Line(Json::Object({{"elevaite", "executions"}, {"version", kVersion}}));
}

Result<void> TransferWriter::Workflow(const Json& workflow) {
  ++workflows_;
  RETURN_IF_ERROR(Line(Json::Object({{"workflow", workflow}})));
  return Check();
}

Result<void> TransferWriter::Execution(const Transferred& execution) {
  ++executions_;
  RETURN_IF_ERROR(Line(Json::Object({{"execution", RecordJson(execution.record)}})));
  for (const Transferred::Row& row : execution.events)
    RETURN_IF_ERROR(Line(Json::Object({{"events", RowJson(row)}})));
  if (execution.snapshot) RETURN_IF_ERROR(Line(Json::Object({{"snapshot", RowJson(*execution.snapshot)}})));
  return Check();
}

Result<void> TransferWriter::End() {
  RETURN_IF_ERROR(
      Line(Json::Object({{"done", Json::Object({{"workflows", workflows_}, {"executions", executions_}})}})));
  return Check();
}

// ---- Reading

std::unexpected<Error> TransferReader::Bad(std::string message) const {
  return Fail(ErrorCode::kInvalidArgument, fmt::format("line {}: {}", line_, message),
              "what stands before it can be used; the file must be exported again");
}

Result<std::optional<TransferItem>> TransferReader::Take(std::string_view line) {
  ++line_;
  if (is_ended_) return Bad("there is something behind the end");
  if (line.size() > kLineBytesMax) return Bad("it is too long");
  const auto json = ParseJson(line);
  if (!json || !json->IsObject() || json->Size() == 0) return Bad("it is no JSON object");
  if ((*json)["check"].IsString()) return Check((*json)["check"].AsString());
  unchecked_.append(line).push_back('\n');
  RETURN_IF_ERROR(Read(*json));
  return std::nullopt;
}

Result<void> TransferReader::Read(const Json& json) {
  if (!has_head_) return ReadHead(json);
  if (is_done_) return Bad("the check of the end is missing");
  if (!json["events"].IsNull() || !json["snapshot"].IsNull()) return ReadEvents(json);
  if (item_) return Bad("the check of what stands before is missing");
  if (!json["workflow"].IsNull()) {
    item_ = TransferredWorkflow{json["workflow"]};
  } else if (!json["execution"].IsNull()) {
    auto record = RecordOf(json["execution"]);
    if (!record) return Bad(record.error().what);
    item_ = Transferred{.record = *std::move(record), .events = {}, .snapshot = {}};
  } else if (!json["done"].IsNull()) {
    const bool counts = json["done"]["executions"].IntOr(-1) == static_cast<std::int64_t>(executions_) &&
                        json["done"]["workflows"].IntOr(-1) == static_cast<std::int64_t>(workflows_);
    if (!counts) return Bad("it counts something else than there was");
    is_done_ = true;
  } else {
    return Bad("it is not known what this is");
  }
  return {};
}

Result<void> TransferReader::ReadHead(const Json& json) {
  if (json["elevaite"].StringOr("") != "executions")
    return Bad("a file of executions begins with {\"elevaite\": \"executions\", \"version\": 1}");
  if (json["version"].IntOr(0) != kVersion)
    return Bad(fmt::format("version {} of the format is not known to this server", json["version"].Dump()));
  has_head_ = true;
  return {};
}

Result<void> TransferReader::ReadEvents(const Json& json) {
  auto* execution = item_ ? std::get_if<Transferred>(&*item_) : nullptr;
  if (!execution) return Bad("events belong behind their execution");
  if (execution->snapshot) return Bad("nothing belongs behind a snapshot but its check");
  const bool is_snapshot = !json["snapshot"].IsNull();
  auto row = RowOf(is_snapshot ? json["snapshot"] : json["events"]);
  if (!row) return Bad(row.error().what);
  if (is_snapshot) {
    execution->snapshot = *std::move(row);
  } else {
    execution->events.push_back(*std::move(row));
  }
  return {};
}

Result<std::optional<TransferItem>> TransferReader::Check(std::string_view check) {
  if (!item_ && !is_done_) return Bad("there is nothing to be checked");
  check_ = Sha256Hex(check_ + unchecked_);
  unchecked_.clear();
  if (check != check_)
    return Bad("the check is wrong: something was changed or left out since the one before");
  is_ended_ = is_done_;
  if (!item_) return std::nullopt;
  if (const auto* execution = std::get_if<Transferred>(&*item_)) {
    RETURN_IF_ERROR(CheckWhole(*execution));
    ++executions_;
  } else {
    ++workflows_;
  }
  return std::exchange(item_, std::nullopt);
}

// What the engine relies on: no hole, and an end where the row says so.
Result<void> TransferReader::CheckWhole(const Transferred& execution) const {
  std::uint64_t seq = 0;
  EventType last = EventType::kExecutionStarted;
  for (const Transferred::Row& row : execution.events) {
    const auto events = DecodeEvents(row.bytes);
    if (!events || events->empty()) return Bad("events of the execution before it cannot be read");
    if (row.seq != seq + 1) return Bad(fmt::format("its journal jumps from event {} to {}", seq, row.seq));
    for (const Event& event : *events) {
      if (event.seq != ++seq) return Bad(fmt::format("its journal jumps to event {}", event.seq));
      last = event.type;
    }
  }
  const ExecutionRecord& record = execution.record;
  if (seq == 0) return Bad("the execution before it has no events");
  if (IsEnd(last) != record.finished_us.has_value() ||
      IsFinal(record.phase) != record.finished_us.has_value())
    return Bad("the execution before it has ended by its row or by its events, but not by both");
  if (execution.snapshot && (execution.snapshot->seq > seq || !DecodeState(execution.snapshot->bytes)))
    return Bad("its snapshot cannot be read");
  return {};
}

Result<void> TransferReader::Finish() const {
  if (is_ended_) return {};
  return Fail(ErrorCode::kInvalidArgument, fmt::format("the file ends early, behind line {}", line_),
              "what stands in it was used; the rest must be exported again");
}

}  // namespace elevaite::engine
