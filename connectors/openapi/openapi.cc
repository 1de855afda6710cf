#include "connectors/openapi/openapi.h"

#include <map>
#include <mutex>

#include "connectors/http/failures.h"
#include "connectors/openapi/document.h"
#include "connectors/openapi/request.h"
#include "foundation/digest.h"

namespace elevaite::connectors {

extern const std::string_view kOpenApiDescriptor;

namespace {

namespace asio = boost::asio;

constexpr std::chrono::minutes kDocumentLife{5};
constexpr std::size_t kDocumentBytesMax = 8U << 20U;
constexpr std::size_t kDocumentsMax = 64;
constexpr std::chrono::seconds kFetchTimeLimit{30};

using DocumentResult = std::expected<openapi::Document, Failure>;

class OpenApi final : public Connector {
 public:
  OpenApi(std::shared_ptr<http::Exchange> exchange, const Clock& clock)
      : exchange_(std::move(exchange)), clock_(clock), descriptor_(ParseDescriptor(kOpenApiDescriptor)) {}

  const Descriptor& descriptor() const override { return descriptor_; }

  // Of the operation's server, once the document is here; until then that of the document, which is called
  // first.
  std::optional<std::string> HostOf(const engine::ActivityTask& task) const override {
    const Json& endpoint = task.request["document"]["endpoint"];
    std::string address((endpoint.IsObject() ? endpoint["uri"] : endpoint).StringOr(""));
    if (const auto document = Find(KeyOf(task.account, endpoint))) {
      const auto operation = document->FindOperation(task.request["operationId"].StringOr(""));
      if (operation) address = document->ServerOf(*operation).value_or("");
    }
    const auto url = net::Url::Parse(address);
    return url ? std::optional(url->HostHeader()) : std::nullopt;
  }

  asio::awaitable<Outcome> Invoke(engine::ActivityTask task) override {
    const Json& with = task.request;
    auto load = Load(task.account, with["document"]["endpoint"]);
    const auto document = co_await std::move(load);
    if (!document) co_return std::unexpected(document.error());
    const auto operation = document->FindOperation(with["operationId"].StringOr(""));
    if (!operation) co_return std::unexpected(operation.error());
    auto request = openapi::RequestFor(*document, *operation, with["parameters"]);
    if (!request) co_return std::unexpected(request.error());
    http::Call call{.task = &task,
                    .request = *std::move(request),
                    .authentication = with["authentication"],
                    .redirect = with["redirect"].BoolOr(false),
                    .output = std::string(with["output"].StringOr("content"))};
    auto perform = exchange_->Perform(std::move(call));
    co_return co_await std::move(perform);
  }

 private:
  struct Kept {
    openapi::Document document;
    Clock::Instant until;
  };

  // The document at an endpoint: a text, or {uri, authentication}.
  asio::awaitable<DocumentResult> Load(AccountId account, Json endpoint) {
    const Json& uri = endpoint.IsObject() ? endpoint["uri"] : endpoint;
    auto request = net::ClientRequest::To("GET", uri.StringOr(""));
    if (!request)
      co_return std::unexpected(http::Misconfigured("`document.endpoint`: " + request.error().message));
    const std::string key = KeyOf(account, endpoint);
    if (auto kept = Find(key)) co_return *std::move(kept);
    request->headers.Set("accept", "application/json, application/yaml, */*;q=0.5");
    request->response_bytes_max = kDocumentBytesMax;
    request->deadline = std::chrono::steady_clock::now() + kFetchTimeLimit;
    auto fetch = exchange_->Fetch(
        {.account = account, .request = *std::move(request), .policy = endpoint["authentication"]});
    const auto response = co_await std::move(fetch);
    if (!response) co_return std::unexpected(response.error());
    auto document = openapi::Document::Parse(response->body, response->url);
    if (document) Keep(key, *document);
    co_return document;
  }

  static std::string KeyOf(const AccountId& account, const Json& endpoint) {
    return Sha256Hex(account.ToString() + '\n' + endpoint.DumpCanonical());
  }

  std::optional<openapi::Document> Find(const std::string& key) const {
    const std::scoped_lock lock(mutex_);
    const auto found = documents_.find(key);
    if (found == documents_.end() || found->second.until <= clock_.Monotonic()) return std::nullopt;
    return found->second.document;
  }

  void Keep(const std::string& key, const openapi::Document& document) {
    const std::scoped_lock lock(mutex_);
    const auto now = clock_.Monotonic();
    if (documents_.size() >= kDocumentsMax)
      std::erase_if(documents_, [&](const auto& one) { return one.second.until <= now; });
    if (documents_.size() >= kDocumentsMax) documents_.clear();
    documents_.insert_or_assign(key, Kept{document, now + kDocumentLife});
  }

  std::shared_ptr<http::Exchange> exchange_;
  const Clock& clock_;
  Descriptor descriptor_;
  mutable std::mutex mutex_;
  std::map<std::string, Kept> documents_;  // by a digest of account and endpoint
};

}  // namespace

std::unique_ptr<Connector> MakeOpenApi(std::shared_ptr<http::Exchange> exchange, const Clock& clock) {
  return std::make_unique<OpenApi>(std::move(exchange), clock);
}

}  // namespace elevaite::connectors
