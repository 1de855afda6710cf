// A configuration value and how it is read from text. Private to foundation/config*.cc.
#pragma once

#include <string>
#include <variant>
#include <vector>

#include "foundation/config.h"

namespace elevaite {

// kInt in itself, kDuration in microseconds, kBytes in bytes.
using ConfigValue = std::variant<bool, std::int64_t, std::string, std::vector<std::string>, Secret>;

struct Config::Setting {
  const Option* option;
  ConfigValue value;
  std::string origin = "default";
};

struct Config::State {
  std::vector<Setting> settings;  // sorted by name
};

std::string_view NameOf(OptionType type);  // "int"
// Checks type, range and choices. The message does not say where the text comes from, and of a secret not
// what it is.
Result<ConfigValue> ParseConfigValue(const Option& option, std::string_view text);
Result<ConfigValue> ParseConfigList(const Option& option, std::vector<std::string> items);
std::string ShowConfigValue(const Option& option, const ConfigValue& value);
std::string RangeOf(const Option& option);  // "0 to 65535", "json, human or auto", or empty

// All options sorted by name. A table with mistakes (names, ranges, defaults that do not parse) is a bug:
// CHECK.
std::vector<const Option*> SortedOptions(std::span<const std::span<const Option>> tables);

}  // namespace elevaite
