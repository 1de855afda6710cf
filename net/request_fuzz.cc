// Everything of net/ that reads bytes from outside without I/O: request heads, chunks, targets, URLs,
// queries, responses. Each part states what must hold whatever comes in.
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "foundation/percent.h"
#include "net/compression.h"
#include "net/egress.h"
#include "net/request_parser.h"
#include "net/response_parser.h"
#include "net/router.h"
#include "net/sse.h"
#include "net/url.h"

namespace {

using namespace elevaite::net;  // NOLINT: a fuzz target has no callers
using elevaite::FindInvalidUtf8;

constexpr HeadLimits kLimits{.bytes_max = 4096, .fields_max = 20};

void CheckTarget(Request& request) {
  static const Router* const kRouter = [] {
    auto* router = new Router;
    const Handler none;
    for (const char* pattern :
         {"/", "/v1/{a}", "/v1/{a}/x", "/v1/known/x", "/v1/{a}/{b}/y", "/hooks/{path...}"}) {
      router->Add(Method::kGet, pattern, none);
    }
    return router;
  }();
  if (!SplitTarget(request)) return;
  CHECK(FindInvalidUtf8(request.path) == std::string_view::npos);
  CHECK(request.path.find('\0') == std::string::npos);
  std::string joined;
  for (const std::string_view segment : request.segments) {
    CHECK(segment != "." && segment != "..");
    joined.append("/").append(segment);
  }
  CHECK(joined == request.path);
  const auto match = kRouter->Find(request);
  if (match.route != nullptr && match.route->pattern.starts_with("/v1/{a}"))
    CHECK(!request.PathParameter("a").empty());
}

void CheckHead(std::string_view bytes) {
  HeadScanner whole;
  const auto state = whole.Scan(bytes, kLimits);
  HeadScanner piecemeal;
  auto other = HeadScanner::State::kMore;
  for (std::size_t size = 1; size <= bytes.size() && other == HeadScanner::State::kMore; ++size) {
    other = piecemeal.Scan(bytes.substr(0, size), kLimits);
  }
  if (!bytes.empty()) CHECK(state == other);
  if (state != HeadScanner::State::kComplete) return;
  CHECK(whole.size() == piecemeal.size());
  Request request;
  Framing framing;
  RequestParser parser;
  if (parser.ParseHead(bytes.substr(0, whole.size()), kLimits, request, framing)) return;
  CHECK(!framing.chunked || framing.content_length == 0);
  CHECK(request.headers.size() <= kLimits.fields_max);
  for (std::size_t i = 0; i < request.headers.size(); ++i) {
    const auto [name, value] = request.headers.At(i);
    CHECK(!name.empty() && name.find_first_of(" \t\r\n:") == std::string_view::npos);
    CHECK(value.find_first_of(std::string_view("\r\n\0", 3)) == std::string_view::npos);
  }
  CheckTarget(request);
  if (!framing.chunked) return;
  std::string body;
  const std::string_view rest = bytes.substr(whole.size());
  const auto parsed = parser.ParseChunked(rest, body);
  CHECK(parsed.consumed <= rest.size());
  CHECK(body.size() <= rest.size());
}

void CheckUrl(std::string_view text) {
  const auto url = Url::Parse(text);
  if (!url) return;
  const auto again = Url::Parse(url->ToString());
  CHECK(again && again->ToString() == url->ToString());
  CHECK(again->host == url->host && again->port == url->port);
  CHECK(url->port != 0 && url->target.starts_with('/'));
  (void)url->Resolve("../x?y");
  (void)EgressPolicy::Create({std::string(text)});
}

void CheckCodecs(std::string_view text) {
  if (text.find('\0') == std::string_view::npos) CHECK(PercentDecode(elevaite::PercentEncode(text)) == text);
  if (const auto query = ParseQuery(text)) {
    const auto again = ParseQuery(BuildQuery(*query));
    CHECK(again && *again == *query);
  }
  const std::string event =
      FormatEvent({.id = std::string(text), .event = std::string(text), .data = std::string(text)});
  CHECK(event.find("\n\n") == event.size() - 2);
  Gunzip gunzip(1U << 20U, 100);
  std::string out;
  (void)gunzip.Add(text, out);
  CHECK(out.size() <= 1U << 20U);
}

struct Reading {
  bool good;
  std::string body;
};

Reading Read(std::string_view bytes, std::size_t piece) {
  ResponseParser parser(false);
  Reading reading{true, {}};
  for (std::size_t at = 0; at < bytes.size() && reading.good && !parser.Done(); at += piece) {
    reading.good = parser.Feed(bytes.substr(at, piece), reading.body).has_value();
  }
  if (reading.good && !parser.Done()) reading.good = parser.FeedEnd().has_value();
  return reading;
}

void CheckResponse(std::string_view bytes) {
  const Reading whole = Read(bytes, bytes.size() + 1);
  const Reading cut = Read(bytes, 3);
  CHECK(whole.good == cut.good);
  if (whole.good) CHECK(whole.body == cut.body);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0 || size > 16384) return 0;
  // The first byte chooses the part, so that each corpus file exercises one of them well.
  const std::string_view bytes(reinterpret_cast<const char*>(data) + 1, size - 1);
  switch (data[0] % 5) {
    case 0: CheckHead(bytes); break;
    case 1: {
      Request request;
      request.target = std::string(bytes);
      CheckTarget(request);
      break;
    }
    case 2: CheckUrl(bytes); break;
    case 3: CheckCodecs(bytes); break;
    default: CheckResponse(bytes); break;
  }
  return 0;
}
