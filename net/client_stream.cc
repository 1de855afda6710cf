#include "net/client_stream.h"

#include <openssl/err.h>
#include <openssl/x509v3.h>

#include <array>
#include <boost/asio/buffer.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/asio/ssl/error.hpp>
#include <boost/asio/ssl/host_name_verification.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>

namespace elevaite::net {
namespace {

namespace asio = boost::asio;
using boost::asio::awaitable;
using boost::asio::redirect_error;
using boost::asio::use_awaitable;
using boost::asio::ip::tcp;
using boost::system::error_code;

const std::string kUnconnected = "connect: '";  // the name of the host follows

Error Broken(const error_code& error) {
  if (error == asio::error::operation_aborted) return {.code = ErrorCode::kCancelled, .message = "cancelled"};
  return {
      .code = ErrorCode::kUnavailable, .message = "connect: the connection broke", .detail = error.message()};
}

tcp::endpoint EndpointOf(const StreamTarget& target) {
  if (!target.address.IsV6()) return {asio::ip::address_v4(target.address.V4Value()), target.port};
  return {asio::ip::address_v6(target.address.bytes()), target.port};
}

template <class Stream>
class StreamOn final : public ClientStream {
 public:
  template <class... Arguments>
  explicit StreamOn(Arguments&&... arguments) : stream(std::forward<Arguments>(arguments)...) {}

  awaitable<Result<std::size_t>> ReadSome(char* data, std::size_t size) override {
    error_code error;
    const std::size_t got =
        co_await stream.async_read_some(asio::buffer(data, size), redirect_error(use_awaitable, error));
    if (error == asio::error::eof) co_return 0U;
    if (error) co_return Fail(Broken(error));
    co_return got;
  }

  awaitable<Result<>> Write(std::string_view first, std::string_view second) override {
    const std::array<asio::const_buffer, 2> parts{asio::buffer(first), asio::buffer(second)};
    error_code error;
    co_await asio::async_write(stream, parts, redirect_error(use_awaitable, error));
    if (error) co_return Fail(Broken(error));
    co_return Result<>();
  }

  int NativeSocket() override { return stream.lowest_layer().native_handle(); }

  IpAddress RemoteAddress() override {
    error_code error;
    const auto address = stream.lowest_layer().remote_endpoint(error).address();
    if (error) return {};
    return address.is_v6() ? IpAddress::V6(address.to_v6().to_bytes())
                           : IpAddress::V4(address.to_v4().to_uint());
  }

  Stream stream;
};

class Context final : public TlsContext {
 public:
  asio::ssl::context context{asio::ssl::context::tls_client};
};

Error TlsError(const error_code& error, SSL* ssl) {
  if (error == asio::error::operation_aborted) return {.code = ErrorCode::kCancelled, .message = "cancelled"};
  const long verdict = SSL_get_verify_result(ssl);
  if (verdict != X509_V_OK) {
    return {.code = ErrorCode::kUnavailable,
            .message = std::string("tls: the certificate of the server is not trusted: ") +
                       X509_verify_cert_error_string(verdict),
            .detail = error.message()};
  }
  return {.code = ErrorCode::kUnavailable, .message = "tls: the handshake failed", .detail = error.message()};
}

awaitable<Result<std::unique_ptr<ClientStream>>> ShakeHands(tcp::socket socket, std::string host,
                                                            std::shared_ptr<TlsContext> tls) {
  auto stream = std::make_unique<StreamOn<asio::ssl::stream<tcp::socket>>>(
      std::move(socket), static_cast<Context&>(*tls).context);
  error_code error;
  SSL* ssl = stream->stream.native_handle();
  stream->stream.set_verify_callback(asio::ssl::host_name_verification(host), error);
  // A name, not an address, may be announced (RFC 6066 section 3).
  if (!IpAddress::Parse(host)) SSL_set_tlsext_host_name(ssl, host.c_str());
  co_await stream->stream.async_handshake(asio::ssl::stream_base::client,
                                          redirect_error(use_awaitable, error));
  if (error) co_return Fail(TlsError(error, ssl));
  co_return std::move(stream);
}

}  // namespace

Result<std::shared_ptr<TlsContext>> TlsContext::Create(const std::string& ca_pem, Protocol protocol) {
  auto tls = std::make_shared<Context>();
  error_code error;
  tls->context.set_options(asio::ssl::context::default_workarounds | asio::ssl::context::no_sslv2 |
                               asio::ssl::context::no_sslv3 | asio::ssl::context::no_tlsv1 |
                               asio::ssl::context::no_tlsv1_1,
                           error);
  if (!error) tls->context.set_verify_mode(asio::ssl::verify_peer, error);
  if (!error && ca_pem.empty()) tls->context.set_default_verify_paths(error);
  if (!error && !ca_pem.empty()) tls->context.add_certificate_authority(asio::buffer(ca_pem), error);
  if (error)
    return Fail(ErrorCode::kInvalidArgument, "the trusted certificates cannot be read", {}, error.message());
  if (protocol != Protocol::kHttp) return tls;
  static constexpr std::array<unsigned char, 9> kHttp11{8, 'h', 't', 't', 'p', '/', '1', '.', '1'};
  SSL_CTX_set_alpn_protos(tls->context.native_handle(), kHttp11.data(), kHttp11.size());
  return tls;
}

bool IsUnconnected(const Error& error) { return error.message.starts_with(kUnconnected); }

awaitable<Result<std::unique_ptr<ClientStream>>> OpenStream(StreamTarget target,
                                                            std::shared_ptr<TlsContext> tls) {
  tcp::socket socket(co_await asio::this_coro::executor);
  error_code error;
  co_await socket.async_connect(EndpointOf(target), redirect_error(use_awaitable, error));
  if (error == asio::error::operation_aborted) co_return Fail(ErrorCode::kCancelled, "cancelled");
  if (error) {
    const bool refused = error == asio::error::connection_refused;
    co_return Fail(
        ErrorCode::kUnavailable,
        kUnconnected + target.host + (refused ? "' refuses the connection" : "' cannot be reached"), {},
        error.message());
  }
  socket.set_option(tcp::no_delay(true), error);
  if (!target.tls) co_return std::make_unique<StreamOn<tcp::socket>>(std::move(socket));

  auto shake = ShakeHands(std::move(socket), std::move(target.host), std::move(tls));
  co_return co_await std::move(shake);
}

awaitable<Result<std::unique_ptr<ClientStream>>> UpgradeToTls(std::unique_ptr<ClientStream> stream,
                                                              std::string host,
                                                              std::shared_ptr<TlsContext> tls) {
  auto& plain = dynamic_cast<StreamOn<tcp::socket>&>(*stream);
  auto shake = ShakeHands(std::move(plain.stream), std::move(host), std::move(tls));
  co_return co_await std::move(shake);
}

}  // namespace elevaite::net
