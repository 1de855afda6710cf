#include "net/server.h"

#include <atomic>
#include <stdexcept>

#include "net/problem.h"
#include "net/test_support.h"

namespace elevaite::net {
namespace {

awaitable<Result<Response>> Hello(Request& /*request*/) { co_return TextResponse(200, "hello"); }

awaitable<Result<Response>> EchoBody(Request& request) {
  auto read = request.ReadBody();
  ASSIGN_OR_CO_RETURN(std::string body, co_await std::move(read));
  co_return TextResponse(200, std::move(body));
}

awaitable<Result<Response>> CountBody(Request& request) {
  std::size_t size = 0;
  while (true) {
    auto read = request.ReadSome();
    ASSIGN_OR_CO_RETURN(const std::string_view bytes, co_await std::move(read));
    if (bytes.empty()) break;
    size += bytes.size();
  }
  co_return TextResponse(200, std::to_string(size));
}

awaitable<Result<Response>> Parameters(Request& request) {
  Json::Member query{"q", request.QueryParameter("q").value_or("none")};
  co_return JsonResponse(200, Json::Object({{"name", request.PathParameter("name")}, std::move(query)}));
}

awaitable<Result<Response>> Throws(Request& /*request*/) {
  throw std::runtime_error("secret detail");
  co_return EmptyResponse();
}

awaitable<Result<Response>> Fails(Request& /*request*/) {
  Error error{.code = ErrorCode::kUnavailable,
              .message = "the store is busy",
              .hint = "try later",
              .detail = "db01 is down"};
  error.retry_after = milliseconds(1500);
  co_return Fail(std::move(error));
}

awaitable<Result<Response>> Sleeps(Request& /*request*/) {
  boost::asio::steady_timer timer(co_await boost::asio::this_coro::executor, std::chrono::seconds(30));
  co_await timer.async_wait(boost::asio::use_awaitable);
  co_return TextResponse(200, "late");
}

awaitable<Result<Response>> Naps(Request& /*request*/) {
  boost::asio::steady_timer timer(co_await boost::asio::this_coro::executor, milliseconds(300));
  co_await timer.async_wait(boost::asio::use_awaitable);
  co_return TextResponse(200, "rested");
}

awaitable<Result<>> WriteNumbers(BodyWriter& writer) {
  for (int i = 0; i < 1000; ++i) {
    auto write = writer.Write(std::to_string(i) + "\n");
    CO_RETURN_IF_ERROR(co_await std::move(write));
  }
  co_return Result<>();
}
awaitable<Result<>> WriteAndBreak(BodyWriter& writer) {
  auto write = writer.Write("half");
  CO_RETURN_IF_ERROR(co_await std::move(write));
  co_return Fail(ErrorCode::kUnavailable, "the source is gone");
}
awaitable<Result<Response>> Numbers(Request& /*request*/) {
  co_return StreamResponse(kTextType, WriteNumbers);
}
awaitable<Result<Response>> Broken(Request& /*request*/) {
  co_return StreamResponse(kTextType, WriteAndBreak);
}
awaitable<Result<Response>> Large(Request& /*request*/) {
  co_return TextResponse(200, std::string(8U << 20U, 'x'));
}
awaitable<Result<Response>> Listing(Request& /*request*/) {
  co_return JsonResponse(200, Json::Object({{"text", std::string(5000, 'a')}}));
}
awaitable<Result<Response>> Injects(Request& /*request*/) {
  Response response = TextResponse(200, "x");
  response.headers.Add("x-name", "a\r\nset-cookie: evil=1");
  co_return response;
}

// Another thread finishes the request: the pattern for engines and pools of blocking work.
awaitable<Result<Response>> FromAnotherThread(Request& /*request*/) {
  OneShot<std::string> done;
  std::thread([done]() mutable { done.Set("from the engine"); }).detach();
  const auto home = std::this_thread::get_id();
  auto wait = done.WaitUntil(std::chrono::steady_clock::now() + std::chrono::seconds(10));
  const auto value = co_await std::move(wait);
  if (!value) co_return Fail(ErrorCode::kTimeout, "the engine did not answer");
  co_return TextResponse(std::this_thread::get_id() == home ? 200 : 500, *value);
}

Router TestRouter() {
  Router router;
  router.Add(Method::kGet, "/hello", Hello);
  router.Add(Method::kPost, "/echo", EchoBody);
  router.Add(Method::kPost, "/small", EchoBody, {.body_bytes_max = 100});
  router.Add(Method::kPost, "/count", CountBody, {.body_bytes_max = 200U << 20U});
  router.Add(Method::kPost, "/ignore", Hello);
  router.Add(Method::kGet, "/items/{name}", Parameters);
  router.Add(Method::kPut, "/items/{name}", Parameters);
  router.Add(Method::kGet, "/throws", Throws);
  router.Add(Method::kGet, "/fails", Fails);
  router.Add(Method::kGet, "/sleeps", Sleeps, {.timeout = milliseconds(100)});
  router.Add(Method::kGet, "/sleeps-long", Sleeps);
  router.Add(Method::kGet, "/naps", Naps);
  router.Add(Method::kGet, "/numbers", Numbers);
  router.Add(Method::kGet, "/broken", Broken);
  router.Add(Method::kGet, "/large", Large);
  router.Add(Method::kGet, "/listing", Listing);
  router.Add(Method::kGet, "/injects", Injects);
  router.Add(Method::kGet, "/thread", FromAnotherThread);
  return router;
}

const std::string kHead = "host: x\r\n";

TEST(Server, AnswersAndKeepsTheConnection) {
  TestServer test(TestRouter());
  RawClient client(test.port);
  for (int i = 0; i < 3; ++i) {
    client.Send("GET /hello HTTP/1.1\r\nhost: x\r\n\r\n");
    const std::string response = client.ReadResponse();
    EXPECT_EQ(StatusOf(response), 200);
    EXPECT_EQ(BodyOf(response), "hello");
    EXPECT_EQ(HeaderOf(response, "content-type"), "text/plain; charset=utf-8");
    EXPECT_EQ(HeaderOf(response, "x-request-id").size(), 32U);
    EXPECT_TRUE(HeaderOf(response, "date").ends_with(" GMT"));
  }
  EXPECT_EQ(test.server.stats().connections_accepted, 1U);
  EXPECT_EQ(test.server.stats().requests, 3U);
}

TEST(Server, AnswersPipelinedRequestsInOrderHoweverTheyAreCut) {
  TestServer test(TestRouter());
  std::string requests;
  for (int i = 0; i < 50; ++i) {
    const std::string body = "body " + std::to_string(i);
    requests += "POST /echo HTTP/1.1\r\nhost: x\r\ncontent-length: " + std::to_string(body.size()) +
                "\r\n\r\n" + body;
    requests += "GET /items/" + std::to_string(i) + " HTTP/1.1\r\nhost: x\r\n\r\n";
  }
  for (const std::size_t piece : {requests.size(), std::size_t{1}, std::size_t{7}, std::size_t{1000}}) {
    RawClient client(test.port);
    std::thread sender([&] {
      for (std::size_t at = 0; at < requests.size(); at += piece)
        client.Send(std::string_view(requests).substr(at, piece));
    });
    for (int i = 0; i < 50; ++i) {
      EXPECT_EQ(BodyOf(client.ReadResponse()), "body " + std::to_string(i));
      EXPECT_EQ(BodyOf(client.ReadResponse()), R"({"name":")" + std::to_string(i) + R"(","q":"none"})");
    }
    sender.join();
  }
}

struct BadCase {
  const char* what;
  std::string bytes;
  int status;
};

TEST(Server, RefusesWhatIsNotHttpOrCouldBeReadInTwoWays) {
  TestServer test(TestRouter());
  const std::string nul("GET /a\0b HTTP/1.1\r\nhost: x\r\n\r\n", 31);
  std::string many = "GET /hello HTTP/1.1\r\nhost: x\r\n";
  for (int i = 0; i < 200; ++i) many += "x-" + std::to_string(i) + ": y\r\n";
  const std::vector<BadCase> cases = {
      {"garbage", "hello server\r\n\r\n", 400},
      {"TLS on a plain port", "\x16\x03\x01\x02\x01\x01", 400},
      {"HTTP/2 preface", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 505},
      {"HTTP/0.9", "GET /hello\r\n\r\n", 400},
      {"HTTP/1.2", "GET /hello HTTP/1.2\r\nhost: x\r\n\r\n", 505},
      {"lower-case version", "GET /hello http/1.1\r\nhost: x\r\n\r\n", 505},
      {"two spaces", "GET  /hello HTTP/1.1\r\nhost: x\r\n\r\n", 400},
      {"no host", "GET /hello HTTP/1.1\r\n\r\n", 400},
      {"two hosts", "GET /hello HTTP/1.1\r\nhost: x\r\nhost: y\r\n\r\n", 400},
      {"bad host", "GET /hello HTTP/1.1\r\nhost: x/y@z\r\n\r\n", 400},
      {"bare LF everywhere", "GET /hello HTTP/1.1\nhost: x\n\n", 400},
      {"bare LF in one field", "GET /hello HTTP/1.1\r\nhost: x\nfoo: y\r\n\r\n", 400},
      {"bare CR in a value", "GET /hello HTTP/1.1\r\nhost: x\r\nfoo: a\rb\r\n\r\n", 400},
      {"folded field", "GET /hello HTTP/1.1\r\nhost: x\r\nfoo: a\r\n b\r\n\r\n", 400},
      {"folded first field", "GET /hello HTTP/1.1\r\n host: x\r\n\r\n", 400},
      {"space before colon", "GET /hello HTTP/1.1\r\nhost : x\r\n\r\n", 400},
      {"no colon", "GET /hello HTTP/1.1\r\nhost: x\r\nfoo\r\n\r\n", 400},
      {"empty name", "GET /hello HTTP/1.1\r\nhost: x\r\n: y\r\n\r\n", 400},
      {"NUL in the target", nul, 400},
      {"NUL in a value", std::string("GET /hello HTTP/1.1\r\nhost: x\r\nfoo: a\0b\r\n\r\n", 43), 400},
      {"CL and TE",
       "POST /echo HTTP/1.1\r\nhost: x\r\ncontent-length: 5\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n",
       400},
      {"TE and CL",
       "POST /echo HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked\r\ncontent-length: 5\r\n\r\n0\r\n\r\n",
       400},
      {"two CL, equal",
       "POST /echo HTTP/1.1\r\nhost: x\r\ncontent-length: 5\r\ncontent-length: 5\r\n\r\nhello", 400},
      {"two CL, different",
       "POST /echo HTTP/1.1\r\nhost: x\r\ncontent-length: 5\r\ncontent-length: 6\r\n\r\nhello", 400},
      {"CL list", "POST /echo HTTP/1.1\r\nhost: x\r\ncontent-length: 5, 5\r\n\r\nhello", 400},
      {"CL sign", "POST /echo HTTP/1.1\r\nhost: x\r\ncontent-length: +5\r\n\r\nhello", 400},
      {"CL negative", "POST /echo HTTP/1.1\r\nhost: x\r\ncontent-length: -1\r\n\r\n", 400},
      {"CL hex", "POST /echo HTTP/1.1\r\nhost: x\r\ncontent-length: 0x5\r\n\r\nhello", 400},
      {"CL empty", "POST /echo HTTP/1.1\r\nhost: x\r\ncontent-length:\r\n\r\n", 400},
      {"CL overflow", "POST /echo HTTP/1.1\r\nhost: x\r\ncontent-length: 18446744073709551621\r\n\r\nhello",
       400},
      {"TE unknown", "POST /echo HTTP/1.1\r\nhost: x\r\ntransfer-encoding: gzip, chunked\r\n\r\n0\r\n\r\n",
       501},
      {"TE obscured", "POST /echo HTTP/1.1\r\nhost: x\r\ntransfer-encoding: xchunked\r\n\r\n0\r\n\r\n", 501},
      {"TE identity", "POST /echo HTTP/1.1\r\nhost: x\r\ntransfer-encoding: identity\r\n\r\n", 501},
      {"TE twice",
       "POST /echo HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked\r\ntransfer-encoding: "
       "chunked\r\n\r\n0\r\n\r\n",
       400},
      {"TE in HTTP/1.0", "POST /echo HTTP/1.0\r\nhost: x\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n",
       400},
      {"TE with vertical tab",
       "POST /echo HTTP/1.1\r\nhost: x\r\ntransfer-encoding: \x0b"
       "chunked\r\n\r\n0\r\n\r\n",
       400},
      {"chunk size not hex",
       "POST /echo HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked\r\n\r\nzz\r\nhello\r\n0\r\n\r\n", 400},
      {"chunk size negative",
       "POST /echo HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked\r\n\r\n-5\r\nhello\r\n0\r\n\r\n", 400},
      {"chunk size 0x5",
       "POST /echo HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked\r\n\r\n0x5\r\nhello\r\n0\r\n\r\n", 400},
      {"chunk size overflow",
       "POST /echo HTTP/1.1\r\nhost: x\r\ntransfer-encoding: "
       "chunked\r\n\r\n10000000000000005\r\nhello\r\n0\r\n\r\n",
       400},
      {"chunk longer than it says",
       "POST /echo HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked\r\n\r\n3\r\nhello\r\n0\r\n\r\n", 400},
      {"chunk ended by bare LF",
       "POST /echo HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked\r\n\r\n5\nhello\n0\n\n", 400},
      {"chunk extension without end",
       "POST /echo HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked\r\n\r\n5;" + std::string(70000, 'a'),
       400},
      {"unknown expectation",
       "POST /echo HTTP/1.1\r\nhost: x\r\nexpect: 200-maybe\r\ncontent-length: 1\r\n\r\na", 417},
      {"long target", "GET /" + std::string(20000, 'a') + " HTTP/1.1\r\nhost: x\r\n\r\n", 414},
      {"large header", "GET /hello HTTP/1.1\r\nhost: x\r\nfoo: " + std::string(20000, 'a') + "\r\n\r\n", 431},
      {"many headers", many + "\r\n", 431},
      {"body over the limit",
       "POST /small HTTP/1.1\r\nhost: x\r\ncontent-length: 1000\r\n\r\n" + std::string(101, 'a'), 413},
      {"chunks over the limit",
       "POST /small HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked\r\n\r\n65\r\n" + std::string(101, 'a') +
           "\r\n0\r\n\r\n",
       413},
  };
  for (const BadCase& bad : cases) {
    const auto start = std::chrono::steady_clock::now();
    const std::string response = test.Ask(bad.bytes + "GET /hello HTTP/1.1\r\nhost: smuggled\r\n\r\n");
    EXPECT_LT(std::chrono::steady_clock::now() - start, milliseconds(2000))
        << bad.what << ": refused without waiting";
    EXPECT_EQ(StatusOf(response), bad.status) << bad.what << "\n" << response.substr(0, 400);
    EXPECT_EQ(HeaderOf(response, "connection"), "close") << bad.what;
    EXPECT_EQ(HeaderOf(response, "content-type"), "application/problem+json") << bad.what;
    EXPECT_EQ(response.find("HTTP/1.1 2"), std::string::npos)
        << bad.what << ": what follows must not be answered";
  }
}

TEST(Server, RefusesBadPathsButKeepsTheConnection) {
  TestServer test(TestRouter());
  const std::vector<std::pair<std::string, int>> cases = {
      {"/items/a%2Fb", 200},
      {"/items/a%20b?q=1%202", 200},
      {"/items/..", 400},
      {"/items/%2e%2e", 400},
      {"/items/%2E", 400},
      {"/../etc/passwd", 400},
      {"/items/a%00b", 400},
      {"/items/%zz", 400},
      {"/items/%f", 400},
      {"/items/%", 400},
      {"/items/%ff", 400},
      {"/items/%c0%af", 400},
      {"/items/%ed%a0%80", 400},
      {"/items/%0d%0a", 400},
      {"/items/a\\b", 400},
      {"/items/a%5cb", 400},
      {"/items/x?q=%zz", 400},
      {"/items/x?q=%ff", 400},
      {"/items/", 404},
      {"//hello", 404},
      {"/hello/", 404},
      {"/items/a/b", 404},
      {"/items/gr%C3%BC%C3%9F", 200},
      {"/items/x?" + std::string(600, '&'), 200},
  };
  RawClient client(test.port);
  for (const auto& [target, status] : cases) {
    client.Send("GET " + target + " HTTP/1.1\r\nhost: x\r\n\r\n");
    const std::string response = client.ReadResponse();
    EXPECT_EQ(StatusOf(response), status) << target << "\n" << response;
  }
  client.Send("GET /items/a%2Fb HTTP/1.1\r\nhost: x\r\n\r\n");
  EXPECT_EQ(BodyOf(client.ReadResponse()), R"({"name":"a/b","q":"none"})");
}

TEST(Server, TellsNotFoundFromMethodNotAllowed) {
  TestServer test(TestRouter());
  EXPECT_EQ(StatusOf(test.Get("/nothing")), 404);
  const std::string wrong = test.Ask("DELETE /items/x HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n");
  EXPECT_EQ(StatusOf(wrong), 405);
  EXPECT_EQ(HeaderOf(wrong, "allow"), "GET, HEAD, PUT, OPTIONS");
  const std::string options = test.Ask("OPTIONS /items/x HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n");
  EXPECT_EQ(StatusOf(options), 204);
  EXPECT_EQ(HeaderOf(options, "allow"), "GET, HEAD, PUT, OPTIONS");
  EXPECT_EQ(StatusOf(test.Ask("BREW /hello HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n")), 405);
  EXPECT_EQ(StatusOf(test.Ask("OPTIONS * HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n")), 204);
}

TEST(Server, AnswersHeadWithoutABody) {
  TestServer test(TestRouter());
  RawClient client(test.port);
  client.Send(
      "HEAD /hello HTTP/1.1\r\nhost: x\r\n\r\nHEAD /numbers HTTP/1.1\r\nhost: x\r\n\r\nHEAD /large "
      "HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n");
  const std::string all = client.ReadAll();
  EXPECT_NE(all.find("content-length: 5\r\n"), std::string::npos);
  EXPECT_NE(all.find("content-length: 8388608\r\n"), std::string::npos);
  EXPECT_LT(all.size(), 1500U);
}

TEST(Server, SendsProblemsWithoutInternalDetail) {
  TestServer test(TestRouter());
  const std::string thrown = test.Get("/throws");
  EXPECT_EQ(StatusOf(thrown), 500);
  EXPECT_EQ(thrown.find("secret"), std::string::npos);
  const std::string failed = test.Get("/fails", "x-request-id: abc-1\r\n");
  EXPECT_EQ(StatusOf(failed), 503);
  EXPECT_EQ(HeaderOf(failed, "retry-after"), "2");
  EXPECT_EQ(HeaderOf(failed, "x-request-id"), "abc-1");
  EXPECT_EQ(
      BodyOf(failed),
      R"({"type":"/docs/errors/unavailable","title":"Unavailable at the moment","status":503,"detail":"the store is busy",)"
      R"("instance":"/fails","code":"unavailable","hint":"try later","request_id":"abc-1"})");
  ASSERT_EQ(test.failures.size(), 2U);
  EXPECT_NE(test.failures[0].find("secret detail"), std::string::npos);
  EXPECT_NE(test.failures[1].find("db01 is down"), std::string::npos);
  EXPECT_EQ(test.server.stats().handler_exceptions, 1U);
  EXPECT_EQ(test.Get("/injects").find("\r\nset-cookie"), std::string::npos);
  EXPECT_EQ(HeaderOf(test.Get("/hello", "x-request-id: a b<script>\r\n"), "x-request-id").size(), 32U);
}

TEST(Server, WritesTheAccessLog) {
  TestServer test(TestRouter());
  test.Get("/items/7?q=secret", "x-request-id: id-7\r\n");
  test.Get("/nothing");
  test.Ask("nonsense\r\n\r\n");
  ASSERT_TRUE(WaitFor([&] {
    const std::scoped_lock lock(test.mutex);
    return test.log.size() == 3;
  }));
  EXPECT_EQ(test.log[0].path, "/items/7");
  EXPECT_EQ(test.log[0].route, "/items/{name}");
  EXPECT_EQ(test.log[0].request_id, "id-7");
  EXPECT_EQ(test.log[0].status, 200);
  EXPECT_EQ(test.log[1].route, "");
  EXPECT_EQ(test.log[1].status, 404);
  EXPECT_EQ(test.log[2].status, 400);
}

TEST(Server, ReadsBodiesOfEveryFraming) {
  TestServer test(TestRouter());
  RawClient client(test.port);
  client.Send("POST /echo HTTP/1.1\r\nhost: x\r\ncontent-length: 0\r\n\r\n");
  EXPECT_EQ(BodyOf(client.ReadResponse()), "");
  const std::string chunked =
      "POST /echo HTTP/1.1\r\nhost: x\r\ntransfer-encoding: Chunked\r\n\r\n5\r\nhello\r\n6;a=\"b\"\r\n "
      "world\r\n0\r\nx-trailer: 1\r\n\r\n";
  client.Send(chunked + chunked);
  EXPECT_EQ(BodyOf(client.ReadResponse()), "hello world");
  EXPECT_EQ(BodyOf(client.ReadResponse()), "hello world");
  for (const char c : chunked) client.Send(std::string_view(&c, 1));
  EXPECT_EQ(BodyOf(client.ReadResponse()), "hello world");
  client.Send("POST /echo HTTP/1.1\r\nhost: x\r\nexpect: 100-continue\r\ncontent-length: 2\r\n\r\n");
  EXPECT_EQ(StatusOf(client.ReadUntil([](const std::string& text) { return text.ends_with("\r\n\r\n"); })),
            100);
  client.Send("ok");
  EXPECT_EQ(BodyOf(client.ReadResponse()), "ok");
}

TEST(Server, TakesA100MegabyteBodyAsAStreamAndRefusesItWhole) {
  TestServer test(TestRouter());
  const std::size_t size = 100U << 20U;
  const std::string piece(1U << 20U, 'z');
  {
    RawClient client(test.port);
    client.Send("POST /count HTTP/1.1\r\nhost: x\r\nconnection: close\r\ncontent-length: " +
                std::to_string(size) + "\r\n\r\n");
    for (std::size_t i = 0; i < 100; ++i) ASSERT_TRUE(client.Send(piece));
    EXPECT_EQ(BodyOf(client.ReadAll()), std::to_string(size));
  }
  RawClient client(test.port);
  client.Send("POST /echo HTTP/1.1\r\nhost: x\r\ncontent-length: " + std::to_string(size) + "\r\n\r\n");
  for (std::size_t i = 0; i < 4; ++i) client.Send(piece);
  EXPECT_EQ(StatusOf(client.ReadResponse()), 413);
}

TEST(Server, DropsABodyNobodyReads) {
  TestServer test(TestRouter());
  RawClient client(test.port);
  client.Send(
      "POST /ignore HTTP/1.1\r\nhost: x\r\ncontent-length: 5\r\n\r\nabcdeGET /hello HTTP/1.1\r\nhost: "
      "x\r\n\r\n");
  EXPECT_EQ(BodyOf(client.ReadResponse()), "hello");
  EXPECT_EQ(BodyOf(client.ReadResponse()), "hello");
  client.Send(
      "POST /ignore HTTP/1.1\r\nhost: x\r\ncontent-length: 5000\r\n\r\nGET /hello HTTP/1.1\r\nhost: "
      "x\r\n\r\n");
  const std::string all = client.ReadAll();
  EXPECT_EQ(HeaderOf(all, "connection"), "close");
  EXPECT_EQ(all.find("HTTP/1.1", 1), std::string::npos);
}

TEST(Server, StreamsAndShowsWhenAStreamBreaks) {
  TestServer test(TestRouter());
  const std::string whole = test.Get("/numbers");
  EXPECT_EQ(HeaderOf(whole, "transfer-encoding"), "chunked");
  EXPECT_TRUE(whole.ends_with("4\r\n999\n\r\n0\r\n\r\n")) << whole.substr(whole.size() - 40);
  const std::string old = test.Ask("GET /numbers HTTP/1.0\r\n\r\n");
  EXPECT_TRUE(old.ends_with("998\n999\n"));
  EXPECT_EQ(HeaderOf(old, "transfer-encoding"), "");
  EXPECT_TRUE(test.Get("/broken").ends_with("4\r\nhalf\r\n"));
  RawClient client(test.port);
  client.Send(
      "GET /numbers HTTP/1.1\r\nhost: x\r\n\r\nGET /hello HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n");
  const std::string two = client.ReadAll();
  EXPECT_NE(two.find("\r\n0\r\n\r\nHTTP/1.1 200 OK"), std::string::npos);
  EXPECT_TRUE(two.ends_with("hello"));
}

TEST(Server, CompressesLargeTextWhenTheClientTakesIt) {
  TestServer test(TestRouter());
  const std::string plain = test.Get("/listing");
  EXPECT_EQ(HeaderOf(plain, "content-encoding"), "");
  EXPECT_EQ(HeaderOf(plain, "vary"), "accept-encoding");
  const std::string packed = test.Get("/listing", "accept-encoding: br;q=1, gzip;q=0.5\r\n");
  EXPECT_EQ(HeaderOf(packed, "content-encoding"), "gzip");
  EXPECT_LT(BodyOf(packed).size(), 200U);
  EXPECT_EQ(HeaderOf(test.Get("/listing", "accept-encoding: gzip;q=0\r\n"), "content-encoding"), "");
  EXPECT_EQ(HeaderOf(test.Get("/hello", "accept-encoding: gzip\r\n"), "content-encoding"), "");
}

TEST(Server, ResumesAHandlerThatAnotherThreadCompletes) {
  TestServer test(TestRouter());
  for (int i = 0; i < 50; ++i) EXPECT_EQ(BodyOf(test.Get("/thread")), "from the engine");
}

TEST(Server, EndsAHandlerAtTheTimeLimitOfItsRoute) {
  TestServer test(TestRouter());
  const std::string response = test.Get("/sleeps");
  EXPECT_EQ(StatusOf(response), 504);
  EXPECT_EQ(test.server.stats().timeouts, 1U);
}

TEST(Server, ClosesSlowClients) {
  TestServer test(TestRouter(), {.header_timeout = milliseconds(300),
                                 .body_timeout = milliseconds(300),
                                 .idle_timeout = milliseconds(300)});
  EXPECT_EQ(test.Ask(""), "") << "a client that says nothing is closed";
  EXPECT_EQ(StatusOf(test.Ask("GET /hello HTTP/1.1\r\nhost: x\r\n")), 408);
  EXPECT_EQ(StatusOf(test.Ask("POST /echo HTTP/1.1\r\nhost: x\r\ncontent-length: 10\r\n\r\nabc")), 408);
  {
    RawClient loris(test.port);
    loris.Send("GET /hello HTTP/1.1\r\nhost: x\r\n");
    bool open = true;
    const auto start = std::chrono::steady_clock::now();
    while (open && std::chrono::steady_clock::now() - start < std::chrono::seconds(8)) {
      open = loris.Send("x: y\r\n");
      std::this_thread::sleep_for(milliseconds(50));
    }
    EXPECT_FALSE(open) << "drip-feeding does not keep a connection";
  }
  RawClient idle(test.port);
  idle.Send("GET /hello HTTP/1.1\r\nhost: x\r\n\r\n");
  EXPECT_EQ(BodyOf(idle.ReadResponse()), "hello");
  EXPECT_EQ(idle.ReadAll(), "");
  EXPECT_FALSE(idle.timed_out());
}

TEST(Server, DropsAClientThatDoesNotRead) {
  TestServer test(TestRouter(), {.write_timeout = milliseconds(300), .rate_bytes_min = 1U << 30U});
  RawClient client(test.port);
  for (int i = 0; i < 4; ++i) client.Send("GET /large HTTP/1.1\r\nhost: x\r\n\r\n");
  EXPECT_TRUE(WaitFor(
      [&] { return test.server.stats().requests != 0 && test.server.stats().connections_open == 0; }));
  EXPECT_EQ(test.server.stats().timeouts, 1U);
}

TEST(Server, AnswersAHalfClosedClient) {
  TestServer test(TestRouter());
  RawClient client(test.port);
  client.Send("GET /naps HTTP/1.1\r\nhost: x\r\n\r\n");
  client.HalfClose();
  EXPECT_EQ(BodyOf(client.ReadAll()), "rested");
  RawClient cut(test.port);
  cut.Send("POST /echo HTTP/1.1\r\nhost: x\r\ncontent-length: 10\r\n\r\nabc");
  cut.HalfClose();
  EXPECT_EQ(cut.ReadAll(), "");
  EXPECT_FALSE(cut.timed_out());
}

TEST(Server, RefusesConnectionsOverTheLimit) {
  TestServer test(TestRouter(), {.connections_max = 2});
  RawClient first(test.port);
  RawClient second(test.port);
  ASSERT_TRUE(WaitFor([&] { return test.server.stats().connections_open == 2; }));
  const std::string refused = test.Ask("");
  EXPECT_EQ(StatusOf(refused), 503);
  EXPECT_EQ(std::stoul(HeaderOf(refused, "content-length")), BodyOf(refused).size());
  first.Close();
  ASSERT_TRUE(WaitFor([&] { return test.server.stats().connections_open == 1; }));
  EXPECT_EQ(StatusOf(test.Get("/hello")), 200);
}

TEST(Server, DrainsInOrder) {
  TestServer test(TestRouter());
  RawClient idle(test.port);
  idle.Send("GET /hello HTTP/1.1\r\nhost: x\r\n\r\n");
  idle.ReadResponse();
  RawClient busy(test.port);
  busy.Send("GET /naps HTTP/1.1\r\nhost: x\r\n\r\n");
  ASSERT_TRUE(WaitFor([&] { return test.server.stats().requests == 2; }));
  EXPECT_TRUE(test.server.Drain(std::chrono::seconds(10)));
  EXPECT_EQ(idle.ReadAll(), "");
  const std::string last = busy.ReadAll();
  EXPECT_EQ(BodyOf(last), "rested");
  EXPECT_EQ(HeaderOf(last, "connection"), "close");
  const int fd = ::socket(AF_INET, SOCK_STREAM, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(test.port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  EXPECT_NE(::connect(fd, reinterpret_cast<const sockaddr*>(&address), sizeof(address)), 0);
  ::close(fd);
}

TEST(Server, SaysWithItsLastAnswersThatClientsShallGoElsewhere) {
  TestServer test(TestRouter());
  RawClient idle(test.port);
  idle.Send("GET /hello HTTP/1.1\r\nhost: x\r\n\r\n");
  EXPECT_EQ(HeaderOf(idle.ReadResponse(), "connection"), "");
  test.server.Retire();
  idle.Send("GET /hello HTTP/1.1\r\nhost: x\r\n\r\n");
  const std::string last = idle.ReadAll();
  EXPECT_EQ(BodyOf(last), "hello");
  EXPECT_EQ(HeaderOf(last, "connection"), "close");
  EXPECT_FALSE(idle.timed_out());
  RawClient late(test.port);
  late.Send("GET /hello HTTP/1.1\r\nhost: x\r\n\r\n");
  EXPECT_EQ(BodyOf(late.ReadAll()), "hello") << "new connections are taken";
}

TEST(Server, AnswersWhoHasConnectedBeforeItStopped) {
  TestServer test(TestRouter());
  std::vector<std::unique_ptr<RawClient>> clients;
  for (int i = 0; i < 50; ++i) clients.push_back(std::make_unique<RawClient>(test.port));
  std::thread drains([&] { EXPECT_TRUE(test.server.Drain(std::chrono::seconds(10))); });
  for (auto& client : clients) client->Send("GET /hello HTTP/1.1\r\nhost: x\r\n\r\n");
  for (auto& client : clients) EXPECT_EQ(BodyOf(client->ReadAll()), "hello");
  drains.join();
}

TEST(Server, DoesNotWaitLongForAFirstRequestThatDoesNotCome) {
  TestServer test(TestRouter());
  RawClient silent(test.port);
  ASSERT_TRUE(WaitFor([&] { return test.server.stats().connections_open == 1; }));
  EXPECT_TRUE(test.server.Drain(std::chrono::seconds(10)));
  EXPECT_EQ(silent.ReadAll(), "");
}

TEST(Server, DoesNotHoldAnAnswerBackBehindASlowRequest) {
  TestServer test(TestRouter());
  RawClient client(test.port);
  client.Send("GET /hello HTTP/1.1\r\nhost: x\r\n\r\nGET /sleeps-long HTTP/1.1\r\nhost: x\r\n\r\n");
  EXPECT_EQ(BodyOf(client.ReadResponse(milliseconds(5000))), "hello");
}

TEST(Server, CutsOffWhatDoesNotEndInTime) {
  TestServer test(TestRouter());
  RawClient stuck(test.port);
  stuck.Send("GET /sleeps-long HTTP/1.1\r\nhost: x\r\n\r\n");
  ASSERT_TRUE(WaitFor([&] { return test.server.stats().requests == 1; }));
  EXPECT_FALSE(test.server.Drain(milliseconds(50)));
  EXPECT_EQ(stuck.ReadAll(), "");
  EXPECT_EQ(test.server.stats().connections_open, 0U);
}

TEST(Server, SaysWhyItCannotListen) {
  TestServer test(TestRouter());
  IoThreads io(1);
  Server taken(io, Router(), {.port = test.port});
  const auto in_use = taken.Start();
  ASSERT_FALSE(in_use);
  EXPECT_EQ(in_use.error().code, ErrorCode::kConflict);
  EXPECT_NE(in_use.error().message.find(std::to_string(test.port)), std::string::npos);
  Server nowhere(io, Router(), {.address = "localhost"});
  EXPECT_EQ(nowhere.Start().error().code, ErrorCode::kInvalidArgument);
  Server foreign(io, Router(), {.address = "192.0.2.1"});
  EXPECT_EQ(foreign.Start().error().code, ErrorCode::kInvalidArgument);
}

TEST(Server, ServesManyConnectionsAtOnce) {
  TestServer test(TestRouter());
  std::vector<std::unique_ptr<RawClient>> clients;
  for (int i = 0; i < 500; ++i) clients.push_back(std::make_unique<RawClient>(test.port));
  for (int round = 0; round < 3; ++round) {
    for (auto& client : clients) client->Send("GET /naps HTTP/1.1\r\nhost: x\r\n\r\n");
    for (auto& client : clients) EXPECT_EQ(BodyOf(client->ReadResponse()), "rested");
  }
}

}  // namespace
}  // namespace elevaite::net
