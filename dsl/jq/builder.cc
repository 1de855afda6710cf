// Nodes: the forms that the grammar and the built-in syntax are lowered to, and their classes.
#include <algorithm>
#include <unordered_map>

#include "dsl/jq/compiler.h"

namespace elevaite::jq {

Node* Code::NewNode() {
  if (used_ == chunk_) {
    chunk_ = std::min(2 * chunk_, kChunkMax);
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

// ---- Built-in syntax: names that are shorter ways to write nodes
// ----------------------------------------------------------

namespace {

enum class Special : std::uint8_t {
  kEmpty,
  kNot,
  kErrorSelf,
  kError,
  kPath,
  kSelect,
  kMap,
  kMapValues,
  kRecurse,
  kRange1,
  kRange2,
  kRange3,
  kLimit,
  kSkip,
  kNth,
  kFirstOf,
  kLastOf,
  kFirst,
  kLast,
  kIsEmpty,
  kAny0,
  kAny1,
  kAny2,
  kAll0,
  kAll1,
  kAll2,
  kSortBy,
  kGroupBy,
  kUniqueBy,
  kMinBy,
  kMaxBy,
  kAddOf,
  kDel,
  kWithEntries,
  kGetpath,
  kTostream,
  kMatch1,
  kMatch2,
  kSplits1,
  kSplits2,
  kScan1,
  kScan2,
  kCapture1,
  kCapture2,
  kTypeFilter,
  kIn1,
  kIn2,
  kIn,
  kInside,
  kDebug,
  kIsValid,
  kJoinIndex,
};

struct NameArity {
  std::string_view name;
  std::size_t arity;
  bool operator==(const NameArity&) const = default;
};
struct NameArityHash {
  std::size_t operator()(const NameArity& key) const {
    return std::hash<std::string_view>{}(key.name) * 31 + key.arity;
  }
};

const std::unordered_map<NameArity, Special, NameArityHash>& Specials() {
  static const std::unordered_map<NameArity, Special, NameArityHash> table = {
      {{"empty", 0}, Special::kEmpty},
      {{"error", 0}, Special::kErrorSelf},
      {{"error", 1}, Special::kError},
      {{"path", 1}, Special::kPath},
      {{"select", 1}, Special::kSelect},
      {{"map", 1}, Special::kMap},
      {{"map_values", 1}, Special::kMapValues},
      {{"recurse", 0}, Special::kRecurse},
      {{"range", 1}, Special::kRange1},
      {{"range", 2}, Special::kRange2},
      {{"range", 3}, Special::kRange3},
      {{"limit", 2}, Special::kLimit},
      {{"skip", 2}, Special::kSkip},
      {{"nth", 2}, Special::kNth},
      {{"first", 1}, Special::kFirstOf},
      {{"last", 1}, Special::kLastOf},
      {{"first", 0}, Special::kFirst},
      {{"last", 0}, Special::kLast},
      {{"isempty", 1}, Special::kIsEmpty},
      {{"any", 0}, Special::kAny0},
      {{"any", 1}, Special::kAny1},
      {{"any", 2}, Special::kAny2},
      {{"all", 0}, Special::kAll0},
      {{"all", 1}, Special::kAll1},
      {{"all", 2}, Special::kAll2},
      {{"sort_by", 1}, Special::kSortBy},
      {{"group_by", 1}, Special::kGroupBy},
      {{"unique_by", 1}, Special::kUniqueBy},
      {{"min_by", 1}, Special::kMinBy},
      {{"max_by", 1}, Special::kMaxBy},
      {{"add", 1}, Special::kAddOf},
      {{"del", 1}, Special::kDel},
      {{"with_entries", 1}, Special::kWithEntries},
      {{"getpath", 1}, Special::kGetpath},
      {{"tostream", 0}, Special::kTostream},
      {{"match", 1}, Special::kMatch1},
      {{"match", 2}, Special::kMatch2},
      {{"splits", 1}, Special::kSplits1},
      {{"splits", 2}, Special::kSplits2},
      {{"scan", 1}, Special::kScan1},
      {{"scan", 2}, Special::kScan2},
      {{"capture", 1}, Special::kCapture1},
      {{"capture", 2}, Special::kCapture2},
      {{"arrays", 0}, Special::kTypeFilter},
      {{"objects", 0}, Special::kTypeFilter},
      {{"iterables", 0}, Special::kTypeFilter},
      {{"booleans", 0}, Special::kTypeFilter},
      {{"numbers", 0}, Special::kTypeFilter},
      {{"strings", 0}, Special::kTypeFilter},
      {{"nulls", 0}, Special::kTypeFilter},
      {{"values", 0}, Special::kTypeFilter},
      {{"scalars", 0}, Special::kTypeFilter},
      {{"finites", 0}, Special::kTypeFilter},
      {{"normals", 0}, Special::kTypeFilter},
      {{"IN", 1}, Special::kIn1},
      {{"IN", 2}, Special::kIn2},
      {{"in", 1}, Special::kIn},
      {{"inside", 1}, Special::kInside},
      {{"debug", 1}, Special::kDebug},
      {{"isvalid", 1}, Special::kIsValid},
  };
  return table;
}

}  // namespace

Compiler::NodeRef Compiler::MakeSpecial(std::string_view name, const Arguments& arguments,
                                        std::uint32_t begin, bool& found) {
  const auto entry = Specials().find({name, arguments.size()});
  found = entry != Specials().end();
  if (!found) return nullptr;
  auto identity = [&] { return Make(Op::kIdentity, begin, nullptr); };
  auto each = [&] { return Make(Op::kIterate, begin, identity()); };
  auto literal = [&](Json value) { return Literal(std::move(value), begin); };
  auto pipe = [&](NodeRef a, NodeRef b) { return Make(Op::kPipe, begin, a, b); };
  auto select = [&](NodeRef condition) {
    return Make(Op::kIf, begin, condition, nullptr, Make(Op::kEmpty, begin, nullptr));
  };
  auto keyed = [&](std::string_view native) {  // f for every item, as arrays: what the items are ordered by
    NodeRef keys = MakeCollect(pipe(each(), MakeCollect(arguments[0], begin)), begin);
    return MakeNamed(native, begin, {keys});
  };
  auto some = [&](NodeRef source, NodeRef condition, bool wanted) {
    NodeRef then = literal(wanted);
    NodeRef nothing = Make(Op::kEmpty, begin, nullptr);
    NodeRef test = wanted ? Make(Op::kIf, begin, condition, then, nothing)
                          : Make(Op::kIf, begin, condition, nothing, then);
    return Make(Op::kFirst, begin, Make(Op::kComma, begin, pipe(source, test), literal(!wanted)));
  };
  auto counted = [&](std::uint8_t variant) {
    Node* node = New(Op::kLimit, begin);
    node->count = 1;
    node->list = code_.NewList(1);
    node->list[0] = arguments[0];
    node->a = arguments[1];
    node->variant = variant;
    return Finish(node);
  };
  auto regex = [&](std::string_view native) {
    return arguments.size() == 2 ? MakeNamed(native, begin, {arguments[0], arguments[1]})
                                 : MakeNamed(native, begin, {arguments[0], literal(Json())});
  };
  auto bound = [&](NodeRef source, auto&& body) {  // source as $x | body($x)
    const std::uint32_t slot = NewSlot();
    return MakeBind(source, slot, body(MakeVariable(slot, begin)), begin);
  };
  switch (entry->second) {
    case Special::kEmpty: return Make(Op::kEmpty, begin, nullptr);
    case Special::kNot: return nullptr;
    case Special::kErrorSelf: return MakeList(Op::kError, begin, {identity()});
    case Special::kError: return MakeList(Op::kError, begin, arguments);
    case Special::kPath: return Make(Op::kPath, begin, arguments[0]);
    case Special::kSelect: return select(arguments[0]);
    case Special::kMap: return MakeCollect(pipe(each(), arguments[0]), begin);
    case Special::kMapValues: return Make(Op::kUpdate, begin, each(), arguments[0]);
    case Special::kRecurse: return Make(Op::kRecurseAll, begin, nullptr);
    case Special::kRange1: return MakeList(Op::kRange, begin, {literal(0), arguments[0], literal(1)});
    case Special::kRange2: return MakeList(Op::kRange, begin, {arguments[0], arguments[1], literal(1)});
    case Special::kRange3: return MakeList(Op::kRange, begin, arguments);
    case Special::kLimit: return counted(0);
    case Special::kSkip: return counted(1);
    case Special::kNth: return counted(2);
    case Special::kFirstOf: return Make(Op::kFirst, begin, arguments[0]);
    case Special::kLastOf: return Make(Op::kLast, begin, arguments[0]);
    case Special::kFirst: return MakeIndex(nullptr, literal(0), begin);
    case Special::kLast: return MakeIndex(nullptr, literal(-1), begin);
    case Special::kIsEmpty:
      return Make(Op::kFirst, begin,
                  Make(Op::kComma, begin, pipe(arguments[0], literal(false)), literal(true)));
    case Special::kAny0: return some(each(), identity(), true);
    case Special::kAny1: return some(each(), arguments[0], true);
    case Special::kAny2: return some(arguments[0], arguments[1], true);
    case Special::kAll0: return some(each(), identity(), false);
    case Special::kAll1: return some(each(), arguments[0], false);
    case Special::kAll2: return some(arguments[0], arguments[1], false);
    case Special::kSortBy: return keyed("_sort_by");
    case Special::kGroupBy: return keyed("_group_by");
    case Special::kUniqueBy: return keyed("_unique_by");
    case Special::kMinBy: return keyed("_min_by");
    case Special::kMaxBy: return keyed("_max_by");
    case Special::kAddOf: {
      Node* step = New(Op::kStep, begin);
      const std::uint32_t item = NewSlot();
      step->slot = NewSlot();
      step->a = MakeBinary("+", identity(), MakeVariable(item, begin), begin);
      Node* node = New(Op::kReduce, begin);
      node->slot = item;
      node->slot2 = step->slot;
      node->a = arguments[0];
      node->b = literal(Json());
      node->c = Finish(step);
      return Finish(node);
    }
    case Special::kDel:
      return MakeNamed("delpaths", begin, {MakeCollect(Make(Op::kPath, begin, arguments[0]), begin)});
    case Special::kWithEntries: {
      NodeRef mapped = MakeCollect(pipe(each(), arguments[0]), begin);
      return pipe(MakeNamed("to_entries", begin, {}), pipe(mapped, MakeNamed("from_entries", begin, {})));
    }
    case Special::kGetpath: return MakeList(Op::kGetpath, begin, arguments);
    case Special::kTostream: return pipe(MakeNamed("_tostream", begin, {}), each());
    case Special::kMatch1:
    case Special::kMatch2: return pipe(regex("_match"), each());
    case Special::kSplits1:
    case Special::kSplits2: return pipe(regex("split"), each());
    case Special::kScan1:
    case Special::kScan2: return pipe(regex("_scan"), each());
    case Special::kCapture1:
    case Special::kCapture2: return pipe(regex("_capture"), each());
    case Special::kTypeFilter: return select(MakeNamed("_is", begin, {literal(Json(name))}));
    case Special::kIn1: {  // any(f == $in; .)
      return bound(identity(), [&](NodeRef value) {
        return some(arguments[0], MakeBinary("==", identity(), value, begin), true);
      });
    }
    case Special::kIn2: return some(MakeBinary("==", arguments[0], arguments[1], begin), identity(), true);
    case Special::kIn:
      return bound(identity(),
                   [&](NodeRef value) { return pipe(arguments[0], MakeNamed("has", begin, {value})); });
    case Special::kInside:
      return bound(identity(),
                   [&](NodeRef value) { return pipe(arguments[0], MakeNamed("contains", begin, {value})); });
    case Special::kDebug:  // nobody reads it: the message is computed for its errors only
      return Make(Op::kComma, begin, pipe(arguments[0], Make(Op::kEmpty, begin, nullptr)), identity());
    case Special::kIsValid: return Make(Op::kTry, begin, pipe(arguments[0], literal(true)), literal(false));
    case Special::kJoinIndex: return nullptr;
  }
  return nullptr;
}

// ---- Classes
// -----------------------------------------------------------------------------------------------------------

// A path that an update can follow in place: keys and iterations only.
bool Compiler::IsChain(const Node* node) {
  if (node == nullptr) return true;
  switch (node->op) {
    case Op::kIdentity: return true;
    case Op::kIndex: return node->b->direct() && node->b->op != Op::kSliceKey && IsChain(node->a);
    case Op::kIterate: return IsChain(node->a);
    case Op::kPipe: return IsChain(node->a) && IsChain(node->b);
    default: return false;
  }
}

namespace {

// Exactly one output (or an error): an update with it never deletes.
bool IsTotal(const Node* node) {
  if (node == nullptr) return true;
  if (!node->direct()) return false;
  switch (node->op) {
    case Op::kIdentity:
    case Op::kLiteral:
    case Op::kVariable:
    case Op::kCollect:
    case Op::kReduce:
    case Op::kUpdate: return true;
    case Op::kIndex: return IsTotal(node->a) && IsTotal(node->b);
    case Op::kPipe:
    case Op::kBind:
    case Op::kAnd:
    case Op::kOr: return IsTotal(node->a) && IsTotal(node->b);
    case Op::kAlternative: return IsTotal(node->b);
    case Op::kIf: return IsTotal(node->a) && IsTotal(node->b) && IsTotal(node->c);
    case Op::kNegate:
    case Op::kArithmetic:
    case Op::kCompare:
    case Op::kObject:
    case Op::kInterpolate:
    case Op::kNative: return std::all_of(node->list, node->list + node->count, IsTotal);
    default: return false;
  }
}

}  // namespace

void Compiler::Classify(Node& node) const {
  using enum NodeClass;
  unsigned depth = 0;
  auto deepen = [&depth](const Node* child) {
    if (child != nullptr) depth = std::max(depth, child->depth + 1U);
  };
  deepen(node.a);
  deepen(node.c);
  if ((node.op == Op::kPipe || node.op == Op::kBind) &&
      node.b->direct()) {  // followed in a loop, not by a call
    if (node.b != nullptr) depth = std::max(depth, static_cast<unsigned>(node.b->depth));
  } else {
    deepen(node.b);
  }
  for (std::uint16_t i = 0; i < node.count; ++i) deepen(node.list[i]);

  auto is_direct = [](const Node* n) { return n == nullptr || n->direct(); };
  auto is_bounded = [](const Node* n) { return n == nullptr || n->bounded(); };
  auto join = [&](const Node* x, const Node* y) {
    if (is_direct(x) && is_direct(y)) return kDirect;
    return is_bounded(x) && is_bounded(y) ? kLoop : kGeneral;
  };
  const bool list_direct = node.count == 0 || std::all_of(node.list, node.list + node.count, is_direct);
  switch (node.op) {
    case Op::kIdentity:
    case Op::kLiteral:
    case Op::kVariable:
    case Op::kEmpty: node.node_class = kDirect; break;
    case Op::kRecurseAll: node.node_class = kLoop; break;
    case Op::kIndex:
    case Op::kPipe:
    case Op::kAlternative:
    case Op::kTry:
    case Op::kBind: node.node_class = join(node.a, node.b); break;
    case Op::kSliceKey:
    case Op::kAnd:
    case Op::kOr: node.node_class = join(node.a, node.b) == kDirect ? kDirect : kGeneral; break;
    case Op::kIterate: node.node_class = is_bounded(node.a) ? kLoop : kGeneral; break;
    case Op::kComma: node.node_class = is_bounded(node.a) && is_bounded(node.b) ? kLoop : kGeneral; break;
    case Op::kIf: {
      const NodeClass branches = join(node.b, node.c);
      node.node_class =
          is_direct(node.a) ? branches : (is_bounded(node.a) && branches != kGeneral ? kLoop : kGeneral);
      break;
    }
    case Op::kNegate:
    case Op::kArithmetic:
    case Op::kCompare:
    case Op::kObject:
    case Op::kInterpolate:
    case Op::kNative:
    case Op::kError:
    case Op::kGetpath: node.node_class = list_direct ? kDirect : kGeneral; break;
    case Op::kRange: node.node_class = list_direct ? kLoop : kGeneral; break;
    case Op::kLimit: node.node_class = list_direct && is_bounded(node.a) ? kLoop : kGeneral; break;
    case Op::kFirst:
    case Op::kLast:
    case Op::kCollect: node.node_class = is_bounded(node.a) ? kDirect : kGeneral; break;
    case Op::kReduce:
      node.node_class = is_bounded(node.a) && is_direct(node.b) && is_bounded(node.c) ? kDirect : kGeneral;
      break;
    case Op::kForeach:
      node.node_class = is_bounded(node.a) && is_direct(node.b) && is_bounded(node.c) ? kLoop : kGeneral;
      break;
    case Op::kStep: node.node_class = is_bounded(node.a) && is_bounded(node.b) ? kLoop : kGeneral; break;
    case Op::kUpdate: node.node_class = IsChain(node.a) && IsTotal(node.b) ? kDirect : kGeneral; break;
    case Op::kCall: {
      const Function& function = *node.function;
      if (function.body != nullptr && function.values.size() == function.closures &&
          function.TakesValues(node)) {
        node.node_class = function.inner->node_class;
        depth = std::max(depth, function.inner->depth + 1U);
      } else if (function.body == nullptr || function.closures > 0) {
        node.node_class = kGeneral;
      } else {
        node.node_class = function.body->node_class;
        depth = function.body->depth + 1U;
      }
      break;
    }
    default: node.node_class = kGeneral; break;
  }
  if (depth > kDirectDepthMax) {
    node.node_class = kGeneral;
    depth = kDirectDepthMax;
  }
  node.depth = static_cast<std::uint8_t>(depth);
}

}  // namespace elevaite::jq
