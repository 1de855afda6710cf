// Properties of the compiler under random changes of valid documents: it never crashes, and always gives
// either a program or an error, every diagnostic standing inside the document.
#include <gtest/gtest.h>
#include <rapidcheck.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

#include "dsl/compile.h"
#include "dsl/outline.h"
#include "dsl/test_functions.h"

namespace elevaite::dsl {
namespace {

// The good examples of the table, which between them use the whole supported language.
const std::vector<std::string>& Documents() {
  static const std::vector<std::string> documents = [] {
    std::vector<std::string> list;
    for (const CodeInfo& info : AllCodes()) list.push_back(WholeExample(info.good));
    return list;
  }();
  return documents;
}

std::vector<std::string> LinesOf(const std::string& text) {
  const std::vector<std::size_t> starts = LineStarts(text);
  std::vector<std::string> lines;
  for (std::size_t i = 0; i < starts.size(); ++i) {
    const std::size_t end = i + 1 < starts.size() ? starts[i + 1] - 1 : text.size();
    lines.push_back(text.substr(starts[i], end - starts[i]));
  }
  return lines;
}

bool IsInside(const Span& span, const std::vector<std::string>& lines) {
  const auto fits = [&](std::uint32_t line, std::uint32_t column) {
    return line >= 1 && line <= lines.size() && column >= 1 && column <= lines[line - 1].size() + 1;
  };
  return fits(span.line, span.column) && fits(span.end_line, span.end_column) &&
         std::pair(span.line, span.column) <= std::pair(span.end_line, span.end_column);
}

void CheckProperties(const std::string& document) {
  static const TestFunctions functions;
  const CompileResult result = Compile(document, {.functions = &functions});
  const std::vector<std::string> lines = LinesOf(document);
  bool has_error = false;
  for (const Diagnostic& diagnostic : result.diagnostics) {
    has_error = has_error || diagnostic.severity == Severity::kError;
    if (!IsInside(diagnostic.span, lines))
      RC_FAIL("outside the document: " + ToText(diagnostic) + "\n" + document);
    RC_ASSERT(!diagnostic.message.empty());
    RC_ASSERT(FindInvalidUtf8(ToText(diagnostic)) == std::string_view::npos);
  }
  RC_ASSERT((result.program == nullptr) == has_error);
  if (result.syntax) RC_ASSERT(Outline(*result.syntax, functions).Find("tasks") != nullptr);
  if (!result.program) return;
  for (const Task& task : result.program->all) RC_ASSERT(result.program->all[task.index].name == task.name);
}

// Words of the language in the places of others: more telling than random bytes.
const std::vector<std::string>& Words() {
  static const std::vector<std::string> words{"do",
                                              "for",
                                              "in",
                                              "set",
                                              "switch",
                                              "when",
                                              "then",
                                              "fork",
                                              "branches",
                                              "try",
                                              "catch",
                                              "raise",
                                              "error",
                                              "wait",
                                              "call",
                                              "with",
                                              "end",
                                              "exit",
                                              "- ",
                                              ": ",
                                              "{",
                                              "}",
                                              "[",
                                              "]",
                                              "'",
                                              "\"",
                                              "${",
                                              "${ . }",
                                              "$item",
                                              ".x",
                                              "null",
                                              "5",
                                              "-1",
                                              "~",
                                              "\n",
                                              "\n  ",
                                              "if",
                                              "input",
                                              "output",
                                              "continue",
                                              "export",
                                              "timeout",
                                              "listen",
                                              "retry",
                                              "&a ",
                                              "*a",
                                              "|\n",
                                              ">\n",
                                              "#",
                                              "\t",
                                              "emit",
                                              "run",
                                              "use",
                                              "schema",
                                              "schedule",
                                              "until",
                                              "one",
                                              "any",
                                              "functions",
                                              "extensions",
                                              "secrets",
                                              "foreach",
                                              "$secrets.key",
                                              "authentication",
                                              "to",
                                              "event",
                                              "\xc3\xa4",
                                              "\\",
                                              "type",
                                              "status",
                                              "each",
                                              "as",
                                              "PT1S",
                                              "30s",
                                              "!!str ",
                                              "? "};
  return words;
}

std::string Mutated(std::string text) {
  const int changes = *rc::gen::inRange(1, 6);
  for (int i = 0; i < changes; ++i) {
    const auto at = *rc::gen::inRange<std::size_t>(0, text.size() + 1);
    const auto length = *rc::gen::inRange<std::size_t>(0, 12);
    switch (*rc::gen::inRange(0, 4)) {
      case 0: text.erase(std::min(at, text.size()), length); break;
      case 1: text.insert(at, *rc::gen::elementOf(Words())); break;
      case 2: text.replace(at, std::min(length, text.size() - at), *rc::gen::elementOf(Words())); break;
      default: {
        const std::string part = text.substr(at, length * 4);
        text.insert(*rc::gen::inRange<std::size_t>(0, text.size() + 1), part);
      }
    }
  }
  return text;
}

RC_GTEST_PROP(CompileProperty, MutatedDocumentsGiveAProgramOrAnErrorInside, ()) {
  CheckProperties(Mutated(*rc::gen::elementOf(Documents())));
}

RC_GTEST_PROP(CompileProperty, RandomBytesGiveAnErrorInside, (const std::string& bytes)) {
  CheckProperties(bytes);
}

// One line of one document in the place of one of another: keys and values that are right elsewhere.
RC_GTEST_PROP(CompileProperty, MixedLinesGiveAProgramOrAnErrorInside, ()) {
  std::vector<std::string> lines = LinesOf(*rc::gen::elementOf(Documents()));
  const std::vector<std::string> others = LinesOf(*rc::gen::elementOf(Documents()));
  const int changes = *rc::gen::inRange(1, 4);
  for (int i = 0; i < changes; ++i)
    lines[*rc::gen::inRange<std::size_t>(0, lines.size())] = *rc::gen::elementOf(others);
  std::string document;
  for (const std::string& line : lines) document += line + "\n";
  CheckProperties(document);
}

}  // namespace
}  // namespace elevaite::dsl
