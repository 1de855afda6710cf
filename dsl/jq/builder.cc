// Nodes: the forms that the grammar is lowered to.
#include <algorithm>

#include "dsl/jq/compiler.h"

namespace elevaite::jq {

Node* Code::NewNode() {
  if (used_ == chunk_) {
    chunk_ = std::clamp(taken_ / 2, kChunkMin, kChunkMax);
    taken_ += chunk_;
    nodes_.push_back(std::make_unique<Node[]>(chunk_));
    used_ = 0;
  }
  return &nodes_.back()[used_++];
}

const Node** Code::NewList(std::size_t count) {
  lists_.push_back(std::make_unique<const Node*[]>(count));
  return lists_.back().get();
}

std::string_view Compiler::Keep(std::string name) { return code_.literals.emplace_back(name).AsString(); }

Node* Compiler::New(Op op, std::uint32_t begin) {
  Node* node = code_.NewNode();
  node->op = op;
  node->span = {begin, std::max(begin, previous_end_)};
  return node;
}

Compiler::NodeRef Compiler::Finish(Node* node) {
  Classify(*node);
  return node;
}

Compiler::NodeRef Compiler::Literal(Json value, std::uint32_t begin) {
  Node* node = New(Op::kLiteral, begin);
  node->literal = &code_.literals.emplace_back(std::move(value));
  return Finish(node);
}

Compiler::NodeRef Compiler::Make(Op op, std::uint32_t begin, NodeRef a, NodeRef b, NodeRef c) {
  Node* node = New(op, begin);
  node->a = a;
  node->b = b;
  node->c = c;
  return Finish(node);
}

Compiler::NodeRef Compiler::MakeList(Op op, std::uint32_t begin, const Arguments& list,
                                     std::uint8_t variant) {
  const bool literal = std::ranges::all_of(list, [](NodeRef item) { return item->op == Op::kLiteral; });
  if (literal && op == Op::kNegate && list[0]->literal->IsInt64() && list[0]->literal->AsInt64() > 0) {
    return Literal(Json(-list[0]->literal->AsInt64()), begin);
  }
  if (literal && op == Op::kObject) {
    std::vector<Json::Member> members;
    for (std::size_t i = 0; i < list.size(); i += 2)
      members.emplace_back(*list[i]->literal, *list[i + 1]->literal);
    return Literal(Json::Object(std::move(members)), begin);
  }
  Node* node = New(op, begin);
  node->count = static_cast<std::uint16_t>(list.size());
  node->list = code_.NewList(list.size());
  std::ranges::copy(list, node->list);
  node->variant = variant;
  return Finish(node);
}

Compiler::NodeRef Compiler::MakeVariable(std::uint32_t slot, std::uint32_t begin) {
  Node* node = New(Op::kVariable, begin);
  node->level = CurrentLevel();
  node->slot = slot;
  return Finish(node);
}

Compiler::NodeRef Compiler::MakeIndex(NodeRef target, NodeRef key, std::uint32_t begin) {
  if (target != nullptr && target->op == Op::kIdentity) target = nullptr;
  return Make(Op::kIndex, begin, target, key);
}

// The `?` behind a step is about this step alone: `.a[f]?` still fails where `.a` or `f` does.
Compiler::NodeRef Compiler::MakeOptional(NodeRef step, std::uint32_t begin) {
  const bool iterate = step->op == Op::kIterate;
  if (!iterate && step->op != Op::kIndex) return Make(Op::kTry, begin, step);
  NodeRef target = step->a;
  if (iterate) {
    NodeRef items = target == nullptr ? step : Make(Op::kIterate, begin, nullptr);
    NodeRef optional = Make(Op::kTry, begin, items);
    return target == nullptr ? optional : Make(Op::kPipe, begin, target, optional);
  }
  const auto constant = [](NodeRef node) { return node->op == Op::kLiteral; };
  NodeRef key = step->b;
  if (constant(key) || (key->op == Op::kSliceKey && constant(key->a) && constant(key->b))) {
    NodeRef optional = Make(Op::kTry, begin, target == nullptr ? step : MakeIndex(nullptr, key, begin));
    return target == nullptr ? optional : Make(Op::kPipe, begin, target, optional);
  }
  const std::uint32_t slot = NewSlot();
  NodeRef optional = Make(Op::kTry, begin, MakeIndex(nullptr, MakeVariable(slot, begin), begin));
  NodeRef body = target == nullptr ? optional : Make(Op::kPipe, begin, target, optional);
  return MakeBind(key, slot, body, begin);
}

Compiler::NodeRef Compiler::MakeField(NodeRef target, std::string_view name, std::uint32_t begin) {
  return MakeIndex(target, Literal(Json(name), begin), begin);
}

Compiler::NodeRef Compiler::MakeBind(NodeRef source, std::uint32_t slot, NodeRef body, std::uint32_t begin) {
  Node* node = New(Op::kBind, begin);
  node->a = source;
  node->b = body;
  node->slot = slot;
  return Finish(node);
}

Compiler::NodeRef Compiler::MakeNative(const Native* native, std::uint32_t begin,
                                       const Arguments& arguments) {
  Node* node = New(Op::kNative, begin);
  node->native = native;
  node->count = static_cast<std::uint16_t>(arguments.size());
  if (!arguments.empty()) {
    node->list = code_.NewList(arguments.size());
    std::ranges::copy(arguments, node->list);
  }
  return Finish(node);
}

Compiler::NodeRef Compiler::MakeNamed(std::string_view native, std::uint32_t begin,
                                      const Arguments& arguments) {
  return MakeNative(FindNative(native, arguments.size()), begin, arguments);
}

Compiler::NodeRef Compiler::MakeCollect(NodeRef body, std::uint32_t begin) {
  std::vector<Json> items;
  NodeRef rest = body;
  while (rest->op == Op::kComma && rest->a->op == Op::kLiteral) {
    items.push_back(*rest->a->literal);
    rest = rest->b;
  }
  if (rest->op == Op::kLiteral) {
    items.push_back(*rest->literal);
    return Literal(Json::Array(std::move(items)), begin);
  }
  return Make(Op::kCollect, begin, body);
}

Compiler::NodeRef Compiler::MakeBinary(std::string_view symbol, NodeRef a, NodeRef b, std::uint32_t begin) {
  auto arithmetic = [&](Arithmetic op) {
    return MakeList(Op::kArithmetic, begin, {a, b}, static_cast<std::uint8_t>(op));
  };
  auto compare = [&](Comparison op) {
    return MakeList(Op::kCompare, begin, {a, b}, static_cast<std::uint8_t>(op));
  };
  if (symbol == "+") return arithmetic(Arithmetic::kAdd);
  if (symbol == "-") return arithmetic(Arithmetic::kSubtract);
  if (symbol == "*") return arithmetic(Arithmetic::kMultiply);
  if (symbol == "/") return arithmetic(Arithmetic::kDivide);
  if (symbol == "%") return arithmetic(Arithmetic::kModulo);
  if (symbol == "==") return compare(Comparison::kEqual);
  if (symbol == "!=") return compare(Comparison::kNotEqual);
  if (symbol == "<") return compare(Comparison::kLess);
  if (symbol == "<=") return compare(Comparison::kLessEqual);
  if (symbol == ">") return compare(Comparison::kGreater);
  if (symbol == ">=") return compare(Comparison::kGreaterEqual);
  if (symbol == "//") return Make(Op::kAlternative, begin, a, b);
  if (symbol == "and" || symbol == "or") {
    const bool is_and = symbol == "and";
    if (a->direct() && b->direct()) return Make(is_and ? Op::kAnd : Op::kOr, begin, a, b);
    NodeRef truth = Make(Op::kIf, begin, b, Literal(Json(true), begin), Literal(Json(false), begin));
    return is_and ? Make(Op::kIf, begin, a, truth, Literal(Json(false), begin))
                  : Make(Op::kIf, begin, a, Literal(Json(true), begin), truth);
  }
  return MakeAssignment(symbol, a, b, begin, NewSlot());
}

// a = b is b as $v | a |= $v, and a += b is b as $v | a |= . + $v: for each value of b, from the unchanged
// input.
Compiler::NodeRef Compiler::MakeAssignment(std::string_view symbol, NodeRef target, NodeRef value,
                                           std::uint32_t begin, std::uint32_t slot) {
  if (symbol == "|=") return Make(Op::kUpdate, begin, target, value);
  NodeRef operand = MakeVariable(slot, begin);
  if (symbol != "=") {
    symbol.remove_suffix(1);
    operand = MakeBinary(symbol, Make(Op::kIdentity, begin, nullptr), operand, begin);
  }
  return MakeBind(value, slot, Make(Op::kUpdate, begin, target, operand), begin);
}

}  // namespace elevaite::jq
