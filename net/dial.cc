#include "net/dial.h"

#include <algorithm>
#include <boost/asio/ip/tcp.hpp>

#include "foundation/async.h"

namespace elevaite::net {
namespace {

namespace asio = boost::asio;
using boost::asio::awaitable;
using Clock = std::chrono::steady_clock;

constexpr std::size_t kAddressesMax = 16;

// getaddrinfo cannot be interrupted: the answer that comes after the deadline is dropped.
awaitable<Result<std::vector<IpAddress>>> ResolveBySystem(std::string host, Clock::time_point deadline) {
  using Answer = Result<std::vector<IpAddress>>;
  asio::ip::tcp::resolver resolver(co_await asio::this_coro::executor);
  OneShot<Answer> answer;
  resolver.async_resolve(
      host, "", asio::ip::tcp::resolver::address_configured,
      [answer, host](const boost::system::error_code& error,
                     const asio::ip::tcp::resolver::results_type& found) mutable {
        if (error) {
          answer.Set(Fail(ErrorCode::kUnavailable, "dns: the name '" + host + "' cannot be resolved", {},
                          error.message()));
          return;
        }
        std::vector<IpAddress> addresses;
        for (const auto& entry : found) {
          const auto address = entry.endpoint().address();
          addresses.push_back(address.is_v6() ? IpAddress::V6(address.to_v6().to_bytes())
                                              : IpAddress::V4(address.to_v4().to_uint()));
        }
        answer.Set(std::move(addresses));
      });
  auto wait = answer.WaitUntil(deadline);
  auto found = co_await std::move(wait);
  if (!found)
    co_return Fail(ErrorCode::kTimeout, "timeout: the name '" + host + "' was not resolved in time");
  co_return std::move(*found);
}

awaitable<Result<std::vector<IpAddress>>> AddressesOf(const Resolver& resolver, std::string host,
                                                      Clock::time_point deadline) {
  if (auto literal = IpAddress::Parse(host)) co_return std::vector<IpAddress>{*literal};
  auto resolve = resolver ? resolver(host) : ResolveBySystem(host, deadline);
  ASSIGN_OR_CO_RETURN(std::vector<IpAddress> addresses, co_await std::move(resolve));
  if (addresses.empty())
    co_return Fail(ErrorCode::kUnavailable, "dns: the name '" + host + "' has no address");
  if (addresses.size() > kAddressesMax) addresses.resize(kAddressesMax);
  co_return addresses;
}

}  // namespace

awaitable<Result<std::unique_ptr<ClientStream>>> Dial(const EgressPolicy& policy, const Resolver& resolver,
                                                      DialTarget target, std::shared_ptr<TlsContext> tls) {
  auto resolve = AddressesOf(resolver, target.host, target.deadline);
  ASSIGN_OR_CO_RETURN(const std::vector<IpAddress> addresses, co_await std::move(resolve));
  std::optional<Error> failure;
  const auto give_up = std::min(target.deadline, Clock::now() + target.connect_timeout);
  for (std::size_t i = 0; i < addresses.size(); ++i) {
    if (auto allowed = policy.Check(target.host, addresses[i], target.port); !allowed) {
      if (!failure) failure = std::move(allowed).error();
      continue;
    }
    const auto share = (give_up - Clock::now()) / static_cast<long>(addresses.size() - i);
    auto open = OpenStream(StreamTarget{target.host, addresses[i], target.port, target.tls}, tls);
    auto stream = co_await WithDeadline(Clock::now() + share, std::move(open));
    if (stream) {
      // The last word: where the socket really ended up.
      CO_RETURN_IF_ERROR(policy.Check(target.host, (*stream)->RemoteAddress(), target.port));
      co_return std::move(*stream);
    }
    Error error = std::move(stream).error();
    if (error.code == ErrorCode::kTimeout) {
      error.message = "timeout: '" + target.host + "' did not accept the connection in time";
    }
    if (!failure || failure->code == ErrorCode::kPermissionDenied) failure = std::move(error);
  }
  co_return Fail(std::move(*failure));
}

}  // namespace elevaite::net
