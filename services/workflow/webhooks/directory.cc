#include "services/workflow/webhooks/directory.h"

namespace elevaite::workflow {

Task<WebhookDirectory::Webhooks> WebhookDirectory::At(AccountId account, std::string path) {
  const std::string key = account.ToString() + "/" + path;
  if (auto known = webhooks_.Find(key)) co_return *std::move(known);
  auto read = store_.At(std::move(account), std::move(path));
  ASSIGN_OR_CO_RETURN(std::vector<Webhook> found, co_await std::move(read));
  if (found.empty()) co_return Fail(ErrorCode::kNotFound, "no webhook has this path");
  auto webhooks = std::make_shared<const std::vector<Webhook>>(std::move(found));
  webhooks_.Keep(key, webhooks);
  co_return webhooks;
}

Task<WebhookDirectory::Target> WebhookDirectory::TargetOf(AccountId account, std::string name_space,
                                                          std::string workflow) {
  const std::string key = account.ToString() + "/" + name_space + "." + workflow;
  if (auto known = targets_.Find(key)) co_return *std::move(known);
  auto locate = service_.Locate(std::move(account), name_space + "." + workflow, "");
  ASSIGN_OR_CO_RETURN(Target target, co_await std::move(locate));
  targets_.Keep(key, target);
  co_return target;
}

}  // namespace elevaite::workflow
