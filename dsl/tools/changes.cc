#include "dsl/tools/changes.h"

#include <algorithm>
#include <tuple>
#include <utility>

namespace elevaite::dsl::tools {
namespace {

// By place; what stands at one place in the order given.
std::vector<const Splice*> InOrder(const std::vector<Splice>& splices) {
  std::vector<const Splice*> order;
  for (const Splice& splice : splices) order.push_back(&splice);
  std::ranges::sort(order, [](const Splice* a, const Splice* b) {
    return std::tie(a->offset, a) < std::tie(b->offset, b);
  });
  return order;
}

}  // namespace

std::string Spliced(std::string_view text, const std::vector<Splice>& splices) {
  std::string out;
  std::size_t at = 0;
  for (const Splice* splice : InOrder(splices)) {
    if (splice->offset > at) out += text.substr(at, splice->offset - at);
    out += splice->insert;
    at = std::max(at, splice->offset + splice->length);
  }
  out += text.substr(std::min(at, text.size()));
  return out;
}

Changes::Changes(std::size_t size) : original_size_(size) {
  if (size > 0) pieces_.push_back({.begin = 0, .size = size});
}

// The last first, so that offsets stay right.
void Changes::Apply(const std::vector<Splice>& splices) {
  const auto order = InOrder(splices);
  for (auto splice = order.rbegin(); splice != order.rend(); ++splice) Replace(**splice);
}

void Changes::Replace(const Splice& splice) {
  const auto last = CutAt(splice.offset + splice.length);
  const auto first = CutAt(splice.offset);
  pieces_.erase(first, last);
  if (!splice.insert.empty()) {
    pieces_.insert(last, {.original = false, .size = splice.insert.size(), .text = splice.insert});
  }
}

std::list<Changes::Piece>::iterator Changes::CutAt(std::size_t offset) {
  std::size_t at = 0;
  for (auto piece = pieces_.begin(); piece != pieces_.end(); ++piece) {
    if (at == offset) return piece;
    if (offset < at + piece->size) {
      const std::size_t head = offset - at;
      Piece tail = *piece;
      tail.size = piece->size - head;
      if (piece->original) {
        tail.begin += head;
      } else {
        tail.text.erase(0, head);
        piece->text.resize(head);
      }
      piece->size = head;
      return pieces_.insert(std::next(piece), std::move(tail));
    }
    at += piece->size;
  }
  return pieces_.end();
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
