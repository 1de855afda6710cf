#include "net/static_files.h"

#include <openssl/evp.h>

#include <algorithm>
#include <array>

#include "net/compression.h"
#include "net/problem.h"

namespace elevaite::net {
namespace {

constexpr std::array<std::pair<std::string_view, std::string_view>, 22> kTypes{{
    {".html", "text/html; charset=utf-8"},
    {".js", "text/javascript; charset=utf-8"},
    {".mjs", "text/javascript; charset=utf-8"},
    {".css", "text/css; charset=utf-8"},
    {".json", "application/json"},
    {".map", "application/json"},
    {".webmanifest", "application/manifest+json"},
    {".svg", "image/svg+xml"},
    {".png", "image/png"},
    {".jpg", "image/jpeg"},
    {".jpeg", "image/jpeg"},
    {".gif", "image/gif"},
    {".webp", "image/webp"},
    {".avif", "image/avif"},
    {".ico", "image/x-icon"},
    {".woff2", "font/woff2"},
    {".woff", "font/woff"},
    {".ttf", "font/ttf"},
    {".wasm", "application/wasm"},
    {".txt", "text/plain; charset=utf-8"},
    {".md", "text/plain; charset=utf-8"},
    {".pdf", "application/pdf"},
}};

std::string HashOf(std::string_view bytes) {
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
  unsigned size = 0;
  CHECK(EVP_Digest(bytes.data(), bytes.size(), digest.data(), &size, EVP_sha256(), nullptr) == 1);
  static constexpr char kHex[] = "0123456789abcdef";
  std::string text;
  for (std::size_t i = 0; i < 16; ++i) {
    text.push_back(kHex[digest[i] >> 4U]);
    text.push_back(kHex[digest[i] & 15U]);
  }
  return text;
}

// "index-BX3k9q2T.js": a dash or dot, then at least eight letters and digits with a digit or an upper-case
// letter among them.
bool HasHash(std::string_view path) {
  const std::string_view name = path.substr(path.rfind('/') + 1);
  const auto dot = name.find('.', name.find_last_of("-") + 1);
  const auto dash = name.rfind('-', dot);
  if (dash == std::string_view::npos || dot == std::string_view::npos || dash > dot) return false;
  const std::string_view hash = name.substr(dash + 1, dot - dash - 1);
  const auto is_word = [](char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
  };
  return hash.size() >= 8 && std::ranges::all_of(hash, is_word) &&
         std::ranges::any_of(hash, [](char c) { return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z'); });
}

// RFC 9110 section 13.1.2: a list of etags, weak comparison.
bool Matches(std::string_view if_none_match, std::string_view etag) {
  while (!if_none_match.empty()) {
    const auto comma = std::min(if_none_match.find(','), if_none_match.size());
    std::string_view item = TrimSpace(if_none_match.substr(0, comma));
    if_none_match.remove_prefix(std::min(comma + 1, if_none_match.size()));
    if (item.starts_with("W/")) item.remove_prefix(2);
    if (item == "*" || item == etag) return true;
  }
  return false;
}

}  // namespace

std::string_view ContentTypeOf(std::string_view path) {
  for (const auto& [ending, type] : kTypes) {
    if (path.ends_with(ending)) return type;
  }
  return "application/octet-stream";
}

void AddSecurityHeaders(Headers& headers) {
  headers.Add(
      "content-security-policy",
      "default-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; worker-src 'self' blob:; "
      "frame-ancestors 'none'; base-uri 'self'; form-action 'self'");
  headers.Add("x-content-type-options", "nosniff");
  headers.Add("referrer-policy", "same-origin");
}

void StaticFiles::Add(StaticFile file) {
  CHECK(file.path.starts_with('/'));
  Entry entry;
  entry.content_type =
      file.content_type.empty() ? std::string(ContentTypeOf(file.path)) : std::move(file.content_type);
  entry.etag = HashOf(file.bytes.bytes);
  entry.is_html = file.path.ends_with(".html");
  entry.immutable = !entry.is_html && HasHash(file.path);
  if (file.gzip.bytes.empty() && file.bytes.bytes.size() >= 512 && IsCompressible(entry.content_type)) {
    auto packed = std::make_shared<const std::string>(Gzip(file.bytes.bytes, 9));
    if (packed->size() < file.bytes.bytes.size()) file.gzip = {packed, *packed};
  }
  entry.bytes = std::move(file.bytes);
  entry.gzip = std::move(file.gzip);
  entry.brotli = std::move(file.brotli);
  files_.insert_or_assign(std::move(file.path), std::move(entry));
}

const StaticFiles::Entry* StaticFiles::Find(const Request& request) const {
  const std::string_view path = request.path;
  if (const auto found = files_.find(path == "/" ? std::string_view("/index.html") : path);
      found != files_.end()) {
    return &found->second;
  }
  for (const std::string& prefix : kept_out_) {
    if (path.starts_with(prefix)) return nullptr;
  }
  const bool wants_page = request.headers.Get("accept").find("text/html") != std::string_view::npos;
  if (!wants_page) return nullptr;
  const auto index = files_.find("/index.html");
  return index == files_.end() ? nullptr : &index->second;
}

Response StaticFiles::Serve(const Request& request) const {
  if (request.method != Method::kGet && request.method != Method::kHead) {
    const Entry* there = Find(request);
    const ErrorCode code = there != nullptr ? ErrorCode::kMethodNotAllowed : ErrorCode::kNotFound;
    const char* message =
        there != nullptr ? "this path is a file; it can only be read" : "there is nothing at this path";
    Response response = ProblemResponse(Error{.code = code, .message = message}, request);
    if (there != nullptr) response.headers.Add("allow", "GET, HEAD");
    return response;
  }
  const Entry* entry = Find(request);
  if (entry == nullptr) {
    return ProblemResponse(Error{.code = ErrorCode::kNotFound, .message = "there is nothing at this path"},
                           request);
  }
  const std::string_view accepted = request.headers.Get("accept-encoding");
  const SharedBytes* bytes = &entry->bytes;
  std::string_view coding;
  if (!entry->brotli.bytes.empty() && AcceptsEncoding(accepted, "br")) {
    bytes = &entry->brotli;
    coding = "br";
  } else if (!entry->gzip.bytes.empty() && AcceptsEncoding(accepted, "gzip")) {
    bytes = &entry->gzip;
    coding = "gzip";
  }
  const std::string etag = '"' + entry->etag + (coding.empty() ? "" : "-" + std::string(coding)) + '"';
  Response response{.content_type = entry->content_type};
  response.headers.Add("etag", etag);
  response.headers.Add("cache-control",
                       entry->immutable ? "public, max-age=31536000, immutable" : "no-cache");
  if (!entry->gzip.bytes.empty() || !entry->brotli.bytes.empty())
    response.headers.Add("vary", "accept-encoding");
  AddSecurityHeaders(response.headers);
  if (Matches(request.headers.Get("if-none-match"), etag)) {
    response.status = 304;
    return response;
  }
  if (!coding.empty()) response.headers.Add("content-encoding", coding);
  response.body = *bytes;
  return response;
}

}  // namespace elevaite::net
