// Reads one HTTP/1.1 response from bytes. No I/O. Private to net/.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "foundation/result.h"
#include "net/headers.h"

namespace elevaite::net {

class ResponseParser {
 public:
  // `no_body`: the request was HEAD.
  explicit ResponseParser(bool no_body);
  ~ResponseParser();

  // Takes bytes and appends what they carry of the body to `body`. Interim (1xx) responses are passed over.
  // Errors: kUnavailable for what is not HTTP, kPayloadTooLarge for a head above 64 KiB or 200 fields.
  Result<> Feed(std::string_view bytes, std::string& body);
  // The server has closed: a good end for a body that has no length, an error for all else.
  Result<> FeedEnd();

  bool HasHead() const;
  bool Done() const;
  bool KeepAlive() const;                             // may the connection serve another request?
  bool NothingSeen() const { return nothing_seen_; }  // not one byte of a response has come
  int status() const { return status_; }
  Headers& headers() { return headers_; }

 private:
  struct State;
  void Renew();
  std::unique_ptr<State> state_;
  bool no_body_;
  bool nothing_seen_ = true;
  int status_ = 0;
  Headers headers_;
  bool excess_ = false;  // bytes after the end of the response: the connection cannot be trusted again
  std::string pending_;
};

}  // namespace elevaite::net
