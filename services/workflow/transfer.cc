#include "services/workflow/transfer.h"

#include <fmt/format.h>

#include <future>

namespace elevaite::workflow {
namespace {

using engine::ExecutionRecord;

Json VersionJson(const ExecutionRecord& record, const VersionRow& row) {
  std::vector<Json::Member> resources;
  for (const auto& [uri, text] : row.resources) resources.emplace_back(std::string_view(uri), text);
  return Json::Object({{"account", record.account.ToString()},
                       {"namespace", record.name_space},
                       {"name", record.workflow},
                       {"version", row.version},
                       {"format", row.format},
                       {"source", row.source},
                       {"resources", Json::Object(std::move(resources))}});
}

Result<engine::ExecutionPage> Page(database::Database& db, const AccountId& account,
                                   const engine::ExecutionFilter& filter) {
  std::promise<Result<engine::ExecutionPage>> promise;
  engine::History(db).List(account, filter, [&promise](Result<engine::ExecutionPage> page) {
    promise.set_value(std::move(page));
  });
  return promise.get_future().get();
}

}  // namespace

// ---- Export

Result<void> Exporter::Versions(const ExecutionRecord& record) {
  std::vector<std::string> versions{record.version};
  for (const engine::VersionChange& change : record.migrations) versions.push_back(change.from);
  for (const std::string& version : versions) {
    const std::string key =
        record.account.ToString() + "/" + record.name_space + "/" + record.workflow + "/" + version;
    if (written_.contains(key)) continue;
    const auto row = store_.FindVersionNow(record.account, record.name_space, record.workflow, version);
    if (!row && row.error().code == ErrorCode::kNotFound) continue;  // the execution counts all the same
    if (!row) return Fail(row.error());
    RETURN_IF_ERROR(writer_.Workflow(VersionJson(record, *row)));
    written_.insert(key);
    ++counts_.workflows;
  }
  return {};
}

Result<bool> Exporter::One(const AccountId& account, const ExecutionId& id) {
  ASSIGN_OR_RETURN(const auto execution, engine::ReadWhole(executions_, account, id));
  if (!execution) return false;
  RETURN_IF_ERROR(Versions(execution->record));
  RETURN_IF_ERROR(writer_.Execution(*execution));
  ++counts_.executions;
  return true;
}

Result<void> Exporter::All(const AccountId& account, engine::ExecutionFilter filter,
                           const std::function<void(const TransferCounts&)>& progress) {
  filter.limit = engine::ExecutionFilter::kPageMax;
  do {
    ASSIGN_OR_RETURN(const engine::ExecutionPage page, Page(executions_.db, account, filter));
    for (const ExecutionRecord& record : page.items) {
      const auto written = One(account, record.id);
      if (!written) return Fail(written.error());
    }
    progress(counts_);
    filter.after = page.next;
  } while (filter.after);
  return {};
}

// ---- Import

Result<void> Importer::Take(std::string_view line) {
  ASSIGN_OR_RETURN(const auto item, reader_.Take(line));
  if (!item) return {};
  auto added = std::visit([this](const auto& one) { return Add(one); }, *item);
  if (!added) {
    Error error = std::move(added).error();
    error.message = fmt::format("line {}: {}", reader_.line(), error.message);
    return Fail(std::move(error));
  }
  return {};
}

Result<void> Importer::Add(const engine::TransferredWorkflow& item) {
  const Json& workflow = item.workflow;
  for (const char* name : {"account", "namespace", "name", "version", "format", "source"}) {
    if (!workflow[name].IsString())
      return Fail(ErrorCode::kInvalidArgument, fmt::format("`{}` of the workflow must be a text", name));
  }
  ASSIGN_OR_RETURN(const AccountId account, AccountId::Parse(workflow["account"].AsString()));
  dsl::Resources resources;
  for (const auto& [uri, text] : workflow["resources"].AsObject())
    resources[std::string(uri.AsString())] = std::string(text.StringOr(""));
  const std::string source(workflow["source"].AsString());
  const dsl::CompileResult compiled = programs_.Compile(source, resources, true);
  if (!compiled.program) {
    return Fail(
        ErrorCode::kInvalidWorkflow,
        fmt::format("{}.{} {} does not compile with this version: {}", workflow["namespace"].AsString(),
                    workflow["name"].AsString(), workflow["version"].AsString(),
                    compiled.diagnostics.empty() ? "" : dsl::ToText(compiled.diagnostics.front())));
  }
  const dsl::Program& program = *compiled.program;
  if (program.name_space != workflow["namespace"].AsString() || program.name != workflow["name"].AsString() ||
      program.version != workflow["version"].AsString())
    return Fail(ErrorCode::kInvalidArgument, "the document is of another workflow or version than it says");
  ASSIGN_OR_RETURN(
      const Published published,
      store_.PublishNow(account, program, source, std::string(workflow["format"].AsString()), resources));
  if (published == Published::kNew) ++counts_.workflows;
  return {};
}

Result<void> Importer::Add(const engine::Transferred& execution) {
  const auto program = programs_.Load(execution.record);
  if (!program)
    return Fail(program.error().code, "its workflow cannot be loaded: " + program.error().message,
                "publish that version first");
  if (!execution.record.finished_us) {
    engine::StoredExecution stored{.record = execution.record, .snapshot = {}, .events = {}};
    std::uint64_t seen = 0;
    if (execution.snapshot) {
      stored.snapshot = execution.snapshot->bytes;
      seen = execution.snapshot->seq;
    }
    for (const auto& row : execution.events) {
      if (row.seq > seen) stored.events.push_back(row.bytes);
    }
    const auto state = engine::Fold(stored, **program);
    if (!state) return Fail(ErrorCode::kInvalidArgument, "it cannot go on: " + state.error().message);
  }
  ASSIGN_OR_RETURN(const engine::Imported imported, engine::Import(executions_, execution));
  imported == engine::Imported::kNew ? ++counts_.executions : ++counts_.unchanged;
  return {};
}

}  // namespace elevaite::workflow
