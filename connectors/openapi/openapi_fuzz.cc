// Property: any document is refused or understood; for each of its operations and any values there is a
// failure with a text, or a request to the server that the document names. Input: the document, a NUL byte,
// the parameters as JSON.
#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "connectors/openapi/document.h"
#include "connectors/openapi/request.h"

namespace {

using namespace elevaite;
namespace openapi = connectors::openapi;

void TryOperation(const openapi::Document& document, std::string_view id, const Json& parameters) {
  const auto operation = document.FindOperation(id);
  if (!operation) return;
  const auto request = openapi::RequestFor(document, *operation, parameters);
  if (!request) {
    if (request.error().error["detail"].StringOr("").empty()) std::abort();
    return;
  }
  if (!document.ServerOf(*operation)->starts_with(request->url.Origin())) std::abort();
  if (request->url.target.find_first_of(" \r\n") != std::string::npos) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const std::size_t split = std::min(text.find('\0'), text.size());
  const auto url = net::Url::Parse("https://example.com/docs/openapi.yaml");
  const auto document = openapi::Document::Parse(text.substr(0, split), *url);
  if (!document) return 0;
  const Json parameters =
      ParseJson(text.substr(std::min(split + 1, size)), {.depth_max = 50}).value_or(Json());
  const Json& paths = document->root()["paths"];
  for (const auto& [path, item] : paths.IsObject() ? paths.AsObject() : std::span<const Json::Member>()) {
    for (const auto& [method, operation] :
         item.IsObject() ? item.AsObject() : std::span<const Json::Member>())
      TryOperation(*document, operation["operationId"].StringOr(""), parameters);
  }
  return 0;
}
