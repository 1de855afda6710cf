// `emit`, `listen` and event strategies: the part of TaskReader about events.
#include <fmt/format.h>

#include <memory>

#include "dsl/event_pattern.h"
#include "dsl/expression.h"
#include "dsl/shape.h"
#include "dsl/suggest.h"
#include "dsl/task_reader.h"

namespace elevaite::dsl {
namespace {

using syntax::Field;
using syntax::Place;

}  // namespace

void TaskReader::ReadEmit(const Place& value, syntax::Task& task) {
  if (!ShapeChecker(reader_, definitions_).Check(value, vocabulary::Get("emit"))) return;
  task.value = Reader::Member(*Reader::Member(value, "event"), "with");
}

void TaskReader::ReadListen(const Place& task_place, const Place& value, syntax::Task& task) {
  const bool fine = ShapeChecker(reader_, definitions_).Check(value, vocabulary::Get("listen"));
  if (const Field each = Reader::Member(task_place, "foreach")) ReadIterator(*each, task);
  if (!fine) return;
  auto strategy = Strategy(*Reader::Member(value, "to"));
  if (!strategy) return;
  task.listen = std::make_shared<const syntax::Listen>(
      syntax::Listen{.to = *std::move(strategy), .read = ReadMode(value)});
}

void TaskReader::ReadIterator(const Place& place, syntax::Task& task) {
  if (!reader_.IsMapping(place, "`foreach`", "write foreach: {item: event, do: [...]}")) return;
  reader_.CheckKeys(place, "iterator");
  syntax::Iterator each;
  ReadVariables(place, "item", each.item, each.at);
  each.output = ReadShape(place, "output");
  each.export_ = ReadShape(place, "export");
  if (const Field list = Reader::Member(place, "do")) task.tasks = List(*list, "`foreach.do`");
  task.iterator = std::make_shared<const syntax::Iterator>(std::move(each));
}

EventRead TaskReader::ReadMode(const Place& owner) {
  const Field read = Reader::Member(owner, "read");
  const std::string_view text = read ? read->node.text() : std::string_view();
  return text == "envelope" ? EventRead::kEnvelope : text == "raw" ? EventRead::kRaw : EventRead::kData;
}

std::optional<syntax::EventStrategy> TaskReader::Strategy(const Place& place) {
  using Mode = EventStrategy::Mode;
  syntax::EventStrategy strategy;
  const std::size_t errors = reader_.diagnostics().errors();
  const Field one = Reader::Member(place, "one");
  const Field any = Reader::Member(place, "any");
  const Field all = Reader::Member(place, "all");
  strategy.mode = one ? Mode::kOne : any ? Mode::kAny : Mode::kAll;
  const Place& filters = one ? *one : any ? *any : *all;
  if (one) {
    if (auto filter = Filter(filters)) strategy.filters.push_back(*std::move(filter));
  }
  for (std::size_t i = 0; !one && i < filters.node.items().size(); ++i) {
    if (auto filter = Filter(Reader::Item(filters, i))) strategy.filters.push_back(*std::move(filter));
  }
  if (all && all->node.items().empty()) {
    reader_.Add(Code::kEmpty, *all, "`all` waits for nothing",
                "list the events, or write any: [] to take every event");
  }
  ReadUntil(place, strategy);
  if (reader_.diagnostics().errors() > errors) return std::nullopt;
  return strategy;
}

void TaskReader::ReadUntil(const Place& place, syntax::EventStrategy& strategy) {
  const Field until = Reader::Member(place, "until");
  if (!until) return;
  if (strategy.mode != EventStrategy::Mode::kAny) {
    reader_.Add(Code::kExclusiveKeys, *until, "`until` belongs to `any`; `one` and `all` end by themselves",
                "leave it out, or listen to `any`");
    return;
  }
  if (until->node.IsScalar()) {
    strategy.until_condition = until;
    return;
  }
  if (const Field inner = Reader::Member(*until, "until")) {
    reader_.Add(Code::kExclusiveKeys, *inner, "the events that end listening have no `until` of their own",
                "leave it out");
    return;
  }
  if (auto events = Strategy(*until)) {
    strategy.until_events = std::make_shared<const syntax::EventStrategy>(*std::move(events));
  }
}

std::optional<syntax::EventFilter> TaskReader::Filter(const Place& place) {
  syntax::EventFilter filter{.with = Reader::Member(place, "with")};
  if (filter.with->node.members().empty()) {
    reader_.Add(Code::kEmpty, *filter.with, "the filter filters nothing",
                "name an attribute, for example type; to take every event write any: []");
    return std::nullopt;
  }
  for (const yaml::Member& member : filter.with->node.members()) {
    if (!member.value.value().IsString()) continue;
    const std::string_view text = member.value.text();
    if (ScanText(text).kind != TextKind::kLiteral || !IsEventPattern(text)) continue;
    const std::string error = EventPatternError(text);
    if (error.empty()) continue;
    reader_.Add(Code::kRegex, {member.value, Child(filter.with->pointer, member.key), member.key_range},
                fmt::format("{} is no regular expression: {}", Quote(text), Excerpt(error)),
                "put a backslash before each character that is meant as it stands");
  }
  if (const Field correlate = Reader::Member(place, "correlate")) {
    for (const yaml::Member& member : correlate->node.members()) {
      const Place entry{member.value, Child(correlate->pointer, member.key), member.key_range};
      filter.correlate.push_back(
          {std::string(member.key), ReadExpression(entry, "from"), Reader::Member(entry, "expect")});
    }
  }
  return filter;
}

}  // namespace elevaite::dsl
