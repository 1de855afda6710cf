#include "connectors/http/http.h"

#include <gmock/gmock.h>

#include "connectors/http/retry_after.h"
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

TEST(Http, AFailureSaysHowFarTheCallHasComeAndWhatTheHostAsksFor) {
  Stub stub([](const Seen& seen) {
    return seen.path == "/busy" ? Status(503, "", "retry-after", "7") : Status(404);
  });
  Caller caller;
  const Outcome busy = caller.Invoke(With(stub.Url("/busy")));
  ASSERT_FALSE(busy);
  EXPECT_EQ(busy.error().contact, engine::Contact::kAnswered);
  EXPECT_EQ(busy.error().retry_after, std::chrono::seconds(7));
  const Outcome unknown = caller.Invoke(With(stub.Url("/x")));
  EXPECT_EQ(unknown.error().contact, engine::Contact::kAnswered);
  EXPECT_FALSE(unknown.error().retry_after);
  EXPECT_EQ(caller.Invoke(With("http://127.0.0.1:1/")).error().contact, engine::Contact::kTried);
  Caller guarded({"10.0.0.0/8"});
  EXPECT_EQ(guarded.Invoke(With(stub.Url("/x"))).error().contact, engine::Contact::kNone);
}

TEST(Http, KnowsWhereACallGoes) {
  const auto connector = MakeHttp(nullptr);
  const auto host = [&](Json endpoint) {
    return connector->HostOf(Caller::Task(Json::Object({{"endpoint", std::move(endpoint)}})));
  };
  EXPECT_EQ(host("https://API.Example.com/v1?x=1"), "api.example.com");
  EXPECT_EQ(host("https://api.example.com:443/"), "api.example.com");
  EXPECT_EQ(host(Json::Object({{"uri", "http://api.example.com:8080/"}})), "api.example.com:8080");
  EXPECT_EQ(host("http://[::1]:9000/"), "[::1]:9000");
  EXPECT_FALSE(host("nowhere"));
  EXPECT_FALSE(host(3));
}

TEST(RetryAfter, ReadsSecondsAndDates) {
  const auto read = [](std::string_view text) {
    net::Headers headers;
    headers.Add("retry-after", text);
    return RetryAfter(headers, 784'111'770);  // seven seconds before the date below
  };
  EXPECT_EQ(read("120"), std::chrono::seconds(120));
  EXPECT_EQ(read("Sun, 06 Nov 1994 08:49:37 GMT"), std::chrono::seconds(7));
  EXPECT_EQ(read("0"), std::chrono::seconds(0));
  for (const std::string_view text : {"", "-1", "1.5", "soon", "99999999", "Sun, 06 Nov 1990 08:49:37 GMT",
                                      "Sun, 06 Nov 1994 08:49:37 GMT, more"})
    EXPECT_FALSE(read(text)) << text;
}

}  // namespace
}  // namespace elevaite::connectors::http
