#include "services/workflow/webhooks/payload.h"

#include <cctype>

#include "services/workflow/webhooks/signature.h"

namespace elevaite::workflow {
namespace {

bool IsHidden(std::string_view name, const Authentication& authentication) {
  return name == "authorization" || name == "cookie" || name == "proxy-authorization" ||
         name == "x-api-key" || name == SecretHeader(authentication);
}

// "Application/JSON; charset=utf-8" -> "application/json"
std::string MediaOf(std::string_view content_type) {
  std::string media(net::TrimSpace(content_type.substr(0, content_type.find(';'))));
  for (char& c : media) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  return media;
}

bool IsText(std::string_view media) {
  return media.starts_with("text/") || media == "application/xml" || media.ends_with("+xml");
}

Result<Json> TextOf(std::string_view body) {
  if (FindInvalidUtf8(body) == std::string_view::npos) return Json(body);
  return Fail(ErrorCode::kInvalidArgument, "the body is a text that is not UTF-8");
}

Json ObjectOf(const net::QueryParameters& parameters) {
  Json object = Json::EmptyObject();
  for (const auto& [name, value] : parameters) {
    const Json* before = object.Find(name);
    Json now(value);
    if (before && before->IsArray())
      now = Json::Append(*before, now);
    else if (before)
      now = Json::Array({*before, now});
    object = Json::WithMember(std::move(object), Json(name), std::move(now));
  }
  return object;
}

}  // namespace

Result<Json> HeadOf(const net::Request& request, const Authentication& authentication) {
  ASSIGN_OR_RETURN(const net::QueryParameters query, request.Query());
  std::vector<Json::Member> parameters;
  for (const auto& [name, value] : query) parameters.emplace_back(Json(name), Json(value));
  std::vector<Json::Member> headers;
  for (std::size_t i = 0; i < request.headers.size(); ++i) {
    const auto field = request.headers.At(i);
    if (!IsHidden(field.name, authentication) && FindInvalidUtf8(field.value) == std::string_view::npos)
      headers.emplace_back(Json(field.name), Json(field.value));
  }
  return Json::Object({{"method", net::NameOf(request.method)},
                       {"path", request.PathParameter("path")},
                       {"headers", Json::Object(std::move(headers))},
                       {"query", Json::Object(std::move(parameters))}});
}

Json BareHeadOf(const net::Request& request) {
  return Json::Object({{"method", net::NameOf(request.method)},
                       {"path", request.PathParameter("path")},
                       {"headers", Json::EmptyObject()},
                       {"query", Json::EmptyObject()}});
}

std::vector<std::string> HiddenHeaders(const net::Request& request, const Authentication& authentication) {
  std::vector<std::string> names;
  for (std::size_t i = 0; i < request.headers.size(); ++i) {
    const std::string_view name = request.headers.At(i).name;
    if (IsHidden(name, authentication)) names.emplace_back(name);
  }
  return names;
}

Result<Json> BodyOf(std::string_view content_type, std::string_view body) {
  if (body.empty()) return Json();
  const std::string media = MediaOf(content_type);
  if (media.empty()) {
    auto value = ParseJson(body);
    return value ? value : TextOf(body);
  }
  if (media == "application/json" || media.ends_with("+json")) return ParseJson(body);
  if (media == "application/x-www-form-urlencoded") {
    ASSIGN_OR_RETURN(const net::QueryParameters parameters, net::ParseQuery(body));
    return ObjectOf(parameters);
  }
  if (IsText(media)) return TextOf(body);
  return Fail(ErrorCode::kUnsupportedMedia, "a webhook cannot read the type " + media.substr(0, 100),
              "send application/json, application/x-www-form-urlencoded or text/plain");
}

}  // namespace elevaite::workflow
