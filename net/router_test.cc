#include "net/router.h"

#include <gtest/gtest.h>

#include "net/problem.h"
#include "net/test_support.h"

namespace elevaite::net {
namespace {

awaitable<Result<Response>> Nothing(Request& /*request*/) { co_return EmptyResponse(); }

Router::Match Find(const Router& router, Request& request, Method method, const std::string& target) {
  request.Reset();
  request.method = method;
  request.target = target;
  EXPECT_TRUE(SplitTarget(request)) << target;
  return router.Find(request);
}

TEST(Router, PrefersLiteralsThenNamesThenTheRest) {
  Router router;
  for (const char* pattern :
       {"/", "/a", "/a/{x}", "/a/b", "/a/{x}/c", "/a/b/d", "/f/{rest...}", "/f/{x}/end"}) {
    router.Add(Method::kGet, pattern, Nothing);
  }
  const std::vector<std::pair<std::string, std::string>> cases = {
      {"/", "/"},
      {"/a", "/a"},
      {"/a/b", "/a/b"},
      {"/a/z", "/a/{x}"},
      {"/a/b/c", "/a/{x}/c"},
      {"/a/b/d", "/a/b/d"},
      {"/a/b/e", ""},
      {"/b", ""},
      {"/f/1/end", "/f/{x}/end"},
      {"/f/1/2/3", "/f/{rest...}"},
      {"/f/", ""},
      {"/f", ""},
      {"/a/", ""},
      {"/A", ""},
  };
  Request request;
  for (const auto& [target, pattern] : cases) {
    const auto match = Find(router, request, Method::kGet, target);
    EXPECT_EQ(match.route == nullptr ? "" : match.route->pattern, pattern) << target;
  }
  Find(router, request, Method::kGet, "/a/b/c");
  EXPECT_EQ(request.PathParameter("x"), "b");
  EXPECT_EQ(request.PathParameter("y"), "");
  Find(router, request, Method::kGet, "/f/1/a%2Fb/3");
  EXPECT_EQ(request.PathParameter("rest"), "1/a/b/3");
}

TEST(Router, KeepsTheNameThatEachMethodGaveToItsParameter) {
  Router router;
  router.Add(Method::kGet, "/w/{name}", Nothing);
  router.Add(Method::kDelete, "/w/{id}", Nothing);
  Request request;
  Find(router, request, Method::kDelete, "/w/7");
  EXPECT_EQ(request.PathParameter("id"), "7");
  EXPECT_EQ(request.PathParameter("name"), "");
  const auto wrong = Find(router, request, Method::kPut, "/w/7");
  EXPECT_EQ(wrong.route, nullptr);
  EXPECT_EQ(wrong.allow, "GET, HEAD, DELETE, OPTIONS");
  EXPECT_EQ(Find(router, request, Method::kHead, "/w/7").route->method, Method::kGet);
}

TEST(Router, FallsBackForUnknownPathsOnly) {
  Router router;
  router.Add(Method::kGet, "/a", Nothing);
  router.SetFallback(Nothing);
  Request request;
  EXPECT_EQ(Find(router, request, Method::kPost, "/zzz").route->pattern, "*");
  EXPECT_EQ(Find(router, request, Method::kPost, "/a").route, nullptr);
}

TEST(RouterDeathTest, TakesAMalformedOrDoublePatternForABug) {
  Router router;
  router.Add(Method::kGet, "/a/{x}", Nothing);
  EXPECT_DEATH(router.Add(Method::kGet, "/a/{y}", Nothing), "invariant");
  EXPECT_DEATH(router.Add(Method::kGet, "a", Nothing), "invariant");
  EXPECT_DEATH(router.Add(Method::kGet, "/a/x{y}", Nothing), "invariant");
  EXPECT_DEATH(router.Add(Method::kGet, "/{x...}/a", Nothing), "invariant");
}

struct Order {
  std::int64_t amount = 0;
  static Result<Order> FromJson(const Json& json) {
    if (!json["amount"].IsInt64()) return Fail(ErrorCode::kInvalidArgument, "amount must be an integer");
    return Order{json["amount"].AsInt64()};
  }
};

awaitable<Result<Response>> TakeOrder(Request& /*request*/, Order order) {
  co_return JsonResponse(201, Json::Object({{"amount", order.amount}}));
}

TEST(WithBody, GivesTheHandlerAValueAndTheClientAReason) {
  Router router;
  router.Add(Method::kPost, "/orders", WithBody<Order>(TakeOrder, {.depth_max = 5}));
  TestServer test(std::move(router));
  const auto post = [&](const std::string& body, const std::string& type = "application/json") {
    return test.Ask("POST /orders HTTP/1.1\r\nhost: x\r\nconnection: close\r\ncontent-type: " + type +
                    "\r\ncontent-length: " + std::to_string(body.size()) + "\r\n\r\n" + body);
  };
  EXPECT_EQ(BodyOf(post(R"({"amount":7})")), R"({"amount":7})");
  EXPECT_EQ(StatusOf(post(R"({"amount":7})", "application/vnd.order+json; charset=utf-8")), 201);
  EXPECT_EQ(StatusOf(post(R"({"amount":7})", "text/plain")), 415);
  const std::string wrong = post(R"({"amount":"7"})");
  EXPECT_EQ(StatusOf(wrong), 400);
  EXPECT_NE(BodyOf(wrong).find("amount must be an integer"), std::string::npos);
  EXPECT_NE(BodyOf(post("{\n\"amount\" 7}")).find("line 2, column"), std::string::npos);
  EXPECT_EQ(StatusOf(post("")), 400);
  EXPECT_EQ(StatusOf(post("[[[[[[[[1]]]]]]]]")), 400);
  EXPECT_EQ(StatusOf(post("{\"amount\":\"\xff\"}")), 400);
}

TEST(Problem, AddsMembersButReplacesNone) {
  Request request;
  request.target = "/v1/x\"\xff?secret=1";
  request.request_id = "id";
  const Response response =
      ProblemResponse(Error{.code = ErrorCode::kInvalidWorkflow, .message = "bad \xff", .detail = "private"},
                      request, Json::Object({{"diagnostics", Json::Array({Json(1)})}, {"status", 200}}));
  EXPECT_EQ(response.status, 422);
  EXPECT_EQ(
      std::get<std::string>(response.body),
      R"({"type":"/docs/errors/invalid_workflow","title":"The workflow document has errors","status":422,)"
      R"("detail":"the message is not valid UTF-8","instance":"/v1/x\"?","code":"invalid_workflow","request_id":"id","diagnostics":[1]})");
}

TEST(Headers, CompareWithoutCaseAndCannotBeSplit) {
  Headers headers{{"Content-Type", "a"}, {"X", "1"}, {"x", "2"}};
  EXPECT_EQ(headers.Get("content-TYPE"), "a");
  EXPECT_EQ(headers.Get("X"), "1");
  headers.Set("x", "3\r\ny: 4");
  EXPECT_EQ(headers.Get("x"), "3  y: 4");
  EXPECT_EQ(headers.size(), 2U);
  headers.Remove("CONTENT-type");
  EXPECT_FALSE(headers.Has("content-type"));
  EXPECT_TRUE(ListHas(" keep-alive ,\tUpgrade", "upgrade"));
  EXPECT_FALSE(ListHas("upgraded", "upgrade"));
}

}  // namespace
}  // namespace elevaite::net
