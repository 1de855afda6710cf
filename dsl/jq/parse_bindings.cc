// The grammar: definitions, calls and destructuring.
#include "dsl/jq/compiler.h"

namespace elevaite::jq {

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
