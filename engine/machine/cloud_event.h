// CloudEvents 1.0 as JSON objects (JSON event format): what `emit` makes, what the API takes and what
// listeners get.
#pragma once

#include <cstdint>
#include <string>

#include "foundation/json.h"
#include "foundation/result.h"

namespace elevaite::engine {

inline constexpr std::size_t kEventBytesMax = 1U << 20U;

// For attributes that are not given.
struct EventDefaults {
  std::string id;
  std::string source;
  std::int64_t time_us = 0;
};

// The event with these attributes. kInvalidArgument says which attribute is wrong: `type` must be there;
// `id`, `source`, `type`, `subject`, `time`, `datacontenttype` and `dataschema` are texts without control
// characters, the first three at most 1000 bytes long, `time` is RFC 3339; other attributes have names of
// lower-case letters and digits (20 at most) and are texts, numbers or booleans; `data` is anything, or
// `data_base64` a text. kPayloadTooLarge beyond kEventBytesMax.
Result<Json> CloudEventOf(const Json& attributes, const EventDefaults& defaults);

}  // namespace elevaite::engine
