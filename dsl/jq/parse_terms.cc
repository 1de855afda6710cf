// The grammar: terms, texts and objects.
#include <algorithm>

#include "dsl/jq/compiler.h"

namespace elevaite::jq {
namespace {

// What JSON does not allow: ".5", "5.", "007".
std::string JsonNumber(std::string_view token) {
  std::string text(token);
  if (text.starts_with('.')) text.insert(0, "0");
  const std::size_t dot = text.find('.');
  if (dot != std::string::npos && (dot + 1 == text.size() || text[dot + 1] == 'e' || text[dot + 1] == 'E')) {
    text.erase(dot, 1);
  }
  const std::size_t integer_end = std::min(text.find_first_of(".eE"), text.size());
  const std::size_t significant = std::min(text.find_first_not_of('0'), integer_end - 1);
  return text.substr(significant);
}

}  // namespace

Compiler::NodeRef Compiler::ParseTerm() {
  const std::uint32_t begin = token_.span.begin;
  switch (token_.kind) {
    case TokenKind::kNumber: {
      Json value = Json::NumberFromText(JsonNumber(token_.text));
      Advance();
      return Literal(std::move(value), begin);
    }
    case TokenKind::kQuote: return ParseString(nullptr, begin);
    case TokenKind::kFormat: {
      const Native* format = FindFormat(token_.text);
      if (format == nullptr) {
        return Error(token_.span, std::string(token_.text) + " is not a valid format",
                     "formats: @text @json @csv @tsv @html @uri @urid @sh @base64 @base64d @base32 @base32d");
      }
      Advance();
      if (token_.kind == TokenKind::kQuote) return ParseString(format, begin);
      return MakeNative(format, begin, {});
    }
    case TokenKind::kField: {
      const std::string_view name = token_.text;
      Advance();
      return MakeField(nullptr, name, begin);
    }
    case TokenKind::kVariable: {
      const Token token = token_;
      Advance();
      return ParseVariable(token);
    }
    case TokenKind::kName: {
      if (TakeWord("if")) return ParseIf(begin);
      if (TakeWord("reduce")) return ParseFold(false, begin);
      if (TakeWord("foreach")) return ParseFold(true, begin);
      if (TakeWord("break")) {
        if (token_.kind != TokenKind::kVariable)
          return Error(token_.span, "break requires a label to break to");
        for (std::size_t i = scope_.size(); i-- > 0;) {
          if (scope_[i].kind != Entry::Kind::kLabel || scope_[i].name != token_.text) continue;
          Node* node = New(Op::kBreak, begin);
          node->level = scope_[i].level;
          node->slot = scope_[i].slot;
          Advance();
          return Finish(node);
        }
        return Error({begin, token_.span.end}, "$*label-" + std::string(token_.text) + " is not defined",
                     "break needs an enclosing label $" + std::string(token_.text) + " | ...");
      }
      if (TakeWord("null")) return Literal(Json(), begin);
      if (TakeWord("true")) return Literal(Json(true), begin);
      if (TakeWord("false")) return Literal(Json(false), begin);
      if (IsKeyword(token_.text)) return Unexpected("a term");
      const Token name = token_;
      Advance();
      return ParseCall(name);
    }
    case TokenKind::kSymbol:
      if (TakeSymbol("(")) {
        NodeRef query = ParseQuery();
        if (query == nullptr || !ExpectSymbol(")")) return nullptr;
        return query;
      }
      if (TakeSymbol("[")) {
        if (TakeSymbol("]")) return Literal(Json::EmptyArray(), begin);
        NodeRef query = ParseQuery();
        if (query == nullptr || !ExpectSymbol("]")) return nullptr;
        return MakeCollect(query, begin);
      }
      if (TakeSymbol("{")) return ParseObject(begin);
      if (TakeSymbol("..")) return Make(Op::kRecurseAll, begin, nullptr);
      if (TakeSymbol(".")) return ParseDotTerm(begin);
      return Unexpected("a term");
    default: return Unexpected("a term");
  }
}

Compiler::NodeRef Compiler::ParseDotTerm(std::uint32_t begin) {
  NodeRef self = Make(Op::kIdentity, begin, nullptr);
  if (token_.kind == TokenKind::kQuote) {
    NodeRef key = ParseString(nullptr, token_.span.begin);
    return key == nullptr ? nullptr : MakeIndex(self, key, begin);
  }
  return self;
}

Compiler::NodeRef Compiler::ParseString(const Native* format, std::uint32_t begin) {
  Arguments parts;
  std::string text;
  for (;;) {
    Span bad{};
    const Lexer::StringStop stop = lexer_.ReadStringPart(text, bad);
    if (stop == Lexer::StringStop::kBadEscape) return Error(bad, "invalid escape in a string");
    if (stop == Lexer::StringStop::kUnterminated) {
      return Error({begin, static_cast<std::uint32_t>(code_.text.size())}, "the string has no closing quote");
    }
    if (stop == Lexer::StringStop::kClosed) break;
    if (!text.empty()) parts.push_back(Literal(Json(text), begin));
    text.clear();
    Advance();
    NodeRef query = ParseQuery();
    if (query == nullptr) return nullptr;
    // The lexer stands behind ')' now: the string goes on there.
    if (!IsSymbol(")")) return Unexpected("')'");
    const Native* written_with = format != nullptr ? format : FindFormat("text");
    parts.push_back(Make(Op::kPipe, begin, query, MakeNative(written_with, begin, {})));
  }
  Advance();
  if (parts.empty()) return Literal(Json(text), begin);
  if (!text.empty()) parts.push_back(Literal(Json(text), begin));
  return MakeList(Op::kInterpolate, begin, parts);
}

Compiler::NodeRef Compiler::ParseVariable(const Token& token) {
  if (token.text == "__loc__") {
    const auto line = 1 + std::count(code_.text.begin(), code_.text.begin() + token.span.begin, '\n');
    return Literal(Json::Object({{"file", "<top-level>"}, {"line", static_cast<std::int64_t>(line)}}),
                   token.span.begin);
  }
  for (std::size_t i = scope_.size(); i-- > 0;) {
    const Entry& entry = scope_[i];
    if (entry.kind != Entry::Kind::kVariable || entry.name != token.text) continue;
    if (entry.level == 0 && entry.slot < bound_used_.size()) bound_used_[entry.slot] = true;
    Node* node = New(Op::kVariable, token.span.begin);
    node->level = entry.level;
    node->slot = entry.slot;
    return Finish(node);
  }
  return UndefinedVariable(token);
}

Compiler::NodeRef Compiler::ParseIf(std::uint32_t begin) {
  struct Branch {
    NodeRef condition;
    NodeRef then;
  };
  std::vector<Branch> branches;
  do {
    NodeRef condition = ParseQuery();
    if (condition == nullptr || !ExpectWord("then")) return nullptr;
    NodeRef then = ParseQuery();
    if (then == nullptr) return nullptr;
    branches.push_back({condition, then});
  } while (TakeWord("elif"));
  NodeRef otherwise = nullptr;
  if (TakeWord("else")) {
    otherwise = ParseQuery();
    if (otherwise == nullptr) return nullptr;
  }
  if (!ExpectWord("end")) return nullptr;
  for (std::size_t i = branches.size(); i-- > 0;) {
    otherwise = Make(Op::kIf, begin, branches[i].condition, branches[i].then, otherwise);
  }
  return otherwise;
}

// reduce E as P (init; update), foreach E as P (init; update; extract)
Compiler::NodeRef Compiler::ParseFold(bool foreach, std::uint32_t begin) {
  Nesting nesting(*this);
  if (nesting.TooDeep()) return nullptr;
  NodeRef source = ParseExpression(0);
  if (source == nullptr || !ExpectWord("as")) return nullptr;
  const std::size_t visible = scope_.size();
  const std::uint32_t item = NewSlot();
  const std::uint32_t accumulator = NewSlot();
  std::vector<Steps> alternatives;
  PatternGroup group{};
  if (!ParsePatterns(item, alternatives, group) || !ExpectSymbol("(")) return nullptr;
  // The variables are not visible in init: hide them for a moment.
  std::vector<Entry> bound(scope_.begin() + static_cast<std::ptrdiff_t>(visible), scope_.end());
  scope_.resize(visible);
  NodeRef init = ParseQuery();
  scope_.insert(scope_.end(), bound.begin(), bound.end());
  if (init == nullptr || !ExpectSymbol(";")) return nullptr;
  NodeRef update = ParseQuery();
  if (update == nullptr) return nullptr;
  NodeRef extract = nullptr;
  if (foreach && TakeSymbol(";")) {
    extract = ParseQuery();
    if (extract == nullptr) return nullptr;
  }
  if (!ExpectSymbol(")")) return nullptr;
  scope_.resize(visible);
  Node* step = New(Op::kStep, begin);
  step->a = update;
  step->b = extract;
  step->slot = accumulator;
  step->variant = foreach ? 1 : 0;
  Node* node = New(foreach ? Op::kForeach : Op::kReduce, begin);
  node->a = source;
  node->b = init;
  node->c = WrapPatterns(alternatives, group, Finish(step));
  node->slot = item;
  node->slot2 = accumulator;
  return Finish(node);
}

// ---- Objects
// -----------------------------------------------------------------------------------------------------------

Compiler::NodeRef Compiler::ParseObject(std::uint32_t begin) {
  if (TakeSymbol("}")) return Literal(Json::EmptyObject(), begin);
  Arguments entries;
  do {
    if (!entries.empty() && IsSymbol("}")) break;  // a comma at the end
    if (!ParseObjectEntry(entries)) return nullptr;
  } while (TakeSymbol(","));
  if (!ExpectSymbol("}")) return nullptr;
  if (entries.size() > 20'000) return Error({begin, previous_end_}, "too many members in an object");
  return MakeList(Op::kObject, begin, entries);
}

Compiler::NodeRef Compiler::ParseObjectValue() {
  Nesting nesting(*this);
  if (nesting.TooDeep()) return nullptr;
  Arguments stages;
  do {
    stages.push_back(ParseExpression(0));
    if (stages.back() == nullptr) return nullptr;
  } while (TakeSymbol("|"));
  NodeRef value = stages.back();
  for (std::size_t i = stages.size() - 1; i-- > 0;)
    value = Make(Op::kPipe, stages[i]->span.begin, stages[i], value);
  return value;
}

bool Compiler::ParseObjectEntry(std::vector<NodeRef>& entries) {
  const std::uint32_t begin = token_.span.begin;
  NodeRef key = nullptr;
  NodeRef implied = nullptr;  // the value when no ':' follows
  bool may_stand_alone = true;
  if (token_.kind == TokenKind::kName && token_.text.find(':') == std::string_view::npos) {
    key = Literal(Json(token_.text), begin);
    implied = MakeField(nullptr, token_.text, begin);
    Advance();
  } else if (token_.kind == TokenKind::kVariable) {
    const Token token = token_;
    Advance();
    NodeRef variable = ParseVariable(token);
    if (variable == nullptr) return false;
    if (IsSymbol(":")) {
      key = variable;
    } else {
      key = Literal(Json(token.text), begin);
      implied = variable;
    }
  } else if (token_.kind == TokenKind::kQuote || token_.kind == TokenKind::kFormat) {
    key = ParseTerm();
    if (key == nullptr) return false;
    implied = MakeIndex(nullptr, key, begin);
  } else if (TakeSymbol("(")) {
    key = ParseQuery();
    if (key == nullptr || !ExpectSymbol(")")) return false;
    may_stand_alone = false;
  } else if (token_.kind == TokenKind::kNumber) {
    Error(token_.span, "a number cannot be an object key",
          "write it as a string: \"" + std::string(token_.text) + "\"");
    return false;
  } else {
    Unexpected("a key");
    return false;
  }
  if (key->op == Op::kLiteral && !key->literal->IsString()) {
    Error({begin, previous_end_}, "Cannot use " + key->literal->Dump() + " as object key");
    return false;
  }
  NodeRef value = implied;
  if (IsSymbol(":") || !may_stand_alone) {
    if (!ExpectSymbol(":")) return false;
    value = ParseObjectValue();
  }
  if (value == nullptr) return false;
  entries.push_back(key);
  entries.push_back(value);
  return true;
}

}  // namespace elevaite::jq
