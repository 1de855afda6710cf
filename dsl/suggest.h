// "did you mean ...?": the nearest of a set of names, and names quoted for a message.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace elevaite::dsl {

// The candidate nearest to `name`, when it is near enough to be a slip: one edit for short names, a third of
// the length at most. Names longer than 64 bytes are never similar. nullopt: none.
std::optional<std::string_view> Nearest(std::string_view name, std::span<const std::string_view> candidates);
std::optional<std::string_view> Nearest(std::string_view name, const std::vector<std::string>& candidates);

// At most 60 bytes of `text`, whole characters, control characters as spaces; "..." where it was cut.
std::string Excerpt(std::string_view text);
// `name` in backticks, cut to 60 bytes, control characters replaced.
std::string Quote(std::string_view name);
// "`a`, `b` or `c`"; after 16 names "...".
std::string ListOf(std::span<const std::string_view> names, std::string_view last = "or");

}  // namespace elevaite::dsl
