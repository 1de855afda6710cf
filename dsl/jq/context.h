// What natives and evaluators share: the budgets and the error that ends an evaluation.
//
// Steps: an elementary operation is one; a native over a large value adds its size. Bytes: every allocation
// is added to an estimate; when the estimate passes the limit, the values that are really still held are
// counted (like a garbage collector's mark phase) and the estimate starts again from there.
#pragma once

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "dsl/jq/jq.h"
#include "foundation/json.h"

namespace elevaite::jq {

// Values nest this deep at most; one more would be an error of the Json type itself.
inline constexpr std::uint32_t kDepthMax = Json::kMaxDepth - 2;
// jq's own limits, kept for its messages.
inline constexpr std::uint32_t kWalkDepthMax = 10'000;
inline constexpr std::int64_t kArrayIndexMax = 536'870'911;
// What a text on the heap takes beside its bytes.
inline constexpr std::size_t kTextHeap = 56;

class Context {
 public:
  explicit Context(const EvaluationOptions& options)
      : options_(options), steps_left_(options.budget.steps_max), threshold_(options.budget.bytes_max) {
    Refill(0);
  }
  virtual ~Context() = default;

  // Both answer false (with the error set) when the budget is used up.
  bool Step(std::uint64_t count = 1) {
    if (count <= fuel_) [[likely]] {
      fuel_ -= count;
      return true;
    }
    return Refill(count);
  }
  bool Charge(std::size_t bytes) {
    charged_ += bytes;
    return charged_ <= threshold_ || Recount(0);
  }
  // What the machine itself takes to go on. A breach is noticed at the next step.
  void ChargeStack(std::size_t bytes) {
    stack_charged_ += bytes;
    (void)Charge(bytes);
  }
  // The same for a text that is being made.
  bool ChargeText(std::size_t bytes) { return bytes < 15 || Charge(bytes + kTextHeap); }
  // Before a container of `size` items gets one more; those that double are full at powers of two.
  bool ChargeGrowth(std::size_t size, std::size_t item_bytes) {
    constexpr std::size_t kSmall = 1024;
    if (size < kSmall || (size & (size - 1)) != 0) [[likely]]
      return Charge(2 * item_bytes);
    return Reserve(2 * size * item_bytes);
  }
  // Before an allocation that may be huge.
  bool Reserve(std::size_t bytes) {
    if (bytes < (1U << 16U)) return Charge(bytes);
    charged_ += bytes;
    return charged_ <= threshold_ || Recount(bytes);
  }

  // Makes room for more of a text that has a LocalRoot. It will be copied once, into a value.
  bool Grow(std::string& text, std::size_t added) {
    const std::size_t wanted = text.size() + added;
    if (wanted <= text.capacity()) return true;
    if (!Reserve(3 * wanted)) return false;
    text.reserve(std::max(wanted, 2 * text.capacity()));
    return true;
  }

  bool Fail(std::string message);  // raised: `try` catches it
  bool Raise(Json value);
  bool FailBudget(std::string message, EvaluationError::Kind kind = EvaluationError::Kind::kBudget);
  bool failed() const { return failed_; }
  bool catchable() const { return kind_ == EvaluationError::Kind::kRaised; }
  EvaluationError TakeError();
  Json TakeRaised() {
    failed_ = false;
    return std::move(error_);
  }
  void NoteSpan(Span span) {
    if (span_.end == 0) span_ = span;
  }
  void ClearSpan() { span_ = {}; }

  // Whether any value was made: if not, every value is a part of what came in.
  bool made_values() const { return charged_ > stack_charged_ || threshold_ != options_.budget.bytes_max; }

  std::int64_t now_us() const { return options_.now_us; }
  std::size_t bytes_max() const { return options_.budget.bytes_max; }

  // What C++ code holds while it evaluates something else; counted by Recount. `held` must outlive the root.
  class LocalRoot {
   public:
    template <class T>
    LocalRoot(Context& context, const T& held)
        : context_(context), held_(&held), count_(&Count<T>), previous_(context.locals_) {
      context.locals_ = this;
    }
    ~LocalRoot() { context_.locals_ = previous_; }
    LocalRoot(const LocalRoot&) = delete;
    LocalRoot& operator=(const LocalRoot&) = delete;

   private:
    friend class Context;
    template <class T>
    static void Count(const void* held, class LiveCounter& counter);
    Context& context_;
    const void* held_;
    void (*count_)(const void*, class LiveCounter&);
    LocalRoot* previous_;
  };

 protected:
  // The values that are alive, other than local roots.
  virtual void VisitRoots(class LiveCounter&) const {}
  const EvaluationOptions options_;
  LocalRoot* locals_ = nullptr;

 private:
  bool Refill(std::uint64_t count);
  bool Recount(std::size_t wanted);

  std::uint64_t fuel_ = 0;    // steps until the clock is looked at
  std::uint64_t steps_left_;  // beyond the fuel
  std::size_t charged_ = 0;
  std::size_t stack_charged_ = 0;  // of that: not for values
  std::size_t threshold_;
  bool clock_started_ = false;
  std::chrono::steady_clock::time_point deadline_;
  bool failed_ = false;
  EvaluationError::Kind kind_ = EvaluationError::Kind::kRaised;
  Json error_;
  Span span_;
};

// Adds up the memory of values, shared parts once.
class LiveCounter {
 public:
  explicit LiveCounter(std::size_t enough) : enough_(enough) {}
  void Add(const Json& value);
  void AddBytes(std::size_t bytes) { bytes_ += bytes; }
  std::size_t bytes() const { return bytes_; }

 private:
  bool Seen(const void* heap);
  std::size_t enough_;  // stop looking beyond
  std::size_t bytes_ = 0;
  std::vector<const void*> seen_ = std::vector<const void*>(1024);
  std::size_t seen_count_ = 0;
  std::vector<const Json*> open_;
};

inline void CountHeld(LiveCounter& counter, const std::string& text) { counter.AddBytes(text.capacity()); }
inline void CountHeld(LiveCounter& counter, const Json& value) { counter.Add(value); }
inline void CountHeld(LiveCounter& counter, std::span<const Json> values) {
  for (const Json& value : values) counter.Add(value);
}
inline void CountHeld(LiveCounter& counter, const std::vector<Json>& values) {
  counter.AddBytes(values.capacity() * sizeof(Json));
  CountHeld(counter, std::span(values));
}
inline void CountHeld(LiveCounter& counter, const std::vector<Json::Member>& members) {
  counter.AddBytes(members.capacity() * sizeof(Json::Member));
  for (const Json::Member& member : members) {
    counter.Add(member.key);
    counter.Add(member.value);
  }
}

template <class T>
void Context::LocalRoot::Count(const void* held, LiveCounter& counter) {
  CountHeld(counter, *static_cast<const T*>(held));
}

}  // namespace elevaite::jq
