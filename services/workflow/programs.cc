#include "services/workflow/programs.h"

#include "dsl/outline.h"

namespace elevaite::workflow {
namespace {

std::string KeyOf(const AccountId& account, const std::string& name_space, const std::string& name,
                  const std::string& version) {
  return account.ToString() + "/" + name_space + "/" + name + "/" + version;
}

}  // namespace

Task<std::shared_ptr<const dsl::Program>> Programs::Get(AccountId account, std::string name_space,
                                                        std::string name, std::string version) {
  const Key key = KeyOf(account, name_space, name, version);
  if (auto program = Cached(key)) co_return program;
  auto find = store_.FindVersion(account, name_space, name, version);
  ASSIGN_OR_CO_RETURN(const VersionRow row, co_await std::move(find));
  co_return CompileAndKeep(key, row);
}

Result<std::shared_ptr<const dsl::Program>> Programs::Load(const engine::ExecutionRecord& record) {
  return LoadVersion(record.account, record.name_space, record.workflow, record.version);
}

Result<std::shared_ptr<const dsl::Program>> Programs::LoadVersion(const AccountId& account,
                                                                  const std::string& name_space,
                                                                  const std::string& name,
                                                                  const std::string& version) {
  const Key key = KeyOf(account, name_space, name, version);
  if (auto program = Cached(key)) return program;
  ASSIGN_OR_RETURN(const VersionRow row, store_.FindVersionNow(account, name_space, name, version));
  return CompileAndKeep(key, row);
}

dsl::CompileResult Programs::Compile(std::string_view source, const dsl::Resources& resources,
                                     bool is_offline) const {
  return dsl::Compile(source, {.functions = &functions_, .resources = &resources, .is_offline = is_offline});
}

Json Programs::OutlineOf(const dsl::CompileResult& compiled) const {
  return compiled.syntax ? dsl::Outline(*compiled.syntax, functions_) : Json();
}

std::shared_ptr<const dsl::Program> Programs::Cached(const Key& key) {
  const std::scoped_lock lock(mutex_);
  const auto found = by_key_.find(key);
  if (found == by_key_.end()) return nullptr;
  recent_.splice(recent_.begin(), recent_, found->second);
  return found->second->program;
}

Result<std::shared_ptr<const dsl::Program>> Programs::CompileAndKeep(const Key& key, const VersionRow& row) {
  const dsl::CompileResult compiled = dsl::Compile(
      row.source, {.functions = &functions_, .resources = &row.resources, .gives_advice = false});
  if (!compiled.program) {
    const std::string first = compiled.diagnostics.empty() ? "" : dsl::ToText(compiled.diagnostics.front());
    return Fail(ErrorCode::kDataLoss,
                "the published document " + key + " does not compile with this version: " + first);
  }
  const std::scoped_lock lock(mutex_);
  if (!by_key_.contains(key)) {
    recent_.push_front({key, compiled.program});
    by_key_[key] = recent_.begin();
    if (recent_.size() > kKept) {
      by_key_.erase(recent_.back().key);
      recent_.pop_back();
    }
  }
  return compiled.program;
}

}  // namespace elevaite::workflow
