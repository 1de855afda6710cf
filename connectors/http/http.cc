#include "connectors/http/http.h"

#include "connectors/http/failures.h"
#include "foundation/utf8.h"

namespace elevaite::connectors {

extern const std::string_view kHttpDescriptor;

namespace {

using http::Invalid;

std::expected<http::Call, Failure> CallFrom(const engine::ActivityTask& task) {
  const Json& with = task.request;
  const Json& endpoint = with["endpoint"].IsObject() ? with["endpoint"]["uri"] : with["endpoint"];
  if (!endpoint.IsString())
    return std::unexpected(
        Invalid("`endpoint` must be a text; it is " + std::string(Utf8Prefix(endpoint.Dump(), 80))));
  auto method = http::MethodFrom(with["method"].StringOr(""));
  if (!method) return std::unexpected(method.error());
  auto request = net::ClientRequest::To(*std::move(method), endpoint.AsString());
  if (!request) return std::unexpected(Invalid("`endpoint`: " + request.error().message));
  if (auto added = http::AddHeaders(with["headers"], *request); !added) return std::unexpected(added.error());
  if (!with["query"].IsObject() && !with["query"].IsNull())
    return std::unexpected(Invalid("`query` must be an object"));
  http::AddQuery(with["query"], request->url);
  http::AddBody(with["body"], *request);
  return http::Call{.task = &task,
                    .request = *std::move(request),
                    .authentication = with["endpoint"]["authentication"],
                    .redirect = with["redirect"].BoolOr(false),
                    .output = std::string(with["output"].StringOr("content"))};
}

class Http final : public Connector {
 public:
  explicit Http(std::shared_ptr<http::Exchange> exchange)
      : exchange_(std::move(exchange)), descriptor_(ParseDescriptor(kHttpDescriptor)) {}

  const Descriptor& descriptor() const override { return descriptor_; }

  std::optional<std::string> HostOf(const engine::ActivityTask& task) const override {
    const Json& endpoint = task.request["endpoint"];
    const auto url = net::Url::Parse((endpoint.IsObject() ? endpoint["uri"] : endpoint).StringOr(""));
    return url ? std::optional(url->HostHeader()) : std::nullopt;
  }

  boost::asio::awaitable<Outcome> Invoke(engine::ActivityTask task) override {
    auto call = CallFrom(task);
    if (!call) co_return std::unexpected(call.error());
    auto perform = exchange_->Perform(*std::move(call));
    co_return co_await std::move(perform);
  }

 private:
  std::shared_ptr<http::Exchange> exchange_;
  Descriptor descriptor_;
};

}  // namespace

std::unique_ptr<Connector> MakeHttp(std::shared_ptr<http::Exchange> exchange) {
  return std::make_unique<Http>(std::move(exchange));
}

}  // namespace elevaite::connectors
