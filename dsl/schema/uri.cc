#include "dsl/schema/uri.h"

#include <algorithm>
#include <charconv>
#include <vector>

namespace elevaite::schema {
namespace {

struct Parts {
  std::string_view scheme;                    // without ':'
  std::optional<std::string_view> authority;  // without '//'
  std::string_view path;
  std::optional<std::string_view> query;
};

bool IsScheme(std::string_view text) {
  const auto alpha = [](char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); };
  return !text.empty() && alpha(text.front()) && std::ranges::all_of(text, [&](char c) {
    return alpha(c) || (c >= '0' && c <= '9') || c == '+' || c == '-' || c == '.';
  });
}

Parts Split(std::string_view uri) {
  Parts parts;
  uri = uri.substr(0, uri.find('#'));
  if (const auto colon = uri.find(':'); colon != std::string_view::npos && IsScheme(uri.substr(0, colon))) {
    parts.scheme = uri.substr(0, colon);
    uri.remove_prefix(colon + 1);
  }
  if (const auto mark = uri.find('?'); mark != std::string_view::npos) {
    parts.query = uri.substr(mark + 1);
    uri = uri.substr(0, mark);
  }
  if (uri.starts_with("//")) {
    const auto slash = std::min(uri.find('/', 2), uri.size());
    parts.authority = uri.substr(2, slash - 2);
    uri.remove_prefix(slash);
  }
  parts.path = uri;
  return parts;
}

std::string RemoveDots(std::string_view path) {
  std::vector<std::string_view> kept;
  const bool absolute = path.starts_with('/');
  if (absolute) path.remove_prefix(1);
  bool slash_at_end = false;
  for (bool more = true; more;) {
    const auto slash = path.find('/');
    more = slash != std::string_view::npos;
    const std::string_view segment = path.substr(0, slash);
    if (more) path.remove_prefix(slash + 1);
    slash_at_end = segment == "." || segment == "..";
    if (segment == ".." && !kept.empty()) kept.pop_back();
    if (!slash_at_end) kept.push_back(segment);
  }
  std::string result = absolute ? "/" : "";
  for (std::size_t i = 0; i < kept.size(); ++i) {
    if (i > 0) result += '/';
    result += kept[i];
  }
  if (slash_at_end && !kept.empty()) result += '/';
  return result;
}

std::string MergePaths(const Parts& base, std::string_view path) {
  if (base.authority && base.path.empty()) return "/" + std::string(path);
  const auto slash = base.path.rfind('/');
  return std::string(base.path.substr(0, slash == std::string_view::npos ? 0 : slash + 1)) +
         std::string(path);
}

std::string Join(const Parts& parts, std::string_view path) {
  std::string uri;
  if (!parts.scheme.empty()) uri.append(parts.scheme).append(":");
  if (parts.authority) uri.append("//").append(*parts.authority);
  uri += path;
  if (parts.query) uri.append("?").append(*parts.query);
  return uri;
}

}  // namespace

std::string ResolveUri(std::string_view base_text, std::string_view reference) {
  const Parts base = Split(base_text);
  Parts target = Split(reference);
  if (!target.scheme.empty()) return Join(target, target.authority ? RemoveDots(target.path) : target.path);
  target.scheme = base.scheme;
  if (target.authority) return Join(target, RemoveDots(target.path));
  target.authority = base.authority;
  if (target.path.empty()) {
    if (!target.query) target.query = base.query;
    return Join(target, base.path);
  }
  if (target.path.starts_with('/')) return Join(target, RemoveDots(target.path));
  return Join(target, RemoveDots(MergePaths(base, target.path)));
}

std::optional<std::string> FragmentOf(std::string_view reference) {
  const auto hash = reference.find('#');
  if (hash == std::string_view::npos) return "";
  std::string text;
  for (std::size_t i = hash + 1; i < reference.size(); ++i) {
    if (reference[i] != '%') {
      text += reference[i];
      continue;
    }
    const std::string_view digits = reference.substr(i + 1, 2);
    unsigned value = 0;
    const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), value, 16);
    if (digits.size() != 2 || error != std::errc() || end != digits.data() + 2) return std::nullopt;
    text += static_cast<char>(value);
    i += 2;
  }
  return text;
}

}  // namespace elevaite::schema
