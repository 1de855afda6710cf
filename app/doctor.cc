#include "app/doctor.h"

#include <vector>

#include "connectors/all.h"
#include "services/workflow/programs.h"
#include "services/workflow/store.h"

namespace elevaite::app {

Result<engine::DoctorReport> ExamineData(const StoreOptions& from, engine::ExaminationOptions options) {
  RETURN_IF_ERROR(Stores::CheckThere(from));
  ASSIGN_OR_RETURN(auto stores, Stores::Open(from));
  const connectors::Registry registry = connectors::Descriptors();
  workflow::WorkflowStore store(stores->workflow(), SystemClock());
  workflow::Programs programs(store, registry);
  options.others = {stores->OtherIndexes()};
  return engine::ExamineAll(stores->engine(), stores->payloads(), programs, options);
}

Json ToJson(const engine::DoctorReport& report) {
  std::vector<Json> findings;
  for (const engine::Finding& f : report.findings) {
    findings.push_back(Json::Object({{"execution", f.execution},
                                     {"problem", f.problem},
                                     {"advice", f.advice},
                                     {"mended", f.mended.empty() ? Json() : Json(f.mended)}}));
  }
  return Json::Object(
      {{"healthy", report.Healthy()},
       {"executions", report.executions},
       {"ended", report.ended},
       {"timers", report.timers},
       {"activities", report.activities},
       {"indexes", report.indexes},
       {"findings", Json::Array(std::move(findings))},
       {"unseen", Json::Array(std::vector<Json>(report.unseen.begin(), report.unseen.end()))}});
}

}  // namespace elevaite::app
