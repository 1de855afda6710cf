#include "dsl/shape.h"

#include <fmt/format.h>

#include <vector>

#include "dsl/expression.h"
#include "dsl/suggest.h"

namespace elevaite::dsl {
namespace {

using syntax::Place;
using vocabulary::Value;

bool IsComputed(const yaml::Node& node) {
  return node.IsScalar() && node.value().IsString() && ScanText(node.text()).kind != TextKind::kLiteral;
}

// "a text, a whole number or a mapping"
std::string ExpectationOf(const Value& value) {
  using namespace vocabulary;
  std::vector<std::string_view> parts;
  if (value.Is(kExpression)) parts.emplace_back("an expression");
  if (value.Is(kDuration)) parts.emplace_back("a duration");
  const bool is_text = (value.forms & (kText | kEnum | kUri | kFlow | kVariable)) != 0;
  if (is_text) parts.emplace_back("a text");
  if (value.Is(kReference)) parts.emplace_back("a name");
  if (value.Is(kNumber)) {
    parts.emplace_back("a number");
  } else if (value.Is(kInteger)) {
    parts.emplace_back("a whole number");
  }
  if (value.Is(kBoolean)) parts.emplace_back("true or false");
  if (value.Is(kList) || value.Is(kNamedList)) parts.emplace_back("a list");
  if (value.Is(kObject) || value.Is(kMap)) parts.emplace_back("a mapping");
  std::string text;
  for (std::size_t i = 0; i < parts.size(); ++i) {
    if (i > 0) text += i + 1 == parts.size() ? " or " : ", ";
    text += parts[i];
  }
  return text;
}

}  // namespace

// Where a value stands, as a chain up to the place that is checked; made a Place only when there is something
// to say.
struct ShapeChecker::At {
  const At* parent = nullptr;
  const Place* root = nullptr;
  yaml::Node node;
  std::string_view key = {};
  const yaml::Range* key_range = nullptr;
  std::size_t index = 0;

  std::string Pointer() const {
    if (parent == nullptr) return root->pointer;
    return key_range != nullptr ? Child(parent->Pointer(), key) : Child(parent->Pointer(), index);
  }
  Place ToPlace() const {
    if (parent == nullptr) return *root;
    Place place{node, Pointer()};
    if (key_range != nullptr) place.key = *key_range;
    return place;
  }
};

// "`endpoint` of `http`", "`uri` in `endpoint` of `http`"
std::string ShapeChecker::Called(const At& at) const {
  std::string name;
  for (const At* part = &at; part->parent != nullptr; part = part->parent) {
    if (part->key_range == nullptr) {
      name += name.empty() ? "an item of " : " in an item of ";
      continue;
    }
    if (!name.empty() && !name.ends_with("of ")) name += " in ";
    name += Quote(part->key);
  }
  if (function_.empty()) return name;
  return name.empty() ? Quote(function_) : fmt::format("{} of `{}`", name, function_);
}

bool ShapeChecker::Check(const Place& place, const vocabulary::Object& object) {
  const std::size_t errors = reader_.diagnostics().errors();
  CheckObject(At{.root = &place, .node = place.node}, object);
  return reader_.diagnostics().errors() == errors;
}

void ShapeChecker::CheckObject(const At& at, const vocabulary::Object& object) {
  if (!at.node.IsMapping()) {
    const std::string name = at.parent == nullptr ? std::string(object.title) : Called(at);
    reader_.Add(function_.empty() ? Code::kWrongType : Code::kArgumentType, at.ToPlace(),
                fmt::format("{} must be a mapping, not {}", name, DescribeValue(at.node)));
    return;
  }
  const std::string called = function_.empty() ? std::string() : Called(at);
  const Reader::Naming naming{
      .function = function_, .called = called, .is_argument = !function_.empty() && at.parent == nullptr};
  if (!reader_.HasKnownKeys(at.node, object)) reader_.CheckKeys(at.ToPlace(), object, naming);
  for (const yaml::Member& member : at.node.members()) {
    const vocabulary::Key* key = object.Find(member.key);
    if (key == nullptr) continue;
    const At inner{.parent = &at,
                   .root = at.root,
                   .node = member.value,
                   .key = member.key,
                   .key_range = &member.key_range};
    CheckValue(inner, key->value);
    if (key->credential && !IsComputed(member.value) && member.value.value().IsString()) {
      reader_.Add(Code::kLiteralSecret, inner.ToPlace(),
                  fmt::format("{} is written down in the document", Called(inner)),
                  "keep it in a secret: list its name under `use.secrets` and write '${ $secrets.<name> }'");
    }
  }
}

void ShapeChecker::CheckValue(const At& at, const Value& value) {
  using namespace vocabulary;
  if (value.Is(kAny)) return;
  if (IsComputed(at.node)) {
    if (value.Is(kComputed) || value.Is(kExpression)) return;
    if (!value.Is(kObject) && !value.Is(kMap) && !value.Is(kList)) {
      reader_.Add(function_.empty() ? Code::kWrongType : Code::kArgumentType, at.ToPlace(),
                  fmt::format("{} must be written out; it cannot be computed", Called(at)));
      return;
    }
  }
  if (at.node.IsMapping()) {
    if (value.Is(kDuration)) {
      reader_.IsDuration(at.ToPlace(), Called(at));
    } else if (value.Is(kObject)) {
      CheckObject(at, Get(value.object));
    } else if (value.Is(kMap)) {
      if (value.element->Is(kAny)) return;
      for (const yaml::Member& member : at.node.members()) {
        CheckValue({.parent = &at,
                    .root = at.root,
                    .node = member.value,
                    .key = member.key,
                    .key_range = &member.key_range},
                   *value.element);
      }
    } else {
      WrongType(at, value);
    }
  } else if (at.node.IsSequence()) {
    if (value.Is(kNamedList)) return;
    if (!value.Is(kList)) return WrongType(at, value);
    if (value.element->Is(kAny)) return;
    std::size_t index = 0;
    for (const yaml::Node& item : at.node.items()) {
      CheckValue({.parent = &at, .root = at.root, .node = item, .index = index++}, *value.element);
    }
  } else {
    CheckScalar(at, value);
  }
}

void ShapeChecker::CheckScalar(const At& at, const Value& value) {
  using namespace vocabulary;
  switch (at.node.value().type()) {
    case Json::Type::kString: {
      constexpr std::uint32_t kTexts = kText | kExpression | kUri | kFlow | kVariable;
      if ((value.forms & kTexts) != 0) return;
      if (value.Is(kEnum)) return CheckEnum(at, value);
      if (value.Is(kReference)) {
        definitions_.Resolve(reader_, value.reference, at.ToPlace());
        return;
      }
      if (value.Is(kDuration)) {
        reader_.IsDuration(at.ToPlace(), Called(at));
        return;
      }
      return WrongType(at, value);
    }
    case Json::Type::kBool:
      if (!value.Is(kBoolean)) WrongType(at, value);
      return;
    case Json::Type::kNumber:
      if (!value.Is(kNumber) && !(value.Is(kInteger) && at.node.value().IsExactInteger()))
        WrongType(at, value);
      return;
    default: return WrongType(at, value);
  }
}

void ShapeChecker::CheckEnum(const At& at, const Value& value) {
  const std::string_view text = at.node.text();
  for (std::string_view allowed : value.values) {
    if (allowed == text) return;
  }
  const auto near = Nearest(text, value.values);
  reader_.Add(function_.empty() ? Code::kValueNotAllowed : Code::kArgumentValue, at.ToPlace(),
              fmt::format("{} must be {}, not the text {}", Called(at), ListOf(value.values), Quote(text)),
              near ? fmt::format("did you mean `{}`?", *near) : "");
}

void ShapeChecker::WrongType(const At& at, const Value& value) {
  const bool may_compute = value.Is(vocabulary::kText) && at.node.IsScalar() && !at.node.IsNull();
  reader_.Add(function_.empty() ? Code::kWrongType : Code::kArgumentType, at.ToPlace(),
              fmt::format("{} must be {}, not {}", Called(at), ExpectationOf(value), DescribeValue(at.node)),
              may_compute ? fmt::format("put it in quotes: '{}'", Excerpt(at.node.text())) : "");
}

}  // namespace elevaite::dsl
