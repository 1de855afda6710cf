// Programs: compiled versions, kept while there is room. Thread-safe.
#pragma once

#include <list>
#include <memory>
#include <mutex>
#include <string>
#include <unordered_map>

#include "dsl/compile.h"
#include "engine/partition/partition.h"
#include "services/workflow/store.h"

namespace elevaite::workflow {

class Programs final : public engine::ProgramSource {
 public:
  static constexpr std::size_t kKept = 1'000;

  Programs(WorkflowStore& store, const dsl::FunctionCatalog& functions)
      : store_(store), functions_(functions) {}

  // A published version. kDataLoss when it no longer compiles.
  Task<std::shared_ptr<const dsl::Program>> Get(AccountId account, std::string name_space, std::string name,
                                                std::string version);
  // The same, waiting: for the engine's start-up.
  Result<std::shared_ptr<const dsl::Program>> Load(const engine::ExecutionRecord& record) override;
  Result<std::shared_ptr<const dsl::Program>> LoadVersion(const AccountId& account,
                                                          const std::string& name_space,
                                                          const std::string& name,
                                                          const std::string& version);

  // A document as it was sent. What it refers to and is not among the resources is an error, or worth a hint
  // only when `is_offline`.
  dsl::CompileResult Compile(std::string_view source, const dsl::Resources& resources,
                             bool is_offline = false) const;
  dsl::CompileResult Check(std::string_view source) const { return Compile(source, {}, true); }
  // The tasks for people and the Studio (dsl/outline.h); null when the text could not be read.
  Json OutlineOf(const dsl::CompileResult& compiled) const;

 private:
  using Key = std::string;
  struct Entry {
    Key key;
    std::shared_ptr<const dsl::Program> program;
  };

  std::shared_ptr<const dsl::Program> Cached(const Key& key);
  Result<std::shared_ptr<const dsl::Program>> CompileAndKeep(const Key& key, const VersionRow& row);

  WorkflowStore& store_;
  const dsl::FunctionCatalog& functions_;
  std::mutex mutex_;
  std::list<Entry> recent_;  // the latest used first; under mutex_
  std::unordered_map<Key, std::list<Entry>::iterator> by_key_;
};

}  // namespace elevaite::workflow
