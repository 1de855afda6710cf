#include "dsl/tools/changes.h"

#include <algorithm>
#include <tuple>
#include <utility>

namespace elevaite::dsl::tools {
namespace {

// The last first, so that offsets stay right while they are applied; of two at one offset the later one.
std::vector<const Splice*> Backwards(const std::vector<Splice>& splices) {
  std::vector<const Splice*> order;
  for (const Splice& splice : splices) order.push_back(&splice);
  std::ranges::sort(order, [](const Splice* a, const Splice* b) {
    return std::tie(a->offset, a) > std::tie(b->offset, b);
  });
  return order;
}

}  // namespace

std::string Spliced(std::string_view text, const std::vector<Splice>& splices) {
  std::string out(text);
  for (const Splice* splice : Backwards(splices)) out.replace(splice->offset, splice->length, splice->insert);
  return out;
}

Changes::Changes(std::size_t size) : original_size_(size) {
  if (size > 0) pieces_.push_back({.begin = 0, .size = size});
}

void Changes::Apply(const std::vector<Splice>& splices) {
  for (const Splice* splice : Backwards(splices)) Replace(*splice);
}

void Changes::Replace(const Splice& splice) {
  const std::size_t first = CutAt(splice.offset);
  const std::size_t last = CutAt(splice.offset + splice.length);
  const auto begin = pieces_.begin();
  auto at =
      pieces_.erase(begin + static_cast<std::ptrdiff_t>(first), begin + static_cast<std::ptrdiff_t>(last));
  if (!splice.insert.empty()) {
    pieces_.insert(at, {.original = false, .size = splice.insert.size(), .text = splice.insert});
  }
}

std::size_t Changes::CutAt(std::size_t offset) {
  std::size_t at = 0;
  for (std::size_t i = 0; i < pieces_.size(); ++i) {
    if (at == offset) return i;
    Piece& piece = pieces_[i];
    if (offset < at + piece.size) {
      const std::size_t head = offset - at;
      Piece tail = piece;
      tail.size = piece.size - head;
      if (piece.original) {
        tail.begin += head;
      } else {
        tail.text.erase(0, head);
        piece.text.resize(head);
      }
      piece.size = head;
      pieces_.insert(pieces_.begin() + static_cast<std::ptrdiff_t>(i) + 1, std::move(tail));
      return i + 1;
    }
    at += piece.size;
  }
  return pieces_.size();
}

std::vector<Splice> Changes::List() const {
  std::vector<Splice> list;
  std::size_t at = 0;  // in the first text
  std::string insert;
  const auto close = [&](std::size_t next) {
    if (next > at || !insert.empty()) list.push_back({at, next - at, std::move(insert)});
    insert.clear();
  };
  for (const Piece& piece : pieces_) {
    if (!piece.original) {
      insert += piece.text;
    } else {
      close(piece.begin);
      at = piece.begin + piece.size;
    }
  }
  close(original_size_);
  return list;
}

}  // namespace elevaite::dsl::tools
