#include "dsl/tools/cursor.h"

#include <algorithm>
#include <memory>
#include <optional>
#include <unordered_map>
#include <utility>
#include <vector>

#include "dsl/document.h"

namespace elevaite::dsl::tools {
namespace {

constexpr std::size_t kDepthMax = 200;
constexpr std::size_t npos = std::string_view::npos;

// A value as far as it was understood.
struct Draft {
  enum class Kind : unsigned char { kText, kMapping, kList };
  Kind kind = Kind::kText;
  std::string text{};
  std::vector<std::pair<std::string, std::unique_ptr<Draft>>> members{};
  std::unordered_map<std::string, std::size_t> places{};  // of members by key
  std::vector<std::unique_ptr<Draft>> items{};

  Draft& Member(const std::string& key) {
    kind = Kind::kMapping;
    const auto [place, fresh] = places.emplace(key, members.size());
    if (fresh) members.emplace_back(key, std::make_unique<Draft>());
    return *members[place->second].second;
  }
  Draft& Item() {
    kind = Kind::kList;
    return *items.emplace_back(std::make_unique<Draft>());
  }
  Json Value() const {
    std::vector<Json> list;
    std::vector<Json::Member> object;
    switch (kind) {
      case Kind::kText: return text.empty() ? Json() : Json(text);
      case Kind::kList:
        for (const auto& item : items) list.push_back(item->Value());
        return Json::Array(std::move(list));
      case Kind::kMapping:
        for (const auto& [key, value] : members) object.emplace_back(std::string_view(key), value->Value());
        return Json::Object(std::move(object));
    }
    return {};
  }
};

// An open mapping or list of block style. `key`: the member that the lines below belong to.
struct Level {
  bool list = false;
  std::size_t indent = 0;
  Draft* draft = nullptr;
  std::string key{};
};

bool IsBlank(char c) { return c == ' ' || c == '\t'; }

std::string Unquoted(std::string_view text) {
  if (text.size() >= 2 && (text.front() == '"' || text.front() == '\'') && text.back() == text.front()) {
    text = text.substr(1, text.size() - 2);
  }
  return std::string(text);
}

class Reader {
 public:
  Reader(std::string_view text, std::size_t line, std::size_t column)
      : text_(text), line_(line), column_(column) {}

  Cursor Read() {
    const std::vector<std::size_t> starts = LineStarts(text_);
    line_ = std::min(line_, starts.size() - 1);
    for (std::size_t i = 0; i < starts.size(); ++i) {
      std::size_t end = i + 1 < starts.size() ? starts[i + 1] : text_.size();
      while (end > starts[i] && (text_[end - 1] == '\n' || text_[end - 1] == '\r')) --end;
      current_ = text_.substr(starts[i], end - starts[i]);
      here_ = i == line_;
      if (here_) {
        cursor_.line = i;
        cursor_.line_offset = starts[i];
        cursor_bytes_ = BytesOfColumn(current_, column_);
      }
      Line();
    }
    cursor_.tree = root_.Value();
    return std::move(cursor_);
  }

 private:
  bool CursorIn(std::size_t begin, std::size_t end) const {
    return here_ && cursor_bytes_ >= begin && cursor_bytes_ <= end;
  }

  // The path of the innermost level, or of the value under its key.
  Tokens Path(const std::vector<Level>& levels, bool with_key) const {
    Tokens path;
    for (std::size_t i = 0; i < levels.size(); ++i) {
      const bool last = i + 1 == levels.size();
      if (last && !with_key) break;
      path.push_back(levels[i].list
                         ? std::to_string(std::max<std::size_t>(levels[i].draft->items.size(), 1) - 1)
                         : levels[i].key);
    }
    return path;
  }

  void Note(Cursor::At at, Tokens path, std::size_t begin, std::size_t end, std::size_t indent) {
    cursor_.at = at;
    cursor_.path = std::move(path);
    if (end > begin && (current_[begin] == '"' || current_[begin] == '\'') && cursor_bytes_ > begin) {
      cursor_.quote = current_[begin];
      ++begin;
      if (end > begin && current_[end - 1] == cursor_.quote && cursor_bytes_ < end) --end;
    }
    cursor_.token = current_.substr(begin, end - begin);
    cursor_.typed =
        cursor_bytes_ > begin ? current_.substr(begin, cursor_bytes_ - begin) : std::string_view();
    cursor_.begin = begin;
    cursor_.end = end;
    cursor_.indent = indent;
  }

  void Line() {
    const std::size_t first = current_.find_first_not_of(' ');
    const bool blank = current_.find_first_not_of(" \t") == npos;
    if (!flow_.empty() && !LeavesBrackets(first)) return Flow(0);
    flow_.clear();
    if (scalar_indent_ && (blank || first > *scalar_indent_)) return ScalarLine(blank);
    scalar_indent_.reset();
    if (blank) return BlankLine();
    if (current_[first] == '#' || current_.starts_with("---") || current_.starts_with("...") ||
        current_[first] == '%')
      return;
    Content(first);
  }

  // Brackets that were left open end where the block around them goes on.
  bool LeavesBrackets(std::size_t first) const {
    if (levels_.empty() || first == npos || first > flow_indent_) return false;
    return current_[first] != '}' && current_[first] != ']';
  }

  // A line of a block scalar.
  void ScalarLine(bool blank) {
    if (!here_) return;
    if (blank && cursor_bytes_ <= *scalar_indent_) return BlankLine();
    const std::size_t begin = std::min(current_.find_first_not_of(' '), current_.size());
    Note(Cursor::At::kValue, Path(levels_, true), begin, current_.size(),
         levels_.empty() ? 0 : levels_.back().indent);
  }

  // What may be typed on an empty line follows from the cursor's column.
  void BlankLine() {
    if (!here_) return;
    std::vector<Level> levels = levels_;
    while (!levels.empty() && levels.back().indent > cursor_bytes_) levels.pop_back();
    if (levels.empty()) return Note(Cursor::At::kKey, {}, cursor_bytes_, cursor_bytes_, 0);
    const Level& top = levels.back();
    if (top.indent == cursor_bytes_) {
      // A list may stand in its key's column; beside its dashes a key of the mapping is as likely.
      Note(top.list ? Cursor::At::kItem : Cursor::At::kKey, Path(levels, false), cursor_bytes_, cursor_bytes_,
           top.indent);
    } else {
      Note(Cursor::At::kKey, Path(levels, true), cursor_bytes_, cursor_bytes_, cursor_bytes_);
    }
  }

  Draft& ValueOf(const Level& level) {
    if (!level.list) return level.draft->Member(level.key);
    return level.draft->items.empty() ? level.draft->Item() : *level.draft->items.back();
  }

  // The level that a line at `indent` belongs to.
  void Enter(std::size_t indent, bool list) {
    while (!levels_.empty() && levels_.back().indent > indent) levels_.pop_back();
    if (!list && !levels_.empty() && levels_.back().list && levels_.back().indent == indent)
      levels_.pop_back();
    const bool is_there = !levels_.empty() && levels_.back().indent == indent && levels_.back().list == list;
    if (is_there || levels_.size() >= kDepthMax) return;
    Draft& draft = levels_.empty() ? root_ : ValueOf(levels_.back());
    levels_.push_back({list, indent, &draft});
  }

  // From byte `begin` of the line on: dashes, then a key or a value.
  void Content(std::size_t begin) {
    while (begin < current_.size() && current_[begin] == '-' &&
           (begin + 1 == current_.size() || current_[begin + 1] == ' ')) {
      Enter(begin, true);
      levels_.back().draft->Item();
      const std::size_t next = current_.find_first_not_of(' ', begin + 1);
      if (here_ && next == npos && cursor_bytes_ > begin) {
        Note(Cursor::At::kItem, Path(levels_, false), cursor_bytes_, cursor_bytes_, begin);
      }
      if (next == npos || current_[next] == '#') return;
      begin = next;
    }
    if (current_[begin] == '{' || current_[begin] == '[') return BeginFlow(begin);
    const std::size_t colon = FindColon(begin);
    if (colon == npos) return NoKey(begin);
    Enter(begin, false);
    Level& level = levels_.back();
    std::size_t key_end = colon;
    while (key_end > begin && IsBlank(current_[key_end - 1])) --key_end;
    level.key = Unquoted(current_.substr(begin, key_end - begin));
    if (CursorIn(begin, key_end)) Note(Cursor::At::kKey, Path(levels_, false), begin, key_end, begin);
    level.draft->Member(level.key);
    Value(colon + 1);
  }

  // A line without a colon: half a key, or an item of a list.
  void NoKey(std::size_t begin) {
    const bool is_item = !levels_.empty() && levels_.back().list && begin > levels_.back().indent &&
                         current_.substr(levels_.back().indent).starts_with("-");
    std::size_t end = current_.size();
    if (const std::size_t comment = current_.find(" #", begin); comment != npos) end = comment;
    while (end > begin && IsBlank(current_[end - 1])) --end;
    if (is_item) {
      ValueOf(levels_.back()).text = Unquoted(current_.substr(begin, end - begin));
      if (CursorIn(begin, end))
        Note(Cursor::At::kItem, Path(levels_, false), begin, end, levels_.back().indent);
    } else if (CursorIn(begin, current_.size())) {
      const bool continues = !levels_.empty() && !levels_.back().list && begin > levels_.back().indent &&
                             !levels_.back().draft->Member(levels_.back().key).text.empty();
      if (continues) return Note(Cursor::At::kValue, Path(levels_, true), begin, end, levels_.back().indent);
      Enter(begin, false);
      Note(Cursor::At::kKey, Path(levels_, false), begin, end, begin);
    }
  }

  // The `:` that ends a key beginning at `begin`.
  std::size_t FindColon(std::size_t begin) const {
    std::size_t at = begin;
    if (current_[at] == '"' || current_[at] == '\'') {
      at = QuoteEnd(at);
      while (at < current_.size() && IsBlank(current_[at])) ++at;
      return at < current_.size() && current_[at] == ':' ? at : npos;
    }
    for (; at < current_.size(); ++at) {
      if (current_[at] == ':' && (at + 1 == current_.size() || IsBlank(current_[at + 1]))) return at;
      if (current_[at] == '#' && at > begin && IsBlank(current_[at - 1])) return npos;
    }
    return npos;
  }

  // Behind the quote that closes the one at `at`; the end of the line when none does.
  std::size_t QuoteEnd(std::size_t at) const {
    const char quote = current_[at];
    for (std::size_t i = at + 1; i < current_.size(); ++i) {
      if (quote == '"' && current_[i] == '\\') {
        ++i;
      } else if (current_[i] == quote) {
        if (quote == '\'' && i + 1 < current_.size() && current_[i + 1] == '\'') {
          ++i;
        } else {
          return i + 1;
        }
      }
    }
    return current_.size();
  }

  void Value(std::size_t after) {
    std::size_t begin = std::min(current_.find_first_not_of(" \t", after), current_.size());
    Draft& draft = ValueOf(levels_.back());
    const std::size_t indent = levels_.back().indent;
    const bool is_comment = begin < current_.size() && current_[begin] == '#';
    if (begin == current_.size() || is_comment) {
      if (here_ && cursor_bytes_ >= after && (!is_comment || cursor_bytes_ <= begin)) {
        Note(Cursor::At::kValue, Path(levels_, true), cursor_bytes_, cursor_bytes_, indent);
      }
      return;
    }
    if (here_ && cursor_bytes_ >= after && cursor_bytes_ < begin) {
      Note(Cursor::At::kValue, Path(levels_, true), cursor_bytes_, cursor_bytes_, indent);
    }
    const char c = current_[begin];
    if (c == '{' || c == '[') return BeginFlow(begin);
    if (c == '|' || c == '>') {
      scalar_indent_ = indent;
      draft.text = "|";
      return;
    }
    std::size_t end =
        c == '"' || c == '\'' ? QuoteEnd(begin) : std::min(current_.find(" #", begin), current_.size());
    while (end > begin && IsBlank(current_[end - 1]) && c != '"' && c != '\'') --end;
    draft.text = Unquoted(current_.substr(begin, end - begin));
    // What is typed at the end may be followed by blanks.
    const bool at_end = here_ && cursor_bytes_ > end && current_.find_first_not_of(' ', end) == npos;
    if (CursorIn(begin, end) || at_end) {
      Note(Cursor::At::kValue, Path(levels_, true), begin, at_end ? cursor_bytes_ : end, indent);
    }
  }

  // ---- Brackets, over as many lines as they take

  struct Bracket {
    bool list = false;
    Draft* draft = nullptr;
    bool has_key = false;
    std::string key{};
  };

  Draft& ValueOf(Bracket& bracket) {
    if (!bracket.list) return bracket.draft->Member(bracket.key);
    if (!bracket.has_key) bracket.draft->Item();
    bracket.has_key = true;
    return *bracket.draft->items.back();
  }

  void BeginFlow(std::size_t begin) {
    flow_base_ = Path(levels_, true);
    flow_indent_ = levels_.empty() ? 0 : levels_.back().indent;
    flow_root_ = levels_.empty() ? &root_ : &ValueOf(levels_.back());
    Flow(begin);
  }

  Tokens FlowPath(bool with_key) const {
    Tokens path = flow_base_;
    for (std::size_t i = 0; i < flow_.size(); ++i) {
      if (i + 1 == flow_.size() && !with_key) break;
      const Bracket& b = flow_[i];
      path.push_back(b.list ? std::to_string(std::max<std::size_t>(b.draft->items.size(), 1) - 1) : b.key);
    }
    return path;
  }

  void NoteFlow(std::size_t begin, std::size_t end) {
    cursor_.in_brackets = true;
    const Bracket& top = flow_.back();
    if (top.list) return Note(Cursor::At::kItem, FlowPath(false), begin, end, flow_indent_);
    const bool is_key = !top.has_key;
    Note(is_key ? Cursor::At::kKey : Cursor::At::kValue, FlowPath(!is_key), begin, end, flow_indent_);
  }

  void Flow(std::size_t at) {
    while (at < current_.size()) {
      const char c = current_[at];
      const bool ends_token = IsBlank(c) || c == ',' || c == '}' || c == ']';
      const bool is_gap = at == 0 || std::string_view(" \t{[,:").find(current_[at - 1]) != npos;
      if (here_ && cursor_bytes_ == at && !flow_.empty() && ends_token && is_gap) NoteFlow(at, at);
      if (IsBlank(c)) {
        ++at;
      } else if (c == '#' && (at == 0 || IsBlank(current_[at - 1]))) {
        return;
      } else if (c == '{' || c == '[') {
        if (flow_.size() >= kDepthMax) return flow_.clear();
        Draft* draft = flow_.empty() ? flow_root_ : &ValueOf(flow_.back());
        draft->kind = c == '[' ? Draft::Kind::kList : Draft::Kind::kMapping;
        flow_.push_back({.list = c == '[', .draft = draft});
        ++at;
      } else if (c == '}' || c == ']') {
        flow_.pop_back();
        ++at;
        if (flow_.empty()) return;
      } else if (c == ',') {
        flow_.back().has_key = false;
        ++at;
      } else if (c == ':') {
        flow_.back().has_key = true;
        ++at;
      } else {
        at = FlowText(at);
      }
    }
    if (here_ && !flow_.empty() && cursor_bytes_ >= current_.size() && cursor_.at == Cursor::At::kNone) {
      NoteFlow(cursor_bytes_, cursor_bytes_);
    }
  }

  std::size_t FlowText(std::size_t begin) {
    std::size_t end = begin;
    if (current_[begin] == '"' || current_[begin] == '\'') {
      end = QuoteEnd(begin);
    } else {
      while (end < current_.size() && std::string_view(",{}[]").find(current_[end]) == npos) {
        const bool colon =
            current_[end] == ':' &&
            (end + 1 == current_.size() || std::string_view(" ,{}[]").find(current_[end + 1]) != npos);
        if (colon || (current_[end] == '#' && IsBlank(current_[end - 1]))) break;
        ++end;
      }
      while (end > begin && IsBlank(current_[end - 1])) --end;
    }
    Bracket& top = flow_.back();
    const std::string text = Unquoted(current_.substr(begin, end - begin));
    if (CursorIn(begin, end)) NoteFlow(begin, end);
    if (top.list) {
      ValueOf(top).text = text;
    } else if (!top.has_key) {
      top.key = text;
      const std::size_t colon = std::min(current_.find_first_not_of(" \t", end), current_.size());
      const bool is_key = colon < current_.size() && current_[colon] == ':';
      if (is_key) top.draft->Member(top.key);
    } else {
      ValueOf(top).text = text;
    }
    return std::max(end, begin + 1);
  }

  std::string_view text_;
  std::size_t line_;
  std::size_t column_;
  Cursor cursor_;
  Draft root_;
  std::vector<Level> levels_;
  std::string_view current_;
  bool here_ = false;
  std::size_t cursor_bytes_ = 0;
  std::optional<std::size_t> scalar_indent_;  // the column of the key that a block scalar stands under
  std::vector<Bracket> flow_;
  Tokens flow_base_;
  std::size_t flow_indent_ = 0;
  Draft* flow_root_ = nullptr;
};

}  // namespace

std::size_t BytesOfColumn(std::string_view line, std::size_t column) {
  std::size_t at = 0;
  for (; column > 0 && at < line.size(); --column) {
    do ++at;
    while (at < line.size() && (static_cast<unsigned char>(line[at]) & 0xC0U) == 0x80U);
  }
  return at;
}

std::size_t ColumnOfBytes(std::string_view line, std::size_t bytes) {
  return static_cast<std::size_t>(std::ranges::count_if(
      line.substr(0, bytes), [](char c) { return (static_cast<unsigned char>(c) & 0xC0U) != 0x80U; }));
}

Cursor FindCursor(std::string_view text, yaml::Position position) {
  return Reader(text, std::max(position.line, 1U) - 1, std::max(position.column, 1U) - 1).Read();
}

}  // namespace elevaite::dsl::tools
