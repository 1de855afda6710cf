// Receiver: what happens to a request to /hooks/, from its head to the answer.
//
//   find the webhook -> its size -> who sends it, over the raw bytes -> read it -> filter -> was it here
//   before?
//   -> start the workflow -> answer
#pragma once

#include <functional>
#include <optional>
#include <string_view>

#include "net/http.h"
#include "services/workflow/service.h"
#include "services/workflow/webhooks/directory.h"
#include "services/workflow/webhooks/recent_requests.h"

namespace elevaite::workflow {

class Receiver {
 public:
  using Secrets = std::function<std::optional<Json>(const AccountId& account, std::string_view name)>;

  // All must outlive it.
  Receiver(WebhookStore& store, WorkflowService& service, Secrets secrets, const Clock& clock)
      : store_(store),
        service_(service),
        secrets_(std::move(secrets)),
        clock_(clock),
        directory_(store, service) {}

  // The request must have the path parameter `path`. Errors as they are answered.
  Task<net::Response> Receive(AccountId account, net::Request& request);

  // Starts the workflow anew with what a request brought, whatever became of that. kNotFound; kConflict: its
  // sender is not known, or its body was not kept.
  Task<Started> Replay(AccountId account, Webhook webhook, WebhookRequestId id);

  bool HasSecret(const AccountId& account, const Authentication& authentication) const;
  // A webhook was changed, or deleted.
  void Changed() { directory_.Forget(); }
  RecentRequests& recent() { return recent_; }

 private:
  struct Delivery;
  Task<net::Response> Handle(Delivery& delivery, net::Request& request);
  Task<net::Response> HandleBody(Delivery& delivery, net::Request& request, engine::Admission::Ticket ticket);
  Task<net::Response> Decide(Delivery& delivery, std::string correlation, engine::Admission::Ticket ticket);
  Task<net::Response> Start(Delivery& delivery, std::string correlation, std::string key,
                            engine::Admission::Ticket ticket);
  Result<void> CheckSenderOf(const Delivery& delivery, const net::Request& request,
                             std::string_view body) const;
  void Note(Delivery& delivery, const Result<net::Response>& response);

  WebhookStore& store_;
  WorkflowService& service_;
  Secrets secrets_;
  const Clock& clock_;
  WebhookDirectory directory_;
  RecentRequests recent_;
};

}  // namespace elevaite::workflow
