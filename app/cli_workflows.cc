// elevaite workflow apply|ls, run, executions ls|show|watch|cancel|migrate, wait-ready: over the API of a
// running server.
#include <fmt/format.h>
#include <signal.h>

#include <chrono>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <optional>
#include <thread>

#include "app/command_line.h"
#include "app/report.h"
#include "app/terminal.h"
#include "foundation/percent.h"
#include "net/url.h"
#include "services/workflow/rehearsal/test_file.h"

namespace elevaite::app {
namespace {

Result<std::string> ReadFile(const std::string& path) {
  std::error_code error;
  if (std::filesystem::is_directory(path, error))
    return Fail(ErrorCode::kInvalidArgument, path + " is a folder, not a file");
  std::ifstream in(path, std::ios::binary);
  if (!in) return Fail(ErrorCode::kNotFound, "cannot read " + path);
  return std::string(std::istreambuf_iterator<char>(in), {});
}

// "examples/x.yaml:7:3 error DSL0101: ..."
void PrintDiagnostics(const std::string& file, const Json& diagnostics) {
  if (!diagnostics.IsArray()) return;
  for (const Json& d : diagnostics.AsArray()) {
    const std::string_view severity = d["severity"].StringOr("error");
    fmt::print(stderr, "{}:{}:{} {} {}: {}\n", file, d["line"].IntOr(0), d["column"].IntOr(0), severity,
               d["code"].StringOr(""), d["message"].StringOr(""));
    if (d["hint"].IsString()) fmt::print(stderr, "    {}\n", d["hint"].AsString());
  }
}

struct Applied {
  std::string name;  // namespace.name
  std::string version;
  bool changed = false;
};

// `query`: of the request, such as "?activate=false".
std::optional<Applied> Apply(ApiClient& client, const std::string& file, Json* reply_json,
                             const std::string& query = {}) {
  const auto source = ReadFile(file);
  if (!source) {
    Report(source.error());
    return std::nullopt;
  }
  const auto reply = client.Call("POST", "/v1/workflows" + query, *source,
                                 {{"content-type", "application/yaml"}, {"x-elevaite-client", "cli"}});
  if (!reply) {
    Report(reply.error());
    return std::nullopt;
  }
  if (reply_json) *reply_json = reply->json;
  if (!reply->ok()) {
    if (reply->json["diagnostics"].IsArray()) {
      PrintDiagnostics(file, reply->json["diagnostics"]);
    } else {
      PrintError(file + ": " + reply->Problem());
    }
    return std::nullopt;
  }
  PrintDiagnostics(file, reply->json["diagnostics"]);
  return Applied{
      .name = fmt::format("{}.{}", reply->json["namespace"].StringOr(""), reply->json["name"].StringOr("")),
      .version = std::string(reply->json["version"].StringOr("")),
      .changed = reply->status == 201};
}

bool IsDocument(const std::string& target) {
  return target.ends_with(".yaml") || target.ends_with(".yml") || target.ends_with(".json");
}

struct InputBody {
  std::string body;
  std::string content_type;
};

// JSON as it is; @file.json as JSON, any other @file as text.
Result<InputBody> InputOf(const std::string& argument) {
  if (argument.empty()) return InputBody{"null", "application/json"};
  if (argument.front() != '@') {
    auto parsed = ParseJson(argument);
    if (!parsed)
      return Fail(ErrorCode::kInvalidArgument, "--input is not JSON: " + parsed.error().message,
                  "quote it for the shell, or use --input @FILE");
    return InputBody{argument, "application/json"};
  }
  const std::string path = argument.substr(1);
  ASSIGN_OR_RETURN(std::string text, ReadFile(path));
  return InputBody{std::move(text),
                   path.ends_with(".json") ? "application/json" : "text/plain; charset=utf-8"};
}

bool Ended(const Json& execution) {
  const std::string_view status = execution["status"].StringOr("");
  return status == "completed" || status == "faulted" || status == "cancelled";
}

// Prints what the events say, one line for each task that ends; rounds of loops are counted, not listed.
class Progress {
 public:
  void Show(const Json& event) {
    const std::string_view type = event["type"].StringOr("");
    if (type == "loop.advanced") ++rounds_;
    if (type == "task.started" && event["kind"].StringOr("") == "for") ++loops_;
    const bool inside_loop = loops_ > 0 && !event["parent_id"].IsNull();
    if (type == "task.completed" && event["kind"].StringOr("") == "for") {
      --loops_;
      Line(Styled("✓", Style::kGreen), event, fmt::format("{} rounds", rounds_));
      rounds_ = 0;
    } else if (inside_loop) {
      return;
    } else if (type == "task.completed") {
      Line(Styled("✓", Style::kGreen), event,
           event["case"].IsString() ? fmt::format("→ {}", event["case"].AsString()) : "");
    } else if (type == "task.faulted") {
      Line(Styled("✗", Style::kRed), event, event["error"]["title"].StringOr(""));
    } else if (type == "task.skipped") {
      Line(Styled("»", Style::kDim), event, "skipped");
    } else if (type == "retry.scheduled" || type == "activity.failed") {
      Line(Styled("↻", Style::kYellow), event, fmt::format("tries again at {}", event["due"].StringOr("")));
    } else if (type == "task.started" && event["due"].IsString()) {
      Line(Styled("◷", Style::kYellow), event, fmt::format("waits until {}", event["due"].AsString()));
    }
  }

 private:
  static void Line(const std::string& sign, const Json& event, std::string_view more) {
    fmt::print("  {} {}  {}\n", sign, event["name"].StringOr(""),
               Styled(fmt::format("{} {}", event["kind"].StringOr(""), more), Style::kDim));
    std::fflush(stdout);
  }
  std::uint64_t rounds_ = 0;
  int loops_ = 0;
};

// Follows the journal until the execution ends; false when the server cannot be reached.
bool Follow(ApiClient& client, const std::string& id, bool quiet) {
  Progress progress;
  std::int64_t after = 0;
  auto pause = std::chrono::milliseconds(20);
  while (true) {
    const auto reply = client.Get(fmt::format("/v1/executions/{}/events?after={}", PercentEncode(id), after));
    if (!reply || !reply->ok()) {
      reply ? Report(*reply) : Report(reply.error());
      return false;
    }
    const Json& items = reply->json["items"];
    for (const Json& event : items.AsArray()) {
      after = event["seq"].IntOr(after);
      if (!quiet) progress.Show(event);
      const std::string_view type = event["type"].StringOr("");
      if (type == "execution.completed" || type == "execution.faulted" || type == "execution.cancelled")
        return true;
    }
    if (items.Size() > 0) continue;
    std::this_thread::sleep_for(pause);
    pause = std::min(pause * 2, std::chrono::milliseconds(500));
  }
}

int PrintEnd(ApiClient& client, const std::string& id, bool json) {
  const auto reply = client.Get("/v1/executions/" + PercentEncode(id));
  if (!reply) return Report(reply.error());
  if (!reply->ok()) return Report(*reply);
  const Json& execution = reply->json;
  if (json) {
    std::puts(execution.DumpPretty().c_str());
  } else {
    fmt::print("{} {} in {}\n", StatusText(execution["status"].StringOr("")), Styled(id, Style::kDim),
               DurationText(execution["duration_ms"]));
    const bool completed = execution["status"].StringOr("") == "completed";
    std::puts((completed ? execution["output"] : execution["error"]).DumpPretty().c_str());
    fmt::print("{}\n", Styled(client.server() + "/executions/" + id, Style::kDim));
  }
  return execution["status"].StringOr("") == "completed" ? kDone : kFailed;
}

}  // namespace

int ApplyWorkflows(const ClientOptions& options, const ApplyOptions& apply) {
  ApiClient client(options.server);
  net::QueryParameters parameters;
  if (apply.keep_current) parameters.emplace_back("activate", "false");
  if (!apply.note.empty()) parameters.emplace_back("note", apply.note);
  if (!options.by.empty()) parameters.emplace_back("by", options.by);
  const std::string query = parameters.empty() ? "" : "?" + net::BuildQuery(parameters);
  std::vector<Json> replies;
  int code = kDone;
  for (const std::string& file : apply.files) {
    if (file.ends_with(rehearsal::kTestFileEnding)) continue;  // of `apply folder/*.yaml`
    Json reply;
    const auto applied = Apply(client, file, &reply, query);
    replies.push_back(Json::Object({{"file", file}, {"result", reply}}));
    if (!applied) {
      code = kFailed;
    } else if (!options.json) {
      const std::string sign = applied->changed ? Styled("✓", Style::kGreen) : Styled("=", Style::kDim);
      fmt::print("  {} {} {} {}\n", sign, applied->name, applied->version,
                 Styled(applied->changed ? "published" : "unchanged", Style::kDim));
    }
  }
  if (options.json) std::puts(Json::Array(std::move(replies)).DumpPretty().c_str());
  return code;
}

int ListWorkflows(const ClientOptions& options) {
  ApiClient client(options.server, {options.by, options.reason});
  const auto reply = client.Get("/v1/workflows?limit=200");
  if (!reply) return Report(reply.error());
  if (!reply->ok()) return Report(*reply);
  if (options.json) {
    std::puts(reply->json.DumpPretty().c_str());
    return kDone;
  }
  std::vector<std::vector<std::string>> rows{{"NAME", "VERSION", "TITLE", "EXECUTIONS"}};
  for (const Json& w : reply->json["items"].AsArray()) {
    rows.push_back({fmt::format("{}.{}", w["namespace"].StringOr(""), w["name"].StringOr("")),
                    std::string(w["version"].StringOr("")), std::string(w["title"].StringOr("")),
                    w["executions"]["total"].Dump()});
  }
  if (rows.size() == 1) {
    std::puts("no workflows yet; publish one with: elevaite workflow apply FILE");
  } else {
    PrintTable(rows);
  }
  return kDone;
}

int RunWorkflow(const ClientOptions& options, const RunOptions& run) {
  ApiClient client(options.server, {options.by, options.reason});
  std::string name = run.target;
  std::string version = run.version;
  if (IsDocument(run.target)) {
    const auto applied = Apply(client, run.target, nullptr);
    if (!applied) return kFailed;
    name = applied->name;
    version = applied->version;
  }
  const auto input = InputOf(run.input);
  if (!input) return Report(input.error());
  ApiClient::Headers headers{{"content-type", input->content_type}, {"x-elevaite-client", "cli"}};
  if (!run.key.empty()) headers.emplace_back("idempotency-key", run.key);
  const std::string path = fmt::format("/v1/workflows/{}/executions{}{}", PercentEncode(name),
                                       version.empty() ? "" : "?version=", PercentEncode(version));
  const auto started = client.Call("POST", path, input->body, std::move(headers));
  if (!started) return Report(started.error());
  if (!started->ok()) return Report(*started);
  const std::string id(started->json["id"].StringOr(""));
  if (run.detach) {
    std::puts(options.json ? started->json.DumpPretty().c_str() : id.c_str());
    return kDone;
  }
  if (!Ended(started->json) || !options.json) {
    if (!Follow(client, id, options.json)) return kFailed;
  }
  return PrintEnd(client, id, options.json);
}

net::QueryParameters QueryOf(const FindOptions& find) {
  net::QueryParameters query;
  const auto add = [&query](const char* name, const std::string& value) {
    if (!value.empty()) query.emplace_back(name, value);
  };
  add("workflow", find.workflow);
  add("version", find.version);
  add("status", find.status);
  add("error", find.error);
  add("parent", find.parent);
  for (const std::string& tag : find.tags) add("tag", tag);
  for (const std::string& attribute : find.attributes) add("attribute", attribute);
  add("id", find.id);
  add("since", find.since);
  add("until", find.until);
  add("finished_since", find.finished_since);
  add("finished_until", find.finished_until);
  return query;
}

namespace {

// A page may hold less than was asked for while there is more: what is rare is looked for in steps.
Result<std::vector<Json>> FindExecutions(ApiClient& client, const FindOptions& find, ApiReply& refused) {
  std::vector<Json> items;
  std::string cursor;
  const auto limit = static_cast<std::size_t>(find.limit);
  while (items.size() < limit) {
    net::QueryParameters query = QueryOf(find);
    query.emplace_back("limit", std::to_string(limit - items.size()));
    if (!cursor.empty()) query.emplace_back("cursor", cursor);
    ASSIGN_OR_RETURN(ApiReply reply, client.Get("/v1/executions?" + net::BuildQuery(query)));
    if (!reply.ok()) {
      refused = std::move(reply);
      return items;
    }
    for (const Json& item : reply.json["items"].AsArray()) items.push_back(item);
    cursor = reply.json["next_cursor"].StringOr("");
    if (cursor.empty()) break;
  }
  return items;
}

}  // namespace

int ListExecutions(const ClientOptions& options, const FindOptions& find) {
  ApiClient client(options.server, {options.by, options.reason});
  ApiReply refused{.status = 200};
  auto items = FindExecutions(client, find, refused);
  if (!items) return Report(items.error());
  if (!refused.ok()) return Report(refused);
  if (options.json) {
    std::puts(Json::Object({{"items", Json::Array(*std::move(items))}}).DumpPretty().c_str());
    return kDone;
  }
  std::vector<std::vector<std::string>> rows{{"ID", "WORKFLOW", "STATUS", "CREATED", "DURATION"}};
  for (const Json& e : *items) {
    rows.push_back({std::string(e["id"].StringOr("")),
                    fmt::format("{} {}", e["workflow"].StringOr(""), e["version"].StringOr("")),
                    StatusText(e["status"].StringOr("")), std::string(e["created_at"].StringOr("")),
                    DurationText(e["duration_ms"])});
  }
  PrintTable(rows);
  return kDone;
}

int ShowExecution(const ClientOptions& options, const std::string& id) {
  ApiClient client(options.server, {options.by, options.reason});
  const auto reply = client.Get("/v1/executions/" + PercentEncode(id));
  if (!reply) return Report(reply.error());
  if (!reply->ok()) return Report(*reply);
  const Json& e = reply->json;
  if (options.json) {
    std::puts(e.DumpPretty().c_str());
    return kDone;
  }
  fmt::print("{} {} {}  {}\n", Styled(e["workflow"].StringOr(""), Style::kBold), e["version"].StringOr(""),
             StatusText(e["status"].StringOr("")), DurationText(e["duration_ms"]));
  std::vector<std::vector<std::string>> rows{{"TASK", "KIND", "STATUS", "ROUND", "ATTEMPTS", "DURATION"}};
  for (const Json& t : e["tasks"].AsArray()) {
    rows.push_back({std::string(t["ref"].StringOr("")), std::string(t["kind"].StringOr("")),
                    StatusText(t["status"].StringOr("")),
                    t["iteration"].IsNull() ? "" : t["iteration"].Dump(), t["attempts"].Dump(),
                    DurationText(t["duration_ms"])});
  }
  PrintTable(rows);
  if (!e["error"].IsNull()) fmt::print("error  {}\n", e["error"].DumpPretty());
  if (!e["output"].IsNull()) fmt::print("output {}\n", e["output"].DumpPretty());
  return kDone;
}

int WatchExecution(const ClientOptions& options, const std::string& id) {
  ApiClient client(options.server, {options.by, options.reason});
  if (!Follow(client, id, options.json)) return kFailed;
  return PrintEnd(client, id, options.json);
}

int CancelExecution(const ClientOptions& options, const std::string& id, const CancelOptions& cancel) {
  ApiClient client(options.server, {options.by, options.reason});
  std::vector<Json::Member> members{{"reason", cancel.reason}, {"force", cancel.force}};
  if (!cancel.grace.empty()) members.emplace_back("grace", cancel.grace);
  const Json body = Json::Object(std::move(members));
  const auto reply = client.Send("POST", "/v1/executions/" + PercentEncode(id) + "/cancel", body);
  if (!reply) return Report(reply.error());
  if (!reply->ok()) return Report(*reply);
  if (options.json) {
    std::puts(reply->json.DumpPretty().c_str());
    return kDone;
  }
  fmt::print("{} {}\n", StatusText(reply->json["status"].StringOr("")), id);
  if (const Json& until = reply->json["cancelling"]["until"]; until.IsString())
    fmt::print("it cleans up until {} at the latest; --force ends it at once\n", until.AsString());
  return kDone;
}

namespace {

void PrintObstacles(const Json& problem) {
  for (const Json& one : problem["obstacles"].AsArray())
    fmt::print(stderr, "{} {} {}\n    {}\n", Styled("✗", Style::kRed), one["task"].StringOr("it"),
               one["why"].StringOr(""), one["advice"].StringOr(""));
}

void PrintMigration(const Json& migration) {
  const bool moved = migration["migrated"].BoolOr(false);
  const std::string_view from = migration["from"].StringOr("");
  const std::string_view to = migration["to"].StringOr("");
  if (from == to) {
    fmt::print("{} is on version {} already\n", migration["id"].StringOr(""), to);
    return;
  }
  fmt::print("{} {} from version {} to {}\n", migration["id"].StringOr(""),
             moved ? "has moved" : "can be moved", from, to);
  for (const Json& task : migration["tasks"].AsArray())
    fmt::print("  {}  →  {}\n", task["from"].StringOr(""), task["to"].StringOr(""));
  for (const Json& passed : migration["passed"].AsArray())
    fmt::print("  {}  {}\n", passed.StringOr(""), Styled("is new, and passed already", Style::kDim));
}

}  // namespace

int MigrateExecution(const ClientOptions& options, const MigrateOptions& migrate) {
  ApiClient client(options.server, {options.by, options.reason});
  const Json body = Json::Object({{"version", migrate.version},
                                  {"reason", migrate.reason.empty() ? Json() : Json(migrate.reason)},
                                  {"dry_run", migrate.dry_run}});
  const auto reply = client.Send("POST", "/v1/executions/" + PercentEncode(migrate.id) + "/migrate", body);
  if (!reply) return Report(reply.error());
  if (options.json) std::puts(reply->json.DumpPretty().c_str());
  if (!reply->ok()) {
    if (options.json) return kFailed;
    if (reply->json["obstacles"].IsArray()) PrintObstacles(reply->json);
    return Report(*reply);
  }
  if (!options.json) PrintMigration(reply->json);
  return kDone;
}

int WaitReady(const ClientOptions& options, int pid) {
  ApiClient client(options.server, {options.by, options.reason});
  const auto give_up = std::chrono::steady_clock::now() + std::chrono::seconds(60);
  while (std::chrono::steady_clock::now() < give_up) {
    const auto reply = client.Get("/ready");
    if (reply && reply->ok()) return kDone;
    if (pid > 0 && kill(pid, 0) != 0) return kFailed;
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
  }
  PrintError("the server at " + options.server + " did not become ready within 60 s");
  return kFailed;
}

}  // namespace elevaite::app
