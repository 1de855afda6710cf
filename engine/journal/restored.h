// Restored: executions that were brought back from the archive stay for a while whatever their age, so that
// who wanted them finds them. Known to every process, and after a restart. All calls block.
#pragma once

#include <cstdint>

#include "foundation/ids.h"
#include "infra/database/database.h"

namespace elevaite::engine {

// To be called before it is put back: whoever finds it sees this, too. The later time counts.
Result<void> KeepRestored(database::Database& db, const AccountId& account, const ExecutionId& id,
                          std::int64_t until_us);

// Those whose time is over; what there is then still stays.
Result<void> ForgetRestored(database::Database& db, std::int64_t now_us);

Result<bool> AnyRestored(database::Database& db);
Result<bool> IsRestored(database::Database& db, const AccountId& account, const ExecutionId& id);

}  // namespace elevaite::engine
