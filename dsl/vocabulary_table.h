// The parts of the vocabulary's table, one a file; joined by vocabulary.cc.
#pragma once

#include "dsl/vocabulary.h"

namespace elevaite::dsl::vocabulary {

std::span<const Object> DocumentObjects();        // the root, document, use, schedule, input, output, events
std::span<const Object> TaskObjects();            // tasks and what stands in them
std::span<const Object> CallObjects();            // arguments of the standard calls, processes of `run`
std::span<const Object> AuthenticationObjects();  // policies

// Values that several parts use.
inline constexpr Value kTextOnly{.forms = kText};
inline constexpr Value kComputedText{.forms = kText | kComputed};
inline constexpr Value kExpressionOnly{.forms = kExpression};
inline constexpr Value kBooleanOnly{.forms = kBoolean};
inline constexpr Value kDurationOnly{.forms = kDuration};
inline constexpr Value kComputedDuration{.forms = kDuration | kComputed};
inline constexpr Value kAnything{.forms = kAny};
inline constexpr Value kFreeMap{.forms = kMap, .element = &kAnything};
inline constexpr Value kTasks{.forms = kNamedList, .object = "task"};
inline constexpr Value kFlowOnly{.forms = kFlow};
inline constexpr Value kVariableOnly{.forms = kVariable};
inline constexpr Value kShape{.forms = kExpression | kMap, .element = &kAnything};
inline constexpr Value kEndpoint{.forms = kUri | kComputed | kObject, .object = "endpoint"};
inline constexpr Value kTextList{.forms = kList | kComputed, .element = &kComputedText};
inline constexpr Value kTimeout{.forms = kObject | kReference, .object = "timeout", .reference = "timeouts"};

constexpr Value ObjectOf(std::string_view name) { return {.forms = kObject, .object = name}; }
constexpr Value EnumOf(std::span<const std::string_view> values) {
  return {.forms = kEnum, .values = values};
}

}  // namespace elevaite::dsl::vocabulary
