#include "dsl/lsp/text.h"

#include <algorithm>
#include <utility>

namespace elevaite::dsl::lsp {
namespace {

bool IsContinuation(char c) { return (static_cast<unsigned char>(c) & 0xC0U) == 0x80U; }
// Characters above U+FFFF have four bytes in UTF-8 and two units in UTF-16.
std::size_t UnitsOf(char lead) { return static_cast<unsigned char>(lead) >= 0xF0U ? 2 : 1; }

}  // namespace

std::vector<std::size_t> LspLineStarts(std::string_view text) {
  std::vector<std::size_t> starts{0};
  for (std::size_t i = 0; i < text.size(); ++i) {
    const bool lone_return = text[i] == '\r' && (i + 1 == text.size() || text[i + 1] != '\n');
    if (text[i] == '\n' || lone_return) starts.push_back(i + 1);
  }
  return starts;
}

std::size_t Text::OffsetOf(const Json& position) const {
  const std::int64_t line = position["line"].IntOr(0);
  std::int64_t units = position["character"].IntOr(0);
  if (line < 0) return 0;
  if (static_cast<std::size_t>(line) >= lines_.size()) return text_.size();
  const auto index = static_cast<std::size_t>(line);
  std::size_t end = index + 1 < lines_.size() ? lines_[index + 1] : text_.size();
  while (end > lines_[index] && (text_[end - 1] == '\n' || text_[end - 1] == '\r')) --end;
  std::size_t at = lines_[index];
  while (units > 0 && at < end) {
    units -= static_cast<std::int64_t>(UnitsOf(text_[at]));
    do ++at;
    while (at < end && IsContinuation(text_[at]));
  }
  return at;
}

Json Text::PositionOf(std::size_t offset) const {
  offset = std::min(offset, text_.size());
  const auto next = std::ranges::upper_bound(lines_, offset);
  const auto line = static_cast<std::size_t>(next - lines_.begin()) - 1;
  std::size_t units = 0;
  for (std::size_t i = lines_[line]; i < offset; ++i) {
    if (!IsContinuation(text_[i])) units += UnitsOf(text_[i]);
  }
  return Json::Object({{"line", line}, {"character", units}});
}

void Text::Apply(const Json& change) {
  std::string text(change["text"].StringOr(""));
  if (change["range"].IsObject()) {
    const std::size_t begin = OffsetOf(change["range"]["start"]);
    const std::size_t end = std::max(begin, OffsetOf(change["range"]["end"]));
    text = text_.substr(0, begin) + text + text_.substr(end);
  }
  text_ = std::move(text);
  lines_ = LspLineStarts(text_);
}

}  // namespace elevaite::dsl::lsp
