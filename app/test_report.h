// What `elevaite test` says: as text, JSON or JUnit XML.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

#include "services/workflow/rehearsal/coverage.h"
#include "services/workflow/rehearsal/verdict.h"

namespace elevaite::app {

struct CaseReport {
  std::string name;
  std::uint32_t line = 0;
  std::vector<rehearsal::Failure> failures;
  std::chrono::microseconds took{0};
  std::int64_t virtual_us = 0;  // of the workflow's own time
  bool passed() const { return failures.empty(); }
};

struct TestFileReport {
  std::string file;
  std::string workflow;               // the document's file
  std::vector<std::string> problems;  // why nothing of it was played
  std::vector<CaseReport> cases;
};

struct TestReport {
  std::vector<TestFileReport> files;
  const rehearsal::Coverage* coverage = nullptr;  // none: not asked for

  std::size_t passed() const;
  std::size_t failed() const;
  std::size_t broken() const;  // files
};

std::string ReportText(const TestReport& report);
Json ReportJson(const TestReport& report);
// As most CI servers read it: a suite a file, a failure with the differences as its text.
std::string ReportJunit(const TestReport& report);

}  // namespace elevaite::app
