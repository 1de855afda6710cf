#include "app/api_client.h"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/use_future.hpp>

#include "foundation/io_threads.h"
#include "net/client.h"

namespace elevaite::app {

struct ApiClient::Impl {
  IoThreads io{1};
  net::Client client{net::EgressPolicy::AllowAll()};
};

std::string ApiReply::Problem() const {
  if (!json.IsObject()) return "the server answered " + std::to_string(status);
  std::string text(
      json["detail"].StringOr(json["title"].StringOr("the server answered " + std::to_string(status))));
  if (json["hint"].IsString()) text += "\n       " + std::string(json["hint"].AsString());
  return text;
}

ApiClient::ApiClient(std::string server, Note note)
    : server_(std::move(server)), note_(std::move(note)), impl_(std::make_unique<Impl>()) {
  while (server_.ends_with('/')) server_.pop_back();
}
ApiClient::~ApiClient() = default;

Result<ApiReply> ApiClient::Send(std::string method, std::string path, const Json& body) {
  Json sent = body;
  for (const auto& [name, text] : {std::pair{"by", &note_.by}, {"reason", &note_.reason}}) {
    if (text->empty() || (!sent.IsNull() && sent.Find(name) != nullptr)) continue;
    sent = Json::WithMember(sent.IsNull() ? Json::EmptyObject() : std::move(sent), name, *text);
  }
  return Call(std::move(method), std::move(path), sent.IsNull() ? "" : sent.Dump(),
              {{"content-type", "application/json"}, {"x-elevaite-client", "cli"}});
}

Result<ApiReply> ApiClient::Call(std::string method, std::string path, std::string body, Headers headers) {
  ASSIGN_OR_RETURN(net::ClientRequest request, net::ClientRequest::To(std::move(method), server_ + path));
  for (const auto& [name, value] : headers) request.headers.Set(name, value);
  request.body = std::move(body);
  request.response_bytes_max = 256U << 20U;
  request.deadline = std::chrono::steady_clock::now() + std::chrono::seconds(120);
  auto future = boost::asio::co_spawn(impl_->io.executor(0), impl_->client.Send(std::move(request)),
                                      boost::asio::use_future);
  auto response = future.get();
  if (!response) {
    return Fail(ErrorCode::kUnavailable, "cannot reach " + server_ + ": " + response.error().message,
                "is it running? start it with: elevaite serve");
  }
  ApiReply reply{.status = response->status, .body = std::move(response->body), .json = {}};
  if (response->headers.Get("content-type").find("json") != std::string_view::npos) {
    auto json = ParseJson(reply.body, {.bytes_max = 256U << 20U, .depth_max = Json::kMaxDepth});
    if (json) reply.json = *std::move(json);
  }
  return reply;
}

}  // namespace elevaite::app
