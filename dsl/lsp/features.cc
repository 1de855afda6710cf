#include "dsl/lsp/features.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <utility>
#include <vector>

#include "dsl/compile.h"
#include "dsl/tools/complete.h"
#include "dsl/tools/cursor.h"
#include "dsl/tools/edit.h"
#include "dsl/tools/format.h"
#include "dsl/tools/hover.h"
#include "dsl/tools/symbols.h"

namespace elevaite::dsl::lsp {
namespace {

constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";

Json Markdown(std::string_view text) { return Json::Object({{"kind", "markdown"}, {"value", text}}); }

Json TextEdit(Json range, std::string_view text) {
  return Json::Object({{"range", std::move(range)}, {"newText", text}});
}

// CompletionItemKind.
int KindOf(std::string_view kind) {
  static constexpr std::pair<std::string_view, int> kKinds[] = {
      {"key", 10},     {"task", 15},    {"value", 12}, {"target", 18}, {"name", 18},
      {"function", 3}, {"variable", 6}, {"field", 5},  {"builtin", 3}};
  const auto* found = std::ranges::find(kKinds, kind, &std::pair<std::string_view, int>::first);
  return found == std::end(kKinds) ? 1 : found->second;
}

int SeverityOf(Severity severity) {
  return severity == Severity::kError ? 1 : severity == Severity::kWarning ? 2 : 4;
}

yaml::Range RangeOf(const Span& span) { return {{span.line, span.column}, {span.end_line, span.end_column}}; }

// What stands between backticks behind "did you mean".
std::optional<std::string> ReplacementIn(std::string_view hint) {
  constexpr std::string_view kWords = "did you mean `";
  const std::size_t begin = hint.find(kWords);
  if (begin == std::string_view::npos) return std::nullopt;
  const std::size_t from = begin + kWords.size();
  const std::size_t end = hint.find('`', from);
  if (end == std::string_view::npos || end == from) return std::nullopt;
  return std::string(hint.substr(from, end - from));
}

}  // namespace

yaml::Position Features::Ours(const Json& position) const {
  const std::size_t offset = text_.OffsetOf(position);
  const std::vector<std::size_t> lines = LineStarts(text_.text());
  const auto line = static_cast<std::size_t>(std::ranges::upper_bound(lines, offset) - lines.begin()) - 1;
  const std::string_view before = std::string_view(text_.text()).substr(lines[line], offset - lines[line]);
  std::size_t column = tools::ColumnOfBytes(before, before.size());
  if (line == 0 && before.starts_with(kByteOrderMark)) --column;
  return {static_cast<std::uint32_t>(line + 1), static_cast<std::uint32_t>(column + 1)};
}

std::size_t Features::OffsetOf(yaml::Position position) const {
  const std::vector<std::size_t> lines = LineStarts(text_.text());
  const std::size_t line = std::max(position.line, 1U) - 1;
  if (line >= lines.size()) return text_.text().size();
  std::size_t begin = lines[line];
  if (line == 0 && text_.text().starts_with(kByteOrderMark)) begin = kByteOrderMark.size();
  const std::size_t end = line + 1 < lines.size() ? lines[line + 1] : text_.text().size();
  return begin + tools::BytesOfColumn(std::string_view(text_.text()).substr(begin, end - begin),
                                      std::max(position.column, 1U) - 1);
}

Json Features::RangeOf(const yaml::Range& range) const {
  return Json::Object(
      {{"start", text_.PositionOf(OffsetOf(range.begin))}, {"end", text_.PositionOf(OffsetOf(range.end))}});
}

Json Features::Diagnostics() const {
  const CompileResult compiled = Compile(text_.text(), {.functions = &functions_});
  std::vector<Json> list;
  for (const Diagnostic& d : compiled.diagnostics) {
    const std::string code = TextOf(d.code);
    list.push_back(Json::Object(
        {{"range", RangeOf(lsp::RangeOf(d.span))},
         {"severity", SeverityOf(d.severity)},
         {"code", code},
         {"codeDescription", Json::Object({{"href", settings_.server + "/v1/dsl/explain/" + code}})},
         {"source", "elevaite"},
         {"message", d.hint.empty() ? d.message : d.message + "\n" + d.hint}}));
  }
  return Json::Array(std::move(list));
}

Json Features::Completion(const Json& position) const {
  const tools::Completions completions = tools::Complete(text_.text(), Ours(position), functions_);
  const Json range = RangeOf({completions.from, completions.to});
  std::vector<Json> items;
  for (const tools::Completion& item : completions.items) {
    const bool snippet = settings_.snippets && !item.snippet.empty();
    items.push_back(Json::Object(
        {{"label", item.label},
         {"kind", KindOf(item.kind)},
         {"detail", item.detail},
         {"documentation", Markdown(item.documentation)},
         {"sortText", fmt::format("{:04}", items.size())},
         {"filterText", item.kind == "variable" || item.kind == "field" ? item.insert : item.label},
         {"insertTextFormat", snippet ? 2 : 1},
         {"textEdit", TextEdit(range, snippet ? item.snippet : item.insert)}}));
  }
  return Json::Object({{"isIncomplete", false}, {"items", Json::Array(std::move(items))}});
}

Json Features::Hover(const Json& position) const {
  const auto hover = tools::HoverAt(text_.text(), Ours(position), functions_);
  if (!hover) return {};
  return Json::Object({{"contents", Markdown(hover->markdown)}, {"range", RangeOf(hover->range)}});
}

Json Features::DocumentSymbols() const {
  const auto convert = [&](const auto& self, const std::vector<tools::Symbol>& symbols) -> Json {
    std::vector<Json> list;
    for (const tools::Symbol& symbol : symbols) {
      const bool is_task = !symbol.pointer.starts_with("/use");
      list.push_back(Json::Object({{"name", symbol.name.empty() ? " " : symbol.name},
                                   {"detail", symbol.kind},
                                   {"kind", is_task                   ? 12
                                            : symbol.children.empty() ? 14
                                                                      : 3},
                                   {"range", RangeOf(symbol.range)},
                                   {"selectionRange", RangeOf(symbol.selection)},
                                   {"children", self(self, symbol.children)}}));
    }
    return Json::Array(std::move(list));
  };
  return convert(convert, tools::Symbols(text_.text()));
}

Json Features::Formatting() const {
  const auto formatted = tools::Format(text_.text());
  if (!formatted) return {};
  if (*formatted == text_.text()) return Json::EmptyArray();
  // One edit of what differs between the two, so that cursors elsewhere stay.
  const std::string& old = text_.text();
  std::size_t begin = 0;
  while (begin < old.size() && begin < formatted->size() && old[begin] == (*formatted)[begin]) ++begin;
  begin = old.rfind('\n', begin == 0 ? 0 : begin - 1) == std::string::npos || begin == 0
              ? 0
              : old.rfind('\n', begin - 1) + 1;
  return Json::Array(
      {TextEdit(Json::Object({{"start", text_.PositionOf(begin)}, {"end", text_.PositionOf(old.size())}}),
                std::string_view(*formatted).substr(begin))});
}

Json Features::Definition(const Json& position) const {
  const auto named = tools::NameAt(text_.text(), Ours(position));
  const auto range = named ? tools::DefinitionOf(text_.text(), *named) : std::nullopt;
  return range ? Json::Object({{"uri", uri_}, {"range", RangeOf(*range)}}) : Json();
}

Json Features::References(const Json& position, bool with_declaration) const {
  const auto named = tools::NameAt(text_.text(), Ours(position));
  if (!named) return {};
  const auto definition = tools::DefinitionOf(text_.text(), *named);
  std::vector<Json> list;
  for (const yaml::Range& range : tools::ReferencesOf(text_.text(), *named)) {
    if (!with_declaration && definition && range == *definition) continue;
    list.push_back(Json::Object({{"uri", uri_}, {"range", RangeOf(range)}}));
  }
  return Json::Array(std::move(list));
}

Json Features::PrepareRename(const Json& position) const {
  const yaml::Position place = Ours(position);
  const auto named = tools::NameAt(text_.text(), place);
  if (!named || !named->is_task || !tools::DefinitionOf(text_.text(), *named)) return {};
  for (const yaml::Range& range : tools::ReferencesOf(text_.text(), *named)) {
    if (place >= range.begin && place <= range.end) return RangeOf(range);
  }
  return {};
}

Result<Json> Features::Rename(const Json& position, std::string_view name) const {
  const auto named = tools::NameAt(text_.text(), Ours(position));
  if (!named || !named->is_task) return Fail(ErrorCode::kInvalidArgument, "only tasks can be renamed");
  const Json operation =
      Json::Object({{"op", "rename"}, {"task", tools::PointerOf(named->path)}, {"name", name}});
  ASSIGN_OR_RETURN(const tools::Edited edited, tools::Edit(text_.text(), Json::Array({operation})));
  std::vector<Json> edits;
  for (const tools::TextChange& change : edited.changes)
    edits.push_back(TextEdit(RangeOf({change.from, change.to}), change.insert));
  return Json::Object({{"changes", Json::Object({{uri_, Json::Array(std::move(edits))}})}});
}

Json Features::CodeActions(const Json& range) const {
  const std::size_t from = text_.OffsetOf(range["start"]);
  const std::size_t to = text_.OffsetOf(range["end"]);
  const CompileResult compiled = Compile(text_.text(), {.functions = &functions_});
  std::vector<Json> actions;
  for (const Diagnostic& d : compiled.diagnostics) {
    const yaml::Range place = lsp::RangeOf(d.span);
    const std::size_t begin = OffsetOf(place.begin);
    const std::size_t end = OffsetOf(place.end);
    const auto replacement = ReplacementIn(d.hint);
    const bool one_line = d.span.line == d.span.end_line && end > begin;
    if (!replacement || !one_line || to < begin || from > end) continue;
    // A quoted token keeps its quotes.
    const char quote = text_.text()[begin];
    const bool quoted = (quote == '"' || quote == '\'') && text_.text()[end - 1] == quote;
    const std::string text = quoted ? quote + *replacement + quote : *replacement;
    const Json edit =
        Json::Object({{"changes", Json::Object({{uri_, Json::Array({TextEdit(RangeOf(place), text)})}})}});
    actions.push_back(Json::Object({{"title", fmt::format("Replace with `{}`", *replacement)},
                                    {"kind", "quickfix"},
                                    {"isPreferred", true},
                                    {"edit", edit}}));
  }
  return Json::Array(std::move(actions));
}

}  // namespace elevaite::dsl::lsp
