#include "net/url.h"

#include <algorithm>
#include <charconv>

#include "foundation/json.h"
#include "foundation/percent.h"
#include "net/address.h"
#include "net/headers.h"

namespace elevaite::net {
namespace {

constexpr std::size_t kUrlBytesMax = 8192;
constexpr std::size_t kQueryParametersMax = 256;

int HexValue(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

bool IsDigit(char c) { return c >= '0' && c <= '9'; }
bool IsAlpha(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }

std::unexpected<Error> Bad(std::string why) {
  return Fail(ErrorCode::kInvalidArgument, "the URL is not valid: " + std::move(why));
}

// A host whose last label starts with a digit is meant as an IPv4 address; then it must be four plain decimal
// numbers.
bool LooksLikeIpv4(std::string_view host) {
  if (host.ends_with('.')) host.remove_suffix(1);
  const auto dot = host.rfind('.');
  const std::string_view last = dot == std::string_view::npos ? host : host.substr(dot + 1);
  return !last.empty() && IsDigit(last.front());
}

Result<std::string> CheckHost(std::string_view host) {
  std::string lower(host);
  for (char& c : lower) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
  if (lower.empty() || lower.size() > 253) return Bad("the host is empty or too long");
  if (LooksLikeIpv4(lower)) {
    const auto address = IpAddress::Parse(lower);
    if (!address) return Bad("an IPv4 address is four decimal numbers");
    return lower;
  }
  std::size_t label = 0;
  char previous = '.';
  for (const char c : lower) {
    if (c == '.') {
      if (label == 0 || previous == '-') return Bad("the host has an empty label");
      label = 0;
    } else {
      if (!IsAlpha(c) && !IsDigit(c) && c != '-' && c != '_')
        return Bad("the host has a character that is not allowed");
      if (++label > 63) return Bad("a label of the host is too long");
      if (c == '-' && previous == '.') return Bad("a label of the host starts with '-'");
    }
    previous = c;
  }
  if (previous == '-') return Bad("the host ends with '-'");
  if (previous == '.') lower.pop_back();  // the root dot: the same host
  return lower;
}

// RFC 3986 section 5.2.4, on a path that starts with '/'.
std::string RemoveDotSegments(std::string_view path) {
  std::vector<std::string_view> kept;
  bool slash_at_end = false;
  std::size_t at = 1;
  while (at <= path.size()) {
    const auto slash = std::min(path.find('/', at), path.size());
    const std::string_view segment = path.substr(at, slash - at);
    slash_at_end = false;
    if (segment == "..") {
      if (!kept.empty()) kept.pop_back();
      slash_at_end = true;
    } else if (segment == ".") {
      slash_at_end = true;
    } else {
      kept.push_back(segment);
    }
    at = slash + 1;
  }
  std::string result;
  for (const std::string_view segment : kept) result.append("/").append(segment);
  if (slash_at_end || result.empty()) result += '/';
  return result;
}

}  // namespace

std::optional<std::string> PercentDecode(std::string_view text, bool plus_is_space) {
  std::string result;
  result.reserve(text.size());
  for (std::size_t i = 0; i < text.size(); ++i) {
    char c = text[i];
    if (c == '%') {
      if (i + 2 >= text.size()) return std::nullopt;
      const int high = HexValue(text[i + 1]);
      const int low = HexValue(text[i + 2]);
      if (high < 0 || low < 0) return std::nullopt;
      c = static_cast<char>(high * 16 + low);
      i += 2;
    } else if (c == '+' && plus_is_space) {
      c = ' ';
    }
    if (c == '\0') return std::nullopt;
    result.push_back(c);
  }
  return result;
}

Result<QueryParameters> ParseQuery(std::string_view query) {
  QueryParameters parameters;
  while (!query.empty()) {
    const auto end = std::min(query.find('&'), query.size());
    const std::string_view pair = query.substr(0, end);
    query.remove_prefix(std::min(end + 1, query.size()));
    if (pair.empty()) continue;
    const auto equals = std::min(pair.find('='), pair.size());
    auto name = PercentDecode(pair.substr(0, equals), true);
    auto value = PercentDecode(pair.substr(std::min(equals + 1, pair.size())), true);
    if (!name || !value) return Fail(ErrorCode::kInvalidArgument, "the query has a bad % escape");
    if (FindInvalidUtf8(*name) != std::string_view::npos ||
        FindInvalidUtf8(*value) != std::string_view::npos) {
      return Fail(ErrorCode::kInvalidArgument, "the query is not valid UTF-8");
    }
    if (parameters.size() == kQueryParametersMax) {
      return Fail(ErrorCode::kInvalidArgument, "the query has more than 256 parameters");
    }
    parameters.emplace_back(std::move(*name), std::move(*value));
  }
  return parameters;
}

std::string BuildQuery(const QueryParameters& parameters) {
  std::string query;
  for (const auto& [name, value] : parameters) {
    if (!query.empty()) query += '&';
    query += PercentEncode(name) + '=' + PercentEncode(value);
  }
  return query;
}

std::string Url::HostHeader() const {
  std::string text = IsIpv6Literal() ? '[' + host + ']' : host;
  if (port != (tls() ? 443 : 80)) text += ':' + std::to_string(port);
  return text;
}

std::string Url::Origin() const { return scheme + "://" + HostHeader(); }

Result<Url> Url::Parse(std::string_view text) {
  if (text.size() > kUrlBytesMax) return Bad("it is longer than 8 KiB");
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte <= 0x20 || byte >= 0x7f || c == '\\' || c == '"' || c == '<' || c == '>') {
      return Bad("it has a character that must be percent-encoded");
    }
  }
  Url url;
  const auto colon = text.find("://");
  if (colon == std::string_view::npos) return Bad("it must start with http:// or https://");
  if (EqualsIgnoringCase(text.substr(0, colon), "http")) {
    url.scheme = "http";
  } else if (EqualsIgnoringCase(text.substr(0, colon), "https")) {
    url.scheme = "https";
  } else {
    return Bad("only http and https are allowed");
  }
  text.remove_prefix(colon + 3);
  text = text.substr(0, text.find('#'));
  const auto authority_end = std::min(text.find_first_of("/?"), text.size());
  std::string_view authority = text.substr(0, authority_end);
  const std::string_view rest = text.substr(authority_end);
  if (authority.find('@') != std::string_view::npos) {
    return Bad("a user name or password does not belong into it");
  }
  std::string_view port_text;
  bool has_port = false;
  if (authority.starts_with('[')) {
    const auto close = authority.find(']');
    if (close == std::string_view::npos) return Bad("'[' without ']'");
    const auto address = IpAddress::Parse(authority.substr(1, close - 1));
    if (!address || !address->IsV6()) return Bad("the IPv6 address is not valid");
    url.host = address->ToString();
    authority.remove_prefix(close + 1);
    if (!authority.empty()) {
      if (authority.front() != ':') return Bad("text after the IPv6 address");
      has_port = true;
      port_text = authority.substr(1);
    }
  } else {
    const auto port_colon = authority.find(':');
    ASSIGN_OR_RETURN(url.host, CheckHost(authority.substr(0, port_colon)));
    if (port_colon != std::string_view::npos) {
      has_port = true;
      port_text = authority.substr(port_colon + 1);
    }
  }
  url.port = url.tls() ? 443 : 80;
  if (has_port) {
    unsigned port = 0;
    const auto [end, error] = std::from_chars(port_text.data(), port_text.data() + port_text.size(), port);
    if (error != std::errc() || end != port_text.data() + port_text.size() || port == 0 || port > 65535) {
      return Bad("the port is a number from 1 to 65535");
    }
    url.port = static_cast<std::uint16_t>(port);
  }
  url.target = rest.starts_with('/') ? std::string(rest) : '/' + std::string(rest);
  return url;
}

Result<Url> Url::Resolve(std::string_view reference) const {
  reference = reference.substr(0, reference.find('#'));
  const auto colon = reference.find(':');
  if (colon != std::string_view::npos && colon < reference.find_first_of("/?")) return Parse(reference);
  if (reference.starts_with("//")) return Parse(scheme + ':' + std::string(reference));
  const auto query_at = std::min(reference.find('?'), reference.size());
  const std::string_view path = reference.substr(0, query_at);
  const std::string_view query = reference.substr(query_at);
  const std::string_view base_path = std::string_view(target).substr(0, target.find('?'));
  std::string resolved;
  if (path.empty()) {
    resolved = query.empty() ? target : std::string(base_path) + std::string(query);
  } else if (path.starts_with('/')) {
    resolved = RemoveDotSegments(path) + std::string(query);
  } else {
    const std::string merged = std::string(base_path.substr(0, base_path.rfind('/') + 1)) + std::string(path);
    resolved = RemoveDotSegments(merged) + std::string(query);
  }
  return Parse(Origin() + resolved);
}

}  // namespace elevaite::net
