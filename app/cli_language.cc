// elevaite dsl check|explain and jq: what needs no server.
#include <fmt/format.h>

#include <cstdio>
#include <fstream>
#include <iostream>
#include <iterator>

#include "app/command_line.h"
#include "app/terminal.h"
#include "connectors/all.h"
#include "dsl/compile.h"
#include "dsl/jq/jq.h"

namespace elevaite::app {
namespace {

Result<std::string> ReadAll(const std::string& path) {
  if (path == "-") return std::string(std::istreambuf_iterator<char>(std::cin), {});
  std::ifstream in(path, std::ios::binary);
  if (!in) return Fail(ErrorCode::kNotFound, "cannot read " + path);
  return std::string(std::istreambuf_iterator<char>(in), {});
}

}  // namespace

int CheckDocuments(const std::vector<std::string>& files, bool json) {
  const connectors::Registry registry = connectors::Descriptors();
  int code = kDone;
  std::vector<Json> reports;
  for (const std::string& file : files) {
    const auto source = ReadAll(file);
    if (!source) {
      PrintError(source.error().message);
      code = kFailed;
      continue;
    }
    const dsl::CompileResult compiled = dsl::Compile(*source, {.functions = &registry});
    if (!compiled.program) code = kFailed;
    std::vector<Json> list;
    for (const dsl::Diagnostic& d : compiled.diagnostics) {
      list.push_back(dsl::ToJson(d));
      if (!json) fmt::print("{}:{}\n", file, dsl::ToText(d));
    }
    reports.push_back(Json::Object({{"file", file},
                                    {"valid", compiled.program != nullptr},
                                    {"diagnostics", Json::Array(std::move(list))}}));
  }
  if (json) std::puts(Json::Array(std::move(reports)).DumpPretty().c_str());
  return code;
}

int ExplainCode(const std::string& code) {
  for (const dsl::CodeInfo& info : dsl::AllCodes()) {
    if (dsl::TextOf(info.code) != code) continue;
    fmt::print("{} {}\n\n{}\n\n{}\n{}\n\n{}\n{}\n", Styled(code, Style::kBold), info.title, info.explanation,
               Styled("Wrong", Style::kRed), info.bad, Styled("Right", Style::kGreen), info.good);
    return kDone;
  }
  PrintError("no diagnostic has the code '" + code + "'", "docs/language/diagnostics.md lists them");
  return kUsage;
}

// ---- jq
// ----------------------------------------------------------------------------------------------------------------

namespace {

// The values of a text that holds several, one after the other.
Result<std::vector<Json>> ParseStream(std::string_view text) {
  std::vector<Json> values;
  while (true) {
    const std::size_t begin = text.find_first_not_of(" \t\r\n");
    if (begin == std::string_view::npos) return values;
    text.remove_prefix(begin);
    std::size_t consumed = 0;
    ASSIGN_OR_RETURN(
        Json value,
        ParseJsonPrefix(text, consumed, {.depth_max = Json::kMaxDepth, .allow_duplicate_keys = true}));
    values.push_back(std::move(value));
    text.remove_prefix(consumed);
  }
}

void PrintValue(const Json& value, const JqOptions& options) {
  if (options.raw && value.IsString()) {
    fmt::print("{}\n", value.AsString());
  } else {
    fmt::print("{}\n", options.compact ? value.Dump() : value.DumpPretty());
  }
}

int RunOne(const jq::Program& program, const Json& input, std::span<const Json> values,
           const JqOptions& options) {
  const jq::EvaluationOptions limits{.budget = {.steps_max = 10'000'000'000,
                                                .bytes_max = 4ULL << 30U,
                                                .outputs_max = 1'000'000'000,
                                                .time_max = std::chrono::minutes(10)},
                                     .now_us = SystemClock().Now().micros()};
  jq::Evaluation run(program, input, values, limits);
  while (true) {
    const auto next = run.Next();
    if (!next) {
      PrintError(next.error().message);
      return 5;  // as jq does
    }
    if (!*next) return kDone;
    PrintValue(**next, options);
  }
}

}  // namespace

int RunJq(const JqOptions& options) {
  std::vector<std::string> names;
  std::vector<Json> given;
  for (const auto& [name, text] : options.text_arguments) {
    names.push_back(name);
    given.emplace_back(text);
  }
  for (const auto& [name, text] : options.json_arguments) {
    auto value = ParseJson(text);
    if (!value) {
      PrintError("--argjson " + name + ": " + value.error().message);
      return kUsage;
    }
    names.push_back(name);
    given.push_back(*std::move(value));
  }
  const auto program = jq::Program::Compile(options.filter, {.variables = names});
  if (!program) {
    PrintError(fmt::format("{} (at character {})", program.error().message, program.error().span.begin + 1),
               program.error().hint);
    fmt::print(stderr, "       {}\n       {:>{}}\n", options.filter, "^", program.error().span.begin + 1);
    return 3;  // as jq does
  }
  std::vector<Json> values;
  for (const std::string& wanted : program->variables()) {
    for (std::size_t i = 0; i < names.size(); ++i) {
      if (names[i] == wanted) values.push_back(given[i]);
    }
  }
  if (options.null_input) return RunOne(*program, Json(), values, options);
  std::vector<Json> inputs;
  for (const std::string& file : options.files.empty() ? std::vector<std::string>{"-"} : options.files) {
    const auto text = ReadAll(file);
    auto parsed = text ? ParseStream(*text) : Result<std::vector<Json>>(elevaite::Fail(text.error()));
    if (!parsed) {
      PrintError(parsed.error().message);
      return kUsage;
    }
    std::move(parsed->begin(), parsed->end(), std::back_inserter(inputs));
  }
  if (options.slurp) return RunOne(*program, Json::Array(std::move(inputs)), values, options);
  int code = kDone;
  for (const Json& input : inputs) {
    if (const int one = RunOne(*program, input, values, options); one != kDone) code = one;
  }
  return code;
}

}  // namespace elevaite::app
