#include "net/compression.h"

#include <zlib.h>

#include <algorithm>
#include <array>

#include "net/headers.h"

namespace elevaite::net {
namespace {

Bytef* Bytes(const char* text) { return reinterpret_cast<Bytef*>(const_cast<char*>(text)); }

bool IsZeroWeight(std::string_view parameters) {
  const auto q = parameters.find("q=");
  if (q == std::string_view::npos) return false;
  const std::string_view weight = TrimSpace(parameters.substr(q + 2));
  return weight.starts_with('0') && weight.find_first_not_of("0.") == std::string_view::npos;
}

}  // namespace

std::string Gzip(std::string_view bytes, int level) {
  z_stream stream{};
  CHECK(deflateInit2(&stream, level, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY) == Z_OK);
  std::string out(deflateBound(&stream, bytes.size()), '\0');
  stream.next_in = Bytes(bytes.data());
  stream.avail_in = static_cast<uInt>(bytes.size());
  stream.next_out = Bytes(out.data());
  stream.avail_out = static_cast<uInt>(out.size());
  CHECK(deflate(&stream, Z_FINISH) == Z_STREAM_END);
  out.resize(stream.total_out);
  deflateEnd(&stream);
  return out;
}

bool AcceptsEncoding(std::string_view accept_encoding, std::string_view coding) {
  bool any = false;
  while (!accept_encoding.empty()) {
    const auto comma = std::min(accept_encoding.find(','), accept_encoding.size());
    const std::string_view item = accept_encoding.substr(0, comma);
    accept_encoding.remove_prefix(std::min(comma + 1, accept_encoding.size()));
    const auto semicolon = std::min(item.find(';'), item.size());
    const std::string_view name = TrimSpace(item.substr(0, semicolon));
    const bool refused = IsZeroWeight(item.substr(semicolon));
    if (EqualsIgnoringCase(name, coding)) return !refused;
    if (name == "*") any = !refused;
  }
  return any;
}

bool IsCompressible(std::string_view content_type) {
  const std::string_view type = TrimSpace(content_type.substr(0, content_type.find(';')));
  if (type == "text/event-stream") return false;
  return type.starts_with("text/") || type.ends_with("json") || type.ends_with("xml") ||
         type.ends_with("javascript") || type == "application/yaml" || type == "application/wasm";
}

struct Gunzip::Stream {
  z_stream z{};
};

Gunzip::Gunzip(std::size_t bytes_max, std::size_t ratio_max)
    : stream_(new Stream), bytes_max_(bytes_max), ratio_max_(ratio_max) {
  CHECK(inflateInit2(&stream_->z, 15 + 32) == Z_OK);  // gzip or zlib, by its first bytes
}

Gunzip::~Gunzip() {
  inflateEnd(&stream_->z);
  delete stream_;
}

Result<> Gunzip::Add(std::string_view bytes, std::string& out) {
  static constexpr std::size_t kRatioMattersAt = 1U << 20U;
  std::array<char, 16 * 1024> buffer;
  z_stream& z = stream_->z;
  z.next_in = Bytes(bytes.data());
  z.avail_in = static_cast<uInt>(bytes.size());
  while (!complete_) {
    z.next_out = Bytes(buffer.data());
    z.avail_out = static_cast<uInt>(buffer.size());
    const int status = inflate(&z, Z_NO_FLUSH);
    const std::size_t made = buffer.size() - z.avail_out;
    in_ = z.total_in;
    out_ += made;
    if (out_ > bytes_max_ || (out_ > kRatioMattersAt && out_ / std::max<std::size_t>(in_, 1) > ratio_max_)) {
      return Fail(ErrorCode::kPayloadTooLarge, "the compressed body unpacks to more than is allowed");
    }
    out.append(buffer.data(), made);
    if (status == Z_STREAM_END) {
      complete_ = true;
    } else if (status == Z_BUF_ERROR || (status == Z_OK && z.avail_in == 0 && z.avail_out != 0)) {
      return {};
    } else if (status != Z_OK) {
      return Fail(ErrorCode::kInvalidArgument, "the compressed body is damaged");
    }
  }
  return {};
}

}  // namespace elevaite::net
