#include <fmt/format.h>

#include <charconv>

#include "foundation/text.h"
#include "services/workflow/api/api.h"
#include "services/workflow/api/audited.h"
#include "services/workflow/fields.h"
#include "services/workflow/peers/peers.h"

namespace elevaite::workflow {

AccountId AccountOf(const net::Request&) { return AccountId::Default(); }

engine::Trigger TriggerOf(const net::Request& request) {
  const std::string_view client = request.headers.Get("x-elevaite-client");
  if (client == "studio") return engine::Trigger::kStudio;
  if (client == "cli") return engine::Trigger::kCommandLine;
  return engine::Trigger::kApi;
}

Result<std::chrono::milliseconds> ParseWait(std::string_view text, std::chrono::milliseconds longest) {
  if (text.empty()) return std::chrono::milliseconds(0);
  const auto wait = ParseDuration(text);
  if (!wait || *wait > longest) {
    return Fail(ErrorCode::kInvalidArgument, fmt::format("'{}' is not a time to wait", text.substr(0, 40)),
                fmt::format("write it as 500ms, 30s or 1m; at most {}", FormatDuration(longest)));
  }
  return std::chrono::duration_cast<std::chrono::milliseconds>(*wait);
}

Result<std::size_t> LimitOf(const net::Request& request, std::size_t otherwise, std::size_t most) {
  const auto text = request.QueryParameter("limit");
  if (!text) return otherwise;
  std::size_t limit = 0;
  const auto [end, error] = std::from_chars(text->data(), text->data() + text->size(), limit);
  if (error != std::errc() || end != text->data() + text->size() || limit < 1 || limit > most) {
    return Fail(ErrorCode::kInvalidArgument, fmt::format("limit must be a number from 1 to {}", most));
  }
  return limit;
}

Result<void> CheckNote(const Json& body) {
  constexpr std::size_t kReasonBytesMax = 1'000;
  constexpr std::size_t kByBytesMax = 200;
  for (const auto& [name, most] : {std::pair("reason", kReasonBytesMax), std::pair("by", kByBytesMax)}) {
    const Json& text = body[name];
    if (!text.IsNull() && !text.IsString())
      return Fail(ErrorCode::kInvalidArgument, fmt::format("`{}` must be a text", name));
    if (text.StringOr("").size() > most)
      return Fail(ErrorCode::kInvalidArgument, fmt::format("`{}` may have {} bytes at most", name, most));
  }
  return {};
}

std::string WhoOf(const net::Request& request, const Json& body) {
  const std::string_view by = body["by"].StringOr("");
  return std::string(by.empty() ? engine::NameOf(TriggerOf(request)) : by);
}

Json NoteOf(const net::Request& request, const Json& body) {
  const Json& reason = body["reason"];
  return Json::Object(
      {{"by", WhoOf(request, body)}, {"reason", reason.StringOr("").empty() ? Json() : reason}});
}

Task<std::string> NoteSent(net::Request& request) {
  auto read = request.ReadBody();
  ASSIGN_OR_CO_RETURN(std::string text, co_await std::move(read));
  if (text.empty()) co_return text;
  ASSIGN_OR_CO_RETURN(const Json body, ParseJson(text));
  CO_RETURN_IF_ERROR(Fields::Of(body, "", {"by", "reason"}));
  CO_RETURN_IF_ERROR(CheckNote(body));
  co_return text;
}

Json WithoutNote(Json body) {
  if (!body.IsObject()) return body;
  return Json::WithoutMember(Json::WithoutMember(std::move(body), "by"), "reason");
}

Result<RedriveRequest> ParseRedriveRequest(std::string_view body) {
  RedriveRequest wanted;
  if (body.empty()) return wanted;
  ASSIGN_OR_RETURN(const Json json, ParseJson(body));
  const auto refuse = [](std::string message) {
    return Fail(ErrorCode::kInvalidArgument, std::move(message),
                R"(send {"input": {...}, "reason": "...", "by": "..."}; all may be left out)");
  };
  if (!json.IsObject()) return refuse("the body must be an object");
  for (const auto& [name, value] : json.AsObject()) {
    const std::string_view key = name.AsString();
    if (key != "input" && key != "reason" && key != "by")
      return refuse("unknown member '" + std::string(key.substr(0, 40)) + "'");
  }
  RETURN_IF_ERROR(CheckNote(json));
  wanted.body = json;
  if (const Json* input = json.Find("input")) wanted.input = *input;
  return wanted;
}

Task<std::optional<net::Response>> FromLeader(WorkflowService& service, net::Request& request,
                                              std::string body) {
  if (service.peers() == nullptr) co_return std::optional<net::Response>();
  auto ask = service.peers()->AskLeader(request, std::move(body));
  Result<std::optional<net::Response>> answer = co_await std::move(ask);
  if (answer && *answer) request.context = AuditedElsewhere();
  co_return answer;
}

Json DiagnosticsJson(const std::vector<dsl::Diagnostic>& diagnostics) {
  std::vector<Json> list;
  list.reserve(diagnostics.size());
  for (const dsl::Diagnostic& diagnostic : diagnostics) list.push_back(dsl::ToJson(diagnostic));
  return Json::Array(std::move(list));
}

Result<ExecutionId> ExecutionIdOf(const net::Request& request) {
  auto id = ExecutionId::Parse(request.PathParameter("id"));
  // An id that cannot exist is as unknown as one that does not.
  if (!id)
    return Fail(ErrorCode::kNotFound,
                "no execution '" + std::string(request.PathParameter("id").substr(0, 64)) + "'",
                id.error().message);
  return id;
}

}  // namespace elevaite::workflow
