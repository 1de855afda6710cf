// What `elevaite doctor` does without a server, and what it and the server show of a report.
#pragma once

#include "app/stores.h"
#include "engine/doctor.h"
#include "foundation/json.h"
#include "foundation/result.h"

namespace elevaite::app {

// The checks on the data of a server that does not run.
Result<engine::DoctorReport> ExamineData(const StoreOptions& from, engine::ExaminationOptions options);

Json ToJson(const engine::DoctorReport& report);

}  // namespace elevaite::app
