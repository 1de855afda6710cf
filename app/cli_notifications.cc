// elevaite notify channels|rules|apply|ls|test|retry: who is told of what, over the API of a running server.
#include <fmt/format.h>

#include <cstdio>
#include <fstream>
#include <iterator>

#include "app/command_line.h"
#include "app/report.h"
#include "app/terminal.h"
#include "foundation/percent.h"
#include "foundation/yaml.h"

namespace elevaite::app {
namespace {

std::string Text(const Json& value) { return std::string(value.StringOr("")); }

std::string Joined(const Json& list) {
  std::string text;
  for (const Json& one : list.IsArray() ? list.AsArray() : std::span<const Json>())
    text += (text.empty() ? "" : " ") + Text(one);
  return text;
}

std::string AddressOf(const Json& channel) {
  if (channel["type"] == Json("email")) return Joined(channel["to"]);
  return channel["url"].IsString() ? Text(channel["url"]) : "secret " + Text(channel["url_secret"]);
}

std::string StateOf(const Json& channel) {
  if (!channel["enabled"].BoolOr(true)) return "disabled";
  return channel["missing_secrets"].Size() == 0 ? "" : "no secret " + Joined(channel["missing_secrets"]);
}

void PrintChannels(const Json& page) {
  std::vector<std::vector<std::string>> rows{{"ID", "NAME", "TYPE", "TO", "STATE", "PENDING", "LAST"}};
  for (const Json& one : page["items"].AsArray()) {
    const Json& last = one["last"];
    rows.push_back({Text(one["id"]), Text(one["name"]), Text(one["type"]), AddressOf(one), StateOf(one),
                    one["pending"].Dump(),
                    last.IsNull() ? "" : Text(last["ended_at"]) + " " + Text(last["status"])});
  }
  if (rows.size() == 1) {
    std::puts("there is no channel; elevaite notify apply makes one");
  } else {
    PrintTable(rows);
  }
}

void PrintRules(const Json& page) {
  std::vector<std::vector<std::string>> rows{{"ID", "NAME", "ON", "WORKFLOWS", "CHANNELS", "STATE"}};
  for (const Json& one : page["items"].AsArray()) {
    const std::string workflows = Joined(one["workflows"]);
    rows.push_back({Text(one["id"]), Text(one["name"]), Joined(one["on"]),
                    workflows.empty() ? "*" : workflows, Joined(one["channel_names"]),
                    one["enabled"].BoolOr(true) ? "" : "disabled"});
  }
  if (rows.size() == 1) {
    std::puts("there is no rule: nobody is told of anything");
  } else {
    PrintTable(rows);
  }
}

std::string AnswerText(const Json& answer) {
  if (answer.IsNull()) return "";
  if (answer["error"].IsString()) return Text(answer["error"]);
  return (answer["status"].IsNull() ? "" : answer["status"].Dump() + " ") + Text(answer["text"]);
}

void PrintNotifications(const Json& page) {
  std::vector<std::vector<std::string>> rows{
      {"ID", "CREATED", "CHANNEL", "STATUS", "ATTEMPTS", "SUBJECT", "ANSWER"}};
  for (const Json& one : page["items"].AsArray())
    rows.push_back({Text(one["id"]), Text(one["created_at"]), Text(one["channel_name"]), Text(one["status"]),
                    one["attempts"].Dump(), Text(one["subject"]), AnswerText(one["answer"])});
  if (rows.size() == 1) {
    std::puts("nobody has been told of anything yet");
  } else {
    PrintTable(rows);
  }
}

// ---- Files of channels and rules, which are known by their names ----

Result<Json> DraftFrom(const std::string& file) {
  std::ifstream in(file, std::ios::binary);
  if (!in) return Fail(ErrorCode::kNotFound, "cannot read " + file);
  const std::string text{std::istreambuf_iterator<char>(in), {}};
  const auto node = yaml::Read(text);
  if (!node) return Fail(node.error().ToError(file));
  const Json draft = node->value();
  for (const char* list : {"channels", "rules"}) {
    if (!draft[list].IsNull() && !draft[list].IsArray())
      return Fail(ErrorCode::kInvalidArgument, fmt::format("{}: `{}` must be a list", file, list));
  }
  if (draft["channels"].Size() + draft["rules"].Size() == 0)
    return Fail(ErrorCode::kInvalidArgument, file + " has neither `channels` nor `rules`",
                "docs/notifications.md has an example");
  return draft;
}

class Applying {
 public:
  explicit Applying(const ClientOptions& options) : options_(options), client_(options.server) {}

  int Run(const std::string& file) {
    const auto draft = DraftFrom(file);
    if (!draft) return Report(draft.error());
    if (const int code = PutAll("/v1/notification-channels", (*draft)["channels"], false); code != kDone)
      return code;
    return PutAll("/v1/notification-rules", (*draft)["rules"], true);
  }

 private:
  int PutAll(const std::string& path, const Json& list, bool names_channels) {
    if (list.Size() == 0) return kDone;
    const auto there = Names(path);
    if (!there) return Report(there.error());
    const auto channels = names_channels ? Names("/v1/notification-channels") : there;
    if (!channels) return Report(channels.error());
    int code = kDone;
    for (const Json& one : list.AsArray()) {
      const Json body = names_channels ? WithIds(one, *channels) : one;
      if (const int done = Put(path, body, (*there)[Text(one["name"])]); done != kDone) code = done;
    }
    return code;
  }

  // {name: id}
  Result<Json> Names(const std::string& path) {
    auto reply = client_.Get(path);
    if (!reply) return Fail(reply.error());
    std::vector<Json::Member> names;
    for (const Json& one :
         reply->json["items"].IsArray() ? reply->json["items"].AsArray() : std::span<const Json>())
      names.emplace_back(one["name"], one["id"]);
    return Json::Object(std::move(names));
  }

  // Channels by name; what is no name of one stays, for the server to say so.
  static Json WithIds(const Json& rule, const Json& channels) {
    if (!rule["channels"].IsArray()) return rule;
    std::vector<Json> ids;
    for (const Json& one : rule["channels"].AsArray()) {
      const Json* id = channels.Find(one.StringOr(""));
      ids.push_back(id != nullptr ? *id : one);
    }
    return Json::WithMember(rule, "channels", Json::Array(std::move(ids)));
  }

  int Put(const std::string& path, const Json& body, const Json& id) {
    const std::string at = id.IsString() ? path + "/" + Text(id) : path;
    const auto reply = client_.Send(id.IsString() ? "PATCH" : "POST", at, body);
    return Show(options_, reply, [&](const Json& one) {
      fmt::print("{} {} {}\n", Text(one["id"]), Text(one["name"]), id.IsString() ? "changed" : "created");
    });
  }

  const ClientOptions& options_;
  ApiClient client_;
};

}  // namespace

int ApplyNotifications(const ClientOptions& options, const std::vector<std::string>& files) {
  int code = kDone;
  for (const std::string& file : files) {
    if (const int done = Applying(options).Run(file); done != kDone) code = done;
  }
  return code;
}

int ListChannels(const ClientOptions& options) {
  ApiClient client(options.server, {options.by, options.reason});
  return Show(options, client.Get("/v1/notification-channels"), PrintChannels);
}

int ListRules(const ClientOptions& options, const std::string& workflow) {
  ApiClient client(options.server, {options.by, options.reason});
  net::QueryParameters query;
  if (!workflow.empty()) query.emplace_back("workflow", workflow);
  return Show(options, client.Get("/v1/notification-rules?" + net::BuildQuery(query)), PrintRules);
}

int ListNotifications(const ClientOptions& options, const NotificationOptions& which) {
  ApiClient client(options.server, {options.by, options.reason});
  net::QueryParameters query{{"limit", std::to_string(which.limit)}};
  for (const auto& [name, value] :
       {std::pair{"workflow", which.workflow}, std::pair{"status", which.status},
        std::pair{"execution", which.execution}, std::pair{"channel", which.channel}})
    if (!value.empty()) query.emplace_back(name, value);
  return Show(options, client.Get("/v1/notifications?" + net::BuildQuery(query)), PrintNotifications);
}

int TestChannel(const ClientOptions& options, const std::string& id) {
  ApiClient client(options.server, {options.by, options.reason});
  const auto reply = client.Send("POST", "/v1/notification-channels/" + PercentEncode(id) + "/test", Json());
  const bool delivered = reply && reply->ok() && reply->json["delivered"].BoolOr(false);
  const int code = Show(options, reply, [](const Json& answer) {
    std::puts(((answer["delivered"].BoolOr(false) ? "delivered: " : "not delivered: ") + AnswerText(answer))
                  .c_str());
  });
  return code == kDone && !delivered ? kFailed : code;
}

int RetryNotification(const ClientOptions& options, const std::string& id) {
  ApiClient client(options.server, {options.by, options.reason});
  return Show(options, client.Send("POST", "/v1/notifications/" + PercentEncode(id) + "/retry", Json()),
              [](const Json& one) { std::puts(Text(one["status"]).c_str()); });
}

}  // namespace elevaite::app
