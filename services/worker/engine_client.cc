#include "services/worker/engine_client.h"

#include "engine/activities/worker_protocol.h"

namespace elevaite::worker {
namespace {

Error ErrorOf(const net::ClientResponse& response) {
  Error error{.code = ErrorCode::kUnavailable,
              .message = "the engine answered " + std::to_string(response.status)};
  if (const auto problem = ParseJson(response.body); problem && (*problem)["detail"].IsString())
    error.message += ": " + std::string((*problem)["detail"].AsString());
  if (response.status == 401) error.code = ErrorCode::kUnauthenticated;
  if (response.status == 400) error.code = ErrorCode::kInvalidArgument;
  if (response.status == 413) error.code = ErrorCode::kPayloadTooLarge;
  return error;
}

}  // namespace

boost::asio::awaitable<Result<Json>> EngineClient::Ask(std::string address, std::string_view question,
                                                       Json body, std::chrono::milliseconds patience) {
  ASSIGN_OR_CO_RETURN(
      net::ClientRequest request,
      net::ClientRequest::To("POST", address + "/internal/v1/workers/" + std::string(question)));
  request.headers.Add("authorization", "Bearer " + std::string(token_.Reveal()));
  request.headers.Add("content-type", "application/json");
  request.body = body.Dump();
  request.deadline = std::chrono::steady_clock::now() + patience;
  request.redirects_max = 0;
  request.response_bytes_max = engine::kWorkerBodyBytesMax;
  request.decompress = false;
  auto send = client_.Send(std::move(request));
  ASSIGN_OR_CO_RETURN(const net::ClientResponse response, co_await std::move(send));
  if (response.status != 200) co_return Fail(ErrorOf(response));
  co_return ParseJson(response.body, engine::kWorkerJson);
}

}  // namespace elevaite::worker
