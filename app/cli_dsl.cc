// elevaite dsl: documents, without a server.
#include <fmt/format.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <fstream>
#include <iostream>
#include <iterator>

#include "app/command_line.h"
#include "app/terminal.h"
#include "connectors/all.h"
#include "dsl/compile.h"
#include "dsl/lsp/framing.h"
#include "dsl/lsp/server.h"
#include "dsl/tools/diff.h"
#include "dsl/tools/format.h"
#include "dsl/tools/graph.h"
#include "dsl/tools/report.h"
#include "services/workflow/rehearsal/test_file.h"

namespace elevaite::app {
namespace {

int Report(const Error& error, const std::string& file) {
  PrintError(file.empty() ? error.message : file + ": " + error.message, error.hint);
  return kFailed;
}

// A file, or - for standard input.
Result<std::string> ReadDocument(const std::string& path) {
  if (path == "-") return std::string(std::istreambuf_iterator<char>(std::cin), {});
  std::ifstream in(path, std::ios::binary);
  if (!in) return Fail(ErrorCode::kNotFound, "cannot read " + path);
  return std::string(std::istreambuf_iterator<char>(in), {});
}

Result<> WriteDocument(const std::string& path, const std::string& text) {
  std::ofstream out(path, std::ios::binary | std::ios::trunc);
  out << text;
  out.close();
  if (!out) return Fail(ErrorCode::kUnavailable, "cannot write " + path);
  return {};
}

void PrintDiagnostics(const Json& diagnostics, const std::string& file) {
  for (const Json& d : diagnostics.AsArray()) {
    const std::string hint = d["hint"].IsString() ? fmt::format(" ({})", d["hint"].AsString()) : "";
    fmt::print(stderr, "{}:{}:{} {} {}: {}{}\n", file, d["line"].Dump(), d["column"].Dump(),
               d["severity"].AsString(), d["code"].AsString(), d["message"].AsString(), hint);
  }
}

struct Checked {
  bool is_valid = false;
  std::vector<dsl::Diagnostic> diagnostics;
};

// A workflow, or a file of tests.
Checked CheckOne(const std::string& file, const std::string& source, const connectors::Registry& registry) {
  if (file.ends_with(rehearsal::kTestFileEnding)) {
    rehearsal::TestFile read = rehearsal::ReadTestFile(source, {});
    return {read.is_valid, std::move(read.diagnostics)};
  }
  dsl::CompileResult compiled = dsl::Compile(source, {.functions = &registry, .is_offline = true});
  return {compiled.program != nullptr, std::move(compiled.diagnostics)};
}

}  // namespace

int CheckDocuments(const std::vector<std::string>& files, bool json) {
  const connectors::Registry registry = connectors::Descriptors();
  int code = kDone;
  std::vector<Json> reports;
  for (const std::string& file : files) {
    const auto source = ReadDocument(file);
    if (!source) {
      PrintError(source.error().message);
      code = kFailed;
      continue;
    }
    const Checked checked = CheckOne(file, *source, registry);
    if (!checked.is_valid) code = kFailed;
    std::vector<Json> list;
    for (const dsl::Diagnostic& d : checked.diagnostics) {
      list.push_back(dsl::ToJson(d));
      if (!json) fmt::print("{}:{}\n", file, dsl::ToText(d));
    }
    reports.push_back(Json::Object(
        {{"file", file}, {"valid", checked.is_valid}, {"diagnostics", Json::Array(std::move(list))}}));
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
  for (const dsl::tools::DiffInfo& info : dsl::tools::AllDiffCodes()) {
    if (dsl::tools::TextOf(info.code) != code) continue;
    fmt::print("{} {} ({})\n\n{}\n\n{}\n", Styled(code, Style::kBold), info.title,
               dsl::tools::NameOf(info.impact), info.explanation, info.advice);
    return kDone;
  }
  PrintError("no diagnostic has the code '" + code + "'",
             "docs/language/diagnostics.md and docs/language/changes.md list them");
  return kUsage;
}

int FormatDocuments(const FormatRequest& request) {
  int code = kDone;
  for (const std::string& file : request.files) {
    const auto source = ReadDocument(file);
    const auto formatted = source ? dsl::tools::Format(*source) : source;
    if (!formatted) {
      code = Report(formatted.error(), source ? file : "");
    } else if (request.check) {
      if (*formatted == *source) continue;
      fmt::print("{}\n", file);
      code = kFailed;
    } else if (!request.write || file == "-") {
      std::fwrite(formatted->data(), 1, formatted->size(), stdout);
    } else if (*formatted != *source) {
      if (const auto written = WriteDocument(file, *formatted); !written) code = Report(written.error(), "");
    }
  }
  return code;
}

int DrawGraph(const std::string& file, bool json) {
  const connectors::Registry registry = connectors::Descriptors();
  const auto source = ReadDocument(file);
  if (!source) return Report(source.error(), "");
  const auto graph = dsl::tools::GraphReport(*source, registry);
  if (!graph) return Report(graph.error(), file);
  std::fputs((json ? graph->DumpPretty() + "\n" : dsl::tools::ToMermaid(*graph)).c_str(), stdout);
  return kDone;
}

int CompareDocuments(const std::string& before, const std::string& after, bool json) {
  const auto was = ReadDocument(before);
  if (!was) return Report(was.error(), "");
  const auto is = ReadDocument(after);
  if (!is) return Report(is.error(), "");
  const auto report = dsl::tools::DiffReport(*was, *is);
  if (!report) return Report(report.error(), "");
  if (json) std::puts(report->DumpPretty().c_str());
  for (const Json& change : (*report)["changes"].AsArray()) {
    if (json) break;
    const std::string_view severity = change["severity"].AsString();
    const Style style = severity == "breaking" ? Style::kRed
                        : severity == "risky"  ? Style::kYellow
                                               : Style::kDim;
    const Json& place = change["after"].IsNull() ? change["before"] : change["after"];
    fmt::print("{} {} {}: {}{}\n", Styled(severity, style), change["code"].AsString(),
               change["title"].AsString(), change["message"].AsString(),
               place.IsNull() ? "" : fmt::format(" (at {})", place.AsString()));
    if (severity != "safe") fmt::print("  {}\n", change["advice"].AsString());
  }
  return (*report)["breaking"].IntOr(0) > 0 ? kFailed : kDone;
}

int EditDocument(const EditRequest& request) {
  const connectors::Registry registry = connectors::Descriptors();
  const auto source = ReadDocument(request.file);
  if (!source) return Report(source.error(), "");
  const bool from_file = request.operations.starts_with('@');
  const auto text =
      from_file ? ReadDocument(request.operations.substr(1)) : Result<std::string>(request.operations);
  if (!text) return Report(text.error(), "");
  const auto operations = ParseJson(*text);
  if (!operations) {
    PrintError("the operations are no JSON: " + operations.error().message,
               R"(for example: [{"op": "rename", "task": "/do/0/a", "name": "b"}])");
    return kUsage;
  }
  const Json list = operations->IsObject() ? Json::Array({*operations}) : *operations;
  const auto report = dsl::tools::EditReport(*source, list, registry);
  if (!report) return Report(report.error(), request.file);
  const std::string edited((*report)["source"].AsString());
  if (request.write && request.file != "-") {
    if (const auto written = WriteDocument(request.file, edited); !written)
      return Report(written.error(), "");
  }
  if (request.json) {
    std::puts(report->DumpPretty().c_str());
  } else {
    PrintDiagnostics((*report)["diagnostics"], request.file);
    if (!request.write || request.file == "-") std::fwrite(edited.data(), 1, edited.size(), stdout);
  }
  return kDone;
}

namespace {

void Send(const Json& message) {
  const std::string frame = dsl::lsp::Frame(message);
  std::fwrite(frame.data(), 1, frame.size(), stdout);
}

// All messages that have arrived whole. False when the stream is broken.
bool Answer(dsl::lsp::FrameReader& reader, dsl::lsp::Server& server) {
  while (!server.exited()) {
    const auto message = reader.Next();
    if (!message) {
      Send(dsl::lsp::Server::ParseError(message.error().message));
      if (reader.broken()) return false;
      continue;
    }
    if (!*message) return true;
    for (const Json& answer : server.Handle(**message)) Send(answer);
  }
  return true;
}

}  // namespace

int ServeLanguage() {
  const connectors::Registry registry = connectors::Descriptors();
  dsl::lsp::FrameReader reader;
  dsl::lsp::Server server(registry);
  char bytes[64 << 10];
  while (!server.exited()) {
    const ssize_t count = ::read(STDIN_FILENO, bytes, sizeof bytes);
    if (count < 0 && errno == EINTR) continue;
    if (count <= 0) return kFailed;  // the client went away without `exit`
    reader.Append({bytes, static_cast<std::size_t>(count)});
    const bool sound = Answer(reader, server);
    std::fflush(stdout);
    if (!sound) return kFailed;
  }
  return server.exit_code();
}

}  // namespace elevaite::app
