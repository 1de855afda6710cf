// How the YAML and the JSON reader put nodes together. Private to foundation/yaml*.cc.
#pragma once

#include <memory>
#include <optional>
#include <span>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "foundation/yaml.h"

namespace elevaite::yaml {

struct Node::Rep {
  Kind kind = Kind::kScalar;
  bool plain = false;
  Range range{};
  std::uint32_t nodes = 1;  // of the subtree
  std::uint32_t depth = 0;  // levels below and with this one
  Json value{};
  std::string text{};  // of a scalar that does not mean text; else it is the value's
  std::unique_ptr<const std::string> tag{};
  std::vector<Node> items{};
  std::vector<Member> members{};
};

// Finds duplicate keys while a mapping is read. Most mappings have a few members: only long ones are worth a
// table.
class KeyFinder {
 public:
  // Where `members`, which have only grown since the last call, have the key already.
  std::optional<Position> Find(std::string_view key, std::span<const Member> members);

 private:
  std::unordered_map<std::string, std::size_t> index_;
};

// Sums up the children: value, node count, depth. Keys must be unique.
Node FinishSequence(std::shared_ptr<Node::Rep> rep);
Node FinishMapping(std::shared_ptr<Node::Rep> rep);
const Node::Rep& RepOf(const Node& node);

// A plain scalar's meaning by the core schema; false when it has none in JSON (.inf, .nan, an integer in hex
// above 64 bits).
bool ResolvePlain(std::string_view text, Json& value);

std::string At(Position position);  // "line 3, column 1"
std::unexpected<YamlError> FailAt(Position position, std::string message);
std::unexpected<YamlError> Duplicate(const std::string& key, Position position, Position first);

// Where byte `offset` of `text` stands.
Position PositionOfOffset(std::string_view text, std::size_t offset);

}  // namespace elevaite::yaml
