// elevaite webhooks ls|requests|replay: what starts workflows from outside, over the API of a running server.
#include <fmt/format.h>

#include <cstdio>

#include "app/command_line.h"
#include "app/report.h"
#include "app/terminal.h"
#include "foundation/percent.h"

namespace elevaite::app {
namespace {

std::string Text(const Json& value) { return std::string(value.StringOr("")); }

std::string StateOf(const Json& webhook) {
  if (!webhook["enabled"].BoolOr(true)) return "disabled";
  if (webhook["capture"].BoolOr(false)) return "captures";
  return webhook["secret_found"].BoolOr(true) ? "" : "no secret";
}

void PrintWebhooks(const Json& page) {
  std::vector<std::vector<std::string>> rows{
      {"ID", "METHODS", "PATH", "WORKFLOW", "CALLERS", "STATE", "LAST REQUEST"}};
  for (const Json& one : page["items"].AsArray()) {
    std::string methods;
    for (const Json& method : one["methods"].AsArray())
      methods += (methods.empty() ? "" : " ") + Text(method);
    const Json& last = one["last_request"];
    rows.push_back({Text(one["id"]), methods, Text(one["url"]),
                    Text(one["namespace"]) + "." + Text(one["workflow"]), Text(one["authentication"]["type"]),
                    StateOf(one), last.IsNull() ? "" : Text(last["at"]) + " " + Text(last["result"])});
  }
  if (rows.size() == 1) {
    std::puts("there is no webhook; POST /v1/webhooks makes one");
  } else {
    PrintTable(rows);
  }
}

void PrintRequests(const Json& page) {
  std::vector<std::vector<std::string>> rows{{"ID", "AT", "RESULT", "STATUS", "EXECUTION", "REASON"}};
  for (const Json& one : page["items"].AsArray())
    rows.push_back({Text(one["id"]), Text(one["at"]), Text(one["result"]), one["status"].Dump(),
                    Text(one["execution"]), Text(one["reason"])});
  if (rows.size() == 1) {
    std::puts("no request has come since the server started");
  } else {
    PrintTable(rows);
  }
}

}  // namespace

int ListWebhooks(const ClientOptions& options, const std::string& workflow) {
  ApiClient client(options.server, {options.by, options.reason});
  net::QueryParameters query{{"limit", "200"}};
  if (!workflow.empty()) query.emplace_back("workflow", workflow);
  return Show(options, client.Get("/v1/webhooks?" + net::BuildQuery(query)), PrintWebhooks);
}

int ListWebhookRequests(const ClientOptions& options, const std::string& id) {
  ApiClient client(options.server, {options.by, options.reason});
  return Show(options, client.Get("/v1/webhooks/" + PercentEncode(id) + "/requests"), PrintRequests);
}

int ReplayWebhookRequest(const ClientOptions& options, const std::string& id, const std::string& request) {
  ApiClient client(options.server, {options.by, options.reason});
  const std::string path =
      "/v1/webhooks/" + PercentEncode(id) + "/requests/" + PercentEncode(request) + "/replay";
  return Show(options, client.Send("POST", path, Json()),
              [](const Json& started) { std::puts(Text(started["execution"]).c_str()); });
}

}  // namespace elevaite::app
