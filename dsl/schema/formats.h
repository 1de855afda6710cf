// The values of `format` that can be checked.
#pragma once

#include <string_view>

namespace elevaite::schema {

struct Format {
  std::string_view name;         // "date-time"
  std::string_view description;  // "a date and time like 2025-07-01T09:30:00Z"
  bool (*matches)(std::string_view);
};

// nullptr: such a format only describes.
const Format* FindFormat(std::string_view name);

}  // namespace elevaite::schema
