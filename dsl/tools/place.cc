#include "dsl/tools/place.h"

#include <vector>

#include "dsl/suggest.h"

namespace elevaite::dsl::tools {
namespace {

// The member of a schema, or of one of its alternatives.
Json PropertyOf(const Json& schema, std::string_view key) {
  if (const Json* property = schema["properties"].Find(key)) return *property;
  for (const std::string_view alternatives : {"oneOf", "anyOf"}) {
    const Json& list = schema[alternatives];
    for (std::size_t i = 0; list.IsArray() && i < list.Size(); ++i) {
      if (Json property = PropertyOf(list.At(i), key); !property.IsNull()) return property;
    }
  }
  return schema["additionalProperties"].IsObject() ? schema["additionalProperties"] : Json();
}

}  // namespace

Places::Places(const Json& tree, const FunctionCatalog& functions) : tree_(tree), functions_(functions) {
  const Json root = tree.IsObject() ? tree : Json::EmptyObject();
  if (auto read = yaml::Read(root.Dump(), {.depth_max = 1000})) root_ = *std::move(read);
}

std::optional<vocabulary::Place> Places::At(std::span<const std::string> path) const {
  return vocabulary::At(root_, PointerOf(path));
}

Json Places::SchemaAt(std::span<const std::string> path) const {
  for (std::size_t depth = path.size(); depth > 0; --depth) {
    if (path[depth - 1] != "with") continue;
    const Json* task = ValueAt(tree_, path.first(depth - 1));
    if (task == nullptr || !(*task)["call"].IsString()) continue;
    const FunctionInfo* function = functions_.Find((*task)["call"].AsString());
    if (function == nullptr) return {};
    Json schema = function->input;
    for (const std::string& token : path.subspan(depth)) {
      schema = IndexOf(token) && schema["items"].IsObject() ? schema["items"] : PropertyOf(schema, token);
    }
    return schema;
  }
  return {};
}

std::string DescribeForms(const vocabulary::Value& value) {
  using enum vocabulary::Form;
  static constexpr std::pair<vocabulary::Form, std::string_view> kWords[] = {
      {kText, "text"},
      {kExpression, "expression"},
      {kBoolean, "true or false"},
      {kInteger, "whole number"},
      {kNumber, "number"},
      {kDuration, "duration"},
      {kUri, "URI"},
      {kFlow, "name of a task, continue, exit or end"},
      {kVariable, "variable"},
      {kObject, "mapping"},
      {kMap, "mapping of names"},
      {kList, "list"},
      {kNamedList, "list"},
      {kAny, "any value"},
      {kCode, "code"}};
  std::vector<std::string_view> words;
  for (const auto& [form, word] : kWords) {
    if (value.Is(form)) words.push_back(word);
  }
  std::string reference;
  if (value.Is(kReference)) {
    reference = "name under `use." + std::string(value.reference) + "`";
    words.push_back(reference);
  }
  std::string out = value.Is(kEnum) ? "one of " + ListOf(value.values, "or") : ListOf(words, "or");
  std::erase(out, '`');
  return out;
}

std::string DescribeSchema(const Json& schema) {
  if (schema["enum"].IsArray()) {
    std::string out;
    for (const Json& value : schema["enum"].AsArray()) {
      out += (out.empty() ? "one of " : ", ") + std::string(value.StringOr(value.Dump()));
    }
    return out;
  }
  const Json& type = schema["type"];
  return std::string(type.IsArray() && type.Size() > 0 ? type.At(0).StringOr("") : type.StringOr(""));
}

}  // namespace elevaite::dsl::tools
