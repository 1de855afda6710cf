// The schedule that a document has itself, as one of the table: its times follow from the document, all else
// is set as for others.
#pragma once

#include <cstdint>
#include <string>

#include "dsl/program.h"
#include "services/workflow/schedule/schedule_store.h"

namespace elevaite::workflow {

// Of a workflow of which no version is known yet. Executions may overlap, as the language has it.
ScheduleRow DocumentRow(AccountId account, const std::string& name_space, const std::string& name,
                        std::int64_t now_us);

// The row says of this version what its document does. When it stood for another one, it begins anew: `every`
// counts from now, `after` starts at once, events count from now on. The due time of `cron` and `every` is
// left to who knows the time zone.
void Renew(ScheduleRow& row, const dsl::Program& program, std::int64_t now_us);

}  // namespace elevaite::workflow
