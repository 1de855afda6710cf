// Events: the part of Lowering about `emit`, `listen` and schedules.
#include <utility>

#include "dsl/event_pattern.h"
#include "dsl/lowering.h"
#include "dsl/reader.h"

namespace elevaite::dsl {

EmitTask Lowering::Emit(const syntax::Task& source) {
  return {source.value ? Value(source.value) : Template::Literal(Json::EmptyObject())};
}

ListenTask Lowering::Listen(const syntax::Task& source, TaskIndex index) {
  ListenTask out;
  if (source.listen) {
    out.to = Strategy(source.listen->to, Site::kBody);
    out.read = source.listen->read;
  }
  if (!source.iterator) return out;
  ListenTask::Each each{.item = source.iterator->item, .at = source.iterator->at};
  locals_.push_back(each.item);
  locals_.push_back(each.at);
  each.tasks = List(source.tasks, index);
  each.output_as = Shape(source.iterator->output.value, Site::kTaskOutput);
  each.output_schema = Schema(source.iterator->output.schema);
  each.export_schema = Schema(source.iterator->export_.schema);
  each.export_as = Shape(source.iterator->export_.value, Site::kTaskExport);
  locals_.resize(locals_.size() - 2);
  out.each = std::move(each);
  return out;
}

EventStrategy Lowering::Strategy(const syntax::EventStrategy& source, Site site) {
  EventStrategy out{.mode = source.mode};
  for (const syntax::EventFilter& filter : source.filters) out.filters.push_back(Filter(filter, site));
  out.until_condition = Condition(source.until_condition, site == Site::kBody ? Site::kCondition : site);
  if (source.until_events)
    out.until_events = std::make_shared<const EventStrategy>(Strategy(*source.until_events, site));
  return out;
}

EventFilter Lowering::Filter(const syntax::EventFilter& source, Site site) {
  EventFilter out;
  for (const yaml::Member& member : source.with->node.members()) {
    const Place place{member.value, Child(source.with->pointer, member.key), member.key_range};
    if (auto attribute = Attribute(place, member.key, site)) out.with.push_back(*std::move(attribute));
  }
  for (const syntax::Correlation& correlation : source.correlate) {
    auto from = Condition(correlation.from, site);
    if (!from) continue;
    Correlation entry{.name = correlation.name, .from = *std::move(from)};
    if (correlation.expect) entry.expect = Value(correlation.expect, site);
    out.correlate.push_back(std::move(entry));
  }
  return out;
}

std::optional<AttributeFilter> Lowering::Attribute(const Place& place, std::string_view name, Site site) {
  AttributeFilter out{.name = std::string(name)};
  const bool is_text =
      place.node.value().IsString() && ScanText(place.node.text()).kind == TextKind::kLiteral;
  // A text is compared as it is, in any mode.
  const bool is_tried = !is_text || !workflow_.is_loose;
  const Template value = is_tried ? Value(place, site) : Template::Literal(place.node.value());
  if (const Json* literal = value.literal()) {
    out.literal = *literal;
    if (is_text && IsEventPattern(place.node.text())) out.expression = EventPattern(place.node.text());
    return out;
  }
  if (const Expression* expression = value.expression()) {
    out.expression = *expression;
    return out;
  }
  Say(Code::kWrongType, place,
      "a filter compares with one literal or with one expression, not with a mix of both",
      "write one expression about the whole: '${ .status == \"paid\" }'");
  return std::nullopt;
}

Schedule Lowering::Schedule(const syntax::Schedule& source) {
  dsl::Schedule out{.every_us = source.every_us, .after_us = source.after_us, .read = source.read};
  if (source.cron) out.cron = source.cron->node.text();
  if (source.on) out.on = Strategy(*source.on, Site::kSchedule);
  return out;
}

}  // namespace elevaite::dsl
