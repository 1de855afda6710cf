// The grammar of jq 1.8, from loose to tight: | , // (= |= += ...) or and (== < ...) (+ -) (* / %) unary,
// postfix, term. `E as P | Q`, `def` and `label` take everything to their right.
#include <algorithm>
#include <array>

#include "dsl/jq/compiler.h"

namespace elevaite::jq {

struct Compiler::Nesting {
  explicit Nesting(Compiler& compiler) : compiler_(compiler) { ++compiler_.depth_; }
  ~Nesting() { --compiler_.depth_; }
  bool TooDeep() {
    if (compiler_.depth_ <= compiler_.options_.depth_max) return false;
    compiler_.Error(compiler_.token_.span, "the filter is nested too deeply");
    return true;
  }
  Compiler& compiler_;
};

namespace {

constexpr std::array<std::string_view, 19> kKeywords = {
    "def",   "if",    "then",   "elif",    "else",   "end", "as", "reduce",  "foreach", "try",
    "catch", "label", "import", "include", "module", "and", "or", "__loc__", "break"};

bool IsKeyword(std::string_view word) { return std::ranges::find(kKeywords, word) != kKeywords.end(); }

enum Precedence : int { kAlternative = 1, kAssign, kOr, kAnd, kCompare, kAdd, kMultiply };
enum class Associativity : std::uint8_t { kLeft, kRight, kNone };
struct Operator {
  std::string_view symbol;
  int precedence;
  Associativity associativity;
};
constexpr Operator kOperators[] = {
    {"//", kAlternative, Associativity::kRight}, {"=", kAssign, Associativity::kNone},
    {"|=", kAssign, Associativity::kNone},       {"+=", kAssign, Associativity::kNone},
    {"-=", kAssign, Associativity::kNone},       {"*=", kAssign, Associativity::kNone},
    {"/=", kAssign, Associativity::kNone},       {"%=", kAssign, Associativity::kNone},
    {"//=", kAssign, Associativity::kNone},      {"or", kOr, Associativity::kLeft},
    {"and", kAnd, Associativity::kLeft},         {"==", kCompare, Associativity::kNone},
    {"!=", kCompare, Associativity::kNone},      {"<", kCompare, Associativity::kNone},
    {"<=", kCompare, Associativity::kNone},      {">", kCompare, Associativity::kNone},
    {">=", kCompare, Associativity::kNone},      {"+", kAdd, Associativity::kLeft},
    {"-", kAdd, Associativity::kLeft},           {"*", kMultiply, Associativity::kLeft},
    {"/", kMultiply, Associativity::kLeft},      {"%", kMultiply, Associativity::kLeft},
};

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

const Operator* FindOperator(const Token& token) {
  if (token.kind != TokenKind::kSymbol && token.kind != TokenKind::kName) return nullptr;
  for (const Operator& op : kOperators) {
    if (op.symbol == token.text) return &op;
  }
  return nullptr;
}

}  // namespace

bool Compiler::CompileProgram() {
  levels_.emplace_back();
  for (const std::string& name : options_.variables) {
    scope_.push_back({Entry::Kind::kVariable, name, 0, NewSlot(), 0, nullptr});
  }
  bound_used_.resize(options_.variables.size());
  Advance();
  if (token_.kind == TokenKind::kEnd) {  // nothing but space and comments: identity
    code_.root = Make(Op::kIdentity, 0, nullptr);
  } else if (IsWord("module") || IsWord("import") || IsWord("include")) {
    Error(token_.span, std::string(token_.text) + " is not available: a filter has no modules",
          "write the definitions into the filter: def name: ...;");
    return false;
  } else {
    while (IsWord("def")) {
      if (!ParseDefinition()) return false;
    }
    // Definitions alone are a filter too: identity.
    code_.root = token_.kind == TokenKind::kEnd ? Make(Op::kIdentity, 0, nullptr) : ParseQuery();
    if (code_.root == nullptr) return false;
    if (token_.kind != TokenKind::kEnd) {
      Unexpected("the end of the filter");
      return false;
    }
  }
  code_.slots = levels_.back().slots;
  for (std::uint32_t i = 0; i < bound_used_.size(); ++i) {
    if (!bound_used_[i]) continue;
    code_.variables.push_back(options_.variables[i]);
    code_.bound_slots.push_back(i);
  }
  return true;
}

bool Compiler::CompileLibrary() {
  levels_.emplace_back();
  Advance();
  while (IsWord("def")) {
    if (!ParseDefinition()) return false;
  }
  return token_.kind == TokenKind::kEnd;
}

// ---- Tokens
// ------------------------------------------------------------------------------------------------------------

Compiler::NodeRef Compiler::Error(Span span, std::string message, std::string hint) {
  if (!failed_) error_ = {std::move(message), std::move(hint), span};
  failed_ = true;
  return nullptr;
}

Compiler::NodeRef Compiler::Unexpected(std::string_view expected) {
  std::string message = "syntax error: ";
  if (token_.kind == TokenKind::kEnd) {
    message += "the filter ends too early";
  } else {
    message +=
        "unexpected '" + code_.text.substr(token_.span.begin, token_.span.end - token_.span.begin) + "'";
  }
  return Error(token_.span, message + ", expecting " + std::string(expected));
}

bool Compiler::TakeSymbol(std::string_view symbol) {
  if (!IsSymbol(symbol)) return false;
  Advance();
  return true;
}

bool Compiler::TakeWord(std::string_view word) {
  if (!IsWord(word)) return false;
  Advance();
  return true;
}

bool Compiler::ExpectSymbol(std::string_view symbol) {
  if (TakeSymbol(symbol)) return true;
  Unexpected("'" + std::string(symbol) + "'");
  return false;
}

bool Compiler::ExpectWord(std::string_view word) {
  if (TakeWord(word)) return true;
  Unexpected("'" + std::string(word) + "'");
  return false;
}

// ---- Pipes and commas
// --------------------------------------------------------------------------------------------------

Compiler::NodeRef Compiler::ParseQuery() {
  Nesting nesting(*this);
  if (nesting.TooDeep()) return nullptr;
  const std::uint32_t begin = token_.span.begin;
  Arguments stages;
  do {
    Arguments parts;
    do {
      parts.push_back(ParseQueryOperand());
      if (parts.back() == nullptr) return nullptr;
    } while (TakeSymbol(","));
    NodeRef stage = parts.back();
    for (std::size_t i = parts.size() - 1; i-- > 0;) stage = Make(Op::kComma, begin, parts[i], stage);
    stages.push_back(stage);
  } while (TakeSymbol("|"));
  NodeRef query = stages.back();
  for (std::size_t i = stages.size() - 1; i-- > 0;) {
    query = Make(Op::kPipe, stages[i]->span.begin, stages[i], query);
  }
  return query;
}

Compiler::NodeRef Compiler::ParseQueryOperand() {
  const std::uint32_t begin = token_.span.begin;
  if (IsWord("def")) {
    const std::size_t visible = scope_.size();
    while (IsWord("def")) {
      if (!ParseDefinition()) return nullptr;
    }
    NodeRef query = ParseQuery();
    scope_.resize(visible);
    return query;
  }
  if (TakeWord("label")) return ParseLabel(begin);
  NodeRef expression = ParseExpression(0);
  if (expression == nullptr || !IsWord("as")) return expression;
  return ParseBind(expression, begin);
}

Compiler::NodeRef Compiler::ParseLabel(std::uint32_t begin) {
  if (token_.kind != TokenKind::kVariable) return Unexpected("a label's name");
  const std::size_t visible = scope_.size();
  const std::uint32_t slot = NewSlot();
  scope_.push_back({Entry::Kind::kLabel, token_.text, CurrentLevel(), slot, 0, nullptr});
  Advance();
  if (!ExpectSymbol("|")) return nullptr;
  NodeRef body = ParseQuery();
  scope_.resize(visible);
  if (body == nullptr) return nullptr;
  Node* node = New(Op::kLabel, begin);
  node->slot = slot;
  node->a = body;
  return Finish(node);
}

Compiler::NodeRef Compiler::ParseBind(NodeRef source, std::uint32_t begin) {
  Advance();  // as
  const std::size_t visible = scope_.size();
  const std::uint32_t slot = NewSlot();
  std::vector<Steps> alternatives;
  PatternGroup group{};
  if (!ParsePatterns(slot, alternatives, group) || !ExpectSymbol("|")) return nullptr;
  NodeRef body = ParseQuery();
  scope_.resize(visible);
  if (body == nullptr) return nullptr;
  return MakeBind(source, slot, WrapPatterns(alternatives, group, body), begin);
}

// ---- Operators
// ---------------------------------------------------------------------------------------------------------

Compiler::NodeRef Compiler::ParseExpression(int precedence) {
  const std::uint32_t begin = token_.span.begin;
  NodeRef left = ParseUnary();
  while (left != nullptr) {
    const Operator* op = FindOperator(token_);
    if (op == nullptr || op->precedence < precedence) return left;
    Advance();
    NodeRef right = nullptr;
    if (op->associativity == Associativity::kRight) {
      Nesting nesting(*this);
      if (nesting.TooDeep()) return nullptr;
      right = ParseExpression(op->precedence);
    } else {
      right = ParseExpression(op->precedence + 1);
    }
    if (right == nullptr) return nullptr;
    left = MakeBinary(op->symbol, left, right, begin);
    if (op->associativity == Associativity::kNone) {
      const Operator* next = FindOperator(token_);
      if (next != nullptr && next->precedence == op->precedence) return Unexpected("no second such operator");
    }
  }
  return nullptr;
}

Compiler::NodeRef Compiler::ParseUnary() {
  const std::uint32_t begin = token_.span.begin;
  if (TakeSymbol("-")) {
    Nesting nesting(*this);
    if (nesting.TooDeep()) return nullptr;
    NodeRef operand = ParseUnary();
    return operand == nullptr ? nullptr : MakeList(Op::kNegate, begin, {operand});
  }
  if (TakeWord("try")) return ParseTry(begin);
  NodeRef term = ParseTerm();
  return term == nullptr ? nullptr : ParsePostfix(term, begin);
}

Compiler::NodeRef Compiler::ParseTry(std::uint32_t begin) {
  Nesting nesting(*this);
  if (nesting.TooDeep()) return nullptr;
  NodeRef body = ParseUnary();
  if (body == nullptr) return nullptr;
  NodeRef handler = nullptr;
  if (TakeWord("catch")) {
    handler = ParseUnary();
    if (handler == nullptr) return nullptr;
  }
  return Make(Op::kTry, begin, body, handler);
}

Compiler::NodeRef Compiler::ParsePostfix(NodeRef term, std::uint32_t begin) {
  std::uint32_t suffixes = 0;
  bool step = code_.text[begin] == '.';  // the last thing was .a or .[...], not a term in parentheses
  while (term != nullptr) {
    if (++suffixes > 2000) return Error(token_.span, "the filter is nested too deeply");
    if (token_.kind == TokenKind::kField) {
      const std::string_view name = token_.text;
      Advance();
      term = MakeField(term, name, begin);
    } else if (IsSymbol(".")) {
      Advance();
      if (token_.kind == TokenKind::kQuote) {
        NodeRef key = ParseString(nullptr, token_.span.begin);
        if (key == nullptr) return nullptr;
        term = MakeIndex(term, key, begin);
      } else if (TakeSymbol("[")) {
        term = ParseBracket(term, begin);
      } else {
        return Unexpected("a key or '['");
      }
    } else if (TakeSymbol("[")) {
      term = ParseBracket(term, begin);
    } else if (TakeSymbol("?")) {
      term = step ? MakeOptional(term, begin) : Make(Op::kTry, begin, term);
      step = false;
      continue;
    } else {
      return term;
    }
    step = true;
  }
  return nullptr;
}

// After '[' of a suffix.
Compiler::NodeRef Compiler::ParseBracket(NodeRef target, std::uint32_t begin) {
  if (TakeSymbol("]")) return Make(Op::kIterate, begin, target);
  const std::uint32_t key_begin = token_.span.begin;
  NodeRef from = nullptr;
  if (!IsSymbol(":")) {
    from = ParseQuery();
    if (from == nullptr) return nullptr;
    if (TakeSymbol("]")) return MakeIndex(target, from, begin);
  }
  if (!ExpectSymbol(":")) return nullptr;
  NodeRef to = nullptr;
  if (!IsSymbol("]")) {
    to = ParseQuery();
    if (to == nullptr) return nullptr;
  } else if (from == nullptr) {
    return Unexpected("a bound of the slice");
  }
  if (!ExpectSymbol("]")) return nullptr;
  if (from == nullptr) from = Literal(Json(), key_begin);
  if (to == nullptr) to = Literal(Json(), key_begin);
  if (from->direct() && to->direct())
    return MakeIndex(target, Make(Op::kSliceKey, key_begin, from, to), begin);
  return MakeIndex(
      target,
      MakeList(Op::kObject, key_begin, {Literal("start", key_begin), from, Literal("end", key_begin), to}),
      begin);
}

// ---- Terms
// -------------------------------------------------------------------------------------------------------------

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

// ---- Definitions and calls
// ---------------------------------------------------------------------------------------------

bool Compiler::ParseDefinition() {
  Nesting nesting(*this);
  if (nesting.TooDeep()) return false;
  Advance();  // def
  if (token_.kind != TokenKind::kName || IsKeyword(token_.text)) {
    Unexpected("a name");
    return false;
  }
  Function& function = code_.functions.emplace_back();
  function.name = std::string(token_.text);
  function.level = static_cast<std::uint16_t>(levels_.size());
  const std::string_view name = token_.text;
  const std::uint32_t begin = token_.span.begin;
  Advance();
  struct Parameter {
    std::string_view name;
    bool value;
  };
  std::vector<Parameter> parameters;
  if (TakeSymbol("(")) {
    do {
      if (token_.kind != TokenKind::kName && token_.kind != TokenKind::kVariable) {
        Unexpected("a parameter");
        return false;
      }
      parameters.push_back({token_.text, token_.kind == TokenKind::kVariable});
      Advance();
    } while (TakeSymbol(";"));
    if (!ExpectSymbol(")")) return false;
  }
  if (!ExpectSymbol(":")) return false;
  function.closures = static_cast<std::uint32_t>(parameters.size());

  const std::size_t visible = scope_.size();
  scope_.push_back({Entry::Kind::kFunction, name, 0, 0, function.closures, &function});
  levels_.emplace_back();
  for (std::uint32_t i = 0; i < parameters.size(); ++i) {
    scope_.push_back({Entry::Kind::kParameter, parameters[i].name, CurrentLevel(), i, 0,
                      parameters[i].value ? &function : nullptr});
    if (!parameters[i].value) continue;
    const std::uint32_t slot = NewSlot();
    function.values.push_back({i, slot});
    scope_.push_back({Entry::Kind::kVariable, parameters[i].name, CurrentLevel(), slot, 0, nullptr});
  }
  NodeRef body = ParseQuery();
  if (body == nullptr || !ExpectSymbol(";")) return false;
  function.inner = body;
  for (std::size_t i = function.values.size(); i-- > 0;) {  // def f($a): ... is def f(a): a as $a | ...
    Node* parameter = New(Op::kParameter, begin);
    parameter->level = CurrentLevel();
    parameter->slot = function.values[i].parameter;
    body = MakeBind(Finish(parameter), function.values[i].slot, body, begin);
  }
  function.slots = levels_.back().slots;
  function.body = body;
  levels_.pop_back();
  scope_.resize(visible);
  scope_.push_back({Entry::Kind::kFunction, name, 0, 0, function.closures, &function});
  return true;
}

// A closure argument: a level of its own if it binds variables.
Compiler::NodeRef Compiler::ParseClosure() {
  const std::uint32_t begin = token_.span.begin;
  levels_.emplace_back();
  NodeRef body = ParseQuery();
  const std::uint32_t slots = levels_.back().slots;
  levels_.pop_back();
  if (body == nullptr || slots == 0) return body;
  Function& function = code_.functions.emplace_back();
  function.level = static_cast<std::uint16_t>(levels_.size());
  function.slots = slots;
  function.body = body;
  Node* node = New(Op::kEnter, begin);
  node->function = &function;
  return Finish(node);
}

Compiler::NodeRef Compiler::ParseCall(const Token& name) {
  Arguments arguments;
  if (TakeSymbol("(")) {
    const bool closures = UserDefines(name.text) || IsLibraryName(name.text);
    do {
      NodeRef argument = closures ? ParseClosure() : ParseQuery();
      if (argument == nullptr) return nullptr;
      arguments.push_back(argument);
    } while (TakeSymbol(";"));
    if (!ExpectSymbol(")")) return nullptr;
  }
  return ResolveCall(name, arguments);
}

// ---- Destructuring
// -----------------------------------------------------------------------------------------------------

bool Compiler::ParsePatterns(std::uint32_t source_slot, std::vector<Steps>& alternatives,
                             PatternGroup& group) {
  group = {scope_.size(), levels_.back().slots};
  do {
    alternatives.emplace_back();
    if (!ParsePattern(nullptr, alternatives.back(), group, true, source_slot)) return false;
  } while (TakeSymbol("?//"));
  return true;
}

// $name, [..] or {..}. `value` is where it comes from; at the top that is the slot of the source itself.
bool Compiler::ParsePattern(NodeRef value, Steps& steps, const PatternGroup& group, bool top,
                            std::uint32_t source_slot) {
  Nesting nesting(*this);
  if (nesting.TooDeep()) return false;
  const std::uint32_t begin = token_.span.begin;
  if (token_.kind == TokenKind::kVariable) {
    std::optional<std::uint32_t> slot;
    for (std::size_t i = group.scope_begin; i < scope_.size(); ++i) {
      if (scope_[i].name == token_.text) slot = scope_[i].slot;
    }
    if (!slot) {
      slot = NewSlot();
      scope_.push_back({Entry::Kind::kVariable, token_.text, CurrentLevel(), *slot, 0, nullptr});
    }
    Advance();
    steps.push_back({top ? MakeVariable(source_slot, begin) : value, *slot});
    return true;
  }
  std::uint32_t slot = source_slot;
  if (!top) {
    slot = NewSlot();
    steps.push_back({value, slot});
  }
  if (TakeSymbol("[")) return ParseArrayPattern(slot, steps, group);
  if (TakeSymbol("{")) return ParseObjectPattern(slot, steps, group);
  Unexpected("a variable, '[' or '{'");
  return false;
}

bool Compiler::ParseArrayPattern(std::uint32_t slot, Steps& steps, const PatternGroup& group) {
  std::int64_t index = 0;
  do {
    const std::uint32_t begin = token_.span.begin;
    NodeRef item = MakeIndex(MakeVariable(slot, begin), Literal(Json(index++), begin), begin);
    if (!ParsePattern(item, steps, group, false, 0)) return false;
  } while (TakeSymbol(","));
  return ExpectSymbol("]");
}

bool Compiler::ParseObjectPattern(std::uint32_t slot, Steps& steps, const PatternGroup& group) {
  do {
    const std::uint32_t begin = token_.span.begin;
    NodeRef key = nullptr;
    bool bound = false;
    if (token_.kind == TokenKind::kVariable) {
      key = Literal(Json(token_.text), begin);
      NodeRef item = MakeIndex(MakeVariable(slot, begin), key, begin);
      if (!ParsePattern(item, steps, group, false, 0)) return false;
      bound = true;
    } else if (token_.kind == TokenKind::kName) {
      key = Literal(Json(token_.text), begin);
      Advance();
    } else if (token_.kind == TokenKind::kQuote || token_.kind == TokenKind::kFormat) {
      key = ParseTerm();
    } else if (TakeSymbol("(")) {
      key = ParseQuery();
      if (key != nullptr && !ExpectSymbol(")")) return false;
    } else {
      Unexpected("a variable or a key");
    }
    if (key == nullptr) return false;
    if (key->op == Op::kLiteral && !key->literal->IsString()) {
      Error({begin, previous_end_}, "Cannot use " + key->literal->Dump() + " as object key");
      return false;
    }
    if (bound && !IsSymbol(":")) continue;
    if (!ExpectSymbol(":")) return false;
    // A computed key sees the value that is taken apart as its input.
    NodeRef item = Make(Op::kPipe, begin, MakeVariable(slot, begin), MakeIndex(nullptr, key, begin));
    if (!ParsePattern(item, steps, group, false, 0)) return false;
  } while (TakeSymbol(","));
  return ExpectSymbol("}");
}

Compiler::NodeRef Compiler::WrapPatterns(const std::vector<Steps>& alternatives, const PatternGroup& group,
                                         NodeRef body) {
  NodeRef whole = nullptr;
  for (std::size_t i = alternatives.size(); i-- > 0;) {
    NodeRef one = body;
    for (std::size_t k = alternatives[i].size(); k-- > 0;) {
      one = MakeBind(alternatives[i][k].source, alternatives[i][k].slot, one, body->span.begin);
    }
    if (alternatives.size() == 1) return one;
    Node* clear = New(Op::kClearSlots, body->span.begin);
    clear->a = one;
    clear->slot = group.first_slot;
    clear->slot2 = levels_.back().slots;
    one = Finish(clear);
    whole = whole == nullptr ? one : Make(Op::kAlternativeBind, body->span.begin, one, whole);
  }
  return whole;
}

}  // namespace elevaite::jq
