// Rows of the executions table as records. Private to engine/journal.
#pragma once

#include "engine/journal/journal.h"
#include "infra/database/values.h"

namespace elevaite::engine {

// The columns in the order that RecordFrom expects; for use in SQL literals.
#define ELEVAITE_EXECUTION_COLUMNS                                                                      \
  "account_id, id, namespace, workflow, version, trigger, correlation, phase, created_us, started_us, " \
  "finished_us, error, parent_id, depth, parent_frame, migrations, labels"

inline constexpr std::size_t kExecutionColumns = 17;

Result<ExecutionRecord> RecordFrom(const database::Row& row);

// As the column has them: [[seq, from], ...]; nothing when there are none.
std::optional<std::string> TextOf(const std::vector<VersionChange>& migrations);

// {"tags": {name: value, ...}, "attributes": {...}}: as the column has them; null there when there are none.
Json LabelsJson(const std::vector<Label>& labels);
Result<std::vector<Label>> LabelsFrom(const Json& json);

// As the table `labels` has it: "tag:env=prod", "attribute:order=17".
std::string IndexText(const Label& label);

}  // namespace elevaite::engine
