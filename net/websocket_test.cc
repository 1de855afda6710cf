#include "net/websocket.h"

#include "net/sse.h"
#include "net/static_files.h"
#include "net/test_support.h"

namespace elevaite::net {
namespace {

awaitable<void> Echo(WebSocket& socket) {
  while (true) {
    auto receive = socket.Receive();
    auto message = co_await std::move(receive);
    if (!message) co_return;
    if (message->data == "throw") throw std::runtime_error("a bug");
    if (message->data == "bye") co_return;
    auto send = socket.Send(std::move(message->data), message->kind);
    auto sent = co_await std::move(send);
    if (!sent) co_return;
  }
}

awaitable<Result<Response>> Live(Request& /*request*/) {
  co_return AcceptWebSocket(
      {.message_bytes_max = 1000, .messages_per_second_max = 50, .idle_timeout = milliseconds(60'000)}, Echo);
}

Router WebSocketRouter() {
  Router router;
  router.Add(Method::kGet, "/live", Live);
  return router;
}

std::string Handshake(const std::string& more = "") {
  return "GET /live HTTP/1.1\r\nhost: app.example\r\nconnection: Upgrade\r\nupgrade: "
         "websocket\r\nsec-websocket-version: 13\r\n"
         "sec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==\r\n" +
         more + "\r\n";
}

// A masked frame, as a client must send it.
std::string Frame(int opcode, const std::string& data, bool final = true, bool masked = true) {
  std::string frame;
  frame.push_back(static_cast<char>((final ? 0x80 : 0) | opcode));
  const int mask_bit = masked ? 0x80 : 0;
  if (data.size() < 126) {
    frame.push_back(static_cast<char>(mask_bit | static_cast<int>(data.size())));
  } else {
    frame.push_back(static_cast<char>(mask_bit | 126));
    frame.push_back(static_cast<char>(data.size() >> 8U));
    frame.push_back(static_cast<char>(data.size() & 0xffU));
  }
  const std::string key = "\x01\x02\x03\x04";
  if (masked) frame += key;
  for (std::size_t i = 0; i < data.size(); ++i)
    frame.push_back(masked ? static_cast<char>(data[i] ^ key[i % 4]) : data[i]);
  return frame;
}

struct Conversation {
  explicit Conversation(std::uint16_t port, const std::string& more = "") : client(port) {
    client.Send(Handshake(more));
    head = client.ReadUntil([](const std::string& text) { return text.ends_with("\r\n\r\n"); });
  }
  std::string Read(std::size_t bytes) {
    return client.ReadUntil([bytes](const std::string& text) { return text.size() >= bytes; });
  }
  // The code of the close frame that ends the connection.
  int CloseCode() {
    const std::string all = client.ReadUntil([](const std::string& text) {
      const auto close = text.find('\x88');
      return close != std::string::npos && text.size() >= close + 4;
    });
    const auto at = all.find('\x88');
    if (at == std::string::npos || all.size() < at + 4) return 0;
    return static_cast<unsigned char>(all[at + 2]) * 256 + static_cast<unsigned char>(all[at + 3]);
  }
  RawClient client;
  std::string head;
};

TEST(WebSocket, EchoesTextAndBinaryAndFragments) {
  TestServer test(WebSocketRouter());
  Conversation talk(test.port, "x-request-id: ws-1\r\n");
  EXPECT_EQ(StatusOf(talk.head), 101);
  EXPECT_NE(talk.head.find("s3pPLMBiTxaQ9kYGzzhZRbK+xOo="), std::string::npos);
  EXPECT_NE(talk.head.find("ws-1"), std::string::npos);
  talk.client.Send(Frame(1, "hello"));
  EXPECT_EQ(talk.Read(7), std::string("\x81\x05hello"));
  talk.client.Send(Frame(2, std::string("\0\xff", 2)));
  EXPECT_EQ(talk.Read(4), std::string("\x82\x02\0\xff", 4));
  talk.client.Send(Frame(1, "he", false) + Frame(9, "p") + Frame(0, "y"));
  EXPECT_EQ(talk.Read(8), std::string("\x8a\x01p\x81\x03hey"));
  talk.client.Send(Frame(1, "bye"));
  EXPECT_EQ(talk.Read(4).substr(0, 4), std::string("\x88\x02\x03\xe8"));
}

TEST(WebSocket, ClosesOnWhatIsNotAllowed) {
  TestServer test(WebSocketRouter());
  struct Case {
    const char* what;
    std::string bytes;
    int code;
  };
  std::string flood;
  for (int i = 0; i < 100; ++i) flood += Frame(1, "x");
  for (const Case& c :
       {Case{"too large", Frame(1, std::string(2000, 'a')), 1009},
        Case{"not UTF-8", Frame(1, "\xff\xfe"), 1007},
        Case{"not masked", Frame(1, "hello", true, false), 1002},
        Case{"reserved opcode", Frame(3, "x"), 1002}, Case{"stray continuation", Frame(0, "x"), 1002},
        Case{"too fast", flood, 1008}, Case{"a bug", Frame(1, "throw"), 1011}}) {
    Conversation talk(test.port);
    talk.client.Send(c.bytes);
    EXPECT_EQ(talk.CloseCode(), c.code) << c.what;
  }
  EXPECT_TRUE(WaitFor([&] { return test.server.stats().connections_open == 0; }));
  ASSERT_EQ(test.failures.size(), 1U);
}

TEST(WebSocket, RefusesOtherOriginsAndBrokenHandshakes) {
  TestServer test(WebSocketRouter());
  const auto status = [&](const std::string& bytes) {
    RawClient client(test.port);
    client.Send(bytes);
    return StatusOf(
        client.ReadUntil([](const std::string& text) { return text.find("\r\n\r\n") != std::string::npos; }));
  };
  EXPECT_EQ(status(Handshake("origin: https://evil.example\r\n")), 403);
  EXPECT_EQ(status(Handshake("origin: null\r\n")), 403);
  EXPECT_EQ(status(Handshake("origin: https://app.example\r\n")), 101);
  EXPECT_EQ(status("GET /live HTTP/1.1\r\nhost: x\r\n\r\n"), 426);
  EXPECT_EQ(status("GET /live HTTP/1.1\r\nhost: x\r\nconnection: upgrade\r\nupgrade: "
                   "websocket\r\nsec-websocket-version: 8\r\n\r\n"),
            426);
  EXPECT_EQ(status("GET /live HTTP/1.1\r\nhost: x\r\nconnection: upgrade\r\nupgrade: "
                   "websocket\r\nsec-websocket-version: 13\r\n\r\n"),
            400);
  EXPECT_EQ(status(Handshake() + Frame(1, "early")), 400);
}

TEST(WebSocket, SaysGoodbyeAtADrain) {
  TestServer test(WebSocketRouter());
  Conversation talk(test.port);
  ASSERT_EQ(StatusOf(talk.head), 101);
  int code = 0;
  std::thread reader([&] {
    const std::string frame = talk.Read(4);
    if (frame.size() >= 4)
      code = static_cast<unsigned char>(frame[2]) * 256 + static_cast<unsigned char>(frame[3]);
    talk.client.Send(Frame(8, "\x03\xe9"));
    talk.client.ReadAll();
    talk.client.Close();
  });
  EXPECT_TRUE(test.server.Drain(std::chrono::seconds(10)));
  reader.join();
  EXPECT_EQ(code, 1001);
}

// However far the handshake has come when the server goes away, the client hears of it.
TEST(WebSocket, SaysGoodbyeInTheMiddleOfAHandshake) {
  for (int round = 0; round < 100; ++round) {
    TestServer test(WebSocketRouter());
    RawClient client(test.port);
    std::thread reader([&] {
      client.Send(Handshake());
      const std::string all = client.ReadUntil([](const std::string& text) {
        const auto end = text.find("\r\n\r\n");
        return end != std::string::npos && (StatusOf(text) != 101 || text.size() >= end + 8);
      });
      if (StatusOf(all) == 101) {
        EXPECT_EQ(BodyOf(all).substr(0, 4), "\x88\x1a\x03\xe9") << "round " << round;
      } else {
        EXPECT_TRUE(all.empty() || StatusOf(all) == 503) << all;
      }
      client.Close();
    });
    std::this_thread::sleep_for(std::chrono::microseconds(round * 10));
    EXPECT_TRUE(test.server.Drain(std::chrono::seconds(20)));
    reader.join();
  }
}

// ------------------------------------------------------------------------------------------------------
// event streams

struct Probe {
  std::atomic<int> running = 0;
  std::atomic<int> ended = 0;
};

struct EndlessEvents {
  Probe* probe;
  awaitable<Result<>> operator()(EventWriter& events) const {
    struct Count {
      Probe* probe;
      explicit Count(Probe* p) : probe(p) { ++probe->running; }
      ~Count() { ++probe->ended; }
    };
    const Count count(probe);
    auto first = events.Send({.id = "1", .event = "greeting", .data = "two\nlines"});
    CO_RETURN_IF_ERROR(co_await std::move(first));
    boost::asio::steady_timer never(co_await boost::asio::this_coro::executor, std::chrono::hours(1));
    co_await never.async_wait(boost::asio::use_awaitable);
    co_return Result<>();
  }
};

Router EventRouter(Probe* probe) {
  Router router;
  router.Add(Method::kGet, "/events", [probe](Request&) -> awaitable<Result<Response>> {
    co_return EventStream(EndlessEvents{probe}, {.heartbeat = milliseconds(300)});
  });
  return router;
}

TEST(EventStream, SendsEventsAndHeartbeats) {
  Probe probe;
  TestServer test(EventRouter(&probe));
  RawClient client(test.port);
  client.Send("GET /events HTTP/1.0\r\n\r\n");
  const std::string text =
      client.ReadUntil([](const std::string& all) { return all.ends_with("\n\n:\n\n:\n\n"); });
  EXPECT_EQ(HeaderOf(text, "content-type"), "text/event-stream");
  EXPECT_EQ(HeaderOf(text, "cache-control"), "no-store");
  EXPECT_EQ(BodyOf(text), ":\n\nid: 1\nevent: greeting\ndata: two\ndata: lines\n\n:\n\n:\n\n");
}

TEST(EventStream, NoticesThatTheClientWentAway) {
  Probe probe;
  TestServer test(EventRouter(&probe));
  std::vector<std::unique_ptr<RawClient>> clients;
  for (int i = 0; i < 20; ++i) {
    clients.push_back(std::make_unique<RawClient>(test.port));
    clients.back()->Send("GET /events HTTP/1.1\r\nhost: x\r\n\r\n");
  }
  ASSERT_TRUE(WaitFor([&] { return probe.running == 20; }));
  const auto start = std::chrono::steady_clock::now();
  clients.clear();
  EXPECT_TRUE(WaitFor([&] { return probe.ended == 20 && test.server.stats().connections_open == 0; }));
  EXPECT_LT(std::chrono::steady_clock::now() - start, milliseconds(2000));
}

TEST(EventStream, EndsInOrderAtADrain) {
  Probe probe;
  TestServer test(EventRouter(&probe));
  RawClient client(test.port);
  client.Send("GET /events HTTP/1.1\r\nhost: x\r\n\r\n");
  ASSERT_TRUE(WaitFor([&] { return probe.running == 1; }));
  EXPECT_TRUE(test.server.Drain(std::chrono::seconds(10)));
  EXPECT_TRUE(client.ReadAll().ends_with("\r\n0\r\n\r\n"));
  EXPECT_EQ(probe.ended, 1);
}

TEST(EventStream, KeepsHostileTextInsideItsField) {
  EXPECT_EQ(FormatEvent({.id = "1\ndata: x", .event = "a\r\nb", .data = "1\r2\r\n3\n"}),
            "id: 1data: x\nevent: ab\ndata: 1\ndata: 2\ndata: 3\ndata: \n\n");
}

// -------------------------------------------------------------------------------------------------------
// static files

struct StaticTest : testing::Test {
  StaticTest() {
    files.Add({.path = "/index.html", .bytes = {{}, html}, .brotli = {{}, "BROTLI"}});
    files.Add({.path = "/assets/app-BX3k9q2T.js", .bytes = {{}, script}});
    files.Add({.path = "/favicon-monochrome.svg", .bytes = {{}, "<svg/>"}});
    files.KeepOut("/v1/");
    files.KeepOut("/assets/");
    Router router;
    router.Add(Method::kGet, "/v1/thing",
               [](Request&) -> awaitable<Result<Response>> { co_return TextResponse(200, "thing"); });
    router.SetFallback(
        [this](Request& request) -> awaitable<Result<Response>> { co_return files.Serve(request); });
    test = std::make_unique<TestServer>(std::move(router));
  }
  std::string html = "<!doctype html>" + std::string(2000, ' ') + "<div id=root></div>";
  std::string script = "console.log(1);" + std::string(2000, '/');
  StaticFiles files;
  std::unique_ptr<TestServer> test;
};

TEST_F(StaticTest, NegotiatesTheEncoding) {
  const std::string plain = test->Get("/");
  EXPECT_EQ(StatusOf(plain), 200);
  EXPECT_EQ(BodyOf(plain), html);
  EXPECT_EQ(HeaderOf(plain, "vary"), "accept-encoding");
  EXPECT_EQ(HeaderOf(plain, "cache-control"), "no-cache");
  EXPECT_NE(HeaderOf(plain, "content-security-policy").find("default-src 'self'"), std::string::npos);
  EXPECT_EQ(HeaderOf(plain, "x-content-type-options"), "nosniff");
  const std::string gzip = test->Get("/index.html", "accept-encoding: gzip\r\n");
  EXPECT_EQ(HeaderOf(gzip, "content-encoding"), "gzip");
  EXPECT_LT(BodyOf(gzip).size(), 200U);
  EXPECT_EQ(BodyOf(test->Get("/", "accept-encoding: gzip, br\r\n")), "BROTLI");
  EXPECT_EQ(BodyOf(test->Get("/", "accept-encoding: br;q=0, *;q=0\r\n")), html);
  EXPECT_NE(HeaderOf(plain, "etag"), HeaderOf(gzip, "etag"));
  const std::string script_response = test->Get("/assets/app-BX3k9q2T.js");
  EXPECT_EQ(HeaderOf(script_response, "cache-control"), "public, max-age=31536000, immutable");
  EXPECT_EQ(HeaderOf(script_response, "content-type"), "text/javascript; charset=utf-8");
  EXPECT_EQ(HeaderOf(test->Get("/favicon-monochrome.svg"), "cache-control"), "no-cache")
      << "a word is no hash";
}

TEST_F(StaticTest, AnswersConditionalRequests) {
  const std::string etag = HeaderOf(test->Get("/"), "etag");
  for (const std::string& match : {etag, "W/" + etag, "\"x\", " + etag, std::string("*")}) {
    const std::string response = test->Get("/", "if-none-match: " + match + "\r\n");
    EXPECT_EQ(StatusOf(response), 304) << match;
    EXPECT_EQ(BodyOf(response), "");
    EXPECT_EQ(HeaderOf(response, "etag"), etag);
  }
  EXPECT_EQ(StatusOf(test->Get("/", "if-none-match: \"other\"\r\n")), 200);
  EXPECT_EQ(StatusOf(test->Get("/", "accept-encoding: gzip\r\nif-none-match: " + etag + "\r\n")), 200)
      << "another encoding is another body";
}

TEST_F(StaticTest, FallsBackToTheAppForPagesOnly) {
  const std::string page = "accept: text/html,*/*;q=0.8\r\n";
  EXPECT_EQ(BodyOf(test->Get("/workflows/abc", page)), html);
  EXPECT_EQ(BodyOf(test->Get("/workflows/shop.orders", page)), html) << "a name with its namespace";
  EXPECT_EQ(StatusOf(test->Get("/workflows/abc")), 404);
  EXPECT_EQ(StatusOf(test->Get("/assets/gone-12345678.js", page)), 404);
  EXPECT_EQ(StatusOf(test->Get("/v1/nothing", page)), 404);
  EXPECT_EQ(StatusOf(test->Get("/%2e%2e/etc/passwd", page)), 400);
  EXPECT_EQ(BodyOf(test->Get("/v1/thing", page)), "thing");
  EXPECT_EQ(StatusOf(test->Ask("POST / HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n")), 405);
  const std::string head = test->Ask("HEAD / HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n");
  EXPECT_EQ(HeaderOf(head, "content-length"), std::to_string(html.size()));
  EXPECT_EQ(BodyOf(head), "");
}

}  // namespace
}  // namespace elevaite::net
