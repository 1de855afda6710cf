// The direct evaluator: nodes that give many outputs.
#include <cmath>

#include "dsl/jq/direct.h"

namespace elevaite::jq {

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
