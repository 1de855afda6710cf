// /openapi.json and /docs/api: the description of the API for programs and for people, both from
// services/workflow/openapi.yaml.
#include <fmt/format.h>

#include "foundation/markup.h"
#include "foundation/yaml.h"
#include "services/workflow/api/api.h"

namespace elevaite::workflow {

extern const std::string_view kOpenApiYaml;  // built in from services/workflow/openapi.yaml

namespace {

using net::Method;
using net::Request;

// `{$ref: '#/components/parameters/x'}` to what it names.
const Json& Resolve(const Json& value) {
  const Json* found = value.Find("$ref");
  if (!found) return value;
  const std::string_view path = found->AsString().substr(2);
  const Json* at = &OpenApi();
  for (std::size_t from = 0; from < path.size();) {
    const std::size_t slash = std::min(path.find('/', from), path.size());
    at = &(*at)[path.substr(from, slash - from)];
    from = slash + 1;
  }
  return *at;
}

std::string ParametersHtml(const Json& path_item, const Json& operation) {
  std::string rows;
  for (const Json* owner : {&path_item, &operation}) {
    const Json& list = (*owner)["parameters"];
    if (!list.IsArray()) continue;
    for (const Json& entry : list.AsArray()) {
      const Json& parameter = Resolve(entry);
      rows += fmt::format("<tr><td><code>{}</code></td><td>{}</td><td>{}</td></tr>",
                          EscapeMarkup(parameter["name"].StringOr("")),
                          EscapeMarkup(parameter["in"].StringOr("")),
                          EscapeMarkup(parameter["description"].StringOr("")));
    }
  }
  return rows.empty() ? "" : "<table><tr><th>Parameter</th><th>In</th><th></th></tr>" + rows + "</table>";
}

std::string ResponsesHtml(const Json& operation) {
  std::string rows;
  for (const auto& [status, entry] : operation["responses"].AsObject()) {
    rows += fmt::format("<tr><td><code>{}</code></td><td>{}</td></tr>", EscapeMarkup(status.AsString()),
                        EscapeMarkup(Resolve(entry)["description"].StringOr("")));
  }
  return "<table><tr><th>Answer</th><th></th></tr>" + rows + "</table>";
}

std::string OperationHtml(std::string_view path, std::string_view method, const Json& path_item,
                          const Json& operation) {
  std::string upper(method);
  for (char& c : upper) c = static_cast<char>(c - 'a' + 'A');
  return fmt::format(
      "<section><h3><b class=\"{}\">{}</b> <code>{}</code></h3><p>{}</p><p "
      "class=\"more\">{}</p>{}{}</section>",
      method, upper, EscapeMarkup(path), EscapeMarkup(operation["summary"].StringOr("")),
      EscapeMarkup(operation["description"].StringOr("")), ParametersHtml(path_item, operation),
      ResponsesHtml(operation));
}

constexpr std::string_view kStyle =
    "body{font:15px/1.6 system-ui,sans-serif;max-width:56rem;margin:0 auto;padding:2rem "
    "1.25rem;color:#1c2024;background:#fcfcfd}"
    "h1{font-size:1.75rem}h2{margin-top:3rem;border-bottom:1px solid #d9d9e0;padding-bottom:.25rem}"
    "section{border:1px solid #e0e1e6;border-radius:6px;padding:.25rem 1.25rem 1rem;margin:1rem "
    "0;background:#fff}"
    "code{font:13px ui-monospace,monospace}h3 code{font-size:15px}.more{color:#60646c;white-space:pre-line}"
    "b{font:600 12px ui-monospace,monospace;padding:.15rem "
    ".45rem;border-radius:4px;background:#e6f4fe;color:#0d74ce}"
    "b.post{background:#e6f6eb;color:#218358}b.put{background:#fff7c2;color:#ab6400}"
    "table{border-collapse:collapse;width:100%;font-size:14px}td,th{text-align:left;padding:.3rem .75rem "
    ".3rem 0;"
    "border-top:1px solid #f0f0f3;vertical-align:top}th{color:#60646c;font-weight:500;border:0}"
    "@media(prefers-color-scheme:dark){body{color:#edeef0;background:#111113}section{background:#18191b;"
    "border-color:#2e3135}"
    "h2{border-color:#363a3f}.more,th{color:#b0b4ba}td{border-color:#272a2d}b{background:#0d2847;color:#"
    "70b8ff}"
    "b.post{background:#132d21;color:#3dd68c}b.put{background:#302008;color:#ffca16}}";

std::string ReferenceHtml() {
  const Json& api = OpenApi();
  std::string body;
  for (const Json& tag : api["tags"].AsArray()) {
    body += fmt::format("<h2>{}</h2><p>{}</p>", EscapeMarkup(tag["name"].StringOr("")),
                        EscapeMarkup(tag["description"].StringOr("")));
    for (const auto& [path, item] : api["paths"].AsObject()) {
      for (const std::string_view method : {"get", "post", "put"}) {
        const Json* operation = item.Find(method);
        if (operation && (*operation)["tags"].At(0) == tag["name"]) {
          body += OperationHtml(path.AsString(), method, item, *operation);
        }
      }
    }
  }
  return fmt::format(
      "<!doctype html><html lang=\"en\"><head><meta charset=\"utf-8\"><meta name=\"viewport\" "
      "content=\"width=device-width,initial-scale=1\"><title>{0}</title><style>{1}</style></"
      "head><body><h1>{0}</h1>"
      "<p class=\"more\">{2}</p><p><a href=\"/openapi.json\">openapi.json</a></p>{3}</body></html>",
      EscapeMarkup(api["info"]["title"].AsString()), kStyle,
      EscapeMarkup(api["info"]["description"].AsString()), body);
}

}  // namespace

const Json& OpenApi() {
  static const Json document = [] {
    const auto node = yaml::Read(kOpenApiYaml);
    CHECK(node.has_value());
    return node->value();
  }();
  return document;
}

namespace {

Reply Describe(Request&) { co_return net::JsonResponse(200, OpenApi()); }

Reply Reference(Request&) {
  net::Response response = net::TextResponse(200, ReferenceHtml());
  response.content_type = "text/html; charset=utf-8";
  co_return response;
}

}  // namespace

void AddReferenceRoutes(net::Router& router) {
  router.Add(Method::kGet, "/openapi.json", Describe);
  router.Add(Method::kGet, "/docs/api", Reference);
}

}  // namespace elevaite::workflow
