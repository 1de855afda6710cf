// jq: the expression language of the DSL. Own evaluator: no files, no environment, no network, no wall clock;
// every evaluation has a budget, and nothing an expression does can end the process.
//
//   auto program = jq::Program::Compile(".items[] | select(.price > $limit)", {.variables = {"limit"}});
//   Json values[] = {10};                                   // in the order of program->variables()
//   jq::Evaluation run(*program, input, values, {});
//   while (auto next = run.Next(); next && *next) Use(**next);
//
// Semantics: jq 1.8 (https://jqlang.org/manual/v1.8/) without modules and I/O. Numbers: see
// foundation/json.h.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <expected>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "foundation/json.h"
#include "foundation/result.h"

namespace elevaite::jq {

// Byte offsets into the filter's text.
struct Span {
  std::uint32_t begin = 0;
  std::uint32_t end = 0;
};

struct CompileError {
  std::string message;
  std::string hint;  // "did you mean ...?"; may be empty
  Span span;
};

struct CompileOptions {
  // Names (without $) that the evaluation will bind. Any other free $name is a compile error.
  std::vector<std::string> variables;
  std::size_t text_bytes_max = 64U << 10U;
  std::uint32_t depth_max = 256;  // nesting of the filter itself
};

struct Code;  // the compiled form, private to dsl/jq

// Immutable; may be shared by threads; copying is O(1).
class Program {
 public:
  static std::expected<Program, CompileError> Compile(std::string_view text,
                                                      const CompileOptions& options = {});

  // The bound variables that the filter really uses: what Evaluation expects, in this order.
  const std::vector<std::string>& variables() const;
  const std::string& text() const;
  const Code& code() const { return *code_; }

 private:
  explicit Program(std::shared_ptr<const Code> code) : code_(std::move(code)) {}
  std::shared_ptr<const Code> code_;
};

struct Budget {
  std::uint64_t steps_max = 50'000'000;  // elementary operations
  std::size_t bytes_max = 256U << 20U;   // allocated and still held by the evaluation, approximately
  std::uint64_t outputs_max = 1'000'000;
  std::chrono::milliseconds time_max{2'000};  // looked at every few thousand steps
};

struct EvaluationOptions {
  Budget budget;
  std::int64_t now_us = 0;                       // what `now` answers
  const std::atomic<bool>* cancelled = nullptr;  // looked at together with the time
};

struct EvaluationError {
  enum class Kind : std::uint8_t { kRaised, kBudget, kCancelled };
  Kind kind = Kind::kRaised;
  Json value;           // what `error(value)` raised; for the others a message
  std::string message;  // for people: "jq: Cannot index number with \"a\""
  Span span;            // where in the filter, as near as is known
};

// One run of a program over one input: a generator of outputs. Not thread-safe.
class Evaluation {
 public:
  // `variables` follows Program::variables(). The program must outlive the evaluation.
  Evaluation(const Program& program, Json input, std::span<const Json> variables,
             const EvaluationOptions& options);
  ~Evaluation();
  Evaluation(const Evaluation&) = delete;
  Evaluation& operator=(const Evaluation&) = delete;

  // The next output, nullopt at the end. After an error or the end it stays at the end.
  std::expected<std::optional<Json>, EvaluationError> Next();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

// The first output, or null when there is none: what a DSL field takes.
std::expected<Json, EvaluationError> EvaluateFirst(const Program& program, Json input,
                                                   std::span<const Json> variables,
                                                   const EvaluationOptions& options);

// How a value becomes text.
struct TextLayout {
  std::string indent;  // for each level of nesting, with a line an item; "": all on one line
  bool sort_keys = false;
  bool ascii = false;  // what is not ASCII as \u escapes
};
// JSON text as jq prints it: decimals in their canonical form, nan as null.
void AppendText(std::string& out, const Json& value, const TextLayout& layout);

// Name, arity, signature and a one-line description of every builtin; for completion, did-you-mean and the
// docs.
struct Builtin {
  std::string_view name;
  int arity;
  std::string_view description;
};
std::span<const Builtin> Builtins();

}  // namespace elevaite::jq
