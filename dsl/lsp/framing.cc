#include "dsl/lsp/framing.h"

#include <algorithm>
#include <charconv>
#include <system_error>
#include <utility>

namespace elevaite::dsl::lsp {
namespace {

constexpr std::string_view kEnd = "\r\n\r\n";

char Lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

bool IsContentLength(std::string_view name) {
  return std::ranges::equal(name, std::string_view("content-length"), {}, Lower);
}

std::string_view Trim(std::string_view text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
  return text;
}

}  // namespace

Result<std::size_t> FrameReader::ParseHeader(std::string_view header) {
  std::optional<std::size_t> length;
  while (!header.empty()) {
    const std::size_t end = std::min(header.find("\r\n"), header.size());
    const std::string_view line = header.substr(0, end);
    header.remove_prefix(std::min(end + 2, header.size()));
    const std::size_t colon = line.find(':');
    if (colon == std::string_view::npos) return Fail(ErrorCode::kInvalidArgument, "a header has no colon");
    if (!IsContentLength(line.substr(0, colon))) continue;
    const std::string_view digits = Trim(line.substr(colon + 1));
    std::size_t number = 0;
    const auto [stop, error] = std::from_chars(digits.data(), digits.data() + digits.size(), number);
    if (error != std::errc() || stop != digits.data() + digits.size() || length) {
      return Fail(ErrorCode::kInvalidArgument, "Content-Length must be one number");
    }
    if (number > kBodyBytesMax) return Fail(ErrorCode::kPayloadTooLarge, "a message may have 16 MiB at most");
    length = number;
  }
  if (!length) return Fail(ErrorCode::kInvalidArgument, "a message needs the header Content-Length");
  return *length;
}

Result<std::optional<Json>> FrameReader::Next() {
  if (broken_) return Fail(ErrorCode::kInvalidArgument, "the stream is broken");
  const std::size_t end = buffer_.find(kEnd);
  if (end == std::string::npos || end > kHeaderBytesMax) {
    if (buffer_.size() <= kHeaderBytesMax) return std::nullopt;
    broken_ = true;
    return Fail(ErrorCode::kInvalidArgument, "a header may have 4096 bytes at most");
  }
  const auto length = ParseHeader(std::string_view(buffer_).substr(0, end));
  if (!length) {
    broken_ = true;
    return Fail(length.error());
  }
  const std::size_t begin = end + kEnd.size();
  if (buffer_.size() - begin < *length) return std::nullopt;
  auto body = ParseJson(std::string_view(buffer_).substr(begin, *length),
                        {.bytes_max = kBodyBytesMax, .depth_max = 200, .allow_duplicate_keys = true});
  buffer_.erase(0, begin + *length);
  if (!body) return Fail(std::move(body).error());
  return std::optional<Json>(*std::move(body));
}

std::string Frame(const Json& message) {
  const std::string body = message.Dump();
  return "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body;
}

}  // namespace elevaite::dsl::lsp
