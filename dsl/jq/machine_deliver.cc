// The machine, delivering: what a frame does with the value that it waited for.
#include "dsl/jq/machine.h"

namespace elevaite::jq {

Machine::Mode Machine::Deliver() {
  if (k_ == nullptr) return Mode::kOutput;
  Frame* frame = k_;  // takes over the reference: with one left, nobody else can come back to it
  k_ = Memory::Hold(frame->next);
  Mode mode = Mode::kEvaluate;
  if (frame->kind == FrameKind::kPipe) {
    node_ = frame->node;
    SetEnv(frame->env);
  } else {
    mode = DeliverToFrame(frame);
  }
  memory_.Drop(frame);
  return mode;
}

// k_ is the frame's continuation already.
Machine::Mode Machine::DeliverToFrame(Frame* frame) {
  const Node* node = frame->node;
  switch (frame->kind) {
    case FrameKind::kPipe: return Mode::kEnd;
    case FrameKind::kBind:
      SetEnv(frame->env);
      env_->slot(node->slot) = std::move(value_);
      value_ = ValueOf(frame);
      SetPath(frame->path);
      node_ = node->b;
      return Mode::kEvaluate;
    case FrameKind::kIf: {
      node_ = IsTrue(value_) ? node->b : node->c;
      value_ = ValueOf(frame);
      SetEnv(frame->env);
      SetPath(frame->path);
      return node_ == nullptr ? Mode::kDeliver : Mode::kEvaluate;
    }
    case FrameKind::kIterate: return Iterate(node);
    case FrameKind::kIndexKey: {
      const Json key = std::move(value_);
      value_ = ValueOf(frame);
      SetEnv(frame->env);
      SetPath(frame->path);
      if (node->a == nullptr) return FollowKey(node, key);
      PushFrame(FrameKind::kIndexTarget, node)->value = key;
      node_ = node->a;
      return Mode::kEvaluate;
    }
    case FrameKind::kIndexTarget: return FollowKey(node, frame->value);
    case FrameKind::kGather: {
      // The frame waits for an argument; a new one keeps it, since others may come for the same place.
      Frame* filled = memory_.NewFrame(FrameKind::kGather, node, frame->env, frame->next);
      filled->link = Memory::Hold(frame->link);
      filled->path = Memory::Hold(frame->path);
      filled->value2 = frame->value2;
      filled->value = std::move(value_);
      filled->n = frame->n + 1;
      if (node->op == Op::kObject && filled->n % 2 == 0 && !CheckObjectKey(filled->link->value)) {
        memory_.Drop(filled);
        return Fail(node);
      }
      Mode mode;
      if (filled->n == node->count) {
        mode = Gathered(filled);
        memory_.Drop(filled);
        return mode;
      }
      Frame* waiting = memory_.NewFrame(FrameKind::kGather, node, frame->env, frame->next);
      waiting->link = filled;
      waiting->path = Memory::Hold(frame->path);
      waiting->value2 = frame->value2;
      waiting->n = filled->n;
      memory_.Drop(k_);
      k_ = waiting;
      return ContinueGather(waiting, waiting->n);
    }
    case FrameKind::kTryEnd:
      // Errors behind the `try` are not its own. With nothing left in the body the handler can go.
      if (choices_.size() == frame->n + 1) {
        PopChoice();
      } else {
        Choice& exit = PushChoice(ChoiceKind::kTryExit, node);
        exit.n = frame->n;
      }
      return Mode::kDeliver;
    case FrameKind::kAlternative:
      if (!IsTrue(value_)) return Mode::kBacktrack;
      frame->n = 1;
      if (!choices_.empty() && choices_.back().frame == frame) PopChoice();
      return Mode::kDeliver;
    case FrameKind::kCollect:
      if (!AppendItem(*this, frame->value, std::move(value_))) return Fail(node);
      return Mode::kBacktrack;
    case FrameKind::kFoldInit: {
      SetEnv(frame->env);
      env_->slot(node->slot2) = std::move(value_);
      if (node->op == Op::kReduce) {
        Choice& done = PushChoice(ChoiceKind::kFoldDone, node);
        memory_.Drop(done.path);
        done.path = Memory::Hold(frame->path);
      }
      SetPath(frame->path);
      PushFrame(FrameKind::kFoldItem, node);
      value_ = ValueOf(frame);
      node_ = node->a;
      return Mode::kEvaluate;
    }
    case FrameKind::kFoldItem:
      SetEnv(frame->env);
      env_->slot(node->slot) = std::move(value_);
      value_ = Json();
      node_ = node->c;
      return Mode::kEvaluate;
    case FrameKind::kStep:
      SetEnv(frame->env);
      if (node->variant == 0) {
        env_->slot(node->slot) = std::move(value_);
        return Mode::kBacktrack;
      }
      env_->slot(node->slot) = value_;
      if (node->b == nullptr) return Mode::kDeliver;
      node_ = node->b;
      return Mode::kEvaluate;
    case FrameKind::kFirst: CutTo(frame->n); return Mode::kDeliver;
    case FrameKind::kLimit:
      if (--frame->m == 0) CutTo(frame->n);
      return Mode::kDeliver;
    case FrameKind::kSkip:
      if (frame->m == 0) return Mode::kDeliver;
      --frame->m;
      return Mode::kBacktrack;
    case FrameKind::kLast:
      frame->value = std::move(value_);
      memory_.Drop(frame->path);
      frame->path = Memory::Hold(path_);
      frame->n = 1;
      return Mode::kBacktrack;
    case FrameKind::kPathEnd: {
      Json path;
      if (!TakePath(node, path)) return Fail(node);
      value_ = std::move(path);
      SetPath(frame->path);
      return Mode::kDeliver;
    }
    case FrameKind::kUpdatePath:
    case FrameKind::kUpdateValue: return DeliverUpdate(frame);
  }
  return Mode::kEnd;
}

// A path of an update: evaluates the right side on the value there; its first output goes in.
Machine::Mode Machine::DeliverUpdate(Frame* frame) {
  const Node* node = frame->node;
  if (frame->kind == FrameKind::kUpdatePath) {
    Json path;
    if (!TakePath(node, path)) return Fail(node);
    Json old;
    if (!GetPath(*this, frame->value, path.AsArray(), old)) return Fail(node);
    SetEnv(frame->env);
    SetPath(nullptr);
    Choice& none = PushChoice(ChoiceKind::kUpdateNone, node);
    none.value = path;
    none.frame = Memory::Hold(frame);
    Frame* waiting = PushFrame(FrameKind::kUpdateValue, node);
    waiting->value = path;
    waiting->link = Memory::Hold(frame);
    waiting->n = choices_.size() - 1;
    value_ = std::move(old);
    node_ = node->b;
    return Mode::kEvaluate;
  }
  CutTo(frame->n);
  Json changed;
  Json whole = std::move(frame->link->value);
  if (!jq::SetPath(*this, std::move(whole), frame->value.AsArray(), std::move(value_), changed))
    return Fail(node);
  frame->link->value = std::move(changed);
  return Mode::kBacktrack;
}

}  // namespace elevaite::jq
