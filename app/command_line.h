// The commands of `elevaite`. Each returns the exit code: 0 done, 1 it failed, 2 the call was wrong.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "app/api_client.h"
#include "net/url.h"

namespace elevaite::app {

inline constexpr int kDone = 0;
inline constexpr int kFailed = 1;
inline constexpr int kUsage = 2;

struct ClientOptions {
  std::string server = "http://127.0.0.1:8000";
  bool json = false;  // machine-readable output
  // Of what changes something, for the audit; empty: not said.
  std::string by{};
  std::string reason{};  // where a command has none of its own
};

struct ApplyOptions {
  std::vector<std::string> files;
  bool keep_current = false;  // publish, and do not start what is published
  std::string note;
};
int ApplyWorkflows(const ClientOptions& options, const ApplyOptions& apply);
int ListWorkflows(const ClientOptions& options);

// cli_versions.cc
struct DeploymentArguments {
  std::string workflow;
  std::string version;
  std::int64_t percent = 0;
  double abort_percent = 0;  // 0: it is not stopped by itself
  std::int64_t abort_runs = 20;
  std::string note;
};
int ListVersions(const ClientOptions& options, const std::string& workflow);
int ListDeploymentChanges(const ClientOptions& options, const std::string& workflow);
int ActivateVersion(const ClientOptions& options, const DeploymentArguments& arguments);
int SetCanary(const ClientOptions& options, const DeploymentArguments& arguments);
int PromoteCanary(const ClientOptions& options, const DeploymentArguments& arguments);
int StopCanary(const ClientOptions& options, const DeploymentArguments& arguments);

struct RunOptions {
  std::string target;  // a file, or the name of a published workflow
  std::string input;   // JSON, or @file
  std::string version;
  std::string key;      // Idempotency-Key
  bool detach = false;  // do not wait for the end
};
int RunWorkflow(const ClientOptions& options, const RunOptions& run);

// What is empty counts for any.
struct FindOptions {
  std::string workflow;
  std::string version;
  std::string status;
  std::string error;
  std::string parent;
  std::vector<std::string> tags;
  std::vector<std::string> attributes;
  std::string id;
  std::string since;
  std::string until;
  std::string finished_since;
  std::string finished_until;
  int limit = 50;
};
net::QueryParameters QueryOf(const FindOptions& find);
int ListExecutions(const ClientOptions& options, const FindOptions& find);
// cli_transfer.cc. `file`: "-" for the standard output or input.
int ExportExecutions(const std::vector<std::string>& arguments, const std::string& file,
                     const FindOptions& find, bool json);
int ImportExecutions(const std::vector<std::string>& arguments, const std::string& file, bool json);
int ShowExecution(const ClientOptions& options, const std::string& id);
int WatchExecution(const ClientOptions& options, const std::string& id);
struct CancelOptions {
  std::string reason;
  std::string grace;  // "30s"; empty: the server's
  bool force = false;
};
int CancelExecution(const ClientOptions& options, const std::string& id, const CancelOptions& cancel);

struct MigrateOptions {
  std::string id;
  std::string version;
  std::string reason;
  bool dry_run = false;  // only say what it would mean
};
// kFailed when something is in the way.
int MigrateExecution(const ClientOptions& options, const MigrateOptions& migrate);

// cli_repair.cc. What is empty is not sent.
struct RepairArguments {
  std::string id;
  std::string task;    // its number; of a fork: or its reference
  std::string act;     // "retry" ...
  std::string output;  // JSON
  std::string error;   // JSON
  std::string reason;
  std::string input;      // of a fork: JSON; empty: that of the past
  std::size_t visit = 0;  // of a fork: which run of the task; 0: the last
};
int PauseExecution(const ClientOptions& options, const RepairArguments& arguments);
int ResumeExecution(const ClientOptions& options, const RepairArguments& arguments);
int RepairTask(const ClientOptions& options, const RepairArguments& arguments);
int ForkExecution(const ClientOptions& options, const RepairArguments& arguments);

// cli_operations.cc. What is empty is not sent.
struct OperationArguments {
  std::string act;  // "retry" ...
  FindOptions find;
  std::string reason;
  std::string version;        // migrate
  std::string task;           // fork
  std::string grace;          // cancel
  std::string output;         // complete: JSON
  std::string error;          // fail: JSON
  std::int64_t priority = 0;  // prioritize
  std::string key;            // of what waits in the queue
  std::string id;             // of the other commands
  bool dry_run = false;
  bool detach = false;
};
int RunOperation(const ClientOptions& options, const OperationArguments& arguments);
int ListOperations(const ClientOptions& options);
int ShowOperation(const ClientOptions& options, const std::string& id);
int CancelOperation(const ClientOptions& options, const std::string& id);

// cli_flow.cc
struct FlowArguments {
  std::string workflow;    // empty: the account
  std::string file;        // of rules, JSON or YAML; "-": standard input
  std::string expression;  // of a key
  std::string key;
  std::string reason;
  std::string running;  // "hold", "finish"; empty: as the server does
};
int ShowFlow(const ClientOptions& options, const FlowArguments& arguments);
int SetFlow(const ClientOptions& options, const FlowArguments& arguments);
int ClearFlow(const ClientOptions& options, const FlowArguments& arguments);
int ListQueue(const ClientOptions& options, const FlowArguments& arguments);
int ListGates(const ClientOptions& options, const FlowArguments& arguments);
int PauseFlow(const ClientOptions& options, const FlowArguments& arguments);
int ResumeFlow(const ClientOptions& options, const FlowArguments& arguments);
// JSON or YAML; "-": standard input.
Result<Json> ReadRules(const std::string& file);

// cli_hosts.cc
struct HostArguments {
  std::string host;  // or a pattern of hosts
  std::string file;  // of its rules, as those of a workflow
  std::string reason;
};
int ListHosts(const ClientOptions& options, const HostArguments& arguments);
int ShowHost(const ClientOptions& options, const HostArguments& arguments);
int SetHost(const ClientOptions& options, const HostArguments& arguments);
int ClearHost(const ClientOptions& options, const HostArguments& arguments);
int ListHostCalls(const ClientOptions& options, const HostArguments& arguments);
int CloseCircuit(const ClientOptions& options, const HostArguments& arguments);

// cli_retention.cc
struct RetentionArguments {
  std::string completed;  // "30d", "forever"; empty: as the server says
  std::string faulted;
  std::string reason;
};
int ShowRetention(const ClientOptions& options, const RetentionArguments& arguments);
int SetRetention(const ClientOptions& options, const RetentionArguments& arguments);
int ClearRetention(const ClientOptions& options, const RetentionArguments& arguments);

// cli_tasks.cc. What is empty is not sent.
struct TaskFilter {
  std::string assignee;
  std::string role;
  std::string workflow;
  bool ended = false;
};
int ListTasks(const ClientOptions& options, const TaskFilter& filter);
int ShowTask(const ClientOptions& options, const std::string& id);
struct TaskAnswer {
  std::string id;
  std::string decision;
  std::string values;  // JSON
  std::string comment;
  std::string by;
};
int AnswerTask(const ClientOptions& options, const TaskAnswer& answer);
struct TaskReassignment {
  std::string id;
  std::string assignee;
  std::string role;
  std::string by;
  std::string reason;
};
int ReassignTask(const ClientOptions& options, const TaskReassignment& to);
struct TaskLinkOptions {
  std::string id;
  std::string assignee;
  std::string by;
  std::string expires_in;  // "7d"
};
// Prints the address.
int MakeTaskLink(const ClientOptions& options, const TaskLinkOptions& link);

// cli_schedules.cc
struct ScheduleQuery {
  std::string workflow;
  std::string part;  // of the id
  bool paused = false;
};
int ListSchedules(const ClientOptions& options, const ScheduleQuery& query);
int ShowSchedule(const ClientOptions& options, const std::string& id);
// Makes the schedules that files describe, or changes those that are there.
int ApplySchedules(const ClientOptions& options, const std::vector<std::string>& files);
int PauseSchedule(const ClientOptions& options, const std::string& id, const std::string& note);
int ResumeSchedule(const ClientOptions& options, const std::string& id);
int TriggerSchedule(const ClientOptions& options, const std::string& id);
struct BackfillRequest {
  std::string id;
  std::string from;
  std::string until;
  bool at_once = false;
  bool dry_run = false;
};
int BackfillSchedule(const ClientOptions& options, const BackfillRequest& backfill);
int DeleteSchedule(const ClientOptions& options, const std::string& id);
// cli_webhooks.cc. `workflow`: empty for all.
int ListWebhooks(const ClientOptions& options, const std::string& workflow);
int ListWebhookRequests(const ClientOptions& options, const std::string& id);
// Prints the id of the execution.
int ReplayWebhookRequest(const ClientOptions& options, const std::string& id, const std::string& request);

// cli_notifications.cc
struct NotificationOptions {
  std::string workflow;
  std::string status;
  std::string execution;
  std::string channel;
  int limit = 50;
};
int ListChannels(const ClientOptions& options);
int ListRules(const ClientOptions& options, const std::string& workflow);
int ListNotifications(const ClientOptions& options, const NotificationOptions& which);
// Makes the channels and rules that files describe, or changes those that are there.
int ApplyNotifications(const ClientOptions& options, const std::vector<std::string>& files);
// kFailed: the other side has not taken it.
int TestChannel(const ClientOptions& options, const std::string& id);
int RetryNotification(const ClientOptions& options, const std::string& id);

int CheckDocuments(const std::vector<std::string>& files, bool json);
int ExplainCode(const std::string& code);

struct FormatRequest {
  std::vector<std::string> files;
  bool write = false;  // back to the file
  bool check = false;  // only say which are laid out in another way
};
int FormatDocuments(const FormatRequest& request);
int DrawGraph(const std::string& file, bool json);
// kFailed when something breaks.
int CompareDocuments(const std::string& before, const std::string& after, bool json);

struct EditRequest {
  std::string file;
  std::string operations;  // JSON, or @file
  bool write = false;
  bool json = false;
};
int EditDocument(const EditRequest& request);
// The language server on standard input and output.
int ServeLanguage();

// cli_test.cc. kFailed when a case fails, kUsage when one could not be played.
struct TestRequest {
  std::vector<std::string> paths;  // test files, documents beside which they are, folders
  std::string filter;              // a part of the names of cases
  bool coverage = false;
  std::string format = "text";  // or "json", "junit"
};
int RunTests(const TestRequest& request);
// Prints the case that plays a run of the server again.
int RecordTest(const ClientOptions& options, const std::string& id);
struct ReplayRequest {
  std::string id;
  std::string against;  // a document
  std::string format = "text";
};
// kFailed: it would differ.
int ReplayExecution(const ClientOptions& options, const ReplayRequest& request);

// `arguments` as jq has them; exit codes as jq's: 2 usage or input, 3 the filter, 5 an error; with -e 1
// and 4.
int RunJq(const std::vector<std::string>& arguments);

// Waits until the server is ready, or the process `pid` (0: none) has ended.
int WaitReady(const ClientOptions& options, int pid);

// `arguments`: --data.dir=... and the like.
int Serve(const std::vector<std::string>& arguments);
int ShowConfig(const std::vector<std::string>& arguments, bool describe, bool json);
// Applies the migrations that are pending, and says which those were.
int Migrate(const std::vector<std::string>& arguments, bool json);
int Doctor(const std::vector<std::string>& arguments, const ClientOptions& options, bool mend);
// The examination that a server is making.
int CancelDoctor(const ClientOptions& options);

}  // namespace elevaite::app
