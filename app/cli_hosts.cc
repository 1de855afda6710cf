// elevaite flow hosts: limits and circuits of the hosts that workflows call, over the API of a running
// server.
#include <fmt/format.h>

#include <cstdio>

#include "app/command_line.h"
#include "app/report.h"
#include "app/terminal.h"
#include "foundation/percent.h"

namespace elevaite::app {
namespace {

std::string PathOf(const HostArguments& arguments, const char* rest = "") {
  return "/v1/flow/hosts/" + PercentEncode(arguments.host) + rest;
}

std::string ErrorText(const Json& error) {
  if (error.IsNull()) return "";
  return (error["status"].IsNull() ? CellText(error["kind"]) : CellText(error["status"])) + " at " +
         CellText(error["at"]);
}

std::string CircuitText(const Json& circuit) {
  if (circuit.IsNull()) return "";
  if (circuit["until"].IsNull()) return CellText(circuit["state"]);
  return "open until " + CellText(circuit["until"]);
}

void PrintHosts(const Json& view) {
  std::vector<std::vector<std::string>> rules{{"RULE OF", "SAYS"}};
  for (const Json& one : view["rules"].AsArray())
    rules.push_back({CellText(one["host"]), one["rules"].Dump()});
  if (rules.size() > 1) {
    PrintTable(rules);
    std::puts("");
  }
  std::vector<std::vector<std::string>> rows{
      {"HOST", "RULE", "OUT", "WAIT", "OLDEST", "CIRCUIT", "LAST ERROR"}};
  for (const Json& one : view["items"].AsArray()) {
    const std::string limit = one["concurrency"].IsNull() ? "" : "/" + CellText(one["concurrency"]);
    rows.push_back({CellText(one["host"]), CellText(one["rule"]), CellText(one["running"]) + limit,
                    CellText(one["waiting"]), CellText(one["oldest"]), CircuitText(one["circuit"]),
                    ErrorText(one["last_error"])});
  }
  if (rows.size() == 1) {
    std::puts("no host has been called");
  } else {
    PrintTable(rows);
  }
}

void PrintRules(const Json& stored) { std::puts(stored["rules"].DumpPretty().c_str()); }

}  // namespace

int ListHosts(const ClientOptions& options, const HostArguments&) {
  ApiClient client(options.server, {options.by, options.reason});
  return Show(options, client.Get("/v1/flow/hosts?limit=1000"), PrintHosts);
}

int ShowHost(const ClientOptions& options, const HostArguments& arguments) {
  ApiClient client(options.server, {options.by, options.reason});
  return Show(options, client.Get(PathOf(arguments)), PrintRules);
}

int SetHost(const ClientOptions& options, const HostArguments& arguments) {
  const auto rules = ReadRules(arguments.file);
  if (!rules) return Report(rules.error());
  ApiClient client(options.server, {options.by, options.reason});
  return Show(options, client.Send("PUT", PathOf(arguments), *rules), PrintRules);
}

int ClearHost(const ClientOptions& options, const HostArguments& arguments) {
  ApiClient client(options.server, {options.by, options.reason});
  return Show(options, client.Send("DELETE", PathOf(arguments), Json()),
              [](const Json&) { std::puts("no rule"); });
}

int ListHostCalls(const ClientOptions& options, const HostArguments& arguments) {
  ApiClient client(options.server, {options.by, options.reason});
  return Show(options, client.Get(PathOf(arguments, "/calls")), [](const Json& view) {
    std::vector<std::vector<std::string>> rows{{"EXECUTION", "WORKFLOW", "TASK", "STATE", "SINCE"}};
    for (const Json& one : view["items"].AsArray())
      rows.push_back({CellText(one["execution_id"]), CellText(one["workflow"]), CellText(one["task"]),
                      CellText(one["state"]), CellText(one["since"])});
    if (rows.size() == 1) {
      std::puts("nobody calls it");
    } else {
      PrintTable(rows);
    }
  });
}

int CloseCircuit(const ClientOptions& options, const HostArguments& arguments) {
  ApiClient client(options.server, {options.by, options.reason});
  const Json body =
      arguments.reason.empty() ? Json::EmptyObject() : Json::Object({{"reason", arguments.reason}});
  return Show(options, client.Send("POST", PathOf(arguments, "/close"), body),
              [&](const Json&) { fmt::print("{}: closed\n", arguments.host); });
}

}  // namespace elevaite::app
