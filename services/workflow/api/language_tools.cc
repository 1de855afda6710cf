// /v1/dsl/edit, graph and more: the compiler as a helper, for the Studio and for programs that write
// documents. Bodies are JSON objects with the document's text under `source`.
#include <string>

#include "dsl/tools/report.h"
#include "services/workflow/api/api.h"

namespace elevaite::workflow {
namespace {

using net::Method;
using net::Request;

// A document of a mebibyte, with every character escaped that JSON escapes in practice.
constexpr std::size_t kBodyBytesMax = 4U << 20U;

Result<std::string> TextIn(const Json& body, std::string_view member) {
  if (body[member].IsString()) return std::string(body[member].AsString());
  return Fail(ErrorCode::kInvalidArgument, "the body must have a text `" + std::string(member) + "`",
              "a JSON object; `" + std::string(member) + "` is a whole document, YAML or JSON");
}

Reply Edit(const connectors::Registry& registry, Request& request) {
  auto read = request.ReadJson();
  ASSIGN_OR_CO_RETURN(const Json body, co_await std::move(read));
  ASSIGN_OR_CO_RETURN(const std::string source, TextIn(body, "source"));
  ASSIGN_OR_CO_RETURN(const Json report, dsl::tools::EditReport(source, body["operations"], registry));
  co_return net::JsonResponse(200, report);
}

Reply Graph(const connectors::Registry& registry, Request& request) {
  auto read = request.ReadJson();
  ASSIGN_OR_CO_RETURN(const Json body, co_await std::move(read));
  ASSIGN_OR_CO_RETURN(const std::string source, TextIn(body, "source"));
  ASSIGN_OR_CO_RETURN(const Json graph, dsl::tools::GraphReport(source, registry));
  co_return net::JsonResponse(200, graph);
}

Reply Explain(const connectors::Registry&, Request& request) {
  ASSIGN_OR_CO_RETURN(const Json page, dsl::tools::ExplainReport(request.PathParameter("code")));
  co_return net::JsonResponse(200, page);
}

}  // namespace

void AddLanguageToolRoutes(net::Router& router, const connectors::Registry& registry) {
  const auto add = [&](Method method, std::string_view pattern,
                       Reply (*handler)(const connectors::Registry&, Request&)) {
    router.Add(method, pattern, [&registry, handler](Request& request) { return handler(registry, request); },
               {.body_bytes_max = kBodyBytesMax});
  };
  add(Method::kPost, "/v1/dsl/edit", Edit);
  add(Method::kPost, "/v1/dsl/graph", Graph);
  add(Method::kGet, "/v1/dsl/explain/{code}", Explain);
}

}  // namespace elevaite::workflow
