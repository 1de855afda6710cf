#include "services/workflow/schedule/progress.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "services/workflow/derived_id.h"

namespace elevaite::workflow {
namespace {

constexpr std::array<std::string_view, 4> kCauses{"time", "trigger", "backfill", "event"};
constexpr std::array<std::string_view, 4> kWhats{"started", "skipped", "missed", "refused"};

template <class Enum, std::size_t N>
Result<Enum> EnumFrom(const Json& json, const std::array<std::string_view, N>& names) {
  const auto found = std::ranges::find(names, json.StringOr(""));
  if (found == names.end())
    return Fail(ErrorCode::kDataLoss, "the progress of a schedule has an unknown name: " + json.Dump());
  return static_cast<Enum>(found - names.begin());
}

std::span<const Json> ItemsOf(const Json& json) {
  return json.IsArray() ? json.AsArray() : std::span<const Json>();
}

template <class T>
void PushBounded(std::vector<T>& list, T item, std::size_t most) {
  if (list.size() >= most) list.erase(list.begin());
  list.push_back(std::move(item));
}

}  // namespace

std::string_view NameOf(Cause cause) { return kCauses[static_cast<std::size_t>(cause)]; }
std::string_view NameOf(Progress::What what) { return kWhats[static_cast<std::size_t>(what)]; }

// A document's start by time has the id it always had.
ExecutionId Occasion::IdFor(const AccountId& account, std::string_view schedule) const {
  const std::string who = account.ToString() + "/" + std::string(schedule);
  switch (cause) {
    case Cause::kEvent: return DerivedId(time_us, fmt::format("{}/event/{}", who, number));
    case Cause::kBackfill: return DerivedId(number, fmt::format("{}/backfill/{}/{}", who, number, time_us));
    default: return DerivedId(time_us, fmt::format("{}/{}/{}", who, NameOf(cause), time_us));
  }
}

void Progress::Note(What what, const Occasion& occasion) {
  PushBounded(log, {occasion.time_us, occasion.number, occasion.cause, what}, kLogMax);
}
void Progress::Opened(const ExecutionId& id, Cause cause) {
  if (open.size() >= kOpenMax) {
    auto least = std::ranges::find(open, Cause::kTrigger, &Open::cause);
    if (least == open.end()) least = std::ranges::find(open, Cause::kBackfill, &Open::cause);
    open.erase(least == open.end() ? open.begin() : least);
  }
  open.push_back({.id = id, .cause = cause});
}
void Progress::Ended(const ExecutionId& id) {
  std::erase_if(open, [&id](const Open& one) { return one.id == id; });
}

Json Progress::ToJson() const {
  std::vector<Json> causes;
  for (const Open& one : open) causes.emplace_back(NameOf(one.cause));
  std::vector<Json> entries;
  for (const Entry& entry : log)
    entries.push_back(Json::Array({NameOf(entry.what), NameOf(entry.cause), entry.time_us, entry.number}));
  std::vector<Json> ranges;
  for (const Backfill& one : backfills)
    ranges.push_back(Json::Array({one.asked_us, one.next_us, one.until_us, one.at_once}));
  return Json::Object({{"open", Json::Array(std::move(causes))},
                       {"log", Json::Array(std::move(entries))},
                       {"backfills", Json::Array(std::move(ranges))}});
}

std::string Progress::OpenIds() const {
  std::string ids;
  for (const Open& one : open) ids += one.id.uuid().AsBytes();
  return ids;
}

Result<Progress> Progress::Read(const Json& json, std::string_view open_ids) {
  constexpr std::size_t kIdBytes = 16;
  Progress progress;
  for (std::size_t i = 0; i < open_ids.size() / kIdBytes; ++i) {
    Open run{.id = ExecutionId(*Uuid::FromBytes(open_ids.substr(i * kIdBytes, kIdBytes)))};
    if (const Json& cause = json["open"].At(i); !cause.IsNull()) {
      ASSIGN_OR_RETURN(run.cause, EnumFrom<Cause>(cause, kCauses));
    }
    progress.open.push_back(run);
  }
  progress.log.reserve(ItemsOf(json["log"]).size());
  for (const Json& one : ItemsOf(json["log"])) {
    Entry entry;
    ASSIGN_OR_RETURN(entry.what, EnumFrom<What>(one.At(0), kWhats));
    ASSIGN_OR_RETURN(entry.cause, EnumFrom<Cause>(one.At(1), kCauses));
    entry.time_us = one.At(2).IntOr(0);
    entry.number = one.At(3).IntOr(0);
    progress.log.push_back(entry);
  }
  for (const Json& one : ItemsOf(json["backfills"])) {
    progress.backfills.push_back({.asked_us = one.At(0).IntOr(0),
                                  .next_us = one.At(1).IntOr(0),
                                  .until_us = one.At(2).IntOr(0),
                                  .at_once = one.At(3).BoolOr(false)});
  }
  return progress;
}

}  // namespace elevaite::workflow
