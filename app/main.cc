// elevaite: the command line.
#include <CLI/CLI.hpp>
#include <cstdio>
#include <exception>

#include "app/command_line.h"
#include "app/terminal.h"
#include "app/version.h"

namespace elevaite::app {
namespace {

constexpr const char* kExamples = R"(
Examples:
  elevaite serve                                        start everything on http://127.0.0.1:8000
  elevaite workflow apply examples/*.yaml               publish workflows
  elevaite run triage-orders --input @examples/data/orders.csv
  elevaite executions ls --status faulted
  elevaite dsl check my-workflow.yaml
  elevaite test examples                                play them with mocked calls, months in seconds
  echo '{"a":[1,2]}' | elevaite jq '.a | add'
)";

// Options that all commands which talk to a server share.
void AddFindOptions(CLI::App& command, FindOptions& find) {
  command.add_option("--workflow", find.workflow, "Of this workflow only");
  command.add_option("--version", find.version, "Of this version");
  command.add_option("--status", find.status, "running, waiting, faulted, ...; several with commas");
  command.add_option("--error", find.error, "Type of the error: communication, timeout, ..., or a URI");
  command.add_option("--parent", find.parent, "Id of the execution that runs them");
  command.add_option("--tag", find.tags, "NAME=VALUE; may be repeated");
  command.add_option("--attribute", find.attributes, "NAME=VALUE; may be repeated");
  command.add_option("--id", find.id, "The beginning of the id, at least eight digits");
  command.add_option("--since", find.since, "Created then or later: 2026-11-20T09:00:00Z");
  command.add_option("--until", find.until, "Created before");
  command.add_option("--finished-since", find.finished_since, "Ended then or later");
  command.add_option("--finished-until", find.finished_until, "Ended before");
}

void AddServerOption(CLI::App& command, ClientOptions& options) {
  command.add_option("--server", options.server, "Address of the server")
      ->envname("ELEVAITE_SERVER")
      ->capture_default_str();
}

void AddClientOptions(CLI::App& command, ClientOptions& options) {
  AddServerOption(command, options);
  command.add_flag("--json", options.json, "Machine-readable output");
}

// What `elevaite schedules` is given; lives as long as the parsing.
struct ScheduleArguments {
  std::string id;
  std::string note;
  std::vector<std::string> files;
  ScheduleQuery query;
  BackfillRequest backfill;
};

void AddScheduleCommands(CLI::App& cli, ClientOptions& client, ScheduleArguments& given, int& code) {
  auto* schedules = cli.add_subcommand("schedules", "When workflows start by themselves");
  schedules->require_subcommand(1);
  const auto add = [&](const char* name, const char* help, std::string* id) {
    auto* command = schedules->add_subcommand(name, help);
    if (id) command->add_option("ID", *id)->required();
    AddClientOptions(*command, client);
    return command;
  };
  auto* ls = add("ls", "List them, those of documents too", nullptr);
  ls->add_option("--workflow", given.query.workflow, "That start this workflow");
  ls->add_option("--query", given.query.part, "With this in their id");
  ls->add_flag("--paused", given.query.paused, "That are paused");
  ls->callback([&] { code = ListSchedules(client, given.query); });
  auto* show = add("show", "One, with its next times and what it did lately", &given.id);
  show->callback([&] { code = ShowSchedule(client, given.id); });
  auto* apply = add("apply", "Make or change schedules as files say", nullptr);
  apply->add_option("FILE", given.files, "YAML or JSON, each a schedule with its id")
      ->required()
      ->check(CLI::ExistingFile);
  apply->callback([&] { code = ApplySchedules(client, given.files); });
  auto* pause = add("pause", "Pause one", &given.id);
  pause->add_option("--note", given.note, "Why; everybody who looks at it reads this");
  pause->callback([&] { code = PauseSchedule(client, given.id, given.note); });
  auto* resume = add("resume", "Let one go on", &given.id);
  resume->callback([&] { code = ResumeSchedule(client, given.id); });
  auto* trigger = add("trigger", "Start its workflow now, and print the execution", &given.id);
  trigger->callback([&] { code = TriggerSchedule(client, given.id); });
  auto* backfill = add("backfill", "Start its workflow for times that have passed", &given.backfill.id);
  backfill->add_option("--from", given.backfill.from, "2026-11-20T00:00:00Z")->required();
  backfill->add_option("--until", given.backfill.until, "Included")->required();
  backfill->add_flag("--at-once", given.backfill.at_once, "Do not wait for the one before");
  backfill->add_flag("--dry-run", given.backfill.dry_run, "Only say what would start");
  backfill->callback([&] { code = BackfillSchedule(client, given.backfill); });
  auto* rm = add("rm", "Delete one", &given.id);
  rm->callback([&] { code = DeleteSchedule(client, given.id); });
}

// What `elevaite tasks` is given; lives as long as the parsing.
struct TaskArguments {
  std::string id;
  TaskFilter filter;
  TaskAnswer answer;
  TaskReassignment to;
  TaskLinkOptions link;
};

void AddRepairCommands(CLI::App& executions, ClientOptions& client, RepairArguments& given, int& code) {
  const auto add = [&](const char* name, const char* what,
                       int (*run)(const ClientOptions&, const RepairArguments&)) {
    auto* command = executions.add_subcommand(name, what);
    command->add_option("ID", given.id)->required();
    command->add_option("--reason", given.reason, "Why; it is kept with the execution");
    AddClientOptions(*command, client);
    command->callback([&, run] { code = run(client, given); });
    return command;
  };
  add("pause", "Let nothing new begin in an execution", PauseExecution);
  add("resume", "Let a paused execution go on", ResumeExecution);
  auto* repair = add("repair", "Retry, skip, complete or fail a task by hand", RepairTask);
  repair->add_option("TASK", given.task, "Its number: `show --json` has it in waiting_for")->required();
  repair->add_option("ACT", given.act, "retry, skip, complete or fail")
      ->required()
      ->check(CLI::IsMember({"retry", "skip", "complete", "fail"}));
  repair->add_option("--output", given.output, "complete: what the call would have given, as JSON");
  repair->add_option("--error", given.error, "fail: the error, as JSON: {\"title\": \"...\"}");
  auto* fork = add("fork", "Run again from a task of a past execution, as a new one", ForkExecution);
  fork->add_option("--task", given.task, "Its number or reference, as `show --json` has them in tasks")
      ->required();
  fork->add_option("--visit", given.visit,
                   "Which run of it, from 1, when it ran several times; else the last")
      ->check(CLI::PositiveNumber);
  fork->add_option("--input", given.input, "What it is given instead of what it was, as JSON");
}

void AddOperationCommands(CLI::App& cli, ClientOptions& client, OperationArguments& given, int& code) {
  auto* operations = cli.add_subcommand("operations", "One act on all executions that match a filter");
  operations->require_subcommand(1);
  auto* run = operations->add_subcommand("run", "Do it in the background, and follow it");
  run->add_option(
         "ACT", given.act,
         "cancel, pause, resume, retry, skip, complete, fail, redrive, fork, migrate, delete, prioritize")
      ->required();
  AddFindOptions(*run, given.find);
  run->add_option("--reason", given.reason, "Why; it is kept with each execution");
  run->add_option("--to-version", given.version, "migrate: a published version of the workflow");
  run->add_option("--task", given.task, "fork: the reference of the task to go on from");
  run->add_option("--grace", given.grace, "cancel: how long they may take to clean up: 30s, 2m");
  run->add_option("--priority", given.priority, "prioritize: 1 (first) to 5, of what waits in the queue")
      ->check(CLI::Range(1, 5));
  run->add_option("--key", given.key, "With --status queued: what waits and has this key");
  run->add_option("--with-output", given.output, "complete: what the calls would have given, as JSON");
  run->add_option("--with-error", given.error, "fail: the error, as JSON: {\"title\": \"...\"}");
  run->add_flag("--dry-run", given.dry_run, "Only say how many match, and which");
  run->add_flag("-d,--detach", given.detach, "Print the id and do not wait");
  AddClientOptions(*run, client);
  run->callback([&] { code = RunOperation(client, given); });
  auto* ls = operations->add_subcommand("ls", "List them, the newest first");
  AddClientOptions(*ls, client);
  ls->callback([&] { code = ListOperations(client); });
  const auto add = [&](const char* name, const char* help,
                       int (*act)(const ClientOptions&, const std::string&)) {
    auto* command = operations->add_subcommand(name, help);
    command->add_option("ID", given.id)->required();
    AddClientOptions(*command, client);
    command->callback([&, act] { code = act(client, given.id); });
  };
  add("show", "How far one has come", ShowOperation);
  add("cancel", "Stop one; what it has done stays done", CancelOperation);
}

void AddRetentionCommands(CLI::App& cli, ClientOptions& client, RetentionArguments& given, int& code) {
  auto* retention = cli.add_subcommand("retention", "How long executions are kept after their end");
  retention->require_subcommand(1);
  const auto add = [&](const char* name, const char* what,
                       int (*run)(const ClientOptions&, const RetentionArguments&)) {
    auto* command = retention->add_subcommand(name, what);
    AddClientOptions(*command, client);
    command->callback([&, run] { code = run(client, given); });
    return command;
  };
  add("show", "What holds for the account, and who says so", ShowRetention);
  auto* set = add("set", "Times of the account; what is left out is as the server says", SetRetention);
  set->add_option("--completed", given.completed, "Executions that completed: 12h, 30d, forever");
  set->add_option("--faulted", given.faulted, "Those that faulted or were cancelled");
  for (auto* command : {set, add("clear", "All as the server says", ClearRetention)})
    command->add_option("--reason", given.reason, "Why");
}

// The commands that change something say who acts, and why; tasks for people ask for that themselves.
void AddWhoActs(CLI::App& cli, ClientOptions& client) {
  const std::vector<std::pair<std::vector<std::string>, std::vector<std::string>>> acts{
      {{"schedules"}, {"apply", "pause", "resume", "trigger", "backfill", "rm"}},
      {{"executions"}, {"cancel", "migrate", "pause", "resume", "repair", "fork"}},
      {{"operations"}, {"run", "cancel"}},
      {{"flow"}, {"set", "clear", "pause", "resume"}},
      {{"flow", "hosts"}, {"set", "clear", "close"}},
      {{"webhooks"}, {"replay"}},
      {{"workflow"}, {"apply", "rollback", "activate", "canary", "promote", "stop-canary"}},
      {{"notify"}, {"apply", "test", "retry"}},
      {{"retention"}, {"set", "clear"}},
  };
  for (const auto& [path, commands] : acts) {
    CLI::App* group = &cli;
    for (const std::string& name : path) group = group->get_subcommand(name);
    for (const std::string& name : commands) {
      CLI::App* command = group->get_subcommand(name);
      command->add_option("--by", client.by, "Who acts; it is kept in the audit");
      const bool says_why = command->get_option_no_throw("--reason") != nullptr ||
                            command->get_option_no_throw("--note") != nullptr;
      if (!says_why) command->add_option("--reason", client.reason, "Why; it is kept in the audit");
    }
  }
}

void AddHostCommands(CLI::App& flow, ClientOptions& client, HostArguments& given, int& code) {
  auto* hosts = flow.add_subcommand("hosts", "Limits and circuits of the hosts that workflows call");
  hosts->require_subcommand(1);
  const auto add = [&](const char* name, const char* what,
                       int (*run)(const ClientOptions&, const HostArguments&), bool of_one = true) {
    auto* command = hosts->add_subcommand(name, what);
    if (of_one)
      command
          ->add_option("HOST", given.host, "api.example.com, with :PORT, *.example.com, or * for each other")
          ->required();
    AddClientOptions(*command, client);
    command->callback([&, run] { code = run(client, given); });
    return command;
  };
  add("ls", "The rules, and the hosts that are called", ListHosts, false);
  add("show", "Its rule", ShowHost);
  add("set", "A rule in place of the one before", SetHost)
      ->add_option("--rules,-f", given.file, "A file, JSON or YAML; - is standard input")
      ->required();
  add("clear", "No rule", ClearHost);
  add("calls", "Who waits for it, and who calls it now", ListHostCalls);
  add("close", "Close its circuit now", CloseCircuit)->add_option("--reason", given.reason, "Why");
}

void AddFlowCommands(CLI::App& cli, ClientOptions& client, FlowArguments& given, HostArguments& of_host,
                     int& code) {
  auto* flow = cli.add_subcommand("flow", "Limits of how runs flow, and what waits for them");
  flow->require_subcommand(1);
  const auto add = [&](const char* name, const char* what,
                       int (*run)(const ClientOptions&, const FlowArguments&)) {
    auto* command = flow->add_subcommand(name, what);
    command->add_option("WORKFLOW", given.workflow, "Left out: the account");
    AddClientOptions(*command, client);
    command->callback([&, run] { code = run(client, given); });
    return command;
  };
  add("show", "Its rules", ShowFlow);
  add("set", "Rules in place of those before", SetFlow)
      ->add_option("--rules,-f", given.file, "A file, JSON or YAML; - is standard input")
      ->required();
  add("clear", "No rules: everything starts at once", ClearFlow);
  add("queue", "What waits, and for what", ListQueue)
      ->add_option("--key", given.key, "Of a workflow: only those that have this key");
  add("gates", "Which limits hold something back", ListGates);
  auto* pause = add("pause", "Let nothing start, and nothing of what runs begin", PauseFlow);
  pause->add_option("--running", given.running, "hold: what runs, too, as is the default; finish: it goes on")
      ->check(CLI::IsMember({"hold", "finish"}));
  for (auto* command : {pause, add("resume", "Let it go on", ResumeFlow)}) {
    command->add_option("--expression", given.expression, "Only one key: the expression of its rule");
    command->add_option("--key", given.key, "... and its value");
    command->add_option("--reason", given.reason, "Why");
  }
  AddHostCommands(*flow, client, of_host, code);
}

void AddTaskCommands(CLI::App& cli, ClientOptions& client, TaskArguments& given, int& code) {
  auto* tasks = cli.add_subcommand("tasks", "What workflows ask people: list, answer, give to others");
  tasks->require_subcommand(1);
  const auto add = [&](const char* name, const char* help, std::string* id) {
    auto* command = tasks->add_subcommand(name, help);
    if (id != nullptr) command->add_option("ID", *id)->required();
    AddClientOptions(*command, client);
    return command;
  };
  constexpr const char* kBy = "Who does it; there is no sign-in yet, so it is what you say";
  auto* ls = add("ls", "What is open", nullptr);
  ls->add_option("--assignee", given.filter.assignee, "For this person only");
  ls->add_option("--role", given.filter.role, "For the people of this role");
  ls->add_option("--workflow", given.filter.workflow, "Of this workflow");
  ls->add_flag("--ended", given.filter.ended, "What has ended instead");
  ls->callback([&] { code = ListTasks(client, given.filter); });
  auto* show = add("show", "One task with its question and history", &given.id);
  show->callback([&] { code = ShowTask(client, given.id); });
  auto* answer = add("answer", "Decide; the first answer counts", &given.answer.id);
  answer->add_option("DECISION", given.answer.decision, "One of the task's: approve, reject, ...")
      ->required();
  answer->add_option("--by", given.answer.by, kBy)->required();
  answer->add_option("--values", given.answer.values, "Of the form, as JSON");
  answer->add_option("--comment", given.answer.comment, "Why");
  answer->callback([&] { code = AnswerTask(client, given.answer); });
  auto* reassign = add("reassign", "Give it to somebody else", &given.to.id);
  reassign->add_option("--assignee", given.to.assignee, "This person");
  reassign->add_option("--role", given.to.role, "The people of this role");
  reassign->add_option("--by", given.to.by, kBy)->required();
  reassign->add_option("--reason", given.to.reason, "Why");
  reassign->callback([&] { code = ReassignTask(client, given.to); });
  auto* link =
      add("link", "Print an address at which one person can answer without signing in", &given.link.id);
  link->add_option("--assignee", given.link.assignee, "For whom; else the assignee of the task");
  link->add_option("--expires-in", given.link.expires_in, "7d unless given; 90d at most");
  link->add_option("--by", given.link.by, kBy);
  link->callback([&] { code = MakeTaskLink(client, given.link); });
}

// What `elevaite webhooks` is given; lives as long as the parsing.
struct WebhookArguments {
  std::string workflow;
  std::string id;
  std::string request;
};

void AddWebhookCommands(CLI::App& cli, ClientOptions& client, WebhookArguments& given, int& code) {
  auto* webhooks =
      cli.add_subcommand("webhooks", "What starts workflows from outside, and its last requests");
  webhooks->require_subcommand(1);
  auto* ls = webhooks->add_subcommand("ls", "List webhooks");
  ls->add_option("--workflow", given.workflow, "Of this workflow");
  AddClientOptions(*ls, client);
  ls->callback([&] { code = ListWebhooks(client, given.workflow); });
  auto* requests = webhooks->add_subcommand("requests", "The last requests of a webhook, also those refused");
  requests->add_option("ID", given.id, "A webhook")->required();
  AddClientOptions(*requests, client);
  requests->callback([&] { code = ListWebhookRequests(client, given.id); });
  auto* replay = webhooks->add_subcommand("replay", "Start the workflow anew with what a request brought");
  replay->add_option("ID", given.id, "A webhook")->required();
  replay->add_option("REQUEST", given.request, "One of its requests")->required();
  AddClientOptions(*replay, client);
  replay->callback([&] { code = ReplayWebhookRequest(client, given.id, given.request); });
}

void AddVersionCommands(CLI::App& workflow, ClientOptions& client, DeploymentArguments& given, int& code) {
  const auto add = [&](const char* name, const char* help) {
    auto* command = workflow.add_subcommand(name, help);
    command->add_option("WORKFLOW", given.workflow, "Its name")->required();
    AddClientOptions(*command, client);
    return command;
  };
  add("versions", "The versions of a workflow: which one starts, what still runs on each, how many fail")
      ->callback([&] { code = ListVersions(client, given.workflow); });
  add("history", "Who has changed which version starts, when and why")->callback([&] {
    code = ListDeploymentChanges(client, given.workflow);
  });
  const auto act = [&](CLI::App* command, int (*run)(const ClientOptions&, const DeploymentArguments&)) {
    command->add_option("--note", given.note, "Why; it is kept in the history");
    command->callback([&, run] { code = run(client, given); });
  };
  auto* rollback = add("rollback", "Start another published version from now on, such as the one before");
  rollback->add_option("VERSION", given.version)->required();
  act(rollback, ActivateVersion);
  auto* activate = add("activate", "The same, for a version that has not been started yet");
  activate->add_option("VERSION", given.version)->required();
  act(activate, ActivateVersion);
  auto* canary = add("canary", "Start a version for a share of new executions");
  canary->add_option("VERSION", given.version)->required();
  canary->add_option("PERCENT", given.percent)->required()->check(CLI::Range(0, 100));
  canary->add_option("--abort-above", given.abort_percent, "Stop it when more than so many percent fail")
      ->check(CLI::Range(0.0, 99.9));
  canary->add_option("--abort-runs", given.abort_runs, "After so many runs of it have ended")
      ->check(CLI::Range(1, 1000))
      ->capture_default_str();
  act(canary, SetCanary);
  act(add("promote", "Make the canary the current version"), PromoteCanary);
  act(add("stop-canary", "Start the current version only"), StopCanary);
}

// What `elevaite notify` is given; lives as long as the parsing.
struct NotifyArguments {
  std::vector<std::string> files;
  std::string id;
  std::string workflow;
  NotificationOptions which;
};

void AddNotifyCommands(CLI::App& cli, ClientOptions& client, NotifyArguments& given, int& code) {
  auto* notify =
      cli.add_subcommand("notify", "Who is told of failures, waits and tasks, and what came of it");
  notify->require_subcommand(1);
  auto* apply = notify->add_subcommand("apply", "Make or change the channels and rules of files, by name");
  apply->add_option("FILE", given.files, "YAML or JSON")->required()->check(CLI::ExistingFile);
  apply->callback([&] { code = ApplyNotifications(client, given.files); });
  auto* channels = notify->add_subcommand("channels", "List where messages can go");
  channels->callback([&] { code = ListChannels(client); });
  auto* rules = notify->add_subcommand("rules", "List who is told of what");
  rules->add_option("--workflow", given.workflow, "Those that are about this workflow: namespace.name");
  rules->callback([&] { code = ListRules(client, given.workflow); });
  auto* ls = notify->add_subcommand("ls", "The latest messages, and what the other side has said");
  ls->add_option("--workflow", given.which.workflow, "About this workflow");
  ls->add_option("--execution", given.which.execution, "About this execution");
  ls->add_option("--channel", given.which.channel, "Through this channel");
  ls->add_option("--status", given.which.status, "pending, delivered, given_up or grouped");
  ls->add_option("--limit", given.which.limit, "How many")->check(CLI::Range(1, 200))->capture_default_str();
  ls->callback([&] { code = ListNotifications(client, given.which); });
  auto* test = notify->add_subcommand("test", "Send a message through a channel now; 1 when it is not taken");
  test->add_option("ID", given.id, "A channel")->required();
  test->callback([&] { code = TestChannel(client, given.id); });
  auto* retry = notify->add_subcommand("retry", "Try a message again that was given up");
  retry->add_option("ID", given.id, "A message")->required();
  retry->callback([&] { code = RetryNotification(client, given.id); });
  for (CLI::App* command : {apply, channels, rules, ls, test, retry}) AddClientOptions(*command, client);
}

int Dispatch(int argc, char** argv) {
  if (argc > 1 && std::string_view(argv[1]) == "jq") return RunJq({argv + 2, argv + argc});
  CLI::App cli{"ElevAIte: durable workflows and AI agents on your own machine.", "elevaite"};
  cli.footer(kExamples);
  cli.require_subcommand(1);
  cli.set_help_all_flag("--help-all", "Help of all commands");
  int code = kDone;
  ClientOptions client;

  auto* serve =
      cli.add_subcommand("serve", "Start the platform in this process; options: elevaite config --help");
  serve->allow_extras();
  serve->callback([&] { code = Serve(serve->remaining()); });

  auto* workflow =
      cli.add_subcommand("workflow", "Publish and list workflows, and say which version is started");
  workflow->require_subcommand(1);
  std::vector<std::string> files;
  ApplyOptions apply_options;
  auto* apply = workflow->add_subcommand("apply", "Publish documents; unchanged ones are left alone");
  apply->add_option("FILE", apply_options.files, "YAML or JSON documents")
      ->required()
      ->check(CLI::ExistingFile);
  apply->add_flag("--keep-current", apply_options.keep_current,
                  "Publish, and go on starting the current version");
  apply->add_option("--note", apply_options.note, "Why; it is kept in the history of the deployment");
  AddClientOptions(*apply, client);
  apply->callback([&] { code = ApplyWorkflows(client, apply_options); });
  auto* workflow_ls = workflow->add_subcommand("ls", "List workflows");
  AddClientOptions(*workflow_ls, client);
  workflow_ls->callback([&] { code = ListWorkflows(client); });
  DeploymentArguments deployment;
  AddVersionCommands(*workflow, client, deployment, code);

  RunOptions run_options;
  auto* run = cli.add_subcommand("run", "Start an execution, follow it, print its result");
  run->add_option("WORKFLOW", run_options.target, "A document (published first) or the name of a workflow")
      ->required();
  run->add_option("-i,--input", run_options.input,
                  "JSON, or @FILE (.json is read as JSON, anything else as a text)");
  run->add_option("--version", run_options.version, "A version; else as its deployment says");
  run->add_option("--idempotency-key", run_options.key, "The same key gives the same execution");
  run->add_flag("-d,--detach", run_options.detach, "Print the id and do not wait");
  AddClientOptions(*run, client);
  run->callback([&] { code = RunWorkflow(client, run_options); });

  auto* executions =
      cli.add_subcommand("executions", "List, show, watch, cancel, move, pause and repair executions");
  executions->require_subcommand(1);
  FindOptions find;
  std::string id;
  auto* ls = executions->add_subcommand("ls", "The latest executions");
  AddFindOptions(*ls, find);
  ls->add_option("--limit", find.limit, "How many")->check(CLI::Range(1, 200))->capture_default_str();
  AddClientOptions(*ls, client);
  ls->callback([&] { code = ListExecutions(client, find); });
  auto* show = executions->add_subcommand("show", "One execution with its tasks");
  show->add_option("ID", id)->required();
  AddClientOptions(*show, client);
  show->callback([&] { code = ShowExecution(client, id); });
  auto* watch = executions->add_subcommand("watch", "Follow an execution until it ends");
  watch->add_option("ID", id)->required();
  AddClientOptions(*watch, client);
  watch->callback([&] { code = WatchExecution(client, id); });
  auto* cancel = executions->add_subcommand("cancel", "Cancel an execution");
  cancel->add_option("ID", id)->required();
  CancelOptions cancel_options;
  cancel->add_option("--reason", cancel_options.reason, "Why; it is kept with the execution");
  cancel->add_option("--grace", cancel_options.grace, "How long it may take to clean up: 30s, 2m");
  cancel->add_flag("--force", cancel_options.force, "End it at once, without cleaning up");
  AddClientOptions(*cancel, client);
  cancel->callback([&] { code = CancelExecution(client, id, cancel_options); });
  MigrateOptions migrate_options;
  auto* migrate = executions->add_subcommand("migrate", "Move a running execution to another version");
  migrate->add_option("ID", migrate_options.id)->required();
  migrate->add_option("--version", migrate_options.version, "A published version of its workflow")
      ->required();
  migrate->add_option("--reason", migrate_options.reason, "Why; it is kept with the execution");
  migrate->add_flag("--dry-run", migrate_options.dry_run, "Only say what it would mean");
  AddClientOptions(*migrate, client);
  migrate->callback([&] { code = MigrateExecution(client, migrate_options); });

  ScheduleArguments schedule_arguments;
  AddScheduleCommands(cli, client, schedule_arguments, code);
  RepairArguments repair_arguments;
  AddRepairCommands(*executions, client, repair_arguments, code);
  FlowArguments flow_arguments;
  HostArguments host_arguments;
  AddFlowCommands(cli, client, flow_arguments, host_arguments, code);

  RetentionArguments retention_arguments;
  AddRetentionCommands(cli, client, retention_arguments, code);
  OperationArguments operation_arguments;
  AddOperationCommands(cli, client, operation_arguments, code);

  TaskArguments task_arguments;
  AddTaskCommands(cli, client, task_arguments, code);
  WebhookArguments webhook_arguments;
  AddWebhookCommands(cli, client, webhook_arguments, code);
  NotifyArguments notify_arguments;
  AddNotifyCommands(cli, client, notify_arguments, code);

  auto* dsl = cli.add_subcommand("dsl", "Work with documents, without a server");
  dsl->require_subcommand(1);
  bool json = false;
  auto* check = dsl->add_subcommand("check", "Say what is wrong with documents");
  check->add_option("FILE", files, "Documents, or - for standard input")->required();
  check->add_flag("--json", json, "Machine-readable output");
  check->callback([&] { code = CheckDocuments(files, json); });
  FormatRequest format_request;
  auto* format = dsl->add_subcommand("fmt", "Print documents in the canonical layout; comments stay");
  format->add_option("FILE", format_request.files, "Documents, or - for standard input")->required();
  auto* write = format->add_flag("-w,--write", format_request.write, "Write them back instead of printing");
  format
      ->add_flag("--check", format_request.check,
                 "Only name the files that are laid out in another way; then 1")
      ->excludes(write);
  format->callback([&] { code = FormatDocuments(format_request); });
  std::string document;
  auto* graph = dsl->add_subcommand("graph", "The tasks as a flowchart for mermaid, or as JSON");
  graph->add_option("FILE", document, "A document, or - for standard input")->required();
  auto* graph_json = graph->add_flag("--json", json, "Nodes and edges as JSON");
  bool mermaid = false;
  graph->add_flag("--mermaid", mermaid, "A flowchart for mermaid (the default)")->excludes(graph_json);
  graph->callback([&] { code = DrawGraph(document, json); });
  std::string after;
  auto* diff = dsl->add_subcommand(
      "diff", "What a new version means for callers and running executions; 1 when it breaks something");
  diff->add_option("BEFORE", document, "The version before")->required();
  diff->add_option("AFTER", after, "The new version")->required();
  diff->add_flag("--json", json, "Machine-readable output");
  diff->callback([&] { code = CompareDocuments(document, after, json); });
  EditRequest edit_request;
  auto* edit =
      dsl->add_subcommand("edit", "Change a document by operations; comments and layout of the rest stay");
  edit->add_option("FILE", edit_request.file, "A document, or - for standard input")->required();
  edit->add_option("OPERATIONS", edit_request.operations,
                   "A JSON list of operations, or @FILE; docs/language/tools.md has them all")
      ->required();
  edit->add_flag("-w,--write", edit_request.write, "Write it back instead of printing");
  edit->add_flag("--json", edit_request.json, "Source, changes, diagnostics and graph as JSON");
  edit->callback([&] { code = EditDocument(edit_request); });
  auto* lsp =
      dsl->add_subcommand("lsp", "A language server (LSP 3.17) on standard input and output, for editors");
  lsp->callback([&] { code = ServeLanguage(); });
  std::string diagnostic;
  auto* explain = dsl->add_subcommand("explain", "What a diagnostic means, with examples");
  explain->add_option("CODE", diagnostic, "For example DSL0101")->required();
  explain->callback([&] { code = ExplainCode(diagnostic); });

  TestRequest test_request;
  auto* test =
      cli.add_subcommand("test", "Play workflows as their test files say: mocked calls, a virtual clock");
  auto* paths = test->add_option("PATH", test_request.paths,
                                 "Test files (x.test.yaml), documents beside them, or folders");
  test->add_option("--filter", test_request.filter, "Only cases with this in their name");
  test->add_flag("--coverage", test_request.coverage, "Say which tasks and branches were reached");
  test->add_option("--format", test_request.format, "text, json or junit")
      ->check(CLI::IsMember({"text", "json", "junit"}))
      ->capture_default_str();
  std::string recorded;
  auto* record =
      test->add_option("--record", recorded, "Print the case that plays this execution of the server again");
  ReplayRequest replay_request;
  auto* replay =
      test->add_option("--replay", replay_request.id, "Play this execution of the server again ...");
  auto* against = test->add_option("--against", replay_request.against,
                                   "... against this document, and say where it would differ");
  record->excludes(paths)->excludes(replay);
  replay->excludes(paths)->needs(against);
  against->needs(replay);
  AddServerOption(*test, client);
  test->callback([&] {
    replay_request.format = test_request.format;
    if (*record)
      code = RecordTest(client, recorded);
    else if (*replay)
      code = ReplayExecution(client, replay_request);
    else if (*paths)
      code = RunTests(test_request);
    else
      throw CLI::RequiredError("PATH, --record or --replay");
  });

  // Only for the list of commands: jq's command line is not CLI11's.
  cli.add_subcommand("jq", "Run a jq filter on JSON, as workflows do; options: elevaite jq --help");

  bool describe = false;
  auto* config = cli.add_subcommand(
      "config", "Show the configuration that serve would use; --help describes every option");
  config->set_help_flag();
  config->add_flag("-h,--help", describe, "Describe every option");
  config->add_flag("--json", json, "Machine-readable output");
  config->allow_extras();
  config->callback([&] { code = ShowConfig(config->remaining(), describe, json); });

  auto* migrate_data = cli.add_subcommand(
      "migrate", "Apply the migrations of the data that are pending, as serve does when it starts");
  migrate_data->add_flag("--json", json, "Machine-readable output");
  migrate_data->allow_extras();
  migrate_data->callback([&] { code = Migrate(migrate_data->remaining(), json); });

  auto* doctor = cli.add_subcommand(
      "doctor", "Check that nothing is stuck: the data of a stopped server, or a running one");
  bool mend = false;
  doctor->add_flag("--fix", mend, "Mend what can be mended without a loss, and say what was done");
  bool cancel_doctor = false;
  doctor->add_flag("--cancel", cancel_doctor, "End the examination that the server is making");
  AddClientOptions(*doctor, client);
  doctor->allow_extras();
  doctor->callback(
      [&] { code = cancel_doctor ? CancelDoctor(client) : Doctor(doctor->remaining(), client, mend); });

  std::string transfer_file = "-";
  FindOptions exported;
  auto* export_data = cli.add_subcommand(
      "export", "Write executions and their workflows as lines of JSON: the data of a stopped server");
  export_data->add_option("-o,--output", transfer_file, "File to make; else the standard output");
  AddFindOptions(*export_data, exported);
  export_data->add_flag("--json", json, "The report at the end as JSON");
  export_data->allow_extras();
  export_data->callback(
      [&] { code = ExportExecutions(export_data->remaining(), transfer_file, exported, json); });
  auto* import_data = cli.add_subcommand(
      "import", "Read what export or the archive has written into the data of a stopped server");
  import_data->add_option("-i,--input", transfer_file, "File to read; else the standard input");
  import_data->add_flag("--json", json, "The report at the end as JSON");
  import_data->allow_extras();
  import_data->callback([&] { code = ImportExecutions(import_data->remaining(), transfer_file, json); });

  int pid = 0;
  auto* wait_ready = cli.add_subcommand("wait-ready", "Wait until a server is ready");
  wait_ready->add_option("--pid", pid, "Give up when this process has ended");
  AddClientOptions(*wait_ready, client);
  wait_ready->callback([&] { code = WaitReady(client, pid); });

  auto* version = cli.add_subcommand("version", "Print the version");
  version->callback([] { std::puts(kVersion); });

  AddWhoActs(cli, client);

  try {
    cli.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return cli.exit(error) == 0 ? kDone : kUsage;
  }
  return code;
}

}  // namespace
}  // namespace elevaite::app

int main(int argc, char** argv) {
  try {
    return elevaite::app::Dispatch(argc, argv);
  } catch (const std::exception& error) {
    elevaite::app::PrintError(std::string("unexpected: ") + error.what(), "this is a bug; please report it");
    return elevaite::app::kFailed;
  }
}
