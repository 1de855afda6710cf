// The direct evaluator: updates in place.
#include "dsl/jq/direct.h"

namespace elevaite::jq {

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

}  // namespace elevaite::jq
