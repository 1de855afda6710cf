// TaskReader: the tasks of a document, one function a kind. Part of Validate. Its functions stand in
// task_reader.cc (lists, kinds, control flow), field_reader.cc (what every task may have), bounds_reader.cc,
// saga_reader.cc, try_reader.cc (faults), call_reader.cc, event_reader.cc and run_reader.cc.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "dsl/definitions.h"
#include "dsl/parse.h"
#include "dsl/reader.h"
#include "dsl/syntax.h"

namespace elevaite::dsl {

class TaskReader {
 public:
  using Place = syntax::Place;

  TaskReader(Reader& reader, const Definitions& definitions, const Limits& limits)
      : reader_(reader), definitions_(definitions), limits_(limits) {}

  // `what` names the list in messages: "`do`", "`catch.do`".
  std::vector<syntax::Task> List(const Place& place, std::string_view what);
  // One task, without a list around it: a function.
  syntax::Task One(const Place& place, std::string name);
  // A retry policy, inline or under use.retries.
  std::optional<syntax::Retry> Retry(const Place& place);
  // An error of `raise` or use.errors: {type, status, title, detail}.
  bool Error(const Place& place);
  // The `retry` of a mapping, inline or by name; null: none.
  std::shared_ptr<const syntax::Retry> ReadRetry(const Place& owner);
  // A timeout, inline or under use.timeouts: its `after`.
  syntax::Field Timeout(const Place& place);
  // Of a task or the workflow: `timeout`, inline or by name; `input`, `output` or `export`.
  syntax::Field ReadTimeout(const Place& owner);
  syntax::Shape ReadShape(const Place& owner, std::string_view key);
  // The strategy of `listen` or `schedule.on`, whose shape has been checked. nullopt: it has errors.
  std::optional<syntax::EventStrategy> Strategy(const Place& place);
  EventRead ReadMode(const Place& owner);
  // A field typed as expression: a text.
  syntax::Field ReadExpression(const Place& mapping, std::string_view key);

  std::size_t count() const { return count_; }

 private:
  void ReadNamed(const Place& place, syntax::Task& task);
  void ReadTask(const Place& place, syntax::Task& task);
  void ReadCommon(const Place& place, syntax::Task& task);
  void ReadKind(const Place& place, syntax::Task& task);
  void ReadBounds(const Place& metadata, syntax::Task& task);
  void ReadTimeouts(const Place& timeouts, syntax::Bounds& bounds);
  void CheckBounds(const syntax::Task& task);
  bool IsBoundable(const syntax::Task& task) const;
  void UnknownKind(const Place& place, const syntax::Task& task);
  bool OldSyntax(const Place& place);

  void ReadSet(const Place& value, syntax::Task& task);
  void ReadSwitch(const Place& value, syntax::Task& task);
  void ReadFor(const Place& task_place, const Place& value, syntax::Task& task);
  void ReadFork(const Place& value, syntax::Task& task);
  void ReadTry(const Place& task_place, const Place& value, syntax::Task& task);
  void ReadCatch(const Place& place, syntax::Task& task);
  std::shared_ptr<const syntax::Retry> SharedRetry(const Place& place);
  void ReadErrorFilter(const Place& place, syntax::Task& task);
  void ReadRaise(const Place& value, syntax::Task& task);
  void ReadBackoff(const Place& place, syntax::Retry& retry);
  void ReadLimit(const Place& place, syntax::Retry& retry);
  void ReadCall(const Place& task_place, const Place& value, syntax::Task& task);
  void ReadStandardCall(const Place& value, syntax::Task& task);
  void ReadSaga(const Place& with, syntax::Task& task);
  void ReadEmit(const Place& value, syntax::Task& task);
  void ReadListen(const Place& task_place, const Place& value, syntax::Task& task);
  void ReadIterator(const Place& place, syntax::Task& task);
  void ReadUntil(const Place& place, syntax::EventStrategy& strategy);
  std::optional<syntax::EventFilter> Filter(const Place& place);
  void ReadRun(const Place& value, syntax::Task& task);

  std::optional<syntax::Flow> ReadFlow(const Place& mapping);
  bool IsSchema(const Place& place);
  std::string ReadVariable(const Place& mapping, std::string_view key, std::string_view otherwise);
  // The two variables of a loop; the same name for both is refused.
  void ReadVariables(const Place& mapping, std::string_view item, std::string& each, std::string& at);

  Reader& reader_;
  const Definitions& definitions_;
  const Limits& limits_;
  std::size_t count_ = 0;
};

}  // namespace elevaite::dsl
