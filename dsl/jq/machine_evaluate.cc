// The machine, evaluating: what a node does with a value, and the arguments that come one by one.
#include <algorithm>

#include "dsl/jq/machine.h"

namespace elevaite::jq {

Machine::Mode Machine::Evaluate() {
  if (path_ == nullptr && node_->direct()) {
    Json out;
    const Yield yield = direct_.Take(node_, env_, std::move(value_), out);
    value_ = std::move(out);
    return yield == Yield::kValue ? Mode::kDeliver
                                  : (yield == Yield::kNone ? Mode::kBacktrack : Mode::kUnwind);
  }
  if (!Step()) return Fail(node_);
  return EvaluateGeneral();
}

Machine::Mode Machine::EvaluateGeneral() {
  const Node* node = node_;
  switch (node->op) {
    case Op::kIdentity: return Mode::kDeliver;
    case Op::kLiteral: value_ = *node->literal; return Mode::kDeliver;
    case Op::kVariable: value_ = Direct::Slot(env_, node->level, node->slot); return Mode::kDeliver;
    case Op::kEmpty: return Mode::kBacktrack;
    case Op::kRecurseAll:
      if (value_.Size() > 0 && !value_.IsString()) PushChoice(ChoiceKind::kRecurse, node).value = value_;
      return Mode::kDeliver;
    case Op::kIndex: return EvaluateIndex();
    case Op::kIterate:
      if (node->a == nullptr || node->a->op == Op::kIdentity) return Iterate(node);
      PushFrame(FrameKind::kIterate, node);
      node_ = node->a;
      return Mode::kEvaluate;
    case Op::kPipe:
      PushFrame(FrameKind::kPipe, node->b);
      node_ = node->a;
      return Mode::kEvaluate;
    case Op::kComma:
      PushChoice(ChoiceKind::kEvaluate, node->b).value = value_;
      node_ = node->a;
      return Mode::kEvaluate;
    case Op::kAnd:
    case Op::kOr:
    case Op::kSliceKey: {
      Json out;
      const Yield yield = direct_.Peek(node, env_, value_, out);
      value_ = std::move(out);
      return yield == Yield::kValue ? Mode::kDeliver
                                    : (yield == Yield::kNone ? Mode::kBacktrack : Mode::kUnwind);
    }
    case Op::kNegate:
    case Op::kArithmetic:
    case Op::kCompare:
    case Op::kObject:
    case Op::kInterpolate:
    case Op::kNative:
    case Op::kError:
    case Op::kGetpath:
    case Op::kRange:
    case Op::kLimit: return StartGather();
    case Op::kAlternative: {
      Frame* frame = PushFrame(FrameKind::kAlternative, node);
      Choice& choice = PushChoice(ChoiceKind::kAlternative, node->b);
      memory_.Drop(choice.next);
      choice.next = Memory::Hold(frame->next);
      choice.frame = Memory::Hold(frame);
      choice.value = value_;
      node_ = node->a;
      return Mode::kEvaluate;
    }
    case Op::kIf: {
      if (node->a->direct()) {
        Json condition;
        const Yield yield = direct_.Peek(node->a, env_, value_, condition);
        if (yield != Yield::kValue) return yield == Yield::kNone ? Mode::kBacktrack : Mode::kUnwind;
        node_ = IsTrue(condition) ? node->b : node->c;
        return node_ == nullptr ? Mode::kDeliver : Mode::kEvaluate;
      }
      PushFrame(FrameKind::kIf, node)->value = value_;
      SetPath(nullptr);
      node_ = node->a;
      return Mode::kEvaluate;
    }
    case Op::kTry: {
      PushChoice(ChoiceKind::kTry, node->b);
      PushFrame(FrameKind::kTryEnd, node)->n = choices_.size() - 1;
      node_ = node->a;
      return Mode::kEvaluate;
    }
    case Op::kReduce:
    case Op::kForeach: {
      PushFrame(FrameKind::kFoldInit, node)->value = value_;
      node_ = node->b;
      return Mode::kEvaluate;
    }
    case Op::kStep: {
      PushFrame(FrameKind::kStep, node);
      value_ = std::move(env_->slot(node->slot));
      env_->slot(node->slot) = Json();
      node_ = node->a;
      return Mode::kEvaluate;
    }
    case Op::kBind: {
      if (node->a->direct()) {
        Json bound;
        const Yield yield = direct_.Peek(node->a, env_, value_, bound);
        if (yield != Yield::kValue) return yield == Yield::kNone ? Mode::kBacktrack : Mode::kUnwind;
        env_->slot(node->slot) = std::move(bound);
        node_ = node->b;
        return Mode::kEvaluate;
      }
      PushFrame(FrameKind::kBind, node)->value = value_;
      SetPath(nullptr);
      node_ = node->a;
      return Mode::kEvaluate;
    }
    case Op::kAlternativeBind:
      PushChoice(ChoiceKind::kAlternativeBind, node->b).value = value_;
      node_ = node->a;
      return Mode::kEvaluate;
    case Op::kClearSlots:
      for (std::uint32_t i = node->slot; i < node->slot2; ++i) env_->slot(i) = Json();
      node_ = node->a;
      return Mode::kEvaluate;
    case Op::kLabel: {
      const std::uint64_t label = next_label_++;
      env_->slot(node->slot) = Json(static_cast<std::int64_t>(label));
      PushChoice(ChoiceKind::kLabel, node).n = label;
      node_ = node->a;
      return Mode::kEvaluate;
    }
    case Op::kBreak: return EvaluateBreak();
    case Op::kCollect: {
      Frame* frame = PushFrame(FrameKind::kCollect, node);
      frame->value = Json::EmptyArray();
      Choice& choice = PushChoice(ChoiceKind::kCollectDone, node);
      memory_.Drop(choice.next);
      choice.next = Memory::Hold(frame->next);
      choice.frame = Memory::Hold(frame);
      SetPath(nullptr);
      node_ = node->a;
      return Mode::kEvaluate;
    }
    case Op::kCall: return EvaluateCall();
    case Op::kParameter: return EvaluateParameter();
    case Op::kEnter: {
      Env* own = memory_.NewEnv(node->function->level, 0, node->function->slots, env_);
      memory_.Drop(env_);
      env_ = own;
      node_ = node->function->body;
      return Mode::kEvaluate;
    }
    case Op::kPath: {
      PushFrame(FrameKind::kPathEnd, node);
      memory_.Drop(path_);
      path_ = memory_.NewPath(nullptr, Json(), value_);
      node_ = node->a;
      return Mode::kEvaluate;
    }
    case Op::kUpdate: {
      // frame->value: the value as updated so far; value2: the paths to delete.
      Frame* frame = PushFrame(FrameKind::kUpdatePath, node);
      frame->value = value_;
      frame->value2 = Json::EmptyArray();
      Choice& choice = PushChoice(ChoiceKind::kUpdateDone, node);
      memory_.Drop(choice.next);
      choice.next = Memory::Hold(frame->next);
      choice.frame = Memory::Hold(frame);
      memory_.Drop(path_);
      path_ = memory_.NewPath(nullptr, Json(), value_);
      node_ = node->a;
      return Mode::kEvaluate;
    }
    case Op::kFirst:
      PushFrame(FrameKind::kFirst, node)->n = choices_.size();
      node_ = node->a;
      return Mode::kEvaluate;
    case Op::kLast: {
      Frame* frame = PushFrame(FrameKind::kLast, node);
      Choice& choice = PushChoice(ChoiceKind::kLastDone, node);
      memory_.Drop(choice.next);
      choice.next = Memory::Hold(frame->next);
      choice.frame = Memory::Hold(frame);
      node_ = node->a;
      return Mode::kEvaluate;
    }
  }
  return Mode::kEnd;
}

Machine::Mode Machine::EvaluateIndex() {
  const Node* node = node_;
  if (!node->b->direct()) {
    PushFrame(FrameKind::kIndexKey, node)->value = value_;
    SetPath(nullptr);
    node_ = node->b;
    return Mode::kEvaluate;
  }
  Json key;
  const Yield yield = direct_.Peek(node->b, env_, value_, key);
  if (yield != Yield::kValue) return yield == Yield::kNone ? Mode::kBacktrack : Mode::kUnwind;
  if (node->a == nullptr) return FollowKey(node, key);
  PushFrame(FrameKind::kIndexTarget, node)->value = std::move(key);
  node_ = node->a;
  return Mode::kEvaluate;
}

Machine::Mode Machine::FollowKey(const Node* node, const Json& key) {
  if (path_ != nullptr && !OnPath()) {
    std::string text;
    if (!ToText(*this, key, text)) return Fail(node);
    if (!CheckPath(node, "access element " + text + " of ")) return Mode::kUnwind;
  }
  Json out;
  if (!Index(*this, value_, key, out)) return Fail(node);
  value_ = std::move(out);
  ExtendPath(key);
  return Mode::kDeliver;
}

Machine::Mode Machine::EvaluateCall() {
  const Node* node = node_;
  const Function& function = *node->function;
  Env* parent = Direct::EnvOf(env_, static_cast<std::uint16_t>(function.level - 1));
  node_ = function.body;
  if (function.closures == 0 && function.slots == 0) {
    SetEnv(parent);
    return Mode::kEvaluate;
  }
  Env* own = memory_.NewEnv(function.level, function.closures, function.slots, parent);
  const bool values = function.TakesValues(*node);
  if (values) {
    node_ = function.inner;
    for (const Function::Value& value : function.values) {
      const Yield yield = direct_.Peek(node->list[value.parameter], env_, value_, own->slot(value.slot));
      if (yield == Yield::kValue) continue;
      memory_.Drop(own);
      return yield == Yield::kNone ? Mode::kBacktrack : Mode::kUnwind;
    }
  }
  for (std::uint32_t i = 0; i < function.closures; ++i) {
    const Node* argument = node->list[i];
    const bool is_value =
        values && std::ranges::any_of(function.values, [i](auto& value) { return value.parameter == i; });
    if (is_value) continue;
    Closure closure{argument, env_};
    if (argument->op == Op::kParameter) {  // handed on: no chain of closures
      closure = Direct::EnvOf(env_, argument->level)->closure_array()[argument->slot];
    }
    Memory::Hold(closure.env);
    own->closure_array()[i] = closure;
  }
  memory_.Drop(env_);
  env_ = own;
  return Mode::kEvaluate;
}

Machine::Mode Machine::EvaluateParameter() {
  const Closure closure = Direct::EnvOf(env_, node_->level)->closure_array()[node_->slot];
  node_ = closure.node;
  SetEnv(closure.env);
  return Mode::kEvaluate;
}

Machine::Mode Machine::EvaluateBreak() {
  const auto label = static_cast<std::uint64_t>(Direct::Slot(env_, node_->level, node_->slot).IntOr(0));
  for (std::size_t i = choices_.size(); i-- > 0;) {
    if (choices_[i].kind != ChoiceKind::kLabel || choices_[i].n != label) continue;
    CutTo(i);
    return Mode::kBacktrack;
  }
  const Node* node = node_;
  Context::Fail("break");
  return Fail(node);
}

Machine::Mode Machine::Iterate(const Node* node) {
  if (!value_.IsArray() && !value_.IsObject()) {
    if (!CheckPath(node, "iterate through ")) return Mode::kUnwind;
    Context::Fail("Cannot iterate over " + Describe(value_));
    return Fail(node);
  }
  if (!CheckPath(node, "iterate through ")) return Mode::kUnwind;
  if (value_.Size() == 0) return Mode::kBacktrack;
  Choice& choice = PushChoice(ChoiceKind::kIterate, node);
  choice.value = std::move(value_);
  return NextItem(choice);
}

// The next item of the newest choice; the last one takes the choice away.
Machine::Mode Machine::NextItem(Choice& choice) {
  if (!Step()) return Fail(choice.node);
  const std::size_t i = choice.n++;
  Json key;
  if (choice.value.IsArray()) {
    value_ = choice.value.AsArray()[i];
    if (path_ != nullptr) key = Json(static_cast<std::int64_t>(i));
  } else {
    value_ = choice.value.AsObject()[i].value;
    if (path_ != nullptr) key = choice.value.AsObject()[i].key;
  }
  ExtendPath(key);
  const bool recurse = choice.kind == ChoiceKind::kRecurse;
  const Node* node = choice.node;
  if (choice.n == choice.value.Size()) PopChoice();
  if (!recurse) return Mode::kDeliver;
  node_ = node;
  return Mode::kEvaluate;
}

// ---- Arguments
// ---------------------------------------------------------------------------------------------------------

namespace {

// The order in which arguments are evaluated: jq's functions in C take the last first, the others the first.
bool LastFirst(const Node* node) {
  return node->op != Op::kObject && node->op != Op::kRange && node->op != Op::kLimit;
}

}  // namespace

Machine::Mode Machine::StartGather() {
  const Node* node = node_;
  if (node->count == 0) {  // a native of arity 0, here because of a path
    Json out;
    Json input = value_;
    if (!direct_.Apply(node, input, nullptr, out)) return Fail(node);
    value_ = std::move(out);
    return Mode::kDeliver;
  }
  Frame* base = PushFrame(FrameKind::kGather, node);
  base->value2 = value_;
  base->n = 0;
  SetPath(nullptr);
  return ContinueGather(base, 0);
}

// `previous` is k_: the frame that waits for argument number `index`. Direct arguments are there at once.
Machine::Mode Machine::ContinueGather(Frame* previous, std::size_t index) {
  const Node* node = previous->node;
  const std::size_t position = LastFirst(node) ? node->count - 1U - index : index;
  SetEnv(previous->env);
  value_ = previous->value2;
  node_ = node->list[position];
  return Mode::kEvaluate;
}

// Before the next member is looked at: its error must not come first.
bool Machine::CheckObjectKey(const Json& key) {
  return key.IsString() || Context::Fail("Cannot use " + Describe(key) + " as object key");
}

// All arguments are there, in the chain of `last`; k_ is the continuation of the node.
Machine::Mode Machine::Gathered(Frame* last) {
  const Node* node = last->node;
  std::vector<Json> arguments(node->count);
  std::size_t index = node->count;
  for (const Frame* frame = last; frame != nullptr && index > 0; frame = frame->link) {
    --index;
    arguments[LastFirst(node) ? node->count - 1U - index : index] = frame->value;
  }
  SetPath(last->path);
  SetEnv(last->env);
  value_ = last->value2;
  node_ = node;
  if (node->op == Op::kRange) return StartRange(arguments.data());
  if (node->op == Op::kLimit) return StartCounted(arguments[0]);
  if (node->op == Op::kGetpath && path_ != nullptr) {
    if (!arguments[0].IsArray()) {
      Context::Fail("Path must be specified as an array");
      return Fail(node);
    }
    std::string text;
    if (!OnPath() && !ToText(*this, arguments[0], text)) return Fail(node);
    if (!CheckPath(node, "access element " + text + " of ")) return Mode::kUnwind;
    Json out;
    if (!GetPath(*this, value_, arguments[0].AsArray(), out)) return Fail(node);
    value_ = std::move(out);
    for (const Json& key : arguments[0].AsArray()) ExtendPath(key);
    return Mode::kDeliver;
  }
  Json out;
  if (!direct_.Apply(node, value_, arguments.data(), out)) return Fail(node);
  value_ = std::move(out);
  return Mode::kDeliver;
}

Machine::Mode Machine::StartRange(const Json* bounds) {
  const Node* node = node_;
  if (!RangeBounds(*this, bounds)) return Fail(node);
  Choice& choice = PushChoice(ChoiceKind::kRange, node);
  choice.at = bounds[0].AsDouble();
  choice.to = bounds[1].AsDouble();
  choice.by = bounds[2].AsDouble();
  return NextRange(choice);
}

Machine::Mode Machine::NextRange(Choice& choice) {
  if (!Step()) return Fail(choice.node);
  const double at = choice.at;
  const bool inside = choice.by > 0 ? at < choice.to : (choice.by < 0 ? at > choice.to : false);
  if (!inside) {
    PopChoice();
    return Mode::kBacktrack;
  }
  choice.at += choice.by;
  value_ = Number(at);
  return Mode::kDeliver;
}

Machine::Mode Machine::StartCounted(const Json& count) {
  const Node* node = node_;
  std::uint64_t number = 0;
  if (!CountArgument(*this, node, count, number)) return Fail(node);
  node_ = node->a;
  if (node->variant == 0) {
    if (number == 0) return Mode::kBacktrack;
    Frame* frame = PushFrame(FrameKind::kLimit, node);
    frame->n = choices_.size();
    frame->m = number;
    return Mode::kEvaluate;
  }
  if (node->variant == 2) PushFrame(FrameKind::kFirst, node)->n = choices_.size();
  PushFrame(FrameKind::kSkip, node)->m = number;
  return Mode::kEvaluate;
}

}  // namespace elevaite::jq
