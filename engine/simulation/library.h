// Library: the workflows of a scenario as the compiler makes them.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "engine/partition/partition.h"
#include "engine/simulation/scenario.h"

namespace elevaite::simulation {

inline constexpr std::string_view kVersion = "1.0.0";
inline constexpr std::string_view kNextVersion = "1.0.1";  // the same document

class Library final : public engine::ProgramSource {
 public:
  // The diagnostics when a document does not compile.
  static Result<Library> Compile(const std::vector<Workflow>& workflows);

  Result<std::shared_ptr<const dsl::Program>> Load(const engine::ExecutionRecord& record) override;
  // Null: there is none.
  std::shared_ptr<const dsl::Program> Find(const std::string& name, std::string_view version) const;

 private:
  std::map<std::pair<std::string, std::string>, std::shared_ptr<const dsl::Program>, std::less<>> programs_;
};

}  // namespace elevaite::simulation
