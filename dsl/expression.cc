#include "dsl/expression.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <utility>

#include "dsl/reader.h"
#include "dsl/suggest.h"

namespace elevaite::dsl {
namespace {

constexpr unsigned Bit(Site site) { return 1U << static_cast<unsigned>(site); }
constexpr unsigned kOwnFields = Bit(Site::kBody) | Bit(Site::kCondition) | Bit(Site::kArguments);
constexpr unsigned kLater = kOwnFields | Bit(Site::kTaskOutput) | Bit(Site::kTaskExport);
constexpr unsigned kTask = Bit(Site::kIf) | Bit(Site::kTaskInput) | kLater;
constexpr unsigned kRun = kTask | Bit(Site::kWorkflowInput) | Bit(Site::kWorkflowOutput);
// What $secrets holds must not be written down, so it may stand only where the value itself goes no further.
constexpr unsigned kUnwritten = Bit(Site::kIf) | Bit(Site::kCondition) | Bit(Site::kArguments);

// The variables of the language and where they exist (the specification's table of runtime expression
// arguments).
struct LanguageVariable {
  std::string_view name;
  unsigned sites;
  std::string_view where;
};
constexpr LanguageVariable kVariables[] = {
    {"context", kTask | Bit(Site::kWorkflowOutput), "everywhere in tasks, and in the workflow's `output.as`"},
    {"input", kLater, "in a task's own fields, its `output.as` and `export.as`; before, `.` is the input"},
    {"output", Bit(Site::kTaskExport), "in `export.as` only; in `output.as`, `.` is the output"},
    {"task", kTask, "in tasks only"},
    {"workflow", kRun, "everywhere but in `schedule`"},
    {"runtime", ~0U, "everywhere"},
    {"secrets", kUnwritten, ""},  // has a diagnostic of its own
    {"authorization", kLater, "in a task's own fields, its `output.as` and `export.as`"},
};

const LanguageVariable* FindLanguageVariable(std::string_view name) {
  const auto* found = std::ranges::find(kVariables, name, &LanguageVariable::name);
  return found == std::end(kVariables) ? nullptr : found;
}

// Variables that people expect from other places or other languages.
struct VariableSlip {
  std::string_view wrong;
  std::string_view hint;
};
constexpr VariableSlip kVariableSlips[] = {
    {"item", "`$item` exists only inside a `for`, where `each` names it"},
    {"index", "`$index` exists only inside a `for`, where `at` names it"},
    {"error", "`$error` exists only inside a `catch`, where `as` names it"},
    {"err", "the caught error is `$error` unless `catch.as` names it otherwise"},
    {"ENV", "the server's environment is not visible to workflows"},
    {"env", "the server's environment is not visible to workflows"},
    {"secret", "did you mean `$secrets`?"},
    {"data", "the data at hand is `.`; what `export` kept is `$context`"},
    {"state", "the data at hand is `.`; what `export` kept is `$context`"},
    {"result", "the data at hand is `.`; what `export` kept is `$context`"},
    {"response", "the data at hand is `.`; what `export` kept is `$context`"},
    {"steps", "earlier results are not kept by name: keep them with `export: {as: ...}` and read `$context`"},
    {"tasks", "earlier results are not kept by name: keep them with `export: {as: ...}` and read `$context`"},
    {"vars", "keep values with `export: {as: ...}` and read `$context`"},
    {"ctx", "did you mean `$context`?"},
    {"now", "write `now`, a function of jq"},
};

bool IsNameChar(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
}

std::string_view NameAt(std::string_view text, std::size_t begin) {
  std::size_t end = begin;
  while (end < text.size() && IsNameChar(text[end])) ++end;
  return text.substr(begin, end - begin);
}

std::size_t FindVariable(std::string_view text, std::string_view name) {
  for (std::size_t at = text.find('$'); at != std::string_view::npos; at = text.find('$', at + 1)) {
    if (NameAt(text, at + 1) == name) return at;
  }
  return 0;
}

// jq's reader goes by bytes: where its message has a part of a character, it gets the whole one.
std::string WithWholeCharacters(std::string message, std::string_view text, std::size_t at) {
  const auto is_part = [&](std::size_t i) { return (static_cast<unsigned char>(text[i]) & 0xC0U) == 0x80U; };
  std::size_t begin = std::min(at, text.size());
  while (begin > 0 && begin < text.size() && is_part(begin)) --begin;
  std::size_t end = std::min(begin + 1, text.size());
  while (end < text.size() && is_part(end)) ++end;
  for (auto bad = FindInvalidUtf8(message); bad != std::string_view::npos; bad = FindInvalidUtf8(message)) {
    message.replace(bad, 1, text.substr(begin, end - begin));
  }
  return message;
}

// "Hello ${ .name }!" as the one expression it should have been, when that stays readable.
std::string AsOneExpression(std::string_view text) {
  if (text.size() > 120 || text.find_first_of("\"\\\n") != std::string_view::npos) {
    return "write one expression around the whole: ${ \"... \\(.name) ...\" }";
  }
  std::string out = "write ${ \"";
  while (true) {
    const TextScan scan = ScanText(text);
    if (scan.kind == TextKind::kLiteral || scan.kind == TextKind::kUnclosed) break;
    const bool whole = scan.kind == TextKind::kWhole;
    const std::size_t open = text.find("${");
    const std::size_t close = whole ? scan.end : scan.end - 1;
    std::string_view inner = text.substr(open + 2, close - open - 2);
    while (inner.starts_with(' ')) inner.remove_prefix(1);
    while (inner.ends_with(' ')) inner.remove_suffix(1);
    out += text.substr(0, open);
    out += "\\(";
    out += inner;
    out += ')';
    text.remove_prefix(close + 1);
  }
  out += text;
  return out + "\" }";
}

}  // namespace

bool IsLanguageVariable(std::string_view name) { return FindLanguageVariable(name) != nullptr; }

// Where a value stands, as a chain up to the field; made a pointer only when there is something to say.
struct ExpressionCompiler::Path {
  const Path* parent = nullptr;
  std::string_view key;
  std::size_t index = 0;
  bool is_index = false;

  std::string Pointer() const {
    if (parent == nullptr) return std::string(key);
    return is_index ? Child(parent->Pointer(), index) : Child(parent->Pointer(), key);
  }
};

void ExpressionCompiler::Add(Code code, const yaml::Node& node, const Path& path, std::size_t begin,
                             std::size_t end, std::string message, std::string hint) {
  if (diagnostics_.Full()) return diagnostics_.Drop(code);
  if (!reported_.emplace(node.text().data(), begin).second) return;
  yaml::Range range = node.range();
  const bool is_part = begin > 0 || end < node.text().size();
  if (is_part) range = {document_.Locate(node, begin), document_.Locate(node, end)};
  diagnostics_.Add(code, range, path.Pointer(), std::move(message), std::move(hint));
}

std::optional<Expression> ExpressionCompiler::Field(const syntax::Place& place, const VariableScope& scope) {
  const yaml::Node& node = place.node;
  const Path path{.key = place.pointer};
  const std::string_view text = node.text();
  TextScan scan = ScanText(text);
  // A bare expression may well hold `${` inside one of its strings.
  if (scan.kind == TextKind::kEmbedded || scan.kind == TextKind::kUnclosed) {
    const std::string_view before = text.substr(0, scan.begin);
    const bool in_string = std::ranges::count(before, '"') % 2 == 1;
    if (in_string) scan.kind = TextKind::kLiteral;
  }
  switch (scan.kind) {
    case TextKind::kLiteral: return Compile(node, path, 0, text.size(), scope);
    case TextKind::kWhole: return Compile(node, path, scan.begin, scan.end, scope);
    case TextKind::kEmbedded:
      Add(Code::kEmbeddedExpression, node, path, scan.begin, scan.end,
          "`${ }` stands inside a longer expression",
          "the whole field is one expression: leave `${` and `}` out, or put them around all of it");
      return std::nullopt;
    case TextKind::kUnclosed:
      Add(Code::kUnclosedExpression, node, path, scan.begin, scan.end, "`${` is not closed", "add the `}`");
      return std::nullopt;
  }
  return std::nullopt;
}

Template ExpressionCompiler::Value(const syntax::Place& place, const VariableScope& scope) {
  return ValueAt(place.node, Path{.key = place.pointer}, scope);
}

Template ExpressionCompiler::ValueAt(const yaml::Node& node, const Path& path, const VariableScope& scope) {
  if (node.IsSequence()) {
    std::vector<Template> items;
    bool literal = true;
    std::size_t index = 0;
    for (const yaml::Node& item : node.items()) {
      items.push_back(ValueAt(item, Path{.parent = &path, .index = index++, .is_index = true}, scope));
      literal = literal && items.back().IsLiteral();
    }
    return literal ? Template::Literal(node.value()) : Template::Array(std::move(items));
  }
  if (node.IsMapping()) {
    std::vector<std::pair<std::string, Template>> members;
    bool literal = true;
    for (const yaml::Member& member : node.members()) {
      members.emplace_back(member.key,
                           ValueAt(member.value, Path{.parent = &path, .key = member.key}, scope));
      literal = literal && members.back().second.IsLiteral();
    }
    return literal ? Template::Literal(node.value()) : Template::Object(std::move(members));
  }
  return node.value().IsString() ? TextAt(node, path, scope) : Template::Literal(node.value());
}

Template ExpressionCompiler::TextAt(const yaml::Node& node, const Path& path, const VariableScope& scope) {
  const std::string_view text = node.text();
  const TextScan scan = ScanText(text);
  switch (scan.kind) {
    case TextKind::kLiteral:
      if (is_loose_) {
        if (auto loose = Loose(node, path, scope)) return *std::move(loose);
        return Template::Literal(node.value());
      }
      if (LooksLikeExpression(text)) {
        std::string_view inner = text;
        if (inner.starts_with("{{") && inner.ends_with("}}")) inner = inner.substr(2, inner.size() - 4);
        if (inner.starts_with("$.")) inner.remove_prefix(1);
        while (inner.starts_with(' ')) inner.remove_prefix(1);
        while (inner.ends_with(' ')) inner.remove_suffix(1);
        Add(Code::kLiteralLooksLikeExpression, node, path, 0, text.size(),
            fmt::format("{} is a literal text here, not an expression", Quote(text)),
            fmt::format("for its value write '${{ {} }}'", Excerpt(inner)));
      }
      return Template::Literal(node.value());
    case TextKind::kWhole: {
      auto expression = Compile(node, path, scan.begin, scan.end, scope);
      return expression ? Template::Computed(*std::move(expression)) : Template::Literal(Json());
    }
    case TextKind::kEmbedded:
      Add(Code::kEmbeddedExpression, node, path, scan.begin, scan.end, "`${ }` stands inside a longer text",
          AsOneExpression(text));
      return Template::Literal(Json());
    case TextKind::kUnclosed:
      Add(Code::kUnclosedExpression, node, path, scan.begin, scan.end, "`${` is not closed",
          "add the `}`; for a text that holds `${` write ${ \"...\" }");
      return Template::Literal(Json());
  }
  return Template::Literal(Json());
}

std::optional<Expression> ExpressionCompiler::Compile(const yaml::Node& node, const Path& path,
                                                      std::size_t begin, std::size_t end,
                                                      const VariableScope& scope) {
  const std::string_view text = node.text().substr(begin, end - begin);
  if (text.find_first_not_of(" \t\r\n") == std::string_view::npos) {
    Add(Code::kEmptyExpression, node, path, begin, end, "the expression is empty",
        "for the data as it is write .");
    return std::nullopt;
  }
  const Compiled& compiled = CompileOnce(text, scope);
  if (!compiled) {
    Refuse(node, path, begin, compiled.error(), text, scope);
    return std::nullopt;
  }
  if (!CheckVariables(node, path, begin, *compiled, scope)) return std::nullopt;
  return Expression(*compiled);
}

std::optional<Template> ExpressionCompiler::Loose(const yaml::Node& node, const Path& path,
                                                  const VariableScope& scope) {
  const std::string_view text = node.text();
  if (text.find_first_not_of(" \t\r\n") == std::string_view::npos) return std::nullopt;
  const Compiled& compiled = CompileOnce(text, scope);
  if (!compiled || !CheckVariables(node, path, 0, *compiled, scope)) return std::nullopt;
  return Template::Loose(Expression(*compiled), std::string(text));
}

const ExpressionCompiler::Compiled& ExpressionCompiler::CompileOnce(std::string_view text,
                                                                    const VariableScope& scope) {
  std::string key(text);
  if (scope.locals != nullptr) {
    for (const std::string& name : *scope.locals) {
      key += '\0';
      key += name;
    }
  }
  const auto found = compiled_.find(key);
  if (found != compiled_.end()) return found->second;
  jq::CompileOptions options;
  options.variables.reserve(std::size(kVariables) + (scope.locals != nullptr ? scope.locals->size() : 0));
  for (const LanguageVariable& variable : kVariables) options.variables.emplace_back(variable.name);
  if (scope.locals != nullptr)
    options.variables.insert(options.variables.end(), scope.locals->begin(), scope.locals->end());
  return compiled_.emplace(std::move(key), jq::Program::Compile(text, options)).first->second;
}

void ExpressionCompiler::Refuse(const yaml::Node& node, const Path& path, std::size_t offset,
                                const jq::CompileError& error, std::string_view text,
                                const VariableScope& scope) {
  const std::size_t begin = std::min<std::size_t>(error.span.begin, text.size());
  const std::size_t end = std::clamp<std::size_t>(error.span.end, begin, text.size());
  const std::string_view marked = text.substr(begin, end - begin);
  const auto add = [&](Code code, std::string message, std::string hint) {
    Add(code, node, path, offset + begin, offset + end, std::move(message), std::move(hint));
  };
  const std::string_view variable = marked.starts_with('$') ? NameAt(text, begin + 1) : std::string_view();
  const bool is_known =
      IsLanguageVariable(variable) ||
      (scope.locals != nullptr && std::ranges::find(*scope.locals, variable) != scope.locals->end());
  if (!variable.empty() && !is_known) {
    std::vector<std::string> names;
    for (const LanguageVariable& v : kVariables) {
      if ((v.sites & Bit(scope.site)) != 0) names.emplace_back(v.name);
    }
    if (scope.locals != nullptr) names.insert(names.end(), scope.locals->begin(), scope.locals->end());
    const auto* slip = std::ranges::find(kVariableSlips, variable, &VariableSlip::wrong);
    const auto near = Nearest(variable, names);
    std::string hint;
    if (near) {
      hint = fmt::format("did you mean `${}`?", *near);
    } else if (slip != std::end(kVariableSlips)) {
      hint = slip->hint;
    } else {
      hint = "here are";
      for (const std::string& name : names)
        hint += fmt::format("{} `${}`", name == names.front() ? "" : ",", name);
    }
    add(Code::kUnknownVariable, fmt::format("there is no variable `${}`", Excerpt(variable)),
        std::move(hint));
    return;
  }
  const std::string_view function = NameAt(text, begin);
  const bool undefined = error.message.find("not defined") != std::string::npos;
  if (undefined && !function.empty()) {
    std::string hint = error.hint;
    if (hint.empty()) {
      std::vector<std::string> names;
      for (const jq::Builtin& builtin : jq::Builtins()) names.emplace_back(builtin.name);
      if (const auto near = Nearest(function, names)) hint = fmt::format("did you mean `{}`?", *near);
    }
    if (hint.empty())
      hint = fmt::format("for the field write .{}, for a text \"{}\"", Excerpt(function), Excerpt(function));
    add(Code::kUnknownJqFunction, WithWholeCharacters(error.message, text, begin),
        WithWholeCharacters(std::move(hint), text, begin));
    return;
  }
  add(Code::kExpressionSyntax, WithWholeCharacters(error.message, text, begin),
      WithWholeCharacters(error.hint, text, begin));
}

bool ExpressionCompiler::CheckVariables(const yaml::Node& node, const Path& path, std::size_t offset,
                                        const jq::Program& program, const VariableScope& scope) {
  bool fine = true;
  for (const std::string& name : program.variables()) {
    const LanguageVariable* variable = FindLanguageVariable(name);
    if (variable == nullptr) continue;  // a local one
    const std::size_t at = offset + FindVariable(program.text(), name);
    if (name == "secrets") {
      fine = CheckSecrets(node, path, offset, program.text(), scope) && fine;
    } else if ((variable->sites & Bit(scope.site)) == 0) {
      Add(Code::kVariableNotHere, node, path, at, at + name.size() + 1,
          fmt::format("`${}` does not exist here", name), fmt::format("it exists {}", variable->where));
      fine = false;
    }
  }
  return fine;
}

namespace {

// The name after `$secrets` at `at`: .name, ."name", ["name"]. Empty: another use.
std::string_view SecretNameAt(std::string_view text, std::size_t at) {
  at += std::string_view("$secrets").size();
  const std::string_view rest = text.substr(std::min(at, text.size()));
  for (std::string_view opening : {".\"", "[\"", ".[\""}) {
    if (!rest.starts_with(opening)) continue;
    const std::size_t close = rest.find('"', opening.size());
    return rest.substr(opening.size(), close == std::string_view::npos ? 0 : close - opening.size());
  }
  return rest.starts_with('.') ? NameAt(rest, 1) : std::string_view();
}

}  // namespace

// Where $secrets may stand, and that the names taken from it are those under `use.secrets`.
bool ExpressionCompiler::CheckSecrets(const yaml::Node& node, const Path& path, std::size_t offset,
                                      std::string_view text, const VariableScope& scope) {
  constexpr std::string_view kVariable = "secrets";
  if ((kUnwritten & Bit(scope.site)) == 0) {
    const std::size_t at = offset + FindVariable(text, kVariable);
    Add(Code::kSecretNotHere, node, path, at, at + kVariable.size() + 1,
        "a secret may not stand here: the value would be written down",
        "use it directly in the `with` of a call, in a process of `run`, or in a condition");
    return false;
  }
  bool fine = true;
  for (std::size_t at = text.find('$'); at != std::string_view::npos; at = text.find('$', at + 1)) {
    if (NameAt(text, at + 1) != kVariable) continue;
    const std::string_view name = SecretNameAt(text, at);
    if (name.empty() || std::ranges::find(secrets_, name) != secrets_.end()) continue;
    const auto near = Nearest(name, secrets_);
    const std::size_t begin = offset + at;
    Add(Code::kUnknownSecret, node, path, begin, begin + kVariable.size() + 1,
        fmt::format("there is no {} under `use.secrets`", Quote(name)),
        near ? fmt::format("did you mean `{}`?", *near)
             : fmt::format("list it: use: {{secrets: [{}]}}", Excerpt(name)));
    fine = false;
  }
  return fine;
}

}  // namespace elevaite::dsl
