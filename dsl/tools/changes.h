// Changes: what was done to a text, told as changes of the text as it was at first.
//
// Edits follow each other, each on the text that the last one left; an editor that applies them with undo
// wants one list of changes of the text it has. A piece table keeps track: the text is a row of pieces, each
// a part of the first text or a new one.
#pragma once

#include <cstddef>
#include <list>
#include <string>
#include <string_view>
#include <vector>

#include "foundation/yaml.h"

namespace elevaite::dsl::tools {

// Replace `length` bytes at `offset`.
struct Splice {
  std::size_t offset = 0;
  std::size_t length = 0;
  std::string insert;
};

// Applies splices that do not overlap, all told of the same text; what is inserted at one offset stands in
// the order given.
std::string Spliced(std::string_view text, const std::vector<Splice>& splices);

class Changes {
 public:
  explicit Changes(std::size_t size);

  // `splices` are of the text as it is now; they do not overlap.
  void Apply(const std::vector<Splice>& splices);
  // Of the first text, in its order, not touching each other.
  std::vector<Splice> List() const;

 private:
  struct Piece {
    bool original = true;
    std::size_t begin = 0;  // original: in the first text
    std::size_t size = 0;
    std::string text{};  // new
  };
  void Replace(const Splice& splice);
  // The piece that begins at `offset`, after cutting one if need be.
  std::list<Piece>::iterator CutAt(std::size_t offset);

  std::list<Piece> pieces_;
  std::size_t original_size_;
};

// {"from": {"line", "column"}, "to": {"line", "column"}, "insert"}: counted from 1, columns in code points.
struct TextChange {
  yaml::Position from;
  yaml::Position to;
  std::string insert;
};

}  // namespace elevaite::dsl::tools
