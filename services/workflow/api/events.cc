// /v1/events: CloudEvents from outside, for those who listen. All of the CloudEvents HTTP binding 1.0 is
// taken: structured (application/cloudevents+json), batched (application/cloudevents-batch+json) and binary
// (attributes in ce- headers).
#include <algorithm>
#include <vector>

#include "engine/machine/cloud_event.h"
#include "foundation/base64.h"
#include "services/workflow/api/api.h"
#include "services/workflow/await.h"

namespace elevaite::workflow {
namespace {

using net::Method;
using net::Request;

constexpr std::size_t kBodyBytesMax = 4U << 20U;
constexpr std::size_t kBatchMax = 1'000;

bool IsOfType(std::string_view content_type, std::string_view media) {
  return content_type.substr(0, content_type.find(';')) == media;
}

Result<Json> Checked(const Json& attributes) {
  for (const char* name : {"id", "source"}) {
    if (attributes.IsObject() && attributes[name].IsNull())
      return Fail(ErrorCode::kInvalidArgument, std::string("the event has no `") + name + "`",
                  "id and source together say which event it is: one sent twice counts once");
  }
  return engine::CloudEventOf(attributes, {.id = "", .source = "", .time_us = SystemClock().Now().micros()});
}

// The value of a ce- header: percent-encoded UTF-8 (HTTP binding, 3.1.3.2).
std::string Decoded(std::string_view text) {
  const auto decoded = net::PercentDecode(text);
  return decoded ? *decoded : std::string(text);
}

Result<Json> FromHeaders(const Request& request, const std::string& body) {
  std::vector<Json::Member> members;
  for (std::size_t i = 0; i < request.headers.size(); ++i) {
    const auto field = request.headers.At(i);
    if (field.name.starts_with("ce-"))
      members.emplace_back(Json(field.name.substr(3)), Json(Decoded(field.value)));
  }
  const std::string_view type = request.headers.Get("content-type");
  if (!type.empty()) members.emplace_back("datacontenttype", Json(type));
  if (!body.empty()) {
    if (type.find("json") != std::string_view::npos) {
      ASSIGN_OR_RETURN(Json data, ParseJson(body));
      members.emplace_back("data", std::move(data));
    } else if (FindInvalidUtf8(body) == std::string_view::npos) {
      members.emplace_back("data", Json(body));
    } else {
      members.emplace_back("data_base64", Json(Base64Encode(body)));
    }
  }
  return Checked(Json::Object(std::move(members)));
}

Result<std::vector<Json>> EventsFrom(const Request& request, const std::string& body) {
  const std::string_view type = request.headers.Get("content-type");
  if (request.headers.Has("ce-type")) {
    ASSIGN_OR_RETURN(Json event, FromHeaders(request, body));
    return std::vector<Json>{std::move(event)};
  }
  const bool is_batch = IsOfType(type, "application/cloudevents-batch+json");
  const bool is_one = IsOfType(type, "application/cloudevents+json");
  if (!is_batch && !is_one && !type.empty() && !IsOfType(type, "application/json"))
    return Fail(
        ErrorCode::kUnsupportedMedia, "events are not read from this type",
        "application/cloudevents+json, application/cloudevents-batch+json, or attributes in ce- headers");
  ASSIGN_OR_RETURN(const Json value, ParseJson(body));
  if (value.IsArray() ? is_one : is_batch)
    return Fail(ErrorCode::kInvalidArgument,
                "a list of events has the type application/cloudevents-batch+json, one has "
                "application/cloudevents+json");
  if (!value.IsArray()) {
    ASSIGN_OR_RETURN(Json event, Checked(value));
    return std::vector<Json>{std::move(event)};
  }
  if (value.Size() > kBatchMax) return Fail(ErrorCode::kInvalidArgument, "at most 1,000 events at once");
  std::vector<Json> events;
  for (const Json& one : value.AsArray()) {
    auto event = Checked(one);
    if (!event) {
      event.error().message = "event " + std::to_string(events.size() + 1) + ": " + event.error().message;
      return Fail(event.error());
    }
    events.push_back(*std::move(event));
  }
  return events;
}

Reply Accept(WorkflowService& service, Request& request) {
  auto read = request.ReadBody();
  ASSIGN_OR_CO_RETURN(const std::string body, co_await std::move(read));
  ASSIGN_OR_CO_RETURN(std::vector<Json> events, EventsFrom(request, body));
  auto accept = Await<engine::EventHub::Accepted>(
      [&](auto done) { service.events().Accept(AccountOf(request), events, std::move(done)); });
  ASSIGN_OR_CO_RETURN(const engine::EventHub::Accepted is_new, co_await std::move(accept));
  std::vector<Json> answers;
  for (std::size_t i = 0; i < events.size(); ++i)
    answers.push_back(Json::Object({{"id", events[i]["id"]},
                                    {"source", events[i]["source"]},
                                    {"result", is_new[i] ? "accepted" : "duplicate"}}));
  const auto count = std::ranges::count(is_new, true);
  co_return net::JsonResponse(202,
                              Json::Object({{"accepted", count},
                                            {"duplicates", static_cast<std::int64_t>(events.size()) - count},
                                            {"events", Json::Array(std::move(answers))}}));
}

}  // namespace

void AddEventRoutes(net::Router& router, WorkflowService& service) {
  router.Add(Method::kPost, "/v1/events", [&service](Request& request) { return Accept(service, request); },
             {.body_bytes_max = kBodyBytesMax});
}

}  // namespace elevaite::workflow
