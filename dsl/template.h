// Expression and Template: the compiled forms of the document's fields that may hold jq.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "dsl/jq/jq.h"
#include "foundation/json.h"

namespace elevaite::dsl {

// Answers the variables of an expression ($context, $input, a loop's $item ...). Asked only for those that
// occur.
class Scope {
 public:
  virtual ~Scope() = default;
  virtual Json Variable(std::string_view name) const = 0;
};

struct EvaluationContext {
  const Scope& scope;
  jq::EvaluationOptions options;
};

// Why an evaluation failed, for the DSL's `expression` error.
struct ExpressionFailure {
  std::string message;     // "jq: Cannot iterate over null"
  std::string expression;  // the text that failed
};

// One jq expression, the whole of a field.
class Expression {
 public:
  explicit Expression(jq::Program program) : program_(std::move(program)) {}
  std::expected<Json, ExpressionFailure> Evaluate(Json input, const EvaluationContext& context) const;
  // jq's notion of truth: all but false and null.
  std::expected<bool, ExpressionFailure> Test(Json input, const EvaluationContext& context) const;
  const std::string& text() const { return program_.text(); }
  const jq::Program& program() const { return program_; }
  bool UsesSecrets() const;  // mentions $secrets; its failures then say nothing of the values

 private:
  jq::Program program_;
};

// A literal, an expression, or an array/object with expressions anywhere inside. Copying is O(1).
//
// Secrets: the value of a part that mentions $secrets, or is marked by Secret(), must not be written down.
// Evaluate gives the real value, for the one who needs it; EvaluateVisible gives the same with kHidden in the
// place of each such part, for journals and people.
class Template {
 public:
  struct Node;
  static Template Literal(Json value);
  static Template Computed(Expression expression);
  static Template Array(std::vector<Template> items);
  static Template Object(std::vector<std::pair<std::string, Template>> members);
  // `evaluate.mode: loose`: a text that is tried as an expression and stays as it is when that fails.
  static Template Loose(Expression expression, std::string text);
  // A credential: see above.
  static Template Secret(Template value);
  static constexpr std::string_view kHidden = "(secret)";

  // RFC 6570, level 1: "https://api.example/pets/{petId}" with the top-level members of the input,
  // percent-encoded. A missing or null member is empty; a list or an object fails.
  static Template UriTemplate(std::string text);
  // Of an object: the same with the text of the member `name` (or of its member `uri`) as a URI template, if
  // it holds a brace.
  Template WithUriTemplateAt(std::string_view name) const;

  std::expected<Json, ExpressionFailure> Evaluate(const Json& input, const EvaluationContext& context) const;
  std::expected<Json, ExpressionFailure> EvaluateVisible(const Json& input,
                                                         const EvaluationContext& context) const;
  bool HoldsSecrets() const;
  bool IsLiteral() const;
  const Json* literal() const;           // nullptr unless IsLiteral()
  const Expression* expression() const;  // nullptr unless it is one expression

  // What it is made of, for whoever looks at it before it runs.
  enum class Form : std::uint8_t { kLiteral, kComputed, kArray, kObject, kUri, kLoose, kSecret };
  Form form() const;
  std::span<const Template> items() const;  // kArray; kSecret: the one that is hidden
  std::span<const std::pair<std::string, Template>> members() const;  // kObject
  std::string_view text() const;                                      // kUri, kLoose
  const Expression* tried() const;                                    // kLoose; else nullptr

 private:
  enum class Show : std::uint8_t { kAll, kVisible };
  explicit Template(std::shared_ptr<const Node> node) : node_(std::move(node)) {}
  std::expected<Json, ExpressionFailure> Evaluate(const Json& input, const EvaluationContext& context,
                                                  Show show) const;
  std::shared_ptr<const Node> node_;
};

}  // namespace elevaite::dsl
