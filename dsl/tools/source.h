// Source: a document's text, read, and where each part of it stands, in bytes.
//
// The tree (foundation/yaml.h) knows where keys and values stand; to change the text one must also know where
// the indicators are (`-`, `:`, `,`, brackets), what is an alias and where comments begin. Between two values
// there are only those, blanks and comments, so a walk over the gaps finds them.
#pragma once

#include <cstddef>
#include <cstdint>
#include <expected>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "foundation/result.h"
#include "foundation/yaml.h"

namespace elevaite::dsl::tools {

inline constexpr std::size_t kSourceBytesMax = 1U << 20U;
inline constexpr std::uint32_t kDepthMax = 200;

// A member of a mapping or an item of a list as it stands in the text. Offsets in bytes.
struct Entry {
  std::size_t begin = 0;    // of the key, of the `-`, or of the item's value
  std::size_t key_end = 0;  // mappings
  std::size_t mark = 0;     // of the `:` or the `-`; npos when there is none
  std::size_t value_begin = 0;
  std::size_t value_end = 0;
  std::size_t comma = npos;  // behind it, in brackets
  bool alias = false;
  static constexpr std::size_t npos = static_cast<std::size_t>(-1);
};

struct Parts {
  enum class Shape : std::uint8_t {
    kBlock,
    kFlow,  // in brackets
    kPair,  // `[a: 1]`: a mapping without brackets of its own
  };
  Shape shape = Shape::kBlock;
  std::size_t begin = 0;           // of the content: the bracket, the first key or `-`
  std::size_t end = 0;             // behind the closing bracket or the last value
  std::size_t properties_end = 0;  // behind an anchor or tag; npos when there is none
  std::vector<Entry> entries;
};

class Source {
 public:
  static std::expected<Source, yaml::YamlError> Read(std::string text);

  const std::string& text() const { return text_; }
  const yaml::Node& root() const { return root_; }
  bool json() const { return json_; }  // JSON text, not only text that begins with a bracket

  std::size_t OffsetOf(yaml::Position position) const;
  yaml::Position PositionOf(std::size_t offset) const;

  // The entries of a list or mapping that stands in the text where its range says (not behind an alias).
  // `in_flow`: it is an item of a list in brackets. kInvalidArgument: written in a way that cannot be edited
  // (`? key`).
  Result<Parts> PartsOf(const yaml::Node& node, bool in_flow) const;

  // Behind blanks, line breaks and comments.
  std::size_t Skip(std::size_t at) const;
  std::size_t LineBegin(std::size_t at) const;
  // Before the line break, and behind it.
  std::size_t LineEnd(std::size_t at) const;
  std::size_t NextLine(std::size_t at) const;
  // Whether the line of `at` has only blanks, or only a comment.
  bool IsBlankLine(std::size_t at) const;
  bool IsCommentLine(std::size_t at) const;
  // Bytes of spaces before the first other character of the line.
  std::size_t IndentOf(std::size_t at) const;
  std::size_t ColumnOf(std::size_t at) const { return at - LineBegin(at); }  // from 0, in bytes

 private:
  Source(std::string text, bool json, yaml::Node root);
  void IndexLine(std::size_t line);
  bool Counts(std::size_t at) const;  // whether a column begins at this byte
  std::size_t SkipProperties(std::size_t at) const;
  std::size_t AliasEnd(std::size_t at) const;
  bool IsMissing(const yaml::Node& value) const;
  Result<> ListEntries(const yaml::Node& node, Parts& parts) const;
  Result<> MappingEntries(const yaml::Node& node, Parts& parts) const;
  void TakeValue(const yaml::Node& value, std::size_t after, bool in_flow_list, Entry& entry) const;

  std::string text_;
  bool json_;
  yaml::Node root_;
  std::vector<std::size_t> lines_;
  // For lines where columns are not bytes: the offset of every kStride-th column.
  std::vector<std::vector<std::size_t>> strides_;
};

}  // namespace elevaite::dsl::tools
