#include "services/workflow/archive.h"

#include "engine/journal/restored.h"
#include "foundation/log.h"

namespace elevaite::workflow {
namespace {

std::string KeyOf(const ExecutionId& id) {
  return "executions/" + id.uuid().time().ToRfc3339().substr(0, 10) + "/" + id.ToString() + ".jsonl";
}

}  // namespace

Result<std::vector<engine::ExecutionRecord>> Archive::Keep(std::vector<engine::ExecutionRecord> records) {
  std::vector<engine::ExecutionRecord> kept;
  for (engine::ExecutionRecord& record : records) {
    const auto written = Write(record);
    if (!written && written.error().code != ErrorCode::kPayloadTooLarge) return Fail(written.error());
    if (written) {
      kept.push_back(std::move(record));
    } else {
      LogWarn("an execution is too large for the archive, and stays", {{"execution", record.id.ToString()}});
    }
  }
  return kept;
}

Result<void> Archive::Write(const engine::ExecutionRecord& record) {
  std::string text;
  engine::TransferWriter writer([&text](std::string_view line) -> Result<void> {
    text += line;
    return {};
  });
  RETURN_IF_ERROR(writer.Begin());
  Exporter exporter(executions_, store_, writer);
  const auto written = exporter.One(record.account, record.id);
  if (!written) return Fail(written.error());
  RETURN_IF_ERROR(writer.End());
  return objects_.Put(record.account, KeyOf(record.id), text);
}

Result<bool> Archive::Has(const AccountId& account, const ExecutionId& id) const {
  return objects_.Has(account, KeyOf(id));
}

Result<void> Archive::BringBack(const AccountId& account, const ExecutionId& id) {
  ASSIGN_OR_RETURN(const std::string text, objects_.Get(account, KeyOf(id)));
  const std::int64_t until_us = clock_.Now().micros() + std::chrono::microseconds(kBack).count();
  RETURN_IF_ERROR(engine::KeepRestored(executions_.db, account, id, until_us));
  Importer importer(executions_, store_, programs_);
  std::string_view rest = text;
  while (!rest.empty()) {
    const std::size_t end = std::min(rest.find('\n'), rest.size());
    RETURN_IF_ERROR(importer.Take(rest.substr(0, end)));
    rest.remove_prefix(std::min(end + 1, rest.size()));
  }
  return importer.Finish();
}

}  // namespace elevaite::workflow
