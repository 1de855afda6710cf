#include "net/request_parser.h"

#include <boost/beast/http/basic_parser.hpp>
#include <cstring>

namespace elevaite::net {
namespace {

namespace http = boost::beast::http;
using boost::beast::string_view;
using boost::system::error_code;

std::string_view View(string_view text) { return {text.data(), text.size()}; }

Method MethodOf(http::verb verb) {
  switch (verb) {
    case http::verb::get: return Method::kGet;
    case http::verb::head: return Method::kHead;
    case http::verb::post: return Method::kPost;
    case http::verb::put: return Method::kPut;
    case http::verb::patch: return Method::kPatch;
    case http::verb::delete_: return Method::kDelete;
    case http::verb::options: return Method::kOptions;
    default: return Method::kOther;
  }
}

bool IsHostText(std::string_view host) {
  for (const char c : host) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte <= 0x20 || byte >= 0x7f || std::strchr("/?#@\\,", c) != nullptr) return false;
  }
  return host.size() <= 512;
}

std::optional<std::uint64_t> ParseLength(std::string_view text) {
  if (text.empty() || text.size() > 15) return std::nullopt;
  std::uint64_t value = 0;
  for (const char c : text) {
    if (c < '0' || c > '9') return std::nullopt;
    value = value * 10 + static_cast<std::uint64_t>(c - '0');
  }
  return value;
}

}  // namespace

HeadScanner::State HeadScanner::Scan(std::string_view bytes, const HeadLimits& limits) {
  if (at_ == 0 && !bytes.empty() && (bytes[0] < 'A' || bytes[0] > 'z'))
    return Fail(400, "this is not an HTTP request");
  while (true) {
    const auto newline = bytes.find('\n', at_);
    if (newline == std::string_view::npos) {
      at_ = bytes.size();
      if (bytes.size() < limits.bytes_max) return State::kMore;
      return line_start_ == 0 ? Fail(414, "the request target is too long")
                              : Fail(431, "the header fields are too large");
    }
    if (newline >= limits.bytes_max) {
      return line_start_ == 0 ? Fail(414, "the request target is too long")
                              : Fail(431, "the header fields are too large");
    }
    if (newline == 0 || bytes[newline - 1] != '\r') return Fail(400, "a line ends without a carriage return");
    if (line_start_ != 0 && (bytes[line_start_] == ' ' || bytes[line_start_] == '\t')) {
      return Fail(400, "a header field is folded over two lines");
    }
    const bool blank = newline == line_start_ + 1;
    at_ = newline + 1;
    if (blank) return State::kComplete;
    line_start_ = at_;
  }
}

namespace {

class Parser final : public http::basic_parser<true> {
 public:
  Parser(Request* request, Framing* framing, std::size_t fields_max)
      : request_(request), framing_(framing), fields_left_(fields_max) {}

  BadRequest error{};
  bool has_host = false;
  bool has_length = false;
  bool has_coding = false;
  std::string* chunk_out = nullptr;
  void HeadIsDone() {
    request_ = nullptr;
    framing_ = nullptr;
  }

 private:
  void Refuse(int status, const char* reason, error_code& ec) {
    error = {status, reason};
    ec = http::make_error_code(http::error::bad_value);
  }

  void on_request_impl(http::verb verb, string_view method, string_view target, int version,
                       error_code& ec) override {
    request_->method = MethodOf(verb);
    request_->method_text.assign(method.data(), method.size());
    request_->target.assign(target.data(), target.size());
    for (const char c : View(target)) {
      if (static_cast<unsigned char>(c) >= 0x7f || c == '#')
        return Refuse(400, "the request target must be percent-encoded", ec);
    }
    if (version != 10 && version != 11) return Refuse(505, "only HTTP/1.0 and HTTP/1.1 are spoken here", ec);
    framing_->http_1_0 = version == 10;
  }

  void on_field_impl(http::field field, string_view name, string_view field_value, error_code& ec) override {
    if (request_ == nullptr) return;  // a trailer: nothing here uses them
    if (fields_left_-- == 0) return Refuse(431, "there are too many header fields", ec);
    const std::string_view value = View(field_value);
    switch (field) {
      case http::field::host:
        if (has_host || !IsHostText(value)) return Refuse(400, "the host field is repeated or not valid", ec);
        has_host = true;
        break;
      case http::field::content_length: {
        const auto length = ParseLength(value);
        if (has_length || !length) return Refuse(400, "content-length is repeated or not a number", ec);
        if (has_coding) return Refuse(400, "content-length and transfer-encoding exclude each other", ec);
        has_length = true;
        framing_->content_length = *length;
        break;
      }
      case http::field::transfer_encoding:
        if (has_length) return Refuse(400, "content-length and transfer-encoding exclude each other", ec);
        if (has_coding || framing_->http_1_0) return Refuse(400, "transfer-encoding is not allowed here", ec);
        if (!EqualsIgnoringCase(value, "chunked"))
          return Refuse(501, "the only transfer coding is chunked", ec);
        has_coding = true;
        framing_->chunked = true;
        break;
      case http::field::expect:
        if (!EqualsIgnoringCase(value, "100-continue"))
          return Refuse(417, "the only expectation is 100-continue", ec);
        framing_->expect_continue = !framing_->http_1_0;
        break;
      case http::field::upgrade: framing_->upgrade_websocket |= ListHas(value, "websocket"); break;
      default: break;
    }
    request_->headers.Add(View(name), value);
  }

  void on_header_impl(error_code& ec) override {
    if (!has_host && !framing_->http_1_0) Refuse(400, "the host field is missing", ec);
  }
  void on_body_init_impl(boost::optional<std::uint64_t> const& /*length*/, error_code& /*ec*/) override {}
  std::size_t on_body_impl(string_view body, error_code& /*ec*/) override { return body.size(); }
  void on_chunk_header_impl(std::uint64_t /*size*/, string_view /*extensions*/, error_code& /*ec*/) override {
  }
  std::size_t on_chunk_body_impl(std::uint64_t /*left*/, string_view body, error_code& /*ec*/) override {
    chunk_out->append(body.data(), body.size());
    return body.size();
  }
  void on_finish_impl(error_code& /*ec*/) override {}
  void on_response_impl(int, string_view, int, error_code&) override {}

  Request* request_;
  Framing* framing_;
  std::size_t fields_left_;
};

}  // namespace

// A Beast parser reads one message; a new one is made in the same place for each.
struct RequestParser::State {
  std::optional<Parser> parser;
};

RequestParser::RequestParser() : state_(std::make_unique<State>()) {}
RequestParser::~RequestParser() = default;

std::optional<BadRequest> RequestParser::ParseHead(std::string_view head, const HeadLimits& limits,
                                                   Request& request, Framing& framing) {
  framing = Framing{};
  Parser& parser = state_->parser.emplace(&request, &framing, limits.fields_max);
  parser.header_limit(static_cast<std::uint32_t>(limits.bytes_max + 1));
  parser.body_limit(boost::none);
  error_code ec;
  parser.put(boost::asio::const_buffer(head.data(), head.size()), ec);
  if (parser.error.status != 0) return parser.error;
  if (ec == http::error::bad_version) return BadRequest{505, "only HTTP/1.0 and HTTP/1.1 are spoken here"};
  if (ec || !parser.is_header_done()) return BadRequest{400, "the request is not well-formed HTTP"};
  framing.keep_alive = parser.keep_alive();
  framing.upgrade_websocket = framing.upgrade_websocket && parser.upgrade();
  parser.HeadIsDone();
  parser.eager(true);
  return std::nullopt;
}

RequestParser::Chunked RequestParser::ParseChunked(std::string_view bytes, std::string& out) {
  Chunked result;
  Parser& parser = *state_->parser;
  parser.chunk_out = &out;
  error_code ec;
  while (result.consumed < bytes.size() && !parser.is_done()) {
    const std::string_view left = bytes.substr(result.consumed);
    const std::size_t used = parser.put(boost::asio::const_buffer(left.data(), left.size()), ec);
    result.consumed += used;
    if (ec == http::error::need_more) break;
    if (ec) {
      result.bad = true;
      return result;
    }
    if (used == 0) break;
  }
  result.done = parser.is_done();
  return result;
}

}  // namespace elevaite::net
