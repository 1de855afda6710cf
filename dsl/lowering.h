// Lowering: the work of Lower, shared by lower.cc (lists, tasks, data flow), lower_control.cc (loops,
// switches, faults), lower_calls.cc (calls, processes, functions, authentication) and lower_events.cc
// (events, schedules). Private to them.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "dsl/diagnostic.h"
#include "dsl/document.h"
#include "dsl/expression.h"
#include "dsl/flow.h"
#include "dsl/functions.h"
#include "dsl/parse.h"
#include "dsl/program.h"
#include "dsl/remote.h"
#include "dsl/syntax.h"
#include "dsl/vocabulary.h"

namespace elevaite::dsl {

class Lowering {
 public:
  Lowering(const Document& document, const syntax::Workflow& workflow, const FunctionCatalog& functions,
           RemoteFunctions& remote, const Limits& limits, Diagnostics& diagnostics);
  std::shared_ptr<const Program> Run();
  // Looks at every expression once; nothing is written out.
  void Check();

 private:
  using Field = syntax::Field;
  using Place = syntax::Place;

  // The document at hand: the workflow's own, or a fetched function's.
  struct Source {
    const syntax::Workflow& workflow;
    ExpressionCompiler& expressions;
    Diagnostics& diagnostics;
    std::string prefix;                  // of the references of its tasks: "https://...#"
    const syntax::Task* call = nullptr;  // where it was called; its place is that of the function's tasks
  };
  // Where a task stands.
  struct Spot {
    TaskIndex parent = kNoTask;
    std::uint32_t position = 0;
    const Targets* targets = nullptr;   // what its `then` may name
    std::uint32_t list_size = 0;        // 0: it stands alone, as a branch or a function
    std::size_t extensions_passed = 0;  // those that are around it already, or do not apply
    bool is_wrapped = false;
  };

  // lower.cc
  void CheckDefinitions();
  TaskList List(const std::vector<syntax::Task>& tasks, TaskIndex parent, bool are_branches = false);
  TaskIndex LowerTask(const syntax::Task& source, const Spot& spot);
  TaskIndex AddTask(const syntax::Task& source, const Spot& spot, TaskKind kind);
  decltype(Task::body) Body(const syntax::Task& source, TaskIndex index, const Spot& spot);
  bool MayGrow(const syntax::Task& source);
  void SayOfCall(Code code, const syntax::Task& call, std::string message, std::string hint);
  Flow Resolve(const std::optional<syntax::Flow>& flow, const Spot& spot) const;
  std::optional<Expression> Condition(const Field& field, Site site);
  std::optional<Template> Shape(const Field& field, Site site);
  Template Value(const Field& field, Site site = Site::kBody);
  Duration DurationOf(const Field& field, Site site = Site::kBody);
  CallBounds Bounds(const syntax::Bounds& source);
  VariableScope At(Site site) const { return {site, &locals_}; }

  void Say(Code code, const Place& place, std::string message, std::string hint = {});

  // lower_schemas.cc
  SchemaPtr Schema(const Field& field);
  std::shared_ptr<const schema::Schema> CompileSchema(const Place& place, const Json& document,
                                                      const std::string& uri);
  std::shared_ptr<const schema::Schema> PublishedSchema(const Place& resource);
  std::optional<Json> SchemaText(const Place& where, const std::string& uri);

  // lower_extensions.cc
  std::optional<std::size_t> NextExtension(const syntax::Task& source, std::size_t from) const;
  void InExtension(const std::function<void()>& lower);
  TaskIndex LowerExtended(const syntax::Task& source, const Spot& spot, std::size_t extension);

  // lower_control.cc
  static Flow Carried(Flow flow, const Spot& spot);
  SwitchTask Switch(const syntax::Task& source, const Spot& spot);
  ForTask For(const syntax::Task& source, TaskIndex index);
  TryTask Try(const syntax::Task& source, TaskIndex index, const Spot& spot);
  RetryPolicy Retry(const syntax::Retry& source);
  Template Error(const Field& field);

  // lower_calls.cc
  bool IsFunction(const syntax::Task& source) const;
  CallTask Call(const syntax::Task& source);
  FunctionTask Function(const syntax::Task& source, TaskIndex index);
  void LowerFetched(const RemoteFunctions::Function& function, const syntax::Task& call, TaskIndex index,
                    FunctionTask& out);
  decltype(Task::body) RunProcess(const syntax::Task& source);
  std::vector<std::pair<std::string, Template>> MembersOf(const Place& place,
                                                          const vocabulary::Object& object);
  Template ObjectOf(const Place& place, const vocabulary::Object& object);
  Template MemberOf(const Place& place, const vocabulary::Value& value);
  Template Authentication(const Place& place);
  Template SecretNamed(std::string_view name);
  Template Subscription(const Place& place, const syntax::Task* task);

  // lower_events.cc
  EmitTask Emit(const syntax::Task& source);
  ListenTask Listen(const syntax::Task& source, TaskIndex index);
  EventStrategy Strategy(const syntax::EventStrategy& source, Site site);
  EventFilter Filter(const syntax::EventFilter& source, Site site);
  std::optional<AttributeFilter> Attribute(const Place& place, std::string_view name, Site site);
  dsl::Schedule Schedule(const syntax::Schedule& source);

  const syntax::Workflow& workflow_;
  const FunctionCatalog& functions_;
  RemoteFunctions& remote_;
  const Limits& limits_;
  Diagnostics& diagnostics_;
  ExpressionCompiler own_expressions_;
  Source own_source_;
  const Source* source_ = &own_source_;
  std::map<std::string, std::shared_ptr<const schema::Schema>> schemas_;  // by the place of their definition
  std::vector<std::string> locals_;  // variables of the loops and catches around
  std::vector<std::string_view> active_functions_;
  std::string authorization_scheme_;          // of the call that is being lowered
  const syntax::Task* subscriber_ = nullptr;  // the asyncapi call at hand
  bool in_extension_ = false;
  bool has_overgrown_ = false;
  bool is_checking_ = false;  // functions and extensions are not written out
  std::shared_ptr<Program> program_ = std::make_shared<Program>();
};

}  // namespace elevaite::dsl
