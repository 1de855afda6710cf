// elevaite operations run|ls|show|cancel: one act on many executions, over the API of a server.
#include <fmt/format.h>

#include <chrono>
#include <cstdio>
#include <thread>
#include <utility>

#include "app/command_line.h"
#include "app/report.h"
#include "app/terminal.h"
#include "foundation/percent.h"

namespace elevaite::app {
namespace {

std::string PathOf(const std::string& id, std::string_view rest = "") {
  return "/v1/operations/" + PercentEncode(id) + std::string(rest);
}

Json FilterJson(const FindOptions& find, const std::string& key) {
  std::vector<Json::Member> members;
  if (!key.empty()) members.emplace_back("key", key);
  std::vector<Json> tags;
  std::vector<Json> attributes;
  for (const auto& [name, value] : QueryOf(find)) {
    if (name == "tag") {
      tags.emplace_back(value);
    } else if (name == "attribute") {
      attributes.emplace_back(value);
    } else {
      members.emplace_back(std::string_view(name), value);
    }
  }
  if (!tags.empty()) members.emplace_back("tag", Json::Array(std::move(tags)));
  if (!attributes.empty()) members.emplace_back("attribute", Json::Array(std::move(attributes)));
  return Json::Object(std::move(members));
}

Result<Json> BodyOf(const OperationArguments& arguments) {
  std::vector<Json::Member> members{{"act", arguments.act},
                                    {"filter", FilterJson(arguments.find, arguments.key)}};
  for (const auto& [name, text] : {std::pair{"reason", &arguments.reason},
                                   {"version", &arguments.version},
                                   {"task", &arguments.task},
                                   {"grace", &arguments.grace}}) {
    if (!text->empty()) members.emplace_back(name, *text);
  }
  for (const auto& [name, text] : {std::pair{"output", &arguments.output}, {"error", &arguments.error}}) {
    if (text->empty()) continue;
    ASSIGN_OR_RETURN(Json value, ParseJson(*text));
    members.emplace_back(name, std::move(value));
  }
  if (arguments.priority > 0) members.emplace_back("priority", arguments.priority);
  if (arguments.dry_run) members.emplace_back("dry_run", true);
  return Json::Object(std::move(members));
}

std::string ProgressText(const Json& one) {
  const std::int64_t looked_at = one["done"].IntOr(0) + one["skipped"].IntOr(0) + one["failed"].IntOr(0);
  return fmt::format("{} of {}: {} done, {} skipped, {} failed", looked_at,
                     one["total"].IsNull() ? "?" : std::to_string(one["total"].IntOr(0)),
                     one["done"].IntOr(0), one["skipped"].IntOr(0), one["failed"].IntOr(0));
}

void PrintOperation(const Json& one) {
  fmt::print("{} {} {}\n{}\n", one["state"].StringOr(""), one["act"].StringOr(""), one["id"].StringOr(""),
             ProgressText(one));
  for (const Json& reason : one["reasons"].AsArray())
    fmt::print("  {} {}: {}\n", reason["outcome"].StringOr(""), reason["execution"].StringOr(""),
               reason["message"].StringOr(""));
}

void PrintPreview(const Json& preview) {
  const std::int64_t queued = preview["queued"].IntOr(0);
  fmt::print("{}{} executions match{}\n", preview["at_least"].BoolOr(false) ? "at least " : "",
             preview["count"].IntOr(0),
             queued > 0 ? fmt::format("; {} of them wait in the queue", queued) : std::string());
  for (const Json& one : preview["examples"].AsArray())
    fmt::print("  {} {} {}\n", one["id"].StringOr(""), one["workflow"].StringOr(""),
               StatusText(one["status"].StringOr("")));
}

// Until it has ended; what failed counts as a failure of the command.
int Follow(const ClientOptions& options, ApiClient& client, const std::string& id) {
  std::string told;
  while (true) {
    const auto reply = client.Get(PathOf(id));
    if (!reply || !reply->ok()) return Show(options, reply, PrintOperation);
    const Json& one = reply->json;
    if (one["state"].StringOr("") != "running") {
      const int code = Show(options, reply, PrintOperation);
      return code == kDone && one["failed"].IntOr(0) > 0 ? kFailed : code;
    }
    const std::string now = ProgressText(one);
    if (!options.json && now != told) fmt::print(stderr, "{}\n", now);
    told = now;
    std::this_thread::sleep_for(std::chrono::milliseconds(500));
  }
}

}  // namespace

int RunOperation(const ClientOptions& options, const OperationArguments& arguments) {
  const auto body = BodyOf(arguments);
  if (!body) return Report(body.error());
  ApiClient client(options.server, {options.by, options.reason});
  const auto reply = client.Send("POST", "/v1/operations", *body);
  if (!reply || !reply->ok() || arguments.dry_run) return Show(options, reply, PrintPreview);
  if (arguments.detach) return Show(options, reply, PrintOperation);
  return Follow(options, client, std::string(reply->json["id"].StringOr("")));
}

int ListOperations(const ClientOptions& options) {
  ApiClient client(options.server, {options.by, options.reason});
  return Show(options, client.Get("/v1/operations"), [](const Json& page) {
    std::vector<std::vector<std::string>> rows{{"ID", "ACT", "STATE", "PROGRESS", "CREATED"}};
    for (const Json& one : page["items"].AsArray())
      rows.push_back({std::string(one["id"].StringOr("")), std::string(one["act"].StringOr("")),
                      std::string(one["state"].StringOr("")), ProgressText(one),
                      std::string(one["created_at"].StringOr(""))});
    PrintTable(rows);
  });
}

int ShowOperation(const ClientOptions& options, const std::string& id) {
  ApiClient client(options.server, {options.by, options.reason});
  return Show(options, client.Get(PathOf(id)), PrintOperation);
}

int CancelOperation(const ClientOptions& options, const std::string& id) {
  ApiClient client(options.server, {options.by, options.reason});
  return Show(options, client.Send("POST", PathOf(id, "/cancel"), Json()), PrintOperation);
}

}  // namespace elevaite::app
