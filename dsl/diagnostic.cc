#include "dsl/diagnostic.h"

#include <fmt/format.h>

#include <algorithm>

#include "foundation/result.h"

namespace elevaite::dsl {
namespace {

constexpr CodeInfo kCodes[] = {
#define DSL_DIAGNOSTIC(name, number, severity, title, explanation, bad, good) \
  {Code::name, Severity::severity, title, explanation, bad, good},
#include "dsl/diagnostics.def"
#undef DSL_DIAGNOSTIC
};

constexpr std::string_view kExampleHead =
    "document:\n  dsl: '1.0.3'\n  namespace: examples\n  name: example\n  version: '1.0.0'\n";

// A pointer through a monstrous key would be as long as the key.
constexpr std::size_t kPointerBytesMax = 2048;

std::string_view Trim(std::string_view text) {
  while (!text.empty() && (text.front() == '\n' || text.front() == ' ')) text.remove_prefix(1);
  while (!text.empty() && (text.back() == '\n' || text.back() == ' ')) text.remove_suffix(1);
  return text;
}

std::string_view Fence(std::string_view example) { return Trim(example).starts_with("{") ? "json" : "yaml"; }

}  // namespace

std::string_view NameOf(Severity severity) {
  switch (severity) {
    case Severity::kError: return "error";
    case Severity::kWarning: return "warning";
    case Severity::kHint: return "hint";
  }
  return "error";
}

std::span<const CodeInfo> AllCodes() { return kCodes; }

const CodeInfo& InfoOf(Code code) {
  const auto* found = std::ranges::find(kCodes, code, &CodeInfo::code);
  CHECK(found != std::end(kCodes));
  return *found;
}

std::string TextOf(Code code) { return fmt::format("DSL{:04}", static_cast<int>(code)); }

std::string WholeExample(std::string_view example) {
  const std::string_view text = Trim(example);
  const bool is_part = text.starts_with("do:") || text.starts_with("use:") || text.starts_with("input:") ||
                       text.starts_with("output:") || text.starts_with("evaluate:") ||
                       text.starts_with("outputs:") || text.starts_with("schedule:") ||
                       text.starts_with("timeout:");
  std::string whole = is_part ? std::string(kExampleHead) : std::string();
  whole += text;
  whole += '\n';
  return whole;
}

std::string RenderDiagnosticDocs() {
  std::string out =
      "# Diagnostics of the workflow compiler\n\n"
      "Generated from `dsl/diagnostics.def`; do not edit. An error refuses the document; a warning or a hint "
      "does not.\n"
      "Examples leave the `document:` part out where it is not the point.\n\n"
      "| code | severity | meaning |\n| --- | --- | --- |\n";
  for (const CodeInfo& info : kCodes) {
    out += fmt::format("| [{0}](#{1}) | {2} | {3} |\n", TextOf(info.code),
                       "dsl" + TextOf(info.code).substr(3), NameOf(info.severity), info.title);
  }
  for (const CodeInfo& info : kCodes) {
    out += fmt::format("\n## {}\n\n**{}** ({})\n\n{}\n", TextOf(info.code), info.title, NameOf(info.severity),
                       Trim(info.explanation));
    out += fmt::format("\nNot so:\n\n```{0}\n{1}\n```\n\nBut so:\n\n```{2}\n{3}\n```\n", Fence(info.bad),
                       Trim(info.bad), Fence(info.good), Trim(info.good));
  }
  return out;
}

Span SpanOf(const yaml::Range& range) {
  Span span;
  span.line = std::max(range.begin.line, 1U);
  span.column = std::max(range.begin.column, 1U);
  span.end_line = std::max(range.end.line, span.line);
  span.end_column = range.end.line == 0 ? span.column : std::max(range.end.column, 1U);
  if (span.end_line == span.line) span.end_column = std::max(span.end_column, span.column);
  return span;
}

Json ToJson(const Diagnostic& diagnostic) {
  std::vector<Json::Member> members;
  members.emplace_back("code", TextOf(diagnostic.code));
  members.emplace_back("severity", NameOf(diagnostic.severity));
  members.emplace_back("message", diagnostic.message);
  if (!diagnostic.hint.empty()) members.emplace_back("hint", diagnostic.hint);
  members.emplace_back("line", diagnostic.span.line);
  members.emplace_back("column", diagnostic.span.column);
  members.emplace_back("end_line", diagnostic.span.end_line);
  members.emplace_back("end_column", diagnostic.span.end_column);
  members.emplace_back("pointer", diagnostic.pointer);
  return Json::Object(std::move(members));
}

std::string ToText(const Diagnostic& diagnostic) {
  std::string text = fmt::format("{}:{} {} {}: {}", diagnostic.span.line, diagnostic.span.column,
                                 NameOf(diagnostic.severity), TextOf(diagnostic.code), diagnostic.message);
  if (!diagnostic.hint.empty()) text += fmt::format(" ({})", diagnostic.hint);
  return text;
}

void Diagnostics::Add(Code code, const yaml::Range& range, std::string_view pointer, std::string message,
                      std::string hint) {
  const Severity severity = InfoOf(code).severity;
  const Span span = SpanOf(range);
  const bool is_error = severity == Severity::kError;
  if (list_.size() >= kMax && (mild_ == 0 || !is_error)) return Drop(code);
  if (is_error) ++errors_;
  if (!seen_.emplace(code, span.line, span.column).second) return;
  if (list_.size() >= kMax) {
    list_.erase(
        std::ranges::find_if(list_, [](const Diagnostic& d) { return d.severity != Severity::kError; }));
    --mild_;
    ++dropped_;
  }
  if (!is_error) ++mild_;
  if (pointer.size() > kPointerBytesMax) {
    pointer = pointer.substr(0, pointer.rfind('/', kPointerBytesMax));
    if (pointer.size() > kPointerBytesMax) pointer = {};
  }
  list_.push_back({code, severity, std::move(message), std::move(hint), span, std::string(pointer)});
}

void Diagnostics::Drop(Code code) {
  if (InfoOf(code).severity == Severity::kError) ++errors_;
  ++dropped_;
}

std::vector<Diagnostic> Diagnostics::Take() && {
  std::ranges::sort(list_, [](const Diagnostic& a, const Diagnostic& b) {
    return std::tie(a.span.line, a.span.column, a.code) < std::tie(b.span.line, b.span.column, b.code);
  });
  return std::move(list_);
}

}  // namespace elevaite::dsl
