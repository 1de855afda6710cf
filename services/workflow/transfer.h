// Export and import of executions with the versions of the workflows that they run; engine/transfer has the
// lines. Blocking.
#pragma once

#include <cstdint>
#include <functional>
#include <set>
#include <string>
#include <string_view>

#include "engine/journal/history.h"
#include "engine/transfer/transfer.h"
#include "services/workflow/programs.h"
#include "services/workflow/store.h"

namespace elevaite::workflow {

struct TransferCounts {
  std::uint64_t workflows = 0;   // versions
  std::uint64_t executions = 0;  // written, or new where they were imported
  std::uint64_t unchanged = 0;   // were there already
};

class Exporter {
 public:
  // All must outlive it.
  Exporter(engine::ExecutionStore executions, WorkflowStore& store, engine::TransferWriter& writer)
      : executions_(executions), store_(store), writer_(writer) {}

  // With the versions it needs, unless they have been written before. False: there is none.
  Result<bool> One(const AccountId& account, const ExecutionId& id);
  // All that fit the filter, the newest first. `progress` is called after each page.
  Result<void> All(const AccountId& account, engine::ExecutionFilter filter,
                   const std::function<void(const TransferCounts&)>& progress);
  const TransferCounts& counts() const { return counts_; }

 private:
  Result<void> Versions(const engine::ExecutionRecord& record);

  const engine::ExecutionStore executions_;
  WorkflowStore& store_;
  engine::TransferWriter& writer_;
  std::set<std::string> written_;  // versions
  TransferCounts counts_;
};

class Importer {
 public:
  Importer(engine::ExecutionStore executions, WorkflowStore& store, Programs& programs)
      : executions_(executions), store_(store), programs_(programs) {}

  // The next line of a file. Executions and versions that are there already are left as they are. Errors name
  // the line; what stands before it has been taken.
  Result<void> Take(std::string_view line);
  Result<void> Finish() const { return reader_.Finish(); }
  const TransferCounts& counts() const { return counts_; }
  std::uint64_t line() const { return reader_.line(); }

 private:
  Result<void> Add(const engine::TransferredWorkflow& workflow);
  Result<void> Add(const engine::Transferred& execution);

  const engine::ExecutionStore executions_;
  WorkflowStore& store_;
  Programs& programs_;
  engine::TransferReader reader_;
  TransferCounts counts_;
};

}  // namespace elevaite::workflow
