#include "services/workflow/webhooks/receiver.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <charconv>

#include "net/problem.h"
#include "services/workflow/webhooks/answer.h"
#include "services/workflow/webhooks/payload.h"
#include "services/workflow/webhooks/signature.h"

namespace elevaite::workflow {
namespace {

using net::Request;
using net::Response;

// Of expressions that have no variables.
class NoVariables final : public dsl::Scope {
 public:
  Json Variable(std::string_view) const override { return {}; }
};

dsl::EvaluationContext ContextAt(Timestamp now) {
  static const NoVariables kScope;
  return {.scope = kScope, .options = {.budget = kWebhookBudget, .now_us = now.micros()}};
}

HookResult ResultOf(ErrorCode code) {
  switch (code) {
    case ErrorCode::kUnauthenticated: return HookResult::kUnauthenticated;
    case ErrorCode::kPayloadTooLarge: return HookResult::kTooLarge;
    case ErrorCode::kUnsupportedMedia: return HookResult::kUnsupported;
    case ErrorCode::kInvalidArgument: return HookResult::kInvalid;
    case ErrorCode::kMethodNotAllowed: return HookResult::kWrongMethod;
    default: return HookResult::kFailed;
  }
}

// For the operator: what the caller is not told, too.
const std::string& ReasonOf(const Error& error) {
  return error.detail.empty() ? error.message : error.detail;
}

// Before anything is read: also of one that sends 50 MB.
Result<void> CheckSize(const Request& request, std::size_t bytes_max) {
  const std::string_view text = request.headers.Get("content-length");
  std::size_t size = 0;
  std::from_chars(text.data(), text.data() + text.size(), size);
  if (size <= bytes_max) return {};
  return Fail(ErrorCode::kPayloadTooLarge, fmt::format("this webhook takes {} bytes at most", bytes_max));
}

// Slack sends this once, to see who answers at the address.
std::optional<Response> AnswerToChallenge(const Authentication& authentication, const Json& body) {
  if (authentication.scheme != Scheme::kSlack || body["type"] != Json("url_verification"))
    return std::nullopt;
  return net::JsonResponse(200, Json::Object({{"challenge", body["challenge"]}}));
}

// Which of the requests it is the same as; empty: none.
Result<std::string> KeyOf(const Deduplication& deduplication, const Json& input, Timestamp now) {
  if (!deduplication.key) return std::string(input["headers"][deduplication.header].StringOr(""));
  const auto value = deduplication.key->Evaluate(input, ContextAt(now));
  if (!value)
    return Fail(ErrorCode::kInvalidArgument, "this webhook finds no key in the request", {},
                value.error().message);
  if (value->IsNull() || *value == Json(false) || *value == Json("")) return std::string();
  return value->DumpCanonical();
}

}  // namespace

// A request on its way.
struct Receiver::Delivery {
  AccountId account;
  WebhookDirectory::Webhooks webhooks;  // keeps the next one alive
  const Webhook* webhook = nullptr;
  SeenRequest seen;
  std::chrono::steady_clock::time_point began = std::chrono::steady_clock::now();

  const WebhookSettings& settings() const { return webhook->settings; }
  Json Input() const { return Json::WithMember(seen.head, "body", seen.body.value_or(Json())); }
};

Task<Response> Receiver::Receive(AccountId account, Request& request) {
  auto find = directory_.At(account, std::string(request.PathParameter("path")));
  ASSIGN_OR_CO_RETURN(auto webhooks, co_await std::move(find));
  Delivery delivery{.account = std::move(account), .webhooks = std::move(webhooks), .seen = {}};
  delivery.seen.at = clock_.Now();
  auto handle = Handle(delivery, request);
  Result<Response> response = co_await std::move(handle);
  Note(delivery, response);
  if (response || response.error().code != ErrorCode::kUnauthenticated) co_return response;
  Response refusal = net::ProblemResponse(response.error(), request);
  const bool is_basic = delivery.settings().authentication.scheme == Scheme::kBasic;
  refusal.headers.Set("www-authenticate", is_basic ? "Basic realm=\"webhook\"" : "Signature");
  co_return refusal;
}

Task<Response> Receiver::Handle(Delivery& delivery, Request& request) {
  const std::string_view method = net::NameOf(request.method);
  const auto takes = [method](const Webhook& webhook) {
    return std::ranges::find(webhook.settings.methods, method) != webhook.settings.methods.end();
  };
  const auto found = std::ranges::find_if(*delivery.webhooks, takes);
  const bool is_taken = found != delivery.webhooks->end();
  delivery.webhook = is_taken ? &*found : &delivery.webhooks->front();
  delivery.seen.head = BareHeadOf(request);
  // Before all else: what is refused because there is too much to do must cost little.
  auto admit = service_.Admit();
  ASSIGN_OR_CO_RETURN(auto ticket, co_await std::move(admit));
  ASSIGN_OR_CO_RETURN(delivery.seen.head, HeadOf(request, delivery.settings().authentication));
  delivery.seen.hidden = HiddenHeaders(request, delivery.settings().authentication);
  if (!is_taken) {
    co_return Fail(ErrorCode::kMethodNotAllowed,
                   fmt::format("this webhook takes {} only", fmt::join(delivery.settings().methods, ", ")));
  }
  if (!delivery.settings().enabled) {
    delivery.seen.result = HookResult::kDisabled;
    co_return Fail(ErrorCode::kNotFound, "no webhook has this path");
  }
  CO_RETURN_IF_ERROR(CheckSize(request, delivery.settings().body_bytes_max));
  auto handle = HandleBody(delivery, request, std::move(ticket));
  co_return co_await std::move(handle);
}

Task<Response> Receiver::HandleBody(Delivery& delivery, Request& request, engine::Admission::Ticket ticket) {
  const WebhookSettings& settings = delivery.settings();
  const bool early = IsByHeadAlone(settings.authentication.scheme) && !settings.capture;
  if (early) CO_RETURN_IF_ERROR(CheckSenderOf(delivery, request, {}));
  request.body_bytes_max = settings.body_bytes_max;
  auto read = request.ReadBody();
  ASSIGN_OR_CO_RETURN(const std::string body, co_await std::move(read));
  SeenRequest& seen = delivery.seen;
  seen.body_bytes = body.size();
  seen.raw = body.substr(0, RecentRequests::kKeptRawBytes);
  const Result<void> known = early ? Result<void>() : CheckSenderOf(delivery, request, body);
  if (!known && !settings.capture) co_return Fail(known.error());
  auto value = BodyOf(request.headers.Get("content-type"), body);
  if (value) seen.body = *value;
  if (settings.capture) {
    seen.result = HookResult::kCaptured;
    if (!known)
      seen.reason = "would be refused: " + ReasonOf(known.error());
    else if (!value)
      seen.reason = "would be refused: " + ReasonOf(value.error());
    co_return net::JsonResponse(200, Json::Object({{"captured", true}}));
  }
  if (!value) co_return Fail(value.error());
  auto decide = Decide(delivery, request.request_id, std::move(ticket));
  co_return co_await std::move(decide);
}

Task<Response> Receiver::Decide(Delivery& delivery, std::string correlation,
                                engine::Admission::Ticket ticket) {
  const WebhookSettings& settings = delivery.settings();
  if (auto answer = AnswerToChallenge(settings.authentication, *delivery.seen.body)) {
    delivery.seen.result = HookResult::kVerified;
    co_return *std::move(answer);
  }
  const Json input = delivery.Input();
  if (settings.filter) {
    const auto fits = settings.filter->Test(input, ContextAt(clock_.Now()));
    if (!fits) {
      co_return Fail(ErrorCode::kInvalidArgument, "this webhook cannot tell whether it wants the request", {},
                     fits.error().message);
    }
    if (!*fits) {
      delivery.seen.result = HookResult::kIgnored;
      co_return net::EmptyResponse(204);
    }
  }
  std::string key;
  if (settings.deduplication) {
    ASSIGN_OR_CO_RETURN(key, KeyOf(*settings.deduplication, input, clock_.Now()));
  }
  auto start = Start(delivery, std::move(correlation), std::move(key), std::move(ticket));
  co_return co_await std::move(start);
}

Task<Response> Receiver::Start(Delivery& delivery, std::string correlation, std::string key,
                               engine::Admission::Ticket ticket) {
  const Webhook& webhook = *delivery.webhook;
  const Answer& answer = webhook.settings.answer;
  const Json input = delivery.Input();
  auto resolve = directory_.TargetOf(delivery.account, webhook.name_space, webhook.workflow);
  ASSIGN_OR_CO_RETURN(auto target, co_await std::move(resolve));
  StartRequest request{.account = delivery.account,
                       .workflow = {},
                       .version = {},
                       .input = input,
                       .trigger = engine::Trigger::kWebhook,
                       .correlation = std::move(correlation),
                       .idempotency_key = {},
                       .wait = answer.wait,
                       .target = std::move(target)};
  if (!key.empty()) {
    request.claim = [this, account = delivery.account, id = webhook.id, key = std::move(key),
                     window = webhook.settings.deduplication->window](ExecutionId fresh) {
      return store_.ClaimKey(account, id, key, window, fresh);
    };
  }
  auto launch = service_.StartAdmitted(std::move(request), std::move(ticket));
  ASSIGN_OR_CO_RETURN(const Started started, co_await std::move(launch));
  delivery.seen.execution = started.id;
  const HookResult result = started.is_new ? HookResult::kStarted : HookResult::kDuplicate;
  delivery.seen.result = result;
  if (!started.outcome) co_return AcceptedAnswer(started.id, started.is_new);
  co_return EndedAnswer(answer, *started.outcome, started.id, started.is_new, input);
}

Result<void> Receiver::CheckSenderOf(const Delivery& delivery, const Request& request,
                                     std::string_view body) const {
  const Authentication& authentication = delivery.settings().authentication;
  if (authentication.scheme == Scheme::kNone) return {};
  const auto secret = secrets_(delivery.account, authentication.secret);
  const Result<void> known =
      secret ? CheckSender(authentication, *secret, request.headers, body, clock_.Now())
             : Fail(ErrorCode::kUnavailable, fmt::format("there is no secret '{}'", authentication.secret));
  if (known || known.error().code == ErrorCode::kUnauthenticated) return known;
  // What is wrong with the secret is for the operator.
  return Fail(ErrorCode::kUnavailable, "this webhook cannot check who calls it", {}, known.error().message);
}

bool Receiver::HasSecret(const AccountId& account, const Authentication& authentication) const {
  return authentication.scheme == Scheme::kNone || secrets_(account, authentication.secret).has_value();
}

void Receiver::Note(Delivery& delivery, const Result<Response>& response) {
  SeenRequest& seen = delivery.seen;
  if (response) {
    seen.status = response->status;
  } else {
    const Error& error = response.error();
    seen.status = InfoOf(error.code).http_status;
    if (seen.result != HookResult::kDisabled) seen.result = ResultOf(error.code);
    seen.reason = ReasonOf(error);
    if (seen.result == HookResult::kDisabled) seen.reason = "the webhook is disabled";
  }
  if (seen.body_bytes > RecentRequests::kKeptBodyBytes) seen.body.reset();
  if (seen.body) seen.raw.clear();
  if (FindInvalidUtf8(seen.raw) < seen.raw.size()) seen.raw.resize(FindInvalidUtf8(seen.raw));
  seen.duration = std::chrono::duration_cast<std::chrono::microseconds>(std::chrono::steady_clock::now() -
                                                                        delivery.began);
  recent_.Add(delivery.webhook->id, std::move(seen));
}

Task<Started> Receiver::Replay(AccountId account, Webhook webhook, WebhookRequestId id) {
  const auto before = recent_.Find(webhook.id, id);
  if (!before)
    co_return Fail(ErrorCode::kNotFound, "no request '" + id.ToString() + "'",
                   "the last 50 of a webhook are kept, while the server runs");
  if (before->result == HookResult::kUnauthenticated)
    co_return Fail(ErrorCode::kConflict, "this request was refused, for its sender is not known",
                   "mend the secret and have the sender send it again");
  if (!before->body)
    co_return Fail(ErrorCode::kConflict, "the body of this request was not kept",
                   "bodies that can be read are kept up to 64 KiB");
  auto resolve = directory_.TargetOf(account, webhook.name_space, webhook.workflow);
  ASSIGN_OR_CO_RETURN(auto target, co_await std::move(resolve));
  SeenRequest seen{*before};
  seen.id = WebhookRequestId::New();
  seen.at = clock_.Now();
  StartRequest request{.account = std::move(account),
                       .workflow = {},
                       .version = {},
                       .input = Json::WithMember(before->head, "body", *before->body),
                       .trigger = engine::Trigger::kWebhook,
                       .correlation = seen.id.ToString(),
                       .idempotency_key = {},
                       .target = std::move(target)};
  auto launch = service_.Start(std::move(request));
  ASSIGN_OR_CO_RETURN(Started started, co_await std::move(launch));
  seen.result = HookResult::kReplayed;
  seen.status = 202;
  seen.reason = "replay of " + before->id.ToString();
  seen.execution = started.id;
  seen.duration = std::chrono::microseconds(0);
  recent_.Add(webhook.id, std::move(seen));
  co_return started;
}

}  // namespace elevaite::workflow
