// Expressions, durations and schemas of a step, with the DSL's errors for what goes wrong. Private to
// engine/machine.
#pragma once

#include <cstdint>
#include <expected>
#include <string_view>

#include "dsl/program.h"
#include "engine/machine/machine.h"
#include "engine/machine/scope.h"
#include "foundation/json.h"

namespace elevaite::engine {

template <class T>
using Evaluated = std::expected<T, Json>;  // the error is the DSL's

class Evaluator {
 public:
  // `now_us`: what jq's `now` answers. The limits must outlive the evaluator.
  Evaluator(const MachineLimits& limits, std::int64_t now_us) : limits_(limits), now_us_(now_us) {}

  Evaluated<Json> Evaluate(const dsl::Template& what, const Json& input, const ScopeArguments& scope) const;
  Evaluated<Json> EvaluateVisible(const dsl::Template& what, const Json& input,
                                  const ScopeArguments& scope) const;
  Evaluated<bool> Test(const dsl::Expression& what, const Json& input, const ScopeArguments& scope) const;
  Evaluated<std::int64_t> Microseconds(const dsl::Duration& duration, const Json& input,
                                       const ScopeArguments& scope) const;
  // `what` names the value in the error: "the input".
  Evaluated<void> Check(dsl::SchemaPtr schema, const Json& value, std::string_view what) const;

 private:
  const MachineLimits& limits_;
  std::int64_t now_us_;
};

}  // namespace elevaite::engine
