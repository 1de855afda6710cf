#include "app/test_report.h"

#include <fmt/format.h>

#include <algorithm>

#include "app/terminal.h"
#include "foundation/markup.h"
#include "foundation/text.h"

namespace elevaite::app {
namespace {

constexpr std::size_t kValueBytes = 300;

std::size_t CountCases(const TestReport& report, bool passed) {
  std::size_t count = 0;
  for (const TestFileReport& file : report.files)
    count += static_cast<std::size_t>(std::ranges::count(file.cases, passed, &CaseReport::passed));
  return count;
}

std::string Shown(const Json& value) {
  std::string text = value.Dump();
  if (text.size() <= kValueBytes) return text;
  std::size_t end = kValueBytes;
  while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0U) == 0x80U) --end;
  return text.substr(0, end) + "...";
}

std::string DifferenceText(const rehearsal::Difference& difference) {
  const std::string place = difference.path.empty() ? "the whole" : difference.path;
  if (!difference.expected)
    return fmt::format("{}: not expected, but is {}", place, Shown(*difference.actual));
  if (!difference.actual)
    return fmt::format("{}: expected {}, but is not there", place, Shown(*difference.expected));
  return fmt::format("{}: expected {}, but is {}", place, Shown(*difference.expected),
                     Shown(*difference.actual));
}

// The lines of a failure, each indented.
std::string FailureText(const rehearsal::Failure& failure, std::string_view indent) {
  std::string text;
  std::string_view message = failure.message;
  while (!message.empty()) {
    const std::string_view line = message.substr(0, message.find('\n'));
    text += fmt::format("{}{}\n", indent, line);
    message.remove_prefix(std::min(line.size() + 1, message.size()));
  }
  for (const rehearsal::Difference& difference : failure.differences)
    text += fmt::format("{}  {}\n", indent, DifferenceText(difference));
  return text;
}

std::string TimesText(const CaseReport& one) {
  const auto ms = std::chrono::duration_cast<std::chrono::milliseconds>(one.took).count();
  if (one.virtual_us == 0) return fmt::format("{} ms", ms);
  return fmt::format("{} ms for {}", ms, FormatDuration(std::chrono::microseconds(one.virtual_us)));
}

std::string CoverageText(const rehearsal::Coverage& coverage) {
  std::string text;
  for (const rehearsal::Coverage::Workflow* workflow : coverage.workflows()) {
    const Json told = rehearsal::ToJson(*workflow);
    text += fmt::format("{} tasks {} of {}, branches {} of {}\n",
                        Styled("coverage of " + std::string(told["workflow"].AsString()) + ":", Style::kBold),
                        told["tasks"]["reached"].Dump(), told["tasks"]["all"].Dump(),
                        told["branches"]["reached"].Dump(), told["branches"]["all"].Dump());
    for (const Json& never : told["never"].AsArray())
      text += fmt::format("  never: line {}, task `{}`{}\n", never["line"].Dump(), never["task"].AsString(),
                          never["what"] == Json("task") ? "" : ", " + std::string(never["what"].AsString()));
  }
  return text;
}

// XML has no way to write the other control characters.
std::string Xml(std::string_view text) {
  std::string out;
  for (const char c : EscapeMarkup(text)) {
    if (c == '\n') {
      out += "&#10;";
    } else {
      out += static_cast<unsigned char>(c) < 0x20 ? ' ' : c;
    }
  }
  return out;
}

double Seconds(std::chrono::microseconds time) { return std::chrono::duration<double>(time).count(); }

std::string CaseXml(const TestFileReport& file, const CaseReport& one) {
  std::string xml = fmt::format("    <testcase name=\"{}\" classname=\"{}\" time=\"{:.6f}\"", Xml(one.name),
                                Xml(file.workflow), Seconds(one.took));
  if (one.passed()) return xml + "/>\n";
  xml += ">\n";
  for (const rehearsal::Failure& failure : one.failures)
    xml += fmt::format("      <failure type=\"{}\" message=\"{}\">{}</failure>\n", Xml(failure.about),
                       Xml(failure.message), Xml(FailureText(failure, "")));
  return xml + "    </testcase>\n";
}

}  // namespace

std::size_t TestReport::passed() const { return CountCases(*this, true); }
std::size_t TestReport::failed() const { return CountCases(*this, false); }
std::size_t TestReport::broken() const {
  return static_cast<std::size_t>(
      std::ranges::count_if(files, [](const TestFileReport& file) { return !file.problems.empty(); }));
}

std::string ReportText(const TestReport& report) {
  std::string text;
  for (const TestFileReport& file : report.files) {
    text += Styled(file.file, Style::kBold) + "\n";
    for (const std::string& problem : file.problems) text += "  " + problem + "\n";
    for (const CaseReport& one : file.cases) {
      text +=
          fmt::format("  {} {} {}\n", one.passed() ? Styled("✓", Style::kGreen) : Styled("✗", Style::kRed),
                      one.name, Styled("(" + TimesText(one) + ")", Style::kDim));
      for (const rehearsal::Failure& failure : one.failures) text += FailureText(failure, "      ");
    }
  }
  if (report.coverage != nullptr) text += CoverageText(*report.coverage);
  text +=
      fmt::format("{} passed, {} failed{}\n", report.passed(), report.failed(),
                  report.broken() > 0 ? fmt::format(", {} files could not be read", report.broken()) : "");
  return text;
}

Json ReportJson(const TestReport& report) {
  std::vector<Json> files;
  for (const TestFileReport& file : report.files) {
    std::vector<Json> cases;
    for (const CaseReport& one : file.cases) {
      std::vector<Json> failures;
      for (const rehearsal::Failure& failure : one.failures) failures.push_back(rehearsal::ToJson(failure));
      cases.push_back(Json::Object({{"name", one.name},
                                    {"line", one.line},
                                    {"passed", one.passed()},
                                    {"took_ms", static_cast<double>(one.took.count()) / 1'000},
                                    {"virtual_ms", one.virtual_us / 1'000},
                                    {"failures", Json::Array(std::move(failures))}}));
    }
    std::vector<Json> problems(file.problems.begin(), file.problems.end());
    files.push_back(Json::Object({{"file", file.file},
                                  {"workflow", file.workflow},
                                  {"problems", Json::Array(std::move(problems))},
                                  {"cases", Json::Array(std::move(cases))}}));
  }
  Json told = Json::Object({{"passed", report.passed()},
                            {"failed", report.failed()},
                            {"broken", report.broken()},
                            {"files", Json::Array(std::move(files))}});
  if (report.coverage == nullptr) return told;
  std::vector<Json> coverage;
  for (const auto* workflow : report.coverage->workflows()) coverage.push_back(rehearsal::ToJson(*workflow));
  return Json::WithMember(std::move(told), "coverage", Json::Array(std::move(coverage)));
}

std::string ReportJunit(const TestReport& report) {
  std::string xml = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n";
  xml += fmt::format("<testsuites tests=\"{}\" failures=\"{}\" errors=\"{}\">\n",
                     report.passed() + report.failed(), report.failed(), report.broken());
  for (const TestFileReport& file : report.files) {
    const auto failed = std::ranges::count(file.cases, false, &CaseReport::passed);
    std::chrono::microseconds took{0};
    for (const CaseReport& one : file.cases) took += one.took;
    xml +=
        fmt::format("  <testsuite name=\"{}\" tests=\"{}\" failures=\"{}\" errors=\"{}\" time=\"{:.6f}\">\n",
                    Xml(file.file), file.cases.size() + (file.problems.empty() ? 0 : 1), failed,
                    file.problems.empty() ? 0 : 1, Seconds(took));
    if (!file.problems.empty())
      xml += fmt::format("    <testcase name=\"the file\" classname=\"{}\"><error>{}</error></testcase>\n",
                         Xml(file.file), Xml(fmt::format("{}", fmt::join(file.problems, "\n"))));
    for (const CaseReport& one : file.cases) xml += CaseXml(file, one);
    xml += "  </testsuite>\n";
  }
  return xml + "</testsuites>\n";
}

}  // namespace elevaite::app
