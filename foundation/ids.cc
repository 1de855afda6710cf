#include "foundation/ids.h"

#include <algorithm>

namespace elevaite {
namespace {

constexpr std::string_view kAlphabet = "0123456789abcdefghjkmnpqrstvwxyz";
constexpr std::uint32_t kCounterBits = 26;

constexpr std::array<std::int8_t, 256> MakeDigits() {
  std::array<std::int8_t, 256> digits{};
  digits.fill(-1);
  for (std::size_t i = 0; i < kAlphabet.size(); ++i)
    digits[static_cast<unsigned char>(kAlphabet[i])] = static_cast<std::int8_t>(i);
  return digits;
}
constexpr auto kDigits = MakeDigits();

}  // namespace

// 26 digits of 5 bits are 130 bits: the first digit holds only 3.
std::string Uuid::ToText() const {
  std::string text(kTextLength, '0');
  unsigned __int128 value = 0;
  for (const std::uint8_t byte : bytes) value = (value << 8U) | byte;
  for (std::size_t i = kTextLength; i-- > 0;) {
    text[i] = kAlphabet[static_cast<std::size_t>(value & 31U)];
    value >>= 5U;
  }
  return text;
}

std::optional<Uuid> Uuid::FromText(std::string_view text) {
  if (text.size() != kTextLength || text.front() > '7') return std::nullopt;
  unsigned __int128 value = 0;
  for (const char c : text) {
    const int digit = kDigits[static_cast<unsigned char>(c)];
    if (digit < 0) return std::nullopt;
    value = (value << 5U) | static_cast<unsigned>(digit);
  }
  Uuid uuid;
  for (std::size_t i = uuid.bytes.size(); i-- > 0;) {
    uuid.bytes[i] = static_cast<std::uint8_t>(value & 0xFFU);
    value >>= 8U;
  }
  return uuid;
}

std::optional<Uuid> Uuid::FromBytes(std::string_view stored) {
  Uuid uuid;
  if (stored.size() != uuid.bytes.size()) return std::nullopt;
  std::memcpy(uuid.bytes.data(), stored.data(), stored.size());
  return uuid;
}

Timestamp Uuid::time() const {
  std::int64_t ms = 0;
  for (std::size_t i = 0; i < 6; ++i) ms = (ms << 8U) | bytes[i];
  return Timestamp::FromMillis(ms);
}

Uuid UuidGenerator::Next() {
  const std::int64_t now_ms = std::max<std::int64_t>(clock_.Now().millis(), 0);
  std::int64_t ms = 0;
  std::uint32_t counter = 0;
  std::uint64_t tail = 0;
  {
    const std::lock_guard lock(mutex_);
    const std::uint64_t random = random_.Next();
    tail = random & 0xFFFF'FFFF'FFFFULL;
    if (now_ms > last_ms_) {
      last_ms_ = now_ms;
      counter_ = static_cast<std::uint32_t>(random >> 48U)
                 << 9U;  // 25 bits: half of the range is left to count
    } else if (++counter_ >> kCounterBits != 0) {
      ++last_ms_;
      counter_ = 0;
    }
    ms = last_ms_;
    counter = counter_;
  }
  Uuid uuid;
  for (std::size_t i = 0; i < 6; ++i)
    uuid.bytes[i] = static_cast<std::uint8_t>(ms >> (40 - 8 * static_cast<int>(i)));
  uuid.bytes[6] = static_cast<std::uint8_t>(0x70U | (counter >> 22U));
  uuid.bytes[7] = static_cast<std::uint8_t>(counter >> 14U);
  uuid.bytes[8] = static_cast<std::uint8_t>(0x80U | ((counter >> 8U) & 0x3FU));
  uuid.bytes[9] = static_cast<std::uint8_t>(counter);
  for (std::size_t i = 0; i < 6; ++i) uuid.bytes[10 + i] = static_cast<std::uint8_t>(tail >> (40 - 8 * i));
  return uuid;
}

UuidGenerator& SystemUuids() {
  static UuidGenerator generator(SystemClock(), SystemRandom());
  return generator;
}

namespace ids_internal {

Error ParseError(std::string_view kind, std::string_view prefix, std::string_view text) {
  std::string message = "'" + std::string(text.substr(0, 64)) + "' is not the id of a";
  message += std::string_view("aeiou").find(kind.front()) != std::string_view::npos ? "n " : " ";
  message += kind;
  std::string hint = text.starts_with(prefix)
                         ? "after '" + std::string(prefix) + "' come 26 of 0-9 and a-z without i, l, o, u"
                         : "it begins with '" + std::string(prefix) + "'";
  return Error{.code = ErrorCode::kInvalidArgument, .message = std::move(message), .hint = std::move(hint)};
}

}  // namespace ids_internal

Result<AccountId> AccountId::Parse(std::string_view text) {
  const auto alphanumeric = [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'); };
  const bool valid = !text.empty() && text.size() <= kLengthMax && alphanumeric(text.front()) &&
                     alphanumeric(text.back()) &&
                     std::ranges::all_of(text, [&](char c) { return alphanumeric(c) || c == '-'; });
  if (valid) return AccountId(text);
  return Fail(ErrorCode::kInvalidArgument,
              "'" + std::string(text.substr(0, 64)) + "' is not the name of an account",
              "1 to 63 of a-z, 0-9 and '-', beginning and ending with a letter or digit");
}

AccountId AccountId::Default() { return AccountId("default"); }

}  // namespace elevaite
