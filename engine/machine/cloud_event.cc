#include "engine/machine/cloud_event.h"

#include <algorithm>
#include <string_view>
#include <vector>

#include "foundation/clock.h"

namespace elevaite::engine {
namespace {

constexpr std::string_view kTexts[] = {"id",   "source",          "type",      "subject",
                                       "time", "datacontenttype", "dataschema"};
constexpr std::size_t kAttributesMax = 100;
constexpr std::size_t kNameMax = 20;
constexpr std::size_t kIndexedMax = 1000;  // bytes of what events are found by

bool IsControl(char c) { return static_cast<unsigned char>(c) < 0x20U || c == 0x7f; }

bool IsAttributeName(std::string_view name) {
  return !name.empty() && name.size() <= kNameMax &&
         std::ranges::all_of(name, [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'); });
}

Result<void> CheckAttribute(std::string_view name, const Json& value) {
  const auto refuse = [&](std::string_view expected) {
    return elevaite::Fail(ErrorCode::kInvalidArgument, "the event's `" + std::string(name.substr(0, 80)) +
                                                           "` must be " + std::string(expected));
  };
  if (name == "data") return {};
  if (name == "specversion") return value == Json("1.0") ? Result<void>() : refuse("'1.0'");
  if (name == "data_base64") return value.IsString() ? Result<void>() : refuse("a text");
  if (std::ranges::find(kTexts, name) != std::end(kTexts)) {
    if (!value.IsString() || value.Size() == 0) return refuse("a text that is not empty");
    if ((name == "id" || name == "source" || name == "type") && value.AsString().size() > kIndexedMax)
      return refuse("at most 1000 bytes long");
    if (std::ranges::any_of(value.AsString(), IsControl)) return refuse("a text without control characters");
    if (name == "time" && !Timestamp::Parse(value.AsString()))
      return refuse("a time as RFC 3339 has it, for example 2026-01-31T12:00:00Z");
    return {};
  }
  if (!IsAttributeName(name)) {
    return elevaite::Fail(ErrorCode::kInvalidArgument,
                          "'" + std::string(name.substr(0, 80)) + "' is no name for an attribute of an event",
                          "use at most 20 lower-case letters and digits, or put it into `data`");
  }
  if (value.IsString() || value.IsNumber() || value.IsBool()) return {};
  return refuse("a text, a number or a boolean; structured values belong into `data`");
}

}  // namespace

Result<Json> CloudEventOf(const Json& attributes, const EventDefaults& defaults) {
  if (!attributes.IsObject())
    return elevaite::Fail(ErrorCode::kInvalidArgument, "an event must be an object");
  if (attributes.Size() > kAttributesMax)
    return elevaite::Fail(ErrorCode::kInvalidArgument, "an event has 100 attributes at most");
  if (attributes["type"].IsNull())
    return elevaite::Fail(ErrorCode::kInvalidArgument, "the event has no `type`",
                          "name what has happened, for example com.example.order.placed.v1");
  std::vector<Json::Member> members{{"specversion", "1.0"},
                                    {"id", defaults.id},
                                    {"source", defaults.source},
                                    {"type", attributes["type"]},
                                    {"time", Timestamp::FromMicros(defaults.time_us).ToRfc3339()}};
  for (const auto& [key, value] : attributes.AsObject()) {
    if (value.IsNull() && key.AsString() != "data") continue;
    RETURN_IF_ERROR(CheckAttribute(key.AsString(), value));
    members.emplace_back(key, value);
  }
  Json event = Json::Object(std::move(members));
  if (event.MemoryBytes(kEventBytesMax) >= kEventBytesMax)
    return elevaite::Fail(ErrorCode::kPayloadTooLarge, "an event has 1 MiB at most");
  return event;
}

}  // namespace elevaite::engine
