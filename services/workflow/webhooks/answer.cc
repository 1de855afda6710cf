#include "services/workflow/webhooks/answer.h"

#include <fmt/format.h>

#include "foundation/clock.h"

namespace elevaite::workflow {
namespace {

class AnswerScope final : public dsl::Scope {
 public:
  AnswerScope(const ExecutionId& id, const Json& request) : id_(id), request_(request) {}
  Json Variable(std::string_view name) const override {
    if (name == "request") return request_;
    return Json::Object({{"id", id_.ToString()}});
  }

 private:
  const ExecutionId& id_;
  const Json& request_;
};

std::unexpected<Error> CannotMap(std::string_view part, std::string detail) {
  return Fail(ErrorCode::kInternal,
              fmt::format("the answer of this webhook cannot be made: see its {}", part), {},
              std::move(detail));
}

// From an output to parts of a response; the sandbox keeps what a workflow answers from acting as the Studio,
// which has the same origin.
class Mapping {
 public:
  Mapping(const Answer& answer, const Json& output, const AnswerScope& scope)
      : answer_(answer),
        output_(output),
        context_{.scope = scope,
                 .options = {.budget = kWebhookBudget, .now_us = SystemClock().Now().micros()}} {}

  Result<net::Response> Run() {
    net::Response response;
    RETURN_IF_ERROR(SetStatus(response));
    RETURN_IF_ERROR(SetHeaders(response));
    RETURN_IF_ERROR(SetBody(response));
    response.headers.Set("x-content-type-options", "nosniff");
    response.headers.Set("content-security-policy", "sandbox; default-src 'none'");
    return response;
  }

 private:
  Result<Json> Evaluate(const dsl::Template& what, std::string_view part) const {
    auto value = what.Evaluate(output_, context_);
    if (value) return *std::move(value);
    return CannotMap(part, value.error().message);
  }

  Result<void> SetStatus(net::Response& response) const {
    if (!answer_.status) return {};
    ASSIGN_OR_RETURN(const Json status, Evaluate(*answer_.status, "status"));
    const std::int64_t number = status.IntOr(0);
    if (number < 200 || number > 599)
      return CannotMap("status", status.Dump().substr(0, 100) + " is no status from 200 to 599");
    response.status = static_cast<int>(number);
    return {};
  }

  Result<void> SetHeaders(net::Response& response) const {
    if (!answer_.headers) return {};
    ASSIGN_OR_RETURN(const Json headers, Evaluate(*answer_.headers, "headers"));
    for (const auto& [name, value] : headers.AsObject()) {
      if (value.IsNull()) continue;
      const std::string text = value.IsString() ? std::string(value.AsString()) : value.Dump();
      if (text.size() > 4'000) return CannotMap("headers", "a value has more than 4,000 bytes");
      response.headers.Set(name.AsString(), text);
    }
    return {};
  }

  // A text of a type that is not JSON goes out as it is.
  Result<void> SetBody(net::Response& response) const {
    Json body = output_;
    if (answer_.body) {
      ASSIGN_OR_RETURN(body, Evaluate(*answer_.body, "body"));
    }
    if (response.status == 204 || response.status == 304) return {};
    const std::string_view type = response.headers.Get("content-type");
    const bool is_json = type.empty() || type.find("json") != std::string_view::npos;
    if (type.empty()) response.content_type = net::kJsonType;
    response.body = is_json || !body.IsString() ? body.Dump() : std::string(body.AsString());
    return {};
  }

  const Answer& answer_;
  const Json& output_;
  dsl::EvaluationContext context_;
};

void SetExecution(net::Response& response, const ExecutionId& id, bool is_new) {
  response.headers.Set("x-execution-id", id.ToString());
  if (!is_new) response.headers.Set("x-webhook-duplicate", "true");
}

}  // namespace

net::Response AcceptedAnswer(const ExecutionId& id, bool is_new) {
  std::vector<Json::Member> members{{"execution", id.ToString()}};
  if (!is_new) members.emplace_back("duplicate", true);
  net::Response response = net::JsonResponse(202, Json::Object(std::move(members)));
  SetExecution(response, id, is_new);
  return response;
}

Result<net::Response> EndedAnswer(const Answer& answer, const engine::Outcome& outcome, const ExecutionId& id,
                                  bool is_new, const Json& request) {
  net::Response response;
  if (outcome.phase == engine::Phase::kCompleted) {
    const AnswerScope scope(id, request);
    ASSIGN_OR_RETURN(response, Mapping(answer, outcome.output, scope).Run());
  } else {
    // The workflow's own error is shown to the operator in the execution, not to whoever calls the webhook.
    response = net::JsonResponse(502, Json::Object({{"error", "the workflow did not complete"},
                                                    {"status", engine::NameOf(outcome.phase)},
                                                    {"execution", id.ToString()}}));
  }
  SetExecution(response, id, is_new);
  return response;
}

}  // namespace elevaite::workflow
