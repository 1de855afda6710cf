#include "connectors/http/http.h"

#include <gmock/gmock.h>

#include "connectors/http/test_server.h"

namespace elevaite::connectors::http {
namespace {

using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

Json With(const std::string& url, std::vector<Json::Member> more = {}) {
  std::vector<Json::Member> members{{"method", "get"}, {"endpoint", url}};
  for (Json::Member& one : more) members.push_back(std::move(one));
  return Json::Object(std::move(members));
}

net::Response JsonAnswer(const Seen&) { return net::JsonResponse(200, Json::Object({{"id", 7}})); }

TEST(Http, SendsQueryHeadersAndBody) {
  Stub stub(JsonAnswer);
  Caller caller;
  const Outcome outcome =
      caller.Invoke(Json::Object({{"method", "post"},
                                  {"endpoint", stub.Url("/pets?a=1")},
                                  {"query", Json::Object({{"name", "Rex & Co"}, {"age", 3}})},
                                  {"headers", Json::Object({{"X-Trace", "t"}})},
                                  {"body", Json::Object({{"x", 1}})}}));
  EXPECT_EQ(outcome.value_or(Json()), Json::Object({{"id", 7}})) << Describe(outcome);
  const Seen seen = stub.seen().at(0);
  EXPECT_EQ(seen.target, "/pets?a=1&name=Rex%20%26%20Co&age=3");
  EXPECT_EQ(seen.Header("x-trace"), "t");
  EXPECT_EQ(seen.Header("content-type"), "application/json");
  EXPECT_EQ(seen.body, "{\"x\":1}");
  EXPECT_NE(seen.Header("idempotency-key"), "");
}

TEST(Http, GivesTheAnswerInTheShapeAskedFor) {
  Stub stub(JsonAnswer);
  Caller caller;
  EXPECT_EQ(caller.Invoke(With(stub.Url("/"), {{"output", "raw"}})).value_or(Json()), Json("eyJpZCI6N30="));
  const Json response =
      caller
          .Invoke(With(stub.Url("/pets/1"),
                       {{"output", "response"},
                        {"headers", Json::Object({{"x-api-key", "k-e-y"}, {"x-trace", "t"}})}}))
          .value_or(Json());
  EXPECT_EQ(response["statusCode"], Json(200));
  EXPECT_EQ(response["content"]["id"], Json(7));
  EXPECT_EQ(response["headers"]["content-type"], Json("application/json"));
  EXPECT_EQ(response["request"]["method"], Json("GET"));
  EXPECT_EQ(response["request"]["uri"], Json(stub.Url("/pets/1")));
  EXPECT_EQ(response["request"]["headers"]["x-trace"], Json("t"));
  EXPECT_THAT(response.Dump(), Not(HasSubstr("k-e-y")));
}

TEST(Http, OtherStatusesAreErrorsWithThatStatus) {
  Stub stub([](const Seen& seen) {
    if (seen.path == "/moved") return net::RedirectResponse(302, "/there");
    if (seen.path == "/unchanged") return net::EmptyResponse(304);
    return seen.path == "/there" ? Status(200, "here") : Status(404, "no such pet");
  });
  Caller caller;
  EXPECT_EQ(Describe(caller.Invoke(With(stub.Url("/pets/9")))),
            "communication 404: The server answered 404: GET " + stub.Url("/pets/9") + ": no such pet");
  EXPECT_THAT(Describe(caller.Invoke(With(stub.Url("/moved")))), StartsWith("communication 302"));
  EXPECT_EQ(Describe(caller.Invoke(With(stub.Url("/moved"), {{"redirect", true}}))), "success: \"here\"");
  EXPECT_EQ(Describe(caller.Invoke(With(stub.Url("/unchanged"), {{"redirect", true}}))), "success: null");
}

TEST(Http, AContentTypeThatLiesIsAnError) {
  Stub stub([](const Seen&) {
    net::Response response = Status(200, "{broken");
    response.content_type = net::kJsonType;
    return response;
  });
  Caller caller;
  EXPECT_THAT(Describe(caller.Invoke(With(stub.Url("/")))),
              StartsWith("communication 200: The answer is not what it says"));
}

TEST(Http, RefusesRequestsThatCannotBeMade) {
  Stub stub(JsonAnswer);
  Caller caller;
  const std::pair<Json, std::string> cases[] = {
      {Json::Object({{"method", "get"}, {"endpoint", 3}}), "`endpoint` must be a text; it is 3"},
      {Json::Object({{"method", "get"}, {"endpoint", "ftp://x/"}}), "`endpoint`: "},
      {Json::Object({{"method", "connect"}, {"endpoint", stub.Url()}}), "`method` cannot be 'connect'"},
      {With(stub.Url(), {{"headers", Json::Object({{"Host", "x"}})}}), "the header 'host' cannot be set"},
      {With(stub.Url(), {{"headers", "x"}}), "`headers` must be an object"},
      {With(stub.Url(), {{"query", "x"}}), "`query` must be an object"},
  };
  for (const auto& [with, message] : cases) {
    EXPECT_THAT(Describe(caller.Invoke(with)),
                StartsWith("validation 400: The request cannot be made: " + message));
  }
  EXPECT_TRUE(stub.seen().empty());
}

TEST(Http, TheEgressGuardHolds) {
  Stub stub(JsonAnswer);
  Caller caller({"10.0.0.0/8"});
  EXPECT_THAT(Describe(caller.Invoke(With(stub.Url("/")))),
              StartsWith("authorization 403: This address may not be called"));
  EXPECT_TRUE(stub.seen().empty());
}

}  // namespace
}  // namespace elevaite::connectors::http
