// Runs dsl/testdata/*.test: documents and the diagnostics that they give, side by side.
//
//   === what the case shows
//   do:
//     - a: {...}
//   ---
//   2:5 DSL0101 text that the message or the hint contains
//
// A document without `document:` gets a usual one; its places then count from the text as written here. No
// lines after `---`: the document compiles without a word. Lines that begin with # between cases are
// comments.
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>
#include <vector>

#include "dsl/compile.h"
#include "dsl/test_functions.h"

namespace elevaite::dsl {
namespace {

struct Script {
  std::string file;
  int line = 0;
  std::string title;
  std::string document;
  std::vector<std::string> expected;
};

std::vector<Script> ReadScripts(const std::filesystem::path& path) {
  std::vector<Script> scripts;
  std::ifstream in(path);
  std::string line;
  bool in_document = false;
  for (int number = 1; std::getline(in, line); ++number) {
    if (line.starts_with("=== ")) {
      scripts.push_back({path.stem().string(), number, line.substr(4), "", {}});
      in_document = true;
    } else if (line == "---" && in_document) {
      in_document = false;
    } else if (in_document && !scripts.empty()) {
      scripts.back().document += line + "\n";
    } else if (!line.empty() && !line.starts_with("#")) {
      scripts.back().expected.push_back(line);
    }
  }
  return scripts;
}

std::vector<Script> AllScripts() {
  std::vector<std::filesystem::path> files;
  for (const auto& entry :
       std::filesystem::directory_iterator(std::string(ELEVAITE_SOURCE_DIR) + "/dsl/testdata")) {
    if (entry.path().extension() == ".test") files.push_back(entry.path());
  }
  std::ranges::sort(files);
  std::vector<Script> scripts;
  for (const auto& file : files) std::ranges::move(ReadScripts(file), std::back_inserter(scripts));
  return scripts;
}

// "2:5 DSL0101" of a diagnostic, with the lines before the script's own text taken off.
std::string PlaceOf(const Diagnostic& diagnostic, std::uint32_t lines_before) {
  return std::to_string(static_cast<int>(diagnostic.span.line) - static_cast<int>(lines_before)) + ":" +
         std::to_string(diagnostic.span.column) + " " + TextOf(diagnostic.code);
}

// The text from a diagnostic's place on, for whoever reads a failure.
std::string MarkedBy(const Diagnostic& diagnostic, std::string_view document) {
  for (std::uint32_t line = 1; line < diagnostic.span.line; ++line)
    document.remove_prefix(document.find('\n') + 1);
  document = document.substr(0, document.find('\n'));
  for (std::uint32_t column = 1; column < diagnostic.span.column && !document.empty(); ++column) {
    do {
      document.remove_prefix(1);
    } while (!document.empty() && (static_cast<unsigned char>(document.front()) & 0xC0U) == 0x80U);
  }
  return std::string(document.substr(0, 24));
}

void PrintTo(const Script& script, std::ostream* out) { *out << script.file << ":" << script.line; }

class Scripts : public testing::TestWithParam<Script> {};

TEST_P(Scripts, GiveTheExpectedDiagnostics) {
  const Script& script = GetParam();
  const TestFunctions functions;
  const std::string whole = WholeExample(script.document);
  const auto lines_before =
      static_cast<std::uint32_t>(whole.starts_with(script.document.substr(0, 9)) ? 0 : 5);

  const CompileResult result = Compile(whole, {.functions = &functions});

  std::string found;
  for (const Diagnostic& diagnostic : result.diagnostics) {
    found += "  " + PlaceOf(diagnostic, lines_before) + " " + diagnostic.message + " | " + diagnostic.hint +
             "  <<" + MarkedBy(diagnostic, whole) + ">>\n";
  }
  const std::string where =
      script.file + ".test:" + std::to_string(script.line) + ": " + script.title + "\nfound:\n" + found;
  ASSERT_EQ(result.diagnostics.size(), script.expected.size()) << where;
  for (std::size_t i = 0; i < script.expected.size(); ++i) {
    const Diagnostic& diagnostic = result.diagnostics[i];
    const std::string& expected = script.expected[i];
    const std::string place = PlaceOf(diagnostic, lines_before);
    ASSERT_EQ(expected.substr(0, place.size()), place) << where;
    const std::string text = expected.size() > place.size() ? expected.substr(place.size() + 1) : "";
    EXPECT_NE((diagnostic.message + " | " + diagnostic.hint).find(text), std::string::npos) << text << "\n"
                                                                                            << where;
  }
}

INSTANTIATE_TEST_SUITE_P(Testdata, Scripts, testing::ValuesIn(AllScripts()), [](const auto& test) {
  std::string name = test.param.file + "_" + std::to_string(test.param.line);
  std::ranges::replace_if(name, [](char c) { return c == '-' || c == '.'; }, '_');
  return name;
});

}  // namespace
}  // namespace elevaite::dsl
