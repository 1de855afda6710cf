// `try`, its `catch` and retry policy, and `raise`: the part of TaskReader about faults.
#include <fmt/format.h>

#include <limits>

#include "dsl/error_types.h"
#include "dsl/expression.h"
#include "dsl/suggest.h"
#include "dsl/task_reader.h"

namespace elevaite::dsl {
namespace {

using syntax::Field;
using syntax::Place;

void CheckErrorType(Reader& reader, const Place& type) {
  const auto meant = MisspeltErrorType(type.node.text());
  if (meant) {
    reader.Add(Code::kUnknownErrorType, type,
               fmt::format("{} is no error type of the language", Quote(type.node.text())),
               fmt::format("write {}", *meant));
  }
}

}  // namespace

void TaskReader::ReadTry(const Place& task_place, const Place& value, syntax::Task& task) {
  task.tasks = List(value, "`try`");
  if (const Field handler = Reader::Member(task_place, "catch")) ReadCatch(*handler, task);
}

void TaskReader::ReadCatch(const Place& place, syntax::Task& task) {
  if (place.node.IsNull()) return;  // `catch:` catches everything, as `catch: {}` does
  if (!reader_.IsMapping(place, "`catch`", "write catch: {errors: {with: {...}}, do: [...]}")) return;
  reader_.CheckKeys(place, "catch");
  if (const Field errors = Reader::Member(place, "errors")) ReadErrorFilter(*errors, task);
  task.catch_as = ReadVariable(place, "as", "error");
  task.catch_when = ReadExpression(place, "when");
  task.catch_except_when = ReadExpression(place, "exceptWhen");
  task.catch_then = ReadFlow(place);
  task.retry = ReadRetry(place);
  if (const Field list = Reader::Member(place, "do")) task.catch_tasks = List(*list, "`catch.do`");
}

std::shared_ptr<const syntax::Retry> TaskReader::ReadRetry(const Place& owner) {
  const Field retry = Reader::Member(owner, "retry");
  if (!retry) return nullptr;
  if (!retry->node.IsScalar() || !retry->node.value().IsString()) return SharedRetry(*retry);
  const Place* policy = definitions_.Resolve(reader_, "retries", *retry);
  return policy != nullptr ? SharedRetry(*policy) : nullptr;
}

std::shared_ptr<const syntax::Retry> TaskReader::SharedRetry(const Place& place) {
  auto retry = Retry(place);
  return retry ? std::make_shared<const syntax::Retry>(*std::move(retry)) : nullptr;
}

void TaskReader::ReadErrorFilter(const Place& place, syntax::Task& task) {
  if (!reader_.IsMapping(place, "`errors`", "write errors: {with: {type: ..., status: ...}}")) return;
  reader_.CheckKeys(place, "catch.errors");
  const Field with = Reader::Member(place, "with");
  if (!with || !reader_.IsMapping(*with, "`with`", "write with: {type: ..., status: ...}")) return;
  reader_.CheckKeys(*with, "catch.errors.with");
  if (with->node.members().empty()) {
    reader_.Add(Code::kEmpty, *with, "the filter filters nothing", "leave `errors` out to catch every error");
    return;
  }
  std::vector<Json::Member> members;
  for (std::string_view key : {"type", "status", "instance", "title", "detail", "details"}) {
    const Field field = Reader::Member(*with, key);
    if (!field) continue;
    if (key == "status") {
      if (const auto status = reader_.Integer(*field, "`status`", 0, 999))
        members.emplace_back("status", *status);
      continue;
    }
    const auto text = reader_.Text(*field, fmt::format("`{}`", key));
    if (!text) continue;
    if (ScanText(*text).kind != TextKind::kLiteral) {
      reader_.Add(Code::kWrongType, *field,
                  fmt::format("`{}` of a filter must be a literal; it cannot be computed", key),
                  "test computed conditions with `catch.when`: when: '$error.status == 404'");
      continue;
    }
    if (key == "details") {
      reader_.Add(Code::kRenamedKey, *field, "`details` has been renamed `detail`", "write `detail`");
      members.emplace_back("detail", *text);
      continue;
    }
    if (key == "type") CheckErrorType(reader_, *field);
    members.emplace_back(key, key == "type" ? NormalizeErrorType(*text) : *text);
  }
  task.error_filter = Json::Object(std::move(members));
}

std::optional<syntax::Retry> TaskReader::Retry(const Place& place) {
  if (!reader_.IsMapping(place, "a retry policy",
                         "write retry: {delay: {seconds: 3}, limit: {attempt: {count: 5}}}")) {
    return std::nullopt;
  }
  const std::size_t errors = reader_.diagnostics().errors();
  reader_.CheckKeys(place, "retry");
  syntax::Retry retry;
  retry.place = place;
  retry.when = ReadExpression(place, "when");
  retry.except_when = ReadExpression(place, "exceptWhen");
  if (const Field delay = Reader::Member(place, "delay"); delay && reader_.IsDuration(*delay, "`delay`")) {
    retry.delay = delay;
  }
  if (const Field backoff = Reader::Member(place, "backoff")) ReadBackoff(*backoff, retry);
  if (const Field limit = Reader::Member(place, "limit")) ReadLimit(*limit, retry);
  if (const Field jitter = Reader::Member(place, "jitter");
      jitter && reader_.IsMapping(*jitter, "`jitter`")) {
    reader_.CheckKeys(*jitter, "jitter");
    if (const Field from = Reader::Member(*jitter, "from")) {
      retry.jitter_from_us = reader_.DurationLiteral(*from, "`jitter.from`").value_or(0);
    }
    if (const Field to = Reader::Member(*jitter, "to")) {
      retry.jitter_to_us = reader_.DurationLiteral(*to, "`jitter.to`").value_or(retry.jitter_from_us);
    }
    if (retry.jitter_from_us > retry.jitter_to_us && jitter->node.Find("to") != nullptr) {
      reader_.Add(Code::kNumberRange, *jitter, "`jitter.from` is longer than `jitter.to`", "swap the two");
    }
  }
  // A limit that could not be read has been reported already.
  const bool limited = retry.count || retry.total_us || reader_.diagnostics().errors() > errors;
  if (!limited && !retry.when && !retry.except_when) {
    reader_.Add(Code::kEndlessRetry, place,
                "the policy has no limit: an error that stays is retried for ever",
                "write limit: {attempt: {count: 5}}");
  }
  return retry;
}

void TaskReader::ReadBackoff(const Place& place, syntax::Retry& retry) {
  using Backoff = RetryPolicy::Backoff;
  if (!reader_.IsMapping(place, "`backoff`", "write backoff: {exponential: {}}")) return;
  if (place.node.members().empty()) {
    reader_.Add(Code::kEmpty, place, "`backoff` is empty", "write backoff: {exponential: {}}");
    return;
  }
  reader_.CheckKeys(place, "backoff");
  if (place.node.members().size() > 1) return;
  const std::string_view kind = place.node.members().front().key;
  retry.backoff = kind == "linear"        ? Backoff::kLinear
                  : kind == "exponential" ? Backoff::kExponential
                                          : Backoff::kConstant;
  const Field shape = Reader::Member(place, kind);
  if (shape->node.IsNull() || (kind != "constant" && kind != "linear" && kind != "exponential")) return;
  if (!reader_.IsMapping(*shape, fmt::format("`{}`", kind))) return;
  reader_.CheckKeys(*shape, fmt::format("backoff.{}", kind));
  if (const Field factor = Reader::Member(*shape, "factor"); factor && kind == "exponential") {
    retry.factor = reader_.Number(*factor, "`factor`", 1, 1000).value_or(2);
  }
  if (const Field increment = Reader::Member(*shape, "increment"); increment && kind == "linear") {
    retry.increment_us = reader_.DurationLiteral(*increment, "`increment`").value_or(0);
  }
  if (const Field max = Reader::Member(*shape, "max"); max && kind != "constant") {
    retry.delay_max_us = reader_.DurationLiteral(*max, "`max`").value_or(0);
  }
}

void TaskReader::ReadLimit(const Place& place, syntax::Retry& retry) {
  if (!reader_.IsMapping(place, "`limit`", "write limit: {attempt: {count: 5}}")) return;
  reader_.CheckKeys(place, "limit");
  if (const Field attempt = Reader::Member(place, "attempt");
      attempt && reader_.IsMapping(*attempt, "`attempt`")) {
    reader_.CheckKeys(*attempt, "limit.attempt");
    if (const Field count = Reader::Member(*attempt, "count")) {
      const auto number = reader_.Integer(*count, "`count`", 0, std::numeric_limits<std::uint32_t>::max());
      if (number) retry.count = static_cast<std::uint32_t>(*number);
    }
    if (const Field duration = Reader::Member(*attempt, "duration")) {
      retry.attempt_us = reader_.DurationLiteral(*duration, "`limit.attempt.duration`");
    }
  }
  if (const Field duration = Reader::Member(place, "duration")) {
    retry.total_us = reader_.DurationLiteral(*duration, "`limit.duration`");
  }
}

void TaskReader::ReadRaise(const Place& value, syntax::Task& task) {
  if (!reader_.IsMapping(value, "`raise`", "write raise: {error: {type: ..., status: ...}}")) return;
  reader_.CheckKeys(value, "raise");
  const Field error = Reader::Member(value, "error");
  if (!error) return;
  if (error->node.IsScalar() && error->node.value().IsString()) {
    const std::string_view name = error->node.text();
    if (ScanText(name).kind != TextKind::kLiteral) {
      reader_.Add(Code::kWrongType, *error,
                  "`error` must be a name under `use.errors` or an error; it cannot be computed",
                  "compute its parts: {type: '${ $error.type }', status: 500}");
      return;
    }
    const Place* named = definitions_.Resolve(reader_, "errors", *error);
    if (named != nullptr && Error(*named)) task.value = *named;
    return;
  }
  if (Error(*error)) task.value = error;
}

bool TaskReader::Error(const Place& place) {
  if (!reader_.IsMapping(place, "an error", "write {type: ..., status: ...}")) return false;
  const std::size_t errors = reader_.diagnostics().errors();
  reader_.CheckKeys(place, "error");
  for (std::string_view key : {"type", "title", "detail"}) {
    const Field field = Reader::Member(place, key);
    if (!field) continue;
    const auto text = reader_.Text(*field, fmt::format("`{}`", key));
    if (text && key == "type" && ScanText(*text).kind == TextKind::kLiteral) CheckErrorType(reader_, *field);
  }
  if (const Field status = Reader::Member(place, "status")) {
    const bool computed =
        status->node.value().IsString() && ScanText(status->node.text()).kind == TextKind::kWhole;
    if (!computed) reader_.Integer(*status, "`status`", 100, 599);
  }
  if (const Field instance = Reader::Member(place, "instance")) {
    reader_.Add(Code::kIgnoredKey, *instance, "`instance` is set by the runtime, to the task that raises",
                "leave it out");
  }
  return reader_.diagnostics().errors() == errors;
}

}  // namespace elevaite::dsl
