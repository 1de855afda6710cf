// TextEdit: one change of a document's tree as splices of its text, so that all else stays as it was:
// comments, blank lines, quotes, the order of keys.
//
// Comments belong to what they stand by: the lines directly above an entry in its column, the one behind it
// on its line, and the deeper ones below it go where the entry goes. In brackets the one behind the comma
// does.
//
// The splices are a proposal: the caller applies them, reads the text again and compares the value with the
// one wanted (edit.cc does), so a layout that was understood wrongly is an error and never another document.
#pragma once

#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "dsl/tools/changes.h"
#include "dsl/tools/pointer.h"
#include "dsl/tools/render.h"
#include "dsl/tools/source.h"
#include "foundation/result.h"

namespace elevaite::dsl::tools {

// How the document is laid out, by the first places that show it.
Style StyleOf(const Source& source);

// An item for a list: its value, and, where there is one, its text in block style from column 0: lines of
// comments, then `- ...`.
struct Item {
  Json value;
  std::optional<std::string> lines{};
};

class TextEdit {
 public:
  using Path = std::span<const std::string>;
  TextEdit(const Source& source, Style style) : source_(source), style_(std::move(style)) {}

  // The value at `path`, which exists, becomes another.
  Result<std::vector<Splice>> Replace(Path path, const Json& value) const;
  // A new member at the end of the mapping (or nothing) at `mapping`.
  Result<std::vector<Splice>> AddMember(Path mapping, const std::string& key, const Json& value) const;
  // A new item before the `index`-th of the list (or nothing) at `list`.
  Result<std::vector<Splice>> InsertItem(Path list, std::size_t index, const Item& item) const;
  // The member or item at `path` goes, with its comments.
  Result<std::vector<Splice>> Erase(Path path) const;
  Result<std::vector<Splice>> RenameKey(Path path, const std::string& name) const;
  // The item of a list at `path` with its comments, for InsertItem.
  Result<Item> Take(Path path) const;

 private:
  struct Spot;       // a container on the way to a place
  struct LineRange;  // whole lines
  struct Rendered;   // a value behind its mark

  Result<Spot> Find(Path path) const;
  Result<std::vector<Splice>> Put(const Spot& owner, const Rendered& value) const;
  Result<std::vector<Splice>> Fill(Path path, const Json& value,
                                   const std::optional<std::string>& lines) const;

  Rendered Render(const Spot& owner, const Json& value) const;
  std::string InBrackets(const Spot& spot, const Json& value, std::size_t indent) const;
  std::vector<Splice> PutInBrackets(const Spot& owner, const Json& value) const;
  std::vector<Splice> PutInBlock(const Entry& entry, const Rendered& value) const;

  std::vector<Splice> InsertLines(const Parts& parts, std::size_t index, std::string lines) const;
  std::vector<Splice> InsertInBrackets(const Spot& spot, std::size_t index, std::string_view key,
                                       const Json& value) const;
  std::vector<Splice> EraseBlock(const Spot& spot) const;
  std::vector<Splice> EraseOnly(const Spot& spot) const;
  std::vector<Splice> EraseFirstOfItem(const Parts& parts) const;
  std::vector<Splice> EraseInBrackets(const Spot& spot) const;

  LineRange LinesOf(const Parts& parts, std::size_t index) const;
  std::size_t BlankLinesBetween(const Parts& parts, std::size_t index) const;
  std::size_t ContentEnd(const Entry& entry) const;
  bool BeginsLine(std::size_t at) const;

  // Parts of a list or mapping, found once: many changes go through the same list.
  Result<std::shared_ptr<const Parts>> PartsAt(Path path, const yaml::Node& node, bool in_flow) const;

  const Source& source_;
  Style style_;
  mutable std::unordered_map<std::string, std::shared_ptr<const Parts>> parts_;  // by pointer
};

}  // namespace elevaite::dsl::tools
