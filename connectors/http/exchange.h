// Exchange: what `call: http` and `call: openapi` share. A request is put together from what a document says,
// sent with authentication, and its answer is given the shape that `output` asks for.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <expected>
#include <string>
#include <string_view>

#include "connectors/http/authentication.h"

namespace elevaite::connectors::http {

// "get" or "GET"; CONNECT and TRACE are refused.
std::expected<std::string, Failure> MethodFrom(std::string_view text);
// Header and query values are texts; other values are written as JSON.
std::string TextOf(const Json& value);
// Failures: a name that is none, or one that the client sets itself (host, content-length ...).
std::expected<void, Failure> AddHeader(std::string_view name, const Json& value, net::ClientRequest& request);
std::expected<void, Failure> AddHeaders(const Json& headers, net::ClientRequest& request);
void AddQuery(const Json& query, net::Url& url);
void AddQueryText(std::string_view query, net::Url& url);  // "a=1&b=2"
// As JSON, or as it is if it is a text and a content-type is set.
void AddBody(const Json& body, net::ClientRequest& request);

struct Call {
  const engine::ActivityTask* task = nullptr;  // lives until the call has ended
  net::ClientRequest request;
  Json authentication;             // null: none
  bool redirect = false;           // follow redirects and take 3xx as success
  std::string output = "content";  // raw, content, response
};

class Exchange {
 public:
  Exchange(net::Client& client, Clock& clock, Random& random) : authenticator_(client, clock, random) {}

  boost::asio::awaitable<Outcome> Perform(Call call);
  // A document that a call needs, at most `bytes_max` long. Failures as for the call itself.
  boost::asio::awaitable<std::expected<net::ClientResponse, Failure>> Fetch(AuthenticatedRequest request);

 private:
  Authenticator authenticator_;
};

}  // namespace elevaite::connectors::http
