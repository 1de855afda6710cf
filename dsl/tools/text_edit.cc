#include "dsl/tools/text_edit.h"

#include <algorithm>
#include <utility>

namespace elevaite::dsl::tools {

// A list or mapping, and the entry of it that the path goes through.
struct TextEdit::Spot {
  yaml::Node node;
  std::shared_ptr<const Parts> parts;
  std::size_t index = 0;
  yaml::Node value;      // of the entry
  bool in_flow = false;  // inside brackets, its own counted

  const Entry& entry() const { return parts->entries[index]; }
};

struct TextEdit::LineRange {
  std::size_t begin = 0;
  std::size_t end = 0;
};

// `head` stands on the line of the `:` or `-`, `lines` below it, each ended.
struct TextEdit::Rendered {
  std::string head;
  std::string lines;
};

namespace {

using Splices = Result<std::vector<Splice>>;

std::string Spaces(std::size_t count) { return std::string(count, ' '); }

// Every line that has something in it moved right.
std::string Indented(std::string_view lines, std::size_t indent) {
  std::string out;
  for (std::size_t at = 0; at < lines.size();) {
    const std::size_t end = std::min(lines.find('\n', at), lines.size() - 1) + 1;
    const std::string_view line = lines.substr(at, end - at);
    if (line.find_first_not_of("\r\n") != std::string_view::npos) out += Spaces(indent);
    out += line;
    at = end;
  }
  return out;
}

// Every line moved left, as far as its blanks allow.
std::string Dedented(std::string_view lines, std::size_t indent) {
  std::string out;
  for (std::size_t at = 0; at < lines.size();) {
    const std::size_t end = std::min(lines.find('\n', at), lines.size() - 1) + 1;
    std::string_view line = lines.substr(at, end - at);
    const std::size_t blanks = std::min(line.find_first_not_of(' '), line.size());
    line.remove_prefix(std::min(blanks, indent));
    out += line;
    at = end;
  }
  return out;
}

Quotes QuotesOf(const yaml::Node& node, std::string_view text, std::size_t at) {
  if (!node.IsScalar() || node.plain() || at >= text.size()) return Quotes::kNone;
  return text[at] == '\'' ? Quotes::kSingle : text[at] == '"' ? Quotes::kDouble : Quotes::kNone;
}

class StyleFinder {
 public:
  StyleFinder(const Source& source, Style& style) : source_(source), style_(style) {}

  // Looks at mappings in mappings and lists in mappings until both are known.
  void Look(const yaml::Node& node, bool in_flow) {
    if (node.IsScalar() || (knows_step_ && knows_list_) || looked_++ > 200) return;
    const auto parts = source_.PartsOf(node, in_flow);
    if (!parts || parts->shape != Parts::Shape::kBlock) return;
    for (std::size_t i = 0; i < parts->entries.size(); ++i) {
      const Entry& entry = parts->entries[i];
      const yaml::Node& value = node.IsMapping() ? node.members()[i].value : node.items()[i];
      if (entry.alias || value.IsScalar()) continue;
      if (node.IsMapping()) Compare(entry, value);
      Look(value, false);
    }
  }

 private:
  void Compare(const Entry& entry, const yaml::Node& value) {
    const auto inner = source_.PartsOf(value, false);
    if (!inner || inner->shape != Parts::Shape::kBlock || inner->entries.empty()) return;
    const std::size_t outer_column = source_.ColumnOf(entry.begin);
    const std::size_t column = source_.ColumnOf(inner->entries.front().begin);
    if (column > outer_column && !knows_step_) {
      knows_step_ = true;
      style_.step = std::min<std::size_t>(column - outer_column, 8);
    }
    if (value.IsSequence() && !knows_list_) {
      knows_list_ = true;
      style_.indented_sequences = column > outer_column;
    }
  }

  const Source& source_;
  Style& style_;
  bool knows_step_ = false;
  bool knows_list_ = false;
  int looked_ = 0;
};

}  // namespace

Style StyleOf(const Source& source) {
  Style style;
  const std::size_t line_break = source.text().find('\n');
  if (line_break != std::string::npos && line_break > 0 && source.text()[line_break - 1] == '\r')
    style.newline = "\r\n";
  if (source.json()) {
    const std::size_t member = source.text().find_first_not_of(" \t\r\n", source.text().find('{') + 1);
    if (member != std::string::npos && source.LineBegin(member) > source.text().find('{')) {
      style.step = std::clamp<std::size_t>(source.IndentOf(member), 1, 8);
    }
    return style;
  }
  StyleFinder(source, style).Look(source.root(), false);
  return style;
}

Result<std::shared_ptr<const Parts>> TextEdit::PartsAt(Path path, const yaml::Node& node,
                                                       bool in_flow) const {
  auto& known = parts_[PointerOf(path)];
  if (known == nullptr) {
    ASSIGN_OR_RETURN(Parts parts, source_.PartsOf(node, in_flow));
    known = std::make_shared<const Parts>(std::move(parts));
  }
  return known;
}

Result<TextEdit::Spot> TextEdit::Find(Path path) const {
  CHECK(!path.empty());
  Spot spot;
  yaml::Node node = source_.root();
  for (std::size_t depth = 0; depth < path.size(); ++depth) {
    if (depth > 0 && spot.entry().alias) {
      return Fail(ErrorCode::kInvalidArgument, PointerOf(path) + " is written as an alias of another part",
                  "change that part, or write this one out");
    }
    spot.node = node;
    ASSIGN_OR_RETURN(spot.parts, PartsAt(path.first(depth), node, spot.in_flow));
    spot.in_flow = spot.parts->shape != Parts::Shape::kBlock;
    if (node.IsSequence()) {
      spot.index = IndexOf(path[depth]).value_or(node.items().size());
    } else {
      const yaml::Member* member = node.Find(path[depth]);
      spot.index = member != nullptr ? static_cast<std::size_t>(member - node.members().data())
                                     : node.members().size();
    }
    if (spot.index >= spot.parts->entries.size()) {
      return Fail(ErrorCode::kNotFound, "there is nothing at " + PointerOf(path));
    }
    spot.value = node.IsSequence() ? node.items()[spot.index] : node.members()[spot.index].value;
    node = spot.value;
  }
  return spot;
}

// ---- Values behind a `:` or `-`

// A block scalar ends where the next line begins; what stands on its own last line ends before the break.
std::size_t TextEdit::ContentEnd(const Entry& entry) const {
  const std::string& text = source_.text();
  std::size_t end = entry.value_end;
  if (end == entry.value_begin || source_.ColumnOf(end) != 0) {
    if (end < text.size() || end == 0 || text[end - 1] != '\n') return end;
  }
  while (end > entry.value_begin && (text[end - 1] == '\n' || text[end - 1] == '\r' || text[end - 1] == ' '))
    --end;
  return end;
}

bool TextEdit::BeginsLine(std::size_t at) const { return source_.LineBegin(at) + source_.IndentOf(at) == at; }

TextEdit::Rendered TextEdit::Render(const Spot& owner, const Json& value) const {
  const Entry& entry = owner.entry();
  const std::size_t column = source_.ColumnOf(entry.begin);
  const bool keeps_quote = value.IsString() && owner.value.value().IsString();
  const Quotes quote = keeps_quote ? QuotesOf(owner.value, source_.text(), entry.value_begin) : Quotes::kNone;
  const bool compact = owner.node.IsSequence() && !value.IsString() && NeedsBlock(value, style_);
  const std::string text = compact ? " " + BlockLines(value, column + 2, style_).substr(column + 2)
                                   : MemberValue(value, column, style_, quote);
  const std::size_t end = text.find('\n');
  std::string head = text.substr(0, end);
  if (head.ends_with('\r')) head.pop_back();
  return {std::move(head), text.substr(end + 1)};
}

std::vector<Splice> TextEdit::PutInBlock(const Entry& entry, const Rendered& value) const {
  const std::size_t after = entry.mark + 1;
  const std::size_t end = std::max(ContentEnd(entry), after);
  std::vector<Splice> splices;
  const bool same_line = source_.LineBegin(entry.value_begin) == source_.LineBegin(entry.mark);
  if (same_line) {
    splices.push_back({after, end - after, value.head});
  } else {  // what stands behind the mark is a comment: it stays
    const std::size_t line_end = source_.LineEnd(entry.mark);
    splices.push_back({after, 0, value.head});
    splices.push_back({line_end, end - line_end, {}});
  }
  if (value.lines.empty()) return splices;
  std::string lines = style_.newline + value.lines;
  lines.resize(lines.size() - style_.newline.size());
  splices.push_back({std::max(source_.LineEnd(end), end), 0, std::move(lines)});
  return splices;
}

// JSON that has lines stays so; YAML in brackets goes on in the line.
std::string TextEdit::InBrackets(const Spot& spot, const Json& value, std::size_t indent) const {
  const std::string& text = source_.text();
  if (source_.json()) {
    const yaml::Range& range = source_.root().range();
    const bool has_lines = range.begin.line != range.end.line;
    return has_lines ? JsonLines(value, indent, style_) : FlowText(value, true);
  }
  const bool like_json =
      spot.node.IsMapping() && !spot.parts->entries.empty() && text[spot.parts->entries.front().begin] == '"';
  return FlowText(value, like_json);
}

std::vector<Splice> TextEdit::PutInBrackets(const Spot& owner, const Json& value) const {
  const Entry& entry = owner.entry();
  const std::string text = InBrackets(owner, value, source_.IndentOf(entry.begin));
  if (owner.node.IsMapping() && entry.mark == Entry::npos) return {{entry.key_end, 0, ": " + text}};
  const bool touches = owner.node.IsMapping() && entry.value_begin == entry.mark + 1;
  return {{entry.value_begin, entry.value_end - entry.value_begin,
           (touches && !source_.json() ? " " : "") + text}};
}

Splices TextEdit::Replace(Path path, const Json& value) const {
  if (path.empty()) {
    return Fail(ErrorCode::kInvalidArgument, "the whole document cannot be set", "send it as the new source");
  }
  ASSIGN_OR_RETURN(const Spot spot, Find(path));
  if (spot.in_flow) return PutInBrackets(spot, value);
  return PutInBlock(spot.entry(), Render(spot, value));
}

// The empty list or mapping at `path` gets its first entry.
Splices TextEdit::Fill(Path path, const Json& value, const std::optional<std::string>& lines) const {
  if (path.empty()) {
    const std::size_t begin = source_.OffsetOf(source_.root().range().begin);
    const std::size_t end = source_.OffsetOf(source_.root().range().end);
    return std::vector<Splice>{
        {begin, end - begin, source_.json() ? FlowText(value, true) : BlockLines(value, 0, style_)}};
  }
  ASSIGN_OR_RETURN(const Spot spot, Find(path));
  if (spot.in_flow) return PutInBrackets(spot, value);
  if (!lines || !spot.node.IsMapping()) return PutInBlock(spot.entry(), Render(spot, value));
  const std::size_t column =
      source_.ColumnOf(spot.entry().begin) + (style_.indented_sequences ? style_.step : 0);
  return PutInBlock(spot.entry(), {{}, Indented(*lines, column)});
}

Splices TextEdit::RenameKey(Path path, const std::string& name) const {
  ASSIGN_OR_RETURN(const Spot spot, Find(path));
  CHECK(spot.node.IsMapping());
  const Entry& entry = spot.entry();
  const char first = source_.text()[entry.begin];
  const Quotes quote = first == '"' ? Quotes::kDouble : first == '\'' ? Quotes::kSingle : Quotes::kNone;
  return std::vector<Splice>{
      {entry.begin, entry.key_end - entry.begin, TextScalar(name, spot.in_flow, quote)}};
}

// ---- Lines of blocks

TextEdit::LineRange TextEdit::LinesOf(const Parts& parts, std::size_t index) const {
  const Entry& entry = parts.entries[index];
  const std::size_t column = source_.ColumnOf(entry.begin);
  LineRange range{source_.LineBegin(entry.begin), source_.NextLine(std::max(ContentEnd(entry), entry.mark))};
  const std::size_t floor =
      index > 0 ? source_.NextLine(std::max(ContentEnd(parts.entries[index - 1]), parts.begin)) : 0;
  while (BeginsLine(entry.begin) && range.begin > floor) {
    const std::size_t above = source_.LineBegin(range.begin - 1);
    if (above < floor || !source_.IsCommentLine(above) || source_.IndentOf(above) != column) break;
    range.begin = above;
  }
  const bool keeps = entry.value_end > range.end && source_.text().find('+', entry.value_begin) < range.end;
  if (keeps) range.end = entry.value_end;  // the empty lines after a block scalar `|+` are its own
  for (std::size_t at = range.end; at < source_.text().size(); at = source_.NextLine(at)) {
    if (source_.IsBlankLine(at)) continue;
    if (!source_.IsCommentLine(at) || source_.IndentOf(at) <= column) break;
    range.end = source_.NextLine(at);
  }
  return range;
}

// The empty lines that part the entries beside which the `index`-th comes to stand.
std::size_t TextEdit::BlankLinesBetween(const Parts& parts, std::size_t index) const {
  const std::size_t count = parts.entries.size();
  if (count < 2) return 0;
  const std::size_t second = std::clamp<std::size_t>(index, 1, count - 1);
  const LineRange before = LinesOf(parts, second - 1);
  const LineRange behind = LinesOf(parts, second);
  std::size_t blank = 0;
  for (std::size_t at = before.end; at < behind.begin && source_.IsBlankLine(at); at = source_.NextLine(at))
    ++blank;
  return blank;
}

std::vector<Splice> TextEdit::InsertLines(const Parts& parts, std::size_t index, std::string lines) const {
  const std::string& text = source_.text();
  std::string gap;
  for (std::size_t i = BlankLinesBetween(parts, index); i > 0; --i) gap += style_.newline;
  if (index > 0) {
    const std::size_t at = LinesOf(parts, index - 1).end;
    const bool unended = at > 0 && text[at - 1] != '\n';
    if (!unended) return {{at, 0, gap + lines}};
    lines.resize(lines.size() - style_.newline.size());
    return {{at, 0, style_.newline + gap + lines}};
  }
  const Entry& first = parts.entries.front();
  if (BeginsLine(first.begin)) return {{LinesOf(parts, 0).begin, 0, lines + gap}};
  // Behind a `-` on its line: the new one takes its place there.
  const std::size_t column = source_.ColumnOf(first.begin);
  if (lines.starts_with(Spaces(column))) lines.erase(0, column);
  return {{first.begin, 0, lines + Spaces(column)}};
}

std::vector<Splice> TextEdit::EraseFirstOfItem(const Parts& parts) const {
  const std::size_t begin = parts.entries.front().begin;
  const LineRange next = LinesOf(parts, 1);
  if (next.begin == source_.LineBegin(parts.entries[1].begin) &&
      source_.Skip(LinesOf(parts, 0).end) == parts.entries[1].begin) {
    return {{begin, parts.entries[1].begin - begin, {}}};
  }
  // Comments stand between: they keep their lines, and the `-` stays alone on its own.
  std::size_t from = begin;
  while (from > 0 && source_.text()[from - 1] == ' ') --from;
  const std::size_t to = LinesOf(parts, 0).end;
  return {{from, to - from, style_.newline}};
}

// The only entry: what holds it becomes empty.
std::vector<Splice> TextEdit::EraseOnly(const Spot& spot) const {
  const Entry& entry = spot.entry();
  const std::string empty = spot.node.IsSequence() ? "[]" : "{}";
  if (!BeginsLine(entry.begin)) {
    return {{entry.begin, std::max(ContentEnd(entry), entry.mark + 1) - entry.begin, empty}};
  }
  LineRange lines = LinesOf(*spot.parts, 0);
  const std::string& text = source_.text();
  if (spot.parts->properties_end != Entry::npos) {
    return {{spot.parts->properties_end, 0, " " + empty}, {lines.begin, lines.end - lines.begin, {}}};
  }
  // Back over blanks and comments to the mark that the block stands behind.
  std::size_t mark = lines.begin;
  while (mark > 0) {
    const std::size_t line = source_.LineBegin(mark - 1);
    if (!source_.IsBlankLine(line) && !source_.IsCommentLine(line)) break;
    mark = line;
  }
  if (mark == 0) {  // the root
    return {{lines.begin, lines.end - lines.begin, empty + style_.newline}};
  }
  std::size_t at = source_.LineBegin(mark - 1);
  const std::size_t stop = source_.LineEnd(at);
  // The mark ends its line, but for a comment.
  std::size_t end = stop;
  for (std::size_t i = at; i + 1 < stop; ++i) {
    if (text[i] == '#' && i > 0 && (text[i - 1] == ' ' || text[i - 1] == '\t')) {
      const char before = text[text.find_last_not_of(" \t", i - 1)];
      if (before == ':' || before == '-') {
        end = i;
        break;
      }
    }
  }
  while (end > at && (text[end - 1] == ' ' || text[end - 1] == '\t')) --end;
  if (lines.end == text.size() && !text.ends_with('\n') && lines.begin > 0)
    lines.begin = source_.LineEnd(source_.LineBegin(lines.begin - 1));
  return {{end, 0, " " + empty}, {lines.begin, lines.end - lines.begin, {}}};
}

std::vector<Splice> TextEdit::EraseBlock(const Spot& spot) const {
  const Parts& parts = *spot.parts;
  if (parts.entries.size() == 1) return EraseOnly(spot);
  if (spot.index == 0 && !BeginsLine(spot.entry().begin)) return EraseFirstOfItem(parts);
  LineRange range = LinesOf(parts, spot.index);
  const std::string& text = source_.text();
  if (spot.index == 0) {
    while (range.end < text.size() && source_.IsBlankLine(range.end)) range.end = source_.NextLine(range.end);
    return {{range.begin, range.end - range.begin, {}}};
  }
  const std::size_t floor = LinesOf(parts, spot.index - 1).end;
  while (range.begin > 0 && source_.IsBlankLine(range.begin - 1)) {
    const std::size_t above = source_.LineBegin(range.begin - 1);
    if (above < floor) break;
    range.begin = above;
  }
  if (range.end == text.size() && !text.ends_with('\n')) range.begin = source_.LineEnd(range.begin - 1);
  return {{range.begin, range.end - range.begin, {}}};
}

// ---- Brackets

std::vector<Splice> TextEdit::InsertInBrackets(const Spot& spot, std::size_t index, std::string_view key,
                                               const Json& value) const {
  const Parts& parts = *spot.parts;
  const Entry& beside = parts.entries[std::min(index, parts.entries.size() - 1)];
  const bool on_lines = BeginsLine(beside.begin);
  const std::size_t indent = on_lines ? source_.ColumnOf(beside.begin) : source_.IndentOf(beside.begin);
  const bool quoted = source_.json() || source_.text()[parts.entries.front().begin] == '"';
  std::string text;
  if (spot.node.IsMapping()) text = TextScalar(key, true, quoted ? Quotes::kDouble : Quotes::kNone) + ": ";
  text += InBrackets(spot, value, indent);
  const std::string gap = on_lines ? style_.newline + Spaces(indent) : " ";
  if (index == 0) return {{parts.entries.front().begin, 0, text + "," + gap}};
  const Entry& before = parts.entries[index - 1];
  if (before.comma == Entry::npos) return {{before.value_end, 0, "," + gap + text}};
  if (!on_lines) return {{before.comma + 1, 0, gap + text + ","}};
  const std::size_t next = source_.Skip(before.comma + 1);
  const bool line_ends = source_.LineBegin(next) != source_.LineBegin(before.comma);
  return {{line_ends ? source_.LineEnd(before.comma) : before.comma + 1, 0, gap + text + ","}};
}

std::vector<Splice> TextEdit::EraseInBrackets(const Spot& spot) const {
  const Parts& parts = *spot.parts;
  const Entry& entry = spot.entry();
  const std::string& text = source_.text();
  if (parts.entries.size() == 1) {
    if (parts.shape == Parts::Shape::kPair) return {{entry.begin, entry.value_end - entry.begin, "{}"}};
    const bool only_blanks = source_.Skip(entry.value_end) + 1 == parts.end &&
                             text.substr(parts.begin, parts.end - parts.begin).find('#') == std::string::npos;
    if (only_blanks) return {{parts.begin + 1, parts.end - parts.begin - 2, {}}};
  }
  std::vector<Splice> splices;
  std::size_t begin = entry.begin;
  std::size_t end = entry.comma != Entry::npos ? entry.comma + 1 : entry.value_end;
  while (end < text.size() && (text[end] == ' ' || text[end] == '\t')) ++end;
  if (end < text.size() && text[end] == '#') end = source_.LineEnd(end);
  if (entry.comma == Entry::npos && spot.index > 0) {  // the last: the comma before it goes, too
    const Entry& before = parts.entries[spot.index - 1];
    splices.push_back({before.comma, 1, {}});
    const bool only_blanks = text.find_first_not_of(" \t\r\n", before.comma + 1) >= begin;
    end = entry.value_end;
    if (only_blanks) return {{before.comma, end - before.comma, {}}};
  } else if (BeginsLine(begin) && source_.LineEnd(end) == end) {  // lines of its own
    begin = source_.LineBegin(begin);
    end = source_.NextLine(end);
  }
  splices.push_back({begin, end - begin, {}});
  return splices;
}

// ---- Entries

Splices TextEdit::AddMember(Path mapping, const std::string& key, const Json& value) const {
  const Json member = Json::Object({{std::string_view(key), value}});
  Path path = mapping;
  yaml::Node node = source_.root();
  bool in_flow = false;
  if (!path.empty()) {
    ASSIGN_OR_RETURN(const Spot owner, Find(path));
    if (owner.entry().alias)
      return Fail(ErrorCode::kInvalidArgument, PointerOf(path) + " is written as an alias of another part");
    node = owner.value;
    in_flow = owner.in_flow;
  }
  if (!node.IsMapping() || node.members().empty()) return Fill(path, member, std::nullopt);
  Spot spot;
  spot.node = node;
  ASSIGN_OR_RETURN(spot.parts, PartsAt(mapping, node, in_flow));
  const std::size_t count = spot.parts->entries.size();
  if (spot.parts->shape == Parts::Shape::kPair) {
    const Json all = Json::WithMember(node.value(), Json(key), value);
    return std::vector<Splice>{
        {spot.parts->begin, spot.parts->end - spot.parts->begin, FlowText(all, false)}};
  }
  if (spot.parts->shape == Parts::Shape::kFlow) return InsertInBrackets(spot, count, key, value);
  const std::size_t column = source_.ColumnOf(spot.parts->entries.front().begin);
  return InsertLines(*spot.parts, count, BlockLines(member, column, style_));
}

Splices TextEdit::InsertItem(Path list, std::size_t index, const Item& item) const {
  yaml::Node node = source_.root();
  bool in_flow = false;
  if (!list.empty()) {
    ASSIGN_OR_RETURN(const Spot owner, Find(list));
    if (owner.entry().alias)
      return Fail(ErrorCode::kInvalidArgument, PointerOf(list) + " is written as an alias of another part");
    node = owner.value;
    in_flow = owner.in_flow;
  }
  if (!node.IsSequence() || node.items().empty()) return Fill(list, Json::Array({item.value}), item.lines);
  Spot spot;
  spot.node = node;
  ASSIGN_OR_RETURN(spot.parts, PartsAt(list, node, in_flow));
  if (spot.parts->shape != Parts::Shape::kBlock) return InsertInBrackets(spot, index, {}, item.value);
  const std::size_t column = source_.ColumnOf(spot.parts->entries.front().begin);
  return InsertLines(
      *spot.parts, index,
      item.lines ? Indented(*item.lines, column) : BlockLines(Json::Array({item.value}), column, style_));
}

Splices TextEdit::Erase(Path path) const {
  ASSIGN_OR_RETURN(const Spot spot, Find(path));
  return spot.in_flow ? EraseInBrackets(spot) : EraseBlock(spot);
}

Result<Item> TextEdit::Take(Path path) const {
  ASSIGN_OR_RETURN(const Spot spot, Find(path));
  Item item{.value = spot.value.value()};
  const Entry& entry = spot.entry();
  if (!spot.in_flow && BeginsLine(entry.begin)) {
    const LineRange range = LinesOf(*spot.parts, spot.index);
    std::string lines =
        Dedented(std::string_view(source_.text()).substr(range.begin, range.end - range.begin),
                 source_.ColumnOf(entry.begin));
    if (!lines.ends_with('\n')) lines += style_.newline;
    item.lines = std::move(lines);
  }
  return item;
}

}  // namespace elevaite::dsl::tools
