// /v1/dsl/check and /v1/connectors: help for people and programs that write documents.
#include "services/workflow/api/api.h"

namespace elevaite::workflow {
namespace {

using net::Method;
using net::Request;

Json DocumentJson(const dsl::CompileResult& compiled) {
  if (!compiled.document) return {};
  const dsl::DocumentSummary& d = *compiled.document;
  return Json::Object({{"namespace", d.name_space},
                       {"name", d.name},
                       {"version", d.version},
                       {"title", d.title.empty() ? Json() : Json(d.title)},
                       {"sample_input", d.metadata["sampleInput"]}});
}

Reply Check(Programs& programs, Request& request) {
  auto read = request.ReadBody();
  ASSIGN_OR_CO_RETURN(const std::string source, co_await std::move(read));
  const dsl::CompileResult compiled = programs.Check(source);
  co_return net::JsonResponse(200, Json::Object({{"valid", compiled.program != nullptr},
                                                 {"diagnostics", DiagnosticsJson(compiled.diagnostics)},
                                                 {"more_diagnostics", compiled.dropped},
                                                 {"outline", programs.OutlineOf(compiled)},
                                                 {"document", DocumentJson(compiled)}}));
}

Reply Connectors(const connectors::Registry& registry, Request&) {
  std::vector<Json> items;
  for (const auto& descriptor : registry.descriptors()) items.push_back(connectors::ToJson(descriptor));
  co_return net::JsonResponse(200, Json::Object({{"items", Json::Array(std::move(items))}}));
}

}  // namespace

void AddLanguageRoutes(net::Router& router, Programs& programs, const connectors::Registry& registry) {
  router.Add(Method::kPost, "/v1/dsl/check",
             [&programs](Request& request) { return Check(programs, request); },
             {.body_bytes_max = 1U << 20U});
  router.Add(Method::kGet, "/v1/connectors",
             [&registry](Request& request) { return Connectors(registry, request); });
}

}  // namespace elevaite::workflow
