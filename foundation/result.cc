#include "foundation/result.h"

#include <array>
#include <cstdio>
#include <cstdlib>

namespace elevaite {
namespace {

constexpr std::array<ErrorCodeInfo, 17> kCodes{{
    {"invalid_argument", "The request is not valid", 400, false},
    {"invalid_workflow", "The workflow document has errors", 422, false},
    {"unauthenticated", "Send a valid secret, signature or token", 401, false},
    {"permission_denied", "Not allowed", 403, false},
    {"not_found", "Not found", 404, false},
    {"method_not_allowed", "Method not allowed", 405, false},
    {"conflict", "Conflict with the present state", 409, false},
    {"version_exists", "This version is already published", 409, false},
    {"payload_too_large", "Too large", 413, false},
    {"unsupported_media_type", "Unsupported media type", 415, false},
    {"quota_exceeded", "A limit is reached", 429, true},
    {"cancelled", "Cancelled", 499, false},
    {"timeout", "Took too long", 504, true},
    {"unavailable", "Unavailable at the moment", 503, true},
    {"resource_exhausted", "Out of resources", 507, true},
    {"data_loss", "Stored data cannot be read", 500, false},
    {"internal", "Something went wrong on our side", 500, false},
}};
static_assert(kCodes.size() == static_cast<std::size_t>(ErrorCode::kInternal) + 1);

}  // namespace

const ErrorCodeInfo& InfoOf(ErrorCode code) { return kCodes.at(static_cast<std::size_t>(code)); }

std::string Error::ToString() const {
  std::string text{InfoOf(code).name};
  text += ": ";
  text += message;
  if (!hint.empty()) text += " (" + hint + ")";
  if (!detail.empty()) text += " [" + detail + "]";
  return text;
}

std::unexpected<Error> Fail(ErrorCode code, std::string message, std::string hint, std::string detail) {
  return std::unexpected<Error>(Error{
      .code = code, .message = std::move(message), .hint = std::move(hint), .detail = std::move(detail)});
}

void CheckFailed(const char* condition, const char* file, int line) {
  std::fprintf(stderr, "%s:%d: invariant does not hold: %s\n", file, line, condition);
  std::abort();
}

}  // namespace elevaite
