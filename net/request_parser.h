// Reads request heads and chunked bodies from bytes. No I/O; Beast's parser does the grammar, the checks that
// keep request smuggling out are here: one spelling of each length, CRLF only, no folded lines, one Host.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "net/http.h"

namespace elevaite::net {

struct HeadLimits {
  std::size_t bytes_max = 16 * 1024;
  std::size_t fields_max = 100;
};

// What a head says about the message as a whole.
struct Framing {
  bool keep_alive = false;
  bool http_1_0 = false;
  bool chunked = false;
  bool expect_continue = false;
  bool upgrade_websocket = false;
  std::uint64_t content_length = 0;
};

// Why a connection ends with an answer of the server's own.
struct BadRequest {
  int status;
  const char* reason;
};

// Finds the end of a head in a growing buffer, looking at each byte once.
class HeadScanner {
 public:
  enum class State : std::uint8_t { kMore, kComplete, kBad };
  // `bytes`: everything since the start of the head. After kComplete size() is the length of the head.
  State Scan(std::string_view bytes, const HeadLimits& limits);
  std::size_t size() const { return at_; }
  const BadRequest& error() const { return error_; }
  void Reset() { *this = HeadScanner(); }

 private:
  State Fail(int status, const char* reason) {
    error_ = {status, reason};
    return State::kBad;
  }
  std::size_t at_ = 0;  // first byte not looked at
  std::size_t line_start_ = 0;
  BadRequest error_{};
};

class RequestParser {
 public:
  RequestParser();
  ~RequestParser();

  // `head`: exactly one head, as HeadScanner found it. Fills method, target and headers of `request` and the
  // framing.
  std::optional<BadRequest> ParseHead(std::string_view head, const HeadLimits& limits, Request& request,
                                      Framing& framing);

  // After a chunked head: takes bytes of the body, appends what they carry to `out`. `done` at the end of the
  // last chunk.
  struct Chunked {
    std::size_t consumed = 0;
    bool done = false;
    bool bad = false;
  };
  Chunked ParseChunked(std::string_view bytes, std::string& out);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace elevaite::net
