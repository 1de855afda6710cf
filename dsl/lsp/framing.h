// The frames of the base protocol of LSP: headers, an empty line, a JSON body of `Content-Length` bytes.
// Source:
// https://microsoft.github.io/language-server-protocol/specifications/lsp/3.17/specification/#baseProtocol
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "foundation/json.h"
#include "foundation/result.h"

namespace elevaite::dsl::lsp {

inline constexpr std::size_t kHeaderBytesMax = 4096;
inline constexpr std::size_t kBodyBytesMax = 16U << 20U;

// Bytes in, messages out. After an error nothing more can be read: where the next frame begins is not known.
// A body that is no JSON is an error of that message only.
class FrameReader {
 public:
  void Append(std::string_view bytes) { buffer_ += bytes; }
  // nullopt: more bytes are needed. kInvalidArgument: the header is wrong, broken() holds from then on, or
  // the body is no JSON.
  Result<std::optional<Json>> Next();
  bool broken() const { return broken_; }

 private:
  // The length in the header; the place behind the empty line.
  Result<std::size_t> ParseHeader(std::string_view header);

  std::string buffer_;
  bool broken_ = false;
};

std::string Frame(const Json& message);

}  // namespace elevaite::dsl::lsp
