// Decimal: the exact value of a JSON number as it is written.
#pragma once

#include <cstdint>
#include <string>

#include "foundation/json.h"

namespace elevaite {

// sign * 0.DIGITS * 10^point, without leading or trailing zeros; zero has no digits. `-120.5` is negative,
// "1205", 3.
struct Decimal {
  bool negative = false;
  std::string digits;
  std::int64_t point = 0;

  bool IsZero() const { return digits.empty(); }
  bool IsInteger() const { return point >= static_cast<std::int64_t>(digits.size()); }
};

// `number`: a number of any kind; a computed double has the digits that it is written with. Exponents beyond
// 2^61 are cut to that.
Decimal DecimalOf(const Json& number);

// Negative, 0 or positive, as a is less than, equal to or more than b.
int Compare(const Decimal& a, const Decimal& b);

// Whether value / divisor is an integer, exactly. The divisor is positive and has at most
// kDivisorDigitsMax digits.
inline constexpr std::size_t kDivisorDigitsMax = 18;
bool IsMultipleOf(const Decimal& value, const Decimal& divisor);

}  // namespace elevaite
