// The table of operations. Every call of one account names it.
#pragma once

#include <optional>
#include <vector>

#include "infra/database/database.h"
#include "services/workflow/operations/operation.h"
#include "services/workflow/store.h"

namespace elevaite::workflow {

struct OperationFilter {
  std::optional<OperationState> state;
  std::optional<OperationId> before;  // older than this one
  std::size_t limit = 50;
};

class OperationStore {
 public:
  static constexpr std::int64_t kRunningMax = 20;  // of an account

  explicit OperationStore(database::Database& db) : db_(db) {}

  // kQuotaExceeded: kRunningMax run already.
  Task<void> Insert(Operation operation);
  // kNotFound.
  Task<Operation> Find(AccountId account, OperationId id);
  // Newest first.
  Task<std::vector<Operation>> List(AccountId account, OperationFilter filter);
  // One that has ended stays as it is. kNotFound.
  Task<void> Cancel(AccountId account, OperationId id, std::int64_t now_us);

  // ---- For who does them
  // Of all accounts, the oldest first; those that are younger than `after`.
  Task<std::vector<Operation>> Running(OperationId after, std::size_t limit);
  // How far it has come; one that was cancelled meanwhile stays cancelled. kConflict: it does not stand at
  // `cursor_before` any more, somebody else has gone on with it.
  Task<void> Save(Operation operation, std::string cursor_before);
  // Those that had ended before, at most so many; how many went.
  Task<std::int64_t> Forget(std::int64_t before_us, std::size_t limit);

 private:
  database::Database& db_;
};

}  // namespace elevaite::workflow
