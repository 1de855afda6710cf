// UseReader: the parts that a document defines under `use`, and its `schedule`. Part of Validate.
#pragma once

#include "dsl/definitions.h"
#include "dsl/document.h"
#include "dsl/reader.h"
#include "dsl/syntax.h"
#include "dsl/task_reader.h"

namespace elevaite::dsl {

class UseReader {
 public:
  UseReader(const Document& document, Reader& reader, Definitions& definitions, syntax::Workflow& workflow)
      : document_(document), reader_(reader), definitions_(definitions), workflow_(workflow) {}

  // Notes what is defined, so that tasks can refer to it.
  void Collect(const syntax::Place& use);
  // Reads the definitions, also those that no task uses.
  void Read(TaskReader& tasks);
  void ReadSchedule(const syntax::Place& place, TaskReader& tasks);

 private:
  void CollectSecrets(const syntax::Place& list);
  void ReadFunctions(TaskReader& tasks);
  void ReadExtensions(TaskReader& tasks);
  void ReadCatalogs();
  void CheckCron(const syntax::Place& place);

  const Document& document_;
  Reader& reader_;
  Definitions& definitions_;
  syntax::Workflow& workflow_;
  syntax::Field extensions_;
};

}  // namespace elevaite::dsl
