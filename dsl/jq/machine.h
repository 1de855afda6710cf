// The machine: runs any node, one output at a time, with backtracking. No recursion on the C stack.
//
// Two directions. Evaluating: node_ on value_ in env_; a finished value is delivered to the continuation k_,
// a linked list of frames that says what is to be done with it. Backtracking: the newest choice is taken up,
// with its own node, value and continuation. A function call leaves nothing behind: its continuation is that
// of its caller, so that tail calls run in constant memory. An error unwinds choices to the nearest handler.
//
// Paths. Inside path(f) and updates path_ is the path of the value that was last reached by following keys;
// every further key checks that it is applied to that very value ("Invalid path expression" if not), as jq
// does. nullptr: no paths are wanted.
#pragma once

#include <optional>
#include <vector>

#include "dsl/jq/context.h"
#include "dsl/jq/direct.h"
#include "dsl/jq/memory.h"

namespace elevaite::jq {

class Machine : public Context {
 public:
  Machine(const Code& code, Json input, std::span<const Json> variables, const EvaluationOptions& options);
  ~Machine() override;

  // The next output, nullopt at the end; false: an error (TakeError), and the end.
  bool Next(std::optional<Json>& out);

 private:
  enum class Mode : std::uint8_t { kEvaluate, kDeliver, kBacktrack, kUnwind, kOutput, kEnd };
  enum class ChoiceKind : std::uint8_t {
    kEvaluate,     // go on with node
    kIterate,      // next item of value
    kRecurse,      // next child of value, and below it
    kRange,        // n: unused; value: [at, to, by]
    kTry,          // handler
    kTryExit,      // n: place of the handler that the error must not reach
    kAlternative,  // frame: found or not
    kAlternativeBind,
    kLabel,  // n: its number
    kCollectDone,
    kFoldDone,  // a reduce ends
    kLastDone,
    kUpdateDone,
    kUpdateNone,  // an update gave nothing: the path is to be deleted
  };
  struct Choice {
    ChoiceKind kind;
    const Node* node;
    Env* env;
    Frame* next;
    Frame* frame;
    PathNode* path;
    Json value;
    std::uint64_t n;
    double at, to, by;
  };

  void VisitRoots(LiveCounter& counter) const override;

  bool OutputFits();
  Mode Evaluate();
  Mode EvaluateGeneral();
  Mode Deliver();
  Mode Backtrack();
  Mode Unwind();

  Mode EvaluateIndex();
  Mode EvaluateCall();
  Mode EvaluateParameter();
  Mode EvaluateBreak();
  Mode StartGather();
  Mode ContinueGather(Frame* previous, std::size_t index);
  bool CheckObjectKey(const Json& key);
  Mode Gathered(Frame* last);
  Mode StartCounted(const Json& count);
  Mode StartRange(const Json* bounds);
  Mode FollowKey(const Node* node, const Json& key);
  Mode Iterate(const Node* node);
  Mode NextItem(Choice& choice);
  Mode NextRange(Choice& choice);
  Mode DeliverToFrame(Frame* frame);
  Mode DeliverUpdate(Frame* frame);
  Mode FinishUpdate(Frame* frame);
  Mode Fail(const Node* node) {
    NoteSpan(node->span);
    return Mode::kUnwind;
  }

  // Registers.
  void SetEnv(Env* env) {  // adds a reference
    Memory::Hold(env);
    memory_.Drop(env_);
    env_ = env;
  }
  void SetNext(Frame* next) {
    Memory::Hold(next);
    memory_.Drop(k_);
    k_ = next;
  }
  void SetPath(PathNode* path) {
    Memory::Hold(path);
    memory_.Drop(path_);
    path_ = path;
  }
  void ExtendPath(const Json& key);
  bool OnPath() const { return path_ == nullptr || value_.SameAs(path_->value); }
  bool CheckPath(const Node* node, const std::string& attempt);
  bool TakePath(const Node* node, Json& out);
  // Pushes a frame in front of k_ that keeps the input (and path, unless it must go on) for later.
  Frame* PushFrame(FrameKind kind, const Node* node);
  Choice& PushChoice(ChoiceKind kind, const Node* node);
  void Restore(const Choice& choice);
  void PopChoice();
  void CutTo(std::size_t size);
  // The value of a frame: moved out if nobody else can come back to the frame.
  static Json ValueOf(Frame* frame) { return frame->refs == 1 ? std::move(frame->value) : frame->value; }

  Memory memory_;
  Direct direct_;
  Mode mode_ = Mode::kEvaluate;
  const Node* node_;
  Env* env_ = nullptr;
  Json value_;
  PathNode* path_ = nullptr;
  Frame* k_ = nullptr;
  Stack<Choice> choices_;
  std::uint64_t next_label_ = 1;
  std::uint64_t outputs_ = 0;
};

}  // namespace elevaite::jq
