// /hooks/{path}: starts the workflow whose webhook has this path (services/workflow/webhooks/receiver.h).
#include "services/workflow/api/api.h"
#include "services/workflow/webhooks/receiver.h"

namespace elevaite::workflow {

void AddHookRoutes(net::Router& router, Receiver& receiver) {
  using net::Method;
  const net::RouteOptions options{.body_bytes_max = kWebhookBodyBytesMax,
                                  .timeout = std::chrono::seconds(90)};
  for (const Method method : {Method::kGet, Method::kPost, Method::kPut, Method::kPatch, Method::kDelete}) {
    router.Add(
        method, "/hooks/{path...}",
        [&receiver](net::Request& request) { return receiver.Receive(AccountOf(request), request); },
        options);
  }
}

}  // namespace elevaite::workflow
