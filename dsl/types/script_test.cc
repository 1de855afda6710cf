// Runs the text scripts of testdata/. A case is a filter, a line with the JSON Schema of its input, the type
// of its output, and a line for each finding: `! begin-end kind message`. Cases are separated by blank lines
// and comments. A line `with name: schema` behind the filter types a variable.
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "dsl/types/infer.h"

namespace elevaite::dsl::types {
namespace {

struct Case {
  std::string place;
  std::string filter;
  VariableTypes variables;
  std::string schema;
  std::vector<std::string> expected;
};

std::vector<Case> ReadCases(const std::filesystem::path& path) {
  std::vector<Case> cases;
  std::ifstream in(path);
  bool inside = false;
  std::size_t number = 0;
  for (std::string line; std::getline(in, line);) {
    ++number;
    if (line.empty() || line.starts_with('#')) {
      inside = false;
    } else if (!inside) {
      inside = true;
      cases.push_back({.place = path.filename().string() + ":" + std::to_string(number), .filter = line});
    } else if (line.starts_with("with ")) {
      const std::size_t colon = line.find(": ");
      cases.back().variables.emplace_back(line.substr(5, colon - 5),
                                          FromSchema(ParseJson(line.substr(colon + 2)).value()));
    } else if (cases.back().schema.empty()) {
      cases.back().schema = line;
    } else {
      cases.back().expected.push_back(line);
    }
  }
  return cases;
}

std::string_view NameOf(FindingKind kind) {
  switch (kind) {
    case FindingKind::kUnknownMember: return "unknown-member";
    case FindingKind::kNoMembers: return "no-members";
    case FindingKind::kNotIterable: return "not-iterable";
    case FindingKind::kAlwaysFails: return "always-fails";
  }
  return "";
}

std::vector<std::string> Answer(const Case& one) {
  std::vector<std::string> names;
  for (const auto& [name, type] : one.variables) names.push_back(name);
  const auto program = jq::Program::Compile(one.filter, {.variables = names});
  if (!program) return {"does not compile: " + program.error().message};
  const auto schema = ParseJson(one.schema);
  if (!schema) return {"bad schema: " + schema.error().message};
  const Inference inference = Infer(*program, FromSchema(*schema), one.variables);
  std::vector<std::string> lines{Format(inference.output)};
  for (const Finding& finding : inference.findings) {
    lines.push_back("! " + std::to_string(finding.span.begin) + "-" + std::to_string(finding.span.end) + " " +
                    std::string(NameOf(finding.kind)) + " " + finding.message);
  }
  return lines;
}

TEST(TypeScripts, GiveTheTypesAndFindingsWritten) {
  std::size_t count = 0;
  for (const auto& entry : std::filesystem::directory_iterator(TYPES_TESTDATA)) {
    for (const Case& one : ReadCases(entry.path())) {
      ++count;
      EXPECT_EQ(Answer(one), one.expected) << one.place << ": " << one.filter;
    }
  }
  EXPECT_GE(count, 90U);
}

}  // namespace
}  // namespace elevaite::dsl::types
