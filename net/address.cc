#include "net/address.h"

#include <arpa/inet.h>

#include <algorithm>
#include <charconv>
#include <cstring>

namespace elevaite::net {

Result<IpAddress> IpAddress::Parse(std::string_view text) {
  // inet_pton is strict: no short, octal, hexadecimal or decimal forms, no zone.
  std::array<char, 64> buffer{};
  if (text.empty() || text.size() >= buffer.size() || text.find('\0') != std::string_view::npos) {
    return Fail(ErrorCode::kInvalidArgument, "not an IP address");
  }
  std::memcpy(buffer.data(), text.data(), text.size());
  IpAddress address;
  in_addr v4{};
  if (inet_pton(AF_INET, buffer.data(), &v4) == 1) return V4(ntohl(v4.s_addr));
  if (inet_pton(AF_INET6, buffer.data(), address.bytes_.data()) == 1) {
    address.v6_ = true;
    return address;
  }
  return Fail(ErrorCode::kInvalidArgument, "not an IP address");
}

IpAddress IpAddress::V4(std::uint32_t host_order) {
  IpAddress address;
  for (unsigned i = 0; i < 4; ++i) {
    address.bytes_[12 + i] = static_cast<std::uint8_t>(host_order >> (24U - 8U * i));
  }
  return address;
}

IpAddress IpAddress::V6(const std::array<std::uint8_t, 16>& bytes) {
  IpAddress address;
  address.v6_ = true;
  address.bytes_ = bytes;
  return address;
}

std::uint32_t IpAddress::V4Value() const {
  std::uint32_t value = 0;
  for (unsigned i = 12; i < 16; ++i) value = value << 8U | bytes_[i];
  return value;
}

IpAddress IpAddress::Unmapped() const {
  static constexpr std::array<std::uint8_t, 12> kMapped{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};
  if (!v6_ || !std::equal(kMapped.begin(), kMapped.end(), bytes_.begin())) return *this;
  return V4(V4Value());
}

std::string IpAddress::ToString() const {
  std::array<char, INET6_ADDRSTRLEN> text{};
  const void* from = v6_ ? bytes_.data() : bytes_.data() + 12;
  inet_ntop(v6_ ? AF_INET6 : AF_INET, from, text.data(), text.size());
  return text.data();
}

Result<IpRange> IpRange::Parse(std::string_view text) {
  const auto slash = text.find('/');
  ASSIGN_OR_RETURN(const IpAddress base, IpAddress::Parse(text.substr(0, slash)));
  const unsigned bits_max = base.IsV6() ? 128 : 32;
  unsigned bits = bits_max;
  if (slash != std::string_view::npos) {
    const std::string_view number = text.substr(slash + 1);
    const auto [end, error] = std::from_chars(number.data(), number.data() + number.size(), bits);
    if (error != std::errc() || end != number.data() + number.size() || bits > bits_max) {
      return Fail(ErrorCode::kInvalidArgument,
                  "the length of the address range '" + std::string(text) + "' is not valid");
    }
  }
  return IpRange{base, bits};
}

bool IpRange::Contains(const IpAddress& address) const {
  if (address.IsV6() != base.IsV6()) return false;
  const unsigned skip = base.IsV6() ? 0 : 12;
  for (unsigned bit = 0; bit < prefix_bits; bit += 8) {
    const unsigned left = std::min(8U, prefix_bits - bit);
    const auto mask = static_cast<unsigned>(0xff00U >> left) & 0xffU;
    const std::size_t index = skip + bit / 8;
    if ((address.bytes()[index] & mask) != (base.bytes()[index] & mask)) return false;
  }
  return true;
}

std::string IpRange::ToString() const { return base.ToString() + '/' + std::to_string(prefix_bits); }

}  // namespace elevaite::net
