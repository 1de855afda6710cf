// Expressions of the document: which texts are one, which variables they may use where, and their compilation
// with exact places.
//
// Strict mode: a field typed as expression (`if`, `when`, `in`, `from`, `as` ...) takes `${ x }` or bare `x`;
// in any other value only a text that is `${ ... }` as a whole is an expression. `${ }` inside a longer text
// is refused. Loose mode: any text that compiles is tried as an expression when the task runs.
#pragma once

#include <expected>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "dsl/diagnostic.h"
#include "dsl/document.h"
#include "dsl/syntax.h"
#include "dsl/template.h"

namespace elevaite::dsl {

enum class TextKind : std::uint8_t {
  kLiteral,   // no `${`
  kWhole,     // `${ ... }` and nothing else
  kEmbedded,  // `${ ... }` inside a longer text
  kUnclosed,  // `${` without its `}`
};
struct TextScan {
  TextKind kind = TextKind::kLiteral;
  // kWhole: the expression between the braces. kEmbedded, kUnclosed: from the `$` on.
  std::size_t begin = 0;
  std::size_t end = 0;
};
TextScan ScanText(std::string_view text);

// Whether a literal has the looks of an expression that somebody forgot to wrap: ".order.id", "$context.x",
// "{{ name }}".
bool LooksLikeExpression(std::string_view text);

bool IsVariableName(std::string_view name);      // letters, digits, _; no digit first; at most 64
bool IsLanguageVariable(std::string_view name);  // "context", "input" ...

// Where an expression stands; decides which variables exist.
enum class Site : std::uint8_t {
  kWorkflowInput,   // input.from of the workflow
  kWorkflowOutput,  // output.as of the workflow
  kSchedule,        // filters of schedule.on: there is no execution yet
  kIf,              // also `when` of an extension
  kTaskInput,
  kBody,       // the task's own fields
  kCondition,  // those of them that decide: when, exceptWhen, while, until
  kArguments,  // what a call or a process is given
  kTaskOutput,
  kTaskExport,
};

struct VariableScope {
  Site site = Site::kBody;
  // Of enclosing loops and catches, without $.
  const std::vector<std::string>* locals = nullptr;
};

class ExpressionCompiler {
 public:
  // `secrets`: the names that $secrets may have. `is_loose`: `evaluate.mode` of the document.
  ExpressionCompiler(const Document& document, const std::vector<std::string>& secrets, bool is_loose,
                     Diagnostics& diagnostics)
      : document_(document), secrets_(secrets), is_loose_(is_loose), diagnostics_(diagnostics) {}

  // A field typed as expression. nullopt after a diagnostic.
  std::optional<Expression> Field(const syntax::Place& place, const VariableScope& scope);
  // Any value, with expressions anywhere inside. After a diagnostic the part in question is null.
  Template Value(const syntax::Place& place, const VariableScope& scope);

 private:
  struct Path;
  using Compiled = std::expected<jq::Program, jq::CompileError>;

  Template ValueAt(const yaml::Node& node, const Path& path, const VariableScope& scope);
  Template TextAt(const yaml::Node& node, const Path& path, const VariableScope& scope);
  // Compiles text()[begin, end) of a scalar.
  std::optional<Expression> Compile(const yaml::Node& node, const Path& path, std::size_t begin,
                                    std::size_t end, const VariableScope& scope);
  const Compiled& CompileOnce(std::string_view text, const VariableScope& scope);
  void Refuse(const yaml::Node& node, const Path& path, std::size_t offset, const jq::CompileError& error,
              std::string_view text, const VariableScope& scope);
  bool CheckVariables(const yaml::Node& node, const Path& path, std::size_t offset,
                      const jq::Program& program, const VariableScope& scope);
  bool CheckSecrets(const yaml::Node& node, const Path& path, std::size_t offset, std::string_view text,
                    const VariableScope& scope);
  std::optional<Template> Loose(const yaml::Node& node, const Path& path, const VariableScope& scope);
  void Add(Code code, const yaml::Node& node, const Path& path, std::size_t begin, std::size_t end,
           std::string message, std::string hint);

  const Document& document_;
  const std::vector<std::string>& secrets_;
  bool is_loose_;
  Diagnostics& diagnostics_;
  // The same text in the same scope is compiled once, however often an alias repeats it.
  std::unordered_map<std::string, Compiled> compiled_;
  std::set<std::pair<const char*, std::size_t>> reported_;  // and reported once
};

}  // namespace elevaite::dsl
