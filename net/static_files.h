// StaticFiles: the built web app, served from memory.
//
// Files are added at start-up; afterwards the object is read from all threads without a lock and must outlive
// the server. Answers: 200 with a strong etag and the smallest encoding that the client takes (br, gzip,
// none), 304 for If-None-Match, 404. `index.html` and whatever has no hash in its name: `cache-control:
// no-cache` (ask again, cheap through the etag). Hashed names such as assets/index-BX3k9q2T.js: a year,
// immutable. A page navigation (Accept has text/html) to an unknown path gets index.html, so that the app's
// own routes survive a reload, also those with a dot in a name (/workflows/shop.orders). Every answer carries
// the security headers.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "net/http.h"

namespace elevaite::net {

struct StaticFile {
  std::string path;  // "/index.html", "/assets/index-BX3k9q2T.js"
  SharedBytes bytes;
  SharedBytes gzip{};          // empty: made by Add when it pays
  SharedBytes brotli{};        // empty: none
  std::string content_type{};  // empty: from the ending
};

class StaticFiles {
 public:
  void Add(StaticFile file);
  bool empty() const { return files_.empty(); }

  // For Router::SetFallback. Only GET and HEAD; what begins as one that is kept out ("/v1/", "/assets/")
  // never falls back to index.html.
  Response Serve(const Request& request) const;
  void KeepOut(std::string prefix) { kept_out_.push_back(std::move(prefix)); }

 private:
  struct Entry {
    SharedBytes bytes;
    SharedBytes gzip;
    SharedBytes brotli;
    std::string content_type;
    std::string etag;  // without quotes; the encodings add a suffix
    bool immutable = false;
    bool is_html = false;
  };
  const Entry* Find(const Request& request) const;
  std::map<std::string, Entry, std::less<>> files_;
  std::vector<std::string> kept_out_;
};

// The content type for a file name; "application/octet-stream" when unknown.
std::string_view ContentTypeOf(std::string_view path);
// content-security-policy and its companions.
void AddSecurityHeaders(Headers& headers);

}  // namespace elevaite::net
