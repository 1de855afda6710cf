#include "app/process_routes.h"

#include <fmt/format.h>

#include <chrono>
#include <memory>
#include <utility>
#include <vector>

#include "app/embedded.h"
#include "app/system_view.h"
#include "app/version.h"
#include "infra/database/awaitable.h"
#include "net/problem.h"
#include "services/workflow/api/api.h"

namespace elevaite::app {
namespace {

using net::Method;
using net::Request;
using workflow::Reply;

constexpr database::Sql kAlive{"alive", "SELECT 1"};
constexpr database::QueryOptions kAliveTime{.timeout = std::chrono::seconds(1)};

class ProcessRoutes {
 public:
  explicit ProcessRoutes(ProcessRoutesSources from) : from_(std::move(from)) {}

  Reply Health(Request&) { co_return net::JsonResponse(200, Json::Object({{"status", "ok"}})); }

  Reply Ready(Request& request) {
    if (!from_.ready || (from_.member != nullptr && from_.member->is_leaving())) {
      const Error error{.code = ErrorCode::kUnavailable,
                        .message = from_.ready ? "this node is leaving" : "executions are being read back",
                        .retry_after = std::chrono::seconds(1)};
      co_return net::ProblemResponse(error, request);
    }
    if (const auto failure = from_.engine.status().failure) {
      const Error error{.code = ErrorCode::kUnavailable,
                        .message = "executions cannot be written: " + failure->message,
                        .retry_after = std::chrono::seconds(1)};
      co_return net::ProblemResponse(error, request);
    }
    auto answer = database::AsyncQuery(from_.stores.engine(), kAlive, {}, kAliveTime);
    if (const auto rows = co_await std::move(answer); !rows) {
      const Error error{.code = ErrorCode::kUnavailable,
                        .message = "the database does not answer: " + rows.error().message,
                        .retry_after = std::chrono::seconds(1)};
      co_return net::ProblemResponse(error, request);
    }
    co_return net::JsonResponse(200, Json::Object({{"status", "ready"}}));
  }

  Reply System(Request&) {
    const auto uptime = SystemClock().Now() - started_at_;
    const Json models =
        Json::Object({{"configured", !from_.llm.base_url.empty()},
                      {"base_url", from_.llm.base_url.empty() ? Json() : Json(from_.llm.base_url)},
                      {"default", from_.llm.default_model.empty() ? Json() : Json(from_.llm.default_model)}});
    const auto status = from_.engine.status();
    co_return net::JsonResponse(
        200, Json::Object({{"version", kVersion},
                           {"started_at", started_at_.ToRfc3339()},
                           {"uptime_s", uptime.count() / 1'000'000},
                           {"roles", from_.workers != nullptr ? Json::Array({"workflow"})
                                                              : Json::Array({"workflow", "worker"})},
                           {"executions_active", status.active},
                           {"partitions",
                            PartitionsJson(from_.engine,
                                           from_.member != nullptr ? from_.member->view().get() : nullptr,
                                           from_.member != nullptr ? from_.member->id() : "this process")},
                           {"admission", AdmissionJson(from_.engine)},
                           {"search", SearchJson(from_.projector)},
                           {"events", EventsJson(from_.events)},
                           {"calls", CallsJson()},
                           {"storage", StorageJson(from_.stores.engine(), from_.stores.workflow())},
                           {"node", NodeJson()},
                           {"workers", from_.workers != nullptr ? from_.workers->ToJson() : Json()},
                           {"models", models}}));
  }

  // ---- The doctor

  Reply Examine(Request& request) { return Begin(request, false); }
  Reply Mend(Request& request) { return Begin(request, true); }

  Reply LatestExamination(Request&) {
    co_return net::JsonResponse(200,
                                Json::Object({{"latest", from_.examinations.Latest().value_or(Json())}}));
  }

  Reply ExaminationOf(Request& request) {
    co_return Shown(from_.examinations.Find(request.PathParameter("id")));
  }

  Reply CancelExamination(Request& request) {
    co_return Shown(from_.examinations.Cancel(request.PathParameter("id")));
  }

  // What `type` of a problem points to.
  Reply ErrorPage(Request& request) {
    const std::string path = fmt::format("/{}.md", request.PathParameter("code"));
    for (const EmbeddedFile& page : ErrorPages()) {
      if (page.path == path) co_return net::TextResponse(200, std::string(page.bytes));
    }
    co_return Fail(ErrorCode::kNotFound, "no error has this code");
  }

  Reply Metrics(Request&) {
    net::Response response = net::TextResponse(200, from_.metrics.Expose());
    response.headers.Set("content-type", "text/plain; version=0.0.4; charset=utf-8");
    co_return response;
  }

 private:
  Reply Begin(Request& request, bool mend) {
    auto note = workflow::NoteSent(request);  // of who wants it, for the audit
    CO_RETURN_IF_ERROR(co_await std::move(note));
    const auto begun = from_.examinations.Start(mend);
    if (!begun) co_return Fail(begun.error());
    net::Response response = net::JsonResponse(202, *begun);
    response.headers.Set("location", fmt::format("/v1/system/doctor/{}", (*begun)["id"].StringOr("")));
    co_return response;
  }

  static Result<net::Response> Shown(const std::optional<Json>& examination) {
    if (examination) return net::JsonResponse(200, *examination);
    return Fail(ErrorCode::kNotFound, "this process has no examination of this id",
                "an examination is of the node that was asked for it, which keeps the last ten");
  }

  Json NodeJson() const {
    if (from_.member == nullptr) return Json();
    std::vector<Json> owned;
    for (std::uint32_t i = 0; i < from_.engine.partitions(); ++i) {
      if (from_.engine.is_open(i)) owned.emplace_back(i);
    }
    std::vector<Json> nodes;
    for (const engine::NodeRow& row : from_.member->view()->nodes) {
      if (row.lives)
        nodes.push_back(Json::Object({{"id", row.id}, {"address", row.address}, {"leaving", row.leaving}}));
    }
    return Json::Object({{"id", from_.member->id()},
                         {"address", from_.node_address},
                         {"partitions", Json::Array(std::move(owned))},
                         {"partitions_total", from_.engine.partitions()},
                         {"keeps_schedules", from_.scheduler.leads()},
                         {"nodes", Json::Array(std::move(nodes))}});
  }

  // What connectors do, here or by workers.
  Json CallsJson() const {
    const connectors::Runner::Status calls = from_.calls();
    return Json::Object({{"running", calls.running},
                         {"waiting", calls.waiting},
                         {"succeeded", calls.succeeded},
                         {"failed", calls.failed}});
  }

  const ProcessRoutesSources from_;
  const Timestamp started_at_ = SystemClock().Now();
};

}  // namespace

void AddProcessRoutes(net::Router& router, ProcessRoutesSources sources) {
  const auto routes = std::make_shared<ProcessRoutes>(std::move(sources));
  const auto add = [&](std::string_view pattern, Reply (ProcessRoutes::*handler)(Request&),
                       Method method = Method::kGet) {
    router.Add(method, pattern,
               [routes, handler](Request& request) { return ((*routes).*handler)(request); });
  };
  add("/health", &ProcessRoutes::Health);
  add("/ready", &ProcessRoutes::Ready);
  add("/metrics", &ProcessRoutes::Metrics);
  add("/v1/system", &ProcessRoutes::System);
  add("/v1/system/doctor", &ProcessRoutes::LatestExamination);
  add("/v1/system/doctor", &ProcessRoutes::Examine, Method::kPost);
  add("/v1/system/doctor/mend", &ProcessRoutes::Mend, Method::kPost);
  add("/v1/system/doctor/{id}", &ProcessRoutes::ExaminationOf);
  add("/v1/system/doctor/{id}", &ProcessRoutes::CancelExamination, Method::kDelete);
  add("/docs/errors/{code}", &ProcessRoutes::ErrorPage);
}

}  // namespace elevaite::app
