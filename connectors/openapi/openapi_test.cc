#include "connectors/openapi/openapi.h"

#include <gmock/gmock.h>

#include <fstream>

#include "connectors/http/test_server.h"

namespace elevaite::connectors {
namespace {

using http::Describe;
using http::Seen;
using http::Status;
using http::Stub;
using testing::HasSubstr;
using testing::StartsWith;

std::string Testdata(const std::string& name) {
  std::ifstream in(OPENAPI_TESTDATA "/" + name, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

// Serves the documents, and answers everything else with what it was asked.
struct Pets {
  std::string url;

  net::Response operator()(const Seen& seen) const {
    if (seen.path == "/petstore3.yaml" || seen.path == "/docs/petstore2.json") {
      std::string text = Testdata(seen.path.substr(seen.path.rfind('/') + 1));
      if (const auto at = text.find("SERVER"); at != std::string::npos) text.replace(at, 6, url);
      return Status(200, text);
    }
    if (seen.path == "/secret.yaml")
      return seen.Header("authorization") == "Bearer d" ? Status(200, Testdata("petstore3.yaml"))
                                                        : Status(401, "");
    if (seen.path == "/none") return Status(200, "just: text");
    if (seen.path.starts_with("/gone")) return Status(404, "gone");
    if (seen.target == "/api/v1/pets/404") return Status(404, "no such pet");
    return net::JsonResponse(200, Json::Object({{"asked", seen.method + " " + seen.target}}));
  }
};

class OpenApiCall : public testing::Test {
 protected:
  OpenApiCall() {
    stub.Change([this] { pets_->url = stub.Url(); });
  }

  Outcome Call(const std::string& document, std::string_view operation, Json parameters = Json(),
               std::vector<Json::Member> more = {}) {
    return CallAt(Json(stub.Url(document)), operation, std::move(parameters), std::move(more));
  }
  Outcome CallAt(Json endpoint, std::string_view operation, Json parameters, std::vector<Json::Member> more) {
    std::vector<Json::Member> with{{"document", Json::Object({{"endpoint", std::move(endpoint)}})},
                                   {"operationId", operation}};
    if (!parameters.IsNull()) with.emplace_back("parameters", std::move(parameters));
    for (Json::Member& one : more) with.push_back(std::move(one));
    return net::RunToCompletion(caller.io(),
                                connector_->Invoke(http::Caller::Task(Json::Object(std::move(with)))));
  }
  // What the operation's server was asked, or the failure.
  std::string Asked(const std::string& document, std::string_view operation, Json parameters = Json()) {
    const Outcome outcome = Call(document, operation, std::move(parameters));
    return outcome ? std::string((*outcome)["asked"].StringOr("?")) : Describe(outcome);
  }
  Seen Last() { return stub.seen().back(); }

 private:
  std::shared_ptr<Pets> pets_ = std::make_shared<Pets>();

 protected:
  Stub stub{[pets = pets_](const Seen& seen) { return (*pets)(seen); }};
  http::Caller caller;

 private:
  std::unique_ptr<Connector> connector_ = MakeOpenApi(caller.exchange(), caller.clock);
};

const std::string kThree = "/petstore3.yaml";
const std::string kTwo = "/docs/petstore2.json";

TEST_F(OpenApiCall, PutsParametersWhereTheDocumentSays) {
  const Json parameters =
      Json::Object({{"petId", 7}, {"fields", Json::Array({"a", "b"})}, {"X-Trace", "t"}, {"session", "s"}});
  EXPECT_EQ(Asked(kThree, "getPetById", parameters), "GET /api/v1/pets/7?fields=a,b");
  EXPECT_EQ(Last().Header("x-trace"), "t");
  EXPECT_EQ(Last().Header("cookie"), "session=s");
  EXPECT_EQ(
      Asked(kThree, "findPetsByStatus",
            Json::Object({{"status", Json::Array({"sold", "new"})}, {"filter", Json::Object({{"age", 3}})}})),
      "GET /api/v1/pets?status=sold&status=new&filter%5Bage%5D=3");
}

TEST_F(OpenApiCall, SendsTheBody) {
  const Json pet = Json::Object({{"name", "Rex"}});
  EXPECT_EQ(Asked(kThree, "updatePet", Json::Object({{"petId", 7}, {"body", pet}})), "PUT /api/v1/pets/7");
  EXPECT_EQ(Last().body, "{\"name\":\"Rex\"}");
  EXPECT_EQ(Last().Header("content-type"), "application/json");
  // What is left of the names makes the body.
  EXPECT_EQ(Asked(kThree, "updatePet", Json::Object({{"petId", 7}, {"name", "Rex"}})), "PUT /api/v1/pets/7");
  EXPECT_EQ(Last().body, "{\"name\":\"Rex\"}");
  EXPECT_EQ(Asked(kThree, "addPet", Json::Object({{"name", "Rex & Co"}})), "POST /other/pets");
  EXPECT_EQ(Last().body, "name=Rex%20%26%20Co");
  EXPECT_EQ(Last().Header("content-type"), "application/x-www-form-urlencoded");
  EXPECT_EQ(Asked(kThree, "addNote", Json::Object({{"body", "hello"}})), "POST /api/v1/notes");
  EXPECT_EQ(Last().body, "hello");
}

TEST_F(OpenApiCall, KnowsSwagger2) {
  EXPECT_EQ(Asked(kTwo, "findPetsByStatus",
                  Json::Object({{"status", Json::Array({"sold"})}, {"tags", Json::Array({"a", "b"})}})),
            "GET /v2/pet/findByStatus?status=sold&tags=a%7Cb");
  EXPECT_EQ(Asked(kTwo, "getPetById", Json::Object({{"petId", 1}})), "GET /v2/pet/1");
  EXPECT_EQ(
      Asked(kTwo, "updatePetWithForm", Json::Object({{"petId", 1}, {"name", "a b"}, {"status", "new"}})),
      "POST /v2/pet/1");
  EXPECT_EQ(Last().body, "name=a%20b&status=new");
  EXPECT_EQ(Asked(kTwo, "addPet", Json::Object({{"pet", Json::Object({{"name", "Rex"}})}})), "POST /v2/pet");
  EXPECT_EQ(Last().body, "{\"name\":\"Rex\"}");
}

TEST_F(OpenApiCall, GivesTheAnswerInTheShapeAskedFor) {
  const auto outcome = Call(kThree, "getPetById", Json::Object({{"petId", 1}}), {{"output", "response"}});
  ASSERT_TRUE(outcome) << Describe(outcome);
  EXPECT_EQ((*outcome)["request"]["uri"], Json(stub.Url("/api/v1/pets/1")));
  EXPECT_EQ((*outcome)["statusCode"], Json(200));
  EXPECT_EQ((*outcome)["content"]["asked"], Json("GET /api/v1/pets/1"));
  EXPECT_THAT(Asked(kThree, "getPetById", Json::Object({{"petId", 404}})), StartsWith("communication 404"));
}

TEST_F(OpenApiCall, SaysWhichParametersDoNotFit) {
  const std::string prefix = "validation 400: The request cannot be made: ";
  EXPECT_EQ(Asked(kThree, "getPetById"), prefix + "the operation needs the parameter 'petId' (path)");
  EXPECT_EQ(Asked(kThree, "findPetsByStatus", Json::Object({{"status", nullptr}})),
            prefix + "the operation needs the parameter 'status' (query)");
  EXPECT_EQ(Asked(kThree, "getPetById", Json::Object({{"petId", 1}, {"feilds", 1}})),
            prefix + "the operation has no parameter 'feilds'; did you mean 'fields'?");
  EXPECT_EQ(Asked(kThree, "updatePet", Json::Object({{"petId", 1}})),
            prefix + "the operation needs a body: give it as the parameter `body`");
  EXPECT_EQ(Asked(kThree, "addNote", Json::Object({{"body", 3}})),
            prefix + "the body is sent as text/plain, so it must be a text");
  EXPECT_EQ(Asked(kThree, "getPetById", Json("x")), prefix + "`parameters` must be an object");
  EXPECT_EQ(Asked(kTwo, "addPet"), prefix + "the operation needs the parameter 'pet' (body)");
}

TEST_F(OpenApiCall, SaysWhatIsWrongWithTheDocument) {
  const std::string prefix = "configuration 400: The call is not set up right: ";
  EXPECT_EQ(Asked(kThree, "getPetByID"),
            prefix + "the document has no operation 'getPetByID'; did you mean 'getPetById'?");
  EXPECT_EQ(Asked("/none", "x"), prefix + "the document is none of OpenAPI 3.0, OpenAPI 3.1 and Swagger 2.0");
  EXPECT_EQ(Asked(kThree, "broken"),
            prefix + "the document's `#/components/parameters/loop` refers to itself");
  EXPECT_EQ(Asked(kThree, "uploadPhoto", Json::Object({{"petId", 1}, {"body", "x"}})),
            prefix + "the operation wants a body as multipart/form-data, which is not supported");
  EXPECT_THAT(Asked("/gone", "x"), StartsWith("communication 404: The server answered 404"));
  EXPECT_THAT(Describe(CallAt(Json("not a url"), "x", Json(), {})),
              StartsWith(prefix + "`document.endpoint`: "));
}

TEST_F(OpenApiCall, KeepsTheDocumentForAWhile) {
  for (int i = 0; i < 3; ++i) Asked(kThree, "getPetById", Json::Object({{"petId", 1}}));
  EXPECT_EQ(stub.Count(kThree), 1U);
  caller.clock.Advance(std::chrono::minutes(6));
  Asked(kThree, "getPetById", Json::Object({{"petId", 1}}));
  EXPECT_EQ(stub.Count(kThree), 2U);
}

TEST_F(OpenApiCall, DocumentAndOperationHaveTheirOwnAuthentication) {
  const auto bearer = [](const char* token) {
    return Json::Object({{"bearer", Json::Object({{"token", token}})}});
  };
  const Json endpoint = Json::Object({{"uri", stub.Url("/secret.yaml")}, {"authentication", bearer("d")}});
  const auto outcome =
      CallAt(endpoint, "getPetById", Json::Object({{"petId", 1}}), {{"authentication", bearer("operation")}});
  ASSERT_TRUE(outcome) << Describe(outcome);
  EXPECT_EQ(Last().Header("authorization"), "Bearer operation");
  EXPECT_THAT(Asked("/secret.yaml", "getPetById"), HasSubstr("401"));
}

TEST(OpenApiHost, IsThatOfTheDocumentUntilTheServerIsKnown) {
  Stub api([](const Seen&) { return net::JsonResponse(200, Json::EmptyObject()); });
  Stub documents([&](const Seen&) {
    return Status(200, "openapi: 3.0.3\nservers: [{url: '" + api.Url("/v1") +
                           "'}]\npaths: {/pets: {get: {operationId: list, responses: {}}}}\n");
  });
  http::Caller caller;
  const auto connector = MakeOpenApi(caller.exchange(), caller.clock);
  const auto task = http::Caller::Task(Json::Object(
      {{"document", Json::Object({{"endpoint", documents.Url("/d.yaml")}})}, {"operationId", "list"}}));
  const auto host = [](const Stub& stub) { return stub.Url().substr(std::string("http://").size()); };
  EXPECT_EQ(connector->HostOf(task), host(documents));
  const Outcome outcome = net::RunToCompletion(caller.io(), connector->Invoke(task));
  EXPECT_TRUE(outcome) << Describe(outcome);
  EXPECT_EQ(connector->HostOf(task), host(api));
}

}  // namespace
}  // namespace elevaite::connectors
