#include "foundation/decimal.h"

#include <algorithm>
#include <charconv>
#include <limits>
#include <string_view>

namespace elevaite {
namespace {

constexpr std::int64_t kFar = std::numeric_limits<std::int64_t>::max() / 4;  // beyond any length of digits

std::int64_t ReadExponent(std::string_view text) {
  if (text.starts_with('+')) text.remove_prefix(1);
  std::int64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error == std::errc::result_out_of_range) value = text.starts_with('-') ? -kFar : kFar;
  return std::clamp(value, -kFar, kFar);
}

int Sign(auto a, auto b) { return a < b ? -1 : (b < a ? 1 : 0); }

using Wide = unsigned __int128;

std::uint64_t PowerOfTenModulo(std::uint64_t exponent, std::uint64_t modulus) {
  Wide result = 1 % modulus;
  Wide base = 10 % modulus;
  for (; exponent > 0; exponent >>= 1U) {
    if ((exponent & 1U) != 0) result = result * base % modulus;
    base = base * base % modulus;
  }
  return static_cast<std::uint64_t>(result);
}

}  // namespace

Decimal DecimalOf(const Json& number) {
  std::string text;
  number.DumpTo(text);
  Decimal result;
  std::string_view rest = text;
  result.negative = rest.starts_with('-');
  if (result.negative) rest.remove_prefix(1);
  const std::size_t e = std::min(rest.find_first_of("eE"), rest.size());
  if (e < rest.size()) result.point = ReadExponent(rest.substr(e + 1));
  const std::string_view mantissa = rest.substr(0, e);
  const std::size_t point = std::min(mantissa.find('.'), mantissa.size());
  result.digits = mantissa.substr(0, point);
  if (point < mantissa.size()) result.digits += mantissa.substr(point + 1);
  result.point += static_cast<std::int64_t>(point);
  const std::size_t zeros = std::min(result.digits.find_first_not_of('0'), result.digits.size());
  result.digits.erase(0, zeros);
  result.point -= static_cast<std::int64_t>(zeros);
  while (result.digits.ends_with('0')) result.digits.pop_back();
  if (result.digits.empty()) result = {};
  return result;
}

int Compare(const Decimal& a, const Decimal& b) {
  const int sign_a = a.digits.empty() ? 0 : (a.negative ? -1 : 1);
  const int sign_b = b.digits.empty() ? 0 : (b.negative ? -1 : 1);
  if (sign_a != sign_b || sign_a == 0) return Sign(sign_a, sign_b);
  if (a.point != b.point) return Sign(a.point, b.point) * sign_a;
  return Sign(a.digits, b.digits) * sign_a;
}

// With integers v, d that do not end in 0: v * 10^a is a multiple of d * 10^b if a >= b and d divides
// v * 10^(a-b); if a < b it is not, since then 10 would divide v.
bool IsMultipleOf(const Decimal& value, const Decimal& divisor) {
  if (value.IsZero()) return true;
  const std::int64_t value_exponent = value.point - static_cast<std::int64_t>(value.digits.size());
  const std::int64_t divisor_exponent = divisor.point - static_cast<std::int64_t>(divisor.digits.size());
  if (value_exponent < divisor_exponent) return false;
  std::uint64_t modulus = 0;
  for (const char digit : divisor.digits) modulus = modulus * 10 + static_cast<std::uint64_t>(digit - '0');
  Wide rest = 0;
  for (const char digit : value.digits) rest = (rest * 10 + static_cast<unsigned>(digit - '0')) % modulus;
  rest = rest * PowerOfTenModulo(static_cast<std::uint64_t>(value_exponent - divisor_exponent), modulus);
  return rest % modulus == 0;
}

}  // namespace elevaite
