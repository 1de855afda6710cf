// elevaite dsl check|explain: what needs no server.
#include <fmt/format.h>

#include <cstdio>
#include <fstream>
#include <iostream>
#include <iterator>

#include "app/command_line.h"
#include "app/terminal.h"
#include "connectors/all.h"
#include "dsl/compile.h"

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
    const dsl::CompileResult compiled = dsl::Compile(*source, {.functions = &registry, .is_offline = true});
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

}  // namespace elevaite::app
