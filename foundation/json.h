// Json: the value that flows from step to step.
//
// Immutable and reference-counted: a copy is O(1) and values may be read from several threads. 16 bytes;
// null, booleans, numbers and strings of up to 14 bytes live inside, everything else on the heap. Keys keep
// their insertion order.
//
// Numbers: every integer of the int64 and uint64 range is exact. Other numbers are doubles; a parsed one
// keeps the text it was written with (`1.10`, `1e1000`, `123456789012345678901234567890`), which
// serialisation repeats.
//
// "Changing" a value: the With...() functions take their subject by value and return the changed one. If the
// caller moved the only reference in, the change happens in place (amortised O(1)), else the top level is
// copied first. So a loop of `array = Json::Append(std::move(array), x)` is linear.
//
// Limits: kMaxDepth levels; deeper values cannot be built (the With... functions and builders abort through
// CHECK; test Depth() first where input decides). Destruction, parsing and serialisation do not recurse on
// the C stack.
#pragma once

#include <atomic>
#include <compare>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <functional>
#include <initializer_list>
#include <iosfwd>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include "foundation/result.h"

namespace elevaite {

class Json {
 public:
  enum class Type : std::uint8_t { kNull, kBool, kNumber, kString, kArray, kObject };
  struct Member;

  static constexpr std::uint32_t kMaxDepth = 10'240;

  Json() noexcept : tag_(Tag::kNull), size_(0) { payload_.integer = 0; }
  Json(std::nullptr_t) noexcept : Json() {}
  Json(bool value) noexcept : Json() {
    tag_ = Tag::kBool;
    payload_.integer = value ? 1 : 0;
  }
  template <class T>
    requires(std::is_integral_v<T> && !std::is_same_v<T, bool>)
  Json(T value) noexcept : Json() {
    if constexpr (std::is_unsigned_v<T> && sizeof(T) == 8) {
      tag_ = value > static_cast<std::uint64_t>(INT64_MAX) ? Tag::kUint : Tag::kInt;
    } else {
      tag_ = Tag::kInt;
    }
    payload_.integer = static_cast<std::int64_t>(value);
  }
  // NaN and infinities are allowed inside the process (jq has them); they serialise as null and
  // +-1.7976931348623157e308.
  Json(double value) noexcept : Json() {
    tag_ = Tag::kDouble;
    payload_.real = value;
  }
  Json(std::string_view text);  // must be UTF-8
  Json(const char* text) : Json(std::string_view(text)) {}
  Json(const std::string& text) : Json(std::string_view(text)) {}

  Json(const Json& other) noexcept { CopyFrom(other); }
  Json(Json&& other) noexcept { TakeFrom(other); }
  Json& operator=(const Json& other) noexcept {
    Json copy(other);
    Swap(copy);
    return *this;
  }
  Json& operator=(Json&& other) noexcept {
    Json taken(std::move(other));
    Swap(taken);
    return *this;
  }
  ~Json() {
    if (OnHeap()) Release();
  }

  static Json Array(std::vector<Json> items);
  static Json Array(std::initializer_list<Json> items) { return Array(std::vector<Json>(items)); }
  static Json EmptyArray();
  // Later members replace earlier ones of the same key, at the earlier one's place.
  static Json Object(std::vector<Member> members);
  static Json Object(std::initializer_list<Member> members);
  static Json EmptyObject();
  // A number as written. `text` must be a JSON number. Integers that fit become exact integers.
  static Json NumberFromText(std::string_view text);

  Type type() const noexcept;
  bool IsNull() const noexcept { return tag_ == Tag::kNull; }
  bool IsBool() const noexcept { return tag_ == Tag::kBool; }
  bool IsNumber() const noexcept { return tag_ >= Tag::kInt && tag_ <= Tag::kDecimal; }
  bool IsString() const noexcept { return tag_ == Tag::kShortString || tag_ == Tag::kString; }
  bool IsArray() const noexcept { return tag_ == Tag::kArray; }
  bool IsObject() const noexcept { return tag_ == Tag::kObject; }

  // Wrong type: CHECK. Test first, or use the ...Or forms.
  bool AsBool() const;
  double AsDouble() const;            // any number; integers beyond 2^53 are rounded
  std::string_view AsString() const;  // valid while this very Json object lives and does not change
  std::span<const Json> AsArray() const;
  std::span<const Member> AsObject() const;

  bool IsInt64() const noexcept { return tag_ == Tag::kInt; }    // an exact integer that fits
  bool IsUint64() const noexcept { return tag_ == Tag::kUint; }  // exact, above INT64_MAX
  bool IsExactInteger() const noexcept { return tag_ == Tag::kInt || tag_ == Tag::kUint; }
  bool IsDecimal() const noexcept { return tag_ == Tag::kDecimal; }  // a number that keeps its text
  std::int64_t AsInt64() const;
  std::uint64_t AsUint64() const;
  std::string_view DecimalText() const;  // of IsDecimal()

  std::string_view StringOr(std::string_view other) const { return IsString() ? AsString() : other; }
  std::int64_t IntOr(std::int64_t other) const noexcept { return IsInt64() ? payload_.integer : other; }
  bool BoolOr(bool other) const noexcept { return IsBool() ? payload_.integer != 0 : other; }

  // Number of items, members or bytes; 0 for others.
  std::size_t Size() const noexcept;
  // Levels of nesting: 0 for scalars, 1 for [] and {}.
  std::uint32_t Depth() const noexcept;

  // The member's value, or nullptr when this is no object or has no such key. O(1) for large objects.
  const Json* Find(std::string_view key) const;
  // The member's value, or null. Chains: v["a"]["b"].
  const Json& operator[](std::string_view key) const;
  // The item, or null when this is no array or the index is outside.
  const Json& At(std::size_t index) const;

  static Json Append(Json array, Json item);
  static Json WithItem(Json array, std::size_t index, Json item);  // grows with nulls
  static Json Slice(const Json& array, std::size_t begin, std::size_t end);
  static Json WithMember(Json object, const Json& key, Json value);  // key: a string
  static Json WithoutMember(Json object, std::string_view key);
  // Moves the value out and leaves null in its place when `container` is the only reference; else copies. For
  // read-modify-write without a second reference: `v = TakeMember(o, k); o = WithMember(move(o), k,
  // f(move(v)))`.
  static Json TakeMember(Json& object, std::string_view key);
  static Json TakeItem(Json& array, std::size_t index);

  // Whether changing this array or object would copy its top level, because others refer to it too.
  bool IsShared() const noexcept;

  // Same representation (O(1)); true implies ==.
  bool SameAs(const Json& other) const noexcept;
  // Deep equality as JSON: 1 == 1.0, member order does not count.
  friend bool operator==(const Json& a, const Json& b) { return Compare(a, b) == 0; }
  // jq's total order: null < false < true < numbers < strings (by code point) < arrays < objects (key sets
  // first). NaN sorts below any number and is never equal.
  static int Compare(const Json& a, const Json& b);

  // Compact text. Member order as inserted.
  std::string Dump() const;
  void DumpTo(std::string& out) const;
  std::string DumpPretty(int indent = 2) const;
  // Canonical: members sorted by key (code points), numbers in shortest form: equal values give equal text.
  // For hashing.
  std::string DumpCanonical() const;
  // About how many bytes of memory the value holds, shared parts counted each time. Stops counting at
  // `stop_at`: a value that shares its parts again and again can be exponentially larger than its memory.
  std::size_t MemoryBytes(std::size_t stop_at = static_cast<std::size_t>(-1)) const;

 private:
  enum class Tag : std::uint8_t {
    kNull,
    kBool,
    kInt,
    kUint,
    kDouble,
    kDecimal,
    kShortString,
    kString,
    kArray,
    kObject
  };
  struct HeapHeader;
  struct StringRep;
  struct DecimalRep;
  struct ArrayRep;
  struct ObjectRep;
  struct Access;
  friend struct Access;
  static constexpr std::size_t kShortMax = 14;

  bool OnHeap() const noexcept {
    return tag_ == Tag::kDecimal || tag_ == Tag::kString || tag_ == Tag::kArray || tag_ == Tag::kObject;
  }
  void CopyFrom(const Json& other) noexcept;
  void TakeFrom(Json& other) noexcept {
    std::memcpy(static_cast<void*>(this), static_cast<const void*>(&other), sizeof(Json));
    other.tag_ = Tag::kNull;
  }
  void Swap(Json& other) noexcept {
    alignas(Json) unsigned char bytes[sizeof(Json)];
    std::memcpy(bytes, static_cast<const void*>(this), sizeof(Json));
    std::memcpy(static_cast<void*>(this), static_cast<const void*>(&other), sizeof(Json));
    std::memcpy(static_cast<void*>(&other), bytes, sizeof(Json));
  }
  void Release() noexcept;

  // Byte 0: tag; byte 1: length of a short string; bytes 2..15: its text. Others: payload in the upper 8
  // bytes.
  Tag tag_;
  std::uint8_t size_;
  char short_low_[6];
  union {
    std::int64_t integer;
    double real;
    HeapHeader* heap;
    char short_high[8];
  } payload_;
};
static_assert(sizeof(Json) == 16);

struct Json::Member {
  Json key;  // always a string
  Json value;
  Member(std::string_view name, Json v) : key(name), value(std::move(v)) {}
  Member(const char* name, Json v) : key(name), value(std::move(v)) {}
  Member(Json name, Json v) : key(std::move(name)), value(std::move(v)) {}
};

// Exact for JSON text; for tests and logs.
std::ostream& operator<<(std::ostream& out, const Json& value);

struct JsonParseOptions {
  std::size_t bytes_max = 64U << 20U;
  std::uint32_t depth_max = 512;
  bool allow_duplicate_keys = false;  // true: the last one wins
};

// UTF-8 JSON text (RFC 8259) to a value. Errors: kInvalidArgument with line and column ("line 3, column 7:
// ..."), kPayloadTooLarge.
Result<Json> ParseJson(std::string_view text, const JsonParseOptions& options = {});

// The same for the first value of a text that holds several; `consumed` is where it ends.
Result<Json> ParseJsonPrefix(std::string_view text, std::size_t& consumed,
                             const JsonParseOptions& options = {});

// Appends `text` as a quoted JSON string.
void AppendJsonString(std::string& out, std::string_view text);

// The offset of the first byte that is not valid UTF-8, or npos.
std::size_t FindInvalidUtf8(std::string_view text);

}  // namespace elevaite
