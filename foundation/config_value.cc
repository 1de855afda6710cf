#include "foundation/config_value.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <set>

#include "foundation/text.h"

namespace elevaite {
namespace {

bool IsNumeric(OptionType type) {
  return type == OptionType::kInt || type == OptionType::kDuration || type == OptionType::kBytes;
}

Result<std::int64_t> ParseNumber(OptionType type, std::string_view text) {
  if (type == OptionType::kDuration) {
    ASSIGN_OR_RETURN(const auto duration, ParseDuration(text));
    return duration.count();
  }
  if (type == OptionType::kBytes) {
    ASSIGN_OR_RETURN(const auto bytes, ParseBytes(text));
    return static_cast<std::int64_t>(bytes);
  }
  std::int64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error == std::errc() && end == text.data() + text.size()) return number;
  return Fail(ErrorCode::kInvalidArgument, fmt::format("'{}' is not a whole number", text.substr(0, 40)));
}

std::vector<std::string> Split(std::string_view text, char separator) {
  std::vector<std::string> parts;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find(separator), text.size());
    std::string_view part = text.substr(0, end);
    while (part.starts_with(' ')) part.remove_prefix(1);
    while (part.ends_with(' ')) part.remove_suffix(1);
    if (!part.empty()) parts.emplace_back(part);
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return parts;
}

bool IsOptionName(std::string_view name) {
  return !name.empty() && name.front() != '.' && name.back() != '.' &&
         name.find("..") == std::string_view::npos && std::ranges::all_of(name, [](char c) {
           return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_' || c == '.';
         });
}

}  // namespace

std::string_view NameOf(OptionType type) {
  constexpr std::array<std::string_view, 6> kNames{"bool", "int", "string", "duration", "bytes", "list"};
  return kNames.at(static_cast<std::size_t>(type));
}

std::string RangeOf(const Option& option) {
  if (!option.choices.empty()) {
    const auto choices = Split(option.choices, '|');
    std::string text = choices.front();
    for (std::size_t i = 1; i < choices.size(); ++i)
      text += (i + 1 == choices.size() ? " or " : ", ") + choices[i];
    return text;
  }
  if (!IsNumeric(option.type)) return {};
  const std::string_view min = option.min.empty() ? std::string_view("0") : option.min;
  if (option.max.empty()) return fmt::format("{} or more", min);
  return fmt::format("{} to {}", min, option.max);
}

Result<ConfigValue> ParseConfigValue(const Option& option, std::string_view text) {
  if (option.secret) return ConfigValue(Secret(text));
  switch (option.type) {
    case OptionType::kBool:
      if (text == "true") return ConfigValue(true);
      if (text == "false") return ConfigValue(false);
      return Fail(ErrorCode::kInvalidArgument,
                  fmt::format("'{}' is neither true nor false", text.substr(0, 40)));
    case OptionType::kString: {
      const auto choices = Split(option.choices, '|');
      if (choices.empty() || std::ranges::find(choices, text) != choices.end())
        return ConfigValue(std::string(text));
      return Fail(ErrorCode::kInvalidArgument,
                  fmt::format("'{}' is not one of {}", text.substr(0, 40), RangeOf(option)));
    }
    case OptionType::kList: return ConfigValue(Split(text, ','));
    default: break;
  }
  ASSIGN_OR_RETURN(const std::int64_t number, ParseNumber(option.type, text));
  const std::int64_t min = option.min.empty() ? 0 : ParseNumber(option.type, option.min).value();
  const std::int64_t max = option.max.empty() ? INT64_MAX : ParseNumber(option.type, option.max).value();
  if (number >= min && number <= max) return ConfigValue(number);
  return Fail(ErrorCode::kInvalidArgument, fmt::format("{} is out of range ({})", text, RangeOf(option)));
}

Result<ConfigValue> ParseConfigList(const Option& option, std::vector<std::string> items) {
  if (option.type == OptionType::kList) return ConfigValue(std::move(items));
  return Fail(ErrorCode::kInvalidArgument, fmt::format("a list is given, {} is wanted", NameOf(option.type)));
}

std::string ShowConfigValue(const Option& option, const ConfigValue& value) {
  if (const auto* flag = std::get_if<bool>(&value)) return *flag ? "true" : "false";
  if (const auto* text = std::get_if<std::string>(&value)) return *text;
  if (const auto* secret = std::get_if<Secret>(&value)) return secret->IsEmpty() ? "" : "***";
  if (const auto* items = std::get_if<std::vector<std::string>>(&value)) {
    std::string text;
    for (const std::string& item : *items) text += (text.empty() ? "" : ",") + item;
    return text;
  }
  const std::int64_t number = std::get<std::int64_t>(value);
  if (option.type == OptionType::kDuration) return FormatDuration(std::chrono::microseconds(number));
  if (option.type == OptionType::kBytes) return FormatBytes(static_cast<std::uint64_t>(number));
  return std::to_string(number);
}

std::vector<const Option*> SortedOptions(std::span<const std::span<const Option>> tables) {
  std::vector<const Option*> options;
  std::set<std::string> variables;
  for (const auto& table : tables) {
    for (const Option& option : table) {
      CHECK(IsOptionName(option.name) && !option.help.empty());
      CHECK(!option.secret || (option.type == OptionType::kString && option.default_value.empty()));
      CHECK(option.default_value.empty() || ParseConfigValue(option, option.default_value).has_value());
      CHECK(variables.insert(EnvironmentNameOf(option.name)).second);
      if (option.secret) CHECK(variables.insert(EnvironmentNameOf(option.name) + "_FILE").second);
      options.push_back(&option);
    }
  }
  std::ranges::sort(options, {}, &Option::name);
  return options;
}

std::string EnvironmentNameOf(std::string_view option) {
  std::string name = "ELEVAITE_";
  for (const char c : option)
    name += c == '.' ? '_' : static_cast<char>(c >= 'a' && c <= 'z' ? c - 'a' + 'A' : c);
  return name;
}

}  // namespace elevaite
