// elevaite test: plays workflows as their test files say, without a server; records runs of a server, and
// plays these against other versions.
#include <fmt/format.h>

#include <algorithm>
#include <cstdio>

#include "app/command_line.h"
#include "app/terminal.h"
#include "app/test_report.h"
#include "app/workflow_files.h"
#include "foundation/percent.h"
#include "services/workflow/rehearsal/replay.h"

namespace elevaite::app {
namespace {

namespace fs = std::filesystem;
using ProgramPtr = WorkflowFiles::ProgramPtr;

int Refuse(const Error& error) {
  PrintError(error.message, error.hint);
  return kUsage;
}

void Print(const TestReport& report, const std::string& format) {
  const std::string text = format == "json"    ? ReportJson(report).DumpPretty() + "\n"
                           : format == "junit" ? ReportJunit(report)
                                               : ReportText(report);
  std::fwrite(text.data(), 1, text.size(), stdout);
}

CaseReport ReportOf(const rehearsal::Case& one, const rehearsal::Played& played,
                    std::vector<rehearsal::Failure> failures) {
  return {.name = one.name,
          .line = one.line,
          .failures = std::move(failures),
          .took = played.took,
          .virtual_us = played.ended_us - played.started_us};
}

class TestRun {
 public:
  TestRun(std::string filter, bool with_coverage)
      : filter_(std::move(filter)), with_coverage_(with_coverage) {}

  TestFileReport Play(const fs::path& file) {
    TestFileReport report{.file = file.string(), .workflow = WorkflowFiles::DocumentOf(file).string()};
    const ProgramPtr program = files_.Compile(report.workflow, report.problems);
    const auto text = WorkflowFiles::Read(file);
    if (!text) report.problems.push_back(text.error().message);
    if (!program || !text) return report;
    const std::vector<ProgramPtr>& others = files_.Beside(file.parent_path());
    const rehearsal::TestFile read = rehearsal::ReadTestFile(*text, files_.NamesOf(program, others));
    for (const dsl::Diagnostic& d : read.diagnostics)
      report.problems.push_back(fmt::format("{}:{}", report.file, dsl::ToText(d)));
    if (with_coverage_ && read.is_valid) coverage_.Expect(program);
    for (const rehearsal::Case& one : read.cases) {
      if (one.name.find(filter_) == std::string::npos) continue;
      const rehearsal::Played played = rehearsal::Play(one, program, others);
      if (with_coverage_) coverage_.Add(*played.stage);
      report.cases.push_back(ReportOf(one, played, rehearsal::Judge(one, played)));
    }
    return report;
  }

  const rehearsal::Coverage& coverage() const { return coverage_; }

 private:
  std::string filter_;
  bool with_coverage_;
  WorkflowFiles files_;
  rehearsal::Coverage coverage_;
};

// {file, source, tasks}
Result<Json> FetchRecording(const ClientOptions& client, const std::string& id) {
  ASSIGN_OR_RETURN(const ApiReply reply,
                   ApiClient(client.server).Get("/v1/executions/" + PercentEncode(id) + "/test"));
  if (!reply.ok()) return Fail(ErrorCode::kNotFound, reply.Problem());
  return reply.json;
}

}  // namespace

int RunTests(const TestRequest& request) {
  const auto files = WorkflowFiles::TestFilesIn(request.paths);
  if (!files) return Refuse(files.error());
  TestRun run(request.filter, request.coverage);
  TestReport report;
  for (const fs::path& file : *files) report.files.push_back(run.Play(file));
  if (request.coverage) report.coverage = &run.coverage();
  Print(report, request.format);
  if (report.broken() > 0) return kUsage;
  if (report.passed() + report.failed() > 0) return report.failed() > 0 ? kFailed : kDone;
  return Refuse({.code = ErrorCode::kNotFound,
                 .message = "no case is called so",
                 .hint = "--filter takes a part of its name"});
}

int RecordTest(const ClientOptions& client, const std::string& id) {
  const auto recorded = FetchRecording(client, id);
  if (!recorded) return Refuse(recorded.error());
  const std::string_view source = (*recorded)["source"].StringOr("");
  std::fwrite(source.data(), 1, source.size(), stdout);
  return kDone;
}

int ReplayExecution(const ClientOptions& client, const ReplayRequest& request) {
  WorkflowFiles files;
  TestFileReport report{.file = request.id, .workflow = request.against};
  const ProgramPtr program = files.Compile(request.against, report.problems);
  if (!program) {
    Print({.files = {report}}, request.format);
    return kUsage;
  }
  const auto recorded = FetchRecording(client, request.id);
  if (!recorded) return Refuse(recorded.error());
  const rehearsal::TestFile read = rehearsal::ReadTestFile((*recorded)["source"].StringOr(""), {});
  if (read.cases.size() != 1)
    return Refuse({.code = ErrorCode::kInternal, .message = "the server's answer is no recorded run"});
  std::vector<std::string> tasks;
  for (const Json& task : (*recorded)["tasks"].AsArray()) tasks.emplace_back(task.StringOr(""));
  const rehearsal::Case& one = read.cases.front();
  const rehearsal::Played played =
      rehearsal::Play(one, program, files.Beside(fs::path(request.against).parent_path()));
  report.cases.push_back(ReportOf(one, played, rehearsal::CompareReplay(one, tasks, played)));
  Print({.files = {report}}, request.format);
  return report.cases.front().passed() ? kDone : kFailed;
}

}  // namespace elevaite::app
