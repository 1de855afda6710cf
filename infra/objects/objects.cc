#include "infra/objects/objects.h"

#include <algorithm>

namespace elevaite::objects {
namespace {

constexpr std::size_t kSegmentsMax = 8;
constexpr std::size_t kSegmentBytesMax = 100;

bool IsPlain(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' || c == '_' ||
         c == '-';
}

bool IsSegment(std::string_view text) {
  return !text.empty() && text.size() <= kSegmentBytesMax && text.front() != '.' &&
         std::ranges::all_of(text, IsPlain);
}

}  // namespace

Result<void> CheckKey(const AccountId& account, std::string_view key) {
  if (account.IsEmpty()) return Fail(ErrorCode::kInvalidArgument, "an object belongs to an account");
  std::size_t segments = 0;
  for (std::size_t from = 0; from <= key.size() && segments <= kSegmentsMax;) {
    const std::size_t slash = std::min(key.find('/', from), key.size());
    if (!IsSegment(key.substr(from, slash - from)))
      return Fail(ErrorCode::kInvalidArgument,
                  "this is no key of an object: '" + std::string(key.substr(0, 80)) + "'",
                  "segments of letters, digits, '.', '_' and '-', with '/' between");
    ++segments;
    from = slash + 1;
  }
  if (segments > kSegmentsMax)
    return Fail(ErrorCode::kInvalidArgument, "the key of an object may have 8 segments at most");
  return {};
}

}  // namespace elevaite::objects
