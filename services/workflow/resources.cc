#include "services/workflow/resources.h"

#include <fmt/format.h>

#include <algorithm>

#include "foundation/json.h"

namespace elevaite::workflow {

bool ResourceFetcher::IsAllowed(std::string_view host) const {
  return std::ranges::any_of(hosts_, [&](std::string_view pattern) {
    if (!pattern.starts_with("*.")) return pattern == host;
    pattern.remove_prefix(1);
    return host.size() > pattern.size() && host.ends_with(pattern);
  });
}

Task<std::string> ResourceFetcher::Fetch(std::string uri) {
  auto request = net::ClientRequest::To("GET", uri);
  if (!request) co_return Fail(ErrorCode::kInvalidArgument, uri + ": " + request.error().message);
  if (!IsAllowed(request->url.host)) {
    co_return Fail(
        ErrorCode::kPermissionDenied,
        fmt::format("the document refers to {}, and nothing may be fetched from {}", uri, request->url.host),
        "the operator of this server allows hosts with `catalogs.allow`");
  }
  request->headers.Set("accept", "application/yaml, application/json, text/plain, */*;q=0.5");
  request->response_bytes_max = kTextBytesMax;
  request->redirects_max = 0;  // a redirect could lead to a host that is not allowed
  request->deadline = std::chrono::steady_clock::now() + std::chrono::seconds(10);
  auto send = client_.Send(*std::move(request));
  auto response = co_await std::move(send);
  if (!response)
    co_return Fail(ErrorCode::kUnavailable,
                   fmt::format("{} could not be fetched: {}", uri, response.error().message));
  if (response->status != 200)
    co_return Fail(ErrorCode::kUnavailable,
                   fmt::format("{} could not be fetched: the answer was {}", uri, response->status));
  if (FindInvalidUtf8(response->body) != std::string_view::npos)
    co_return Fail(ErrorCode::kUnavailable, uri + " is no text");
  co_return std::move(response->body);
}

}  // namespace elevaite::workflow
