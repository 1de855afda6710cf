#include "engine/machine/evaluate.h"

#include "dsl/duration.h"
#include "dsl/schema/schema.h"
#include "engine/machine/errors.h"
#include "foundation/utf8.h"

namespace elevaite::engine {
namespace {

Json ExpressionError(const dsl::ExpressionFailure& failure) {
  // What `error(...)` raised may be as large as any value, and is kept with the execution several times.
  constexpr std::size_t kMessageMax = 2'000;
  std::string message(Utf8Prefix(failure.message, kMessageMax));
  if (message.size() < failure.message.size()) message += "...";
  return MakeError("expression", "An expression failed", message + " in ${ " + failure.expression + " }");
}

Json MissingSecret(const std::string& name) {
  return MakeError(
      "authorization", "A secret is missing",
      "there is no secret '" + name + "' for this account; `secrets.dir` says where they are kept");
}

}  // namespace

Evaluated<Json> Evaluator::Evaluate(const dsl::Template& what, const Json& input,
                                    const ScopeArguments& arguments) const {
  const MachineScope scope(arguments);
  auto value =
      what.Evaluate(input, {.scope = scope, .options = {.budget = limits_.expression, .now_us = now_us_}});
  if (scope.missing_secret()) return std::unexpected(MissingSecret(*scope.missing_secret()));
  if (!value) return std::unexpected(ExpressionError(value.error()));
  // Shared parts count each time, as they will when the value is written down.
  if (value->MemoryBytes(limits_.value_bytes_max) >= limits_.value_bytes_max) {
    return std::unexpected(MakeError("runtime", "A value is too large",
                                     "the result takes more than " + std::to_string(limits_.value_bytes_max) +
                                         " bytes (engine.value_bytes_max)"));
  }
  return *std::move(value);
}

Evaluated<Json> Evaluator::EvaluateVisible(const dsl::Template& what, const Json& input,
                                           const ScopeArguments& arguments) const {
  const MachineScope scope(arguments);
  auto value = what.EvaluateVisible(
      input, {.scope = scope, .options = {.budget = limits_.expression, .now_us = now_us_}});
  if (!value) return std::unexpected(ExpressionError(value.error()));
  return *std::move(value);
}

Evaluated<bool> Evaluator::Test(const dsl::Expression& what, const Json& input,
                                const ScopeArguments& arguments) const {
  const MachineScope scope(arguments);
  auto value =
      what.Test(input, {.scope = scope, .options = {.budget = limits_.expression, .now_us = now_us_}});
  if (scope.missing_secret()) return std::unexpected(MissingSecret(*scope.missing_secret()));
  if (!value) return std::unexpected(ExpressionError(value.error()));
  return *value;
}

Evaluated<std::int64_t> Evaluator::Microseconds(const dsl::Duration& duration, const Json& input,
                                                const ScopeArguments& arguments) const {
  if (!duration.computed) return duration.microseconds;
  auto value = Evaluate(*duration.computed, input, arguments);
  if (!value) return std::unexpected(std::move(value).error());
  auto parsed = dsl::ParseDuration(*value);
  if (!parsed) return std::unexpected(MakeError("validation", "Not a duration", parsed.error().message));
  return *parsed;
}

Evaluated<void> Evaluator::Check(dsl::SchemaPtr schema, const Json& value, std::string_view what) const {
  if (!schema) return {};
  const auto violations = schema->Validate(value, {.violations_max = 3});
  if (violations.empty()) return {};
  std::string detail = std::string(what) + " does not fit its schema: ";
  for (const schema::Violation& violation : violations) {
    if (&violation != &violations.front()) detail += "; ";
    detail += violation.message;
  }
  return std::unexpected(MakeError("validation", "Not as its schema says", detail));
}

}  // namespace elevaite::engine
