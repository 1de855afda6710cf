// The fields that every task may have: the part of TaskReader about data flow, timeouts, variables and
// `then`.
#include <fmt/format.h>

#include "dsl/duration.h"
#include "dsl/expression.h"
#include "dsl/shape.h"
#include "dsl/suggest.h"
#include "dsl/task_reader.h"

namespace elevaite::dsl {

using syntax::Field;
using syntax::Place;

void TaskReader::ReadCommon(const Place& place, syntax::Task& task) {
  task.condition = ReadExpression(place, "if");
  task.input = ReadShape(place, "input");
  task.output = ReadShape(place, "output");
  task.export_ = ReadShape(place, "export");
  task.timeout = ReadTimeout(place);
  task.then = ReadFlow(place);
  const Field metadata = Reader::Member(place, "metadata");
  if (metadata && reader_.IsMapping(*metadata, "`metadata`")) ReadBounds(*metadata, task);
}

syntax::Shape TaskReader::ReadShape(const Place& owner, std::string_view key) {
  const Field field = Reader::Member(owner, key);
  if (!field) return {};
  const std::string_view member = key == "input" ? "from" : "as";
  const std::string what = fmt::format("`{}`", key);
  std::string hint = fmt::format("write {}: {{{}: ...}}", key, member);
  if (field->node.IsScalar() && field->node.value().IsString()) {
    hint = fmt::format("write {}: {{{}: '{}'}}", key, member, Excerpt(field->node.text()));
  }
  if (!reader_.IsMapping(*field, what, hint)) return {};
  reader_.CheckKeys(*field, key);
  syntax::Shape shape{.value = Reader::Member(*field, member), .schema = Reader::Member(*field, "schema")};
  if (shape.schema && !IsSchema(*shape.schema)) shape.schema.reset();
  if (!shape.value || shape.value->node.IsMapping() || shape.value->node.value().IsString()) return shape;
  const yaml::Node& node = shape.value->node;
  reader_.Add(
      Code::kWrongType, *shape.value,
      fmt::format("`{}` must be an expression or a mapping, not {}", member, DescribeValue(node)),
      node.IsScalar() && !node.IsNull() ? fmt::format("write '${{ {} }}'", Excerpt(node.text())) : "");
  shape.value.reset();
  return shape;
}

bool TaskReader::IsSchema(const Place& place) {
  if (!ShapeChecker(reader_, definitions_).Check(place, vocabulary::Get("schema"))) return false;
  const Field format = Reader::Member(place, "format");
  if (!format) return true;
  const std::string_view text = format->node.text();
  if (text.substr(0, text.find(':')) == "json") return true;
  reader_.Unsupported(*format, fmt::format("the schema format {}", Quote(text)),
                      "write a JSON Schema: format: json");
  return false;
}

Field TaskReader::ReadTimeout(const Place& owner) {
  const Field timeout = Reader::Member(owner, "timeout");
  if (!timeout) return std::nullopt;
  if (!timeout->node.IsScalar() || !timeout->node.value().IsString()) return Timeout(*timeout);
  const bool is_duration = ParseDuration(timeout->node.value()).has_value() ||
                           ScanText(timeout->node.text()).kind != TextKind::kLiteral;
  if (is_duration && !definitions_.Of("timeouts").contains(timeout->node.text())) {
    reader_.Add(Code::kWrongType, *timeout,
                "`timeout` must be a mapping or a name under `use.timeouts`, not a duration",
                fmt::format("write timeout: {{after: '{}'}}", Excerpt(timeout->node.text())));
    return std::nullopt;
  }
  const Place* named = definitions_.Resolve(reader_, "timeouts", *timeout);
  return named != nullptr ? Timeout(*named) : std::nullopt;
}

Field TaskReader::Timeout(const Place& place) {
  if (!reader_.IsMapping(place, "`timeout`", "write timeout: {after: PT30S}")) return std::nullopt;
  reader_.CheckKeys(place, "timeout");
  Field after = Reader::Member(place, "after");
  return after && reader_.IsDuration(*after, "`after`") ? after : std::nullopt;
}

std::optional<syntax::Flow> TaskReader::ReadFlow(const Place& mapping) {
  const Field then = Reader::Member(mapping, "then");
  if (!then) return std::nullopt;
  const auto text =
      reader_.Text(*then, "`then`", "name a task of the same list, or write continue, exit or end");
  if (!text) return std::nullopt;
  return syntax::Flow{*text, *then};
}

Field TaskReader::ReadExpression(const Place& mapping, std::string_view key) {
  Field field = Reader::Member(mapping, key);
  if (!field) return std::nullopt;
  if (field->node.IsScalar() && field->node.value().IsString()) return field;
  const bool has_text = field->node.IsScalar() && !field->node.IsNull();
  reader_.Add(Code::kWrongType, *field,
              fmt::format("`{}` must be an expression, not {}", key, DescribeValue(field->node)),
              has_text ? fmt::format("write '${{ {} }}'", Excerpt(field->node.text())) : "");
  return std::nullopt;
}

std::string TaskReader::ReadVariable(const Place& mapping, std::string_view key, std::string_view otherwise) {
  const Field field = Reader::Member(mapping, key);
  if (!field) return std::string(otherwise);
  auto name = reader_.Text(*field, fmt::format("`{}`", key));
  if (!name) return std::string(otherwise);
  std::string_view bare = *name;
  if (bare.starts_with('$')) bare.remove_prefix(1);
  if (!IsVariableName(*name)) {
    reader_.Add(Code::kVariableName, *field, fmt::format("{} is no name for a variable", Quote(*name)),
                IsVariableName(bare) ? fmt::format("write it without the dollar: {}", bare)
                                     : "use letters, digits and _, and begin with a letter");
    return IsVariableName(bare) ? std::string(bare) : std::string(otherwise);
  }
  if (IsLanguageVariable(*name)) {
    reader_.Add(Code::kVariableName, *field, fmt::format("${} is a variable of the language", *name),
                "choose another name");
    return std::string(otherwise);
  }
  return *name;
}

void TaskReader::ReadVariables(const Place& mapping, std::string_view item, std::string& each,
                               std::string& at) {
  each = ReadVariable(mapping, item, "item");
  at = ReadVariable(mapping, "at", "index");
  if (each != at) return;
  reader_.Add(Code::kVariableName, *Reader::Member(mapping, mapping.node.Find("at") != nullptr ? "at" : item),
              fmt::format("the item and its index have the same name {}", Quote(each)),
              "choose another name");
}

}  // namespace elevaite::dsl
