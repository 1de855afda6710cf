#include "dsl/tools/source.h"

#include <algorithm>
#include <utility>

#include "dsl/document.h"
#include "foundation/json.h"

namespace elevaite::dsl::tools {
namespace {

constexpr std::size_t kStride = 128;
constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";

bool IsBlank(char c) { return c == ' ' || c == '\t'; }
bool IsBreak(char c) { return c == '\n' || c == '\r'; }

bool IsJsonText(std::string_view text) {
  const std::size_t first = text.find_first_not_of(" \t\r\n");
  if (first == std::string_view::npos || (text[first] != '{' && text[first] != '[')) return false;
  return ParseJson(text, {.bytes_max = kSourceBytesMax, .depth_max = 1001, .allow_duplicate_keys = true})
      .has_value();
}

// The JSON reader counts lines by \n alone.
std::vector<std::size_t> JsonLineStarts(std::string_view text) {
  std::vector<std::size_t> starts{0};
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '\n') starts.push_back(i + 1);
  }
  return starts;
}

std::unexpected<Error> CannotEdit(yaml::Position at) {
  return Fail(ErrorCode::kInvalidArgument,
              "line " + std::to_string(at.line) + " is written in a way that cannot be edited in place",
              "format the document first");
}

}  // namespace

std::expected<Source, yaml::YamlError> Source::Read(std::string text) {
  auto root = yaml::Read(text, {.bytes_max = kSourceBytesMax, .depth_max = kDepthMax});
  if (!root) return std::unexpected(std::move(root).error());
  const bool json = IsJsonText(std::string_view(text).substr(text.starts_with(kByteOrderMark) ? 3 : 0));
  return Source(std::move(text), json, *std::move(root));
}

Source::Source(std::string text, bool json, yaml::Node root)
    : text_(std::move(text)), json_(json), root_(std::move(root)) {
  lines_ = json_ ? JsonLineStarts(text_) : LineStarts(text_);
  if (text_.starts_with(kByteOrderMark)) lines_.front() = kByteOrderMark.size();
  strides_.resize(lines_.size());
  for (std::size_t line = 0; line < lines_.size(); ++line) IndexLine(line);
}

bool Source::Counts(std::size_t at) const {
  const auto byte = static_cast<unsigned char>(text_[at]);
  return (byte & 0xC0U) != 0x80U && !(json_ && byte == '\r');
}

void Source::IndexLine(std::size_t line) {
  const std::size_t end = line + 1 < lines_.size() ? lines_[line + 1] : text_.size();
  std::size_t i = lines_[line];
  while (i < end && Counts(i)) ++i;
  if (i == end) return;
  std::size_t column = 0;
  for (i = lines_[line]; i < end; ++i) {
    if (!Counts(i)) continue;
    if (column++ % kStride == 0) strides_[line].push_back(i);
  }
}

std::size_t Source::OffsetOf(yaml::Position position) const {
  if (position.line == 0) return 0;
  if (position.line > lines_.size()) return text_.size();
  const std::size_t line = position.line - 1;
  const std::size_t end = line + 1 < lines_.size() ? lines_[line + 1] : text_.size();
  std::size_t column = position.column - 1;
  const auto& strides = strides_[line];
  if (strides.empty()) return std::min(lines_[line] + column, end);
  if (column / kStride >= strides.size()) return end;
  std::size_t at = strides[column / kStride];
  for (column %= kStride; column > 0 && at < end; --column) {
    do ++at;
    while (at < end && !Counts(at));
  }
  return at;
}

yaml::Position Source::PositionOf(std::size_t offset) const {
  const auto next = std::ranges::upper_bound(lines_, offset);
  if (next == lines_.begin()) return {1, 1};
  const auto line = static_cast<std::size_t>(next - lines_.begin()) - 1;
  std::size_t column = offset - lines_[line];
  if (const auto& strides = strides_[line]; !strides.empty()) {
    const auto after = static_cast<std::size_t>(std::ranges::upper_bound(strides, offset) - strides.begin());
    const std::size_t stride = after > 0 ? after - 1 : 0;
    column = stride * kStride;
    for (std::size_t i = strides[stride]; i < offset; ++i) column += Counts(i) ? 1U : 0U;
  }
  return {static_cast<std::uint32_t>(line + 1), static_cast<std::uint32_t>(column + 1)};
}

std::size_t Source::LineBegin(std::size_t at) const {
  const auto next = std::ranges::upper_bound(lines_, at);
  return next == lines_.begin() ? 0 : *std::prev(next);
}

std::size_t Source::NextLine(std::size_t at) const {
  const auto next = std::ranges::upper_bound(lines_, at);
  return next == lines_.end() ? text_.size() : *next;
}

std::size_t Source::LineEnd(std::size_t at) const {
  std::size_t end = NextLine(at);
  if (end > at && text_[end - 1] == '\n') --end;
  if (end > at && text_[end - 1] == '\r') --end;
  return end;
}

std::size_t Source::IndentOf(std::size_t at) const {
  const std::size_t begin = LineBegin(at);
  std::size_t i = begin;
  while (i < text_.size() && text_[i] == ' ') ++i;
  return i - begin;
}

bool Source::IsBlankLine(std::size_t at) const {
  const std::size_t begin = LineBegin(at);
  return std::ranges::all_of(std::string_view(text_).substr(begin, LineEnd(at) - begin), IsBlank);
}

bool Source::IsCommentLine(std::size_t at) const {
  const std::size_t first = LineBegin(at) + IndentOf(at);
  return first < text_.size() && text_[first] == '#';
}

std::size_t Source::Skip(std::size_t at) const {
  while (at < text_.size()) {
    const char c = text_[at];
    if (IsBlank(c) || IsBreak(c)) {
      ++at;
    } else if (c == '#' &&
               (at == 0 || IsBlank(text_[at - 1]) || IsBreak(text_[at - 1]) || at == LineBegin(at))) {
      at = NextLine(at);
    } else {
      break;
    }
  }
  return at;
}

std::size_t Source::SkipProperties(std::size_t at) const {
  while (at < text_.size() && (text_[at] == '&' || text_[at] == '!')) {
    while (at < text_.size() && !IsBlank(text_[at]) && !IsBreak(text_[at])) ++at;
    const std::size_t next = Skip(at);
    if (next >= text_.size() || (text_[next] != '&' && text_[next] != '!')) return at;
    at = next;
  }
  return at;
}

std::size_t Source::AliasEnd(std::size_t at) const {
  while (at < text_.size() && std::string_view(" \t\r\n,[]{}").find(text_[at]) == std::string_view::npos)
    ++at;
  return at;
}

bool Source::IsMissing(const yaml::Node& value) const {
  return value.IsScalar() && value.plain() && value.text().empty() &&
         value.range().begin == value.range().end;
}

Result<Parts> Source::PartsOf(const yaml::Node& node, bool in_flow) const {
  Parts parts;
  const std::size_t first = OffsetOf(node.range().begin);
  const std::size_t after = SkipProperties(first);
  parts.properties_end = after == first ? Entry::npos : after;
  parts.begin = Skip(after);
  const char c = parts.begin < text_.size() ? text_[parts.begin] : '\0';
  if (c == (node.IsSequence() ? '[' : '{')) {
    parts.shape = Parts::Shape::kFlow;
  } else if (in_flow) {
    parts.shape = Parts::Shape::kPair;
  }
  RETURN_IF_ERROR(node.IsSequence() ? ListEntries(node, parts) : MappingEntries(node, parts));
  parts.end = parts.shape == Parts::Shape::kFlow ? OffsetOf(node.range().end)
              : parts.entries.empty()            ? parts.begin
                                                 : parts.entries.back().value_end;
  return parts;
}

void Source::TakeValue(const yaml::Node& value, std::size_t after, bool in_flow_list, Entry& entry) const {
  entry.value_begin = OffsetOf(value.range().begin);
  entry.value_end = OffsetOf(value.range().end);
  if (IsMissing(value)) {
    entry.value_begin = entry.value_end = after;
  } else if (entry.value_begin < after) {  // written where the anchor stands, before
    entry.alias = true;
    entry.value_begin = Skip(after);
    entry.value_end = AliasEnd(entry.value_begin);
  } else if (in_flow_list && value.IsMapping()) {  // a pair's range ends with the next token
    if (const auto inner = PartsOf(value, true)) entry.value_end = inner->end;
  }
}

Result<> Source::ListEntries(const yaml::Node& node, Parts& parts) const {
  const bool flow = parts.shape == Parts::Shape::kFlow;
  std::size_t at = flow ? parts.begin + 1 : parts.begin;
  for (const yaml::Node& item : node.items()) {
    Entry entry;
    entry.begin = Skip(at);
    entry.mark = flow ? Entry::npos : entry.begin;
    if (!flow && (entry.begin >= text_.size() || text_[entry.begin] != '-'))
      return CannotEdit(PositionOf(at));
    TakeValue(item, flow ? entry.begin : entry.begin + 1, flow, entry);
    at = entry.value_end;
    if (flow) {
      const std::size_t comma = Skip(at);
      if (comma < text_.size() && text_[comma] == ',') {
        entry.comma = comma;
        at = comma + 1;
      }
    }
    parts.entries.push_back(entry);
  }
  return {};
}

Result<> Source::MappingEntries(const yaml::Node& node, Parts& parts) const {
  const bool flow = parts.shape == Parts::Shape::kFlow;
  std::size_t at = flow ? parts.begin + 1 : parts.begin;
  for (const yaml::Member& member : node.members()) {
    Entry entry;
    entry.begin = OffsetOf(member.key_range.begin);
    entry.key_end = OffsetOf(member.key_range.end);
    if (Skip(at) != entry.begin) return CannotEdit(PositionOf(at));
    const std::size_t colon = Skip(entry.key_end);
    if (colon < text_.size() && text_[colon] == ':') {
      entry.mark = colon;
      TakeValue(member.value, colon + 1, false, entry);
    } else {
      if (!IsMissing(member.value)) return CannotEdit(PositionOf(at));
      entry.mark = Entry::npos;
      entry.value_begin = entry.value_end = entry.key_end;
    }
    at = entry.value_end;
    if (flow) {
      const std::size_t comma = Skip(at);
      if (comma < text_.size() && text_[comma] == ',') {
        entry.comma = comma;
        at = comma + 1;
      }
    }
    parts.entries.push_back(entry);
  }
  return {};
}

}  // namespace elevaite::dsl::tools
