// elevaite tasks ls|show|answer|reassign|link: what workflows ask people, over the API of a running server.
#include <fmt/format.h>

#include <cstdio>

#include "app/command_line.h"
#include "app/report.h"
#include "app/terminal.h"
#include "foundation/percent.h"

namespace elevaite::app {
namespace {

std::string PathOf(const std::string& id, std::string_view rest = "") {
  return "/v1/tasks/" + PercentEncode(id) + std::string(rest);
}

Result<ApiReply> Post(ApiClient& client, const std::string& path, std::vector<Json::Member> members) {
  std::erase_if(members, [](const Json::Member& one) { return one.value == Json(""); });
  return client.Send("POST", path, Json::Object(std::move(members)));
}

std::string ForWhom(const Json& task) {
  if (task["assignee"].IsString()) return std::string(task["assignee"].AsString());
  return task["role"].IsString() ? "role " + std::string(task["role"].AsString()) : "anybody";
}

void PrintTasks(const Json& page) {
  std::vector<std::vector<std::string>> rows{{"ID", "TITLE", "FOR", "WORKFLOW", "ASKED", "DEADLINE"}};
  for (const Json& task : page["items"].AsArray())
    rows.push_back({std::string(task["id"].StringOr("")), std::string(task["title"].StringOr("")),
                    ForWhom(task), std::string(task["workflow"].StringOr("")),
                    std::string(task["created_at"].StringOr("")),
                    std::string(task["deadline"].StringOr(""))});
  if (rows.size() == 1) {
    std::puts("nobody is asked anything at the moment");
  } else {
    PrintTable(rows);
  }
}

void PrintTask(const Json& task) {
  fmt::print("{}  {}, for {}\n", Styled(task["title"].StringOr(""), Style::kBold),
             task["status"].StringOr(""), ForWhom(task));
  if (!task["text"].StringOr("").empty()) fmt::print("\n{}\n", task["text"].StringOr(""));
  if (!task["data"].IsNull()) fmt::print("\n{}\n", task["data"].DumpPretty());
  if (task["form"].IsObject()) fmt::print("\nform {}\n", task["form"].DumpPretty());
  std::string decisions;
  for (const Json& one : task["decisions"].AsArray())
    decisions += (decisions.empty() ? "" : ", ") + std::string(one["id"].StringOr(""));
  fmt::print("\ndecisions: {}\n", decisions);
  for (const Json& act : task["history"].AsArray())
    fmt::print("  {}\n", Styled(fmt::format("{} {} {}", act["time"].StringOr(""), act["act"].StringOr(""),
                                            act["by"].StringOr("")),
                                Style::kDim));
}

}  // namespace

int ListTasks(const ClientOptions& options, const TaskFilter& filter) {
  ApiClient client(options.server, {options.by, options.reason});
  net::QueryParameters query{{"limit", "200"}, {"status", filter.ended ? "ended" : "open"}};
  for (const auto& [name, value] : {std::pair("assignee", filter.assignee), std::pair("role", filter.role),
                                    std::pair("workflow", filter.workflow)}) {
    if (!value.empty()) query.emplace_back(name, value);
  }
  return Show(options, client.Get("/v1/tasks?" + net::BuildQuery(query)), PrintTasks);
}

int ShowTask(const ClientOptions& options, const std::string& id) {
  ApiClient client(options.server, {options.by, options.reason});
  return Show(options, client.Get(PathOf(id)), PrintTask);
}

int AnswerTask(const ClientOptions& options, const TaskAnswer& answer) {
  ApiClient client(options.server, {options.by, options.reason});
  std::vector<Json::Member> members{
      {"decision", answer.decision}, {"by", answer.by}, {"comment", answer.comment}};
  if (!answer.values.empty()) {
    auto values = ParseJson(answer.values);
    if (!values) {
      PrintError("--values is no JSON: " + values.error().message, "quote it for the shell");
      return kUsage;
    }
    members.emplace_back("values", *std::move(values));
  }
  const auto reply = Post(client, PathOf(answer.id, "/answer"), std::move(members));
  return Show(options, reply, [&](const Json& task) {
    fmt::print("{} {}: {} by {}\n", Styled("✓", Style::kGreen), task["title"].StringOr(""),
               task["outcome"]["decision"].StringOr(""), task["outcome"]["by"].StringOr(""));
  });
}

int ReassignTask(const ClientOptions& options, const TaskReassignment& to) {
  ApiClient client(options.server, {options.by, options.reason});
  const auto reply =
      Post(client, PathOf(to.id, "/reassign"),
           {{"assignee", to.assignee}, {"role", to.role}, {"by", to.by}, {"reason", to.reason}});
  return Show(options, reply, [](const Json& task) {
    fmt::print("{} {} is for {}\n", Styled("✓", Style::kGreen), task["title"].StringOr(""), ForWhom(task));
  });
}

int MakeTaskLink(const ClientOptions& options, const TaskLinkOptions& link) {
  ApiClient client(options.server, {options.by, options.reason});
  const auto reply = Post(client, PathOf(link.id, "/links"),
                          {{"assignee", link.assignee}, {"by", link.by}, {"expires_in", link.expires_in}});
  return Show(options, reply,
              [](const Json& made) { std::puts(std::string(made["url"].StringOr("")).c_str()); });
}

}  // namespace elevaite::app
