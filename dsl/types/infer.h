// What a filter gives for inputs of a type, and what in it is certainly wrong: abstract interpretation of the
// compiled filter.
//
//   auto program = jq::Program::Compile(".customer.nmae");
//   Inference result = Infer(*program, FromSchema(schema), {});
//   result.output                       // any value that the filter can give belongs to it
//   result.findings[0].message          // "'nmae' cannot be there: it is read from an object with email,
//   name; closed" result.findings[0].known            // {"email", "name"}: what may have been meant
//
// A finding is certain for inputs of the type: where the filter itself looks first (`.a?`, `.a // x`, `try`,
// `has`, `type`, updates of `.a`) nothing is said. Bounded: kStepsMax nodes are looked at, then the answer is
// any.
#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "dsl/jq/jq.h"
#include "dsl/types/type.h"

namespace elevaite::dsl::types {

enum class FindingKind : std::uint8_t {
  kUnknownMember,  // always null: no object of the type has it
  kNoMembers,      // always an error: a member or item of a value that has none
  kNotIterable,    // always an error: .[] of a value that has no items
  kAlwaysFails,    // always an error: an operator or function that does not take such values
};

struct Finding {
  FindingKind kind = FindingKind::kUnknownMember;
  jq::Span span;  // in the filter's text
  std::string message;
  std::string member;              // kUnknownMember: the name
  std::vector<std::string> known;  // kUnknownMember: the names that are there
  Kinds kinds = 0;                 // kNoMembers: of what it is read from
};

struct Inference {
  Type output;
  std::vector<Finding> findings;  // in the order of their places
  // For each input of the type the filter gives a value or fails; false: it may also give none.
  bool gives_value = false;
  std::size_t steps = 0;  // what it took, of kStepsMax
};

// The types of variables, without $; others are any.
using VariableTypes = std::vector<std::pair<std::string, Type>>;

inline constexpr std::size_t kStepsMax = 20'000;
inline constexpr std::size_t kFindingsMax = 20;

Inference Infer(const jq::Program& program, const Type& input, const VariableTypes& variables);

}  // namespace elevaite::dsl::types
