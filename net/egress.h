// EgressPolicy: where requests made for a tenant may go.
//
// Checked on the address that a connection is really made to, after name resolution and again for each
// redirect, so neither a name that changes its answer nor an odd spelling gets around it. By default every
// address of the IANA special-purpose registries is denied: loopback, private, shared, link-local (the
// metadata services), documentation, benchmarking, multicast, reserved, and the IPv6 forms that carry an IPv4
// address (mapped, compatible, NAT64, 6to4, Teredo).
//
// Allow-list entries, from the configuration:
//   "api.internal"            this host, any port, whatever its address
//   "api.internal:8080"       this host and port
//   "*.corp.example"          hosts below corp.example
//   "10.1.0.0/16", "fd00::/8" addresses
//   "127.0.0.1:11434"         an address and port
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "net/address.h"

namespace elevaite::net {

class EgressPolicy {
 public:
  // Special-purpose addresses are denied but for the entries of `allow`. Errors: kInvalidArgument naming the
  // entry.
  static Result<EgressPolicy> Create(const std::vector<std::string>& allow);
  static EgressPolicy PublicOnly();
  // For the platform's own requests to addresses that an operator configured; never for a URL that a tenant
  // can influence.
  static EgressPolicy AllowAll();

  // May `host` (as the URL has it, lower case) on `port` be reached at `address`? Errors: kPermissionDenied,
  // naming the host and the rule; the address is in Error::detail only, so the answer tells a tenant nothing
  // about the network inside.
  Result<> Check(std::string_view host, const IpAddress& address, std::uint16_t port) const;

 private:
  struct Entry {
    std::string host;  // "*.corp.example": suffix ".corp.example" in `host`, `below` set
    bool below = false;
    bool is_range = false;
    IpRange range;
    std::uint16_t port = 0;  // 0: any
  };
  bool Allowed(std::string_view host, const IpAddress& address, std::uint16_t port) const;
  bool allow_all_ = false;
  std::vector<Entry> entries_;
};

// The special-purpose range that holds `address` ("loopback", "private", ...), or "" for a public one.
std::string_view SpecialPurposeOf(const IpAddress& address);

}  // namespace elevaite::net
