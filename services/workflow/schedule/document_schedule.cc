#include "services/workflow/schedule/document_schedule.h"

namespace elevaite::workflow {

ScheduleRow DocumentRow(AccountId account, const std::string& name_space, const std::string& name,
                        std::int64_t now_us) {
  ScheduleRow row{.account = std::move(account),
                  .id = name_space + "." + name,
                  .name_space = name_space,
                  .workflow = name,
                  .created_us = now_us,
                  .updated_us = now_us};
  row.spec.policy.overlap = Overlap::kAllow;
  return row;
}

void Renew(ScheduleRow& row, const dsl::Program& program, std::int64_t now_us) {
  const bool is_new = row.version != program.version;
  if (is_new) row.progress = {};
  row.version = program.version;
  row.kind = ScheduleKind::kNone;
  row.spec.times = Json::EmptyArray();
  if (!program.schedule) return;
  const dsl::Schedule& schedule = *program.schedule;
  row.spec.times = TimesOf(schedule, row.progress.due_us.value_or(now_us));
  row.kind = schedule.on         ? ScheduleKind::kEvents
             : schedule.after_us ? ScheduleKind::kAfter
                                 : ScheduleKind::kTimes;
  if (is_new && schedule.on) row.progress.collected = Json::Object({{"since", now_us}});
  if (is_new && schedule.after_us) row.progress.due_us = now_us;
}

}  // namespace elevaite::workflow
