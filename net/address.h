// IP addresses and ranges, as plain values.
#pragma once

#include <array>
#include <compare>
#include <cstdint>
#include <string>
#include <string_view>

#include "foundation/result.h"

namespace elevaite::net {

// An IPv4 or IPv6 address without zone. IPv4 is kept as ::ffff:a.b.c.d inside, with a flag of its own, so
// that an IPv4 address and its mapped IPv6 form are two values that a policy can treat alike (see Unmapped).
class IpAddress {
 public:
  IpAddress() = default;
  // "192.0.2.1" (four decimal numbers, no leading zeros) or "2001:db8::1". No brackets, no zone.
  static Result<IpAddress> Parse(std::string_view text);
  static IpAddress V4(std::uint32_t host_order);
  static IpAddress V6(const std::array<std::uint8_t, 16>& bytes);

  bool IsV6() const { return v6_; }
  const std::array<std::uint8_t, 16>& bytes() const { return bytes_; }
  std::uint32_t V4Value() const;  // host order; of an IPv4 address
  // The IPv4 address inside ::ffff:0:0/96, else itself.
  IpAddress Unmapped() const;
  std::string ToString() const;

  friend auto operator<=>(const IpAddress&, const IpAddress&) = default;

 private:
  bool v6_ = false;
  std::array<std::uint8_t, 16> bytes_{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, 0, 0, 0, 0};
};

// "10.0.0.0/8", "2001:db8::/32", or one address.
struct IpRange {
  IpAddress base;
  unsigned prefix_bits = 0;  // of the family of `base`

  static Result<IpRange> Parse(std::string_view text);
  bool Contains(const IpAddress& address) const;  // false for the other family
  std::string ToString() const;
};

}  // namespace elevaite::net
