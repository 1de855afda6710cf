#include "dsl/jq/context.h"

#include <algorithm>

#include "dsl/jq/values.h"

namespace elevaite::jq {

namespace {
constexpr std::uint64_t kSlice = 4096;  // steps between two looks at the clock
}  // namespace

bool Context::Fail(std::string message) { return Raise(Json(std::string_view(message))); }

bool Context::Raise(Json value) {
  failed_ = true;
  kind_ = EvaluationError::Kind::kRaised;
  error_ = std::move(value);
  return false;
}

bool Context::FailBudget(std::string message, EvaluationError::Kind kind) {
  failed_ = true;
  kind_ = kind;
  error_ = Json(message);
  fuel_ = 0;
  steps_left_ = 0;
  return false;
}

EvaluationError Context::TakeError() {
  EvaluationError error;
  error.kind = kind_;
  error.span = span_;
  if (kind_ != EvaluationError::Kind::kRaised) {
    error.message = "jq: " + std::string(error_.StringOr(""));
  } else if (error_.IsString()) {
    error.message = "jq: " + std::string(error_.AsString());
  } else {
    error.message = "jq: " + (error_.IsObject() || error_.IsArray() ? Describe(error_) + " (not a string)"
                                                                    : Describe(error_));
  }
  error.value = std::move(error_);
  return error;
}

bool Context::Refill(std::uint64_t count) {
  if (failed_ && !catchable()) return false;
  if (count > fuel_ + steps_left_) {
    return FailBudget("the evaluation took more than " + std::to_string(options_.budget.steps_max) +
                      " steps");
  }
  steps_left_ += fuel_;
  fuel_ = 0;
  if (count > 0) {  // the first slice runs without a look at the clock: most filters end in it
    if (options_.cancelled != nullptr && options_.cancelled->load(std::memory_order_relaxed)) {
      return FailBudget("the evaluation was cancelled", EvaluationError::Kind::kCancelled);
    }
    const auto now = std::chrono::steady_clock::now();
    if (!clock_started_) {
      clock_started_ = true;
      deadline_ = now + options_.budget.time_max;
    } else if (now > deadline_) {
      return FailBudget("the evaluation took longer than " +
                        std::to_string(options_.budget.time_max.count()) + " ms");
    }
  }
  steps_left_ -= count;
  fuel_ = std::min(kSlice, steps_left_);
  steps_left_ -= fuel_;
  return true;
}

bool Context::Recount(std::size_t wanted) {
  if (failed_ && !catchable()) return false;
  const std::size_t most = options_.budget.bytes_max;
  std::size_t live = wanted;
  if (wanted < most) {
    LiveCounter counter(most);
    counter.AddBytes(wanted);
    for (const LocalRoot* local = locals_; local != nullptr; local = local->previous_) {
      local->count_(local->held_, counter);
    }
    VisitRoots(counter);
    live = counter.bytes();
  }
  if (live >= most) {
    return FailBudget("the evaluation held more than " + std::to_string(most) + " bytes");
  }
  // Counting again must be worth it: let at least an eighth of the budget pass.
  charged_ = live;
  stack_charged_ = 0;
  threshold_ = std::max(most, live + most / 8);
  return true;
}

bool LiveCounter::Seen(const void* heap) {
  if (seen_count_ * 2 >= seen_.size()) {
    std::vector<const void*> old = std::move(seen_);
    seen_.assign(old.size() * 2, nullptr);
    seen_count_ = 0;
    for (const void* one : old) {
      if (one != nullptr) Seen(one);
    }
  }
  const std::size_t mask = seen_.size() - 1;
  std::size_t slot = (reinterpret_cast<std::uintptr_t>(heap) >> 4U) * 0x9E3779B97F4A7C15U >> 20U & mask;
  while (seen_[slot] != nullptr) {
    if (seen_[slot] == heap) return true;
    slot = (slot + 1) & mask;
  }
  seen_[slot] = heap;
  ++seen_count_;
  return false;
}

void LiveCounter::Add(const Json& value) {
  open_.push_back(&value);
  while (!open_.empty() && bytes_ < enough_) {
    const Json& v = *open_.back();
    open_.pop_back();
    if (v.IsArray()) {
      const auto items = v.AsArray();
      if (items.empty() || Seen(items.data())) continue;
      bytes_ += 48 + items.size() * sizeof(Json);
      for (const Json& item : items) {
        if (item.Size() > 0) open_.push_back(&item);
      }
    } else if (v.IsObject()) {
      const auto members = v.AsObject();
      if (members.empty() || Seen(members.data())) continue;
      bytes_ += 80 + members.size() * sizeof(Json::Member);
      for (const Json::Member& member : members) {
        if (member.key.Size() > 14) open_.push_back(&member.key);
        if (member.value.Size() > 0) open_.push_back(&member.value);
      }
    } else if (v.IsString() && v.Size() > 14) {
      if (!Seen(v.AsString().data())) bytes_ += kTextHeap + v.Size();
    }
  }
  open_.clear();
}

}  // namespace elevaite::jq
