#include "dsl/document.h"

#include <algorithm>
#include <cstddef>
#include <utility>

namespace elevaite::dsl {
namespace {

bool IsContinuation(char c) { return (static_cast<unsigned char>(c) & 0xC0U) == 0x80U; }
bool IsBlank(char c) { return c == ' ' || c == '\t'; }

// Walks a scalar's source and its value side by side until the value's byte `target` is reached.
class ScalarWalk {
 public:
  ScalarWalk(std::string_view source, std::size_t begin, std::size_t end)
      : source_(source), at_(begin), end_(end) {}

  std::size_t Find(std::string_view value, std::size_t target) {
    SkipProperties();
    if (at_ >= end_) return at_;
    const char style = source_[at_];
    if (style == '|' || style == '>') return InBlock(value, target);
    if (style == '"' || style == '\'') ++at_;
    return InFlow(value, target, style);
  }

 private:
  // Anchors and tags stand before the text.
  void SkipProperties() {
    while (at_ < end_ && (source_[at_] == '&' || source_[at_] == '!')) {
      while (at_ < end_ && !IsBlank(source_[at_]) && source_[at_] != '\n') ++at_;
      while (at_ < end_ && (IsBlank(source_[at_]) || source_[at_] == '\n' || source_[at_] == '\r')) ++at_;
    }
  }

  // Whether a fold begins here: blanks up to a line break. If so, steps over it and the blanks of the next
  // lines, and answers how many bytes of the value it stands for: one space, or a newline for each further
  // line.
  std::size_t TakeFold() {
    std::size_t i = at_;
    while (i < end_ && (IsBlank(source_[i]) || source_[i] == '\r')) ++i;
    if (i >= end_ || source_[i] != '\n') return 0;
    std::size_t breaks = 0;
    while (i < end_ && (IsBlank(source_[i]) || source_[i] == '\r' || source_[i] == '\n')) {
      if (source_[i] == '\n') ++breaks;
      ++i;
    }
    at_ = i;
    return breaks == 1 ? 1 : breaks - 1;
  }

  std::size_t InFlow(std::string_view value, std::size_t target, char style) {
    std::size_t done = 0;
    while (done < target && at_ < end_) {
      if (const std::size_t folded = TakeFold(); folded > 0) {
        done += folded;
      } else if (style == '\'' && source_.substr(at_, 2) == "''") {
        at_ += 2;
        ++done;
      } else if (style == '"' && source_[at_] == '\\') {
        done += TakeEscape(value, done);
      } else {
        ++at_;
        ++done;
      }
    }
    while (style == '"' && at_ + 1 < end_ && source_[at_] == '\\' &&
           (source_[at_ + 1] == '\n' || source_[at_ + 1] == '\r')) {
      TakeEscape(value, done);
    }
    return at_;
  }

  // Steps over an escape of a double-quoted scalar; the bytes of the value it stands for are read off the
  // value.
  std::size_t TakeEscape(std::string_view value, std::size_t done) {
    const char kind = at_ + 1 < end_ ? source_[at_ + 1] : '\0';
    if (kind == '\n' || kind == '\r') {  // a line continued
      at_ += 1;
      while (at_ < end_ && (IsBlank(source_[at_]) || source_[at_] == '\n' || source_[at_] == '\r')) ++at_;
      return 0;
    }
    std::size_t bytes = 1;
    while (done + bytes < value.size() && IsContinuation(value[done + bytes])) ++bytes;
    const std::size_t digits = kind == 'x' ? 2 : kind == 'u' ? 4 : kind == 'U' ? 8 : 0;
    at_ += 2 + digits;
    const bool is_pair = kind == 'u' && bytes == 4 && source_.substr(at_, 2) == "\\u";
    if (is_pair) at_ += 6;
    at_ = std::min(at_, end_);
    return bytes;
  }

  // Lines of the source carry lines of the value; between two of them the value has one space (folded) or as
  // many newlines as it shows, whatever number of empty lines of the source they come from.
  std::size_t InBlock(std::string_view value, std::size_t target) {
    const std::size_t header_end = std::min(source_.find('\n', at_), end_);
    const bool has_indicator = source_.substr(at_, header_end - at_).find_first_of("123456789") < 3;
    at_ = std::min(header_end + 1, end_);
    const std::size_t indent = BlockIndent(has_indicator);
    std::size_t done = NewlinesAt(value, 0);
    if (target < done) return at_;
    SkipEmptyLines(indent);
    while (at_ < end_) {
      for (std::size_t i = 0; i < indent && at_ < end_ && source_[at_] == ' '; ++i) ++at_;
      const std::size_t stop = std::min(source_.find('\n', at_), end_);
      const std::size_t length = stop - at_ - (stop > at_ && source_[stop - 1] == '\r' ? 1 : 0);
      if (target < done + length || stop == end_) return std::min(at_ + (target - done), stop);
      done += length;
      const std::size_t separators = std::max<std::size_t>(1, NewlinesAt(value, done));
      if (target < done + separators) return stop;
      done += separators;
      at_ = stop + 1;
      SkipEmptyLines(indent);
    }
    return at_;
  }

  static std::size_t NewlinesAt(std::string_view value, std::size_t offset) {
    std::size_t count = 0;
    while (offset + count < value.size() && value[offset + count] == '\n') ++count;
    return count;
  }

  void SkipEmptyLines(std::size_t indent) {
    while (at_ < end_) {
      std::size_t i = at_;
      while (i < end_ && i - at_ < indent && source_[i] == ' ') ++i;
      if (i < end_ && source_[i] == '\r') ++i;
      if (i >= end_ || source_[i] != '\n') return;
      at_ = i + 1;
    }
  }

  // The indentation of the first line that has text; with an indicator in the header lines may begin deeper,
  // so the least of all.
  std::size_t BlockIndent(bool has_indicator) const {
    std::size_t least = std::string_view::npos;
    std::size_t i = at_;
    while (i < end_) {
      std::size_t spaces = 0;
      while (i < end_ && source_[i] == ' ') {
        ++spaces;
        ++i;
      }
      if (i < end_ && source_[i] != '\n' && source_[i] != '\r') {
        least = std::min(least, spaces);
        if (!has_indicator) break;
      }
      i = std::min(source_.find('\n', i), end_);
      if (i < end_) ++i;
    }
    return least == std::string_view::npos ? 0 : least;
  }

  std::string_view source_;
  std::size_t at_;
  std::size_t end_;
};

}  // namespace

std::vector<std::size_t> LineStarts(std::string_view text) {
  std::vector<std::size_t> starts{0};
  for (std::size_t i = 0; i < text.size(); ++i) {
    const auto byte = static_cast<unsigned char>(text[i]);
    if (byte != '\n' && byte != '\r' && byte != 0xC2 && byte != 0xE2) continue;
    const std::string_view rest = text.substr(i);
    if (byte == '\n' || (byte == '\r' && !rest.starts_with("\r\n"))) {
      starts.push_back(i + 1);
    } else if (rest.starts_with("\xC2\x85")) {
      starts.push_back(i + 2);
    } else if (rest.starts_with("\xE2\x80\xA8") || rest.starts_with("\xE2\x80\xA9")) {
      starts.push_back(i + 3);
    }
  }
  return starts;
}

Document::Document(std::string text, Format format, yaml::Node root)
    : text_(std::move(text)), format_(format), root_(std::move(root)), lines_(LineStarts(text_)) {}

yaml::Position Document::Locate(const yaml::Node& scalar, std::size_t offset) const {
  const yaml::Range& range = scalar.range();
  if (range.begin.line == 0) return {1, 1};
  const std::size_t begin = OffsetOf(range.begin);
  const std::size_t end = std::max(begin, OffsetOf(range.end));
  ScalarWalk walk(text_, begin, end);
  const std::size_t found = walk.Find(scalar.text(), std::min(offset, scalar.text().size()));
  return PositionOf(std::min(found, end));
}

std::size_t Document::OffsetOf(yaml::Position position) const {
  if (position.line == 0 || position.line > lines_.size()) return text_.size();
  std::size_t offset = lines_[position.line - 1];
  const std::size_t line_end = position.line < lines_.size() ? lines_[position.line] : text_.size();
  if (position.line == 1 && text_.starts_with("\xEF\xBB\xBF")) offset += 3;  // a byte order mark is no column
  for (std::uint32_t column = 1; column < position.column && offset < text_.size() && text_[offset] != '\n';
       ++column) {
    ++offset;
    while (offset < line_end && IsContinuation(text_[offset])) ++offset;
  }
  return offset;
}

yaml::Position Document::PositionOf(std::size_t offset) const {
  const auto next = std::ranges::upper_bound(lines_, offset);
  const auto line = static_cast<std::size_t>(next - lines_.begin());
  std::size_t i = lines_[line - 1];
  if (line == 1 && text_.starts_with("\xEF\xBB\xBF")) i += 3;
  std::uint32_t column = 1;
  for (; i < offset; ++i) {
    if (!IsContinuation(text_[i])) ++column;
  }
  return {static_cast<std::uint32_t>(line), column};
}

}  // namespace elevaite::dsl
