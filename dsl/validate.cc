#include "dsl/validate.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>

#include "dsl/expression.h"
#include "dsl/jq/jq.h"
#include "dsl/on_error.h"
#include "dsl/slips.h"
#include "dsl/suggest.h"
#include "dsl/task_reader.h"
#include "dsl/use_reader.h"

namespace elevaite::dsl {
namespace {

using syntax::Field;
using syntax::Place;

constexpr std::size_t kAttributesMax = 16;

bool IsAlphanumeric(char c) {
  return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

// The schema's pattern of namespaces and names.
bool IsDnsLabel(std::string_view text) {
  if (text.empty() || text.size() > 63) return false;
  if (!IsAlphanumeric(text.front()) || !IsAlphanumeric(text.back())) return false;
  return std::ranges::all_of(text, [](char c) { return IsAlphanumeric(c) || c == '-'; });
}

std::string AsDnsLabel(std::string_view text) {
  std::string label;
  for (char c : text.substr(0, 63)) {
    const bool fits = IsAlphanumeric(c);
    if (fits) label += c;
    if (!fits && !label.empty() && label.back() != '-') label += '-';
  }
  while (!label.empty() && label.back() == '-') label.pop_back();
  return label;
}

bool IsNumericIdentifier(std::string_view text) {
  return !text.empty() && std::ranges::all_of(text, [](char c) { return c >= '0' && c <= '9'; }) &&
         (text.size() == 1 || text.front() != '0');
}

// Dot-separated identifiers of a pre-release or of build metadata.
bool AreIdentifiers(std::string_view text, bool numbers_are_strict) {
  while (true) {
    const std::size_t dot = text.find('.');
    const std::string_view part = text.substr(0, dot);
    const bool fits =
        !part.empty() && std::ranges::all_of(part, [](char c) { return IsAlphanumeric(c) || c == '-'; });
    if (!fits) return false;
    const bool is_number = std::ranges::all_of(part, [](char c) { return c >= '0' && c <= '9'; });
    if (numbers_are_strict && is_number && !IsNumericIdentifier(part)) return false;
    if (dot == std::string_view::npos) return true;
    text.remove_prefix(dot + 1);
  }
}

bool IsSemanticVersion(std::string_view text) {
  if (text.size() > 256) return false;
  if (const std::size_t plus = text.find('+'); plus != std::string_view::npos) {
    if (!AreIdentifiers(text.substr(plus + 1), false)) return false;
    text = text.substr(0, plus);
  }
  if (const std::size_t dash = text.find('-'); dash != std::string_view::npos) {
    if (!AreIdentifiers(text.substr(dash + 1), true)) return false;
    text = text.substr(0, dash);
  }
  for (int part = 0; part < 3; ++part) {
    const std::size_t dot = text.find('.');
    if ((dot == std::string_view::npos) != (part == 2)) return false;
    if (!IsNumericIdentifier(text.substr(0, dot))) return false;
    if (part < 2) text.remove_prefix(dot + 1);
  }
  return true;
}

class Validator {
 public:
  Validator(const Document& document, const Limits& limits, Diagnostics& diagnostics)
      : document_(document), reader_(diagnostics), limits_(limits), root_{document.root(), ""} {}

  syntax::Workflow Run() {
    if (!IsWorkflow()) return std::move(workflow_);
    ReadRootKeys();
    if (const Field document = Reader::Member(root_, "document")) ReadDocument(*document);
    if (const Field evaluate = Reader::Member(root_, "evaluate")) ReadEvaluate(*evaluate);
    UseReader use(document_, reader_, definitions_, workflow_);
    if (const Field place = Reader::Member(root_, "use")) use.Collect(*place);
    TaskReader tasks(reader_, definitions_, limits_);
    workflow_.input = tasks.ReadShape(root_, "input");
    workflow_.output = tasks.ReadShape(root_, "output");
    workflow_.timeout = tasks.ReadTimeout(root_);
    use.Read(tasks);
    if (const Field schedule = Reader::Member(root_, "schedule")) use.ReadSchedule(*schedule, tasks);
    if (const Field list = Reader::Member(root_, "do")) workflow_.tasks = tasks.List(*list, "`do`");
    workflow_.task_count = tasks.count();
    return std::move(workflow_);
  }

 private:
  bool IsWorkflow() {
    if (root_.node.IsMapping()) {
      if (root_.node.Find("document") != nullptr || root_.node.Find("do") != nullptr) return true;
      for (const yaml::Member& member : root_.node.members()) {
        if (!IsOldRootKey(member.key)) continue;
        reader_.diagnostics().Add(
            Code::kOldSyntax, member.key_range, Child("", member.key),
            fmt::format("{} belongs to version 0.8 of the language", Quote(member.key)),
            "version 1.0 has `document: {dsl, namespace, name, version}` and a list of tasks under `do`");
        return false;
      }
    }
    const std::string found =
        root_.node.IsNull() ? "the document is empty" : "this is " + DescribeValue(root_.node);
    yaml::Range range = root_.node.range();
    range.end = range.begin;
    const std::string detail =
        root_.node.IsMapping() ? "the document has neither `document` nor `do`" : found;
    reader_.diagnostics().Add(
        Code::kNotAWorkflow, range, "", fmt::format("{}: a workflow is expected", detail),
        "a workflow is a mapping with `document: {dsl, namespace, name, version}` and `do: [tasks]`");
    return false;
  }

  // The root is open: other keys are allowed there, but one that looks like a slip would be lost without a
  // word.
  void ReadRootKeys() {
    bool old = false;
    std::vector<std::string_view> names;
    for (const vocabulary::Key& key : vocabulary::Get("workflow").keys) names.push_back(key.name);
    for (const yaml::Member& member : root_.node.members()) {
      if (std::ranges::find(names, member.key) != names.end()) continue;
      const std::string pointer = Child("", member.key);
      if (IsOldRootKey(member.key)) {
        if (old) continue;
        old = true;
        reader_.diagnostics().Add(Code::kOldSyntax, member.key_range, pointer,
                                  fmt::format("{} belongs to version 0.8 of the language", Quote(member.key)),
                                  "reusable parts stand under `use`, tasks under `do`");
        continue;
      }
      if (member.key.starts_with("x-")) continue;
      const auto near = Nearest(member.key, names);
      reader_.diagnostics().Add(
          Code::kIgnoredKey, member.key_range, pointer,
          fmt::format("{} means nothing at the root of a workflow and is ignored", Quote(member.key)),
          near ? fmt::format("did you mean `{}`?", *near)
               : "name your own keys `x-...`, or use `document.metadata`");
    }
    for (std::string_view key : {"document", "do"}) {
      if (root_.node.Find(key) != nullptr || old) continue;
      yaml::Range range = root_.node.range();
      range.end = range.begin;
      reader_.diagnostics().Add(Code::kMissingKey, range, "", fmt::format("a workflow needs `{}`", key));
    }
  }

  void ReadDocument(const Place& place) {
    if (!reader_.IsMapping(place, "`document`")) return;
    reader_.CheckKeys(place, "document");
    ReadDslVersion(place);
    workflow_.name_space = ReadLabel(place, "namespace");
    workflow_.name = ReadLabel(place, "name");
    if (const Field version = Reader::Member(place, "version")) {
      if (const auto text = reader_.Text(*version, "`version`")) {
        workflow_.version = *text;
        if (!IsSemanticVersion(*text)) {
          reader_.Add(Code::kInvalidVersion, *version, fmt::format("{} is no semantic version", Quote(*text)),
                      "write three numbers, for example '1.0.0'");
        }
      }
    }
    for (auto [key, target] : {std::pair{"title", &workflow_.title}, {"summary", &workflow_.summary}}) {
      const Field field = Reader::Member(place, key);
      if (field && !field->node.IsNull())
        *target = reader_.Text(*field, fmt::format("`{}`", key)).value_or("");
    }
    for (auto [key, target] : {std::pair{"tags", &workflow_.tags}, {"metadata", &workflow_.metadata}}) {
      const Field field = Reader::Member(place, key);
      if (field && reader_.IsMapping(*field, fmt::format("`{}`", key))) *target = field->node.value();
    }
    if (const Field on_error = Ours(place, "onError")) reader_.OneOf(*on_error, "`onError`", kOnErrors);
    ReadAttributes(place);
  }

  // `metadata` is free data, and `elevaite` in it ours.
  Field Ours(const Place& document, std::string_view member) {
    Field place = document;
    for (const std::string_view key : {std::string_view("metadata"), std::string_view("elevaite"), member}) {
      if (!place->node.IsMapping()) return {};
      place = Reader::Member(*place, key);
      if (!place) return {};
    }
    return place;
  }

  void ReadAttributes(const Place& document) {
    const Field place = Ours(document, "attributes");
    if (!place) return;
    if (!reader_.IsMapping(*place, "`attributes`", "write names and expressions: {order: '${ .order.id }'}"))
      return;
    if (place->node.members().size() > kAttributesMax)
      reader_.Add(Code::kValueNotAllowed, *place,
                  fmt::format("a workflow may have {} attributes at most", kAttributesMax));
    for (const yaml::Member& member : place->node.members()) {
      const Field value = Reader::Member(*place, member.key);
      if (!IsVariableName(member.key))
        reader_.Add(
            Code::kInvalidName, *value,
            fmt::format("{} is no name of an attribute: 1 to 64 letters, digits and _, no digit first",
                        Quote(member.key)));
      else if (!value->node.IsScalar())
        reader_.Add(Code::kWrongType, *value, "an attribute must be an expression, a text or a number",
                    "write for example ${ .order.id }");
      else
        CheckAttribute(*value);
    }
  }

  // It sees the workflow's input as `.`, and nothing else: there is no execution yet.
  void CheckAttribute(const Place& place) {
    const TextScan scan = ScanText(place.node.text());
    if (scan.kind == TextKind::kLiteral) return;
    if (scan.kind != TextKind::kWhole)
      return reader_.Add(Code::kEmbeddedExpression, place, "`${ }` stands inside a longer text",
                         "make the whole text one expression");
    const std::string_view text = place.node.text().substr(scan.begin, scan.end - scan.begin);
    const auto compiled = jq::Program::Compile(text);
    if (!compiled)
      reader_.Add(Code::kExpressionSyntax, place, compiled.error().message, compiled.error().hint);
  }

  void ReadDslVersion(const Place& place) {
    const Field dsl = Reader::Member(place, "dsl");
    if (!dsl) return;
    const auto text = reader_.Text(*dsl, "`dsl`");
    if (!text) return;
    static constexpr std::string_view kAccepted[] = {"1.0.0", "1.0.1", "1.0.2", "1.0.3"};
    if (std::ranges::find(kAccepted, *text) != std::end(kAccepted)) return;
    if (text->starts_with("0.")) {
      reader_.Add(Code::kOldSyntax, *dsl, fmt::format("version {} of the language is not accepted", *text),
                  "write the workflow for '1.0.3'");
      return;
    }
    reader_.Add(Code::kDslVersion, *dsl, fmt::format("version {} of the language is not known", Quote(*text)),
                "write '1.0.3'");
  }

  std::string ReadLabel(const Place& place, std::string_view key) {
    const Field field = Reader::Member(place, key);
    if (!field) return {};
    const auto text = reader_.Text(*field, fmt::format("`{}`", key));
    if (!text) return {};
    if (!IsDnsLabel(*text)) {
      const std::string label = AsDnsLabel(*text);
      reader_.Add(Code::kInvalidName, *field,
                  fmt::format("{} is no valid `{}`: 1 to 63 letters, digits and dashes, no dash at the ends",
                              Quote(*text), key),
                  label.empty() ? "" : fmt::format("write {}", label));
    }
    return *text;
  }

  void ReadEvaluate(const Place& place) {
    if (!reader_.IsMapping(place, "`evaluate`")) return;
    reader_.CheckKeys(place, "evaluate");
    if (const Field language = Reader::Member(place, "language")) {
      const auto text = reader_.Text(*language, "`language`");
      if (text && *text != "jq") {
        reader_.Unsupported(*language, fmt::format("the expression language {}", Quote(*text)), "write jq");
      }
    }
    if (const Field mode = Reader::Member(place, "mode")) {
      static constexpr std::string_view kModes[] = {"strict", "loose"};
      const auto text = reader_.OneOf(*mode, "`mode`", kModes);
      workflow_.is_loose = text == "loose";
    }
  }

  const Document& document_;
  Reader reader_;
  const Limits& limits_;
  Place root_;
  Definitions definitions_;
  syntax::Workflow workflow_;
};

}  // namespace

syntax::Workflow Validate(const Document& document, const Limits& limits, Diagnostics& diagnostics) {
  return Validator(document, limits, diagnostics).Run();
}

}  // namespace elevaite::dsl
