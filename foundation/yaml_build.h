// How the YAML and the JSON reader put a tree together. Private to foundation/yaml*.cc.
//
// All of a tree (nodes, lists of children, keys) lies in one arena, which counts the nodes that are held
// outside of it and goes with the last of them. A document has some ten nodes a line: one at a time, they
// would take longer to allocate and to free than to read.
#pragma once

#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "foundation/yaml.h"

namespace elevaite::yaml {

class Arena;

struct Node::Rep {
  Arena* arena = nullptr;
  const Rep* next = nullptr;  // of the arena: whose values it has to destroy
  Json value{};
  Range range{};
  std::uint32_t nodes = 1;     // of the subtree
  std::uint32_t depth = 0;     // levels below and with this one
  std::uint32_t children = 0;  // items or members
  Kind kind = Kind::kScalar;
  bool plain = false;
  union {
    const Node* items = nullptr;
    const Member* members;
  };
  std::string_view text{};  // of a scalar that does not mean text; else it is the value's
  std::string_view tag{};
};

// Of a mapping that is still open.
struct OpenMember {
  std::string_view key;
  Range key_range;
  const Node::Rep* value = nullptr;  // null: not read yet
};

// Finds duplicate keys while a mapping is read. Most mappings have a few members: only long ones are worth a
// table.
class KeyFinder {
 public:
  // Where `members`, which have only grown since the last call, have the key already.
  std::optional<Position> Find(std::string_view key, std::span<const OpenMember> members);

 private:
  std::unordered_map<std::string_view, std::size_t> index_;
};

// Takes what a text consists of in the order in which it stands there.
class TreeBuilder {
 public:
  using Rep = Node::Rep;

  explicit TreeBuilder(std::size_t text_bytes);

  std::size_t depth() const { return open_.size(); }
  bool ExpectsKey() const {
    return !open_.empty() && open_.back().rep->kind == Node::Kind::kMapping &&
           (members_.size() == open_.back().first || members_.back().value != nullptr);
  }

  // In the tree, but at no place yet.
  Rep& New(Node::Kind kind, Range range);
  std::string_view Keep(std::string_view text);

  // Where an item or the value of the last key is expected; `end` is where its text ends.
  void Place(const Rep& rep, Position end);
  // A list or mapping whose children follow.
  void Open(Rep& rep);
  // In the innermost mapping. Where the key stands already: then it is not added.
  std::optional<Position> AddKey(std::string_view key, Range range);
  // The innermost list or mapping, which is to be placed. Without `end` it ends with its last child.
  Rep& Close(std::optional<Position> end);

  // Of what was placed outside of all lists and mappings; null when nothing was.
  Node Root() const;

 private:
  struct Collection {
    Rep* rep;
    std::size_t first;  // of its children, in items_ or members_
    Position last_end;
    KeyFinder keys{};
  };
  void FinishSequence(Rep& rep, std::span<const Rep* const> items);
  void FinishMapping(Rep& rep, std::span<const OpenMember> members);

  struct Release {
    void operator()(Arena* arena) const;
  };
  std::unique_ptr<Arena, Release> arena_;
  std::vector<Collection> open_;
  std::vector<const Rep*> items_;    // of all open lists, those of the innermost last
  std::vector<OpenMember> members_;  // of all open mappings
  const Rep* root_ = nullptr;
};

// A plain scalar's meaning by the core schema; false when it has none in JSON (.inf, .nan, an integer in hex
// above 64 bits).
bool ResolvePlain(std::string_view text, Json& value);

std::string At(Position position);  // "line 3, column 1"
std::unexpected<YamlError> FailAt(Position position, std::string message);
std::unexpected<YamlError> Duplicate(std::string_view key, Position position, Position first);

// Where byte `offset` of `text` stands.
Position PositionOfOffset(std::string_view text, std::size_t offset);

}  // namespace elevaite::yaml
