#include "foundation/config.h"

#include <gtest/gtest.h>

#include <cstdio>
#include <filesystem>
#include <fstream>

namespace elevaite {
namespace {

using namespace std::chrono_literals;

constexpr Option kServer[] = {
    {.name = "server.port",
     .type = OptionType::kInt,
     .default_value = "8000",
     .min = "0",
     .max = "65535",
     .help = "Port"},
    {.name = "server.read_timeout",
     .type = OptionType::kDuration,
     .default_value = "30s",
     .min = "1s",
     .max = "1h",
     .help = "How long a request may take to arrive",
     .reloadable = true},
    {.name = "server.body_max",
     .type = OptionType::kBytes,
     .default_value = "16MiB",
     .max = "1GiB",
     .help = "Largest body"},
    {.name = "server.tls", .type = OptionType::kBool, .help = "Speak TLS"},
    {.name = "server.hosts", .type = OptionType::kList, .default_value = "localhost", .help = "Names served"},
};
constexpr Option kOthers[] = {
    {.name = "log.format", .default_value = "auto", .choices = "auto|json|human", .help = "Form of the log"},
    {.name = "auth.signing_key", .help = "Signs tokens", .secret = true},
};
constexpr std::span<const Option> kTables[] = {kServer, kOthers};

ConfigSources File(std::string text) { return {.file_name = "elevaite.yaml", .file_text = std::move(text)}; }

Config Good(const ConfigSources& sources) {
  auto config = Config::Load(kTables, sources);
  EXPECT_TRUE(config) << (config ? "" : config.error().message);
  return config ? *config : Config::Load(kTables, {}).value();
}

std::string Bad(const ConfigSources& sources) {
  const auto config = Config::Load(kTables, sources);
  EXPECT_FALSE(config);
  return config ? "" : config.error().message;
}

TEST(Config, HasDefaults) {
  const Config config = Good({});
  EXPECT_EQ(config.Int("server.port"), 8000);
  EXPECT_EQ(config.Duration("server.read_timeout"), 30s);
  EXPECT_EQ(config.Bytes("server.body_max"), 16U << 20U);
  EXPECT_FALSE(config.Bool("server.tls"));
  EXPECT_EQ(config.List("server.hosts"), std::vector<std::string>{"localhost"});
  EXPECT_EQ(config.Text("log.format"), "auto");
  EXPECT_TRUE(config.SecretValue("auth.signing_key").IsEmpty());
  EXPECT_EQ(config.Origin("server.port"), "default");
}

TEST(Config, FlagsGoBeforeEnvironmentBeforeFile) {
  ConfigSources sources = File("server:\n  port: 1\n  read_timeout: 2s\n  hosts: [a, b]\nlog.format: json\n");
  sources.environment = {"PATH=/bin", "ELEVAITE_SERVER_PORT=2", "ELEVAITE_SERVER_READ_TIMEOUT=3s",
                         "ELEVAITE_SERVER_HOSTS=c, d,,e"};
  sources.flags = {"--server.port=3", "--server.tls"};
  const Config config = Good(sources);
  EXPECT_EQ(config.Int("server.port"), 3);
  EXPECT_EQ(config.Origin("server.port"), "flag --server.port");
  EXPECT_EQ(config.Duration("server.read_timeout"), 3s);
  EXPECT_EQ(config.Origin("server.read_timeout"), "environment ELEVAITE_SERVER_READ_TIMEOUT");
  EXPECT_EQ(config.List("server.hosts"), (std::vector<std::string>{"c", "d", "e"}));
  EXPECT_EQ(config.Text("log.format"), "json");
  EXPECT_EQ(config.Origin("log.format"), "elevaite.yaml:5:13");
  EXPECT_TRUE(config.Bool("server.tls"));
  EXPECT_EQ(
      config.Changed(Good(File("log: {format: json}"))),
      (std::vector<std::string_view>{"server.hosts", "server.port", "server.read_timeout", "server.tls"}));
}

TEST(Config, SaysWhatIsWrongAndWhere) {
  struct Case {
    ConfigSources sources;
    const char* message;
  };
  const Case cases[] = {
      {File("server:\n  prot: 1\n"),
       "elevaite.yaml:2:3: option 'server.prot' is not known; did you mean 'server.port'?"},
      {File("sever: {port: 1}\n"), "elevaite.yaml:1:1: option 'sever' is not known"},
      {File("server: {port: 70000}\n"),
       "elevaite.yaml:1:16: server.port: 70000 is out of range (0 to 65535)"},
      {File("server: {port: -1}\n"), "elevaite.yaml:1:16: server.port: -1 is out of range (0 to 65535)"},
      {File("server: {port: 1.5}\n"), "elevaite.yaml:1:16: server.port: '1.5' is not a whole number"},
      {File("server: {read_timeout: 30}\n"),
       "elevaite.yaml:1:24: server.read_timeout: '30' is not a duration; write it like 500ms, 30s, 1h30m or "
       "7d"},
      {File("server: {read_timeout: 2h}\n"),
       "elevaite.yaml:1:24: server.read_timeout: 2h is out of range (1s to 1h)"},
      {File("server: {tls: yes}\n"), "elevaite.yaml:1:15: server.tls: 'yes' is neither true nor false"},
      {File("server: {port: [1]}\n"), "elevaite.yaml:1:16: server.port: a list is given, int is wanted"},
      {File("server: {port: {a: 1}}\n"), "elevaite.yaml:1:16: server.port is a value, not a group"},
      {File("server: {port: }\n"), "elevaite.yaml:1:16: server.port has no value"},
      {File("server: 1\n"), "elevaite.yaml:1:9: server must be a group of options"},
      {File("server: {port: 1}\nserver.port: 2\n"),
       "elevaite.yaml:2:14: server.port is given twice (first at elevaite.yaml:1:16)"},
      {File("log: {format: xml}\n"),
       "elevaite.yaml:1:15: log.format: 'xml' is not one of auto, json or human"},
      {File("a: 'open\n"),
       "elevaite.yaml: line 2, column 1: found unexpected end of stream, while scanning a quoted scalar that "
       "begins at line 1, column 4"},
      {{.environment = {"ELEVAITE_SERVER_PROT=1"}},
       "environment variable 'ELEVAITE_SERVER_PROT' is not known; did you mean 'ELEVAITE_SERVER_PORT'?"},
      {{.environment = {"ELEVAITE_SERVER_PORT=x"}},
       "environment ELEVAITE_SERVER_PORT: server.port: 'x' is not a whole number"},
      {{.flags = {"--server.prot=1"}}, "flag '--server.prot' is not known; did you mean '--server.port'?"},
      {{.flags = {"server.port=1"}}, "flag 'server.port' is not known; did you mean '--server.port'?"},
      {{.flags = {"--server.port"}}, "flag --server.port: a value is missing, write --server.port=..."},
      {{.flags = {"--server.port=1", "--server.port=99999"}},
       "flag --server.port: server.port: 99999 is out of range (0 to 65535)"},
      {{.flags = {"--auth.signing_key_file=/no/such/file"}},
       "flag --auth.signing_key_file: auth.signing_key_file: cannot read '/no/such/file': No such file or "
       "directory"},
      {{.flags = {"--server.port=x", "--log.format=y"}},
       "flag --server.port: server.port: 'x' is not a whole number\n"
       "flag --log.format: log.format: 'y' is not one of auto, json or human"},
  };
  for (const Case& c : cases) EXPECT_EQ(Bad(c.sources), c.message);
  EXPECT_EQ(Good({.flags = {"--server.port=1", "--server.port=2"}}).Int("server.port"), 2);
}

TEST(Config, ReadsSecretsFromFilesAndNeverShowsThem) {
  const auto path = std::filesystem::temp_directory_path() / ("elevaite-secret-" + std::to_string(getpid()));
  std::ofstream(path) << "hunter2\n";
  const Config config = Good({.environment = {"ELEVAITE_AUTH_SIGNING_KEY_FILE=" + path.string()}});
  EXPECT_EQ(config.SecretValue("auth.signing_key").Reveal(), "hunter2");
  EXPECT_EQ(config.Describe().find("hunter2"), std::string::npos);
  EXPECT_NE(config.Describe().find("auth.signing_key = ***  (environment ELEVAITE_AUTH_SIGNING_KEY_FILE)"),
            std::string::npos);
  EXPECT_EQ(
      Bad({.flags = {"--auth.signing_key=hunter3", "--auth.signing_key_file=" + path.string()}}),
      "flag --auth.signing_key_file: auth.signing_key is given twice (first at flag --auth.signing_key)");
  EXPECT_EQ(Good({.flags = {"--auth.signing_key=hunter3"}}).SecretValue("auth.signing_key").Reveal(),
            "hunter3");
  std::filesystem::remove(path);
}

TEST(Config, DescribesItsOptions) {
  const std::string text = DescribeOptions(kTables);
  EXPECT_NE(text.find("server.port (int)\n    Port\n    default: 8000; 0 to 65535; ELEVAITE_SERVER_PORT\n"),
            std::string::npos)
      << text;
  EXPECT_NE(text.find("secret, or auth.signing_key_file with a path; ELEVAITE_AUTH_SIGNING_KEY"),
            std::string::npos);
  EXPECT_NE(text.find("ELEVAITE_SERVER_READ_TIMEOUT; reloadable"), std::string::npos);
  const Json json = DescribeOptionsAsJson(kTables);
  ASSERT_EQ(json.Size(), 7U);
  EXPECT_EQ(json.At(0)["name"], Json("auth.signing_key"));
  EXPECT_EQ(json.At(0)["secret"], Json(true));
}

TEST(Config, ReadsTheFileAndTheEnvironmentOfTheProcess) {
  const auto path = std::filesystem::temp_directory_path() / ("elevaite-config-" + std::to_string(getpid()));
  std::ofstream(path) << "server: {port: 5}\n";
  setenv("ELEVAITE_LOG_FORMAT", "human", 1);
  const auto sources = ReadConfigSources(path.string(), {});
  unsetenv("ELEVAITE_LOG_FORMAT");
  std::filesystem::remove(path);
  ASSERT_TRUE(sources);
  const Config config = Good(*sources);
  EXPECT_EQ(config.Int("server.port"), 5);
  EXPECT_EQ(config.Text("log.format"), "human");
  EXPECT_FALSE(ReadConfigSources(path.string(), {}));
}

}  // namespace
}  // namespace elevaite
