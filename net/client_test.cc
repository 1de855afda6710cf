#include "net/client.h"

#include <atomic>

#include "foundation/percent.h"
#include "net/compression.h"
#include "net/sse.h"
#include "net/test_raw_server.h"
#include "net/test_support.h"

namespace elevaite::net {
namespace {

using Clock = std::chrono::steady_clock;

awaitable<Result<Response>> Describe(Request& request) {
  auto read = request.ReadBody();
  ASSIGN_OR_CO_RETURN(const std::string body, co_await std::move(read));
  co_return JsonResponse(200, Json::Object({{"method", request.method_text},
                                            {"target", request.target},
                                            {"body", body},
                                            {"authorization", request.headers.Get("authorization")},
                                            {"type", request.headers.Get("content-type")},
                                            {"host", request.headers.Get("host")}}));
}

awaitable<Result<Response>> RedirectTo(Request& request) {
  co_return RedirectResponse(std::stoi(std::string(request.PathParameter("status"))),
                             request.QueryParameter("to").value_or(""));
}

awaitable<Result<Response>> Long(Request& /*request*/) {
  co_return TextResponse(200, std::string(100'000, 'a'));
}

awaitable<Result<Response>> Bomb(Request& /*request*/) {
  Response response = TextResponse(200, Gzip(std::string(64U << 20U, '\0'), 9));
  response.headers.Add("content-encoding", "gzip");
  co_return response;
}

awaitable<Result<Response>> Sleeps(Request& /*request*/) {
  boost::asio::steady_timer timer(co_await boost::asio::this_coro::executor, std::chrono::seconds(20));
  co_await timer.async_wait(boost::asio::use_awaitable);
  co_return TextResponse(200, "late");
}

awaitable<Result<>> ThreeEvents(EventWriter& events) {
  for (int i = 1; i <= 3; ++i) {
    auto sent = events.Send({.id = std::to_string(i), .data = "n"});
    CO_RETURN_IF_ERROR(co_await std::move(sent));
    boost::asio::steady_timer pause(co_await boost::asio::this_coro::executor, milliseconds(20));
    co_await pause.async_wait(boost::asio::use_awaitable);
  }
  co_return Result<>();
}
awaitable<Result<Response>> Events(Request& /*request*/) { co_return EventStream(ThreeEvents); }

Router TestRouter() {
  Router router;
  for (const Method method : {Method::kGet, Method::kPost, Method::kPut}) {
    router.Add(method, "/describe", Describe);
    router.Add(method, "/redirect/{status}", RedirectTo);
  }
  router.Add(Method::kGet, "/long", Long);
  router.Add(Method::kGet, "/bomb", Bomb);
  router.Add(Method::kGet, "/sleeps", Sleeps);
  router.Add(Method::kGet, "/events", Events);
  return router;
}

ClientRequest To(const std::string& method, const std::string& url) {
  auto request = ClientRequest::To(method, url);
  EXPECT_TRUE(request) << url;
  return std::move(*request);
}

struct Fixture {
  IoThreads io{1};
  TestServer test{TestRouter()};
  Client client{EgressPolicy::AllowAll()};
  std::string base = "http://127.0.0.1:" + std::to_string(test.port);

  Result<ClientResponse> Send(ClientRequest request) {
    return RunToCompletion(io, client.Send(std::move(request)));
  }
  Result<ClientResponse> Get(const std::string& path) { return Send(To("GET", base + path)); }
};

TEST(Client, SendsAndReusesItsConnection) {
  Fixture f;
  for (int i = 0; i < 5; ++i) {
    ClientRequest request = To("POST", f.base + "/describe?x=1");
    request.body = "payload";
    request.headers.Add("content-type", "text/plain");
    request.headers.Add("x-injected", "a\r\nevil: 1");
    const auto response = f.Send(std::move(request));
    ASSERT_TRUE(response) << response.error().ToString();
    const Json body = ParseJson(response->body).value();
    EXPECT_EQ(body["method"], Json("POST"));
    EXPECT_EQ(body["target"], Json("/describe?x=1"));
    EXPECT_EQ(body["body"], Json("payload"));
  }
  EXPECT_EQ(f.test.server.stats().connections_accepted, 1U);
}

TEST(Client, UnpacksGzipAndRefusesBombsAndLargeBodies) {
  Fixture f;
  const auto packed = f.Get("/long");
  ASSERT_TRUE(packed);
  EXPECT_EQ(packed->body, std::string(100'000, 'a'));
  EXPECT_FALSE(packed->headers.Has("content-encoding"));
  const auto bomb = f.Get("/bomb");
  ASSERT_FALSE(bomb);
  EXPECT_EQ(bomb.error().code, ErrorCode::kPayloadTooLarge) << bomb.error().ToString();
  ClientRequest small = To("GET", f.base + "/long");
  small.response_bytes_max = 1000;
  small.decompress = false;
  const auto large = f.Send(std::move(small));
  ASSERT_FALSE(large);
  EXPECT_TRUE(large.error().message.starts_with("size:")) << large.error().ToString();
}

TEST(Client, FollowsRedirects) {
  Fixture f;
  struct Case {
    const char* method;
    int status;
    const char* then;
    const char* body;
  };
  for (const Case& c :
       {Case{"POST", 301, "GET", ""}, Case{"POST", 302, "GET", ""}, Case{"PUT", 303, "GET", ""},
        Case{"POST", 307, "POST", "data"}, Case{"PUT", 308, "PUT", "data"}, Case{"GET", 302, "GET", ""}}) {
    ClientRequest request =
        To(c.method, f.base + "/redirect/" + std::to_string(c.status) + "?to=../describe");
    if (request.method != "GET") request.body = "data";
    request.headers.Add("authorization", "secret");
    const auto response = f.Send(std::move(request));
    ASSERT_TRUE(response) << response.error().ToString();
    const Json body = ParseJson(response->body).value();
    EXPECT_EQ(body["method"], Json(c.then)) << c.status;
    EXPECT_EQ(body["body"], Json(c.body)) << c.status;
    EXPECT_EQ(body["authorization"], Json("secret")) << "the origin is the same";
    EXPECT_EQ(response->url.target, "/describe");
  }
  const auto loop = f.Get("/redirect/302?to=/redirect/302%3fto=/redirect/302");
  ASSERT_TRUE(loop) << "ends at a redirect without a target";
  ClientRequest none = To("GET", f.base + "/redirect/302?to=/describe");
  none.redirects_max = 0;
  EXPECT_EQ(f.Send(std::move(none))->status, 302);
  RawServer endless([](int fd, int) {
    RawServer::ReadHead(fd);
    RawServer::Write(
        fd, "HTTP/1.1 302 Found\r\nlocation: /again\r\ncontent-length: 0\r\nconnection: close\r\n\r\n");
  });
  const auto often = f.Send(To("GET", endless.Url()));
  ASSERT_FALSE(often);
  EXPECT_NE(often.error().message.find("redirects too often"), std::string::npos);
}

TEST(Client, DropsSecretsWhenTheOriginChanges) {
  Fixture f;
  TestServer other(TestRouter());
  const std::string target = "http://127.0.0.1:" + std::to_string(other.port) + "/describe";
  ClientRequest request = To("GET", f.base + "/redirect/307?to=" + PercentEncode(target));
  request.headers.Add("Authorization", "Bearer secret");
  const auto response = f.Send(std::move(request));
  ASSERT_TRUE(response);
  EXPECT_EQ(ParseJson(response->body).value()["authorization"], Json(""));
}

TEST(Client, DeniesPrivateAddressesHoweverTheyAreReached) {
  Fixture f;
  const std::string port = std::to_string(f.test.port);
  // The first hop is allowed, the next ones are not.
  Client guarded(EgressPolicy::Create({"start.example"}).value(),
                 {.resolver = [](std::string) -> awaitable<Result<std::vector<IpAddress>>> {
                   co_return std::vector<IpAddress>{IpAddress::Parse("127.0.0.1").value()};
                 }});
  const auto send = [&](const std::string& url) {
    return RunToCompletion(f.io, guarded.Send(To("GET", url)));
  };
  EXPECT_TRUE(send("http://start.example:" + port + "/describe"));
  for (const std::string& url :
       {"http://127.0.0.1:" + port + "/describe", "http://[::1]:" + port + "/",
        "http://[::ffff:127.0.0.1]:" + port + "/", "http://other.example:" + port + "/describe"}) {
    const auto direct = send(url);
    ASSERT_FALSE(direct) << url;
    EXPECT_EQ(direct.error().code, ErrorCode::kPermissionDenied) << url;
    const auto redirected = send("http://start.example:" + port + "/redirect/302?to=" + PercentEncode(url));
    ASSERT_FALSE(redirected) << url;
    EXPECT_EQ(redirected.error().code, ErrorCode::kPermissionDenied) << url;
  }
  EXPECT_FALSE(send("http://start.example:" + port + "/redirect/302?to=http://2130706433/"));
  EXPECT_FALSE(send("http://start.example:" + port + "/redirect/302?to=file:///etc/passwd"));
}

TEST(Client, ChecksTheAddressThatANameHasAtConnectTime) {
  Fixture f;
  static std::atomic<int> asked = 0;
  asked = 0;
  // A name that is public when somebody looks at it first and private afterwards; and one with answers of
  // both kinds.
  Client guarded(EgressPolicy::PublicOnly(),
                 {.resolver = [](std::string host) -> awaitable<Result<std::vector<IpAddress>>> {
                   const IpAddress inside = IpAddress::Parse("127.0.0.1").value();
                   ++asked;
                   if (host == "mixed.example")
                     co_return std::vector<IpAddress>{inside, IpAddress::Parse("::ffff:10.0.0.1").value()};
                   co_return std::vector<IpAddress>{inside};
                 }});
  for (const char* host : {"rebind.example", "mixed.example"}) {
    const auto denied =
        RunToCompletion(f.io, guarded.Send(To("GET", "http://" + std::string(host) + ":" +
                                                         std::to_string(f.test.port) + "/describe")));
    ASSERT_FALSE(denied);
    EXPECT_EQ(denied.error().code, ErrorCode::kPermissionDenied);
  }
  EXPECT_EQ(asked, 2);
  EXPECT_EQ(f.test.server.stats().connections_accepted, 0U);
}

TEST(Client, TellsFailuresApart) {
  Fixture f;
  const auto starts = [](const Result<ClientResponse>& result, const char* word, ErrorCode code) {
    ASSERT_FALSE(result);
    EXPECT_TRUE(result.error().message.starts_with(word)) << result.error().ToString();
    EXPECT_EQ(result.error().code, code);
  };
  starts(f.Send(To("GET", "http://127.0.0.1:1/")), "connect:", ErrorCode::kUnavailable);
  starts(f.Send(To("GET", "http://no-such-name.invalid/")), "dns:", ErrorCode::kUnavailable);
  starts(f.Send(To("GET", "https://127.0.0.1:" + std::to_string(f.test.port) + "/")),
         "tls:", ErrorCode::kUnavailable);
  ClientRequest slow = To("GET", f.base + "/sleeps");
  slow.deadline = Clock::now() + milliseconds(100);
  starts(f.Send(std::move(slow)), "timeout:", ErrorCode::kTimeout);
  ClientRequest bad = To("GET", f.base + "/describe");
  bad.method = "GET / HTTP/1.1\r\nx:";
  EXPECT_EQ(f.Send(std::move(bad)).error().code, ErrorCode::kInvalidArgument);
  ClientRequest by_hand = To("GET", f.base + "/describe");
  by_hand.url.target = "/x HTTP/1.1\r\nhost: evil\r\n\r\n";
  EXPECT_EQ(f.Send(std::move(by_hand)).error().code, ErrorCode::kInvalidArgument);
  ClientRequest odd_host = To("GET", f.base + "/describe");
  odd_host.url.host = "2130706433";
  EXPECT_EQ(f.Send(std::move(odd_host)).error().code, ErrorCode::kInvalidArgument);
}

TEST(Client, RefusesBrokenResponses) {
  Fixture f;
  const std::vector<std::string> responses = {
      "",
      "nonsense\r\n\r\n",
      "HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\nabc",
      "HTTP/1.1 200 OK\r\ncontent-length: 3\r\ntransfer-encoding: chunked\r\n\r\nabc",
      "HTTP/1.1 200 OK\r\ncontent-length: 3\r\ncontent-length: 4\r\n\r\nabcd",
      "HTTP/1.1 200 OK\r\ntransfer-encoding: gzip\r\n\r\nabc",
      "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\nzz\r\n",
      "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n5\r\nhel",
      "HTTP/1.1 200 OK\r\nx: " + std::string(70'000, 'a'),
      "HTTP/1.1 200 OK\r\ncontent-encoding: gzip\r\ncontent-length: 3\r\n\r\nabc",
      "HTTP/2 200\r\n\r\n"};
  for (const std::string& response : responses) {
    RawServer server([&](int fd, int) {
      RawServer::ReadHead(fd);
      ::send(fd, response.data(), response.size(), MSG_NOSIGNAL);
    });
    EXPECT_FALSE(f.Send(To("GET", server.Url()))) << response.substr(0, 80);
  }
}

TEST(Client, ReadsEveryFramingAndInterimResponses) {
  Fixture f;
  const std::vector<std::string> responses = {
      "HTTP/1.1 200 OK\r\ncontent-length: 3\r\n\r\nabc", "HTTP/1.1 200 OK\r\n\r\nabc",
      "HTTP/1.0 200 OK\r\n\r\nabc",
      "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n1\r\na\r\n2;x=y\r\nbc\r\n0\r\nt: 1\r\n\r\n",
      "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nlink: x\r\n\r\nHTTP/1.1 200 "
      "OK\r\ncontent-length: 3\r\n\r\nabc"};
  for (const std::string& response : responses) {
    for (const bool drip : {false, true}) {
      RawServer server([&](int fd, int) {
        RawServer::ReadHead(fd);
        for (std::size_t i = 0; i < response.size(); i += drip ? 1 : response.size()) {
          RawServer::Write(fd, std::string_view(response).substr(i, drip ? 1 : response.size()));
          if (drip) std::this_thread::sleep_for(milliseconds(1));
        }
      });
      const auto result = f.Send(To("GET", server.Url()));
      ASSERT_TRUE(result) << result.error().ToString() << response;
      EXPECT_EQ(result->body, "abc");
      EXPECT_FALSE(result->headers.Has("link"));
    }
  }
}

TEST(Client, SendsAgainWhenAKeptConnectionDies) {
  Fixture f;
  std::atomic<int> posts = 0;
  RawServer server([&](int fd, int) {
    const std::string head = RawServer::ReadHead(fd);
    if (head.starts_with("POST")) ++posts;
    RawServer::Write(fd, "HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok");
    RawServer::ReadHead(fd);  // the next request is read, and the connection closed instead of an answer
  });
  EXPECT_TRUE(f.Send(To("GET", server.Url())));
  EXPECT_TRUE(f.Send(To("GET", server.Url())));
  const auto post = f.Send(To("POST", server.Url()));
  EXPECT_FALSE(post) << "whether a POST was done is not known: it is not repeated";
  EXPECT_EQ(posts, 0);
}

TEST(Client, StreamsEvents) {
  Fixture f;
  const auto read = [&](ClientRequest request) -> awaitable<Result<std::pair<int, std::string>>> {
    auto open = f.client.Open(std::move(request));
    ASSIGN_OR_CO_RETURN(const std::unique_ptr<ClientBody> body, co_await std::move(open));
    std::pair<int, std::string> seen{0, ""};
    while (true) {
      auto next = body->Read();
      ASSIGN_OR_CO_RETURN(const std::string piece, co_await std::move(next));
      if (piece.empty()) break;
      ++seen.first;
      seen.second += piece;
    }
    co_return seen;
  };
  const auto seen = RunToCompletion(f.io, read(To("GET", f.base + "/events")));
  ASSERT_TRUE(seen);
  EXPECT_GE(seen->first, 3) << "events arrive as they are sent";
  EXPECT_EQ(seen->second, ":\n\nid: 1\ndata: n\n\nid: 2\ndata: n\n\nid: 3\ndata: n\n\n");
}

TEST(Client, VerifiesTheCertificateAndTheName) {
  TestCertificate good("DNS:good.example,IP:127.0.0.1");
  SSL_CTX* server_context = SSL_CTX_new(TLS_server_method());
  SSL_CTX_use_certificate(server_context, good.certificate);
  SSL_CTX_use_PrivateKey(server_context, good.key);
  RawServer server([&](int fd, int) {
    SSL* ssl = SSL_new(server_context);
    SSL_set_fd(ssl, fd);
    if (SSL_accept(ssl) == 1) {
      char buffer[4096];
      SSL_read(ssl, buffer, sizeof(buffer));
      const char* name = SSL_get_servername(ssl, TLSEXT_NAMETYPE_host_name);
      const std::string body = name == nullptr ? "none" : name;
      const std::string response = "HTTP/1.1 200 OK\r\ncontent-length: " + std::to_string(body.size()) +
                                   "\r\nconnection: close\r\n\r\n" + body;
      SSL_write(ssl, response.data(), static_cast<int>(response.size()));
      SSL_shutdown(ssl);
    }
    SSL_free(ssl);
  });
  IoThreads io(1);
  const Resolver local = [](std::string) -> awaitable<Result<std::vector<IpAddress>>> {
    co_return std::vector<IpAddress>{IpAddress::Parse("127.0.0.1").value()};
  };
  const std::string port = ":" + std::to_string(server.port) + "/";
  const auto get = [&](const ClientOptions& options, const std::string& host) {
    Client client(EgressPolicy::AllowAll(), options);
    return RunToCompletion(io, client.Send(To("GET", "https://" + host + port)));
  };
  const ClientOptions trusting{.ca_pem = good.pem, .resolver = local};
  const auto named = get(trusting, "good.example");
  ASSERT_TRUE(named) << named.error().ToString();
  EXPECT_EQ(named->body, "good.example");
  const auto by_address = get(trusting, "127.0.0.1");
  ASSERT_TRUE(by_address) << by_address.error().ToString();
  EXPECT_EQ(by_address->body, "none");
  const auto wrong = get(trusting, "evil.example");
  ASSERT_FALSE(wrong);
  EXPECT_TRUE(wrong.error().message.starts_with("tls:")) << wrong.error().ToString();
  const auto untrusted = get({.resolver = local}, "good.example");
  ASSERT_FALSE(untrusted);
  EXPECT_TRUE(untrusted.error().message.starts_with("tls: the certificate of the server is not trusted"))
      << untrusted.error().ToString();
  EXPECT_EQ(get({.ca_pem = "not a certificate", .resolver = local}, "good.example").error().code,
            ErrorCode::kInvalidArgument);
  SSL_CTX_free(server_context);
}

awaitable<void> SendMany(Client& client, std::string url, std::atomic<int>& good) {
  for (int i = 0; i < 50; ++i) {
    auto send = client.Send(To("GET", url));
    const auto response = co_await std::move(send);
    if (response && response->status == 200) ++good;
  }
}

TEST(Client, ServesSeveralThreadsAtOnce) {
  Fixture f;
  IoThreads io(3);
  Client client(EgressPolicy::AllowAll());
  std::atomic<int> good = 0;
  std::vector<std::future<void>> running;
  for (std::size_t i = 0; i < 12; ++i) {
    running.push_back(boost::asio::co_spawn(io.executor(i % 3), SendMany(client, f.base + "/describe", good),
                                            boost::asio::use_future));
  }
  for (auto& one : running) one.get();
  EXPECT_EQ(good, 600);
  EXPECT_LE(f.test.server.stats().connections_accepted, 12U) << "connections are reused";
}

TEST(Client, KeepsItsDeadlineOnAServerThatDrips) {
  Fixture f;
  RawServer server([](int fd, int) {
    RawServer::ReadHead(fd);
    const std::string head = "HTTP/1.1 200 OK\r\ncontent-length: 1000\r\n\r\n";
    ::send(fd, head.data(), head.size(), MSG_NOSIGNAL);
    while (::send(fd, "x", 1, MSG_NOSIGNAL) == 1) std::this_thread::sleep_for(milliseconds(20));
  });
  ClientRequest request = To("GET", server.Url());
  request.deadline = Clock::now() + milliseconds(200);
  const auto start = Clock::now();
  const auto response = f.Send(std::move(request));
  ASSERT_FALSE(response);
  EXPECT_EQ(response.error().code, ErrorCode::kTimeout);
  EXPECT_LT(Clock::now() - start, milliseconds(2000));
}

}  // namespace
}  // namespace elevaite::net
