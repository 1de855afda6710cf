#include "dsl/types/interpreter.h"

#include <algorithm>

namespace elevaite::dsl::types {
namespace {

using jq::Node;
using jq::Op;

constexpr std::size_t kDepthMax = 400;  // of nodes and calls inside each other
constexpr int kFoldRounds = 4;          // until the accumulator of a fold is given up

// What a condition can answer, as kinds that are true or false.
constexpr Kinds kTruthy = kAnyKind & static_cast<Kinds>(~(kNull | kFalse));
constexpr Kinds kFalsy = kNull | kFalse;

Type Truth(bool may_hold, bool may_fail) {
  return Type::OfKinds(static_cast<Kinds>((may_hold ? kTrue : 0) | (may_fail ? kFalse : 0)));
}

bool IsNull(const Node* node) { return node->op == Op::kLiteral && node->literal->IsNull(); }

bool IsNative(const Node* node, std::string_view name) {
  return node->op == Op::kNative && name == node->native->name;
}

// Whether a condition looks at the shape of its input: then the filter knows what it does, and the branches
// are not judged. Comparisons with values, and the truth of members, are judged by their types instead.
bool TestsShape(const Node* node) {
  if (node == nullptr) return false;
  switch (node->op) {
    case Op::kIdentity:
    case Op::kLiteral:
    case Op::kVariable: return false;
    case Op::kIndex:
    case Op::kPipe:
    case Op::kAnd:
    case Op::kOr: return TestsShape(node->a) || TestsShape(node->b);
    case Op::kIf: return TestsShape(node->a) || TestsShape(node->b) || TestsShape(node->c);
    case Op::kNegate:
    case Op::kArithmetic:
    case Op::kCompare:
    case Op::kInterpolate: return std::any_of(node->list, node->list + node->count, TestsShape);
    case Op::kNative: return !IsNative(node, "not");
    default: return true;
  }
}

// A path of names and items only: it always leads somewhere, or fails.
bool IsChain(const Node* path) {
  if (path == nullptr || path->op == Op::kIdentity) return true;
  if (path->op == Op::kPipe) return IsChain(path->a) && IsChain(path->b);
  if (path->op == Op::kIterate) return IsChain(path->a);
  return path->op == Op::kIndex && path->b->op == Op::kLiteral && path->b->literal->IsString() &&
         IsChain(path->a);
}

// Whether the path is that of the whole value: to delete it leaves null.
bool IsWhole(const Node* path) {
  if (path == nullptr || path->op == Op::kIdentity) return true;
  return path->op == Op::kPipe && IsWhole(path->a) && IsWhole(path->b);
}

Kinds KindsOfFilter(std::string_view name) {
  if (name == "arrays") return kArray;
  if (name == "objects") return kObject;
  if (name == "iterables") return kArray | kObject;
  if (name == "booleans") return kBoolean;
  if (name == "numbers" || name == "finites" || name == "normals") return kNumber;
  if (name == "strings") return kString;
  if (name == "nulls") return kNull;
  if (name == "values") return kAnyKind & ~kNull;
  if (name == "scalars") return kAnyKind & ~(kArray | kObject);
  return kAnyKind;
}

Kinds KindsOfTypeName(std::string_view name) {
  if (name == "null") return kNull;
  if (name == "boolean") return kBoolean;
  if (name == "number") return kNumber;
  if (name == "string") return kString;
  if (name == "array") return kArray;
  if (name == "object") return kObject;
  return 0;
}

}  // namespace

Interpreter::Interpreter(const jq::Code& code, const VariableTypes& variables) : code_(code) {
  root_ = NewScope(nullptr, 0, code.slots);
  for (std::size_t i = 0; i < code.variables.size(); ++i) {
    const auto at = std::ranges::find(variables, code.variables[i], &VariableTypes::value_type::first);
    if (at != variables.end()) root_->slots[code.bound_slots[i]] = at->second;
  }
}

Interpreter::Scope* Interpreter::NewScope(Scope* parent, std::uint16_t level, std::size_t slots) {
  Step(slots);
  return &scopes_.emplace_back(Scope{parent, level, std::vector<Type>(slots), {}});
}

// ---- Nodes
// -------------------------------------------------------------------------------------------------------------

Type Interpreter::Eval(const Node* node, Scope* scope, Type input) {
  if (depth_ >= kDepthMax) return Type::Any();
  ++depth_;
  // Pipes and bindings may be long; the others are as deep as the filter.
  while (node != nullptr && !input.IsNever() && Step(input.size())) {
    if (node->op == Op::kPipe) {
      input = Eval(node->a, scope, std::move(input));
    } else if (node->op == Op::kBind) {
      scope->slots[node->slot] = Eval(node->a, scope, input);
      if (scope->slots[node->slot].IsNever()) input = Type::Never();
    } else if (node->op == Op::kClearSlots) {
      for (std::uint32_t i = node->slot; i < node->slot2; ++i) scope->slots[i] = Type::Null();
      node = node->a;
      continue;
    } else {
      input = EvalNode(node, scope, input);
      break;
    }
    node = node->b;
  }
  --depth_;
  return steps_ > kStepsMax ? Type::Any() : input;
}

Type Interpreter::EvalQuietly(const Node* node, Scope* scope, const Type& input) {
  ++quiet_;
  Type type = Eval(node, scope, input);
  --quiet_;
  return type;
}

Type Interpreter::EvalNode(const Node* node, Scope* scope, const Type& input) {
  switch (node->op) {
    case Op::kIdentity: return input;
    case Op::kLiteral: return Literal(node);
    case Op::kVariable: return ScopeOf(scope, node->level)->slots[node->slot];
    case Op::kIndex: return Index(node, scope, input);
    case Op::kIterate: return Iterate(node, Eval(node->a, scope, input));
    case Op::kComma: {
      Type type = Eval(node->a, scope, input);
      return Union(type, Eval(node->b, scope, input));
    }
    case Op::kNegate: Eval(node->list[0], scope, input); return Type::Number();
    case Op::kArithmetic: {
      const Type left = Eval(node->list[0], scope, input);
      return Arithmetic(node, left, Eval(node->list[1], scope, input));
    }
    case Op::kCompare: return Compare(node, scope, input);
    case Op::kAnd:
    case Op::kOr: return Logic(node, scope, input);
    case Op::kAlternative: {
      const Type left = EvalQuietly(node->a, scope, input).Only(kTruthy);
      return Union(left, Eval(node->b, scope, input));
    }
    case Op::kIf: return Condition(node, scope, input);
    case Op::kTry: {
      const Type body = EvalQuietly(node->a, scope, input);
      return node->b == nullptr ? body : Union(body, Eval(node->b, scope, Type::Any()));
    }
    case Op::kReduce:
    case Op::kForeach: return Fold(node, scope, input);
    case Op::kStep: return Type::Any();  // only inside a fold
    case Op::kAlternativeBind: {
      const Type first = EvalQuietly(node->a, scope, input);
      return Union(first, EvalQuietly(node->b, scope, input));
    }
    case Op::kLabel: return Eval(node->a, scope, input);
    case Op::kEmpty:
    case Op::kBreak: return Type::Never();
    case Op::kError: Eval(node->list[0], scope, input); return Type::Never();
    case Op::kCollect: return Type::Array(node->a == nullptr ? Type::Never() : Eval(node->a, scope, input));
    case Op::kObject: return Object(node, scope, input);
    case Op::kInterpolate:
      for (std::uint16_t i = 0; i < node->count; ++i) Eval(node->list[i], scope, input);
      return Type::String();
    case Op::kCall: return Call(node, scope, input);
    case Op::kParameter: {
      const Closure closure = ScopeOf(scope, node->level)->closures[node->slot];
      return Eval(closure.node, closure.scope, input);
    }
    case Op::kEnter:
      return Eval(node->function->body, NewScope(scope, node->function->level, node->function->slots), input);
    case Op::kNative: return Native(node, scope, input);
    case Op::kPath:
      EvalQuietly(node->a, scope, input);
      return Type::Array(Type::OfKinds(kNull | kString | kNumber | kObject | kArray));
    case Op::kUpdate: {
      const Change change = [&](const Type& old) { return Eval(node->b, scope, old); };
      if (!IsChain(node->a)) {  // it may lead nowhere
        EvalQuietly(node->b, scope, Type::Any());
        return Type::Any();
      }
      const bool total = IsTotal(node->b);
      Type type = Update(node->a, scope, input, change, total);
      return total || !IsWhole(node->a) ? type : Union(type, Type::Null());
    }
    case Op::kRange:
      for (std::uint16_t i = 0; i < node->count; ++i) Eval(node->list[i], scope, input);
      return Type::Number();
    case Op::kLimit: Eval(node->list[0], scope, input); [[fallthrough]];
    case Op::kFirst:
    case Op::kLast: return Eval(node->a, scope, input);
    default: return Type::Any();
  }
}

const Type& Interpreter::Literal(const Node* node) {
  const auto [at, is_new] = literals_.try_emplace(node);
  if (is_new) at->second = Type::FromValue(*node->literal);
  return at->second;
}

// ---- Paths
// -------------------------------------------------------------------------------------------------------------

Type Interpreter::Index(const Node* node, Scope* scope, const Type& input) {
  const Type target = node->a == nullptr ? input : Eval(node->a, scope, input);
  if (target.IsNever()) return target;
  const bool is_slice = node->b->op == Op::kSliceKey;
  const Type key = is_slice ? Type::OfKinds(kObject) : Eval(node->b, scope, input);
  if (node->b->op == Op::kLiteral && key.kinds() == kString && key.texts().size() == 1) {
    return Member(node, target, key.texts()[0]);
  }
  if (key.kinds() == kNumber) {
    if (!target.Has(kNull | kArray)) {
      Report({FindingKind::kNoMembers,
              node->span,
              "this is " + Describe(target) + ", which has no items",
              {},
              {}});
      return Type::Never();
    }
    return Union(Type::Null(), target.Items());
  }
  if (is_slice) {
    const Type taken = target.Only(kNull | kArray | kString);
    if (taken.IsNever()) {
      Report({FindingKind::kNoMembers,
              node->span,
              "this is " + Describe(target) + ", of which no part can be taken",
              {},
              {}});
    }
    return taken.Has(kString) ? Union(taken.Only(kNull | kArray), Type::String()) : taken;
  }
  return Type::Any();
}

Type Interpreter::Member(const Node* node, const Type& target, const std::string& name) {
  if (!target.Has(kObject)) {
    if (target.Has(kNull)) return Type::Null();
    Report({FindingKind::kNoMembers,
            node->span,
            "this is " + Describe(target) + ", which has no member '" + name + "'",
            {},
            {},
            target.kinds()});
    return Type::Never();
  }
  Type type = target.Has(kNull) ? Type::Null() : Type::Never();
  if (const types::Member* member = target.Find(name); member != nullptr) {
    type = Union(type, member->type);
    return member->presence == Presence::kOptional ? Union(type, Type::Null()) : type;
  }
  if (!target.is_open()) ReportMember(node, target, name);
  return Type::Any();  // also after a finding: one is enough
}

Type Interpreter::Iterate(const Node* node, const Type& target) {
  if (target.IsNever()) return target;
  if (!target.Has(kArray | kObject)) {
    Report({FindingKind::kNotIterable,
            node->span,
            "this is " + Describe(target) + ", which has no items for []",
            {},
            {}});
    return Type::Never();
  }
  Type type = target.Items();
  if (!target.Has(kObject)) return type;
  if (target.is_open()) return Type::Any();
  for (const types::Member& member : target.members()) type = Union(type, member.type);
  return type;
}

// ---- Conditions
// --------------------------------------------------------------------------------------------------------

Type Interpreter::Condition(const Node* node, Scope* scope, const Type& input) {
  const Type condition = Eval(node->a, scope, input);
  const bool shape = TestsShape(node->a);
  const auto branch = [&](const Node* taken, bool holds) {
    if (!condition.Has(holds ? kTruthy : kFalsy)) return Type::Never();
    const Type narrowed = Narrowed(node->a, input, holds);
    if (!shape) return Eval(taken, scope, narrowed);
    const Type type = EvalQuietly(taken, scope, narrowed);
    // Behind `select(has("a"))` nothing is known for certain but what the kinds say.
    return taken == nullptr && narrowed == input ? Type::OfKinds(input.kinds()) : type;
  };
  Type type = branch(node->b, true);
  return Union(type, branch(node->c, false));
}

// The input where a condition held or not: for `type == "x"` and select's `objects`, `values` and the like.
Type Interpreter::Narrowed(const Node* condition, const Type& input, bool holds) const {
  Kinds kinds = kAnyKind;
  if (IsNative(condition, "_is") && condition->list[0]->op == Op::kLiteral) {
    const std::string_view name = condition->list[0]->literal->StringOr("");
    kinds = KindsOfFilter(name);
    if (!holds && (name == "finites" || name == "normals")) return input;
  } else if (condition->op == Op::kCompare && IsNative(condition->list[0], "type") &&
             condition->list[1]->op == Op::kLiteral) {
    const auto comparison = static_cast<jq::Comparison>(condition->variant);
    if (comparison != jq::Comparison::kEqual && comparison != jq::Comparison::kNotEqual) return input;
    kinds = KindsOfTypeName(condition->list[1]->literal->StringOr(""));
    if (comparison == jq::Comparison::kNotEqual) holds = !holds;
  } else {
    return input;
  }
  return input.Only(holds ? kinds : static_cast<Kinds>(kAnyKind & ~kinds));
}

Type Interpreter::Compare(const Node* node, Scope* scope, const Type& input) {
  // Whoever compares with null asks whether it is there.
  const bool asks = IsNull(node->list[0]) || IsNull(node->list[1]);
  const auto side = [&](const Node* one) {
    return asks ? EvalQuietly(one, scope, input) : Eval(one, scope, input);
  };
  const Type left = side(node->list[0]);
  const Type right = side(node->list[1]);
  if (left.IsNever() || right.IsNever()) return Type::Never();
  const auto comparison = static_cast<jq::Comparison>(node->variant);
  const bool equality = comparison == jq::Comparison::kEqual || comparison == jq::Comparison::kNotEqual;
  if (!equality) return Type::Boolean();
  const bool different = (left.kinds() & right.kinds()) == 0;
  const bool same = left.kinds() == kNull && right.kinds() == kNull;
  const bool equal = comparison == jq::Comparison::kEqual;
  return Truth(equal ? !different : !same, equal ? !same : !different);
}

Type Interpreter::Logic(const Node* node, Scope* scope, const Type& input) {
  const Type left = Eval(node->a, scope, input);
  const bool is_and = node->op == Op::kAnd;
  if (left.IsNever()) return left;
  Type right = Type::Never();
  if (left.Has(is_and ? kTruthy : kFalsy)) {
    const Type narrowed = Narrowed(node->a, input, is_and);
    right = TestsShape(node->a) ? EvalQuietly(node->b, scope, narrowed) : Eval(node->b, scope, narrowed);
  }
  const bool short_cut = left.Has(is_and ? kFalsy : kTruthy);
  return Truth(right.Has(kTruthy) || (short_cut && !is_and), right.Has(kFalsy) || (short_cut && is_and));
}

// ---- Loops and calls
// ---------------------------------------------------------------------------------------------------

// The accumulator grows until it is stable; only then is the step judged.
Type Interpreter::Fold(const Node* node, Scope* scope, const Type& input) {
  const Type items = Eval(node->a, scope, input);
  Type accumulator = Eval(node->b, scope, input);
  if (accumulator.IsNever()) return accumulator;
  const Node* step = node->c;
  while (step->op != Op::kStep && (step->op == Op::kBind || step->op == Op::kPipe)) step = step->b;
  if (step->op != Op::kStep || items.IsNever()) {
    if (step->op == Op::kStep) return node->op == Op::kReduce ? accumulator : Type::Never();
    return Type::Any();
  }
  const auto bind = [&] {
    for (const Node* at = node->c; at != step; at = at->b) {
      if (at->op == Op::kBind) scope->slots[at->slot] = Eval(at->a, scope, Type::Null());
    }
  };
  const bool total = IsTotal(step->a);  // a step that gives nothing leaves null
  const auto advance = [&] {
    scope->slots[node->slot] = items;
    bind();
    return Eval(step->a, scope, accumulator);
  };
  if (!total) accumulator = Union(accumulator, Type::Null());
  ++quiet_;
  for (int round = 0; round <= kFoldRounds; ++round) {
    const Type next = round == kFoldRounds ? Type::Any() : Union(accumulator, advance());
    const bool stable = next == accumulator;
    accumulator = next;
    if (stable) break;
  }
  --quiet_;
  const Type next = advance();
  if (node->op == Op::kReduce) return accumulator;
  return step->b == nullptr ? next : Eval(step->b, scope, next);
}

Type Interpreter::Call(const Node* node, Scope* scope, const Type& input) {
  const jq::Function& function = *node->function;
  const bool own =
      std::ranges::any_of(code_.functions, [&](const jq::Function& f) { return &f == &function; });
  Scope* called = NewScope(ScopeOf(scope, static_cast<std::uint16_t>(function.level - 1)), function.level,
                           function.slots);
  for (std::uint32_t i = 0; i < function.closures; ++i) {
    const Node* argument = node->list[i];
    if (argument->op == Op::kParameter) {
      called->closures.push_back(ScopeOf(scope, argument->level)->closures[argument->slot]);
    } else {
      called->closures.push_back({argument, scope});
    }
  }
  // The library's functions look at their inputs themselves, and their places are not in the filter.
  return own ? Eval(function.body, called, input) : EvalQuietly(function.body, called, input);
}

// ---- Values
// ------------------------------------------------------------------------------------------------------------

Type Interpreter::Object(const Node* node, Scope* scope, const Type& input) {
  std::vector<types::Member> members;
  bool open = false;
  for (std::uint16_t i = 0; i < node->count; i = static_cast<std::uint16_t>(i + 2)) {
    const Type key = Eval(node->list[i], scope, input);
    Type value = Eval(node->list[i + 1], scope, input);
    if (key.IsNever() || value.IsNever()) return Type::Never();
    if (key.kinds() != kString || key.texts().size() != 1) {
      open = true;
      continue;
    }
    const auto at = std::ranges::find(members, key.texts()[0], &types::Member::name);
    if (at == members.end()) {
      members.push_back({key.texts()[0], std::move(value)});
    } else {
      at->type = std::move(value);
    }
  }
  if (open) return Type::OfKinds(kObject);  // a computed key may be any of the others
  return Type::Object(std::move(members), Openness::kClosed);
}

Type Interpreter::Arithmetic(const Node* node, const Type& left, const Type& right) {
  using enum jq::Arithmetic;
  if (left.IsNever() || right.IsNever()) return Type::Never();
  const auto op = static_cast<jq::Arithmetic>(node->variant);
  const auto both = [&](Kinds kinds) { return left.Has(kinds) && right.Has(kinds); };
  Type type = Type::Never();
  if (both(kNumber)) type = Union(type, Type::Number());
  if (both(kString) && (op == kAdd)) type = Union(type, Type::String());
  if (both(kString) && op == kDivide) type = Union(type, Type::Array(Type::String()));
  if (both(kArray) && op == kAdd) type = Union(type, Type::Array(Union(left.Items(), right.Items())));
  if (both(kArray) && op == kSubtract) type = Union(type, left.Only(kArray));
  if (both(kObject) && (op == kAdd || op == kMultiply)) {
    // All that is in one or the other; deep merging only changes values that are objects on both sides.
    type = op == kAdd ? Union(type, Overlay(left.Only(kObject), right.Only(kObject)))
                      : Union(type, Type::OfKinds(kObject));
  }
  if (op == kAdd && left.Has(kNull)) type = Union(type, right);
  if (op == kAdd && right.Has(kNull)) type = Union(type, left);
  const bool repeats = (left.Has(kString) && right.Has(kNumber)) || (left.Has(kNumber) && right.Has(kString));
  if (op == kMultiply && repeats) type = Union(type, Type::OfKinds(kString | kNull));
  if (type.IsNever()) {
    static constexpr const char* kWords[] = {"added", "subtracted", "multiplied", "divided",
                                             "divided (remainder)"};
    Report({FindingKind::kAlwaysFails,
            node->span,
            Describe(left) + " and " + Describe(right) + " cannot be " + kWords[node->variant],
            {},
            {}});
  }
  return type;
}

Type Interpreter::Native(const Node* node, Scope* scope, const Type& input) {
  for (std::uint16_t i = 0; i < node->count; ++i) {
    if (Eval(node->list[i], scope, input).IsNever()) return Type::Never();
  }
  const std::string name = node->native->name;
  bool fails = false;
  const Type type = ResultOfNative(name, input, fails);
  if (fails) {
    const std::string shown = name.starts_with('_') ? name.substr(1) : name;
    Report({FindingKind::kAlwaysFails,
            node->span,
            shown + " takes no value of this kind: " + Describe(input),
            {},
            {}});
  }
  return type;
}

// ---- Updates
// -----------------------------------------------------------------------------------------------------------

// `target` with the values at a chain of names and items changed. Nothing is said about the paths: an update
// may add a member. `total`: the change always gives a value, so that none is deleted.
Type Interpreter::Update(const Node* path, Scope* scope, const Type& target, const Change& change,
                         bool total) {
  if (target.IsNever()) return target;
  if (path == nullptr || path->op == Op::kIdentity) return change(target);
  if (path->op == Op::kPipe) {
    const Change inner = [&](const Type& value) { return Update(path->b, scope, value, change, total); };
    return Update(path->a, scope, target, inner, total);
  }
  if (path->op == Op::kIterate) {
    const Change inner = [&](const Type& value) { return UpdateItems(value, change, total); };
    return Update(path->a, scope, target, inner, total);
  }
  const std::string name(path->b->literal->AsString());
  const Change inner = [&](const Type& value) { return UpdateMember(value, name, change, total); };
  return Update(path->a, scope, target, inner, total);
}

Type Interpreter::UpdateItems(const Type& target, const Change& change, bool total) {
  if (!target.Has(kArray | kObject)) return Type::Never();
  Type type = Type::Never();
  if (target.Has(kArray)) type = Type::Array(change(target.Items()));
  if (!target.Has(kObject)) return type;
  std::vector<types::Member> members(target.members().begin(), target.members().end());
  for (types::Member& member : members) {
    member.type = change(member.type);
    if (!total) member.presence = Presence::kOptional;
  }
  if (target.is_open()) members.clear();
  return Union(type,
               Type::Object(std::move(members), target.is_open() ? Openness::kOpen : Openness::kClosed));
}

Type Interpreter::UpdateMember(const Type& target, const std::string& name, const Change& change,
                               bool total) {
  if (!target.Has(kNull | kObject)) return Type::Never();
  const types::Member* member = target.Find(name);
  Type old = target.Has(kNull) ? Type::Null() : Type::Never();
  if (target.Has(kObject)) {
    if (member != nullptr) {
      old = Union(old, member->type);
      if (member->presence == Presence::kOptional) old = Union(old, Type::Null());
    } else {
      old = target.is_open() ? Type::Any() : Union(old, Type::Null());
    }
  }
  const Type changed = change(old);
  if (changed.IsNever() && total) return Type::Never();
  const auto presence = total ? Presence::kRequired : Presence::kOptional;
  std::vector<types::Member> members;
  bool open = false;
  if (target.Has(kObject)) {
    for (const types::Member& one : target.members()) {
      if (one.name == name) continue;
      members.push_back(one);
      if (target.Has(kNull)) members.back().presence = Presence::kOptional;
    }
    open = target.is_open();
  }
  members.push_back({name, changed, presence});
  const Type type = Type::Object(std::move(members), open ? Openness::kOpen : Openness::kClosed);
  return total || !target.Has(kNull) ? type : Union(type, Type::Null());
}

// ---- Findings
// ----------------------------------------------------------------------------------------------------------

void Interpreter::Report(Finding finding) {
  if (quiet_ > 0 || steps_ > kStepsMax || findings_.size() >= kFindingsMax) return;
  const bool seen = std::ranges::any_of(findings_, [&finding](const Finding& one) {
    return one.span.begin == finding.span.begin && one.span.end == finding.span.end;
  });
  if (!seen) findings_.push_back(std::move(finding));
}

void Interpreter::ReportMember(const Node* node, const Type& target, const std::string& name) {
  Finding finding{FindingKind::kUnknownMember,
                  node->span,
                  "'" + name + "' cannot be there: it is read from " + Describe(target.Only(kObject)),
                  name,
                  {}};
  for (const types::Member& member : target.members()) finding.known.push_back(member.name);
  // The place of the name alone, where it stands as it is.
  const std::string_view text = code_.text;
  const std::size_t end = finding.span.end;
  if (end >= name.size() && end <= text.size() && text.substr(end - name.size(), name.size()) == name) {
    finding.span.begin = static_cast<std::uint32_t>(end - name.size());
  }
  Report(std::move(finding));
}

std::vector<Finding> Interpreter::TakeFindings() {
  std::ranges::sort(findings_, {}, [](const Finding& one) { return one.span.begin; });
  return std::move(findings_);
}

Inference Infer(const jq::Program& program, const Type& input, const VariableTypes& variables) {
  Interpreter interpreter(program.code(), variables);
  Type output = interpreter.Run(input);
  return {std::move(output), interpreter.TakeFindings(), GivesValue(program.code().root),
          interpreter.steps()};
}

}  // namespace elevaite::dsl::types
