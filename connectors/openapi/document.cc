#include "connectors/openapi/document.h"

#include <fmt/format.h>

#include <algorithm>

#include "connectors/http/failures.h"
#include "foundation/json_pointer.h"
#include "foundation/text.h"
#include "foundation/utf8.h"
#include "foundation/yaml.h"

namespace elevaite::connectors::openapi {
namespace {

using http::Misconfigured;

constexpr std::string_view kMethods[] = {"get", "put", "post", "delete", "options", "head", "patch"};
constexpr int kReferencesMax = 32;

std::string Show(std::string_view text) { return std::string(Utf8Prefix(text, 100)); }

std::unexpected<Failure> Bad(const std::string& why) { return std::unexpected(Misconfigured(why)); }

std::expected<Version, Failure> VersionOf(const Json& root) {
  const Json& openapi = root["openapi"];
  if (openapi.StringOr("").starts_with("3.0") || openapi.StringOr("").starts_with("3.1"))
    return Version::kOpenApi3;
  if (root["swagger"] == Json("2.0") || root["swagger"] == Json(2)) return Version::kSwagger2;
  return Bad("the document is none of OpenAPI 3.0, OpenAPI 3.1 and Swagger 2.0");
}

std::string Upper(std::string_view text) {
  std::string upper(text);
  for (char& c : upper) c = c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
  return upper;
}

bool SameParameter(const Json& a, const Json& b) { return a["name"] == b["name"] && a["in"] == b["in"]; }

// "https://{region}.example.com/v1" with the defaults of its variables.
std::expected<std::string, Failure> FillVariables(const Json& server) {
  std::string url;
  std::string_view rest = server["url"].StringOr("/");
  while (!rest.empty()) {
    const auto open = rest.find('{');
    const auto close = open == std::string_view::npos ? open : rest.find('}', open);
    if (close == std::string_view::npos) return url + std::string(rest);
    const std::string_view name = rest.substr(open + 1, close - open - 1);
    const Json& value = server["variables"][name]["default"];
    if (!value.IsString()) return Bad(fmt::format("the server's variable '{}' has no default", Show(name)));
    url.append(rest.substr(0, open)).append(value.AsString());
    rest.remove_prefix(close + 1);
  }
  return url;
}

}  // namespace

std::expected<Document, Failure> Document::Parse(std::string_view text, net::Url url) {
  const auto node = yaml::Read(text);
  if (!node) return Bad("the OpenAPI document cannot be read: " + node.error().ToString());
  const auto version = VersionOf(node->value());
  if (!version) return std::unexpected(version.error());
  return Document(node->value(), std::move(url), *version);
}

std::expected<Json, Failure> Document::Resolve(Json value) const {
  for (int i = 0; value.IsObject() && value["$ref"].IsString(); ++i) {
    const std::string reference(value["$ref"].AsString());
    if (i == kReferencesMax) return Bad(fmt::format("the document's `{}` refers to itself", Show(reference)));
    if (!reference.starts_with('#'))
      return Bad(
          fmt::format("the document refers to another one, `{}`, which is not loaded", Show(reference)));
    const auto pointer = net::PercentDecode(std::string_view(reference).substr(1));
    const Json* target = pointer ? FindAt(root_, *pointer) : nullptr;
    if (target == nullptr) return Bad(fmt::format("the document's `{}` leads nowhere", Show(reference)));
    value = Json(*target);
  }
  return value;
}

std::expected<Operation, Failure> Document::FindOperation(std::string_view id) const {
  std::vector<std::string_view> ids;
  const Json& paths = root_["paths"];
  for (const auto& [path, item] : paths.IsObject() ? paths.AsObject() : std::span<const Json::Member>()) {
    const auto path_item = Resolve(item);
    if (!path_item) return std::unexpected(path_item.error());
    for (const std::string_view method : kMethods) {
      const Json& definition = (*path_item)[method];
      if (!definition["operationId"].IsString()) continue;
      if (definition["operationId"].AsString() != id) {
        ids.push_back(definition["operationId"].AsString());
        continue;
      }
      auto parameters = ParametersOf(*path_item, definition);
      if (!parameters) return std::unexpected(parameters.error());
      Operation operation{.method = Upper(method),
                          .path = std::string(path.AsString()),
                          .definition = definition,
                          .parameters = *std::move(parameters),
                          .servers = {}};
      for (const Json* holder : {&definition, &*path_item, &root_}) {
        const Json& servers = (*holder)["servers"];
        if (!servers.IsArray() || servers.Size() == 0) continue;
        operation.servers.assign(servers.AsArray().begin(), servers.AsArray().end());
        break;
      }
      return operation;
    }
  }
  const std::string meant = DidYouMean(id, ids);
  return Bad(
      fmt::format("the document has no operation '{}'{}", Show(id), meant.empty() ? "" : "; " + meant));
}

std::expected<std::vector<Json>, Failure> Document::ParametersOf(const Json& path_item,
                                                                 const Json& definition) const {
  std::vector<Json> all;
  for (const Json* holder : {&path_item, &definition}) {
    const Json& list = (*holder)["parameters"];
    for (const Json& one : list.IsArray() ? list.AsArray() : std::span<const Json>()) {
      auto parameter = Resolve(one);
      if (!parameter) return std::unexpected(parameter.error());
      if (!(*parameter)["name"].IsString() || !(*parameter)["in"].IsString())
        return Bad("the document has a parameter without `name` and `in`");
      std::erase_if(all, [&](const Json& other) { return SameParameter(other, *parameter); });
      all.push_back(*std::move(parameter));
    }
  }
  return all;
}

std::expected<std::string, Failure> Document::SwaggerServer() const {
  std::string_view scheme = url_.scheme;
  if (const Json& schemes = root_["schemes"]; schemes.IsArray() && schemes.Size() > 0) {
    const auto offers = [&](std::string_view name) {
      return std::ranges::any_of(schemes.AsArray(), [&](const Json& one) { return one == Json(name); });
    };
    if (!offers(scheme)) scheme = offers("https") ? "https" : "http";
  }
  const std::string host(root_["host"].StringOr(url_.HostHeader()));
  return std::string(scheme) + "://" + host + std::string(root_["basePath"].StringOr("/"));
}

std::expected<std::string, Failure> Document::ServerOf(const Operation& operation) const {
  std::expected<std::string, Failure> text = "/";
  if (version_ == Version::kSwagger2) {
    text = SwaggerServer();
  } else if (!operation.servers.empty()) {
    text = FillVariables(operation.servers.front());
  }
  if (!text) return text;
  const auto url = url_.Resolve(*text);
  if (!url)
    return Bad(fmt::format("the document's server '{}' is no address: {}", Show(*text), url.error().message));
  std::string server = url->ToString();
  if (server.find('?') != std::string::npos) return Bad("the document's server has a query");
  if (server.ends_with('/')) server.pop_back();
  return server;
}

}  // namespace elevaite::connectors::openapi
