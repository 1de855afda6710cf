// elevaite workflow versions|history|rollback|activate|canary|promote: which version new executions get. Over
// the API of a server.
#include <fmt/format.h>

#include <cstdio>

#include "app/command_line.h"
#include "app/report.h"
#include "app/terminal.h"
#include "foundation/percent.h"

namespace elevaite::app {
namespace {

std::string PathOf(const std::string& workflow, std::string_view rest) {
  return "/v1/workflows/" + PercentEncode(workflow) + std::string(rest);
}

std::string CanaryText(const Json& canary) {
  if (canary.IsNull()) return {};
  std::string text = fmt::format("{} for {} %", canary["version"].StringOr(""), canary["percent"].IntOr(0));
  if (const Json& when = canary["abort_when"]; !when.IsNull())
    text += fmt::format(", stopped when more than {:g} % of at least {} runs fail",
                        when["failure_ratio"].AsDouble() * 100, when["runs"].IntOr(0));
  return text;
}

int Act(const ClientOptions& options, const DeploymentArguments& arguments, std::string_view path,
        std::vector<Json::Member> members) {
  if (!arguments.note.empty()) members.emplace_back("note", arguments.note);
  ApiClient client(options.server, {options.by, options.reason});
  const auto reply = client.Send("POST", PathOf(arguments.workflow, path), Json::Object(std::move(members)));
  return Show(options, reply, [](const Json& deployment) {
    fmt::print("{} starts {}\n", deployment["workflow"].StringOr(""),
               Styled(deployment["current_version"].StringOr(""), Style::kBold));
    if (const std::string canary = CanaryText(deployment["canary"]); !canary.empty())
      fmt::print("canary: {}\n", canary);
  });
}

std::string FailedText(const Json& recent) {
  const std::int64_t faulted = recent["faulted"].IntOr(0);
  const std::int64_t ended = faulted + recent["completed"].IntOr(0);
  return ended == 0 ? "" : fmt::format("{} of {}", faulted, ended);
}

std::string MoveText(const Json& version) {
  const Json& move = version["move_to_current"];
  if (move.IsNull()) return {};
  if (move["safe"].BoolOr(false)) return "safe";
  return fmt::format("look: {}", move["in_the_way"].At(0)["message"].StringOr(""));
}

}  // namespace

int ListVersions(const ClientOptions& options, const std::string& workflow) {
  ApiClient client(options.server, {options.by, options.reason});
  const auto reply = client.Get(PathOf(workflow, "/versions?counts=true"));
  return Show(options, reply, [](const Json& answer) {
    std::vector<std::vector<std::string>> rows{
        {"VERSION", "PUBLISHED", "STARTS", "UNFINISHED", "FAILED", "TO CURRENT"}};
    for (const Json& v : answer["items"].AsArray()) {
      const bool current = v["current"].BoolOr(false);
      const Json& percent = v["canary_percent"];
      rows.push_back({std::string(v["version"].StringOr("")), std::string(v["created_at"].StringOr("")),
                      current            ? "current"
                      : percent.IsNull() ? ""
                                         : fmt::format("canary {} %", percent.IntOr(0)),
                      v["unfinished"].Dump(), FailedText(v["recent"]), MoveText(v)});
    }
    PrintTable(rows);
    fmt::print("{}\n", Styled(fmt::format("failed: of those that began since {}",
                                          answer["counted_since"].StringOr("")),
                              Style::kDim));
    if (!answer["counted_all"].BoolOr(true))
      fmt::print("{}\n", Styled("there are more unfinished ones than were counted", Style::kDim));
  });
}

int ListDeploymentChanges(const ClientOptions& options, const std::string& workflow) {
  ApiClient client(options.server, {options.by, options.reason});
  const auto reply = client.Get(PathOf(workflow, "/deployment/history"));
  return Show(options, reply, [](const Json& answer) {
    std::vector<std::vector<std::string>> rows{{"AT", "ACT", "CURRENT", "CANARY", "BY", "NOTE"}};
    for (const Json& c : answer["items"].AsArray())
      rows.push_back({std::string(c["at"].StringOr("")), std::string(c["act"].StringOr("")),
                      std::string(c["current_version"].StringOr("")), CanaryText(c["canary"]),
                      std::string(c["by"].StringOr("")), std::string(c["note"].StringOr(""))});
    PrintTable(rows);
  });
}

int ActivateVersion(const ClientOptions& options, const DeploymentArguments& arguments) {
  return Act(options, arguments, "/activate", {{"version", arguments.version}});
}

int SetCanary(const ClientOptions& options, const DeploymentArguments& arguments) {
  std::vector<Json::Member> members{{"version", arguments.version}, {"percent", arguments.percent}};
  if (arguments.abort_percent > 0)
    members.emplace_back("abort_when", Json::Object({{"failure_ratio", arguments.abort_percent / 100},
                                                     {"runs", arguments.abort_runs}}));
  return Act(options, arguments, "/canary", std::move(members));
}

int PromoteCanary(const ClientOptions& options, const DeploymentArguments& arguments) {
  return Act(options, arguments, "/canary/promote", {});
}

int StopCanary(const ClientOptions& options, const DeploymentArguments& arguments) {
  return Act(options, arguments, "/canary/stop", {});
}

}  // namespace elevaite::app
