// What is inferred holds: for random filters and values, every value that the filter gives belongs to the
// type that was inferred, and what was found to fail always does not give a value.
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "dsl/jq/differential/generator.h"
#include "dsl/types/infer.h"

namespace elevaite::dsl::types {
namespace {

struct Outputs {
  std::vector<Json> values;
  bool has_failed = false;
};

Outputs OutputsOf(const jq::Program& program, const Json& input) {
  jq::Evaluation run(program, input, {},
                     {.budget = {.steps_max = 200'000, .bytes_max = 16U << 20U, .outputs_max = 100}});
  Outputs outputs;
  for (;;) {
    auto next = run.Next();
    outputs.has_failed = !next;
    if (!next || !*next) return outputs;
    outputs.values.push_back(**next);
  }
}

RC_GTEST_PROP(TypesProperty, EveryOutputBelongsToTheInferredType, ()) {
  jq::Generator generator(*rc::gen::arbitrary<std::uint64_t>());
  for (int i = 0; i < 30; ++i) {
    const std::string filter = generator.Filter();
    const Json input = generator.Value();
    const Json other = generator.Value();
    const auto program = jq::Program::Compile(filter);
    if (!program) continue;  // a constant key that is no text
    const Type exact = Type::FromValue(input);
    const Type wider = Union(exact, Type::FromValue(other));
    RC_ASSERT(exact.Accepts(input));
    RC_ASSERT(wider.Accepts(input));
    RC_ASSERT(wider.Accepts(other));
    for (const Type& type : {exact, wider}) {
      const Inference inference = Infer(*program, type, {});
      const Outputs outputs = OutputsOf(*program, input);
      if (inference.gives_value && outputs.values.empty() && !outputs.has_failed)
        RC_FAIL(filter + " on " + input.Dump() + " gave nothing");
      for (const Json& output : outputs.values) {
        if (inference.output.Accepts(output)) continue;
        RC_FAIL(filter + " on " + input.Dump() + " as " + Format(type) + " gave " + output.Dump() +
                ", which is not " + Format(inference.output));
      }
      RC_ASSERT(!Describe(inference.output).empty());
    }
  }
}

RC_GTEST_PROP(TypesProperty, UnionAndIntersectionHoldForValues, ()) {
  jq::Generator generator(*rc::gen::arbitrary<std::uint64_t>());
  const Json a = generator.Value();
  const Json b = generator.Value();
  const Json c = generator.Value();
  const Type ab = Union(Type::FromValue(a), Type::FromValue(b));
  const Type ac = Union(Type::FromValue(a), Type::FromValue(c));
  RC_ASSERT(ab.Accepts(a) && ab.Accepts(b));
  RC_ASSERT(Intersection(ab, ac).Accepts(a));
  RC_ASSERT(Union(ab, ab) == ab);
}

}  // namespace
}  // namespace elevaite::dsl::types
