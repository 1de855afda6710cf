// elevaite jq: runs a filter on JSON as jq's own command does, so that anybody can compare.
#include <fmt/format.h>

#include <algorithm>
#include <cstdio>
#include <fstream>
#include <functional>
#include <iostream>
#include <iterator>
#include <map>
#include <optional>

#include "app/command_line.h"
#include "app/terminal.h"
#include "dsl/jq/jq.h"
#include "foundation/clock.h"

namespace elevaite::app {
namespace {

constexpr int kFilterFailed = 3;
constexpr int kRaised = 5;
constexpr int kLastWasFalse = 1;  // with -e
constexpr int kNoOutput = 4;

constexpr const char* kUsageText = R"(Usage: elevaite jq [OPTION...] FILTER [FILE...]

Runs a jq 1.8 filter on each JSON value of the files or of standard input; docs/language/jq.md says what differs.

  -n, --null-input         run once, with null
  -R, --raw-input          each line of the input is a text
  -s, --slurp              all inputs as one list (with -R: as one text)
  -c, --compact-output     one line a value
  -r, --raw-output         texts without quotes
  -j, --join-output        as -r, and no line end behind a value
      --raw-output0        as -r, and a NUL behind each value
  -a, --ascii-output       what is not ASCII as \u escapes
  -S, --sort-keys          members in the order of their keys
      --tab, --indent N    with tabs, or N spaces (0 to 7)
  -e, --exit-status        1: the last output was false or null, 4: there was none
  -f, --from-file FILE     the filter is in the file; what would be the filter is an input file
      --arg NAME TEXT      $NAME is the text; also in $ARGS.named
      --argjson NAME JSON  $NAME is the value
      --slurpfile NAME FILE, --rawfile NAME FILE   $NAME is the list of values in a file, or its text
      --args, --jsonargs   what follows the filter are texts, or values, in $ARGS.positional

Exit codes: 0, 2 wrong usage or input, 3 the filter does not compile, 5 it raised an error.
)";

struct Settings {
  std::optional<std::string> filter;
  std::string filter_file;
  std::vector<std::string> files;
  std::vector<Json::Member> named;
  std::vector<Json> positional;
  jq::TextLayout layout{.indent = "  "};
  bool null_input = false;
  bool raw_input = false;
  bool slurp = false;
  bool raw_output = false;
  bool exit_status = false;
  bool help = false;
  std::string_view line_end = "\n";
};

Result<std::string> ReadAll(const std::string& path) {
  if (path == "-") return std::string(std::istreambuf_iterator<char>(std::cin), {});
  std::ifstream in(path, std::ios::binary);
  std::string text((std::istreambuf_iterator<char>(in)), {});
  if (in.bad() || !in.is_open()) return Fail(ErrorCode::kNotFound, "cannot read " + path);
  return text;
}

// The next value of a text that holds several; nullopt at the end.
Result<std::optional<Json>> NextValue(std::string_view& text) {
  const std::size_t begin = text.find_first_not_of(" \t\r\n");
  if (begin == std::string_view::npos) return std::nullopt;
  std::size_t consumed = 0;
  ASSIGN_OR_RETURN(Json value, ParseJsonPrefix(text.substr(begin), consumed,
                                               {.depth_max = Json::kMaxDepth, .allow_duplicate_keys = true}));
  text.remove_prefix(begin + consumed);
  return value;
}

Result<Json> ReadValues(const std::string& path) {
  ASSIGN_OR_RETURN(const std::string whole, ReadAll(path));
  std::string_view text = whole;
  std::vector<Json> values;
  for (;;) {
    ASSIGN_OR_RETURN(std::optional<Json> value, NextValue(text));
    if (!value) return Json::Array(std::move(values));
    values.push_back(*std::move(value));
  }
}

// ---- The command line
// --------------------------------------------------------------------------------------------------

class ArgumentReader {
 public:
  explicit ArgumentReader(const std::vector<std::string>& arguments) : arguments_(arguments) {}

  Result<Settings> Read() {
    bool options_ended = false;
    while (at_ < arguments_.size()) {
      const std::string& argument = arguments_[at_++];
      if (options_ended || !LooksLikeAnOption(argument)) {
        RETURN_IF_ERROR(Plain(argument));
      } else if (argument == "--") {
        options_ended = true;
      } else if (argument[1] == '-') {
        RETURN_IF_ERROR(Long(argument.substr(2)));
      } else {
        for (const char letter : argument.substr(1)) RETURN_IF_ERROR(Short(letter));
      }
    }
    if (!settings_.help && !settings_.filter && settings_.filter_file.empty()) {
      return Fail(ErrorCode::kInvalidArgument, "a filter is missing",
                  "for example: elevaite jq '.name' file.json");
    }
    return std::move(settings_);
  }

 private:
  // A filter may begin with a sign: -1, -(.a).
  static bool LooksLikeAnOption(const std::string& argument) {
    if (argument.size() < 2 || argument[0] != '-') return false;
    const char c = argument[1];
    return c == '-' || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
  }

  enum class Rest { kFiles, kTexts, kValues };

  Result<> Plain(const std::string& argument) {
    if (!settings_.filter && settings_.filter_file.empty()) {
      settings_.filter = argument;
    } else if (rest_ == Rest::kFiles) {
      settings_.files.push_back(argument);
    } else if (rest_ == Rest::kTexts) {
      RETURN_IF_ERROR(CheckText("--args", argument));
      settings_.positional.emplace_back(argument);
    } else {
      ASSIGN_OR_RETURN(Json value, Value("--jsonargs", argument));
      settings_.positional.push_back(std::move(value));
    }
    return {};
  }

  Result<> Short(char letter) {
    static const std::map<char, std::string> kNames = {
        {'n', "null-input"},  {'R', "raw-input"},   {'s', "slurp"},        {'c', "compact-output"},
        {'r', "raw-output"},  {'j', "join-output"}, {'a', "ascii-output"}, {'S', "sort-keys"},
        {'e', "exit-status"}, {'f', "from-file"},   {'h', "help"},         {'M', "monochrome-output"}};
    const auto found = kNames.find(letter);
    return found != kNames.end() ? Long(found->second) : Unknown(std::string("-") + letter);
  }

  Result<> Long(const std::string& name) {
    static const std::map<std::string, std::function<void(ArgumentReader&)>> kFlags = {
        {"null-input", [](auto& r) { r.settings_.null_input = true; }},
        {"raw-input", [](auto& r) { r.settings_.raw_input = true; }},
        {"slurp", [](auto& r) { r.settings_.slurp = true; }},
        {"compact-output", [](auto& r) { r.settings_.layout.indent.clear(); }},
        {"raw-output", [](auto& r) { r.settings_.raw_output = true; }},
        {"join-output", [](auto& r) { r.RawWithEnd({}); }},
        {"raw-output0", [](auto& r) { r.RawWithEnd(std::string_view("\0", 1)); }},
        {"ascii-output", [](auto& r) { r.settings_.layout.ascii = true; }},
        {"sort-keys", [](auto& r) { r.settings_.layout.sort_keys = true; }},
        {"tab", [](auto& r) { r.settings_.layout.indent = "\t"; }},
        {"exit-status", [](auto& r) { r.settings_.exit_status = true; }},
        {"monochrome-output", [](auto&) {}},
        {"args", [](auto& r) { r.rest_ = Rest::kTexts; }},
        {"jsonargs", [](auto& r) { r.rest_ = Rest::kValues; }},
        {"help", [](auto& r) { r.settings_.help = true; }},
    };
    if (const auto flag = kFlags.find(name); flag != kFlags.end()) {
      flag->second(*this);
      return {};
    }
    if (name == "indent") return Indent();
    if (name == "from-file") return FromFile();
    if (name == "arg" || name == "argjson" || name == "slurpfile" || name == "rawfile") return Named(name);
    return Unknown("--" + name);
  }

  void RawWithEnd(std::string_view line_end) {
    settings_.raw_output = true;
    settings_.line_end = line_end;
  }

  Result<> Indent() {
    const std::string text = at_ < arguments_.size() ? arguments_[at_++] : "";
    if (text.size() != 1 || text[0] < '0' || text[0] > '7') {
      return Fail(ErrorCode::kInvalidArgument, "--indent takes a number from 0 to 7");
    }
    settings_.layout.indent.assign(static_cast<std::size_t>(text[0] - '0'), ' ');
    return {};
  }

  Result<> FromFile() {
    if (at_ == arguments_.size()) return Fail(ErrorCode::kInvalidArgument, "--from-file takes a file");
    settings_.filter_file = arguments_[at_++];
    if (settings_.filter)
      settings_.files.insert(settings_.files.begin(), *std::exchange(settings_.filter, {}));
    return {};
  }

  Result<> Named(const std::string& option) {
    if (at_ + 2 > arguments_.size()) {
      return Fail(ErrorCode::kInvalidArgument, "--" + option + " takes a name and a value");
    }
    const std::string& name = arguments_[at_++];
    const std::string& text = arguments_[at_++];
    RETURN_IF_ERROR(CheckText("--" + option, name));
    Json value;
    if (option == "arg") {
      RETURN_IF_ERROR(CheckText("--arg " + name, text));
      value = Json(text);
    } else if (option == "argjson") {
      ASSIGN_OR_RETURN(value, Value("--argjson " + name, text));
    } else if (option == "slurpfile") {
      ASSIGN_OR_RETURN(value, ReadValues(text));
    } else {
      ASSIGN_OR_RETURN(const std::string read, ReadAll(text));
      RETURN_IF_ERROR(CheckText(text, read));
      value = Json(read);
    }
    const bool known = std::ranges::any_of(
        settings_.named, [&name](const Json::Member& member) { return member.key == Json(name); });
    if (!known)
      settings_.named.emplace_back(std::string_view(name),
                                   std::move(value));  // the first one counts, as in jq
    return {};
  }

  static Result<Json> Value(const std::string& option, const std::string& text) {
    auto value = ParseJson(text);
    if (!value) return Fail(ErrorCode::kInvalidArgument, option + ": " + value.error().message);
    return value;
  }

  static Result<> CheckText(const std::string& what, const std::string& text) {
    if (FindInvalidUtf8(text) == std::string_view::npos) return {};
    return Fail(ErrorCode::kInvalidArgument, what + " is not UTF-8");
  }

  static Result<> Unknown(const std::string& option) {
    return Fail(ErrorCode::kInvalidArgument, "jq: there is no option " + option,
                "elevaite jq --help lists them");
  }

  const std::vector<std::string>& arguments_;
  std::size_t at_ = 0;
  Rest rest_ = Rest::kFiles;
  Settings settings_;
};

// ---- Running
// -----------------------------------------------------------------------------------------------------------

class Runner {
 public:
  Runner(const jq::Program& program, const Settings& settings) : program_(program), settings_(settings) {
    const Json all = Json::Object(
        {{"positional", Json::Array(settings.positional)}, {"named", Json::Object(settings.named)}});
    for (const std::string& name : program.variables()) {
      const Json* value = all["named"].Find(name);
      values_.push_back(value != nullptr ? *value : all);  // nothing else is bound but $ARGS
    }
  }

  void Run(const Json& input) {
    const jq::EvaluationOptions limits{.budget = {.steps_max = 10'000'000'000,
                                                  .bytes_max = 4ULL << 30U,
                                                  .outputs_max = 1'000'000'000,
                                                  .time_max = std::chrono::minutes(10)},
                                       .now_us = SystemClock().Now().micros()};
    jq::Evaluation run(program_, input, values_, limits);
    code_ = kDone;
    for (;;) {
      const auto next = run.Next();
      if (!next) {
        PrintError(next.error().message);
        code_ = kRaised;
        return;
      }
      if (!*next) return;
      Print(**next);
      last_ = **next;
    }
  }

  // As in jq, the last input decides.
  int ExitCode() const {
    if (code_ != kDone || !settings_.exit_status) return code_;
    if (!last_) return kNoOutput;
    return last_->IsNull() || *last_ == Json(false) ? kLastWasFalse : kDone;
  }

 private:
  void Print(const Json& value) const {
    std::string text;
    if (settings_.raw_output && value.IsString() && !settings_.layout.ascii) {
      text = value.AsString();
    } else {
      jq::AppendText(text, value, settings_.layout);
    }
    text += settings_.line_end;
    std::fwrite(text.data(), 1, text.size(), stdout);
  }

  const jq::Program& program_;
  const Settings& settings_;
  std::vector<Json> values_;
  std::optional<Json> last_;
  int code_ = kDone;
};

// Gives the values of all files to `use`, one by one. False: one could not be read (and was reported).
bool ForEachInput(const Settings& settings, const std::function<void(const Json&)>& use) {
  bool good = true;
  for (const std::string& file : settings.files.empty() ? std::vector<std::string>{"-"} : settings.files) {
    const auto whole = ReadAll(file);
    if (!whole) {
      PrintError(whole.error().message);
      good = false;
      continue;
    }
    std::string_view text = *whole;
    if (text.starts_with("\xEF\xBB\xBF")) text.remove_prefix(3);
    if (settings.raw_input) {
      if (FindInvalidUtf8(text) != std::string_view::npos) {
        PrintError(file + " is not UTF-8");
        return false;
      }
      if (settings.slurp) {
        use(Json(text));
        continue;
      }
      while (!text.empty()) {
        const std::size_t end = std::min(text.find('\n'), text.size());
        use(Json(text.substr(0, end)));
        text.remove_prefix(std::min(end + 1, text.size()));
      }
      continue;
    }
    for (;;) {
      const auto value = NextValue(text);
      if (!value) {
        PrintError(value.error().message);
        return false;
      }
      if (!*value) break;
      use(**value);
    }
  }
  return good;
}

// With -s the inputs become one: a list, or with -R a text.
Json Slurped(const Settings& settings, std::vector<Json> inputs) {
  if (!settings.raw_input) return Json::Array(std::move(inputs));
  std::string text;
  for (const Json& input : inputs) text += input.AsString();
  return Json(text);
}

int RunOnInputs(const Settings& settings, Runner& runner) {
  if (settings.null_input) {
    runner.Run(Json());
    return runner.ExitCode();
  }
  std::vector<Json> inputs;
  const bool good = ForEachInput(settings, [&](const Json& input) {
    if (settings.slurp) {
      inputs.push_back(input);
    } else {
      runner.Run(input);
    }
  });
  if (good && settings.slurp) runner.Run(Slurped(settings, std::move(inputs)));
  return good ? runner.ExitCode() : kUsage;
}

void PrintCompileError(const std::string& filter, const jq::CompileError& error) {
  PrintError(fmt::format("{} (at character {})", error.message, error.span.begin + 1), error.hint);
  if (filter.find('\n') != std::string::npos) return;
  fmt::print(stderr, "       {}\n       {:>{}}\n", filter, "^", error.span.begin + 1);
}

}  // namespace

int RunJq(const std::vector<std::string>& arguments) {
  auto settings = ArgumentReader(arguments).Read();
  if (settings && settings->help) {
    fmt::print("{}", kUsageText);
    return kDone;
  }
  auto filter = !settings ? Result<std::string>(Fail(settings.error()))
                          : (settings->filter ? Result<std::string>(*settings->filter)
                                              : ReadAll(settings->filter_file));
  if (!filter) {
    PrintError(filter.error().message, filter.error().hint);
    return kUsage;
  }
  std::vector<std::string> names{"ARGS"};
  for (const Json::Member& member : settings->named) names.emplace_back(member.key.AsString());
  const auto program = jq::Program::Compile(*filter, {.variables = names});
  if (!program) {
    PrintCompileError(*filter, program.error());
    return kFilterFailed;
  }
  Runner runner(*program, *settings);
  return RunOnInputs(*settings, runner);
}

}  // namespace elevaite::app
