// How rows of `notifications` are read; private to the store.
#pragma once

#include <vector>

#include "infra/database/database.h"
#include "services/workflow/notifications/notification.h"

namespace elevaite::notifications {

#define ELEVAITE_NOTIFICATION_COLUMNS                                                               \
  "account_id, id, channel_id, occasion, kind, rule_id, namespace, workflow, execution_id, status," \
  " content, group_id, attempts, due_us, created_us, ended_us, answer"

Result<std::vector<Notification>> NotificationsFrom(const database::Rows& rows);

}  // namespace elevaite::notifications
