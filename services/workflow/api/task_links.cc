// /t/{token}: what somebody who has a signed link sees of a task, and answers. Nothing else can be reached
// with it. The page itself is the web app's (GET /t/{token}, for browsers).
#include "services/workflow/api/api.h"
#include "services/workflow/api/audited.h"
#include "services/workflow/api/task_requests.h"

namespace elevaite::workflow {
namespace {

using net::Method;
using net::Request;
using net::Response;

// The address is a credential: neither caches nor other sites should see it.
Response Private(Response response) {
  response.headers.Set("cache-control", "no-store");
  response.headers.Set("referrer-policy", "no-referrer");
  return response;
}

class LinkRoutes {
 public:
  explicit LinkRoutes(people::Inbox& inbox) : inbox_(inbox) {}

  Reply Show(Request& request) {
    auto open = inbox_.OpenLink(Token(request));
    const auto shown = co_await std::move(open);
    if (!shown) co_return Private(Refused(shown.error(), request));
    co_return Private(net::JsonResponse(200, *shown));
  }

  Reply Answer(Request& request) {
    auto read = request.ReadJson(kTaskBody);
    ASSIGN_OR_CO_RETURN(const Json body, co_await std::move(read));
    CO_RETURN_IF_ERROR(CheckMembers(body, {"decision", "comment"}, "values"));
    people::Answer answer{.decision = TextOf(body, "decision"),
                          .values = body["values"],
                          .comment = TextOf(body, "comment"),
                          .by = {}};
    auto give = inbox_.AnswerByLink(Token(request), std::move(answer));
    const auto given = co_await std::move(give);
    if (!given) co_return Private(Refused(given.error(), request));
    request.context =
        AuditedBy{.who = std::string(given->outcome["by"].StringOr("")), .object_id = given->id.ToString()};
    co_return Private(net::JsonResponse(200, people::LinkJson(*given, given->outcome["by"].StringOr(""))));
  }

  Reply AddFile(Request& request) {
    auto read = request.ReadBody();
    ASSIGN_OR_CO_RETURN(std::string bytes, co_await std::move(read));
    auto add =
        inbox_.AddFileByLink(Token(request), request.QueryParameter("name").value_or(""), std::move(bytes));
    const auto added = co_await std::move(add);
    if (!added) co_return Private(Refused(added.error(), request));
    co_return Private(net::JsonResponse(201, Json::WithoutMember(people::ToJson(*added, ""), "href")));
  }

 private:
  static std::string Token(const Request& request) { return std::string(request.PathParameter("token")); }

  people::Inbox& inbox_;
};

}  // namespace

void AddTaskLinkRoutes(net::Router& router, people::Inbox& inbox) {
  const auto routes = std::make_shared<LinkRoutes>(inbox);
  const auto add = [&](Method method, std::string_view pattern, Reply (LinkRoutes::*handler)(Request&),
                       const net::RouteOptions& options = kTaskRoute) {
    router.Add(
        method, pattern, [routes, handler](Request& request) { return (*routes.*handler)(request); },
        options);
  };
  add(Method::kGet, "/t/{token}/task", &LinkRoutes::Show);
  add(Method::kPost, "/t/{token}/answer", &LinkRoutes::Answer);
  add(Method::kPost, "/t/{token}/files", &LinkRoutes::AddFile, kFileRoute);
}

}  // namespace elevaite::workflow
