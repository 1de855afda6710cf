// Archive: executions that were forgotten because of their age, each an object in the format of an export. It
// is read back by id, or by `elevaite import`.
//   executions/<day of the id, 2026-11-26>/<id>.jsonl
#pragma once

#include <chrono>
#include <vector>

#include "infra/objects/objects.h"
#include "services/workflow/transfer.h"

namespace elevaite::workflow {

class Archive {
 public:
  // What was brought back stays so long, whoever forgets what is old; then its age counts again.
  static constexpr std::chrono::hours kBack{24};

  // All must outlive it.
  Archive(objects::ObjectStore& objects, engine::ExecutionStore executions, WorkflowStore& store,
          Programs& programs, Clock& clock)
      : objects_(objects), executions_(executions), store_(store), programs_(programs), clock_(clock) {}

  // Those that are in it, on disk, when it returns. Not what is too large for an object: that stays where it
  // is.
  Result<std::vector<engine::ExecutionRecord>> Keep(std::vector<engine::ExecutionRecord> records);
  Result<bool> Has(const AccountId& account, const ExecutionId& id) const;
  // Puts it back among the executions; kNotFound: it is not in the archive.
  Result<void> BringBack(const AccountId& account, const ExecutionId& id);

 private:
  Result<void> Write(const engine::ExecutionRecord& record);

  objects::ObjectStore& objects_;
  const engine::ExecutionStore executions_;
  WorkflowStore& store_;
  Programs& programs_;
  Clock& clock_;
};

}  // namespace elevaite::workflow
