// The direct evaluator: nodes of class kDirect and kLoop, on the C stack. The compiler bounds their nesting
// (kDirectDepthMax).
#pragma once

#include <functional>
#include <span>
#include <type_traits>

#include "dsl/jq/code.h"
#include "dsl/jq/context.h"
#include "dsl/jq/memory.h"
#include "dsl/jq/values.h"

namespace elevaite::jq {

enum class Yield : std::uint8_t { kValue, kNone, kError };
enum class Flow : std::uint8_t { kContinue, kStop, kError };

// A reference to a callable, for the outputs of a loop.
class Sink {
 public:
  template <class F>
    requires(!std::is_same_v<std::remove_cvref_t<F>, Sink>)
  Sink(F&& f)  // NOLINT: converts on purpose
      : object_(const_cast<void*>(static_cast<const void*>(&f))), call_([](void* object, Json&& value) {
          return (*static_cast<std::remove_reference_t<F>*>(object))(std::move(value));
        }) {}
  Flow operator()(Json&& value) const { return call_(object_, std::move(value)); }

 private:
  void* object_;
  Flow (*call_)(void*, Json&&);
};

class Direct {
 public:
  Direct(Context& context, Memory& memory) : context_(context), memory_(memory) {}

  // At most one output.
  Yield Peek(const Node* node, Env* env, const Json& input, Json& out);
  // The same, but the input is no longer needed: it may be changed in place.
  Yield Take(const Node* node, Env* env, Json input, Json& out);
  // All outputs. kStop: the sink stopped it.
  Flow Each(const Node* node, Env* env, const Json& input, Sink sink);
  Flow EachTaken(const Node* node, Env* env, Json input, Sink sink);

  // What a node with a list of arguments does when they are there. Also used by the machine.
  bool Apply(const Node* node, Json& input, Json* arguments, Json& out);

  static Json& Slot(Env* env, std::uint16_t level, std::uint32_t slot) {
    while (env->level > level) env = env->parent;
    return env->slot(slot);
  }
  static Env* EnvOf(Env* env, std::uint16_t level) {
    while (env->level > level) env = env->parent;
    return env;
  }

 private:
  static constexpr std::size_t kFewArguments = 6;
  Yield PeekIndex(const Node* node, Env* env, const Json& input, Json& out);
  Yield PeekList(const Node* node, Env* env, const Json& input, Json& out);
  Yield PeekObject(const Node* node, Env* env, const Json& input, Json& out);
  Yield PeekCollect(const Node* node, Env* env, const Json& input, Json& out);
  Yield PeekTry(const Node* node, Env* env, const Json& input, Json& out);
  Yield PeekReduce(const Node* node, Env* env, const Json& input, Json& out);
  Yield PeekCall(const Node* node, Env* env, const Json& input, Json& out);
  Yield BindValues(const Node* node, Env* env, Env* own, const Json& input);
  Yield TakeUpdate(const Node* node, Env* env, Json input, Json& out);
  Yield Condition(const Node* node, Env* env, const Json& input, bool& truth);
  Flow EachRange(const Node* node, Env* env, const Json& input, Sink sink);
  Flow EachRecursive(const Json& input, Sink sink);
  Flow EachTry(const Node* node, Env* env, const Json& input, Sink sink);
  Flow EachLimit(const Node* node, Env* env, const Json& input, Sink sink);
  Flow EachItem(const Node* node, const Json& container, Sink sink);
  Flow EachFold(const Node* node, Env* env, const Json& input, Sink sink);

  using Change = std::function<bool(Json&)>;  // false: failed
  bool Modify(const Node* path, Env* env, Json& target, const Change& change);
  bool ModifyKey(const Node* node, Json& target, const Json& key, const Change& change);
  bool ModifyItems(const Node* node, Json& target, const Change& change);

  // A value without a copy where it lies already: the input, a literal, a variable, a member of these. Else
  // it is computed into `storage`. nullptr: no output or an error, see `yield`.
  const Json* Ref(const Node* node, Env* env, const Json& input, Json& storage, Yield& yield);

  Yield Error(const Node* node) {
    context_.NoteSpan(node->span);
    return Yield::kError;
  }
  Flow ErrorFlow(const Node* node) {
    context_.NoteSpan(node->span);
    return Flow::kError;
  }

  Context& context_;
  Memory& memory_;
};

// Shared with the machine: the checks of counts and bounds.
bool RangeBounds(Context& context, const Json* arguments);
bool CountArgument(Context& context, const Node* node, const Json& count, std::uint64_t& out);

}  // namespace elevaite::jq
