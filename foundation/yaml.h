// YAML (1.2 core schema) to a tree of nodes that know where they stand in the text.
//
// One document becomes one immutable tree; copies of its nodes are O(1) and keep all of it alive, nodes may
// be read from several threads. Every node carries its value as Json and the range it was written at; mapping
// keys carry theirs. JSON text is YAML: the same function reads it.
//
// What plain (unquoted) scalars mean: `null ~` and nothing are null, `true false` booleans (also True, TRUE;
// not yes/on), `12 -3 0x1F 0o17` exact integers, `1.50 1e3` numbers that keep their text, all else strings.
// Keys are always text, as written: `404:` is the key "404".
//
// Refused, with a message that says what to do: duplicate keys (both places are named), merge keys `<<`, keys
// that are lists or mappings, tags other than !!str !!int !!float !!bool !!null !!seq !!map, .inf and .nan,
// several documents in one text, tabs as indentation, bytes that are not UTF-8, aliases that refer to
// themselves.
//
// Source: yaml.org/spec/1.2.2, chapter 10.3. The scanner is libyaml's.
#pragma once

#include <cstddef>
#include <cstdint>
#include <expected>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>

#include "foundation/json.h"
#include "foundation/result.h"

namespace elevaite::yaml {

// Counted from 1; columns in code points. {0, 0}: unknown.
struct Position {
  std::uint32_t line = 0;
  std::uint32_t column = 0;
  friend auto operator<=>(const Position&, const Position&) = default;
};

// `end` is the place after the last character.
struct Range {
  Position begin;
  Position end;
  friend bool operator==(const Range&, const Range&) = default;
};

struct YamlError {
  std::string message;     // without the place: "duplicate key 'name' (first at line 3, column 1)"
  std::uint32_t line = 1;  // where
  std::uint32_t column = 1;
  std::optional<Position> related{};  // the first of two duplicates, the begin of what was left open
  bool too_large = false;             // a limit of ReadOptions was passed

  std::string ToString() const;  // "line 7, column 1: duplicate key 'name' (first at line 3, column 1)"
  // kInvalidArgument, or kPayloadTooLarge; `source` names the text ("elevaite.yaml").
  Error ToError(std::string_view source) const;
};

struct ReadOptions {
  std::size_t bytes_max = 8U << 20U;
  std::uint32_t depth_max = 100;    // levels of lists and mappings; at most 1000
  std::size_t nodes_max = 500'000;  // an alias counts as many nodes as it stands for
};

struct Member;

class Node {
 public:
  enum class Kind : std::uint8_t { kScalar, kSequence, kMapping };

  Node();  // null at an unknown place
  Node(const Node& other) noexcept;
  Node(Node&& other) noexcept : rep_(std::exchange(other.rep_, nullptr)) {}
  Node& operator=(const Node& other) noexcept;
  Node& operator=(Node&& other) noexcept;
  ~Node() { Release(); }

  Kind kind() const;
  bool IsScalar() const { return kind() == Kind::kScalar; }
  bool IsSequence() const { return kind() == Kind::kSequence; }
  bool IsMapping() const { return kind() == Kind::kMapping; }
  bool IsNull() const { return value().IsNull(); }

  const Range& range() const;  // for what an alias stands for: where the anchor stands
  // The value of the whole subtree.
  const Json& value() const;
  // A scalar as written, quotes and escapes undone; empty for others.
  std::string_view text() const;
  bool plain() const;            // a scalar without quotes
  std::string_view tag() const;  // the explicit tag, "tag:yaml.org,2002:str", mostly empty

  std::span<const Node> items() const;      // empty unless a sequence
  std::span<const Member> members() const;  // empty unless a mapping; in the order written
  // The member of that key, or nullptr.
  const Member* Find(std::string_view key) const;

  struct Rep;

 private:
  friend class TreeBuilder;
  explicit Node(const Rep* counted) : rep_(counted) {}
  void Release() noexcept;

  const Rep* rep_;  // null: moved from
};

struct Member {
  std::string_view key;  // of the tree: valid while a node of it lives
  Range key_range;
  Node value;
};

// An empty text (or only comments) is a null node.
std::expected<Node, YamlError> Read(std::string_view text, const ReadOptions& options = {});

}  // namespace elevaite::yaml
