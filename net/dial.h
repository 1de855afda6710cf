// Dial: a connection to a host outside, for all clients of this room.
//
// The name is resolved, each of its addresses is asked of the egress policy before it is tried, and the one
// that the socket is really connected to once more. Denied addresses are passed over; the first failure to
// connect says more than the last.
//
// Errors: "dns:", "connect:", "tls:" (kUnavailable), "timeout:" (kTimeout), "egress:" (kPermissionDenied).
#pragma once

#include <boost/asio/awaitable.hpp>
#include <chrono>
#include <memory>
#include <string>

#include "net/client.h"
#include "net/client_stream.h"

namespace elevaite::net {

struct DialTarget {
  std::string host;  // lower case; or an address
  std::uint16_t port = 0;
  bool tls = false;
  std::chrono::steady_clock::time_point deadline;
  std::chrono::milliseconds connect_timeout{5'000};
};

// `policy` and `resolver` (empty: the system's) must outlive the call. `tls`: needed when the target says so.
boost::asio::awaitable<Result<std::unique_ptr<ClientStream>>> Dial(const EgressPolicy& policy,
                                                                   const Resolver& resolver,
                                                                   DialTarget target,
                                                                   std::shared_ptr<TlsContext> tls);

}  // namespace elevaite::net
