// JSON Pointers (RFC 6901) and changes of a value at one.
#pragma once

#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "foundation/json.h"

namespace elevaite::dsl::tools {

using Tokens = std::vector<std::string>;

// "/do/0/a~1b" is {"do", "0", "a/b"}, "" is {}. nullopt: it does not begin with '/', or `~` is not followed
// by 0 or 1.
std::optional<Tokens> ParsePointer(std::string_view pointer);
std::string PointerOf(std::span<const std::string> tokens);
// An index of a list: digits only, no leading zeros. nullopt for all else, also "-".
std::optional<std::size_t> IndexOf(std::string_view token);

const Json* ValueAt(const Json& root, std::span<const std::string> tokens);
// `root` with the value at `tokens`, which must exist, changed by `change`.
Json Changed(const Json& root, std::span<const std::string> tokens,
             const std::function<Json(const Json&)>& change);

Json WithInserted(const Json& list, std::size_t index, Json item);
Json WithErased(const Json& list, std::size_t index);
// The member's key changed; its place stays.
Json WithRenamed(const Json& object, std::string_view key, std::string_view name);

}  // namespace elevaite::dsl::tools
