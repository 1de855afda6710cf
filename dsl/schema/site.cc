#include "dsl/schema/site.h"

#include <fmt/format.h>

#include <algorithm>

#include "dsl/schema/evaluation.h"
#include "foundation/decimal.h"
#include "foundation/json_pointer.h"

namespace elevaite::schema {

std::string Site::At(std::string_view keyword) const {
  std::string pointer = place_.Name();
  AppendToken(pointer, keyword);
  return pointer;
}

Rule Site::Fail(std::string at, std::string message, std::string hint) {
  compiler_.Fail(std::move(at), std::move(message), std::move(hint));
  return {};
}

std::optional<std::uint64_t> Site::Count(std::string_view keyword) {
  const Json* value = Find(keyword);
  if (value == nullptr) return std::nullopt;
  if (value->IsInt64() && value->AsInt64() >= 0) return static_cast<std::uint64_t>(value->AsInt64());
  if (value->IsUint64()) return value->AsUint64();
  if (value->IsNumber() && value->AsDouble() >= 0 && DecimalOf(*value).IsInteger())  // 2.0, 1e400
    return value->AsDouble() < 1e18 ? static_cast<std::uint64_t>(value->AsDouble()) : ~std::uint64_t{0};
  Fail(At(keyword),
       fmt::format("`{}` must be a whole number of at least 0, it is {}", keyword, Excerpt(*value)));
  return std::nullopt;
}

std::optional<std::vector<std::string>> Site::Names(const Json& value, const std::string& at) {
  std::vector<std::string> names;
  const bool good = value.IsArray() && std::ranges::all_of(value.AsArray(), &Json::IsString);
  if (!good) {
    Fail(at, fmt::format("must be a list of names, it is {}", Excerpt(value)));
    return std::nullopt;
  }
  for (const Json& name : value.AsArray()) names.emplace_back(name.AsString());
  return names;
}

std::span<const Json::Member> Site::Map(std::string_view keyword) {
  const Json* value = Find(keyword);
  if (value == nullptr) return {};
  if (value->IsObject()) return value->AsObject();
  Fail(At(keyword), fmt::format("`{}` must be an object, it is {}", keyword, Excerpt(*value)));
  return {};
}

std::span<const Json> Site::List(std::string_view keyword) {
  const Json* value = Find(keyword);
  if (value == nullptr) return {};
  if (value->IsArray() && value->Size() > 0) return value->AsArray();
  Fail(At(keyword),
       fmt::format("`{}` must be a list with at least one schema, it is {}", keyword, Excerpt(*value)));
  return {};
}

const Node* Site::Child(std::string_view keyword, std::optional<std::string_view> token) {
  Place inner = place_;
  AppendToken(inner.pointer, keyword);
  if (token) AppendToken(inner.pointer, *token);
  return compiler_.NodeOf(inner.Name());
}

const Node* Site::InPlace(std::string_view keyword, std::optional<std::string_view> token) {
  const Node* inner = Child(keyword, token);
  node_.in_place.push_back(inner);
  return inner;
}

const Node* Site::Reference(std::string_view keyword) {
  const Json* reference = Find(keyword);
  if (!reference->IsString()) {
    Fail(At(keyword), fmt::format("`{}` must be a URI, it is {}", keyword, Excerpt(*reference)));
    return nullptr;
  }
  const Place* target = compiler_.Resolve(place_, keyword, reference->AsString());
  if (target == nullptr) return nullptr;
  const Node* node = compiler_.NodeAt(*target);
  node_.in_place.push_back(node);
  return node;
}

}  // namespace elevaite::schema
