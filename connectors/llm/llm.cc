#include "connectors/llm/llm.h"

#include "connectors/http/retry_after.h"
#include "engine/machine/errors.h"
#include "foundation/utf8.h"
#include "models/openai/chat.h"

namespace elevaite::connectors {

extern const std::string_view kLlmDescriptor;

namespace {

using engine::MakeError;

constexpr RetryPolicy kRetry{.attempts_max = 5,
                             .first_delay = std::chrono::milliseconds(1'000),
                             .delay_max = std::chrono::milliseconds(60'000)};

// The server's own words, without our key: some servers quote it when they refuse it.
std::string Excerpt(const net::ClientResponse& response, const Secret& key) {
  constexpr std::size_t kExcerptMax = 300;
  const auto json = ParseJson(response.body, {.allow_duplicate_keys = true});
  const bool tells = json && (*json)["error"]["message"].IsString();
  std::string text = tells ? std::string((*json)["error"]["message"].AsString()) : response.body;
  if (FindInvalidUtf8(text) != std::string_view::npos) return {};
  for (std::size_t at = 0; !key.IsEmpty() && (at = text.find(key.Reveal(), at)) != std::string::npos;
       at += 3) {
    text.replace(at, key.Reveal().size(), "***");
  }
  return std::string(Utf8Prefix(text, kExcerptMax));
}

Failure BadStatus(const net::ClientResponse& response, const Secret& key) {
  const int status = response.status;
  const std::string detail =
      "the model server answered " + std::to_string(status) + ": " + Excerpt(response, key);
  if (status == 401 || status == 403) {
    return {.error = MakeError("authentication", "The model server refuses the key",
                               detail + " (check models.api_key)", status),
            .contact = engine::Contact::kAnswered};
  }
  return {.error = MakeError("communication", "The model server failed", detail, status),
          .retryable = status == 429 || status >= 500,
          .retry_after = http::RetryAfter(response),
          .contact = engine::Contact::kAnswered};
}

Failure NoAnswer(const Error& error) {
  if (error.code == ErrorCode::kTimeout) {
    return {.error = MakeError("timeout", "The model took too long", "no answer within models.timeout"),
            .retryable = true,
            .contact = engine::Contact::kTried};
  }
  return {.error = MakeError("communication", "The model server cannot be reached", error.message, 503),
          .retryable = true,
          .contact = engine::Contact::kTried};
}

class LlmGenerate final : public Connector {
 public:
  LlmGenerate(net::Client* client, LlmOptions options)
      : client_(client), options_(std::move(options)), descriptor_(ParseDescriptor(kLlmDescriptor, kRetry)) {
    while (options_.base_url.ends_with('/')) options_.base_url.pop_back();
  }

  const Descriptor& descriptor() const override { return descriptor_; }

  std::optional<std::string> HostOf(const engine::ActivityTask&) const override {
    const auto url = net::Url::Parse(options_.base_url);
    return url ? std::optional(url->HostHeader()) : std::nullopt;
  }

  boost::asio::awaitable<Outcome> Invoke(engine::ActivityTask task) override {
    if (options_.base_url.empty()) {
      co_return std::unexpected(
          Failure{.error = MakeError(
                      "configuration", "No model is configured",
                      "set models.base_url to an OpenAI-compatible server (for example "
                      "http://127.0.0.1:11434/v1), models.default to one of its "
                      "models and, if it wants one, models.api_key_file; then start the server again")});
    }
    auto request = RequestFrom(task);
    if (!request) co_return std::unexpected(request.error());
    auto send = client_->Send(*std::move(request));
    const auto response = co_await std::move(send);
    if (!response) co_return std::unexpected(NoAnswer(response.error()));
    if (response->status < 200 || response->status > 299)
      co_return std::unexpected(BadStatus(*response, options_.api_key));
    co_return Answer(*response, task.request["schema"].IsObject());
  }

 private:
  std::expected<net::ClientRequest, Failure> RequestFrom(const engine::ActivityTask& task) const {
    const auto body = models::openai::ChatRequest(task.request, options_.default_model);
    if (!body)
      return std::unexpected(
          Failure{.error = MakeError("validation", "Nothing to ask", body.error().message)});
    auto request = net::ClientRequest::To("POST", options_.base_url + "/chat/completions");
    if (!request)
      return std::unexpected(Failure{
          .error = MakeError("configuration", "models.base_url is not an address", request.error().message)});
    request->headers.Set("content-type", "application/json");
    request->headers.Set("idempotency-key", task.IdempotencyKey());
    if (!options_.api_key.IsEmpty())
      request->headers.Set("authorization", "Bearer " + std::string(options_.api_key.Reveal()));
    request->body = body->Dump();
    request->redirects_max = 0;
    request->deadline = std::chrono::steady_clock::now() + TimeFor(task, options_.timeout);
    request->on_bytes = task.beat;
    return *std::move(request);
  }

  static Outcome Answer(const net::ClientResponse& response, bool wants_value) {
    const auto json = ParseJson(response.body, {.allow_duplicate_keys = true});
    if (!json) {
      return std::unexpected(Failure{
          .error = MakeError("communication", "The model server's answer is not JSON", json.error().message),
          .retryable = true});
    }
    auto answer = models::openai::ChatAnswer(*json, wants_value);
    if (!answer) {
      return std::unexpected(Failure{
          .error = MakeError("communication", "The model's answer cannot be used", answer.error().message),
          .retryable = true});
    }
    return *std::move(answer);
  }

  net::Client* client_;
  LlmOptions options_;
  Descriptor descriptor_;
};

}  // namespace

std::unique_ptr<Connector> MakeLlmGenerate(net::Client* client, LlmOptions options) {
  return std::make_unique<LlmGenerate>(client, std::move(options));
}

}  // namespace elevaite::connectors
