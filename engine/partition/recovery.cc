#include "engine/partition/recovery.h"

#include <utility>

namespace elevaite::engine {

Result<void> Recovery::Begin(Predecessor predecessor) {
  ASSIGN_OR_RETURN(const std::int64_t newest_us, journal_.NewestUnfinished(index_, count_));
  partition_.BeginRecovery(predecessor, newest_us);
  goes_on_ = true;
  return {};
}

Result<void> Recovery::ReadPage(std::size_t executions_max) {
  ASSIGN_OR_RETURN(UnfinishedPage page, journal_.LoadUnfinished(index_, count_, next_, executions_max));
  const std::size_t executions = page.executions.size();
  RETURN_IF_ERROR(partition_.Recover(std::move(page.executions)));
  executions_ += executions;
  next_ = std::move(page.next);
  if (next_) return {};
  goes_on_ = false;
  partition_.EndRecovery();
  return {};
}

Result<void> RecoverAll(Journal& journal, Partition& partition, Predecessor predecessor) {
  constexpr std::size_t kPage = 1'000;
  Recovery recovery(journal, partition, 0, 1);
  RETURN_IF_ERROR(recovery.Begin(predecessor));
  while (recovery.goes_on()) RETURN_IF_ERROR(recovery.ReadPage(kPage));
  return {};
}

}  // namespace elevaite::engine
