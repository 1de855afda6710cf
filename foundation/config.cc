// Loading: each source is read into the settings, the weaker ones first, so that the stronger ones write over
// them.
#include "foundation/config.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <fstream>
#include <functional>
#include <iterator>
#include <map>

#include "foundation/config_value.h"
#include "foundation/text.h"
#include "foundation/yaml.h"

namespace elevaite {

namespace {

constexpr std::size_t kFileMax = 1U << 20U;
constexpr std::size_t kSecretMax = 64U << 10U;
constexpr std::size_t kProblemsShown = 20;
constexpr std::string_view kPrefix = "ELEVAITE_";

Result<std::string> ReadFile(const std::string& path, std::size_t bytes_max) {
  std::ifstream in(path, std::ios::binary);
  if (!in) return Fail(ErrorCode::kNotFound, "cannot read '" + path + "': " + std::strerror(errno));
  std::string text(bytes_max + 1, '\0');
  in.read(text.data(), static_cast<std::streamsize>(text.size()));
  text.resize(static_cast<std::size_t>(in.gcount()));
  if (in.bad()) return Fail(ErrorCode::kUnavailable, "cannot read '" + path + "'");
  if (text.size() > bytes_max) {
    return Fail(ErrorCode::kPayloadTooLarge, "'" + path + "' is larger than " + FormatBytes(bytes_max));
  }
  return text;
}

}  // namespace

class ConfigLoader {
 public:
  explicit ConfigLoader(std::vector<const Option*> options) {
    for (const Option* option : options) {
      Config::Setting setting{
          .option = option,
          .value = ParseConfigValue(*option, option->default_value).value_or(Empty(*option))};
      const std::size_t index = state_->settings.size();
      targets_[std::string(option->name)] = {index, false};
      if (option->secret) targets_[std::string(option->name) + "_file"] = {index, true};
      state_->settings.push_back(std::move(setting));
    }
    for (const auto& [name, target] : targets_) {
      names_.push_back(name);
      variables_[EnvironmentNameOf(name)] = name;
    }
    for (const auto& [variable, name] : variables_) variable_names_.push_back(variable);
  }

  void ReadYaml(const ConfigSources& sources) {
    if (sources.file_name.empty()) return;
    const auto root = yaml::Read(sources.file_text, {.bytes_max = kFileMax, .depth_max = 20});
    if (!root) return Problem(root.error().ToError(sources.file_name).message);
    set_here_.clear();
    if (!root->IsNull()) ReadNode(sources.file_name, "", *root);
  }

  void ReadEnvironment(const ConfigSources& sources) {
    set_here_.clear();
    for (const std::string& entry : sources.environment) {
      if (!entry.starts_with(kPrefix)) continue;
      const std::size_t equals = std::min(entry.find('='), entry.size());
      const std::string variable = entry.substr(0, equals);
      const auto found = variables_.find(variable);
      if (found == variables_.end()) {
        Unknown("environment variable", variable, variable, variable_names_);
      } else {
        Set(found->second, entry.substr(std::min(equals + 1, entry.size())), "environment " + variable);
      }
    }
  }

  void ReadFlags(const ConfigSources& sources) {
    set_here_.clear();
    for (const std::string& flag : sources.flags) {
      const std::size_t equals = flag.find('=');
      const std::string name = flag.substr(0, equals);
      const std::string key = name.starts_with("--") ? name.substr(2) : name;
      const auto found = targets_.find(key);
      if (!name.starts_with("--") || found == targets_.end()) {
        Unknown("flag", name, key, names_, "--");
      } else if (equals != std::string::npos) {
        Set(key, flag.substr(equals + 1), "flag " + name);
      } else if (state_->settings[found->second.index].option->type == OptionType::kBool) {
        Set(key, "true", "flag " + name);
      } else {
        Problem(fmt::format("flag {}: a value is missing, write {}=...", name, name));
      }
    }
  }

  Result<Config> Finish() {
    if (problems_.empty()) {
      Config config;
      config.state_ = std::move(state_);
      return config;
    }
    std::string message;
    for (std::size_t i = 0; i < std::min(problems_.size(), kProblemsShown); ++i) {
      message += (i > 0 ? "\n" : "") + problems_[i];
    }
    if (problems_.size() > kProblemsShown)
      message += fmt::format("\nand {} more", problems_.size() - kProblemsShown);
    return Fail(ErrorCode::kInvalidArgument, std::move(message));
  }

 private:
  struct Target {
    std::size_t index;
    bool is_file;  // the value is the path of a secret
  };

  static ConfigValue Empty(const Option& option) {
    switch (option.type) {
      case OptionType::kBool: return false;
      case OptionType::kString: return std::string();
      case OptionType::kList: return std::vector<std::string>();
      default: return std::int64_t{0};
    }
  }

  void Problem(std::string text) { problems_.push_back(std::move(text)); }

  void Unknown(std::string_view kind, std::string_view shown, std::string_view name,
               const std::vector<std::string_view>& known, std::string_view prefix = {}) {
    std::string text = fmt::format("{} '{}' is not known", kind, shown.substr(0, 80));
    if (const auto match = ClosestMatch(name, known))
      text += fmt::format("; did you mean '{}{}'?", prefix, *match);
    Problem(std::move(text));
  }

  void ReadNode(const std::string& file, const std::string& name, const yaml::Node& node) {
    const auto origin = [&](yaml::Position at) { return fmt::format("{}:{}:{}", file, at.line, at.column); };
    const std::string here = origin(node.range().begin);
    if (targets_.contains(name)) {
      if (node.IsScalar() && node.IsNull()) return Problem(fmt::format("{}: {} has no value", here, name));
      if (node.IsScalar()) return Set(name, std::string(node.text()), here);
      if (node.IsMapping()) return Problem(fmt::format("{}: {} is a value, not a group", here, name));
      std::vector<std::string> items;
      for (const yaml::Node& item : node.items()) {
        if (!item.IsScalar())
          return Problem(fmt::format("{}: the items of {} must be texts", origin(item.range().begin), name));
        items.emplace_back(item.text());
      }
      return SetList(name, std::move(items), here);
    }
    if (!node.IsMapping())
      return Problem(fmt::format("{}: {} must be a group of options", here, name.empty() ? file : name));
    for (const yaml::Member& member : node.members()) {
      const std::string inner =
          name.empty() ? std::string(member.key) : fmt::format("{}.{}", name, member.key);
      const bool known = targets_.contains(inner) || IsGroup(inner);
      if (known) {
        ReadNode(file, inner, member.value);
      } else {
        Unknown(origin(member.key_range.begin) + ": option", inner, inner, names_);
      }
    }
  }

  bool IsGroup(const std::string& name) const {
    const auto next = targets_.lower_bound(name + ".");
    return next != targets_.end() && next->first.starts_with(name + ".");
  }

  void Set(const std::string& name, std::string text, const std::string& origin) {
    Target target = targets_.at(name);
    const Option& option = *state_->settings[target.index].option;
    if (!target.is_file) return Store(target, ParseConfigValue(option, text), name, origin);
    auto secret = ReadFile(text, kSecretMax);
    if (!secret) return Problem(fmt::format("{}: {}: {}", origin, name, secret.error().message));
    while (secret->ends_with('\n') || secret->ends_with('\r')) secret->pop_back();
    Store(target, ParseConfigValue(option, *secret), name, origin);
    explicit_bzero(secret->data(), secret->size());
  }

  void SetList(const std::string& name, std::vector<std::string> items, const std::string& origin) {
    const Target target = targets_.at(name);
    Store(target, ParseConfigList(*state_->settings[target.index].option, std::move(items)), name, origin);
  }

  void Store(Target target, Result<ConfigValue> value, const std::string& name, const std::string& origin) {
    if (!value) {
      std::string text = fmt::format("{}: {}: {}", origin, name, value.error().message);
      if (!value.error().hint.empty()) text += "; " + value.error().hint;
      return Problem(std::move(text));
    }
    Config::Setting& setting = state_->settings[target.index];
    // A flag may be repeated by scripts, and the last one counts; but a key and its _file, or a key in two
    // spellings, disagree.
    const auto [before, fresh] = set_here_.emplace(target.index, name);
    if (!fresh && (before->second != name || !origin.starts_with("flag"))) {
      return Problem(
          fmt::format("{}: {} is given twice (first at {})", origin, setting.option->name, setting.origin));
    }
    setting.value = std::move(*value);
    setting.origin = origin;
  }

  std::shared_ptr<Config::State> state_ = std::make_shared<Config::State>();
  std::map<std::string, Target> targets_;
  std::map<std::string, std::string> variables_;
  std::vector<std::string_view> names_;
  std::vector<std::string_view> variable_names_;
  std::map<std::size_t, std::string> set_here_;  // of the source that is read
  std::vector<std::string> problems_;
};

Result<ConfigSources> ReadConfigSources(const std::string& path, std::vector<std::string> flags) {
  ConfigSources sources{.file_name = path, .flags = std::move(flags)};
  if (!path.empty()) {
    ASSIGN_OR_RETURN(sources.file_text, ReadFile(path, kFileMax));
  }
  for (char** entry = environ; entry != nullptr && *entry != nullptr; ++entry)
    sources.environment.emplace_back(*entry);
  return sources;
}

Result<Config> Config::Load(std::span<const std::span<const Option>> tables, const ConfigSources& sources) {
  ConfigLoader loader(SortedOptions(tables));
  loader.ReadYaml(sources);
  loader.ReadEnvironment(sources);
  loader.ReadFlags(sources);
  return loader.Finish();
}

const Config::Setting& Config::Get(std::string_view name, OptionType type) const {
  const auto& settings = state_->settings;
  const auto found =
      std::ranges::lower_bound(settings, name, {}, [](const Setting& s) { return s.option->name; });
  CHECK(found != settings.end() && found->option->name == name && found->option->type == type);
  return *found;
}

bool Config::Bool(std::string_view name) const { return std::get<bool>(Get(name, OptionType::kBool).value); }
std::int64_t Config::Int(std::string_view name) const {
  return std::get<std::int64_t>(Get(name, OptionType::kInt).value);
}
const std::string& Config::Text(std::string_view name) const {
  const Setting& setting = Get(name, OptionType::kString);
  CHECK(!setting.option->secret);
  return std::get<std::string>(setting.value);
}
std::chrono::microseconds Config::Duration(std::string_view name) const {
  return std::chrono::microseconds(std::get<std::int64_t>(Get(name, OptionType::kDuration).value));
}
std::uint64_t Config::Bytes(std::string_view name) const {
  return static_cast<std::uint64_t>(std::get<std::int64_t>(Get(name, OptionType::kBytes).value));
}
const std::vector<std::string>& Config::List(std::string_view name) const {
  return std::get<std::vector<std::string>>(Get(name, OptionType::kList).value);
}
const Secret& Config::SecretValue(std::string_view name) const {
  const Setting& setting = Get(name, OptionType::kString);
  CHECK(setting.option->secret);
  return std::get<Secret>(setting.value);
}

const std::string& Config::Origin(std::string_view name) const {
  const auto& settings = state_->settings;
  const auto found =
      std::ranges::lower_bound(settings, name, {}, [](const Setting& s) { return s.option->name; });
  CHECK(found != settings.end() && found->option->name == name);
  return found->origin;
}

std::string Config::Describe() const {
  std::string text;
  for (const Setting& setting : state_->settings) {
    text += fmt::format("{} = {}  ({})\n", setting.option->name,
                        ShowConfigValue(*setting.option, setting.value), setting.origin);
  }
  return text;
}

std::vector<std::string_view> Config::Changed(const Config& other) const {
  CHECK(state_->settings.size() == other.state_->settings.size());
  std::vector<std::string_view> names;
  for (std::size_t i = 0; i < state_->settings.size(); ++i) {
    const Setting& setting = state_->settings[i];
    if (!(setting.value == other.state_->settings[i].value)) names.push_back(setting.option->name);
  }
  return names;
}

std::string DescribeOptions(std::span<const std::span<const Option>> tables) {
  std::string text;
  for (const Option* option : SortedOptions(tables)) {
    text += fmt::format("{} ({}{}{})\n    {}\n", option->name, NameOf(option->type),
                        option->unit.empty() ? "" : ", ", option->unit, option->help);
    text += "    ";
    if (option->secret) {
      text += fmt::format("secret, or {}_file with a path", option->name);
    } else {
      const std::string range = RangeOf(*option);
      text += fmt::format("default: {}{}{}", option->default_value.empty() ? "none" : option->default_value,
                          range.empty() ? "" : "; ", range);
    }
    text +=
        fmt::format("; {}{}{}\n", EnvironmentNameOf(option->name), option->reloadable ? "; reloadable" : "",
                    option->scope == OptionScope::kTenant ? "; per tenant" : "");
  }
  return text;
}

Json DescribeOptionsAsJson(std::span<const std::span<const Option>> tables) {
  std::vector<Json> options;
  for (const Option* option : SortedOptions(tables)) {
    options.push_back(Json::Object({{"name", option->name},
                                    {"type", NameOf(option->type)},
                                    {"default", option->default_value},
                                    {"range", RangeOf(*option)},
                                    {"unit", option->unit},
                                    {"help", option->help},
                                    {"environment", EnvironmentNameOf(option->name)},
                                    {"scope", option->scope == OptionScope::kTenant ? "tenant" : "process"},
                                    {"reloadable", option->reloadable},
                                    {"secret", option->secret}}));
  }
  return Json::Array(std::move(options));
}

}  // namespace elevaite
