// elevaite retention: how long the account keeps its executions, over the API of a running server.
#include <cstdio>

#include "app/command_line.h"
#include "app/report.h"
#include "app/terminal.h"

namespace elevaite::app {
namespace {

constexpr const char* kPath = "/v1/retention";

void PrintTimes(const Json& answer) {
  std::vector<std::vector<std::string>> rows{{"EXECUTIONS THAT", "ARE KEPT", "SAYS"}};
  for (const auto& [name, text] :
       {std::pair{"completed", "completed"}, {"faulted", "faulted, were cancelled"}}) {
    const bool own = answer["rules"].Find(name) != nullptr && !answer["rules"][name].IsNull();
    rows.push_back({text, CellText(answer["in_force"][name]), own ? "the account" : "the server"});
  }
  PrintTable(rows);
  std::puts(answer["archived"].BoolOr(false) ? "then they go to the archive" : "then they are forgotten");
}

// `members` and why.
Json With(std::vector<Json::Member> members, const std::string& reason) {
  if (!reason.empty()) members.emplace_back("reason", reason);
  return Json::Object(std::move(members));
}

}  // namespace

int ShowRetention(const ClientOptions& options, const RetentionArguments&) {
  ApiClient client(options.server, {options.by, options.reason});
  return Show(options, client.Get(kPath), PrintTimes);
}

int SetRetention(const ClientOptions& options, const RetentionArguments& arguments) {
  std::vector<Json::Member> members;
  if (!arguments.completed.empty()) members.emplace_back("completed", arguments.completed);
  if (!arguments.faulted.empty()) members.emplace_back("faulted", arguments.faulted);
  ApiClient client(options.server, {options.by, options.reason});
  return Show(options, client.Send("PUT", kPath, With(std::move(members), arguments.reason)), PrintTimes);
}

int ClearRetention(const ClientOptions& options, const RetentionArguments& arguments) {
  ApiClient client(options.server, {options.by, options.reason});
  return Show(options, client.Send("DELETE", kPath, With({}, arguments.reason)),
              [](const Json&) { std::puts("as the server says"); });
}

}  // namespace elevaite::app
