// gzip, with limits.
#pragma once

#include <string>
#include <string_view>

#include "foundation/result.h"

namespace elevaite::net {

// level 1 (fast) .. 9 (small).
std::string Gzip(std::string_view bytes, int level);

// Does `accept_encoding` allow `coding` ("gzip", "br")? Honours q=0 and "*".
bool AcceptsEncoding(std::string_view accept_encoding, std::string_view coding);
// Is text of this content type worth compressing?
bool IsCompressible(std::string_view content_type);

// Unpacks a gzip or zlib stream piece by piece.
class Gunzip {
 public:
  // `bytes_max`: of the unpacked whole. `ratio_max`: unpacked over packed, looked at beyond 1 MiB (a bomb is
  // refused early).
  Gunzip(std::size_t bytes_max, std::size_t ratio_max);
  ~Gunzip();
  Gunzip(const Gunzip&) = delete;
  Gunzip& operator=(const Gunzip&) = delete;

  // Appends what `bytes` unpack to. Errors: kPayloadTooLarge, kInvalidArgument (not gzip, or damaged).
  Result<> Add(std::string_view bytes, std::string& out);
  bool Complete() const { return complete_; }

 private:
  struct Stream;
  Stream* stream_;
  std::size_t bytes_max_;
  std::size_t ratio_max_;
  std::size_t in_ = 0;
  std::size_t out_ = 0;
  bool complete_ = false;
};

}  // namespace elevaite::net
