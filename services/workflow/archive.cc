#include "services/workflow/archive.h"

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
    if (IsBack(record.id)) continue;
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
  {
    const std::scoped_lock lock(mutex_);
    const Timestamp now = clock_.Now();
    std::erase_if(back_, [now](const auto& one) { return one.second.micros() < now.micros(); });
    back_[id] = Timestamp::FromMicros(now.micros() + std::chrono::microseconds(kBack).count());
  }
  Importer importer(executions_, store_, programs_);
  std::string_view rest = text;
  while (!rest.empty()) {
    const std::size_t end = std::min(rest.find('\n'), rest.size());
    RETURN_IF_ERROR(importer.Take(rest.substr(0, end)));
    rest.remove_prefix(std::min(end + 1, rest.size()));
  }
  return importer.Finish();
}

bool Archive::IsBack(const ExecutionId& id) const {
  const std::scoped_lock lock(mutex_);
  const auto found = back_.find(id);
  return found != back_.end() && found->second.micros() > clock_.Now().micros();
}

}  // namespace elevaite::workflow
