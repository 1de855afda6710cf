#include <fmt/format.h>

#include <algorithm>

#include "dsl/schema/schema.h"
#include "foundation/json_pointer.h"
#include "services/workflow/people/question.h"

namespace elevaite::people {
namespace {

bool IsFile(const Json& field) { return field["format"] == Json("file"); }

Result<schema::Schema> Compiled(const Json& form) {
  auto compiled = schema::Schema::Compile(
      form, {.assert_formats = true, .schemas_max = 5 * Question::kFieldsMax, .depth_max = 32});
  if (compiled) return *std::move(compiled);
  return Fail(ErrorCode::kInvalidArgument,
              fmt::format("`form{}`: {}", compiled.error().pointer, compiled.error().message));
}

Json WithDefaults(const Json& form, Json values) {
  if (!values.IsObject() || !form["properties"].IsObject()) return values;
  for (const auto& [name, field] : form["properties"].AsObject()) {
    const Json* otherwise = field.Find("default");
    if (otherwise && values.Find(name.AsString()) == nullptr)
      values = Json::WithMember(std::move(values), name, *otherwise);
  }
  return values;
}

// Of a violation, without the place, which is told beside it.
std::string MessageOf(const schema::Violation& violation) {
  const std::string place = "`" + violation.instance_pointer + "` ";
  return violation.message.starts_with(place) ? violation.message.substr(place.size()) : violation.message;
}

// A member that is missing is told at its own place, not at that of its parent.
void CheckRequired(const Json& form, const Json& values, std::vector<FieldError>& errors) {
  if (!form["required"].IsArray()) return;
  for (const Json& name : form["required"].AsArray()) {
    if (values.Find(name.StringOr("")) != nullptr) continue;
    std::string place = "/values";
    AppendToken(place, name.StringOr(""));
    errors.push_back({std::move(place), "this field is required"});
  }
}

void CheckValues(const Json& form, const Json& values, std::vector<FieldError>& errors) {
  if (!values.IsObject()) {
    errors.push_back(
        {"/values", "the values of the form are missing: an object with a member for each field"});
    return;
  }
  if (values.MemoryBytes(16 * Answer::kValuesBytesMax) >= 16 * Answer::kValuesBytesMax ||
      values.Dump().size() > Answer::kValuesBytesMax) {
    errors.push_back({"/values", fmt::format("they are larger than {} KiB", Answer::kValuesBytesMax >> 10U)});
    return;
  }
  const auto schema = Compiled(form);
  if (!schema) {
    errors.push_back({"/values", schema.error().message});
    return;
  }
  CheckRequired(form, values, errors);
  for (const schema::Violation& violation : schema->Validate(values, {.violations_max = 50})) {
    if (violation.instance_pointer.empty() && violation.schema_pointer == "/required") continue;
    errors.push_back({"/values" + violation.instance_pointer, MessageOf(violation)});
  }
}

}  // namespace

Result<void> CheckForm(const Json& form) {
  const auto refuse = [](std::string why) { return Fail(ErrorCode::kInvalidArgument, std::move(why)); };
  if (!form.IsObject()) return refuse("`form`: it must be a JSON Schema, an object");
  if (form["type"] != Json("object") || !form["properties"].IsObject())
    return refuse("`form`: it must be of `type: object`, with `properties`");
  if (form["properties"].Size() > Question::kFieldsMax)
    return refuse(fmt::format("`form/properties`: there are more than {} fields", Question::kFieldsMax));
  RETURN_IF_ERROR(Compiled(form));
  return {};
}

std::vector<FileField> FileFields(const Json& form) {
  std::vector<FileField> fields;
  if (!form["properties"].IsObject()) return fields;
  for (const auto& [name, field] : form["properties"].AsObject()) {
    const bool is_list = field["type"] == Json("array");
    const Json& one = is_list ? field["items"] : field;
    if (!IsFile(one)) continue;
    FileField file{.name = std::string(name.AsString()), .is_list = is_list};
    if (one["accept"].IsArray())
      for (const Json& type : one["accept"].AsArray()) file.accept.emplace_back(type.StringOr(""));
    fields.push_back(std::move(file));
  }
  return fields;
}

std::vector<FieldError> CheckAnswer(const Question& question, Answer& answer) {
  std::vector<FieldError> errors;
  if (!IsName(answer.by))
    errors.push_back(
        {"/by", "who answers is missing: a name of at most 200 bytes, without control characters"});
  const Decision* decision = question.FindDecision(answer.decision);
  if (decision == nullptr) {
    std::string ids;
    for (const Decision& one : question.decisions) ids += (ids.empty() ? "" : ", ") + one.id;
    errors.push_back({"/decision", "it is none of " + ids});
    return errors;
  }
  const bool has_comment = answer.comment.find_first_not_of(" \t\r\n") != std::string::npos;
  if (answer.comment.size() > Answer::kCommentBytesMax)
    errors.push_back({"/comment", fmt::format("it is longer than {} bytes", Answer::kCommentBytesMax)});
  if (decision->comment == Decision::Comment::kRequired && !has_comment)
    errors.push_back({"/comment", "this decision needs a reason"});
  if (decision->comment == Decision::Comment::kNone && has_comment)
    errors.push_back({"/comment", "this decision takes no comment"});
  if (question.form.IsNull() || !decision->takes_form) {
    answer.values = Json();
    return errors;
  }
  answer.values = WithDefaults(question.form, std::move(answer.values));
  CheckValues(question.form, answer.values, errors);
  return errors;
}

}  // namespace elevaite::people
