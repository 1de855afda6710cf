#include "tests/conformance/stub_server.h"

#include "foundation/base64.h"

namespace elevaite::conformance {
namespace {

constexpr std::string_view kPetStore = "https://petstore.swagger.io";
constexpr std::string_view kHttpBin = "https://httpbin.org";

Json Pet(int id, const char* name) {
  return Json::Object({{"id", id}, {"name", name}, {"status", "available"}});
}

Json Pets() { return Json::Array({Pet(1, "Rex"), Pet(2, "Mimi"), Pet(3, "Kiki")}); }

// The part of the pet store's description that the kit calls.
Json PetStoreDocument(std::uint16_t port) {
  const auto operation = [](const char* id, Json parameter) {
    return Json::Object({{"get", Json::Object({{"operationId", id},
                                               {"produces", Json::Array({"application/json"})},
                                               {"parameters", Json::Array({std::move(parameter)})},
                                               {"responses", Json::EmptyObject()}})}});
  };
  const Json status =
      Json::Object({{"name", "status"}, {"in", "query"}, {"required", true}, {"type", "string"}});
  const Json id = Json::Object({{"name", "petId"}, {"in", "path"}, {"required", true}, {"type", "integer"}});
  return Json::Object({{"swagger", "2.0"},
                       {"info", Json::Object({{"title", "Pets"}, {"version", "1.0.0"}})},
                       {"host", "petstore.swagger.io:" + std::to_string(port)},
                       {"basePath", "/v2"},
                       {"schemes", Json::Array({"http"})},
                       {"paths", Json::Object({{"/pet/findByStatus", operation("findPetsByStatus", status)},
                                               {"/pet/{petId}", operation("getPetById", id)}})}});
}

StubAnswer OfPetStore(std::string_view path, std::uint16_t port) {
  if (path == "/v2/swagger.json") return {.body = PetStoreDocument(port).Dump()};
  if (path == "/v2/pet/findByStatus") return {.body = Pets().Dump()};
  for (const Json& pet : Pets().AsArray()) {
    if (path == "/v2/pet/" + pet["id"].Dump()) return {.body = pet.Dump()};
  }
  return {.status = 404, .body = R"({"message":"Pet not found"})"};
}

// /basic-auth/{user}/{password}
StubAnswer OfHttpBin(std::string_view path, const StubRequest& request) {
  constexpr std::string_view kBasic = "/basic-auth/";
  if (!path.starts_with(kBasic)) return {.status = 404};
  std::string login(path.substr(kBasic.size()));
  if (const auto slash = login.find('/'); slash != std::string::npos) login[slash] = ':';
  const auto given = request.headers.find("authorization");
  if (given == request.headers.end() || given->second != "Basic " + Base64Encode(login))
    return {.status = 401, .headers = {{"www-authenticate", "Basic realm=\"stub\""}}};
  return {.body = R"({"authenticated":true})"};
}

std::string WithoutPort(std::string_view host) { return std::string(host.substr(0, host.find(':'))); }

}  // namespace

StubServer::StubServer() {
  net::Router router;
  router.SetFallback([this](net::Request& request) { return Handle(request); });
  server_ = std::make_unique<net::Server>(io_, std::move(router), net::ServerOptions{});
  const auto port = server_->Start();
  CHECK(port.has_value());
  port_ = *port;
}

void StubServer::Reset() {
  const std::scoped_lock lock(mutex_);
  answers_.clear();
  requests_.clear();
}

void StubServer::Answer(const std::string& address, std::vector<StubAnswer> answers) {
  const std::scoped_lock lock(mutex_);
  answers_[address] = {answers.begin(), answers.end()};
}

std::vector<StubRequest> StubServer::RequestsTo(const std::string& address) const {
  const std::scoped_lock lock(mutex_);
  std::vector<StubRequest> found;
  for (const StubRequest& request : requests_) {
    if (request.address == address) found.push_back(request);
  }
  return found;
}

std::optional<StubAnswer> StubServer::NextAnswer(const std::string& address) {
  const auto found = answers_.find(address);
  if (found == answers_.end() || found->second.empty()) return std::nullopt;
  StubAnswer answer = found->second.front();
  if (found->second.size() > 1) found->second.pop_front();
  return answer;
}

bool StubServer::TakeSilence(const std::string& address) {
  const std::scoped_lock lock(mutex_);
  const auto found = answers_.find(address);
  if (found == answers_.end() || found->second.empty() || !found->second.front().never) return false;
  NextAnswer(address);
  requests_.push_back({.address = address});
  return true;
}

StubAnswer StubServer::BuiltIn(const StubRequest& request) const {
  const std::string_view url = std::string_view(request.address).substr(request.address.find(' ') + 1);
  if (url.starts_with(kPetStore)) return OfPetStore(url.substr(kPetStore.size()), port_);
  if (url.starts_with(kHttpBin)) return OfHttpBin(url.substr(kHttpBin.size()), request);
  return {.status = 404, .body = R"({"message":"nothing here"})"};
}

boost::asio::awaitable<Result<net::Response>> StubServer::Handle(net::Request& request) {
  auto read = request.ReadBody();
  ASSIGN_OR_CO_RETURN(const std::string body, co_await std::move(read));
  StubRequest asked{
      .address = request.method_text + " https://" + WithoutPort(request.headers.Get("host")) + request.path,
      .query = std::string(request.RawQuery()),
      .headers = {},
      .body = body};
  for (std::size_t i = 0; i < request.headers.size(); ++i)
    asked.headers[std::string(request.headers.At(i).name)] = request.headers.At(i).value;
  std::optional<StubAnswer> answer;
  {
    const std::scoped_lock lock(mutex_);
    requests_.push_back(asked);
    answer = NextAnswer(asked.address);
  }
  if (!answer) answer = BuiltIn(asked);
  net::Response response = net::EmptyResponse(answer->status);
  for (const auto& [name, value] : answer->headers) response.headers.Set(name, value);
  if (!answer->body.empty()) {
    response.headers.Set("content-type", answer->content_type);
    response.body = answer->body;
  }
  co_return response;
}

}  // namespace elevaite::conformance
