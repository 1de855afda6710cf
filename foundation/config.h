// Typed configuration: flags over environment over a YAML file over defaults.
//
// Every component brings a table of its options; from these tables come the checks, the help and the
// documentation:
//   constexpr Option kServerOptions[] = {
//       {.name = "server.port", .type = OptionType::kInt, .default_value = "8000", .min = "0", .max =
//       "65535",
//        .help = "Port the server listens on; 0 takes a free one"},
//       {.name = "server.read_timeout", .type = OptionType::kDuration, .default_value = "30s", .min = "1s",
//       .max = "1h",
//        .help = "How long a request may take to arrive"},
//       {.name = "auth.signing_key", .type = OptionType::kString, .secret = true, .help = "Signs the
//       tokens"}};
//
// The same option:      server: {port: 8000}  or  server.port: 8000      in the file
//                       ELEVAITE_SERVER_PORT=8000                        in the environment
//                       --server.port=8000                               as a flag (`--name` alone sets a
//                       bool)
// A secret may be a path instead: `auth.signing_key_file: /run/secrets/key` (also ..._FILE and --..._file=);
// the file's text counts, without the newline at its end.
//
// Unknown names, values that do not parse and values out of range are errors that say where they come from;
// all of them are told at once. The result is immutable: to reload, Load() again and compare by Changed().
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "foundation/json.h"
#include "foundation/result.h"
#include "foundation/secret.h"

namespace elevaite {

enum class OptionType : std::uint8_t {
  kBool,  // true, false
  kInt,   // int64
  kString,
  kDuration,  // 500ms, 30s, 1h30m
  kBytes,     // 512, 64KiB, 16MiB
  kList,      // a YAML list of texts; elsewhere separated by commas
};

enum class OptionScope : std::uint8_t { kProcess, kTenant };

// All texts are constants. `min`, `max` and `default_value` are written as a user would.
struct Option {
  std::string_view name;  // "server.port": parts of [a-z0-9_] joined by dots
  OptionType type = OptionType::kString;
  std::string_view default_value{};  // none: empty text, empty list, false, 0
  std::string_view min{};            // of kInt, kDuration, kBytes; none: 0
  std::string_view max{};            // none: no limit
  std::string_view choices{};        // of kString: "json|human|auto"
  std::string_view unit{};           // of kInt, for the reader: "connections"
  std::string_view help{};
  OptionScope scope = OptionScope::kProcess;
  bool reloadable = false;  // takes effect without a restart
  bool secret = false;      // a kString; read it with SecretValue(), it is never shown
};

struct ConfigSources {
  std::string file_name{};  // for messages: "elevaite.yaml"; empty: no file
  std::string file_text{};
  std::vector<std::string> environment{};  // "NAME=value"; only ELEVAITE_... counts
  std::vector<std::string> flags{};        // "--server.port=8000"
};

// Reads `path` (up to 1 MiB) and takes the process's environment.
Result<ConfigSources> ReadConfigSources(const std::string& path, std::vector<std::string> flags);

class Config {
 public:
  // kInvalidArgument with a line for each problem.
  static Result<Config> Load(std::span<const std::span<const Option>> tables, const ConfigSources& sources);

  // A name that is not in the tables or of another type is a bug: CHECK.
  bool Bool(std::string_view name) const;
  std::int64_t Int(std::string_view name) const;
  const std::string& Text(std::string_view name) const;
  std::chrono::microseconds Duration(std::string_view name) const;
  std::uint64_t Bytes(std::string_view name) const;
  const std::vector<std::string>& List(std::string_view name) const;
  const Secret& SecretValue(std::string_view name) const;

  // Where the value comes from: "default", "elevaite.yaml:3:9", "environment ELEVAITE_SERVER_PORT", "flag
  // --server.port".
  const std::string& Origin(std::string_view name) const;
  // "server.port = 8000  (elevaite.yaml:2:9)" for each option; secrets as ***.
  std::string Describe() const;
  // The names whose values differ from those of `other`, which was loaded with the same tables.
  std::vector<std::string_view> Changed(const Config& other) const;

 private:
  struct Setting;
  struct State;
  friend class ConfigLoader;
  const Setting& Get(std::string_view name, OptionType type) const;
  std::shared_ptr<const State> state_;
};

// For `elevaite config --help`, sorted by name: type, default, range, variable, help.
std::string DescribeOptions(std::span<const std::span<const Option>> tables);
// The same as an array of objects, for the reference documentation.
Json DescribeOptionsAsJson(std::span<const std::span<const Option>> tables);

// "server.port" is ELEVAITE_SERVER_PORT.
std::string EnvironmentNameOf(std::string_view option);

}  // namespace elevaite
