// Identifiers: UUIDv7 (RFC 9562, 5.7) inside, a prefix and 26 characters outside:
// "exe_01kagz8v9hf3tb6j9zq2m7x4cd".
//
// The characters are Crockford base32 in lower case (no i, l, o, u), so that texts sort as the ids do, and
// those as the times they were made at. Parsing takes nothing but the canonical form: one id has one text.
//
// A new kind of id is a tag with its prefix:
//   struct AgentTag { static constexpr std::string_view kPrefix = "agt_", kName = "agent"; };
//   using AgentId = Id<AgentTag>;
#pragma once

#include <array>
#include <compare>
#include <cstdint>
#include <cstring>
#include <functional>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "foundation/clock.h"
#include "foundation/random.h"
#include "foundation/result.h"

namespace elevaite {

struct Uuid {
  static constexpr std::size_t kTextLength = 26;

  std::array<std::uint8_t, 16> bytes{};  // big-endian, as in RFC 9562

  bool IsNil() const { return *this == Uuid{}; }
  std::string ToText() const;  // 26 characters
  static std::optional<Uuid> FromText(std::string_view text);
  static std::optional<Uuid> FromBytes(std::string_view bytes);  // 16 of them, as stored in a blob column
  std::string_view AsBytes() const { return {reinterpret_cast<const char*>(bytes.data()), bytes.size()}; }
  Timestamp time() const;  // of a version 7 UUID, to the millisecond

  friend auto operator<=>(const Uuid&, const Uuid&) = default;
};

// Each id is greater than all the ids this generator gave before, also within a millisecond and when the
// clock goes back. Thread-safe. The clock and the random source must outlive it.
class UuidGenerator {
 public:
  UuidGenerator(const Clock& clock, Random& random) : clock_(clock), random_(random) {}
  Uuid Next();

 private:
  const Clock& clock_;
  Random& random_;
  std::mutex mutex_;
  std::int64_t last_ms_ = -1;
  std::uint32_t counter_ = 0;  // 26 bits: rand_a and the first 14 of rand_b (RFC 9562, 6.2, method 1)
};

// On the system's clock and random source.
UuidGenerator& SystemUuids();

namespace ids_internal {
Error ParseError(std::string_view kind, std::string_view prefix, std::string_view text);
}  // namespace ids_internal

template <class Tag>
class Id {
 public:
  Id() = default;  // nil
  explicit Id(Uuid uuid) : uuid_(uuid) {}
  static Id New() { return Id(SystemUuids().Next()); }
  static Id New(UuidGenerator& generator) { return Id(generator.Next()); }

  // kInvalidArgument says which prefix was expected.
  static Result<Id> Parse(std::string_view text) {
    if (text.starts_with(Tag::kPrefix)) {
      if (auto uuid = Uuid::FromText(text.substr(Tag::kPrefix.size()))) return Id(*uuid);
    }
    return std::unexpected(ids_internal::ParseError(Tag::kName, Tag::kPrefix, text));
  }

  const Uuid& uuid() const { return uuid_; }
  bool IsNil() const { return uuid_.IsNil(); }
  std::string ToString() const { return std::string(Tag::kPrefix) + uuid_.ToText(); }

  friend auto operator<=>(const Id&, const Id&) = default;

 private:
  Uuid uuid_;
};

struct ExecutionTag {
  static constexpr std::string_view kPrefix = "exe_", kName = "execution";
};
struct WorkflowTag {
  static constexpr std::string_view kPrefix = "wf_", kName = "workflow";
};
using ExecutionId = Id<ExecutionTag>;
using WorkflowId = Id<WorkflowTag>;

// The tenant: 1 to 63 of a-z, 0-9 and '-', beginning and ending with a letter or digit ("default"), so that
// it fits into host names, topics and bucket names.
class AccountId {
 public:
  static constexpr std::size_t kLengthMax = 63;

  AccountId() = default;  // empty: no account
  static Result<AccountId> Parse(std::string_view text);
  static AccountId Default();

  const std::string& ToString() const { return text_; }
  bool IsEmpty() const { return text_.empty(); }
  friend auto operator<=>(const AccountId&, const AccountId&) = default;

 private:
  explicit AccountId(std::string_view text) : text_(text) {}
  std::string text_;
};

}  // namespace elevaite

template <>
struct std::hash<elevaite::Uuid> {
  std::size_t operator()(const elevaite::Uuid& uuid) const noexcept {
    std::uint64_t high = 0;
    std::uint64_t low = 0;
    std::memcpy(&high, uuid.bytes.data(), 8);
    std::memcpy(&low, uuid.bytes.data() + 8, 8);
    return static_cast<std::size_t>((high ^ (low * 0x9E3779B97F4A7C15ULL)) * 0xBF58476D1CE4E5B9ULL);
  }
};
template <class Tag>
struct std::hash<elevaite::Id<Tag>> {
  std::size_t operator()(const elevaite::Id<Tag>& id) const noexcept {
    return std::hash<elevaite::Uuid>{}(id.uuid());
  }
};
template <>
struct std::hash<elevaite::AccountId> {
  std::size_t operator()(const elevaite::AccountId& id) const noexcept {
    return std::hash<std::string>{}(id.ToString());
  }
};
