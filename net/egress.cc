#include "net/egress.h"

#include <array>
#include <charconv>

#include "net/url.h"

namespace elevaite::net {
namespace {

struct Special {
  std::string_view range;
  std::string_view name;
};

// IANA IPv4 and IPv6 Special-Purpose Address Registries, multicast and reserved space (read 2026-11).
// Whatever is not globally reachable, or leads to an IPv4 address in disguise, is here.
constexpr std::array<Special, 40> kSpecial{{
    {"0.0.0.0/8", "this network"},
    {"10.0.0.0/8", "private"},
    {"100.64.0.0/10", "shared address space"},
    {"127.0.0.0/8", "loopback"},
    {"169.254.0.0/16", "link-local"},
    {"172.16.0.0/12", "private"},
    {"192.0.0.0/24", "protocol assignments"},
    {"192.0.2.0/24", "documentation"},
    {"192.31.196.0/24", "AS112"},
    {"192.52.193.0/24", "AMT"},
    {"192.88.99.0/24", "6to4 relay"},
    {"192.168.0.0/16", "private"},
    {"192.175.48.0/24", "AS112"},
    {"198.18.0.0/15", "benchmarking"},
    {"198.51.100.0/24", "documentation"},
    {"203.0.113.0/24", "documentation"},
    {"224.0.0.0/4", "multicast"},
    {"240.0.0.0/4", "reserved"},
    {"168.63.129.16/32", "cloud metadata"},  // Azure's host service sits on a public address
    {"::/96", "unspecified, loopback or IPv4-compatible"},
    {"::ffff:0:0/96", "IPv4-mapped"},
    {"::ffff:0:0:0/96", "IPv4-translated"},
    {"64:ff9b::/96", "NAT64"},
    {"64:ff9b:1::/48", "NAT64"},
    {"100::/64", "discard"},
    {"100:0:0:1::/64", "dummy"},
    {"2001::/23", "protocol assignments"},  // Teredo, ORCHID, benchmarking
    {"2001:db8::/32", "documentation"},
    {"2002::/16", "6to4"},
    {"2620:4f:8000::/48", "AS112"},
    {"3fff::/20", "documentation"},
    {"3ffe::/16", "former 6bone"},
    {"5f00::/16", "segment routing"},
    {"fc00::/7", "private"},
    {"fe80::/10", "link-local"},
    {"fec0::/10", "site-local"},
    {"ff00::/8", "multicast"},
    {"::1/128", "loopback"},
    {"::/128", "unspecified"},
    {"4000::/2", "not assigned"},
}};

const std::vector<std::pair<IpRange, std::string_view>>& SpecialRanges() {
  static const auto* const kRanges = [] {
    auto* ranges = new std::vector<std::pair<IpRange, std::string_view>>;
    for (const Special& special : kSpecial)
      ranges->emplace_back(IpRange::Parse(special.range).value(), special.name);
    return ranges;
  }();
  return *kRanges;
}

std::unexpected<Error> BadEntry(const std::string& entry) {
  return Fail(ErrorCode::kInvalidArgument, "the egress allow-list entry '" + entry + "' is not valid",
              "write a host, host:port, *.domain, address, address:port or range such as 10.1.0.0/16");
}

}  // namespace

std::string_view SpecialPurposeOf(const IpAddress& address) {
  const IpAddress plain = address.Unmapped();
  for (const auto& [range, name] : SpecialRanges()) {
    if (range.Contains(plain)) return name;
  }
  return {};
}

EgressPolicy EgressPolicy::PublicOnly() { return {}; }

EgressPolicy EgressPolicy::AllowAll() {
  EgressPolicy policy;
  policy.allow_all_ = true;
  return policy;
}

Result<EgressPolicy> EgressPolicy::Create(const std::vector<std::string>& allow) {
  EgressPolicy policy;
  for (const std::string& text : allow) {
    Entry entry;
    if (auto range = IpRange::Parse(text)) {
      entry.is_range = true;
      entry.range = *range;
      entry.range.base = range->base.Unmapped();
      policy.entries_.push_back(std::move(entry));
      continue;
    }
    entry.below = text.starts_with("*.");
    // The strict URL parser knows what a host and a port are.
    const std::string_view host = std::string_view(text).substr(entry.below ? 2 : 0);
    if (host.find_first_of("/?#") != std::string_view::npos) return BadEntry(text);
    auto url = Url::Parse("http://" + std::string(host));
    if (!url) return BadEntry(text);
    if (host.ends_with(":" + std::to_string(url->port))) entry.port = url->port;
    if (auto address = IpAddress::Parse(url->host)) {
      if (entry.below) return BadEntry(text);
      entry.is_range = true;
      entry.range = {address->Unmapped(), address->Unmapped().IsV6() ? 128U : 32U};
    } else {
      entry.host = entry.below ? "." + url->host : url->host;
    }
    policy.entries_.push_back(std::move(entry));
  }
  return policy;
}

bool EgressPolicy::Allowed(std::string_view host, const IpAddress& address, std::uint16_t port) const {
  for (const Entry& entry : entries_) {
    if (entry.port != 0 && entry.port != port) continue;
    if (entry.is_range) {
      if (entry.range.Contains(address)) return true;
    } else if (entry.below ? host.ends_with(entry.host) : host == entry.host) {
      return true;
    }
  }
  return false;
}

Result<> EgressPolicy::Check(std::string_view host, const IpAddress& address, std::uint16_t port) const {
  if (allow_all_) return {};
  const IpAddress plain = address.Unmapped();
  const std::string_view special = SpecialPurposeOf(plain);
  if (special.empty() || Allowed(host, plain, port)) return {};
  return Fail(
      ErrorCode::kPermissionDenied,
      "egress: requests to '" + std::string(host) + "' are not allowed, it is not on the public internet",
      "an administrator can add the host to the egress allow-list",
      "rule '" + std::string(special) + "', address " + plain.ToString());
}

}  // namespace elevaite::net
