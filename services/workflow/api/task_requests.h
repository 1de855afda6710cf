// What the routes of tasks and of links to them share: bodies in, refusals out.
#pragma once

#include <algorithm>
#include <initializer_list>
#include <string>
#include <string_view>

#include "net/problem.h"
#include "services/workflow/people/inbox.h"

namespace elevaite::workflow {

inline constexpr std::size_t kTaskBodyBytesMax = 1U << 20U;
inline constexpr JsonParseOptions kTaskBody{.bytes_max = kTaskBodyBytesMax, .depth_max = 64};
inline constexpr net::RouteOptions kTaskRoute{.body_bytes_max = kTaskBodyBytesMax};
inline constexpr net::RouteOptions kFileRoute{.body_bytes_max = people::TaskFile::kBytesMax,
                                              .timeout = std::chrono::seconds(120)};

inline net::Response Refused(const people::Refusal& refusal, const net::Request& request) {
  if (refusal.status == 0) return net::ProblemResponse(refusal.error, request, refusal.extra);
  return net::ProblemResponse(refusal.status, refusal.error, request, refusal.extra);
}

inline std::string TextOf(const Json& body, std::string_view member) {
  return std::string(body[member].StringOr(""));
}

// A member that is not known is refused: a reason that nobody reads would be lost.
inline Result<void> CheckMembers(const Json& body, std::initializer_list<std::string_view> texts,
                                 std::string_view other = {}) {
  if (!body.IsObject()) return Fail(ErrorCode::kInvalidArgument, "the body must be an object");
  for (const auto& [name, value] : body.AsObject()) {
    const bool is_text = std::ranges::find(texts, name.AsString()) != texts.end();
    if (!is_text && (other.empty() || name.AsString() != other))
      return Fail(ErrorCode::kInvalidArgument,
                  "the body has no member `" + std::string(name.AsString()) + "`");
    if (is_text && !value.IsString() && !value.IsNull())
      return Fail(ErrorCode::kInvalidArgument, "`" + std::string(name.AsString()) + "` must be a text");
  }
  return {};
}

}  // namespace elevaite::workflow
