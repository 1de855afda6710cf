// elevaite executions pause|resume|repair|fork: over the API of a server.
#include <fmt/format.h>

#include <cstdio>

#include "app/command_line.h"
#include "app/report.h"
#include "app/terminal.h"
#include "foundation/percent.h"

namespace elevaite::app {
namespace {

// `path`: after the execution's.
int Act(const ClientOptions& options, const RepairArguments& arguments, const std::string& path,
        std::vector<Json::Member> members) {
  if (!arguments.reason.empty()) members.emplace_back("reason", arguments.reason);
  ApiClient client(options.server, {options.by, options.reason});
  const auto reply = client.Send("POST", "/v1/executions/" + PercentEncode(arguments.id) + path,
                                 Json::Object(std::move(members)));
  return Show(options, reply, [&](const Json& execution) {
    fmt::print("{} {}\n", StatusText(execution["status"].StringOr("")), arguments.id);
  });
}

}  // namespace

int PauseExecution(const ClientOptions& options, const RepairArguments& arguments) {
  return Act(options, arguments, "/pause", {});
}

int ResumeExecution(const ClientOptions& options, const RepairArguments& arguments) {
  return Act(options, arguments, "/resume", {});
}

int ForkExecution(const ClientOptions& options, const RepairArguments& arguments) {
  const bool is_id =
      !arguments.task.empty() && arguments.task.find_first_not_of("0123456789") == std::string::npos;
  std::vector<Json::Member> members;
  if (is_id) {
    auto number = ParseJson(arguments.task);
    if (!number) return Report(number.error());
    members.emplace_back("task", *std::move(number));
  } else {
    members.emplace_back("task", arguments.task);
  }
  if (arguments.visit > 0) members.emplace_back("visit", arguments.visit);
  if (!arguments.input.empty()) {
    auto input = ParseJson(arguments.input);
    if (!input) return Report(input.error());
    members.emplace_back("input", *std::move(input));
  }
  if (!arguments.reason.empty()) members.emplace_back("reason", arguments.reason);
  ApiClient client(options.server, {options.by, options.reason});
  const auto reply = client.Send("POST", "/v1/executions/" + PercentEncode(arguments.id) + "/fork",
                                 Json::Object(std::move(members)));
  return Show(options, reply, [](const Json& execution) {
    fmt::print("{} {}\n", StatusText(execution["status"].StringOr("")), execution["id"].StringOr(""));
  });
}

int RepairTask(const ClientOptions& options, const RepairArguments& arguments) {
  std::vector<Json::Member> members;
  for (const auto& [name, text] : {std::pair{"output", &arguments.output}, {"error", &arguments.error}}) {
    if (text->empty()) continue;
    auto value = ParseJson(*text);
    if (!value) return Report(value.error());
    members.emplace_back(name, *std::move(value));
  }
  return Act(options, arguments, "/tasks/" + PercentEncode(arguments.task) + "/" + arguments.act,
             std::move(members));
}

}  // namespace elevaite::app
