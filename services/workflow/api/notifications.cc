// /v1/notification-channels, /v1/notification-rules, /v1/notifications: who is told of what, and what became
// of it.
#include <algorithm>
#include <memory>
#include <utility>
#include <vector>

#include "services/workflow/api/api.h"
#include "services/workflow/notifications/notifier.h"

namespace elevaite::notifications {
namespace {

using net::Method;
using net::Request;
using net::Response;
using workflow::AccountOf;
using workflow::Reply;

constexpr std::size_t kRequestBytesMax = 64U << 10U;

Json TimeJson(std::int64_t us) { return Timestamp::FromMicros(us).ToRfc3339(); }
Json TimeJson(const std::optional<std::int64_t>& us) { return us ? TimeJson(*us) : Json(); }

// Members that are absent stay as they are; null makes one what it is by default.
Json Merged(const Json& before, const Json& changes) {
  Json merged = before;
  for (const auto& [name, value] : changes.AsObject())
    merged = Json::WithMember(std::move(merged), name, value);
  return merged;
}

Json NotificationJson(const Notification& n, const Plan& plan) {
  const auto channel = plan.channels.find(n.channel);
  const auto rule = std::ranges::find(plan.rules, n.rule, &Rule::id);
  return Json::Object(
      {{"id", n.id.ToString()},
       {"channel", n.channel.ToString()},
       {"channel_name", channel == plan.channels.end() ? Json() : Json(channel->second.settings.name)},
       {"rule", n.rule.ToString()},
       {"rule_name", rule == plan.rules.end() ? Json() : Json(rule->settings.name)},
       {"type", NameOf(n.kind)},
       {"occasion", n.occasion},
       {"namespace", n.place.name_space},
       {"workflow", n.place.workflow},
       {"execution", n.execution ? Json(n.execution->ToString()) : Json()},
       {"status", NameOf(n.status)},
       {"subject", WordsFor(n.content, nullptr, nullptr).subject},
       {"count", n.content["count"]},
       {"url", n.content["url"]},
       {"part_of", n.group ? Json(n.group->ToString()) : Json()},
       {"attempts", n.attempts},
       {"next_attempt_at", n.status == Status::kPending ? TimeJson(n.due_us) : Json()},
       {"created_at", TimeJson(n.created_us)},
       {"ended_at", TimeJson(n.ended_us)},
       {"answer", n.answer}});
}

class NotificationRoutes {
 public:
  explicit NotificationRoutes(NotificationDesk desk) : desk_(desk) {}

  // ---- Channels

  Reply Channels(Request& request) {
    const AccountId account = AccountOf(request);
    auto read = desk_.store.PlanOf(account);
    ASSIGN_OR_CO_RETURN(const Plan plan, co_await std::move(read));
    std::vector<ChannelId> ids;
    for (const auto& [id, channel] : plan.channels) ids.push_back(id);
    auto ask = desk_.store.LastOfEach(account, ids);
    ASSIGN_OR_CO_RETURN(const std::vector<Notification> last, co_await std::move(ask));
    auto count = desk_.store.BacklogsOf(account);
    ASSIGN_OR_CO_RETURN(const std::vector<Backlog> backlogs, co_await std::move(count));
    std::vector<const Channel*> by_name;
    for (const auto& [id, channel] : plan.channels) by_name.push_back(&channel);
    std::ranges::sort(by_name, {}, [](const Channel* channel) { return channel->settings.name; });
    std::vector<Json> items;
    for (const Channel* channel : by_name) {
      Json json = ChannelJson(account, *channel);
      std::int64_t pending = 0;
      for (const Backlog& backlog : backlogs) {
        if (backlog.channel == channel->id) pending = backlog.count;
      }
      const auto own = std::ranges::find(last, channel->id, &Notification::channel);
      json = Json::WithMember(std::move(json), "pending", pending);
      json = Json::WithMember(std::move(json), "last",
                              own == last.end() ? Json() : NotificationJson(*own, plan));
      items.push_back(std::move(json));
    }
    co_return net::JsonResponse(200, Json::Object({{"items", Json::Array(std::move(items))}}));
  }

  Reply CreateChannel(Request& request) {
    auto read = request.ReadJson();
    ASSIGN_OR_CO_RETURN(const Json sent, co_await std::move(read));
    CO_RETURN_IF_ERROR(workflow::CheckNote(sent));
    const Json body = workflow::WithoutNote(sent);
    ASSIGN_OR_CO_RETURN(ChannelSettings settings, ChannelSettingsFrom(body));
    auto create = desk_.store.Create(AccountOf(request), std::move(settings));
    ASSIGN_OR_CO_RETURN(const Channel channel, co_await std::move(create));
    auto refresh = desk_.notifier.Refresh();
    CO_RETURN_IF_ERROR(co_await std::move(refresh));
    Response response = net::JsonResponse(201, ChannelJson(AccountOf(request), channel));
    response.headers.Set("location", "/v1/notification-channels/" + channel.id.ToString());
    co_return response;
  }

  Reply GetChannel(Request& request) {
    auto find = ChannelOf(request);
    ASSIGN_OR_CO_RETURN(const Channel channel, co_await std::move(find));
    co_return net::JsonResponse(200, ChannelJson(AccountOf(request), channel));
  }

  // Members that are absent stay as they are; null makes one what it is by default.
  Reply ChangeChannel(Request& request) {
    auto read = request.ReadJson();
    ASSIGN_OR_CO_RETURN(const Json sent, co_await std::move(read));
    CO_RETURN_IF_ERROR(workflow::CheckNote(sent));
    const Json body = workflow::WithoutNote(sent);
    if (!body.IsObject()) co_return Fail(ErrorCode::kInvalidArgument, "the body must be an object");
    auto find = ChannelOf(request);
    ASSIGN_OR_CO_RETURN(Channel channel, co_await std::move(find));
    // Another type has other members.
    const bool other_type = body.Find("type") && body["type"] != channel.settings.source["type"];
    const Json before =
        other_type ? Json::Object({{"name", channel.settings.name}}) : channel.settings.source;
    ASSIGN_OR_CO_RETURN(channel.settings, ChannelSettingsFrom(Merged(before, body)));
    auto update = desk_.store.Update(AccountOf(request), std::move(channel));
    ASSIGN_OR_CO_RETURN(channel, co_await std::move(update));
    auto refresh = desk_.notifier.Refresh();
    CO_RETURN_IF_ERROR(co_await std::move(refresh));
    co_return net::JsonResponse(200, ChannelJson(AccountOf(request), channel));
  }

  Reply DeleteChannel(Request& request) {
    auto ask_why = workflow::NoteSent(request);
    CO_RETURN_IF_ERROR(co_await std::move(ask_why));
    ASSIGN_OR_CO_RETURN(const ChannelId id, ChannelId::Parse(request.PathParameter("id")));
    auto erase = desk_.store.Delete(AccountOf(request), id);
    CO_RETURN_IF_ERROR(co_await std::move(erase));
    auto refresh = desk_.notifier.Refresh();
    CO_RETURN_IF_ERROR(co_await std::move(refresh));
    co_return net::EmptyResponse();
  }

  // Sends a message now, and waits for what the other side says.
  Reply TestChannel(Request& request) {
    auto ask_why = workflow::NoteSent(request);
    CO_RETURN_IF_ERROR(co_await std::move(ask_why));
    auto find = ChannelOf(request);
    ASSIGN_OR_CO_RETURN(Channel channel, co_await std::move(find));
    const NotificationId id = NotificationId::New();
    const Occasion occasion{.kind = Kind::kTest,
                            .id = "test:" + id.ToString(),
                            .time_us = desk_.clock.Now().micros(),
                            .place = {},
                            .execution = std::nullopt};
    Notification test{.account = AccountOf(request), .id = id, .channel = channel.id};
    test.kind = Kind::kTest;
    test.content = ContentOf(occasion, nullptr, desk_.base_url);
    auto send = desk_.courier.Send(std::move(channel), std::nullopt, std::move(test));
    const Attempt attempt = co_await std::move(send);
    co_return net::JsonResponse(
        200, Json::WithMember(ToJson(attempt, desk_.clock.Now().micros()), "delivered", attempt.delivered));
  }

  // ---- Rules

  // ?workflow=namespace.name: those that are about it.
  Reply Rules(Request& request) {
    const std::string workflow = request.QueryParameter("workflow").value_or("");
    auto read = desk_.store.PlanOf(AccountOf(request));
    ASSIGN_OR_CO_RETURN(const Plan plan, co_await std::move(read));
    std::vector<Json> items;
    for (const Rule& rule : plan.rules) {
      if (workflow.empty() || IsAbout(rule.settings, PlaceFrom(workflow)))
        items.push_back(RuleJson(rule, plan));
    }
    co_return net::JsonResponse(200, Json::Object({{"items", Json::Array(std::move(items))}}));
  }

  Reply CreateRule(Request& request) {
    auto read = request.ReadJson();
    ASSIGN_OR_CO_RETURN(const Json sent, co_await std::move(read));
    CO_RETURN_IF_ERROR(workflow::CheckNote(sent));
    const Json body = workflow::WithoutNote(sent);
    ASSIGN_OR_CO_RETURN(RuleSettings settings, RuleSettingsFrom(body));
    auto create = desk_.store.Create(AccountOf(request), std::move(settings));
    ASSIGN_OR_CO_RETURN(const Rule rule, co_await std::move(create));
    auto answer = AnswerFor(request, 201, rule);
    ASSIGN_OR_CO_RETURN(Response response, co_await std::move(answer));
    response.headers.Set("location", "/v1/notification-rules/" + rule.id.ToString());
    co_return response;
  }

  Reply GetRule(Request& request) {
    auto find = RuleOf(request);
    ASSIGN_OR_CO_RETURN(const Rule rule, co_await std::move(find));
    auto read = desk_.store.PlanOf(AccountOf(request));
    ASSIGN_OR_CO_RETURN(const Plan plan, co_await std::move(read));
    co_return net::JsonResponse(200, RuleJson(rule, plan));
  }

  Reply ChangeRule(Request& request) {
    auto read = request.ReadJson();
    ASSIGN_OR_CO_RETURN(const Json sent, co_await std::move(read));
    CO_RETURN_IF_ERROR(workflow::CheckNote(sent));
    const Json body = workflow::WithoutNote(sent);
    if (!body.IsObject()) co_return Fail(ErrorCode::kInvalidArgument, "the body must be an object");
    auto find = RuleOf(request);
    ASSIGN_OR_CO_RETURN(Rule rule, co_await std::move(find));
    const bool was_enabled = rule.settings.enabled;
    ASSIGN_OR_CO_RETURN(rule.settings, RuleSettingsFrom(Merged(rule.settings.source, body)));
    if (rule.settings.enabled && !was_enabled) rule.since_us = desk_.clock.Now().micros();
    auto update = desk_.store.Update(AccountOf(request), std::move(rule));
    ASSIGN_OR_CO_RETURN(rule, co_await std::move(update));
    auto answer = AnswerFor(request, 200, rule);
    co_return co_await std::move(answer);
  }

  Reply DeleteRule(Request& request) {
    auto ask_why = workflow::NoteSent(request);
    CO_RETURN_IF_ERROR(co_await std::move(ask_why));
    ASSIGN_OR_CO_RETURN(const RuleId id, RuleId::Parse(request.PathParameter("id")));
    auto erase = desk_.store.Delete(AccountOf(request), id);
    CO_RETURN_IF_ERROR(co_await std::move(erase));
    auto refresh = desk_.notifier.Refresh();
    CO_RETURN_IF_ERROR(co_await std::move(refresh));
    co_return net::EmptyResponse();
  }

  // ---- Messages

  Reply List(Request& request) {
    ASSIGN_OR_CO_RETURN(const std::size_t limit, workflow::LimitOf(request, 50, 200));
    ASSIGN_OR_CO_RETURN(NotificationFilter filter, FilterFrom(request));
    filter.limit = limit + 1;
    auto read = desk_.store.PlanOf(AccountOf(request));
    ASSIGN_OR_CO_RETURN(const Plan plan, co_await std::move(read));
    auto list = desk_.store.List(AccountOf(request), std::move(filter));
    ASSIGN_OR_CO_RETURN(const std::vector<Notification> found, co_await std::move(list));
    std::vector<Json> items;
    for (const Notification& n : found) {
      if (items.size() < limit) items.push_back(NotificationJson(n, plan));
    }
    const Json next = found.size() > limit ? Json(found[limit - 1].id.ToString()) : Json();
    co_return net::JsonResponse(
        200, Json::Object({{"items", Json::Array(std::move(items))}, {"next_cursor", next}}));
  }

  Reply Get(Request& request) {
    ASSIGN_OR_CO_RETURN(const NotificationId id, NotificationId::Parse(request.PathParameter("id")));
    auto read = desk_.store.PlanOf(AccountOf(request));
    ASSIGN_OR_CO_RETURN(const Plan plan, co_await std::move(read));
    auto find = desk_.store.Find(AccountOf(request), id);
    ASSIGN_OR_CO_RETURN(const Notification n, co_await std::move(find));
    co_return net::JsonResponse(200, Json::WithMember(NotificationJson(n, plan), "content", n.content));
  }

  Reply Retry(Request& request) {
    auto ask_why = workflow::NoteSent(request);
    CO_RETURN_IF_ERROR(co_await std::move(ask_why));
    ASSIGN_OR_CO_RETURN(const NotificationId id, NotificationId::Parse(request.PathParameter("id")));
    auto retry = desk_.store.Retry(AccountOf(request), id);
    ASSIGN_OR_CO_RETURN(const Notification n, co_await std::move(retry));
    desk_.notifier.Wake();
    auto read = desk_.store.PlanOf(AccountOf(request));
    ASSIGN_OR_CO_RETURN(const Plan plan, co_await std::move(read));
    co_return net::JsonResponse(202, NotificationJson(n, plan));
  }

 private:
  static Place PlaceFrom(std::string_view workflow) {
    const std::size_t dot = workflow.find('.');
    if (dot == std::string_view::npos) return {.name_space = {}, .workflow = std::string(workflow)};
    return {.name_space = std::string(workflow.substr(0, dot)),
            .workflow = std::string(workflow.substr(dot + 1))};
  }

  static Result<NotificationFilter> FilterFrom(const Request& request) {
    NotificationFilter filter;
    filter.place = PlaceFrom(request.QueryParameter("workflow").value_or(""));
    filter.with_grouped = request.QueryParameter("grouped").value_or("") == "true";
    if (const auto status = request.QueryParameter("status"); status && !status->empty()) {
      filter.status = StatusFromName(*status);
      if (!filter.status)
        return Fail(ErrorCode::kInvalidArgument, "status is not known",
                    "pending, delivered, given_up or grouped");
    }
    if (const auto channel = request.QueryParameter("channel"); channel && !channel->empty()) {
      ASSIGN_OR_RETURN(filter.channel, ChannelId::Parse(*channel));
    }
    if (const auto execution = request.QueryParameter("execution"); execution && !execution->empty()) {
      ASSIGN_OR_RETURN(filter.execution, ExecutionId::Parse(*execution));
    }
    if (const auto cursor = request.QueryParameter("cursor"); cursor && !cursor->empty()) {
      ASSIGN_OR_RETURN(filter.before, NotificationId::Parse(*cursor));
    }
    return filter;
  }

  workflow::Task<Channel> ChannelOf(Request& request) {
    ASSIGN_OR_CO_RETURN(const ChannelId id, ChannelId::Parse(request.PathParameter("id")));
    auto find = desk_.store.Find(AccountOf(request), id);
    co_return co_await std::move(find);
  }
  workflow::Task<Rule> RuleOf(Request& request) {
    ASSIGN_OR_CO_RETURN(const RuleId id, RuleId::Parse(request.PathParameter("id")));
    auto find = desk_.store.Find(AccountOf(request), id);
    co_return co_await std::move(find);
  }

  // From this answer on the rule counts.
  workflow::Task<Response> AnswerFor(Request& request, int status, Rule rule) {
    auto refresh = desk_.notifier.Refresh();
    CO_RETURN_IF_ERROR(co_await std::move(refresh));
    auto read = desk_.store.PlanOf(AccountOf(request));
    ASSIGN_OR_CO_RETURN(const Plan plan, co_await std::move(read));
    co_return net::JsonResponse(status, RuleJson(rule, plan));
  }

  Json ChannelJson(const AccountId& account, const Channel& channel) const {
    std::vector<Json> missing;
    for (const std::string& name : desk_.courier.MissingSecrets(account, channel.settings))
      missing.emplace_back(name);
    std::vector<Json::Member> members{{"id", channel.id.ToString()}};
    for (const auto& member : channel.settings.source.AsObject()) members.push_back(member);
    members.emplace_back("missing_secrets", Json::Array(std::move(missing)));
    members.emplace_back("created_at", TimeJson(channel.created_us));
    members.emplace_back("updated_at", TimeJson(channel.updated_us));
    return Json::Object(std::move(members));
  }

  static Json RuleJson(const Rule& rule, const Plan& plan) {
    std::vector<Json> names;
    for (const ChannelId& id : rule.settings.channels) {
      const auto channel = plan.channels.find(id);
      names.push_back(channel == plan.channels.end() ? Json() : Json(channel->second.settings.name));
    }
    std::vector<Json::Member> members{{"id", rule.id.ToString()}};
    for (const auto& member : rule.settings.source.AsObject()) members.push_back(member);
    members.emplace_back("channel_names", Json::Array(std::move(names)));
    members.emplace_back("created_at", TimeJson(rule.created_us));
    members.emplace_back("updated_at", TimeJson(rule.updated_us));
    return Json::Object(std::move(members));
  }

  NotificationDesk desk_;
};

}  // namespace
}  // namespace elevaite::notifications

namespace elevaite::workflow {

void AddNotificationRoutes(net::Router& router, notifications::NotificationDesk desk) {
  using net::Method;
  using notifications::NotificationRoutes;
  const auto routes = std::make_shared<NotificationRoutes>(desk);
  const auto add = [&](Method method, std::string_view pattern,
                       Reply (NotificationRoutes::*handler)(net::Request&)) {
    router.Add(method, pattern,
               [routes, handler](net::Request& request) { return ((*routes).*handler)(request); },
               {.body_bytes_max = notifications::kRequestBytesMax});
  };
  add(Method::kGet, "/v1/notification-channels", &NotificationRoutes::Channels);
  add(Method::kPost, "/v1/notification-channels", &NotificationRoutes::CreateChannel);
  add(Method::kGet, "/v1/notification-channels/{id}", &NotificationRoutes::GetChannel);
  add(Method::kPatch, "/v1/notification-channels/{id}", &NotificationRoutes::ChangeChannel);
  add(Method::kDelete, "/v1/notification-channels/{id}", &NotificationRoutes::DeleteChannel);
  add(Method::kPost, "/v1/notification-channels/{id}/test", &NotificationRoutes::TestChannel);
  add(Method::kGet, "/v1/notification-rules", &NotificationRoutes::Rules);
  add(Method::kPost, "/v1/notification-rules", &NotificationRoutes::CreateRule);
  add(Method::kGet, "/v1/notification-rules/{id}", &NotificationRoutes::GetRule);
  add(Method::kPatch, "/v1/notification-rules/{id}", &NotificationRoutes::ChangeRule);
  add(Method::kDelete, "/v1/notification-rules/{id}", &NotificationRoutes::DeleteRule);
  add(Method::kGet, "/v1/notifications", &NotificationRoutes::List);
  add(Method::kGet, "/v1/notifications/{id}", &NotificationRoutes::Get);
  add(Method::kPost, "/v1/notifications/{id}/retry", &NotificationRoutes::Retry);
}

}  // namespace elevaite::workflow
