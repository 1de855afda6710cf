#include "dsl/jq/direct.h"

#include <cmath>
#include <memory>

namespace elevaite::jq {

bool RangeBounds(Context& context, const Json* arguments) {
  if (arguments[0].IsNumber() && arguments[1].IsNumber() && arguments[2].IsNumber()) return true;
  return context.Fail("Range bounds must be numeric");
}

bool CountArgument(Context& context, const Node* node, const Json& count, std::uint64_t& out) {
  static constexpr const char* kNegative[] = {"limit doesn't support negative count",
                                              "skip doesn't support negative count",
                                              "nth doesn't support negative indices"};
  // jq compares with 0 in its order of types, so that everything that is no number is either below or far
  // above.
  if (!count.IsNumber()) {
    if (Json::Compare(count, Json(0)) < 0) return context.Fail(kNegative[node->variant]);
    return context.Fail(Describe(count) + " cannot be a count");
  }
  const double number = count.AsDouble();
  if (number < 0 || std::isnan(number)) return context.Fail(kNegative[node->variant]);
  out = number >= 1e18 ? static_cast<std::uint64_t>(1e18) : static_cast<std::uint64_t>(std::ceil(number));
  return true;
}

// ---- At most one output
// ------------------------------------------------------------------------------------------------

const Json* Direct::Ref(const Node* node, Env* env, const Json& input, Json& storage, Yield& yield) {
  if (node == nullptr) return &input;
  switch (node->op) {
    case Op::kIdentity: return &input;
    case Op::kLiteral: return node->literal;
    case Op::kVariable: return &Slot(env, node->level, node->slot);
    case Op::kIndex:
      if (node->b->op == Op::kLiteral && node->b->literal->IsString()) {
        const Json* target = Ref(node->a, env, input, storage, yield);
        if (target == nullptr) return nullptr;
        if (target != &storage && target->IsObject()) {
          static const Json kNull;
          const Json* found = target->Find(node->b->literal->AsString());
          return found != nullptr ? found : &kNull;
        }
        Json result;
        if (!Index(context_, *target, *node->b->literal, result)) {
          yield = Error(node);
          return nullptr;
        }
        storage = std::move(result);
        return &storage;
      }
      break;
    default: break;
  }
  Json result;
  yield = Peek(node, env, input, result);
  if (yield != Yield::kValue) return nullptr;
  storage = std::move(result);
  return &storage;
}

Yield Direct::Peek(const Node* node, Env* env, const Json& input, Json& out) {
  if (!context_.Step()) return Error(node);
  switch (node->op) {
    case Op::kIdentity: out = input; return Yield::kValue;
    case Op::kLiteral: out = *node->literal; return Yield::kValue;
    case Op::kVariable: out = Slot(env, node->level, node->slot); return Yield::kValue;
    case Op::kEmpty: return Yield::kNone;
    case Op::kIndex: return PeekIndex(node, env, input, out);
    case Op::kPipe: {
      Json middle;
      Yield yield = Yield::kValue;
      const Json* value = Ref(node->a, env, input, middle, yield);
      if (value == nullptr) return yield;
      if (value != &middle) return Peek(node->b, env, *value, out);
      return Take(node->b, env, std::move(middle), out);
    }
    case Op::kSliceKey: {
      Json from;
      Json to;
      if (const Yield yield = Peek(node->a, env, input, from); yield != Yield::kValue) return yield;
      const Context::LocalRoot root(context_, from);
      if (const Yield yield = Peek(node->b, env, input, to); yield != Yield::kValue) return yield;
      out = Json::Object({{"start", std::move(from)}, {"end", std::move(to)}});
      return Yield::kValue;
    }
    case Op::kNegate:
    case Op::kArithmetic:
    case Op::kCompare:
    case Op::kInterpolate:
    case Op::kNative:
    case Op::kError:
    case Op::kGetpath: return PeekList(node, env, input, out);
    case Op::kObject: return PeekObject(node, env, input, out);
    case Op::kAnd:
    case Op::kOr: {
      bool truth = false;
      if (const Yield yield = Condition(node->a, env, input, truth); yield != Yield::kValue) return yield;
      if (truth == (node->op == Op::kAnd)) {
        if (const Yield yield = Condition(node->b, env, input, truth); yield != Yield::kValue) return yield;
      }
      out = Json(truth);
      return Yield::kValue;
    }
    case Op::kAlternative: {
      const Yield yield = Peek(node->a, env, input, out);
      if (yield == Yield::kError || (yield == Yield::kValue && IsTrue(out))) return yield;
      return Peek(node->b, env, input, out);
    }
    case Op::kIf: {
      bool truth = false;
      if (const Yield yield = Condition(node->a, env, input, truth); yield != Yield::kValue) return yield;
      const Node* branch = truth ? node->b : node->c;
      if (branch != nullptr) return Peek(branch, env, input, out);
      out = input;
      return Yield::kValue;
    }
    case Op::kTry: return PeekTry(node, env, input, out);
    case Op::kBind: {
      Json value;
      if (const Yield yield = Peek(node->a, env, input, value); yield != Yield::kValue) return yield;
      env->slot(node->slot) = std::move(value);
      return Peek(node->b, env, input, out);
    }
    case Op::kCollect: return PeekCollect(node, env, input, out);
    case Op::kReduce: return PeekReduce(node, env, input, out);
    case Op::kUpdate: return TakeUpdate(node, env, input, out);
    case Op::kFirst: {
      bool found = false;
      const Flow flow = Each(node->a, env, input, [&](Json&& value) {
        out = std::move(value);
        found = true;
        return Flow::kStop;
      });
      if (flow == Flow::kError) return Yield::kError;
      return found ? Yield::kValue : Yield::kNone;
    }
    case Op::kLast: {
      bool found = false;
      const Context::LocalRoot root(context_, out);
      const Flow flow = Each(node->a, env, input, [&](Json&& value) {
        out = std::move(value);
        found = true;
        return Flow::kContinue;
      });
      if (flow == Flow::kError) return Yield::kError;
      return found ? Yield::kValue : Yield::kNone;
    }
    case Op::kCall: return PeekCall(node, env, input, out);
    default: break;
  }
  CHECK(false);  // the compiler marks no other node as direct
  return Yield::kError;
}

Yield Direct::Take(const Node* node, Env* env, Json input, Json& out) {
  const Context::LocalRoot root(context_, input);
  for (;;) {
    switch (node->op) {
      case Op::kIdentity: out = std::move(input); return Yield::kValue;
      case Op::kPipe: {
        if (!context_.Step()) return Error(node);
        Json middle;
        if (const Yield yield = Take(node->a, env, std::move(input), middle); yield != Yield::kValue)
          return yield;
        input = std::move(middle);
        node = node->b;
        continue;
      }
      case Op::kBind: {
        Json value;
        if (const Yield yield = Peek(node->a, env, input, value); yield != Yield::kValue) return yield;
        env->slot(node->slot) = std::move(value);
        node = node->b;
        continue;
      }
      case Op::kIf: {
        bool truth = false;
        if (const Yield yield = Condition(node->a, env, input, truth); yield != Yield::kValue) return yield;
        node = truth ? node->b : node->c;
        if (node != nullptr) continue;
        out = std::move(input);
        return Yield::kValue;
      }
      case Op::kArithmetic: {
        if (node->list[0]->op != Op::kIdentity) return Peek(node, env, input, out);
        if (!context_.Step()) return Error(node);
        Json storage;
        Yield yield = Yield::kValue;
        const Json* right = Ref(node->list[1], env, input, storage, yield);
        if (right == nullptr) return yield;
        if (right == &input) return Peek(node, env, input, out);
        if (!right->IsNumber()) {  // may lie inside the input, which is about to change
          Json held = *right;
          return Arithmetic2(context_, static_cast<Arithmetic>(node->variant), input, held, out)
                     ? Yield::kValue
                     : Error(node);
        }
        return Arithmetic2(context_, static_cast<Arithmetic>(node->variant), input, *right, out)
                   ? Yield::kValue
                   : Error(node);
      }
      case Op::kUpdate: return TakeUpdate(node, env, std::move(input), out);
      case Op::kNative: {
        if (!node->native->consumes || node->count > kFewArguments) return Peek(node, env, input, out);
        if (!context_.Step()) return Error(node);
        Json arguments[kFewArguments];
        const std::span<const Json> held(arguments);
        const Context::LocalRoot arguments_root(context_, held);
        for (std::uint16_t i = node->count; i-- > 0;) {
          if (const Yield yield = Peek(node->list[i], env, input, arguments[i]); yield != Yield::kValue)
            return yield;
        }
        return Apply(node, input, arguments, out) ? Yield::kValue : Error(node);
      }
      default: return Peek(node, env, input, out);
    }
  }
}

Yield Direct::Condition(const Node* node, Env* env, const Json& input, bool& truth) {
  if (node->op == Op::kCompare) {
    if (!context_.Step()) return Error(node);
    Json left_storage;
    Json right_storage;
    Yield yield = Yield::kValue;
    const Json* right = Ref(node->list[1], env, input, right_storage, yield);
    if (right == nullptr) return yield;
    const Context::LocalRoot root(context_, right_storage);
    const Json* left = Ref(node->list[0], env, input, left_storage, yield);
    if (left == nullptr) return yield;
    return CompareWith(context_, static_cast<Comparison>(node->variant), *left, *right, truth) ? Yield::kValue
                                                                                               : Error(node);
  }
  Json storage;
  Yield yield = Yield::kValue;
  const Json* value = Ref(node, env, input, storage, yield);
  if (value == nullptr) return yield;
  truth = IsTrue(*value);
  return Yield::kValue;
}

Yield Direct::PeekIndex(const Node* node, Env* env, const Json& input, Json& out) {
  Yield yield = Yield::kValue;
  Json key_storage;
  Json target_storage;
  if (node->b->op == Op::kSliceKey) {
    Json from_storage;
    Json to_storage;
    const Json* from = Ref(node->b->a, env, input, from_storage, yield);
    if (from == nullptr) return yield;
    const Json* to = Ref(node->b->b, env, input, to_storage, yield);
    if (to == nullptr) return yield;
    const Json* target = Ref(node->a, env, input, target_storage, yield);
    if (target == nullptr) return yield;
    return SliceOf(context_, *target, *from, *to, out) ? Yield::kValue : Error(node);
  }
  const Json* key = Ref(node->b, env, input, key_storage, yield);
  if (key == nullptr) return yield;
  const Context::LocalRoot root(context_, key_storage);
  const Json* target = Ref(node->a, env, input, target_storage, yield);
  if (target == nullptr) return yield;
  return Index(context_, *target, *key, out) ? Yield::kValue : Error(node);
}

Yield Direct::PeekList(const Node* node, Env* env, const Json& input, Json& out) {
  if (node->op == Op::kCompare) {
    bool truth = false;
    const Yield yield = Condition(node, env, input, truth);
    if (yield == Yield::kValue) out = Json(truth);
    return yield;
  }
  if (node->op == Op::kArithmetic) {
    Yield yield = Yield::kValue;
    Json right_storage;
    const Json* right = Ref(node->list[1], env, input, right_storage, yield);
    if (right == nullptr) return yield;
    const Context::LocalRoot root(context_, right_storage);
    Json left;
    if (yield = Peek(node->list[0], env, input, left); yield != Yield::kValue) return yield;
    return Arithmetic2(context_, static_cast<Arithmetic>(node->variant), left, *right, out) ? Yield::kValue
                                                                                            : Error(node);
  }
  Json few[kFewArguments];
  std::unique_ptr<Json[]> many;
  Json* arguments = few;
  if (node->count > kFewArguments) {
    many = std::make_unique<Json[]>(node->count);
    arguments = many.get();
  }
  const std::span<const Json> held(arguments, node->count);
  const Context::LocalRoot root(context_, held);
  for (std::uint16_t i = node->count; i-- > 0;) {  // the last one first: it is the outer loop in jq
    if (const Yield yield = Peek(node->list[i], env, input, arguments[i]); yield != Yield::kValue)
      return yield;
  }
  if (node->op == Op::kNative && node->native->consumes) {
    Json copy = input;
    return Apply(node, copy, arguments, out) ? Yield::kValue : Error(node);
  }
  return Apply(node, const_cast<Json&>(input), arguments, out) ? Yield::kValue : Error(node);
}

Yield Direct::PeekObject(const Node* node, Env* env, const Json& input, Json& out) {
  std::vector<Json::Member> members;
  members.reserve(node->count / 2U);
  const Context::LocalRoot root(context_, members);
  for (std::uint16_t i = 0; i < node->count; i = static_cast<std::uint16_t>(i + 2)) {
    Json key;
    if (const Yield yield = Peek(node->list[i], env, input, key); yield != Yield::kValue) return yield;
    const Context::LocalRoot key_root(context_, key);
    Json value;
    if (const Yield yield = Peek(node->list[i + 1], env, input, value); yield != Yield::kValue) return yield;
    if (!key.IsString()) {
      context_.Fail("Cannot use " + Describe(key) + " as object key");
      return Error(node->list[i]);
    }
    if (value.Depth() >= kDepthMax) {
      context_.Fail("The value is nested too deeply");
      return Error(node);
    }
    members.emplace_back(std::move(key), std::move(value));
  }
  if (!context_.Charge(80 + members.size() * sizeof(Json::Member))) return Error(node);
  out = Json::Object(std::move(members));
  return Yield::kValue;
}

bool Direct::Apply(const Node* node, Json& input, Json* arguments, Json& out) {
  switch (node->op) {
    case Op::kNegate: return Negate(context_, arguments[0], out);
    case Op::kArithmetic:
      return Arithmetic2(context_, static_cast<Arithmetic>(node->variant), arguments[0], arguments[1], out);
    case Op::kCompare: {
      bool truth = false;
      if (!CompareWith(context_, static_cast<Comparison>(node->variant), arguments[0], arguments[1], truth))
        return false;
      out = Json(truth);
      return true;
    }
    case Op::kInterpolate: {
      std::size_t bytes = 0;
      for (std::uint16_t i = 0; i < node->count; ++i) bytes += arguments[i].Size();
      if (!context_.Step(bytes / 64) || !context_.Reserve(bytes + kTextHeap)) return false;
      std::string text;
      text.reserve(bytes);
      for (std::uint16_t i = 0; i < node->count; ++i) text += arguments[i].StringOr("");
      out = Json(text);
      return true;
    }
    case Op::kObject: {
      std::vector<Json::Member> members;
      members.reserve(node->count / 2U);
      for (std::uint16_t i = 0; i < node->count; i = static_cast<std::uint16_t>(i + 2)) {
        if (!arguments[i].IsString())
          return context_.Fail("Cannot use " + Describe(arguments[i]) + " as object key");
        if (arguments[i + 1].Depth() >= kDepthMax) return context_.Fail("The value is nested too deeply");
        members.emplace_back(std::move(arguments[i]), std::move(arguments[i + 1]));
      }
      if (!context_.Charge(80 + members.size() * sizeof(Json::Member))) return false;
      out = Json::Object(std::move(members));
      return true;
    }
    case Op::kNative: return node->native->function(context_, input, arguments, out);
    case Op::kError: return context_.Raise(std::move(arguments[0]));
    case Op::kGetpath:
      if (!arguments[0].IsArray()) return context_.Fail("Path must be specified as an array");
      return GetPath(context_, input, arguments[0].AsArray(), out);
    default: return true;
  }
}

Yield Direct::PeekCollect(const Node* node, Env* env, const Json& input, Json& out) {
  std::vector<Json> items;
  const Context::LocalRoot root(context_, items);
  const Flow flow = Each(node->a, env, input, [&](Json&& value) {
    if (value.Depth() >= kDepthMax) {
      context_.Fail("The value is nested too deeply");
      return ErrorFlow(node);
    }
    if (!context_.ChargeGrowth(items.size(), sizeof(Json))) return ErrorFlow(node);
    items.push_back(std::move(value));
    return Flow::kContinue;
  });
  if (flow == Flow::kError) return Yield::kError;
  out = Json::Array(std::move(items));
  return Yield::kValue;
}

Yield Direct::PeekTry(const Node* node, Env* env, const Json& input, Json& out) {
  const Yield yield = Peek(node->a, env, input, out);
  if (yield != Yield::kError || !context_.catchable()) return yield;
  Json raised = context_.TakeRaised();
  context_.ClearSpan();
  if (node->b == nullptr) return Yield::kNone;
  return Take(node->b, env, std::move(raised), out);
}

Yield Direct::PeekReduce(const Node* node, Env* env, const Json& input, Json& out) {
  Json start;
  if (const Yield yield = Peek(node->b, env, input, start); yield != Yield::kValue) return yield;
  env->slot(node->slot2) = std::move(start);
  const Flow flow = Each(node->a, env, input, [&](Json&& item) {
    env->slot(node->slot) = std::move(item);
    return Each(node->c, env, Json(), [](Json&&) { return Flow::kContinue; });
  });
  if (flow == Flow::kError) return Yield::kError;
  out = std::move(env->slot(node->slot2));
  env->slot(node->slot) = Json();
  return Yield::kValue;
}

// The $ parameters of a call: the compiler saw that the arguments are direct.
Yield Direct::BindValues(const Node* node, Env* env, Env* own, const Json& input) {
  for (const Function::Value& value : node->function->values) {
    const Yield yield = Peek(node->list[value.parameter], env, input, own->slot(value.slot));
    if (yield != Yield::kValue) return yield;
  }
  return Yield::kValue;
}

Yield Direct::PeekCall(const Node* node, Env* env, const Json& input, Json& out) {
  const Function& function = *node->function;
  Env* parent = EnvOf(env, static_cast<std::uint16_t>(function.level - 1));
  if (function.slots == 0) return Peek(function.body, parent, input, out);
  Env* own = memory_.NewEnv(function.level, 0, function.slots, parent);
  Yield yield = BindValues(node, env, own, input);
  if (yield == Yield::kValue)
    yield = Peek(function.values.empty() ? function.body : function.inner, own, input, out);
  memory_.Drop(own);
  return yield;
}

}  // namespace elevaite::jq
