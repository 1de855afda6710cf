#include "dsl/schema/formats.h"

#include <arpa/inet.h>

#include <algorithm>
#include <charconv>
#include <chrono>
#include <string>

#include "dsl/schema/ecma_regex.h"

namespace elevaite::schema {
namespace {

bool IsDigit(char c) { return c >= '0' && c <= '9'; }
bool IsAlpha(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }
bool IsHex(char c) { return IsDigit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F'); }

// Takes exactly `digits` digits off; -1 if they are not there.
int TakeNumber(std::string_view& text, std::size_t digits) {
  if (text.size() < digits || !std::ranges::all_of(text.substr(0, digits), IsDigit)) return -1;
  int value = 0;
  std::from_chars(text.data(), text.data() + digits, value);
  text.remove_prefix(digits);
  return value;
}

bool Take(std::string_view& text, char c) {
  if (!text.starts_with(c)) return false;
  text.remove_prefix(1);
  return true;
}

bool TakeDate(std::string_view& text) {  // RFC 3339 full-date
  const int year = TakeNumber(text, 4);
  if (year < 0 || !Take(text, '-')) return false;
  const int month = TakeNumber(text, 2);
  if (month < 1 || !Take(text, '-')) return false;
  const int day = TakeNumber(text, 2);
  return day >= 1 && std::chrono::year_month_day(std::chrono::year(year),
                                                 std::chrono::month(static_cast<unsigned>(month)),
                                                 std::chrono::day(static_cast<unsigned>(day)))
                         .ok();
}

// "+05:30" or "Z", in minutes.
bool TakeOffset(std::string_view& text, int& minutes) {
  minutes = 0;
  if (Take(text, 'Z') || Take(text, 'z')) return true;
  const bool east = Take(text, '+');
  if (!east && !Take(text, '-')) return false;
  const int hour = TakeNumber(text, 2);
  if (hour < 0 || hour > 23 || !Take(text, ':')) return false;
  const int minute = TakeNumber(text, 2);
  if (minute < 0 || minute > 59) return false;
  minutes = (east ? 1 : -1) * (hour * 60 + minute);
  return true;
}

bool TakeTime(std::string_view& text) {  // RFC 3339 full-time
  const int hour = TakeNumber(text, 2);
  if (hour < 0 || hour > 23 || !Take(text, ':')) return false;
  const int minute = TakeNumber(text, 2);
  if (minute < 0 || minute > 59 || !Take(text, ':')) return false;
  const int second = TakeNumber(text, 2);
  if (second < 0 || second > 60) return false;
  if (Take(text, '.')) {
    if (TakeNumber(text, 1) < 0) return false;
    while (TakeNumber(text, 1) >= 0) {
    }
  }
  int offset = 0;
  if (!TakeOffset(text, offset)) return false;
  // A leap second only at the end of a day in UTC.
  return second < 60 || ((hour * 60 + minute - offset) % 1440 + 1440) % 1440 == 1439;
}

bool Date(std::string_view text) { return TakeDate(text) && text.empty(); }
bool Time(std::string_view text) { return TakeTime(text) && text.empty(); }
bool DateTime(std::string_view text) {
  return TakeDate(text) && (Take(text, 'T') || Take(text, 't')) && TakeTime(text) && text.empty();
}

// Takes "1Y2M" and the like: units in the order of `units`, none left out between two (RFC 3339, appendix A).
bool TakeUnits(std::string_view& text, std::string_view units) {
  std::size_t expected = 0;
  bool any = false;
  while (!text.empty() && IsDigit(text.front())) {
    while (!text.empty() && IsDigit(text.front())) text.remove_prefix(1);
    if (text.empty()) return false;
    const auto unit = units.find(text.front(), expected);
    if (unit == std::string_view::npos || (any && unit != expected)) return false;
    text.remove_prefix(1);
    expected = unit + 1;
    any = true;
  }
  return any;
}

bool Duration(std::string_view text) {
  if (!Take(text, 'P') || text.empty()) return false;
  if (text.ends_with('W')) return TakeUnits(text, "W") && text.empty();
  if (!text.starts_with('T') && !TakeUnits(text, "YMD")) return false;
  return text.empty() || (Take(text, 'T') && TakeUnits(text, "HMS") && text.empty());
}

bool IsHostname(std::string_view text) {  // RFC 1123
  if (text.empty() || text.size() > 253) return false;
  for (bool more = true; more;) {
    const auto dot = text.find('.');
    more = dot != std::string_view::npos;
    const std::string_view label = text.substr(0, dot);
    if (more) text.remove_prefix(dot + 1);
    const bool good = !label.empty() && label.size() <= 63 && label.front() != '-' && label.back() != '-' &&
                      std::ranges::all_of(label, [](char c) { return IsAlpha(c) || IsDigit(c) || c == '-'; });
    // Two hyphens there are kept for encoded names, of which only xn-- is in use.
    const bool reserved = label.size() >= 4 && label.substr(2, 2) == "--" && !label.starts_with("xn--") &&
                          !label.starts_with("XN--");
    if (!good || reserved) return false;
  }
  return true;
}

bool Ipv4(std::string_view text) {
  in_addr address;
  return text.find('\0') == std::string_view::npos &&
         inet_pton(AF_INET, std::string(text).c_str(), &address) == 1;
}
bool Ipv6(std::string_view text) {
  in6_addr address;
  return text.find('\0') == std::string_view::npos &&
         inet_pton(AF_INET6, std::string(text).c_str(), &address) == 1;
}

bool IsAtomCharacter(char c) {
  return IsAlpha(c) || IsDigit(c) ||
         std::string_view("!#$%&'*+-/=?^_`{|}~").find(c) != std::string_view::npos;
}

bool IsLocalPart(std::string_view text) {  // RFC 5321
  if (text.size() > 1 && text.starts_with('"') && text.ends_with('"')) {
    text = text.substr(1, text.size() - 2);
    for (std::size_t i = 0; i < text.size(); ++i) {
      if (text[i] == '"' || text[i] < 32 || text[i] == 127 || (text[i] == '\\' && ++i == text.size()))
        return false;
    }
    return true;
  }
  if (text.empty() || text.starts_with('.') || text.ends_with('.')) return false;
  return text.find("..") == std::string_view::npos &&
         std::ranges::all_of(text, [](char c) { return IsAtomCharacter(c) || c == '.'; });
}

bool Email(std::string_view text) {
  const auto at = text.rfind('@');
  if (at == std::string_view::npos || !IsLocalPart(text.substr(0, at))) return false;
  const std::string_view domain = text.substr(at + 1);
  if (!domain.starts_with('[')) return IsHostname(domain);
  if (!domain.ends_with(']')) return false;
  const std::string_view address = domain.substr(1, domain.size() - 2);
  return address.starts_with("IPv6:") ? Ipv6(address.substr(5)) : Ipv4(address);
}

bool IsPortNumber(std::string_view text) { return std::ranges::all_of(text, IsDigit); }

bool IsAuthority(std::string_view text) {
  if (const auto at = text.rfind('@'); at != std::string_view::npos) {
    if (text.substr(0, at).find_first_of("@[]") != std::string_view::npos) return false;
    text.remove_prefix(at + 1);
  }
  if (text.starts_with('[')) {
    const auto close = text.find(']');
    if (close == std::string_view::npos || !Ipv6(text.substr(1, close - 1))) return false;
    text.remove_prefix(close + 1);
    return text.empty() || (Take(text, ':') && IsPortNumber(text));
  }
  const auto colon = std::min(text.find(':'), text.size());
  return text.find_first_of("[]") == std::string_view::npos &&
         (colon == text.size() || IsPortNumber(text.substr(colon + 1)));
}

// Only characters of RFC 3986, escapes whole, at most one fragment.
bool HasUriCharacters(std::string_view text) {
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '%') {
      if (i + 2 >= text.size() || !IsHex(text[i + 1]) || !IsHex(text[i + 2])) return false;
    } else if (!IsAlpha(text[i]) && !IsDigit(text[i]) &&
               std::string_view("-._~:/?#[]@!$&'()*+,;=").find(text[i]) == std::string_view::npos) {
      return false;
    }
  }
  return std::ranges::count(text, '#') <= 1;
}

bool HasGoodAuthority(std::string_view behind_scheme) {
  if (!behind_scheme.starts_with("//")) return behind_scheme.find_first_of("[]") == std::string_view::npos;
  behind_scheme.remove_prefix(2);
  const auto end = std::min(behind_scheme.find_first_of("/?#"), behind_scheme.size());
  return IsAuthority(behind_scheme.substr(0, end)) &&
         behind_scheme.find_first_of("[]", end) == std::string_view::npos;
}

// Where the scheme ends, or npos.
std::size_t SchemeEnd(std::string_view text) {
  const auto colon = text.find(':');
  if (colon == std::string_view::npos || colon == 0 || !IsAlpha(text.front())) return std::string_view::npos;
  const bool good = std::ranges::all_of(text.substr(0, colon), [](char c) {
    return IsAlpha(c) || IsDigit(c) || c == '+' || c == '-' || c == '.';
  });
  return good ? colon : std::string_view::npos;
}

bool Uri(std::string_view text) {
  const auto colon = SchemeEnd(text);
  return colon != std::string_view::npos && HasUriCharacters(text) &&
         HasGoodAuthority(text.substr(colon + 1));
}

bool UriReference(std::string_view text) {
  if (Uri(text)) return true;
  const auto first_segment = text.substr(0, text.find_first_of("/?#"));
  return first_segment.find(':') == std::string_view::npos && HasUriCharacters(text) &&
         HasGoodAuthority(text);
}

bool Uuid(std::string_view text) {
  if (text.size() != 36) return false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const bool hyphen = i == 8 || i == 13 || i == 18 || i == 23;
    if (hyphen ? text[i] != '-' : !IsHex(text[i])) return false;
  }
  return true;
}

bool JsonPointer(std::string_view text) {
  if (!text.empty() && !text.starts_with('/')) return false;
  for (std::size_t i = text.find('~'); i != std::string_view::npos; i = text.find('~', i + 1)) {
    if (i + 1 == text.size() || (text[i + 1] != '0' && text[i + 1] != '1')) return false;
  }
  return true;
}

bool IsRegex(std::string_view text) { return CompileEcmaRegex(text).has_value(); }

constexpr Format kFormats[] = {
    {"date-time", "a date and time like 2025-07-01T09:30:00Z", DateTime},
    {"date", "a date like 2025-07-01", Date},
    {"time", "a time like 09:30:00Z", Time},
    {"duration", "a duration like P1DT2H", Duration},
    {"email", "an e-mail address", Email},
    {"hostname", "the name of a host", IsHostname},
    {"ipv4", "an IPv4 address", Ipv4},
    {"ipv6", "an IPv6 address", Ipv6},
    {"uri", "an absolute URI", Uri},
    {"uri-reference", "a URI or a relative reference", UriReference},
    {"uuid", "a UUID", Uuid},
    {"json-pointer", "a JSON Pointer", JsonPointer},
    {"regex", "a regular expression (ECMA-262)", IsRegex},
};

}  // namespace

const Format* FindFormat(std::string_view name) {
  const auto found = std::ranges::find(kFormats, name, &Format::name);
  return found == std::end(kFormats) ? nullptr : found;
}

}  // namespace elevaite::schema
