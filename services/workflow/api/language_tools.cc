// /v1/dsl/edit, graph and more: the compiler as a helper, for the Studio and for programs that write
// documents. Bodies are JSON objects with the document's text under `source`.
#include <string>

#include "dsl/tools/complete.h"
#include "dsl/tools/diff.h"
#include "dsl/tools/format.h"
#include "dsl/tools/hover.h"
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

Result<yaml::Position> PositionIn(const Json& body) {
  const std::int64_t line = body["line"].IntOr(0);
  const std::int64_t column = body["column"].IntOr(0);
  if (line >= 1 && column >= 1 && line <= INT32_MAX && column <= INT32_MAX) {
    return yaml::Position{static_cast<std::uint32_t>(line), static_cast<std::uint32_t>(column)};
  }
  return Fail(ErrorCode::kInvalidArgument, "the body must have numbers `line` and `column`",
              "both count from 1, columns in code points");
}

Reply Complete(const connectors::Registry& registry, Request& request) {
  auto read = request.ReadJson();
  ASSIGN_OR_CO_RETURN(const Json body, co_await std::move(read));
  ASSIGN_OR_CO_RETURN(const std::string source, TextIn(body, "source"));
  ASSIGN_OR_CO_RETURN(const yaml::Position position, PositionIn(body));
  co_return net::JsonResponse(200, ToJson(dsl::tools::Complete(source, position, registry)));
}

Reply Hover(const connectors::Registry& registry, Request& request) {
  auto read = request.ReadJson();
  ASSIGN_OR_CO_RETURN(const Json body, co_await std::move(read));
  ASSIGN_OR_CO_RETURN(const std::string source, TextIn(body, "source"));
  ASSIGN_OR_CO_RETURN(const yaml::Position position, PositionIn(body));
  const auto hover = dsl::tools::HoverAt(source, position, registry);
  co_return net::JsonResponse(200, hover ? ToJson(*hover) : Json());
}

Reply Symbols(const connectors::Registry&, Request& request) {
  auto read = request.ReadJson();
  ASSIGN_OR_CO_RETURN(const Json body, co_await std::move(read));
  ASSIGN_OR_CO_RETURN(const std::string source, TextIn(body, "source"));
  ASSIGN_OR_CO_RETURN(const Json symbols, dsl::tools::SymbolsReport(source));
  co_return net::JsonResponse(200, symbols);
}

Reply Format(const connectors::Registry&, Request& request) {
  auto read = request.ReadJson();
  ASSIGN_OR_CO_RETURN(const Json body, co_await std::move(read));
  ASSIGN_OR_CO_RETURN(const std::string source, TextIn(body, "source"));
  ASSIGN_OR_CO_RETURN(const std::string formatted, dsl::tools::Format(source));
  co_return net::JsonResponse(200, Json::Object({{"source", formatted}}));
}

Reply Diff(const connectors::Registry&, Request& request) {
  auto read = request.ReadJson();
  ASSIGN_OR_CO_RETURN(const Json body, co_await std::move(read));
  ASSIGN_OR_CO_RETURN(const std::string before, TextIn(body, "before"));
  ASSIGN_OR_CO_RETURN(const std::string after, TextIn(body, "after"));
  ASSIGN_OR_CO_RETURN(const Json report, dsl::tools::DiffReport(before, after));
  co_return net::JsonResponse(200, report);
}

Reply Vocabulary(const connectors::Registry&, Request&) {
  co_return net::JsonResponse(200, dsl::tools::VocabularyReport());
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
  add(Method::kPost, "/v1/dsl/complete", Complete);
  add(Method::kPost, "/v1/dsl/hover", Hover);
  add(Method::kPost, "/v1/dsl/symbols", Symbols);
  add(Method::kPost, "/v1/dsl/format", Format);
  add(Method::kPost, "/v1/dsl/diff", Diff);
  add(Method::kGet, "/v1/dsl/vocabulary", Vocabulary);
  add(Method::kGet, "/v1/dsl/explain/{code}", Explain);
}

}  // namespace elevaite::workflow
