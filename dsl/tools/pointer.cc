#include "dsl/tools/pointer.h"

#include <charconv>
#include <system_error>
#include <utility>

#include "dsl/reader.h"

namespace elevaite::dsl::tools {

std::optional<Tokens> ParsePointer(std::string_view pointer) {
  Tokens tokens;
  if (pointer.empty()) return tokens;
  if (pointer.front() != '/') return std::nullopt;
  for (std::size_t i = 0; i < pointer.size(); ++i) {
    const char c = pointer[i];
    if (c == '/') {
      tokens.emplace_back();
    } else if (c != '~') {
      tokens.back() += c;
    } else {
      if (++i == pointer.size() || (pointer[i] != '0' && pointer[i] != '1')) return std::nullopt;
      tokens.back() += pointer[i] == '0' ? '~' : '/';
    }
  }
  return tokens;
}

std::string PointerOf(std::span<const std::string> tokens) {
  std::string pointer;
  for (const std::string& token : tokens) pointer = Child(pointer, token);
  return pointer;
}

std::optional<std::size_t> IndexOf(std::string_view token) {
  if (token.empty() || token.size() > 9 || (token.size() > 1 && token.front() == '0')) return std::nullopt;
  std::size_t index = 0;
  const auto [end, error] = std::from_chars(token.data(), token.data() + token.size(), index);
  if (error != std::errc() || end != token.data() + token.size()) return std::nullopt;
  return index;
}

const Json* ValueAt(const Json& root, std::span<const std::string> tokens) {
  const Json* value = &root;
  for (const std::string& token : tokens) {
    if (value->IsArray()) {
      const auto index = IndexOf(token);
      if (!index || *index >= value->Size()) return nullptr;
      value = &value->At(*index);
    } else {
      value = value->Find(token);
      if (value == nullptr) return nullptr;
    }
  }
  return value;
}

Json Changed(const Json& root, std::span<const std::string> tokens,
             const std::function<Json(const Json&)>& change) {
  if (tokens.empty()) return change(root);
  const auto rest = tokens.subspan(1);
  if (root.IsArray()) {
    const std::size_t index = IndexOf(tokens.front()).value_or(root.Size());
    CHECK(index < root.Size());
    return Json::WithItem(root, index, Changed(root.At(index), rest, change));
  }
  const Json* member = root.Find(tokens.front());
  CHECK(member != nullptr);
  return Json::WithMember(root, tokens.front(), Changed(*member, rest, change));
}

Json WithInserted(const Json& list, std::size_t index, Json item) {
  std::vector<Json> items(list.AsArray().begin(), list.AsArray().end());
  items.insert(items.begin() + static_cast<std::ptrdiff_t>(index), std::move(item));
  return Json::Array(std::move(items));
}

Json WithErased(const Json& list, std::size_t index) {
  std::vector<Json> items(list.AsArray().begin(), list.AsArray().end());
  items.erase(items.begin() + static_cast<std::ptrdiff_t>(index));
  return Json::Array(std::move(items));
}

Json WithRenamed(const Json& object, std::string_view key, std::string_view name) {
  std::vector<Json::Member> members;
  for (const auto& [old, value] : object.AsObject()) {
    members.emplace_back(old.AsString() == key ? Json(name) : old, value);
  }
  return Json::Object(std::move(members));
}

}  // namespace elevaite::dsl::tools
