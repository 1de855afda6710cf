// `call` and the arguments of the standard calls: the part of TaskReader about what tasks ask of the outside.
#include <fmt/format.h>

#include <algorithm>
#include <memory>

#include "dsl/expression.h"
#include "dsl/shape.h"
#include "dsl/task_reader.h"

namespace elevaite::dsl {

using syntax::Field;
using syntax::Place;

namespace {

// "Authorization", "authorization"
bool IsAuthorization(std::string_view header) {
  constexpr std::string_view kName = "authorization";
  return std::ranges::equal(header, kName,
                            [](char a, char b) { return (a >= 'A' && a <= 'Z' ? a + 32 : a) == b; });
}

void CheckAuthorizationHeader(Reader& reader, const Place& headers) {
  for (const yaml::Member& member : headers.node.members()) {
    const yaml::Node& value = member.value;
    const bool is_literal = value.value().IsString() && ScanText(value.text()).kind == TextKind::kLiteral;
    if (!IsAuthorization(member.key) || !is_literal) continue;
    reader.Add(Code::kLiteralSecret, {value, Child(headers.pointer, member.key), member.key_range},
               "a credential is written down in a header",
               "keep it in a secret and write endpoint: {uri: ..., authentication: {bearer: {use: <name>}}}");
  }
}

}  // namespace

void TaskReader::ReadCall(const Place& task_place, const Place& value, syntax::Task& task) {
  if (const auto name =
          reader_.Text(value, "`call`", "name the function: `call: http`, and its arguments in `with`")) {
    if (name->empty()) {
      reader_.Add(Code::kEmpty, value, "`call` names no function", "name it: `call: http`");
    } else if (ScanText(*name).kind != TextKind::kLiteral) {
      reader_.Add(Code::kWrongType, value, "`call` must be a name; it cannot be computed",
                  "choose between calls with `switch`");
    } else {
      task.function = *name;
      task.function_place = value;
    }
  }
  const Field with = Reader::Member(task_place, "with");
  if (with && !with->node.IsNull()) {
    if (!reader_.IsMapping(*with, "`with`", "write the arguments as a mapping")) return;
    task.value = with;
  }
  const auto standard = vocabulary::StandardCalls();
  if (std::ranges::find(standard, task.function) != standard.end()) ReadStandardCall(value, task);
}

void TaskReader::ReadStandardCall(const Place& value, syntax::Task& task) {
  const vocabulary::Object& arguments = vocabulary::ArgumentsOf(task.function);
  if (!task.value) {
    const auto first = std::ranges::find(arguments.keys, true, &vocabulary::Key::required);
    reader_.Add(Code::kMissingArgument, value,
                fmt::format("`{}` needs the argument `{}`", task.function, first->name),
                fmt::format("add `with: {{{}: {}}}`", first->name, first->example));
    return;
  }
  const bool fine = ShapeChecker(reader_, definitions_, task.function).Check(*task.value, arguments);
  if (task.function == "a2a" && fine && task.value->node.Find("agentCard") == nullptr &&
      task.value->node.Find("server") == nullptr) {
    reader_.Add(Code::kMissingArgument, *task.value, "`a2a` needs `agentCard` or `server`",
                "add `server: https://example.com/a2a`");
  }
  if (const Field headers = Reader::Member(*task.value, "headers"))
    CheckAuthorizationHeader(reader_, *headers);
  if (task.function == vocabulary::kSaga) return ReadSaga(*task.value, task);
  const Field subscription =
      task.function == "asyncapi" ? Reader::Member(*task.value, "subscription") : std::nullopt;
  if (!subscription || !subscription->node.IsMapping()) return;
  if (const Field each = Reader::Member(*subscription, "foreach")) ReadIterator(*each, task);
}

}  // namespace elevaite::dsl
