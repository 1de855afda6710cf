#include "connectors/openapi/request.h"

#include <fmt/format.h>

#include <algorithm>

#include "connectors/http/exchange.h"
#include "connectors/http/failures.h"
#include "connectors/openapi/parameters.h"
#include "foundation/text.h"
#include "foundation/utf8.h"

namespace elevaite::connectors::openapi {
namespace {

using http::Invalid;
using http::Misconfigured;

constexpr std::string_view kFormType = "application/x-www-form-urlencoded";

using Done = std::expected<void, Failure>;

bool IsJsonType(std::string_view type) {
  const std::string_view plain = type.substr(0, type.find(';'));
  return plain == "application/json" || plain.ends_with("+json") || plain == "*/*" ||
         plain == "application/*";
}

// The type to send: JSON if it is offered, then a form, then the first. Multipart is not supported.
std::expected<std::string, Failure> ChooseType(const std::vector<std::string_view>& offered) {
  if (offered.empty()) return "application/json";
  if (const auto json = std::ranges::find_if(offered, IsJsonType); json != offered.end())
    return json->find('*') == std::string_view::npos ? std::string(*json) : "application/json";
  if (std::ranges::find(offered, kFormType) != offered.end()) return std::string(kFormType);
  if (!offered.front().starts_with("multipart/")) return std::string(offered.front());
  return std::unexpected(Misconfigured(
      fmt::format("the operation wants a body as {}, which is not supported", offered.front())));
}

// Writes what the document calls parameters; what is left of `values` is for the body.
class Writer {
 public:
  Writer(const Document& document, const Operation& operation, const Json& parameters)
      : document_(document), operation_(operation), given_(parameters), left_(parameters) {
    draft_.path = operation.path;
    draft_.request.method = operation.method;
  }

  std::expected<net::ClientRequest, Failure> Write() {
    for (const Json& parameter : operation_.parameters) {
      if (auto written = WriteOne(parameter); !written) return std::unexpected(written.error());
    }
    if (draft_.path.find('{') != std::string::npos)
      return std::unexpected(
          Misconfigured("the document does not describe each parameter of the path " + draft_.path));
    auto body = document_.version() == Version::kSwagger2 ? WriteSwaggerBody() : WriteBody();
    if (!body) return std::unexpected(body.error());
    if (left_.Size() > 0) return std::unexpected(Unknown(left_.AsObject().front().key.AsString()));
    return Finish();
  }

 private:
  // Takes a value out of what is left; null counts as absent.
  Json Take(std::string_view name) {
    const Json value = given_[name];
    left_ = Json::WithoutMember(std::move(left_), name);
    return value;
  }

  Done WriteOne(const Json& parameter) {
    const std::string_view name = parameter["name"].AsString();
    const Json value = Take(name);
    if (!value.IsNull() && parameter["in"] == Json("body")) {  // Swagger
      body_ = value;
      return {};
    }
    if (!value.IsNull()) return WriteParameter(parameter, value, draft_);
    if (!parameter["required"].BoolOr(false) && parameter["in"] != Json("path")) return {};
    return std::unexpected(Invalid(
        fmt::format("the operation needs the parameter '{}' ({})", name, parameter["in"].AsString())));
  }

  Failure Unknown(std::string_view name) const {
    std::vector<std::string_view> names;
    for (const Json& parameter : operation_.parameters) names.push_back(parameter["name"].AsString());
    const std::string meant = DidYouMean(name, names);
    return Invalid(fmt::format("the operation has no parameter '{}'{}", Utf8Prefix(name, 60),
                               meant.empty() ? "" : "; " + meant));
  }

  Done WriteBody() {
    if (operation_.definition["requestBody"].IsNull()) return {};
    const auto described = document_.Resolve(operation_.definition["requestBody"]);
    if (!described) return std::unexpected(described.error());
    if (left_.Find("body") != nullptr) {
      body_ = Take("body");
    } else if (left_.Size() > 0) {
      body_ = std::exchange(left_, Json::EmptyObject());
    }
    if (body_.IsNull()) {
      if (!(*described)["required"].BoolOr(false)) return {};
      return std::unexpected(Invalid("the operation needs a body: give it as the parameter `body`"));
    }
    std::vector<std::string_view> types;
    const Json& content = (*described)["content"];
    for (const auto& [type, unused] :
         content.IsObject() ? content.AsObject() : std::span<const Json::Member>())
      types.push_back(type.AsString());
    return Send(types);
  }

  Done WriteSwaggerBody() {
    std::vector<std::string_view> types;
    const Json& own = operation_.definition["consumes"];
    const Json& consumes = own.IsArray() ? own : document_.root()["consumes"];
    for (const Json& type : consumes.IsArray() ? consumes.AsArray() : std::span<const Json>())
      types.push_back(type.StringOr(""));
    if (!draft_.form.empty()) {
      if (!types.empty() && std::ranges::find(types, kFormType) == types.end())
        return std::unexpected(
            Misconfigured("the operation wants its form as multipart/form-data, which is not supported"));
      draft_.request.headers.Set("content-type", kFormType);
      draft_.request.body = draft_.form;
      return {};
    }
    return body_.IsNull() ? Done() : Send(types);
  }

  Done Send(const std::vector<std::string_view>& types) {
    const auto type = ChooseType(types);
    if (!type) return std::unexpected(type.error());
    draft_.request.headers.Set("content-type", *type);
    if (IsJsonType(*type)) {
      draft_.request.body = body_.Dump();
    } else if (*type == kFormType && body_.IsObject()) {
      draft_.request.body = WriteForm(body_);
    } else if (body_.IsString()) {
      draft_.request.body = body_.AsString();
    } else {
      return std::unexpected(Invalid(fmt::format("the body is sent as {}, so it must be {}", *type,
                                                 *type == kFormType ? "an object or a text" : "a text")));
    }
    return {};
  }

  std::expected<net::ClientRequest, Failure> Finish() {
    const auto server = document_.ServerOf(operation_);
    if (!server) return std::unexpected(server.error());
    auto url = net::Url::Parse(*server + (draft_.path.starts_with('/') ? "" : "/") + draft_.path);
    if (!url) return std::unexpected(Misconfigured("the operation has no address: " + url.error().message));
    draft_.request.url = *std::move(url);
    http::AddQueryText(draft_.query, draft_.request.url);
    if (!draft_.cookies.empty()) draft_.request.headers.Set("cookie", draft_.cookies);
    return std::move(draft_.request);
  }

  const Document& document_;
  const Operation& operation_;
  const Json given_;
  Json left_;
  Json body_;
  Draft draft_;
};

}  // namespace

std::expected<net::ClientRequest, Failure> RequestFor(const Document& document, const Operation& operation,
                                                      const Json& parameters) {
  if (!parameters.IsObject() && !parameters.IsNull())
    return std::unexpected(Invalid("`parameters` must be an object"));
  return Writer(document, operation, parameters.IsNull() ? Json::EmptyObject() : parameters).Write();
}

}  // namespace elevaite::connectors::openapi
