// Loops, switches and faults: the part of Lowering about control flow.
#include <utility>

#include "dsl/error_types.h"
#include "dsl/lowering.h"
#include "dsl/reader.h"

namespace elevaite::dsl {

// Inside an extension: the flow as one of the list around the wrapper, told apart from going on by the
// wrapper's own `then`.
Flow Lowering::Carried(Flow flow, const Spot& spot) {
  if (!spot.is_wrapped || spot.list_size == 0) return flow;
  switch (flow.kind) {
    case Flow::Kind::kContinue: return {.kind = Flow::Kind::kTask, .position = spot.position + 1};
    case Flow::Kind::kExit: return {.kind = Flow::Kind::kTask, .position = spot.list_size};
    case Flow::Kind::kEnd:
    case Flow::Kind::kTask: return flow;
  }
  return flow;
}

SwitchTask Lowering::Switch(const syntax::Task& source, const Spot& spot) {
  SwitchTask out;
  for (const syntax::Case& entry : source.cases) {
    const Flow then = Carried(Resolve(entry.then, spot), spot);
    out.cases.push_back({entry.name, Condition(entry.when, Site::kCondition), then});
  }
  return out;
}

ForTask Lowering::For(const syntax::Task& source, TaskIndex index) {
  // `in` is looked at before the loop: its variables do not exist there.
  Template in = Template::Literal(Json());
  if (source.value && source.value->node.IsScalar()) {
    if (auto expression = source_->expressions.Field(*source.value, At(Site::kBody)))
      in = Template::Computed(*std::move(expression));
  } else {
    in = Value(source.value);
  }
  ForTask out{.each = source.each, .at = source.at, .in = std::move(in)};
  locals_.push_back(source.each);
  locals_.push_back(source.at);
  out.while_condition = Condition(source.while_condition, Site::kCondition);
  out.tasks = List(source.tasks, index);
  locals_.resize(locals_.size() - 2);
  return out;
}

TryTask Lowering::Try(const syntax::Task& source, TaskIndex index, const Spot& spot) {
  TryTask out;
  out.tasks = List(source.tasks, index);
  out.error_filter = source.error_filter;
  out.as = source.catch_as;
  if (source.catch_then) out.catch_then = Carried(Resolve(source.catch_then, spot), spot);
  locals_.push_back(source.catch_as);
  out.when = Condition(source.catch_when, Site::kCondition);
  out.except_when = Condition(source.catch_except_when, Site::kCondition);
  if (source.retry) out.retry = Retry(*source.retry);
  out.catch_tasks = List(source.catch_tasks, index);
  out.catches_cancel =
      source.compensates || (!out.catch_tasks.empty() && out.error_filter["type"] == Json(kCancelledError));
  locals_.pop_back();
  return out;
}

RetryPolicy Lowering::Retry(const syntax::Retry& source) {
  return RetryPolicy{.when = Condition(source.when, Site::kCondition),
                     .except_when = Condition(source.except_when, Site::kCondition),
                     .delay = DurationOf(source.delay),
                     .backoff = source.backoff,
                     .factor = source.factor,
                     .increment_us = source.increment_us,
                     .delay_max_us = source.delay_max_us,
                     .attempts_max = source.count,
                     .total_us = source.total_us,
                     .attempt_us = source.attempt_us,
                     .jitter_from_us = source.jitter_from_us,
                     .jitter_to_us = source.jitter_to_us};
}

// The members of an error; the type in its normal form, `instance` left to the runtime.
Template Lowering::Error(const Field& field) {
  std::vector<std::pair<std::string, Template>> members;
  if (!field) return Template::Literal(Json());
  if (!field->node.IsMapping()) return Value(field);  // of a saga, which raises what it has caught
  for (const yaml::Member& member : field->node.members()) {
    if (member.key == "instance") continue;
    const Place place{member.value, Child(field->pointer, member.key), member.key_range};
    const bool is_literal_type =
        member.key == "type" && ScanText(member.value.text()).kind == TextKind::kLiteral;
    members.emplace_back(member.key, is_literal_type
                                         ? Template::Literal(NormalizeErrorType(member.value.text()))
                                         : source_->expressions.Value(place, At(Site::kBody)));
  }
  return Template::Object(std::move(members));
}

}  // namespace elevaite::dsl
