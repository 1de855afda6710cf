// TaskReader: the tasks of a document, one function a kind. Part of Validate.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "dsl/parse.h"
#include "dsl/reader.h"
#include "dsl/syntax.h"

namespace elevaite::dsl {

// What `use` defines and tasks refer to by name.
struct Definitions {
  std::map<std::string, syntax::Place, std::less<>> retries;
  std::map<std::string, syntax::Place, std::less<>> errors;
};

class TaskReader {
 public:
  using Place = syntax::Place;

  TaskReader(Reader& reader, const Definitions& definitions, const Limits& limits)
      : reader_(reader), definitions_(definitions), limits_(limits) {}

  // `what` names the list in messages: "`do`", "`catch.do`".
  std::vector<syntax::Task> List(const Place& place, std::string_view what);
  // A retry policy, inline or under use.retries.
  std::optional<syntax::Retry> Retry(const Place& place);
  // An error of `raise` or use.errors: {type, status, title, detail}.
  bool Error(const Place& place);
  std::size_t count() const { return count_; }

 private:
  void ReadTask(const Place& place, syntax::Task& task);
  void ReadCommon(const Place& place, syntax::Task& task);
  void ReadKind(const Place& place, std::string_view kind, syntax::Task& task);
  void UnknownKind(const Place& place, const syntax::Task& task);
  bool OldSyntax(const Place& place);

  void ReadSet(const Place& value, syntax::Task& task);
  void ReadSwitch(const Place& value, syntax::Task& task);
  void ReadFor(const Place& task_place, const Place& value, syntax::Task& task);
  void ReadFork(const Place& value, syntax::Task& task);
  void ReadTry(const Place& task_place, const Place& value, syntax::Task& task);
  void ReadCatch(const Place& place, syntax::Task& task);
  void ReadErrorFilter(const Place& place, syntax::Task& task);
  void ReadRaise(const Place& value, syntax::Task& task);
  void ReadCall(const Place& task_place, const Place& value, syntax::Task& task);
  void ReadBackoff(const Place& place, syntax::Retry& retry);
  void ReadLimit(const Place& place, syntax::Retry& retry);

  std::optional<syntax::Flow> ReadFlow(const Place& mapping);
  std::string ReadVariable(const Place& mapping, std::string_view key, std::string_view otherwise);
  // A field typed as expression: a text.
  syntax::Field ReadExpression(const Place& mapping, std::string_view key);

  Reader& reader_;
  const Definitions& definitions_;
  const Limits& limits_;
  std::size_t count_ = 0;
};

// `input: {from}`, `output: {as}`, `export: {as}` of the workflow and of tasks: the field in it.
syntax::Field ReadShape(Reader& reader, const syntax::Place& owner, std::string_view key,
                        std::string_view member);

}  // namespace elevaite::dsl
