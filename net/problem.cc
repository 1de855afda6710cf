#include "net/problem.h"

namespace elevaite::net {
namespace {

// A request may carry anything in its path; JSON text must be UTF-8.
std::string ReadablePath(const Request& request) {
  const std::string_view path = std::string_view(request.target).substr(0, request.target.find('?'));
  std::string text;
  for (const char c : path.substr(0, 1024)) text.push_back(c > 0x20 && c < 0x7f ? c : '?');
  return text;
}

std::string_view Utf8Or(const std::string& text, std::string_view other) {
  return FindInvalidUtf8(text) == std::string_view::npos ? std::string_view(text) : other;
}

}  // namespace

Response ProblemResponse(const Error& error, const Request& request, const Json& extra) {
  return ProblemResponse(InfoOf(error.code).http_status, error, request, extra);
}

Response ProblemResponse(int status, const Error& error, const Request& request, const Json& extra) {
  const ErrorCodeInfo& info = InfoOf(error.code);
  const bool own_status = status == info.http_status;
  std::vector<Json::Member> members;
  members.emplace_back("type", "/docs/errors/" + std::string(info.name));
  members.emplace_back("title", own_status ? info.title : ReasonOf(status));
  members.emplace_back("status", status);
  members.emplace_back("detail", Utf8Or(error.message, "the message is not valid UTF-8"));
  members.emplace_back("instance", ReadablePath(request));
  members.emplace_back("code", info.name);
  if (!error.hint.empty()) members.emplace_back("hint", Utf8Or(error.hint, ""));
  members.emplace_back("request_id", request.request_id);
  if (extra.IsObject()) {
    const Json standard = Json::Object(members);
    for (const Json::Member& member : extra.AsObject()) {
      if (standard.Find(member.key.AsString()) == nullptr) members.push_back(member);
    }
  }
  Response response{
      .status = status, .content_type = kProblemType, .body = Json::Object(std::move(members)).Dump()};
  if (error.retry_after) {
    const auto seconds = std::chrono::ceil<std::chrono::seconds>(*error.retry_after).count();
    response.headers.Add("retry-after", std::to_string(seconds));
  }
  return response;
}

}  // namespace elevaite::net
