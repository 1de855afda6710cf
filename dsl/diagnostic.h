// Diagnostic: one thing the compiler has to say about a document, with its place, a way to fix it and a
// stable code.
//
// The codes, their severity and their documentation stand in one table, dsl/diagnostics.def: the compiler,
// the tests (each bad example gives exactly its code) and docs/language/diagnostics.md (RenderDiagnosticDocs)
// are made from it.
//
// Ranges of codes: DSL00xx the text itself, DSL01xx keys and values, DSL02xx tasks, DSL03xx expressions,
// DSL04xx flow, DSL05xx functions and their arguments, DSL06xx costs.
#pragma once

#include <cstdint>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <tuple>
#include <vector>

#include "foundation/json.h"
#include "foundation/yaml.h"

namespace elevaite::dsl {

enum class Severity : std::uint8_t { kError, kWarning, kHint };
std::string_view NameOf(Severity severity);  // "error", "warning", "hint"

enum class Code : std::uint16_t {
#define DSL_DIAGNOSTIC(name, number, severity, title, explanation, bad, good) name = number,
#include "dsl/diagnostics.def"
#undef DSL_DIAGNOSTIC
};

struct CodeInfo {
  Code code;
  Severity severity;
  std::string_view title;
  std::string_view explanation;  // markdown
  std::string_view bad;          // examples; see WholeExample
  std::string_view good;
};
std::span<const CodeInfo> AllCodes();
const CodeInfo& InfoOf(Code code);
std::string TextOf(Code code);  // "DSL0101"

// Examples leave `document:` out where it is not the point. This puts a usual one before those that have
// none.
std::string WholeExample(std::string_view example);

// The whole page of codes, as markdown.
std::string RenderDiagnosticDocs();

// Lines and columns count from 1, columns in code points; the end is the place after the last character.
// Always inside the document.
struct Span {
  std::uint32_t line = 1;
  std::uint32_t column = 1;
  std::uint32_t end_line = 1;
  std::uint32_t end_column = 1;
};
Span SpanOf(const yaml::Range& range);

struct Diagnostic {
  Code code{};
  Severity severity = Severity::kError;
  std::string message;  // what is wrong and what was expected
  std::string hint;     // how to fix it; may be empty
  Span span;
  std::string pointer;  // JSON Pointer of the place: "/do/0/a/with/endpoint"
};

// {"code", "severity", "message", "hint"?, "line", "column", "end_line", "end_column", "pointer"}
Json ToJson(const Diagnostic& diagnostic);
// "7:3 error DSL0101: unknown key ... (did you mean ...?)", for logs and the command line.
std::string ToText(const Diagnostic& diagnostic);

// Collects what the passes find. The same code at the same place is kept once; after kMax the rest is only
// counted.
class Diagnostics {
 public:
  static constexpr std::size_t kMax = 100;

  void Add(Code code, const yaml::Range& range, std::string_view pointer, std::string message,
           std::string hint = {});
  bool HasErrors() const { return errors_ > 0; }
  std::size_t errors() const { return errors_; }
  bool Full() const { return list_.size() >= kMax && mild_ == 0; }
  std::size_t dropped() const { return dropped_; }
  // Counts one that is not worth writing down any more.
  void Drop(Code code);
  // In the order of the text.
  std::vector<Diagnostic> Take() &&;

 private:
  std::vector<Diagnostic> list_;
  std::set<std::tuple<Code, std::uint32_t, std::uint32_t>> seen_;
  std::size_t errors_ = 0;
  std::size_t mild_ = 0;  // warnings and hints in the list
  std::size_t dropped_ = 0;
};

}  // namespace elevaite::dsl
