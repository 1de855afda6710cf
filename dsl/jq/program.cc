// The public face: Program and Evaluation.
#include "dsl/jq/compiler.h"
#include "dsl/jq/jq.h"
#include "dsl/jq/machine.h"

namespace elevaite::jq {

std::expected<Program, CompileError> Program::Compile(std::string_view text, const CompileOptions& options) {
  if (text.size() > options.text_bytes_max) {
    return std::unexpected(CompileError{"the filter has " + std::to_string(text.size()) + " bytes; at most " +
                                            std::to_string(options.text_bytes_max) + " are read",
                                        "",
                                        {}});
  }
  if (const std::size_t bad = FindInvalidUtf8(text); bad != std::string_view::npos) {
    const auto at = static_cast<std::uint32_t>(bad);
    return std::unexpected(CompileError{"the filter is not valid UTF-8", "", {at, at + 1}});
  }
  auto code = std::make_shared<Code>();
  code->text = std::string(text);
  Compiler compiler(*code, options);
  if (!compiler.CompileProgram()) return std::unexpected(compiler.TakeError());
  return Program(std::move(code));
}

const std::vector<std::string>& Program::variables() const { return code_->variables; }
const std::string& Program::text() const { return code_->text; }

struct Evaluation::State {
  State(const Code& code, Json input, std::span<const Json> variables, const EvaluationOptions& options)
      : machine(code, std::move(input), variables, options) {}
  Machine machine;
};

Evaluation::Evaluation(const Program& program, Json input, std::span<const Json> variables,
                       const EvaluationOptions& options)
    : state_(std::make_unique<State>(program.code(), std::move(input), variables, options)) {}
Evaluation::~Evaluation() = default;

std::expected<std::optional<Json>, EvaluationError> Evaluation::Next() {
  std::optional<Json> value;
  if (state_->machine.Next(value)) return value;
  return std::unexpected(state_->machine.TakeError());
}

std::expected<Json, EvaluationError> EvaluateFirst(const Program& program, Json input,
                                                   std::span<const Json> variables,
                                                   const EvaluationOptions& options) {
  Machine machine(program.code(), std::move(input), variables, options);
  std::optional<Json> value;
  if (!machine.Next(value)) return std::unexpected(machine.TakeError());
  return value ? std::move(*value) : Json();
}

}  // namespace elevaite::jq
