#include "dsl/jq/machine.h"

#include <algorithm>

namespace elevaite::jq {

Machine::Machine(const Code& code, Json input, std::span<const Json> variables,
                 const EvaluationOptions& options)
    : Context(options),
      memory_(*this),
      direct_(*this, memory_),
      node_(code.root),
      value_(std::move(input)),
      choices_(*this) {
  env_ = memory_.NewEnv(0, 0, code.slots, nullptr);
  const std::size_t count = std::min(variables.size(), code.bound_slots.size());
  for (std::size_t i = 0; i < count; ++i) env_->slot(code.bound_slots[i]) = variables[i];
}

Machine::~Machine() {
  CutTo(0);
  memory_.Drop(k_);
  memory_.Drop(path_);
  memory_.Drop(env_);
}

bool Machine::Next(std::optional<Json>& out) {
  out.reset();
  for (;;) {
    switch (mode_) {
      case Mode::kEvaluate: mode_ = Evaluate(); break;
      case Mode::kDeliver: mode_ = Deliver(); break;
      case Mode::kBacktrack: mode_ = Backtrack(); break;
      case Mode::kUnwind:
        mode_ = Unwind();
        if (mode_ == Mode::kEnd) return false;
        break;
      case Mode::kOutput:
        mode_ = Mode::kBacktrack;
        if (++outputs_ > options_.budget.outputs_max) {
          FailBudget("the evaluation gave more than " + std::to_string(options_.budget.outputs_max) +
                     " outputs");
          mode_ = Mode::kUnwind;
          break;
        }
        if (made_values() && !OutputFits()) {
          mode_ = Mode::kUnwind;
          break;
        }
        out = std::move(value_);
        value_ = Json();
        return true;
      case Mode::kEnd: return true;
    }
  }
}

// A small value may stand for a huge tree by sharing its parts ([.,.] forty times over). Whoever gets it will
// write it out, so the tree counts here, not what it takes in memory.
bool Machine::OutputFits() {
  if (value_.Size() == 0 || value_.IsString()) return true;
  std::size_t bytes = 0;
  std::vector<const Json*> open{&value_};
  while (!open.empty()) {
    const Json& container = *open.back();
    open.pop_back();
    bytes += container.Size() * sizeof(Json);
    if (bytes > options_.budget.bytes_max)
      return FailBudget("an output would be larger than the budget of bytes");
    if (!Step(container.Size() / 8)) return false;
    auto enter = [&](const Json& child) {
      if (child.IsString()) {
        bytes += child.Size();
      } else if (child.Size() > 0) {
        open.push_back(&child);
      }
    };
    if (container.IsArray()) {
      for (const Json& item : container.AsArray()) enter(item);
    } else {
      for (const Json::Member& member : container.AsObject()) enter(member.value);
    }
  }
  return true;
}

namespace {

// The start of a value's text, as messages have it.
std::string TextOf(const Json& value) {
  const std::string described = Describe(value);  // "array ([1,2])"
  const std::size_t open = described.find(" (");
  return described.substr(open + 2, described.size() - open - 3);
}

}  // namespace

// ---- Registers, frames, choices
// ----------------------------------------------------------------------------------------

Frame* Machine::PushFrame(FrameKind kind, const Node* node) {
  Frame* frame = memory_.NewFrame(kind, node, env_, k_);
  frame->path = Memory::Hold(path_);
  memory_.Drop(k_);
  k_ = frame;
  return frame;
}

Machine::Choice& Machine::PushChoice(ChoiceKind kind, const Node* node) {
  return choices_.Push(Choice{kind, node, Memory::Hold(env_), Memory::Hold(k_), nullptr, Memory::Hold(path_),
                              Json(), 0, 0, 0, 0});
}

void Machine::Restore(const Choice& choice) {
  node_ = choice.node;
  SetEnv(choice.env);
  SetNext(choice.next);
  SetPath(choice.path);
}

void Machine::PopChoice() {
  const Choice choice = choices_.Pop();
  memory_.Drop(choice.env);
  memory_.Drop(choice.next);
  memory_.Drop(choice.frame);
  memory_.Drop(choice.path);
}

void Machine::CutTo(std::size_t size) {
  while (choices_.size() > size) PopChoice();
}

void Machine::ExtendPath(const Json& key) {
  if (path_ == nullptr) return;
  PathNode* longer = memory_.NewPath(path_, key, value_);
  memory_.Drop(path_);
  path_ = longer;
}

// The path that the finished value was reached by, as an array.
bool Machine::TakePath(const Node* node, Json& out) {
  if (!OnPath()) {
    NoteSpan(node->span);
    return Context::Fail("Invalid path expression with result " + TextOf(value_));
  }
  if (!Step(path_->length / 4) || !Charge(path_->length * sizeof(Json) + 48)) return false;
  std::vector<Json> keys(path_->length);
  const PathNode* at = path_;
  for (std::size_t i = keys.size(); i-- > 0; at = at->parent) keys[i] = at->key;
  return MakeArray(*this, std::move(keys), out);
}

bool Machine::CheckPath(const Node* node, const std::string& attempt) {
  if (OnPath()) return true;
  NoteSpan(node->span);
  return Context::Fail("Invalid path expression near attempt to " + attempt + TextOf(value_));
}

void Machine::VisitRoots(LiveCounter& counter) const {
  counter.AddBytes(memory_.bytes() + choices_.bytes());
  counter.Add(value_);
  for (std::size_t i = 0; i < choices_.size(); ++i) counter.Add(choices_[i].value);
  memory_.VisitValues([&counter](const Json& value) { counter.Add(value); });
}

// ---- Backtracking
// ------------------------------------------------------------------------------------------------------

Machine::Mode Machine::Backtrack() {
  if (choices_.empty()) {
    value_ = Json();
    return Mode::kEnd;
  }
  Choice& choice = choices_.back();
  Restore(choice);
  switch (choice.kind) {
    case ChoiceKind::kEvaluate:
      value_ = std::move(choice.value);
      PopChoice();
      return Mode::kEvaluate;
    case ChoiceKind::kIterate:
    case ChoiceKind::kRecurse: return NextItem(choice);
    case ChoiceKind::kRange: return NextRange(choice);
    case ChoiceKind::kTry:
    case ChoiceKind::kTryExit:
    case ChoiceKind::kAlternativeBind:
    case ChoiceKind::kLabel: PopChoice(); return Mode::kBacktrack;
    case ChoiceKind::kAlternative: {
      const bool found = choice.frame->n != 0;
      value_ = std::move(choice.value);
      PopChoice();
      return found ? Mode::kBacktrack : Mode::kEvaluate;
    }
    case ChoiceKind::kCollectDone:
      value_ = std::move(choice.frame->value);
      PopChoice();
      return Mode::kDeliver;
    case ChoiceKind::kFoldDone:
      value_ = std::move(env_->slot(node_->slot2));
      env_->slot(node_->slot2) = Json();
      PopChoice();
      return Mode::kDeliver;
    case ChoiceKind::kLastDone: {
      const bool found = choice.frame->n != 0;
      value_ = std::move(choice.frame->value);
      SetPath(choice.frame->path);
      PopChoice();
      return found ? Mode::kDeliver : Mode::kBacktrack;
    }
    case ChoiceKind::kUpdateNone: {
      Frame* frame = choice.frame;
      Json path = std::move(choice.value);
      if (!AppendItem(*this, frame->value2, std::move(path))) return Fail(node_);
      PopChoice();
      return Mode::kBacktrack;
    }
    case ChoiceKind::kUpdateDone: {
      Frame* frame = Memory::Hold(choice.frame);
      PopChoice();
      const Mode mode = FinishUpdate(frame);
      memory_.Drop(frame);
      return mode;
    }
  }
  return Mode::kEnd;
}

Machine::Mode Machine::FinishUpdate(Frame* frame) {
  const Node* node = frame->node;
  if (frame->value2.Size() == 0) {
    value_ = std::move(frame->value);
    return Mode::kDeliver;
  }
  Json out;
  if (!DeletePaths(*this, std::move(frame->value), frame->value2, out)) return Fail(node);
  value_ = std::move(out);
  return Mode::kDeliver;
}

Machine::Mode Machine::Unwind() {
  if (!catchable()) CutTo(0);
  while (!choices_.empty()) {
    Choice& choice = choices_.back();
    if (choice.kind == ChoiceKind::kTryExit) {
      CutTo(choice.n);
      continue;
    }
    if (choice.kind == ChoiceKind::kTry || choice.kind == ChoiceKind::kAlternativeBind) {
      Json raised = TakeRaised();
      ClearSpan();
      Restore(choice);
      if (choice.kind == ChoiceKind::kAlternativeBind) {
        value_ = std::move(choice.value);
        PopChoice();
        return Mode::kEvaluate;
      }
      PopChoice();
      if (node_ == nullptr) return Mode::kBacktrack;
      value_ = std::move(raised);
      return Mode::kEvaluate;
    }
    PopChoice();
  }
  value_ = Json();
  return Mode::kEnd;
}

}  // namespace elevaite::jq
