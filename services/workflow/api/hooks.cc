// /hooks/{path}: starts the workflow whose deployment has this webhook.
#include <vector>

#include "services/workflow/api/api.h"

namespace elevaite::workflow {
namespace {

using net::Method;
using net::Request;
using net::Response;

constexpr std::size_t kHookBytesMax = 4U << 20U;

// Headers that carry credentials stay out of the journal.
bool IsSecret(std::string_view name) {
  return name == "authorization" || name == "cookie" || name == "proxy-authorization" || name == "x-api-key";
}

Result<Json> BodyJson(const Request& request, const std::string& body) {
  if (body.empty()) return Json();
  const std::string_view type = request.headers.Get("content-type");
  if (type.empty() || type.find("json") != std::string_view::npos) {
    auto value = ParseJson(body);
    if (value || !type.empty()) return value;
  }
  if (FindInvalidUtf8(body) != std::string_view::npos) {
    return Fail(ErrorCode::kUnsupportedMedia, "the body is neither JSON nor text");
  }
  return Json(body);
}

class HookRoutes {
 public:
  explicit HookRoutes(WorkflowService& service) : service_(service) {}

  Reply Call(Request& request) {
    auto read = request.ReadBody();
    ASSIGN_OR_CO_RETURN(const std::string body, co_await std::move(read));
    ASSIGN_OR_CO_RETURN(Json value, BodyJson(request, body));
    ASSIGN_OR_CO_RETURN(Json input, InputFrom(request, std::move(value)));
    auto start = service_.StartByWebhook(AccountOf(request), std::string(request.PathParameter("path")),
                                         std::string(net::NameOf(request.method)), std::move(input),
                                         request.request_id);
    ASSIGN_OR_CO_RETURN(const Started started, co_await std::move(start));
    Response response = Answer(started);
    response.headers.Set("x-execution-id", started.id.ToString());
    co_return response;
  }

 private:
  static Result<Json> InputFrom(const Request& request, Json body) {
    ASSIGN_OR_RETURN(const net::QueryParameters query, request.Query());
    std::vector<Json::Member> parameters;
    for (const auto& [name, value] : query) parameters.emplace_back(Json(name), Json(value));
    std::vector<Json::Member> headers;
    for (std::size_t i = 0; i < request.headers.size(); ++i) {
      const auto field = request.headers.At(i);
      if (!IsSecret(field.name) && FindInvalidUtf8(field.value) == std::string_view::npos) {
        headers.emplace_back(Json(field.name), Json(field.value));
      }
    }
    return Json::Object({{"method", net::NameOf(request.method)},
                         {"path", request.PathParameter("path")},
                         {"headers", Json::Object(std::move(headers))},
                         {"query", Json::Object(std::move(parameters))},
                         {"body", std::move(body)}});
  }

  static Response Answer(const Started& started) {
    if (!started.outcome) return net::JsonResponse(202, Json::Object({{"execution", started.id.ToString()}}));
    if (started.outcome->phase == engine::Phase::kCompleted)
      return net::JsonResponse(200, started.outcome->output);
    // The workflow's own error is shown to the operator in the execution, not to whoever calls the hook.
    return net::JsonResponse(502, Json::Object({{"error", "the workflow did not complete"},
                                                {"status", engine::NameOf(started.outcome->phase)},
                                                {"execution", started.id.ToString()}}));
  }

  WorkflowService& service_;
};

}  // namespace

void AddHookRoutes(net::Router& router, WorkflowService& service) {
  const auto routes = std::make_shared<HookRoutes>(service);
  const net::RouteOptions options{.body_bytes_max = kHookBytesMax, .timeout = std::chrono::seconds(90)};
  for (const Method method : {Method::kGet, Method::kPost}) {
    router.Add(
        method, "/hooks/{path...}", [routes](Request& request) { return routes->Call(request); }, options);
  }
}

}  // namespace elevaite::workflow
