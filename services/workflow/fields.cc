#include "services/workflow/fields.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "foundation/text.h"

namespace elevaite::workflow {

Result<Fields> Fields::Of(const Json& object, std::string_view where,
                          std::initializer_list<std::string_view> known) {
  if (!object.IsObject()) {
    const std::string_view name = where.substr(0, where.empty() ? 0 : where.size() - 1);
    return Fail(ErrorCode::kInvalidArgument,
                name.empty() ? "the body must be an object" : fmt::format("{} must be an object", name));
  }
  for (const auto& [name, value] : object.AsObject()) {
    if (std::ranges::find(known, name.AsString()) == known.end())
      return Fail(ErrorCode::kInvalidArgument,
                  fmt::format("{}{} is not known", where, name.AsString().substr(0, 80)),
                  fmt::format("there are {}", fmt::join(known, ", ")));
  }
  return Fields(object, where);
}

const Json* Fields::Find(std::string_view name) const {
  const Json* value = object_->Find(name);
  return value && !value->IsNull() ? value : nullptr;
}

Result<std::optional<std::string>> Fields::Text(std::string_view name, std::size_t bytes_max) const {
  const Json* value = Find(name);
  if (!value) return std::nullopt;
  if (!value->IsString()) return Wrong(name, "must be a text");
  const std::string_view text = value->AsString();
  if (text.size() > bytes_max) return Wrong(name, fmt::format("has more than {} bytes", bytes_max));
  const auto is_control = [](char c) {
    return (static_cast<unsigned char>(c) < 0x20 && c != '\n' && c != '\t') || c == 0x7f;
  };
  if (std::ranges::any_of(text, is_control)) return Wrong(name, "has control characters");
  return std::string(text);
}

Result<bool> Fields::Flag(std::string_view name, bool otherwise) const {
  const Json* value = Find(name);
  if (!value) return otherwise;
  if (!value->IsBool()) return Wrong(name, "must be true or false");
  return value->AsBool();
}

Result<std::int64_t> Fields::Count(std::string_view name, std::optional<std::int64_t> otherwise,
                                   std::int64_t most, std::string hint) const {
  const Json* value = Find(name);
  if (!value && otherwise) return *otherwise;
  if (!value) return Wrong(name, "is missing", std::move(hint));
  const std::int64_t number = value->IsInt64() ? value->AsInt64() : 0;
  if (number >= 1 && number <= most) return number;
  return Wrong(name, fmt::format("must be a whole number from 1 to {}", most), std::move(hint));
}

Result<std::chrono::microseconds> Fields::Duration(std::string_view name, std::chrono::microseconds otherwise,
                                                   std::chrono::microseconds least,
                                                   std::chrono::microseconds most) const {
  const Json* value = Find(name);
  if (!value) return otherwise;
  const auto duration = ParseDuration(value->StringOr(""));
  if (!duration || *duration < least || *duration > most) {
    return Wrong(
        name, "is not a time that can be used",
        fmt::format("write it as 500ms, 30s or 1m; {} to {}", FormatDuration(least), FormatDuration(most)));
  }
  return *duration;
}

std::unexpected<Error> Fields::Wrong(std::string_view name, std::string_view what, std::string hint) const {
  return Fail(ErrorCode::kInvalidArgument, fmt::format("{}{} {}", where_, name, what), std::move(hint));
}

}  // namespace elevaite::workflow
