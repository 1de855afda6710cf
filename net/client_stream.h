// One connection of the client, plain or TLS. Private to net/.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <memory>
#include <string>
#include <string_view>

#include "foundation/result.h"
#include "net/address.h"

namespace elevaite::net {

class ClientStream {
 public:
  virtual ~ClientStream() = default;
  // 0 at the end of the stream.
  virtual boost::asio::awaitable<Result<std::size_t>> ReadSome(char* data, std::size_t size) = 0;
  virtual boost::asio::awaitable<Result<>> Write(std::string_view first, std::string_view second) = 0;
  virtual int NativeSocket() = 0;
  virtual IpAddress RemoteAddress() = 0;
};

// Certificates to trust and how.
class TlsContext {
 public:
  // What is spoken on the connection, as it is announced in the handshake (RFC 7301); kAnything: nothing is.
  enum class Protocol : std::uint8_t { kHttp, kAnything };
  // `ca_pem`: trusted in place of the system's certificates when not empty. Errors: kInvalidArgument.
  static Result<std::shared_ptr<TlsContext>> Create(const std::string& ca_pem,
                                                    Protocol protocol = Protocol::kHttp);
  virtual ~TlsContext() = default;
};

struct StreamTarget {
  std::string host;  // for SNI and the certificate
  IpAddress address;
  std::uint16_t port = 0;
  bool tls = false;
};

// Connects and, for TLS, shakes hands. Errors: kUnavailable ("connect: ...", "tls: ...").
boost::asio::awaitable<Result<std::unique_ptr<ClientStream>>> OpenStream(StreamTarget target,
                                                                         std::shared_ptr<TlsContext> tls);
// Of an error of OpenStream, or of a request that needed it: nobody took the connection, so nothing was sent.
bool IsUnconnected(const Error& error);

// TLS on a plain connection that is open already (STARTTLS). `stream` is of OpenStream, without TLS, and has
// nothing to read. Errors: kUnavailable ("tls: ...").
boost::asio::awaitable<Result<std::unique_ptr<ClientStream>>> UpgradeToTls(
    std::unique_ptr<ClientStream> stream, std::string host, std::shared_ptr<TlsContext> tls);

}  // namespace elevaite::net
