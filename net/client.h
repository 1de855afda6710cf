// Client: HTTP/1.1 requests to the outside.
//
//   Client client(EgressPolicy::PublicOnly());
//   ASSIGN_OR_CO_RETURN(ClientRequest request, ClientRequest::To("POST", "https://api.example.com/v1/x"));
//   request.headers.Add("authorization", "Bearer ...");
//   request.body = payload;
//   request.deadline = deadline;                       // one for everything: name, connect, redirects, body
//   auto send = client.Send(std::move(request));
//   ASSIGN_OR_CO_RETURN(const ClientResponse response, co_await std::move(send));
//
// Any thread may use a client; a request runs on the executor of the coroutine that awaits it, and idle
// connections are reused on their own thread only. The client must be destroyed before the io_contexts it was
// used on.
//
// Errors name their cause with the first word of the message: "dns:", "connect:", "tls:", "http:"
// (kUnavailable), "timeout:" (kTimeout), "egress:" (kPermissionDenied), "redirect:", "size:"
// (kPayloadTooLarge). An answer of 400 and above is no error.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "net/egress.h"
#include "net/headers.h"
#include "net/url.h"

namespace elevaite::net {

// The addresses of a host name; for tests and for a cache of names.
using Resolver = std::function<boost::asio::awaitable<Result<std::vector<IpAddress>>>(std::string host)>;

struct ClientOptions {
  std::string ca_pem;  // in place of the system's certificates
  Resolver resolver;   // default: the system's
  std::size_t idle_per_origin_max = 64;
  std::chrono::milliseconds idle_timeout{30'000};
  std::string user_agent = "elevaite";
};

struct ClientRequest {
  std::string method = "GET";
  Url url;
  Headers headers;  // not host, content-length, connection, transfer-encoding: those are the client's
  std::string body;
  std::chrono::steady_clock::time_point deadline =
      std::chrono::steady_clock::now() + std::chrono::seconds(30);
  std::chrono::milliseconds connect_timeout{5'000};  // of each connection, TLS included
  unsigned redirects_max = 5;                        // 0: a redirect is the answer
  std::size_t response_bytes_max = 16U << 20U;       // unpacked
  bool decompress = true;                            // asks for gzip and unpacks it
  std::function<void()> on_bytes{};  // of Send: called when the head and each piece of the body come

  static Result<ClientRequest> To(std::string method, std::string_view url);
};

struct ClientResponse {
  int status = 0;
  Headers headers;
  std::string body;
  Url url;  // where the answer came from, after redirects
};

// A response whose body is read piece by piece. Destroying it before the end closes the connection.
class ClientBody {
 public:
  virtual ~ClientBody() = default;
  int status = 0;
  Headers headers;
  Url url;
  // The next bytes, empty at the end. `deadline` may be shorter than the request's, which holds in any case.
  virtual boost::asio::awaitable<Result<std::string>> Read(
      std::chrono::steady_clock::time_point deadline) = 0;
  boost::asio::awaitable<Result<std::string>> Read() {
    return Read(std::chrono::steady_clock::time_point::max());
  }
};

class Client {
 public:
  explicit Client(EgressPolicy policy, ClientOptions options = {});
  ~Client();

  // Redirects (301, 302, 303, 307, 308) are followed with a new check each; a change of origin drops
  // authorization, cookie and API key headers; https never goes on to http. A request on a reused connection
  // that died is sent once more on a fresh one if its method is idempotent.
  boost::asio::awaitable<Result<ClientResponse>> Send(ClientRequest request);
  // The same, up to the head of the response.
  boost::asio::awaitable<Result<std::unique_ptr<ClientBody>>> Open(ClientRequest request);

 private:
  class Impl;
  std::shared_ptr<Impl> impl_;
};

}  // namespace elevaite::net
