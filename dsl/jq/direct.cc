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

// ---- Updates in place
// --------------------------------------------------------------------------------------------------

Yield Direct::TakeUpdate(const Node* node, Env* env, Json input, Json& out) {
  const Context::LocalRoot root(context_, input);
  if (!context_.Step()) return Error(node);
  const bool done = Modify(node->a, env, input, [&](Json& value) {
    Json changed;
    if (Take(node->b, env, std::move(value), changed) != Yield::kValue) return false;
    value = std::move(changed);
    return true;
  });
  if (!done) return Error(node);
  out = std::move(input);
  return Yield::kValue;
}

bool Direct::Modify(const Node* path, Env* env, Json& target, const Change& change) {
  if (path == nullptr || path->op == Op::kIdentity) return change(target);
  if (!context_.Step()) return false;
  switch (path->op) {
    case Op::kPipe:
      return Modify(path->a, env, target, [&](Json& value) { return Modify(path->b, env, value, change); });
    case Op::kIterate:
      return Modify(path->a, env, target, [&](Json& value) { return ModifyItems(path, value, change); });
    default: {
      Json key;
      const Yield yield = Peek(path->b, env, target, key);
      if (yield == Yield::kError) return false;
      if (yield == Yield::kNone) return true;  // no path, no change
      return Modify(path->a, env, target, [&](Json& value) { return ModifyKey(path, value, key, change); });
    }
  }
}

bool Direct::ModifyKey(const Node* node, Json& target, const Json& key, const Change& change) {
  Json value;
  if (key.IsString() && target.IsObject()) {
    value = Json::TakeMember(target, key.AsString());
  } else if (key.IsInt64() && target.IsArray() && key.AsInt64() >= 0) {
    value = Json::TakeItem(target, static_cast<std::size_t>(key.AsInt64()));
  } else if (!Index(context_, target, key, value)) {
    context_.NoteSpan(node->span);
    return false;
  }
  const Context::LocalRoot root(context_, value);
  if (!change(value)) return false;
  Json changed;
  if (!SetIndex(context_, std::move(target), key, std::move(value), changed)) {
    context_.NoteSpan(node->span);
    return false;
  }
  target = std::move(changed);
  return true;
}

bool Direct::ModifyItems(const Node* node, Json& target, const Change& change) {
  if (!target.IsArray() && !target.IsObject()) {
    context_.NoteSpan(node->span);
    return context_.Fail("Cannot iterate over " + Describe(target));
  }
  const std::size_t size = target.Size();
  if (!context_.Charge(size * sizeof(Json))) return false;
  for (std::size_t i = 0; i < size; ++i) {
    if (!context_.Step()) return false;
    Json value;
    Json key;
    if (target.IsArray()) {
      value = Json::TakeItem(target, i);
    } else {
      key = target.AsObject()[i].key;
      value = Json::TakeMember(target, key.AsString());
    }
    const Context::LocalRoot root(context_, value);
    if (!change(value)) return false;
    if (value.Depth() >= kDepthMax) return context_.Fail("The value is nested too deeply");
    target = target.IsArray() ? Json::WithItem(std::move(target), i, std::move(value))
                              : Json::WithMember(std::move(target), key, std::move(value));
  }
  return true;
}

// ---- Many outputs
// ------------------------------------------------------------------------------------------------------

Flow Direct::EachTaken(const Node* node, Env* env, Json input, Sink sink) {
  if (node->direct()) {
    Json out;
    const Yield yield = Take(node, env, std::move(input), out);
    if (yield == Yield::kValue) return sink(std::move(out));
    return yield == Yield::kNone ? Flow::kContinue : Flow::kError;
  }
  const Context::LocalRoot root(context_, input);
  return Each(node, env, input, sink);
}

Flow Direct::Each(const Node* node, Env* env, const Json& input, Sink sink) {
  if (node->direct()) {
    Json out;
    const Yield yield = Peek(node, env, input, out);
    if (yield == Yield::kValue) return sink(std::move(out));
    return yield == Yield::kNone ? Flow::kContinue : Flow::kError;
  }
  if (!context_.Step()) return ErrorFlow(node);
  switch (node->op) {
    case Op::kPipe:
      return Each(node->a, env, input,
                  [&](Json&& value) { return EachTaken(node->b, env, std::move(value), sink); });
    case Op::kComma: {
      const Flow flow = Each(node->a, env, input, sink);
      return flow == Flow::kContinue ? Each(node->b, env, input, sink) : flow;
    }
    case Op::kIterate: {
      if (node->a == nullptr || node->a->direct()) {
        Json storage;
        Yield yield = Yield::kValue;
        const Json* container = Ref(node->a, env, input, storage, yield);
        if (container == nullptr) return yield == Yield::kNone ? Flow::kContinue : Flow::kError;
        return EachItem(node, *container, sink);
      }
      return Each(node->a, env, input, [&](Json&& container) { return EachItem(node, container, sink); });
    }
    case Op::kIndex:
      return Each(node->b, env, input, [&](Json&& key) {
        const Context::LocalRoot root(context_, key);
        auto index = [&](const Json& target) {
          Json out;
          return Index(context_, target, key, out) ? sink(std::move(out)) : ErrorFlow(node);
        };
        if (node->a == nullptr) return index(input);
        return Each(node->a, env, input, [&](Json&& target) { return index(target); });
      });
    case Op::kRecurseAll: return EachRecursive(input, sink);
    case Op::kRange: return EachRange(node, env, input, sink);
    case Op::kAlternative: {
      bool found = false;
      const Flow flow = Each(node->a, env, input, [&](Json&& value) {
        if (!IsTrue(value)) return Flow::kContinue;
        found = true;
        return sink(std::move(value));
      });
      if (flow != Flow::kContinue || found) return flow;
      return Each(node->b, env, input, sink);
    }
    case Op::kIf:
      return Each(node->a, env, input, [&](Json&& condition) {
        const Node* branch = IsTrue(condition) ? node->b : node->c;
        condition = Json();
        return branch == nullptr ? sink(Json(input)) : Each(branch, env, input, sink);
      });
    case Op::kBind:
      return Each(node->a, env, input, [&](Json&& value) {
        env->slot(node->slot) = std::move(value);
        return Each(node->b, env, input, sink);
      });
    case Op::kTry: return EachTry(node, env, input, sink);
    case Op::kLimit: return EachLimit(node, env, input, sink);
    case Op::kForeach: return EachFold(node, env, input, sink);
    case Op::kStep: {
      Json accumulator = std::move(env->slot(node->slot));
      env->slot(node->slot) = Json();
      return EachTaken(node->a, env, std::move(accumulator), [&](Json&& value) {
        if (node->variant == 0) {
          env->slot(node->slot) = std::move(value);
          return Flow::kContinue;
        }
        env->slot(node->slot) = value;
        return node->b == nullptr ? sink(std::move(value)) : Each(node->b, env, value, sink);
      });
    }
    case Op::kCall: {
      const Function& function = *node->function;
      Env* parent = EnvOf(env, static_cast<std::uint16_t>(function.level - 1));
      if (function.slots == 0) return Each(function.body, parent, input, sink);
      Env* own = memory_.NewEnv(function.level, 0, function.slots, parent);
      const Yield yield = BindValues(node, env, own, input);
      Flow flow = yield == Yield::kNone ? Flow::kContinue : Flow::kError;
      if (yield == Yield::kValue)
        flow = Each(function.values.empty() ? function.body : function.inner, own, input, sink);
      memory_.Drop(own);
      return flow;
    }
    default: break;
  }
  CHECK(false);  // the compiler marks no other node as a loop
  return Flow::kError;
}

Flow Direct::EachItem(const Node* node, const Json& container, Sink sink) {
  const Json held = container;  // the sink may overwrite the variable it came from
  const Context::LocalRoot root(context_, held);
  if (held.IsArray()) {
    for (const Json& item : held.AsArray()) {
      if (!context_.Step()) return ErrorFlow(node);
      if (const Flow flow = sink(Json(item)); flow != Flow::kContinue) return flow;
    }
    return Flow::kContinue;
  }
  if (held.IsObject()) {
    for (const Json::Member& member : held.AsObject()) {
      if (!context_.Step()) return ErrorFlow(node);
      if (const Flow flow = sink(Json(member.value)); flow != Flow::kContinue) return flow;
    }
    return Flow::kContinue;
  }
  context_.Fail("Cannot iterate over " + Describe(held));
  return ErrorFlow(node);
}

// The value and all inside it, outermost first, without recursion.
Flow Direct::EachRecursive(const Json& input, Sink sink) {
  struct Frame {
    const Json* container;
    std::size_t next;
  };
  std::vector<Frame> open;
  const Json held = input;
  const Context::LocalRoot root(context_, held);
  auto visit = [&](const Json& value) {
    if (value.Size() > 0 && !value.IsString()) open.push_back({&value, 0});
    return sink(Json(value));
  };
  if (const Flow flow = visit(held); flow != Flow::kContinue) return flow;
  while (!open.empty()) {
    if (!context_.Step()) return Flow::kError;
    Frame& frame = open.back();
    if (frame.next == frame.container->Size()) {
      open.pop_back();
      continue;
    }
    const std::size_t i = frame.next++;
    const Json& child =
        frame.container->IsArray() ? frame.container->AsArray()[i] : frame.container->AsObject()[i].value;
    if (const Flow flow = visit(child); flow != Flow::kContinue) return flow;
  }
  return Flow::kContinue;
}

Flow Direct::EachRange(const Node* node, Env* env, const Json& input, Sink sink) {
  Json bounds[3];
  for (std::size_t i = 0; i < 3; ++i) {
    const Yield yield = Peek(node->list[i], env, input, bounds[i]);
    if (yield == Yield::kNone) return Flow::kContinue;
    if (yield == Yield::kError) return Flow::kError;
  }
  if (!RangeBounds(context_, bounds)) return ErrorFlow(node);
  const double to = bounds[1].AsDouble();
  const double by = bounds[2].AsDouble();
  for (double at = bounds[0].AsDouble(); by > 0 ? at < to : (by < 0 ? at > to : false); at += by) {
    if (!context_.Step()) return ErrorFlow(node);
    if (const Flow flow = sink(Number(at)); flow != Flow::kContinue) return flow;
  }
  return Flow::kContinue;
}

// An error of the sink passes through: it happened behind the `try`.
Flow Direct::EachTry(const Node* node, Env* env, const Json& input, Sink sink) {
  bool behind = false;
  const Flow flow = Each(node->a, env, input, [&](Json&& value) {
    const Flow one = sink(std::move(value));
    behind = one == Flow::kError;
    return one;
  });
  if (flow != Flow::kError || behind || !context_.catchable()) return flow;
  const Json raised = context_.TakeRaised();
  context_.ClearSpan();
  return node->b == nullptr ? Flow::kContinue : Each(node->b, env, raised, sink);
}

Flow Direct::EachLimit(const Node* node, Env* env, const Json& input, Sink sink) {
  Json count;
  const Yield yield = Peek(node->list[0], env, input, count);
  if (yield == Yield::kNone) return Flow::kContinue;
  if (yield == Yield::kError) return Flow::kError;
  std::uint64_t left = 0;
  if (!CountArgument(context_, node, count, left)) return ErrorFlow(node);
  if (node->variant == 0 && left == 0) return Flow::kContinue;
  bool enough = false;
  const Flow flow = Each(node->a, env, input, [&](Json&& value) {
    if (node->variant == 0) {
      const Flow one = sink(std::move(value));
      if (one != Flow::kContinue || --left > 0) return one;
      enough = true;
      return Flow::kStop;
    }
    if (left > 0) {
      --left;
      return Flow::kContinue;
    }
    const Flow one = sink(std::move(value));
    if (node->variant == 1 || one != Flow::kContinue) return one;
    enough = true;  // nth: the one after those skipped
    return Flow::kStop;
  });
  return flow == Flow::kStop && enough ? Flow::kContinue : flow;
}

Flow Direct::EachFold(const Node* node, Env* env, const Json& input, Sink sink) {
  Json start;
  const Yield yield = Peek(node->b, env, input, start);
  if (yield == Yield::kNone) return Flow::kContinue;
  if (yield == Yield::kError) return Flow::kError;
  env->slot(node->slot2) = std::move(start);
  return Each(node->a, env, input, [&](Json&& item) {
    env->slot(node->slot) = std::move(item);
    return Each(node->c, env, Json(), sink);
  });
}

}  // namespace elevaite::jq
