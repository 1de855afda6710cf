// A walk over the tree that writes each token anew. Comments stand in the gaps between two tokens: one on the
// line of the token before stays behind it; one on a line of its own goes to the block whose column it
// reaches, the deepest first, else in front of what follows.
#include "dsl/tools/format.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "dsl/tools/render.h"
#include "dsl/tools/source.h"

namespace elevaite::dsl::tools {
namespace {

constexpr std::size_t kStep = 2;

std::string_view TrimRight(std::string_view text) {
  while (!text.empty() && std::string_view(" \t\r\n").find(text.back()) != std::string_view::npos)
    text.remove_suffix(1);
  return text;
}

std::string_view Trim(std::string_view text) {
  const std::size_t first = text.find_first_not_of(" \t");
  return first == std::string_view::npos ? std::string_view() : TrimRight(text.substr(first));
}

std::vector<std::string_view> Lines(std::string_view text) {
  std::vector<std::string_view> lines;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    std::string_view line = text.substr(0, end);
    if (line.ends_with('\r')) line.remove_suffix(1);
    lines.push_back(line);
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return lines;
}

class Printer {
 public:
  explicit Printer(const Source& source) : source_(source), text_(source.text()) {}

  Result<std::string> Print() {
    const yaml::Node& root = source_.root();
    ASSIGN_OR_RETURN(const Parts parts, source_.PartsOf(root, false));
    Head(source_.OffsetOf(root.range().begin));
    if (parts.properties_end != Entry::npos) {
      Write(Slice(source_.OffsetOf(root.range().begin), parts.properties_end));
      at_ = parts.properties_end;
    }
    if (parts.entries.empty()) {
      Write(Slice(parts.begin, parts.end));
    } else {
      RETURN_IF_ERROR(Block(root, parts, 0, false));
    }
    at_ = std::max(at_, parts.end);
    RETURN_IF_ERROR(Tail());
    return std::move(out_);
  }

 private:
  std::string_view Slice(std::size_t begin, std::size_t end) const {
    return std::string_view(text_).substr(begin, end - begin);
  }

  void Write(std::string_view text) {
    out_ += text;
    line_open_ = true;
  }
  void EndLine() {
    if (line_open_) out_ += '\n';
    line_open_ = false;
  }
  void BlankLine() {
    if (!out_.empty() && !out_.ends_with("\n\n")) out_ += '\n';
  }
  void Indent(std::size_t indent) { out_.append(indent, ' '); }

  // Directives, `---` and comments before the root.
  void Head(std::size_t begin) {
    const std::size_t line = source_.LineBegin(begin);
    bool blank = false;
    for (const std::string_view raw : Lines(Slice(0, line))) {
      const std::string_view text =
          raw.find_first_not_of(" \t") != std::string_view::npos && Trim(raw).front() == '#' ? Trim(raw)
                                                                                             : TrimRight(raw);
      if (text.empty()) {
        blank = true;
        continue;
      }
      if (std::exchange(blank, false)) BlankLine();
      Write(text);
      EndLine();
    }
    if (blank) BlankLine();
    if (Slice(line, begin).starts_with("---")) {
      Write("---");
      EndLine();
    }
    at_ = begin;
  }

  Result<> Tail() {
    TakeTrailing();
    EndLine();
    bool blank = false;
    const std::size_t rest = source_.ColumnOf(at_) == 0 || !Trim(Slice(at_, source_.LineEnd(at_))).empty()
                                 ? at_
                                 : source_.NextLine(at_);
    for (const std::string_view raw : Lines(Slice(rest, text_.size()))) {
      const std::string_view text = Trim(raw);
      if (text.empty()) {
        blank = true;
        continue;
      }
      if (text.front() != '#' && !text.starts_with("...")) {
        return Fail(ErrorCode::kInvalidArgument, "the end of the document cannot be laid out anew");
      }
      if (std::exchange(blank, false)) BlankLine();
      Write(text);
      EndLine();
    }
    return {};
  }

  // The comment on the line of the last token, if one stands there.
  void TakeTrailing() {
    std::size_t at = at_;
    while (at < text_.size() && (text_[at] == ' ' || text_[at] == '\t' || text_[at] == ',')) ++at;
    if (at >= text_.size() || text_[at] != '#' || !line_open_) return;
    const std::size_t end = source_.LineEnd(at);
    Write(" ");
    Write(TrimRight(Slice(at, end)));
    at_ = end;
  }

  // Comments on lines of their own up to `end`, the first in a shallower column than `floor` stops. Answers
  // whether an empty line stands before what follows.
  bool TakeComments(std::size_t end, std::size_t floor, std::size_t indent, bool blank_first) {
    bool blank = false;
    bool may_blank = blank_first;
    while (true) {
      std::size_t at = at_;
      std::size_t breaks = 0;
      while (at < end && std::string_view(" \t\r\n,").find(text_[at]) != std::string_view::npos) {
        if (text_[at] == '\n') ++breaks;
        ++at;
      }
      const bool begins_line = source_.ColumnOf(at_) == 0;
      blank = breaks > (begins_line ? 0U : 1U);
      if (at >= end || text_[at] != '#' || source_.ColumnOf(at) < floor) return blank && may_blank;
      EndLine();
      if (blank && may_blank) BlankLine();
      may_blank = true;
      Indent(indent);
      Write(TrimRight(Slice(at, source_.LineEnd(at))));
      at_ = source_.LineEnd(at);
    }
  }

  // Between the last token and an entry: comments, at most one empty line, and the entry's indentation.
  // `inline_first`: it may stand behind a `-`.
  void Gap(std::size_t begin, std::size_t indent, bool is_first, bool inline_first) {
    TakeTrailing();
    const std::size_t before = at_;
    const bool blank = TakeComments(begin, 0, indent, !is_first);
    if (inline_first && at_ == before && out_.ends_with('-')) {
      Write(" ");
      return;
    }
    EndLine();
    if (blank) BlankLine();
    Indent(indent);
  }

  Result<> Block(const yaml::Node& node, const Parts& parts, std::size_t indent, bool inline_first) {
    const bool flow = parts.shape != Parts::Shape::kBlock;
    for (std::size_t i = 0; i < parts.entries.size(); ++i) {
      const Entry& entry = parts.entries[i];
      Gap(entry.begin, indent, i == 0, i == 0 && inline_first);
      if (node.IsMapping()) {
        Write(Slice(entry.begin, entry.key_end));
        Write(":");
        at_ = entry.mark == Entry::npos ? entry.key_end : entry.mark + 1;
      } else {
        Write("-");
        at_ = flow ? entry.begin : entry.mark + 1;
      }
      const yaml::Node& value = node.IsMapping() ? node.members()[i].value : node.items()[i];
      RETURN_IF_ERROR(Value(value, entry, indent, node.IsSequence(), flow));
    }
    TakeTrailing();
    if (parts.shape == Parts::Shape::kFlow) {
      TakeComments(parts.end - 1, 0, indent, true);
      at_ = parts.end;
    } else if (parts.shape == Parts::Shape::kBlock) {
      const std::size_t column = source_.ColumnOf(parts.entries.front().begin);
      TakeComments(text_.size(), std::max<std::size_t>(column, 1), indent, true);
    }
    return {};
  }

  Result<> Value(const yaml::Node& value, const Entry& entry, std::size_t indent, bool is_item,
                 bool in_flow) {
    if (entry.value_begin == entry.value_end) return {};
    if (entry.alias || value.IsScalar()) {
      // Comments between the mark and the value have no place of their own: they follow on the line.
      std::string comments;
      for (std::size_t at = at_; at < entry.value_begin; ++at) {
        if (text_[at] != '#') continue;
        comments += " " + std::string(TrimRight(Slice(at, source_.LineEnd(at))));
        at = source_.LineEnd(at);
      }
      Write(" ");
      at_ = entry.value_end;
      WriteScalar(value, entry, indent, comments);
      return {};
    }
    ASSIGN_OR_RETURN(const Parts parts, source_.PartsOf(value, in_flow));
    const bool has_properties = parts.properties_end != Entry::npos;
    if (has_properties) {
      Write(" ");
      Write(Slice(entry.value_begin, parts.properties_end));
      at_ = parts.properties_end;
    }
    if (parts.entries.empty()) {
      Write(value.IsSequence() ? " []" : " {}");
      at_ = parts.begin + 1;
      TakeTrailing();
      TakeComments(parts.end - 1, 0, indent + kStep, true);
      at_ = parts.end;
      return {};
    }
    if (parts.shape == Parts::Shape::kFlow) {
      TakeTrailing();
      at_ = std::max(at_, parts.begin + 1);
    }
    return Block(value, parts, indent + kStep, is_item && !has_properties);
  }

  void WriteScalar(const yaml::Node& value, const Entry& entry, std::size_t indent,
                   const std::string& comments) {
    const std::string_view raw = Slice(entry.value_begin, entry.value_end);
    const std::size_t style = entry.alias ? 0 : raw.find_first_of("|>'\"");
    const bool has_properties = raw.starts_with('&') || raw.starts_with('!');
    const std::size_t first = has_properties ? style : 0;
    const char c = first < raw.size() ? raw[first] : '\0';
    if (!entry.alias && !value.plain() && (c == '|' || c == '>')) {
      WriteBlockScalar(value, raw, first, indent, comments);
    } else if (raw.find('\n') == std::string_view::npos) {
      Write(raw);
      Write(comments);
    } else {
      WriteFolded(value, raw, indent);
      Write(comments);
    }
  }

  // Line breaks fold into one space, whatever the indentation.
  void WriteFolded(const yaml::Node& value, std::string_view raw, std::size_t indent) {
    if (raw.find('\\') != std::string_view::npos && !value.plain()) {
      Write(TextScalar(value.text(), false, raw.front() == '\'' ? Quotes::kSingle : Quotes::kDouble));
      return;
    }
    bool first = true;
    for (const std::string_view line : Lines(raw)) {
      if (!std::exchange(first, false)) {
        out_ += '\n';
        if (!Trim(line).empty()) Indent(indent + kStep);
      }
      Write(Trim(line));
    }
  }

  void WriteBlockScalar(const yaml::Node& value, std::string_view raw, std::size_t first, std::size_t indent,
                        const std::string& comments) {
    std::vector<std::string_view> lines = Lines(raw);
    const std::string_view header = lines.front().substr(first, 3);
    const bool keeps = header.find('+') != std::string_view::npos;
    if (header.find_first_of("123456789") < 3) {  // lines that begin with blanks
      Write(TextScalar(value.text(), false, Quotes::kDouble));
      Write(comments);
      return;
    }
    Write(TrimRight(lines.front()));
    Write(comments);
    lines.erase(lines.begin());
    const auto text = std::ranges::find_if(lines, [](std::string_view line) { return !Trim(line).empty(); });
    const std::size_t depth = text == lines.end() ? 0 : text->find_first_not_of(' ');
    while (!keeps && !lines.empty() && Trim(lines.back()).empty() && lines.back().size() <= depth)
      lines.pop_back();
    if (!keeps) {  // the empty lines behind it are not its own
      while (at_ > 0 && std::string_view(" \r\n").find(text_[at_ - 1]) != std::string_view::npos) --at_;
    }
    EndLine();
    for (const std::string_view line : lines) {
      if (line.size() > depth) {
        Indent(indent + kStep);
        out_ += line.substr(depth);
      }
      out_ += '\n';
    }
  }

  const Source& source_;
  const std::string& text_;
  std::string out_;
  std::size_t at_ = 0;      // behind the last token taken
  bool line_open_ = false;  // whether the last line has no end yet
};

Error Unreadable(const yaml::YamlError& error) {
  Error out = error.ToError("the document");
  if (out.code == ErrorCode::kInvalidArgument) out.code = ErrorCode::kInvalidWorkflow;
  return out;
}

}  // namespace

Result<std::string> Format(std::string_view text) {
  const auto source = Source::Read(std::string(text));
  if (!source) return Fail(Unreadable(source.error()));
  const Json& value = source->root().value();
  if (source->json()) return value.DumpPretty(static_cast<int>(kStep)) + "\n";
  if (source->root().IsScalar()) return std::string(text);
  ASSIGN_OR_RETURN(std::string formatted, Printer(*source).Print());
  const auto again = yaml::Read(formatted, {.bytes_max = 4 * kSourceBytesMax, .depth_max = kDepthMax});
  if (!again || again->value().Dump() != value.Dump()) {
    return Fail(ErrorCode::kInvalidArgument, "the document has a part that cannot be laid out anew");
  }
  return formatted;
}

}  // namespace elevaite::dsl::tools
