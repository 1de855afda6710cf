#include "dsl/schema/schema.h"

#include "dsl/schema/compiler.h"
#include "dsl/schema/evaluation.h"

namespace elevaite::schema {

std::expected<Schema, SchemaError> Schema::Compile(Json document, const CompileOptions& options) {
  auto compiled = Compiler(options).Compile(std::move(document));
  if (!compiled) return std::unexpected(std::move(compiled).error());
  return Schema(*std::move(compiled));
}

const Json& Schema::document() const { return compiled_->documents.front(); }

// Most values are valid: the first run stops at the first violation and writes no text. The second collects.
std::vector<Violation> Schema::Validate(const Json& value, const Limits& limits) const {
  Evaluation check(*compiled_, limits, Evaluation::Mode::kCheck);
  if (check.Run(value)) return {};
  Evaluation collect(*compiled_, limits, Evaluation::Mode::kCollect);
  collect.Run(value);
  return collect.TakeViolations();
}

}  // namespace elevaite::schema
