// The tables of webhooks. Every call names its account.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "services/workflow/store.h"
#include "services/workflow/webhooks/webhook.h"

namespace elevaite::workflow {

struct WebhookFilter {
  std::string name_space;  // empty: any
  std::string workflow;    // empty: of all
  std::string after;       // the cursor of the page before: CursorOf its last
  std::size_t limit = 50;
};

class WebhookStore {
 public:
  static constexpr std::int64_t kPerAccountMax = 1'000;

  WebhookStore(database::Database& db, Clock& clock) : db_(db), clock_(clock) {}

  // `id` and times are set here. kConflict: another one answers a method at the path. kQuotaExceeded: there
  // are kPerAccountMax.
  Task<Webhook> Create(AccountId account, Webhook webhook);
  // kConflict also when it was changed since it was read (by its updated_us). kNotFound.
  Task<Webhook> Update(AccountId account, Webhook webhook);
  // What it remembers of keys goes too. kNotFound.
  Task<void> Delete(AccountId account, WebhookId id);

  Task<Webhook> Find(AccountId account, WebhookId id);  // kNotFound
  // By path.
  Task<std::vector<Webhook>> List(AccountId account, WebhookFilter filter);
  static std::string CursorOf(const Webhook& webhook);
  // All at this path.
  Task<std::vector<Webhook>> At(AccountId account, std::string path);

  // The execution that this key stands for: `fresh`, unless the key has come within the window. Forgets a few
  // keys that are older.
  Task<ExecutionId> ClaimKey(AccountId account, WebhookId webhook, std::string key,
                             std::chrono::seconds window, ExecutionId fresh);

 private:
  database::Database& db_;
  Clock& clock_;
};

}  // namespace elevaite::workflow
