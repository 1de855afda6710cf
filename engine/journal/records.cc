#include "engine/journal/records.h"

#include <array>

namespace elevaite::engine {

std::string_view NameOf(Trigger trigger) {
  static constexpr std::array<std::string_view, 8> kNames{"api",      "webhook", "studio",   "cli",
                                                          "schedule", "event",   "workflow", "fork"};
  return kNames.at(static_cast<std::size_t>(trigger));
}

std::optional<std::string> TextOf(const std::vector<VersionChange>& migrations) {
  if (migrations.empty()) return std::nullopt;
  std::vector<Json> list;
  for (const VersionChange& one : migrations) list.push_back(Json::Array({one.seq, one.from}));
  return Json::Array(std::move(list)).Dump();
}

namespace {

constexpr std::array<std::string_view, 2> kLabelKinds{"tag", "attribute"};

Json MembersOf(const std::vector<Label>& labels, LabelKind kind) {
  std::vector<Json::Member> members;
  for (const Label& label : labels) {
    if (label.kind == kind) members.emplace_back(std::string_view(label.name), label.value);
  }
  return Json::Object(std::move(members));
}

}  // namespace

Json LabelsJson(const std::vector<Label>& labels) {
  return Json::Object({{"tags", MembersOf(labels, LabelKind::kTag)},
                       {"attributes", MembersOf(labels, LabelKind::kAttribute)}});
}

Result<std::vector<Label>> LabelsFrom(const Json& json) {
  std::vector<Label> labels;
  for (const auto& [key, kind] :
       {std::pair{"tags", LabelKind::kTag}, {"attributes", LabelKind::kAttribute}}) {
    if (!json[key].IsObject()) return Fail(ErrorCode::kDataLoss, "the labels of an execution cannot be read");
    for (const auto& [name, value] : json[key].AsObject())
      labels.push_back({kind, std::string(name.AsString()), std::string(value.StringOr(""))});
  }
  return labels;
}

std::string IndexText(const Label& label) {
  return std::string(kLabelKinds.at(static_cast<std::size_t>(label.kind))) + ":" + label.name + "=" +
         label.value;
}

Result<ExecutionRecord> RecordFrom(const database::Row& row) {
  ExecutionRecord record;
  ASSIGN_OR_RETURN(record.account, AccountId::Parse(row.Text(0)));
  record.id = row.IdAt<ExecutionId>(1);
  record.name_space = row.Text(2);
  record.workflow = row.Text(3);
  record.version = row.Text(4);
  const std::int64_t trigger = row.Int(5);
  record.correlation = row.Text(6);
  const std::int64_t phase = row.Int(7);
  if (trigger < 0 || trigger > static_cast<std::int64_t>(kLastTrigger) || phase < 0 ||
      phase > static_cast<std::int64_t>(Phase::kCompleted)) {
    return Fail(ErrorCode::kDataLoss, "a row of the executions table cannot be read");
  }
  record.trigger = static_cast<Trigger>(trigger);
  record.phase = static_cast<Phase>(phase);
  record.created_us = row.Int(8);
  record.started_us = row.Int(9);
  record.finished_us = row.OptionalInt(10);
  if (const auto error = row.OptionalText(11)) {
    ASSIGN_OR_RETURN(record.error, ParseJson(*error));
  }
  if (!row.IsNull(12)) record.parent = row.IdAt<ExecutionId>(12);
  record.depth = static_cast<std::uint32_t>(row.Int(13));
  if (const auto frame = row.OptionalInt(14)) record.parent_frame = static_cast<FrameId>(*frame);
  if (const auto migrations = row.OptionalText(15)) {
    ASSIGN_OR_RETURN(const Json list, ParseJson(*migrations));
    for (const Json& one : list.AsArray()) {
      if (one.Size() != 2) return Fail(ErrorCode::kDataLoss, "the moves of an execution cannot be read");
      record.migrations.push_back({.seq = static_cast<std::uint64_t>(one.AsArray()[0].IntOr(0)),
                                   .from = std::string(one.AsArray()[1].StringOr(""))});
    }
  }
  if (const auto labels = row.OptionalText(16)) {
    ASSIGN_OR_RETURN(const Json parsed, ParseJson(*labels));
    ASSIGN_OR_RETURN(record.labels, LabelsFrom(parsed));
  }
  return record;
}

}  // namespace elevaite::engine
