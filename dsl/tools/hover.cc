#include "dsl/tools/hover.h"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <utility>

#include "dsl/compile.h"
#include "dsl/jq/jq.h"
#include "dsl/suggest.h"
#include "dsl/tools/cursor.h"
#include "dsl/tools/inferred.h"
#include "dsl/tools/place.h"
#include "dsl/tools/scope.h"
#include "dsl/tools/symbols.h"

namespace elevaite::dsl::tools {
namespace {

bool IsWord(char c) { return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_'; }

class Explainer {
 public:
  Explainer(std::string_view source, yaml::Position position, const FunctionCatalog& functions)
      : source_(source),
        position_(position),
        cursor_(FindCursor(source, position)),
        functions_(functions),
        places_(cursor_.tree, functions) {}

  std::optional<Hover> Run() {
    if (cursor_.at == Cursor::At::kKey && !cursor_.token.empty()) ExplainKey();
    if (cursor_.at == Cursor::At::kValue && !cursor_.token.empty()) ExplainValue();
    std::string problems = Problems();
    if (problems.empty() && markdown_.empty()) return std::nullopt;
    if (!problems.empty() && !markdown_.empty()) problems += "\n\n---\n\n";
    return Hover{.range = RangeOf(begin_, end_), .markdown = problems + markdown_};
  }

 private:
  yaml::Range RangeOf(std::size_t begin, std::size_t end) const {
    if (end <= begin) return {position_, position_};
    const std::string_view line = source_.substr(cursor_.line_offset);
    const auto at = [&](std::size_t bytes) {
      return yaml::Position{static_cast<std::uint32_t>(cursor_.line + 1),
                            static_cast<std::uint32_t>(ColumnOfBytes(line, bytes) + 1)};
    };
    return {at(begin), at(end)};
  }

  void Explain(std::size_t begin, std::size_t end, std::string markdown) {
    begin_ = begin;
    end_ = end;
    markdown_ = std::move(markdown);
  }

  void ExplainKey() {
    Tokens path = cursor_.path;
    path.push_back(cursor_.token);
    const auto place = places_.At(path);
    const Json schema = places_.SchemaAt(path);
    std::string text;
    if (place && place->key != nullptr) {
      text = fmt::format("**{}**{} · {}\n\n{}", place->key->name, place->key->required ? " (required)" : "",
                         DescribeForms(place->key->value), place->key->description);
      const vocabulary::Object* task = vocabulary::Find("task." + std::string(place->key->name));
      const bool is_kind = task != nullptr && place->owner == task;
      if (is_kind) text += "\n\n" + std::string(task->description);
      if (!place->key->example.empty())
        text += fmt::format("\n\n```yaml\n{}: {}\n```", place->key->name, place->key->example);
    } else if (schema.IsObject()) {
      text = fmt::format("**{}** · {}\n\n{}", Excerpt(cursor_.token), DescribeSchema(schema),
                         schema["description"].StringOr(""));
    } else if (place && place->object != nullptr) {  // a name
      text = fmt::format("{}: {}", Quote(cursor_.token), place->object->description);
    }
    if (!text.empty()) Explain(cursor_.begin, cursor_.end, std::move(text));
  }

  void ExplainValue() {
    const auto place = places_.At(cursor_.path);
    const bool is_expression = place && place->value != nullptr && place->value->Is(vocabulary::kExpression);
    if (ExpressionBefore(cursor_.typed, is_expression)) return ExplainWord(is_expression);
    if (!cursor_.path.empty() && cursor_.path.back() == "call") {
      if (const FunctionInfo* function = functions_.Find(cursor_.token)) {
        std::string arguments;
        const Json& properties = function->input["properties"];
        if (properties.IsObject()) {
          for (const auto& [name, schema] : properties.AsObject()) {
            arguments += fmt::format("\n- `{}` {}", name.AsString(), schema["description"].StringOr(""));
          }
        }
        return Explain(cursor_.begin, cursor_.end,
                       fmt::format("**{}** {}\n{}", function->name, function->title, arguments));
      }
    }
    if (const auto named = NameAt(source_, position_)) {
      const auto definition = DefinitionOf(source_, *named);
      if (!definition) return;
      const Json* value = ValueAt(cursor_.tree, named->path);
      const std::string what = named->is_task ? "the task" : "`use." + named->path[1] + "`:";
      std::string shown = value != nullptr ? value->Dump() : "";
      if (shown.size() > 400) shown = Excerpt(shown);
      return Explain(cursor_.begin, cursor_.end,
                     fmt::format("{} {} at line {}\n\n```json\n{}\n```", what, Quote(named->name),
                                 definition->begin.line, shown));
    }
    if (place && place->key != nullptr) {
      Explain(cursor_.begin, cursor_.end,
              fmt::format("**{}**: {}", place->key->name, place->key->description));
    }
  }

  // A word of an expression.
  void ExplainWord(bool is_expression) {
    const std::string_view token = cursor_.token;
    std::size_t begin = std::min(cursor_.typed.size(), token.size());
    std::size_t end = begin;
    while (begin > 0 && IsWord(token[begin - 1])) --begin;
    while (end < token.size() && IsWord(token[end])) ++end;
    if (begin == end) return;
    const std::string_view word = token.substr(begin, end - begin);
    const std::size_t at = cursor_.begin + begin;
    const char mark = begin > 0 ? token[begin - 1] : '\0';
    const std::string type = mark == '$' || mark == '.' ? TypeUpTo(token.substr(0, end), is_expression) : "";
    if (mark == '$') {
      for (const Variable& variable : VariablesAt(cursor_.tree, cursor_.path)) {
        if (variable.name == word)
          Explain(at - 1, at + word.size(), fmt::format("**${}** {}{}", word, variable.description, type));
      }
      return;
    }
    if (mark == '.') {
      if (!type.empty()) Explain(at, at + word.size(), fmt::format("**{}**{}", word, type));
      return;
    }
    std::string text;
    for (const jq::Builtin& builtin : jq::Builtins()) {
      if (builtin.name == word)
        text += fmt::format("{}**{}/{}** {}", text.empty() ? "" : "\n\n", builtin.name, builtin.arity,
                            builtin.description);
    }
    if (!text.empty()) Explain(at, at + word.size(), std::move(text));
  }

  // What is known of the path that ends there.
  std::string TypeUpTo(std::string_view token, bool is_expression) const {
    const auto expression = ExpressionBefore(token, is_expression);
    if (!expression) return {};
    const auto known = TypeBefore(source_, cursor_.tree, cursor_.path, *expression, functions_);
    if (!known || !known->is_exact || known->type.IsAny()) return {};
    constexpr std::size_t kShown = 400;
    const std::string exact = types::Format(known->type);
    return exact.size() <= kShown ? fmt::format("\n\n`{}`", exact) : "\n\n" + types::Describe(known->type);
  }

  std::string Problems() {
    std::string text;
    const CompileResult compiled = Compile(source_, {.functions = &functions_});
    for (const Diagnostic& d : compiled.diagnostics) {
      const yaml::Position from{d.span.line, d.span.column};
      const yaml::Position to{d.span.end_line, d.span.end_column};
      if (position_ < from || position_ > to) continue;
      text += fmt::format("{}**{}** ({}) {}", text.empty() ? "" : "\n\n", TextOf(d.code), NameOf(d.severity),
                          d.message);
      if (!d.hint.empty()) text += fmt::format("\n\n{}", d.hint);
    }
    return text;
  }

  std::string_view source_;
  yaml::Position position_;
  Cursor cursor_;
  const FunctionCatalog& functions_;
  Places places_;
  std::size_t begin_ = 0;
  std::size_t end_ = 0;
  std::string markdown_;
};

}  // namespace

std::optional<Hover> HoverAt(std::string_view source, yaml::Position position,
                             const FunctionCatalog& functions) {
  return Explainer(source, position, functions).Run();
}

Json ToJson(const Hover& hover) {
  return Json::Object({{"range", ToJson(hover.range)}, {"markdown", hover.markdown}});
}

}  // namespace elevaite::dsl::tools
