// Documents and test files on disk, as `elevaite test` finds them.
#pragma once

#include <filesystem>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "connectors/all.h"
#include "dsl/compile.h"
#include "services/workflow/rehearsal/test_file.h"

namespace elevaite::app {

class WorkflowFiles {
 public:
  using ProgramPtr = std::shared_ptr<const dsl::Program>;

  static bool IsTestFile(const std::filesystem::path& path);
  // "x.test.yaml" beside "x.yaml", and the other way round.
  static std::filesystem::path TestFileOf(const std::filesystem::path& document);
  static std::filesystem::path DocumentOf(const std::filesystem::path& test_file);
  // Of files, documents, and folders with all that is below them; sorted. kNotFound: one is not there, or has
  // none.
  static Result<std::vector<std::filesystem::path>> TestFilesIn(const std::vector<std::string>& paths);
  // At most what a document may have, and a little more, so that a larger one is refused with its diagnostic.
  static Result<std::string> Read(const std::filesystem::path& path);

  // nullptr: the errors are in `problems`, each with its file and place.
  ProgramPtr Compile(const std::filesystem::path& path, std::vector<std::string>& problems) const;
  // The workflows of a folder, which tasks may run. What is no workflow there is none of ours.
  const std::vector<ProgramPtr>& Beside(const std::filesystem::path& folder);
  // What test files of `program` may mention.
  rehearsal::KnownNames NamesOf(const ProgramPtr& program, const std::vector<ProgramPtr>& others) const;

 private:
  connectors::Registry registry_ = connectors::Descriptors();
  std::map<std::filesystem::path, std::vector<ProgramPtr>> folders_;
};

}  // namespace elevaite::app
