// Calls, processes and functions: the part of Lowering about what tasks ask of the outside, and as whom.
#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "dsl/arguments.h"
#include "dsl/lowering.h"
#include "dsl/reader.h"

namespace elevaite::dsl {
namespace {

constexpr std::size_t kFunctionDepthMax = 64;

// As it stands in an Authorization header.
std::string_view SchemeOf(const syntax::Place& policy) {
  static constexpr std::pair<std::string_view, std::string_view> kSchemes[] = {{"basic", "Basic"},
                                                                               {"bearer", "Bearer"},
                                                                               {"digest", "Digest"},
                                                                               {"oauth2", "Bearer"},
                                                                               {"oidc", "Bearer"}};
  for (const auto& [key, scheme] : kSchemes) {
    if (policy.node.Find(key) != nullptr) return scheme;
  }
  return "";
}

// A description of the service that is fetched with a policy of its own.
bool IsOfDescription(const syntax::Place& authentication) {
  return authentication.pointer.find("/with/document/") != std::string::npos ||
         authentication.pointer.find("/with/proto/") != std::string::npos;
}

}  // namespace

bool Lowering::IsFunction(const syntax::Task& source) const {
  if (source.kind != TaskKind::kCall) return false;
  const Callee callee = CalleeOf(source, source_->workflow, functions_);
  return callee == Callee::kDocument ||
         (callee == Callee::kRemote && remote_.Resolve(source.function).function != nullptr);
}

CallTask Lowering::Call(const syntax::Task& source) {
  const Callee callee = CalleeOf(source, source_->workflow, functions_);
  if (callee == Callee::kStandard && source.value) {
    subscriber_ = &source;
    authorization_scheme_.clear();
    Template arguments = ObjectOf(*source.value, vocabulary::ArgumentsOf(source.function));
    return {source.function, std::move(arguments), std::move(authorization_scheme_)};
  }
  const FunctionInfo* info = callee == Callee::kRemote ? remote_.Resolve(source.function).connector
                                                       : functions_.Find(source.function);
  const bool is_written_down = info && info->input["x-written-down"] == Json(true);
  Template arguments = source.value ? Value(source.value, is_written_down ? Site::kBody : Site::kArguments)
                                    : Template::Literal(Json::EmptyObject());
  if (info && info->input["properties"].IsObject()) {
    for (const auto& [name, schema] : info->input["properties"].AsObject()) {
      if (schema["format"] == Json("uri-template")) arguments = arguments.WithUriTemplateAt(name.AsString());
    }
  }
  return {info != nullptr ? info->name : source.function, std::move(arguments)};
}

// What the arguments give is the input of the function's task, and written down with it: no place for
// secrets.
FunctionTask Lowering::Function(const syntax::Task& source, TaskIndex index) {
  FunctionTask out{.arguments = source.value ? Value(source.value) : Template::Literal(Json::EmptyObject())};
  if (is_checking_) return out;
  const auto function = source_->workflow.functions.find(source.function);
  const bool is_own = function != source_->workflow.functions.end();
  const std::string_view name =
      is_own ? std::string_view(function->first) : std::string_view(source.function);
  const bool calls_itself = std::ranges::find(active_functions_, name) != active_functions_.end();
  if (calls_itself || !MayGrow(source)) return out;
  if (active_functions_.size() >= kFunctionDepthMax) {
    SayOfCall(Code::kTooComplex, source,
              fmt::format("functions call functions more than {} deep", kFunctionDepthMax),
              "move parts into workflows of their own, called with `run`");
    return out;
  }
  auto locals = std::exchange(locals_, {});
  active_functions_.push_back(name);
  if (is_own) {
    const Targets none;
    out.tasks.push_back(LowerTask(function->second, {.parent = index, .targets = &none}));
  } else {
    LowerFetched(*remote_.Resolve(source.function).function, source, index, out);
  }
  active_functions_.pop_back();
  locals_ = std::move(locals);
  return out;
}

// What is wrong in a fetched function has been said when it was read. It has no secrets: it is not the
// author's.
void Lowering::LowerFetched(const RemoteFunctions::Function& function, const syntax::Task& call,
                            TaskIndex index, FunctionTask& out) {
  Diagnostics said;
  ExpressionCompiler expressions(function.document, function.workflow.secrets, false, said);
  const Source fetched{function.workflow, expressions, said, function.uri + "#",
                       source_->call != nullptr ? source_->call : &call};
  const Source* caller = std::exchange(source_, &fetched);
  const Targets none;
  out.tasks.push_back(LowerTask(function.workflow.tasks.front(), {.parent = index, .targets = &none}));
  source_ = caller;
}

decltype(Task::body) Lowering::RunProcess(const syntax::Task& source) {
  if (!source.run) return SetTask{Template::Literal(Json())};
  const syntax::Run& run = *source.run;
  if (run.process != "workflow") {
    auto members = MembersOf(run.definition, vocabulary::Get("run." + run.process));
    members.emplace_back("await", Template::Literal(Json(run.await)));
    members.emplace_back("return", Template::Literal(Json(run.result)));
    return CallTask{"run." + run.process, Template::Object(std::move(members))};
  }
  const auto text = [&](std::string_view key) {
    const Field field = Reader::Member(run.definition, key);
    return field ? std::string(field->node.text()) : std::string();
  };
  const std::string version = text("version");
  const Field input = Reader::Member(run.definition, "input");
  return RunTask{.name_space = text("namespace"),
                 .name = text("name"),
                 .version = version == "latest" ? "" : version,
                 .input = Value(input),
                 .has_input = input.has_value(),
                 .await = run.await};
}

// A value that is as the vocabulary says: URI templates, credentials and subscriptions have a form of their
// own.
std::vector<std::pair<std::string, Template>> Lowering::MembersOf(const Place& place,
                                                                  const vocabulary::Object& object) {
  std::vector<std::pair<std::string, Template>> members;
  for (const yaml::Member& member : place.node.members()) {
    const Place inner{member.value, Child(place.pointer, member.key), member.key_range};
    const vocabulary::Key* key = object.Find(member.key);
    members.emplace_back(member.key, key != nullptr
                                         ? MemberOf(inner, key->value)
                                         : source_->expressions.Value(inner, At(Site::kArguments)));
  }
  return members;
}

Template Lowering::ObjectOf(const Place& place, const vocabulary::Object& object) {
  return Template::Object(MembersOf(place, object));
}

Template Lowering::MemberOf(const Place& place, const vocabulary::Value& value) {
  if (value.Is(vocabulary::kObject) && place.node.IsMapping()) {
    if (value.object == "authentication") return Template::Secret(Authentication(place));
    if (value.object == "with.asyncapi.subscription") return Subscription(place, subscriber_);
    const vocabulary::Object& object = vocabulary::Get(value.object);
    const yaml::Member* secret = object.instead.empty() ? nullptr : place.node.Find(object.instead);
    return secret != nullptr ? SecretNamed(secret->value.text()) : ObjectOf(place, object);
  }
  if (place.node.IsScalar() && place.node.value().IsString()) {
    const TextKind kind = ScanText(place.node.text()).kind;
    const bool is_word = value.Is(vocabulary::kEnum) && kind == TextKind::kLiteral;
    const bool is_code = value.Is(vocabulary::kCode) && kind != TextKind::kWhole;
    if (is_word || is_code) return Template::Literal(place.node.value());
  }
  Template out = source_->expressions.Value(place, At(Site::kArguments));
  const Json* literal = out.literal();
  const bool is_template = value.Is(vocabulary::kUri) && literal != nullptr && literal->IsString() &&
                           literal->AsString().find('{') != std::string_view::npos;
  return is_template ? Template::UriTemplate(std::string(literal->AsString())) : out;
}

// `{use: name}` is what stands under that name.
Template Lowering::Authentication(const Place& place) {
  const yaml::Member* use = place.node.Find("use");
  const auto named = use == nullptr ? source_->workflow.authentications.end()
                                    : source_->workflow.authentications.find(use->value.text());
  if (use != nullptr && named == source_->workflow.authentications.end()) return Template::Literal(Json());
  const Place& policy = use == nullptr ? place : named->second;
  if (!IsOfDescription(place)) authorization_scheme_ = SchemeOf(policy);
  return ObjectOf(policy, vocabulary::Get(use == nullptr ? "authentication" : "policy"));
}

Template Lowering::SecretNamed(std::string_view name) {
  auto program = jq::Program::Compile("$secrets[" + Json(name).Dump() + "]", {.variables = {"secrets"}});
  return program ? Template::Computed(Expression(*std::move(program))) : Template::Literal(Json());
}

// Its expressions and tasks belong to the messages, not to the call: they are checked here and handed on as
// written.
Template Lowering::Subscription(const Place& place, const syntax::Task* task) {
  const Field consume = Reader::Member(place, "consume");
  Condition(Reader::Member(place, "filter"), Site::kCondition);
  for (std::string_view key : {"while", "until"}) {
    if (consume && consume->node.IsMapping()) Condition(Reader::Member(*consume, key), Site::kCondition);
  }
  if (task != nullptr && task->iterator) {
    const auto kept = std::exchange(program_, std::make_shared<Program>());
    locals_.push_back(task->iterator->item);
    locals_.push_back(task->iterator->at);
    List(task->tasks, kNoTask);
    Shape(task->iterator->output.value, Site::kTaskOutput);
    Shape(task->iterator->export_.value, Site::kTaskExport);
    locals_.resize(locals_.size() - 2);
    program_ = kept;
  }
  return Template::Literal(place.node.value());
}

}  // namespace elevaite::dsl
