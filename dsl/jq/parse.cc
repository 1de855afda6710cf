// The grammar of jq 1.8, from loose to tight: | , // (= |= += ...) or and (== < ...) (+ -) (* / %) unary,
// postfix, term. `E as P | Q`, `def` and `label` take everything to their right.

#include "dsl/jq/compiler.h"

namespace elevaite::jq {

namespace {

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

}  // namespace elevaite::jq
