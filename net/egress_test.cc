#include "net/egress.h"

#include <gtest/gtest.h>

#include "foundation/percent.h"
#include "net/url.h"

namespace elevaite::net {
namespace {

// How a URL's host fares: refused by the URL parser, denied by the policy, or let through (names are left to
// the resolver).
std::string Fate(const std::string& host) {
  const auto url = Url::Parse("http://" + host + "/");
  if (!url) return "malformed";
  const auto address = IpAddress::Parse(url->host);
  if (!address) return "name";
  return EgressPolicy::PublicOnly().Check(url->host, *address, url->port) ? "public" : "denied";
}

TEST(EgressPolicy, SeesThroughEverySpellingOfAnAddress) {
  const std::vector<std::pair<std::string, std::string>> cases = {
      {"127.0.0.1", "denied"},
      {"127.1.2.3", "denied"},
      {"0.0.0.0", "denied"},
      {"0.1.2.3", "denied"},
      {"10.0.0.1", "denied"},
      {"10.255.255.255", "denied"},
      {"11.0.0.0", "public"},
      {"100.64.0.1", "denied"},
      {"100.128.0.1", "public"},
      {"169.254.169.254", "denied"},
      {"172.15.0.1", "public"},
      {"172.16.0.1", "denied"},
      {"172.31.255.255", "denied"},
      {"172.32.0.1", "public"},
      {"192.0.0.8", "denied"},
      {"192.0.2.1", "denied"},
      {"192.168.1.1", "denied"},
      {"192.169.1.1", "public"},
      {"192.88.99.1", "denied"},
      {"198.18.0.1", "denied"},
      {"198.19.255.255", "denied"},
      {"198.51.100.7", "denied"},
      {"203.0.113.7", "denied"},
      {"168.63.129.16", "denied"},
      {"224.0.0.1", "denied"},
      {"239.1.1.1", "denied"},
      {"240.0.0.1", "denied"},
      {"255.255.255.255", "denied"},
      {"8.8.8.8", "public"},
      {"1.1.1.1:8080", "public"},
      {"2130706433", "malformed"},
      {"017700000001", "malformed"},
      {"0x7f000001", "malformed"},
      {"0x7f.0.0.1", "malformed"},
      {"0177.0.0.1", "malformed"},
      {"127.1", "malformed"},
      {"127.0.1", "malformed"},
      {"127.0.0.1.", "malformed"},
      {"127.0.0.01", "malformed"},
      {"127.0.0.256", "malformed"},
      {"1.2.3.4.5", "malformed"},
      {"127.0.0.0x1", "malformed"},
      {"%31%32%37.0.0.1", "malformed"},
      {"127。0。0。1", "malformed"},
      {"①②⑦.0.0.1", "malformed"},
      {"127.0.0.1%00.example.com", "malformed"},
      {"example.com@127.0.0.1", "malformed"},
      {"127.0.0.1\\@example.com", "malformed"},
      {"[::1]", "denied"},
      {"[::]", "denied"},
      {"[0:0:0:0:0:0:0:1]", "denied"},
      {"[::ffff:127.0.0.1]", "denied"},
      {"[::ffff:7f00:1]", "denied"},
      {"[::ffff:8.8.8.8]", "public"},
      {"[0:0:0:0:0:ffff:10.0.0.1]", "denied"},
      {"[::127.0.0.1]", "denied"},
      {"[::ffff:0:127.0.0.1]", "denied"},
      {"[64:ff9b::127.0.0.1]", "denied"},
      {"[64:ff9b::808:808]", "denied"},
      {"[64:ff9b:1::1]", "denied"},
      {"[2002:7f00:1::]", "denied"},
      {"[2001::1]", "denied"},
      {"[2001:db8::1]", "denied"},
      {"[fe80::1]", "denied"},
      {"[fe80::1%25eth0]", "malformed"},
      {"[fe80::1%eth0]", "malformed"},
      {"[fec0::1]", "denied"},
      {"[fc00::1]", "denied"},
      {"[fd00:ec2::254]", "denied"},
      {"[ff02::1]", "denied"},
      {"[100::1]", "denied"},
      {"[3fff::1]", "denied"},
      {"[5f00::1]", "denied"},
      {"[2606:4700:4700::1111]", "public"},
      {"[2a00:1450:4001::1]", "public"},
      {"[127.0.0.1]", "malformed"},
      {"[::1", "malformed"},
      {"[::1]x", "malformed"},
      {"localhost", "name"},
      {"LOCALHOST", "name"},
      {"metadata.google.internal", "name"},
  };
  for (const auto& [host, fate] : cases) EXPECT_EQ(Fate(host), fate) << host;
}

TEST(EgressPolicy, NamesTheHostAndKeepsTheAddressForTheLog) {
  const auto denied =
      EgressPolicy::PublicOnly().Check("intranet.example", IpAddress::Parse("10.1.2.3").value(), 80);
  ASSERT_FALSE(denied);
  EXPECT_EQ(denied.error().code, ErrorCode::kPermissionDenied);
  EXPECT_NE(denied.error().message.find("intranet.example"), std::string::npos);
  EXPECT_EQ(denied.error().message.find("10.1.2.3"), std::string::npos);
  EXPECT_EQ(denied.error().detail, "rule 'private', address 10.1.2.3");
}

TEST(EgressPolicy, LetsThroughWhatTheAllowListNames) {
  const auto policy = EgressPolicy::Create({"api.internal", "db.internal:5432", "*.corp.example",
                                            "10.1.0.0/16", "127.0.0.1:11434", "[fd00::1]:80", "fd12::/16"});
  ASSERT_TRUE(policy);
  const auto allowed = [&](const char* host, const char* address, std::uint16_t port) {
    return policy->Check(host, IpAddress::Parse(address).value(), port).has_value();
  };
  EXPECT_TRUE(allowed("api.internal", "192.168.0.1", 8080));
  EXPECT_FALSE(allowed("xapi.internal", "192.168.0.1", 8080));
  EXPECT_TRUE(allowed("db.internal", "192.168.0.1", 5432));
  EXPECT_FALSE(allowed("db.internal", "192.168.0.1", 22));
  EXPECT_TRUE(allowed("a.b.corp.example", "192.168.0.1", 80));
  EXPECT_FALSE(allowed("corp.example", "192.168.0.1", 80));
  EXPECT_FALSE(allowed("evilcorp.example", "192.168.0.1", 80));
  EXPECT_TRUE(allowed("any", "10.1.255.1", 80));
  EXPECT_TRUE(allowed("any", "::ffff:10.1.255.1", 80));
  EXPECT_FALSE(allowed("any", "10.2.0.1", 80));
  EXPECT_TRUE(allowed("localhost", "127.0.0.1", 11434));
  EXPECT_FALSE(allowed("localhost", "127.0.0.1", 11435));
  EXPECT_TRUE(allowed("x", "fd00::1", 80));
  EXPECT_TRUE(allowed("x", "fd12::1", 443));
  for (const char* bad : {"", "a b", "10.0.0.0/33", "http://x", "*.10.0.0.1", "x:0", "x/y", "x:99999"}) {
    EXPECT_FALSE(EgressPolicy::Create({bad})) << bad;
  }
  EXPECT_TRUE(EgressPolicy::AllowAll().Check("x", IpAddress::Parse("127.0.0.1").value(), 1));
}

TEST(Url, ParsesAndWritesBack) {
  const auto url = Url::Parse("HTTPS://Api.Example.com:8443?x=1#frag");
  ASSERT_TRUE(url);
  EXPECT_EQ(url->ToString(), "https://api.example.com:8443/?x=1");
  EXPECT_EQ(Url::Parse("http://[2001:DB8::1]:80/a")->ToString(), "http://[2001:db8::1]/a");
  EXPECT_EQ(Url::Parse("http://example.com.")->host, "example.com");
  for (const char* bad : {"",
                          "http:",
                          "http://",
                          "ftp://x",
                          "file:///etc/passwd",
                          "javascript:alert(1)",
                          "//x",
                          "http://a b",
                          "http://u@x",
                          "http://u:p@x",
                          "http://x:0",
                          "http://x:",
                          "http://x:65536",
                          "http://x:8x",
                          "http://-x.com",
                          "http://x..y",
                          "http://x\r\nhost: y",
                          "http://x/\ta",
                          "http://x\\y",
                          "gopher://x",
                          "http://x/<y>",
                          "http://[::1]:",
                          "http://münchen.example"}) {
    EXPECT_FALSE(Url::Parse(bad)) << bad;
  }
}

TEST(Url, ResolvesReferences) {
  const Url base = Url::Parse("http://h/a/b/c?q").value();
  const std::vector<std::pair<std::string, std::string>> cases = {
      {"d", "http://h/a/b/d"},
      {"./d", "http://h/a/b/d"},
      {"../d", "http://h/a/d"},
      {"../../../d", "http://h/d"},
      {"/d/../e", "http://h/e"},
      {"?y", "http://h/a/b/c?y"},
      {"", "http://h/a/b/c?q"},
      {"#f", "http://h/a/b/c?q"},
      {"//g/x", "http://g/x"},
      {"https://g", "https://g/"},
      {".", "http://h/a/b/"},
      {"..", "http://h/a/"},
      {"d?x=http://y", "http://h/a/b/d?x=http://y"},
  };
  for (const auto& [reference, expected] : cases) {
    const auto resolved = base.Resolve(reference);
    EXPECT_EQ(resolved ? resolved->ToString() : resolved.error().message, expected) << reference;
  }
  EXPECT_FALSE(base.Resolve("file:///etc/passwd"));
  EXPECT_FALSE(base.Resolve("//2130706433/"));
}

TEST(Url, EncodesAndDecodes) {
  EXPECT_EQ(PercentEncode("a/b c~ü"), "a%2Fb%20c~%C3%BC");
  EXPECT_EQ(PercentDecode("a%2fb+c"), "a/b+c");
  EXPECT_EQ(PercentDecode("a+b", true), "a b");
  for (const char* bad : {"%", "%4", "%g0", "%00"}) EXPECT_EQ(PercentDecode(bad), std::nullopt) << bad;
  const QueryParameters query = {{"a b", "1&2"}, {"c", ""}};
  EXPECT_EQ(BuildQuery(query), "a%20b=1%262&c=");
  EXPECT_EQ(ParseQuery(BuildQuery(query)).value(), query);
}

}  // namespace
}  // namespace elevaite::net
