#include "dsl/template.h"
#include "foundation/percent.h"

#include <algorithm>
#include <variant>

namespace elevaite::dsl {
namespace {

// The values of the variables that the program uses, in its order.
std::vector<Json> Bind(const jq::Program& program, const Scope& scope) {
  std::vector<Json> values;
  values.reserve(program.variables().size());
  for (const std::string& name : program.variables()) values.push_back(scope.Variable(name));
  return values;
}

}  // namespace

std::expected<Json, ExpressionFailure> Expression::Evaluate(Json input,
                                                            const EvaluationContext& context) const {
  const std::vector<Json> values = Bind(program_, context.scope);
  auto result = jq::EvaluateFirst(program_, std::move(input), values, context.options);
  if (result) return std::move(*result);
  // jq's messages quote values.
  std::string message =
      UsesSecrets() ? "an expression that uses a secret failed" : std::move(result.error().message);
  return std::unexpected(ExpressionFailure{std::move(message), program_.text()});
}

bool Expression::UsesSecrets() const {
  return std::ranges::find(program_.variables(), "secrets") != program_.variables().end();
}

std::expected<bool, ExpressionFailure> Expression::Test(Json input, const EvaluationContext& context) const {
  auto result = Evaluate(std::move(input), context);
  if (!result) return std::unexpected(std::move(result).error());
  return !(result->IsNull() || (result->IsBool() && !result->AsBool()));
}

struct Template::Node {
  struct Array {
    std::vector<Template> items;
  };
  struct Object {
    std::vector<std::pair<std::string, Template>> members;
  };
  struct Uri {
    std::string text;
  };
  struct Loose {
    Expression expression;
    std::string text;
  };
  struct Secret {
    Template value;
  };
  template <class Content>
  explicit Node(Content value) : content(std::move(value)) {}
  std::variant<Json, Expression, Array, Object, Uri, Loose, Secret> content;  // in the order of Form
};

Template Template::Literal(Json value) { return Template(std::make_shared<Node>(std::move(value))); }

Template Template::Computed(Expression expression) {
  return Template(std::make_shared<Node>(std::move(expression)));
}

// An array or object of literals only is a literal itself: evaluating it is a copy of a reference.
Template Template::Array(std::vector<Template> items) {
  bool literal = true;
  for (const Template& item : items) literal = literal && item.IsLiteral();
  if (!literal) return Template(std::make_shared<Node>(Node::Array{std::move(items)}));
  std::vector<Json> values;
  values.reserve(items.size());
  for (const Template& item : items) values.push_back(*item.literal());
  return Literal(Json::Array(std::move(values)));
}

Template Template::Object(std::vector<std::pair<std::string, Template>> members) {
  bool literal = true;
  for (const auto& [name, value] : members) literal = literal && value.IsLiteral();
  if (!literal) return Template(std::make_shared<Node>(Node::Object{std::move(members)}));
  std::vector<Json::Member> values;
  values.reserve(members.size());
  for (const auto& [name, value] : members) values.emplace_back(std::string_view(name), *value.literal());
  return Literal(Json::Object(std::move(values)));
}

Template Template::UriTemplate(std::string text) {
  return Template(std::make_shared<Node>(Node::Uri{std::move(text)}));
}

Template Template::Loose(Expression expression, std::string text) {
  return Template(std::make_shared<Node>(Node::Loose{std::move(expression), std::move(text)}));
}

Template Template::Secret(Template value) {
  return Template(std::make_shared<Node>(Node::Secret{std::move(value)}));
}

Template Template::WithUriTemplateAt(std::string_view name) const {
  std::vector<std::pair<std::string, Template>> members;
  if (const Json* value = literal(); value && value->IsObject()) {
    for (const auto& [key, member] : value->AsObject())
      members.emplace_back(std::string(key.AsString()), Literal(member));
  } else if (const auto* object = std::get_if<Node::Object>(&node_->content)) {
    members = object->members;
  }
  for (auto& [key, member] : members) {
    if (key != name) continue;
    const Json* text = member.literal();
    if (text && text->IsString() && text->AsString().find('{') != std::string_view::npos) {
      member = UriTemplate(std::string(text->AsString()));
    } else if (name != "uri" && !(text && !text->IsObject()) && !member.expression()) {
      member = member.WithUriTemplateAt("uri");
    }
    return Object(std::move(members));
  }
  return *this;
}

bool Template::IsLiteral() const { return literal() != nullptr; }
const Json* Template::literal() const { return std::get_if<Json>(&node_->content); }
const Expression* Template::expression() const { return std::get_if<Expression>(&node_->content); }

Template::Form Template::form() const { return static_cast<Form>(node_->content.index()); }

std::span<const Template> Template::items() const {
  if (const auto* secret = std::get_if<Node::Secret>(&node_->content)) return {&secret->value, 1};
  const auto* array = std::get_if<Node::Array>(&node_->content);
  return array != nullptr ? std::span<const Template>(array->items) : std::span<const Template>();
}

std::span<const std::pair<std::string, Template>> Template::members() const {
  using Members = std::span<const std::pair<std::string, Template>>;
  const auto* object = std::get_if<Node::Object>(&node_->content);
  return object != nullptr ? Members(object->members) : Members();
}

std::string_view Template::text() const {
  if (const auto* loose = std::get_if<Node::Loose>(&node_->content)) return loose->text;
  const auto* uri = std::get_if<Node::Uri>(&node_->content);
  return uri != nullptr ? std::string_view(uri->text) : std::string_view();
}

const Expression* Template::tried() const {
  const auto* loose = std::get_if<Node::Loose>(&node_->content);
  return loose != nullptr ? &loose->expression : nullptr;
}

namespace {

std::expected<Json, ExpressionFailure> ExpandUri(std::string_view text, const Json& input) {
  std::string out;
  for (std::size_t from = 0; from < text.size();) {
    const std::size_t open = text.find('{', from);
    const std::size_t close = open == std::string_view::npos ? open : text.find('}', open);
    if (close == std::string_view::npos) {
      out += text.substr(from);
      break;
    }
    out += text.substr(from, open - from);
    const Json& value = input[text.substr(open + 1, close - open - 1)];
    if (value.IsArray() || value.IsObject()) {
      return std::unexpected(
          ExpressionFailure{"a list or an object cannot stand in an address", std::string(text)});
    }
    if (value.IsString()) {
      out += PercentEncode(value.AsString());
    } else if (!value.IsNull()) {
      out += PercentEncode(value.Dump());
    }
    from = close + 1;
  }
  return Json(out);
}

}  // namespace

bool Template::HoldsSecrets() const {
  const auto holds = [](const Template& part) { return part.HoldsSecrets(); };
  if (const Expression* computed = expression()) return computed->UsesSecrets();
  if (const auto* loose = std::get_if<Node::Loose>(&node_->content)) return loose->expression.UsesSecrets();
  if (const auto* array = std::get_if<Node::Array>(&node_->content))
    return std::ranges::any_of(array->items, holds);
  if (const auto* object = std::get_if<Node::Object>(&node_->content))
    return std::ranges::any_of(object->members, [&](const auto& member) { return holds(member.second); });
  return std::holds_alternative<Node::Secret>(node_->content);
}

std::expected<Json, ExpressionFailure> Template::Evaluate(const Json& input,
                                                          const EvaluationContext& context) const {
  return Evaluate(input, context, Show::kAll);
}

std::expected<Json, ExpressionFailure> Template::EvaluateVisible(const Json& input,
                                                                 const EvaluationContext& context) const {
  return Evaluate(input, context, Show::kVisible);
}

// Templates nest as deep as the document they come from, which its parser limits.
std::expected<Json, ExpressionFailure> Template::Evaluate(const Json& input, const EvaluationContext& context,
                                                          Show show) const {
  if (const Json* value = literal()) return *value;
  if (const Expression* computed = expression()) {
    if (show == Show::kVisible && computed->UsesSecrets()) return Json(kHidden);
    return computed->Evaluate(input, context);
  }
  if (const auto* uri = std::get_if<Node::Uri>(&node_->content)) return ExpandUri(uri->text, input);
  if (const auto* loose = std::get_if<Node::Loose>(&node_->content)) {
    if (show == Show::kVisible && loose->expression.UsesSecrets()) return Json(kHidden);
    return loose->expression.Evaluate(input, context).value_or(Json(loose->text));
  }
  if (const auto* secret = std::get_if<Node::Secret>(&node_->content)) {
    return show == Show::kVisible ? Json(kHidden) : secret->value.Evaluate(input, context, show);
  }
  auto too_deep = [] { return std::unexpected(ExpressionFailure{"the result is nested too deeply", ""}); };
  if (const auto* array = std::get_if<Node::Array>(&node_->content)) {
    std::vector<Json> values;
    values.reserve(array->items.size());
    for (const Template& item : array->items) {
      auto value = item.Evaluate(input, context, show);
      if (!value) return value;
      if (value->Depth() + 1 >= Json::kMaxDepth) return too_deep();
      values.push_back(std::move(*value));
    }
    return Json::Array(std::move(values));
  }
  std::vector<Json::Member> members;
  for (const auto& [name, item] : std::get<Node::Object>(node_->content).members) {
    auto value = item.Evaluate(input, context, show);
    if (!value) return value;
    if (value->Depth() + 1 >= Json::kMaxDepth) return too_deep();
    members.emplace_back(std::string_view(name), std::move(*value));
  }
  return Json::Object(std::move(members));
}

}  // namespace elevaite::dsl
