// What is known about a JSON value before it is there: the type that a schema, a literal or a filter gives.
//
//   Type item = Type::Object({{"name", Type::String()}, {"price", Type::Number(), Presence::kOptional}},
//                            Openness::kClosed);
//   Describe(item)   "an object with name, price; closed"
//   Format(item)     "{name: string, price?: number}"
//
// A type stands for a set of values. It may be larger than the truth, never smaller: whoever finds that a
// value cannot be there may say so for certain. A union keeps one description for each kind of value, so {a:
// number} or {b: string} becomes {a?: number, b?: string}: types stay small. What would pass kDepthMax,
// kSizeMax or kMembersMax is widened to any.
//
// Immutable; a copy is O(1).
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "foundation/json.h"

namespace elevaite::dsl::types {

// A set of kinds of values, as bits.
using Kinds = std::uint8_t;
inline constexpr Kinds kNull = 1, kFalse = 2, kTrue = 4, kNumber = 8, kString = 16, kArray = 32, kObject = 64;
inline constexpr Kinds kBoolean = kFalse | kTrue;
inline constexpr Kinds kAnyKind = 127;
Kinds KindOf(const Json& value);

enum class Presence : std::uint8_t { kRequired, kOptional };
enum class Openness : std::uint8_t { kClosed, kOpen };  // open: other members may be there, of any type

struct Member;

class Type {
 public:
  static constexpr std::uint32_t kDepthMax = 8;
  static constexpr std::uint32_t kSizeMax = 2'000;  // types inside a type
  static constexpr std::size_t kMembersMax = 200;   // of an object; more make it open
  static constexpr std::size_t kLiteralsMax = 12;   // texts; more become string

  Type() = default;  // any
  static Type Any() { return {}; }
  static Type Never() { return OfKinds(0); }
  static Type Null() { return OfKinds(kNull); }
  static Type Boolean() { return OfKinds(kBoolean); }
  static Type Number() { return OfKinds(kNumber); }
  static Type String() { return OfKinds(kString); }
  static Type OfKinds(Kinds kinds);
  static Type Literal(std::string_view text);
  static Type Array(const Type& items);
  static Type Object(std::vector<Member> members, Openness openness);  // names are unique
  static Type FromValue(const Json& value);

  Kinds kinds() const { return kinds_; }
  bool Has(Kinds kinds) const { return (kinds_ & kinds) != 0; }
  bool IsNever() const { return kinds_ == 0; }
  bool IsAny() const {
    return kinds_ == kAnyKind && items_ == nullptr && object_ == nullptr && texts_ == nullptr;
  }

  Type Items() const;  // of the arrays in it
  // Of the objects in it. `members`: in the order of their names.
  std::span<const Member> members() const;
  bool is_open() const;
  const Member* Find(std::string_view name) const;
  // The texts that it may be; empty: any.
  std::span<const std::string> texts() const;

  // The same without the kinds that are not in `kinds`.
  Type Only(Kinds kinds) const;
  bool Accepts(const Json& value) const;
  bool operator==(const Type& other) const;

  friend Type Union(const Type& a, const Type& b);
  friend Type Intersection(const Type& a, const Type& b);  // may be larger than that, never smaller
  friend Type Overlay(const Type& below, const Type& above);

  std::uint32_t depth() const { return depth_; }
  std::uint32_t size() const { return size_; }

 private:
  struct ObjectPart;
  bool IsSameAs(const Type& other) const;  // shares all its parts with it
  void SetItems(const Type& items);
  void SetObject(std::vector<Member> members, Openness openness);
  void SetTexts(std::vector<std::string> texts);

  Kinds kinds_ = kAnyKind;
  std::uint32_t depth_ = 0;
  std::uint32_t size_ = 1;
  std::shared_ptr<const Type> items_;                      // nullptr: any
  std::shared_ptr<const ObjectPart> object_;               // nullptr: open, nothing known
  std::shared_ptr<const std::vector<std::string>> texts_;  // sorted; nullptr: any
};

struct Member {
  std::string name;
  Type type;
  Presence presence = Presence::kRequired;
  bool operator==(const Member&) const = default;
};

Type Union(const Type& a, const Type& b);
Type Intersection(const Type& a, const Type& b);
// Of two types of objects: the members of both, those of `above` where both have one; jq's `below + above`.
Type Overlay(const Type& below, const Type& above);

// For people: short, one level.
std::string Describe(const Type& type);
// Exact, in one line: "[{id: number, tags?: [string], ...}] | null".
std::string Format(const Type& type);

// A JSON Schema (2020-12, or the older drafts' subset of it): type, properties, required,
// additionalProperties, items, prefixItems, enum, const, oneOf, anyOf, allOf, $ref inside the document. What
// else it says is not looked at; nothing is refused, and recursion widens to any.
Type FromSchema(const Json& schema);

}  // namespace elevaite::dsl::types
