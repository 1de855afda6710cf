#include "net/response_parser.h"

#include <boost/beast/http/basic_parser.hpp>
#include <optional>

namespace elevaite::net {
namespace {

namespace http = boost::beast::http;
using boost::beast::string_view;
using boost::system::error_code;

constexpr std::uint32_t kHeadBytesMax = 64 * 1024;
constexpr std::size_t kFieldsMax = 200;

class Parser final : public http::basic_parser<false> {
 public:
  Parser(int* status, Headers* headers) : status_(status), headers_(headers) {}
  std::string* body = nullptr;
  bool unknown_coding = false;
  bool too_many = false;

 private:
  void on_request_impl(http::verb, string_view, string_view, int, error_code&) override {}
  void on_response_impl(int code, string_view, int version, error_code& ec) override {
    *status_ = code;
    if (version != 10 && version != 11) ec = http::make_error_code(http::error::bad_version);
  }
  void on_field_impl(http::field field, string_view name, string_view value, error_code& ec) override {
    if (is_header_done()) return;  // trailers
    if (headers_->size() == kFieldsMax) {
      too_many = true;
      ec = http::make_error_code(http::error::header_limit);
      return;
    }
    const std::string_view text(value.data(), value.size());
    if (field == http::field::transfer_encoding && !EqualsIgnoringCase(text, "chunked"))
      unknown_coding = true;
    headers_->Add({name.data(), name.size()}, text);
  }
  void on_header_impl(error_code&) override {}
  void on_body_init_impl(boost::optional<std::uint64_t> const&, error_code&) override {}
  std::size_t on_body_impl(string_view bytes, error_code&) override {
    body->append(bytes.data(), bytes.size());
    return bytes.size();
  }
  void on_chunk_header_impl(std::uint64_t, string_view, error_code&) override {}
  std::size_t on_chunk_body_impl(std::uint64_t, string_view bytes, error_code&) override {
    body->append(bytes.data(), bytes.size());
    return bytes.size();
  }
  void on_finish_impl(error_code&) override {}

  int* status_;
  Headers* headers_;
};

}  // namespace

struct ResponseParser::State {
  std::optional<Parser> parser;
};

ResponseParser::ResponseParser(bool no_body) : state_(std::make_unique<State>()), no_body_(no_body) {
  Renew();
}
ResponseParser::~ResponseParser() = default;

void ResponseParser::Renew() {
  headers_.Clear();
  Parser& parser = state_->parser.emplace(&status_, &headers_);
  parser.header_limit(kHeadBytesMax);
  parser.body_limit(boost::none);
  parser.skip(no_body_);
  parser.eager(true);
}

bool ResponseParser::HasHead() const { return state_->parser->is_header_done(); }
bool ResponseParser::Done() const { return state_->parser->is_done(); }
bool ResponseParser::KeepAlive() const {
  return !excess_ && state_->parser->keep_alive() && !state_->parser->need_eof();
}

Result<> ResponseParser::Feed(std::string_view bytes, std::string& body) {
  if (!bytes.empty()) nothing_seen_ = false;
  // The parser wants a head, a chunk header and the trailers in one piece each: what it cannot use yet waits
  // in pending_.
  const bool waited = !pending_.empty();
  if (waited) pending_.append(bytes);
  const std::string_view input = waited ? std::string_view(pending_) : bytes;
  std::size_t used = 0;
  while (used < input.size() && !Done()) {
    const std::string_view left = input.substr(used);
    state_->parser->body = &body;
    error_code ec;
    const std::size_t taken = state_->parser->put(boost::asio::const_buffer(left.data(), left.size()), ec);
    used += taken;
    if (ec == http::error::header_limit || state_->parser->too_many) {
      return Fail(ErrorCode::kPayloadTooLarge, "http: the head of the response is too large");
    }
    if ((ec && ec != http::error::need_more) || state_->parser->unknown_coding) {
      return Fail(ErrorCode::kUnavailable, "http: the response is not well-formed", {}, ec.message());
    }
    if (HasHead() && status_ >= 100 && status_ < 200 && status_ != 101) {
      Renew();
    } else if (ec || taken == 0) {
      break;
    }
  }
  excess_ = Done() && used < input.size();
  if (waited) {
    pending_.erase(0, used);
  } else {
    pending_.assign(input.substr(used));
  }
  if (pending_.size() > kHeadBytesMax && !Done()) {
    return Fail(ErrorCode::kPayloadTooLarge, "http: the head of the response or of a chunk is too large");
  }
  return {};
}

Result<> ResponseParser::FeedEnd() {
  error_code ec;
  if (HasHead() && !Done()) state_->parser->put_eof(ec);
  if (ec || !Done())
    return Fail(ErrorCode::kUnavailable,
                "http: the server closed the connection before the end of the response");
  return {};
}

}  // namespace elevaite::net
