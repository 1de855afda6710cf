// Digests (FIPS 180-4) and keyed ones (HMAC, RFC 2104), by OpenSSL.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

namespace elevaite {

std::array<std::uint8_t, 32> Sha256(std::string_view bytes);
std::string Sha256Hex(std::string_view bytes);  // 64 characters, lower case

enum class HashKind : std::uint8_t { kSha1, kSha256, kSha512 };
// The bytes of the code: 20, 32 or 64.
std::string Hmac(HashKind kind, std::string_view key, std::string_view bytes);

std::string Hex(std::string_view bytes);  // two characters a byte, lower case

}  // namespace elevaite
