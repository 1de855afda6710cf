// elevaite flow: limits of how runs flow, over the API of a running server.
#include <fmt/format.h>

#include <cstdio>
#include <fstream>
#include <iostream>
#include <iterator>

#include "app/command_line.h"
#include "app/report.h"
#include "app/terminal.h"
#include "foundation/percent.h"
#include "foundation/yaml.h"

namespace elevaite::app {
namespace {

std::string PathOf(const FlowArguments& arguments) {
  return arguments.workflow.empty() ? "/v1/flow"
                                    : "/v1/workflows/" + PercentEncode(arguments.workflow) + "/flow";
}

std::string QueryOf(const FlowArguments& arguments, net::QueryParameters query) {
  if (!arguments.workflow.empty()) query.emplace_back("workflow", arguments.workflow);
  return query.empty() ? "" : "?" + net::BuildQuery(query);
}

std::string GateOf(const Json& gate) {
  std::string text = CellText(gate["kind"]);
  if (!gate["expression"].IsNull())
    text += " " + CellText(gate["expression"]) + " = " + CellText(gate["key"]);
  if (!gate["limit"].IsNull()) text += fmt::format(" ({})", CellText(gate["limit"]));
  if (!gate["note"].IsNull()) text += ": " + CellText(gate["note"]);
  return text;
}

void PrintQueue(const Json& page) {
  std::vector<std::vector<std::string>> rows{{"ID", "WORKFLOW", "PRIORITY", "SINCE", "PLACE", "WAITS FOR"}};
  for (const Json& one : page["items"].AsArray()) {
    const Json& waits = one["waits_for"];
    rows.push_back({CellText(one["id"]), CellText(one["namespace"]) + "." + CellText(one["workflow"]),
                    CellText(one["priority"]), CellText(one["created_at"]),
                    waits.IsNull() ? "" : CellText(waits["place"]),
                    waits.IsNull() ? "starts" : GateOf(waits)});
  }
  if (rows.size() == 1) {
    std::puts("nothing waits");
  } else {
    PrintTable(rows);
  }
}

void PrintGates(const Json& view) {
  fmt::print("{} wait, {} are collected, {} run\n", CellText(view["queued"]), CellText(view["collecting"]),
             CellText(view["running"]));
  std::vector<std::vector<std::string>> rows{{"WORKFLOW", "GATE", "IN USE", "WAIT", "OLDEST"}};
  for (const Json& one : view["items"].AsArray()) {
    const std::string used =
        one["in_use"].IsNull() ? "" : CellText(one["in_use"]) + "/" + CellText(one["limit"]);
    rows.push_back({one["workflow"].IsNull() ? "(account)" : CellText(one["workflow"]), GateOf(one), used,
                    CellText(one["waiting"]), CellText(one["oldest"])});
  }
  if (rows.size() > 1) PrintTable(rows);
}

// `told`: what is true then.
int Hold(const ClientOptions& options, const FlowArguments& arguments, const char* act, const char* told) {
  std::vector<Json::Member> members;
  for (const auto& [name, value] : {std::pair{"workflow", &arguments.workflow},
                                    {"expression", &arguments.expression},
                                    {"key", &arguments.key},
                                    {"reason", &arguments.reason},
                                    {"running", &arguments.running}}) {
    if (!value->empty()) members.emplace_back(name, *value);
  }
  ApiClient client(options.server, {options.by, options.reason});
  const auto reply = client.Send("POST", fmt::format("/v1/flow/{}", act), Json::Object(std::move(members)));
  return Show(options, reply, [&](const Json&) {
    fmt::print("{} {}\n", arguments.workflow.empty() ? "the account" : arguments.workflow, told);
  });
}

}  // namespace

Result<Json> ReadRules(const std::string& file) {
  std::ifstream in;
  if (file != "-") {
    in.open(file, std::ios::binary);
    if (!in) return Fail(ErrorCode::kNotFound, "cannot read " + file);
  }
  const std::string text{std::istreambuf_iterator<char>(file == "-" ? std::cin : in), {}};
  const auto node = yaml::Read(text);
  if (!node) return Fail(node.error().ToError(file));
  return node->value();
}

int ShowFlow(const ClientOptions& options, const FlowArguments& arguments) {
  ApiClient client(options.server, {options.by, options.reason});
  return Show(options, client.Get(PathOf(arguments)),
              [](const Json& stored) { std::puts(stored["rules"].DumpPretty().c_str()); });
}

int SetFlow(const ClientOptions& options, const FlowArguments& arguments) {
  const auto rules = ReadRules(arguments.file);
  if (!rules) return Report(rules.error());
  ApiClient client(options.server, {options.by, options.reason});
  return Show(options, client.Send("PUT", PathOf(arguments), *rules),
              [](const Json& stored) { std::puts(stored["rules"].DumpPretty().c_str()); });
}

int ClearFlow(const ClientOptions& options, const FlowArguments& arguments) {
  ApiClient client(options.server, {options.by, options.reason});
  return Show(options, client.Send("DELETE", PathOf(arguments), Json()),
              [](const Json&) { std::puts("no rules"); });
}

int ListQueue(const ClientOptions& options, const FlowArguments& arguments) {
  ApiClient client(options.server, {options.by, options.reason});
  net::QueryParameters query{{"limit", "200"}};
  if (!arguments.key.empty()) query.emplace_back("key", arguments.key);
  return Show(options, client.Get("/v1/flow/queue" + QueryOf(arguments, std::move(query))), PrintQueue);
}

int ListGates(const ClientOptions& options, const FlowArguments& arguments) {
  ApiClient client(options.server, {options.by, options.reason});
  return Show(options, client.Get("/v1/flow/gates" + QueryOf(arguments, {})), PrintGates);
}

int PauseFlow(const ClientOptions& options, const FlowArguments& arguments) {
  return Hold(options, arguments, "pause", "is paused");
}

int ResumeFlow(const ClientOptions& options, const FlowArguments& arguments) {
  return Hold(options, arguments, "resume", "goes on");
}

}  // namespace elevaite::app
