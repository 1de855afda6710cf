#include "engine/lifecycle.h"

#include <string>
#include <utility>

#include "foundation/clock.h"

namespace elevaite::engine {
namespace {

// Tasks that begin and end in one step have no kTaskStarted.
bool EndsAtOnce(const dsl::Task& task) {
  switch (task.kind) {
    case dsl::TaskKind::kSet:
    case dsl::TaskKind::kSwitch:
    case dsl::TaskKind::kRaise:
    case dsl::TaskKind::kEmit: return true;
    default: return false;
  }
}

bool Correlates(const dsl::Task& task) {
  const auto* listen = std::get_if<dsl::ListenTask>(&task.body);
  if (!listen) return false;
  for (const dsl::EventFilter& filter : listen->to.filters) {
    if (!filter.correlate.empty()) return true;
  }
  return false;
}

class Writer {
 public:
  Writer(const ExecutionRecord& record, const dsl::Program& program, const Event& event,
         std::string_view base_url)
      : record_(record),
        program_(program),
        event_(event),
        base_url_(base_url),
        execution_(record.id.ToString()),
        instance_(record.workflow + "-" + execution_ + "." + record.name_space),
        time_(Timestamp::FromMicros(event.time_us).ToRfc3339()) {}

  std::vector<Json> Run() {
    switch (event_.type) {
      case EventType::kExecutionStarted:
      case EventType::kExecutionForked:
        OfWorkflow("started", "startedAt", {{"definition", DefinitionOfWorkflow()}});
        break;
      case EventType::kExecutionCompleted:
        OfWorkflow("completed", "completedAt", {{"outputUri", OutputUri()}});
        break;
      case EventType::kExecutionFaulted:
        OfWorkflow("faulted", "faultedAt", {{"error", event_.data.value_or(Json())}});
        break;
      case EventType::kExecutionCancelled: OfWorkflow("cancelled", "cancelledAt", {}); break;
      case EventType::kExecutionPaused: OfWorkflow("suspended", "suspendedAt", {}); break;
      case EventType::kExecutionResumed: OfWorkflow("resumed", "resumedAt", {}); break;
      case EventType::kTaskStarted: Begin(); break;
      case EventType::kTaskCompleted: End("completed", "completedAt", {{"outputUri", OutputUri()}}); break;
      case EventType::kTaskFaulted:
        End("faulted", "faultedAt", {{"error", event_.data.value_or(Json())}});
        break;
      case EventType::kTaskCancelled: End("cancelled", "cancelledAt", {}); break;
      case EventType::kTaskParked:
        OfTask("suspended", "suspendedAt", {{"error", event_.data.value_or(Json())}});
        break;
      case EventType::kTaskRepaired: OfTask("resumed", "resumedAt", {}); break;
      case EventType::kRetryStarted: OfTask("retried", "retriedAt", {}); break;
      case EventType::kActivityScheduled:
        if (event_.number > 1) OfTask("retried", "retriedAt", {});
        break;
      case EventType::kEventConsumed:
        if (event_.next == 1 && Correlates(Task()))
          OfWorkflow("correlation-completed", "completedAt", {{"task", Task().reference}});
        break;
      default: break;
    }
    return std::move(events_);
  }

 private:
  using Members = std::vector<Json::Member>;

  const dsl::Task& Task() const { return program_.all.at(event_.task); }

  Json DefinitionOfWorkflow() const {
    return Json::Object(
        {{"namespace", record_.name_space}, {"name", record_.workflow}, {"version", program_.version}});
  }
  std::string OutputUri() const { return std::string(base_url_) + "/v1/executions/" + execution_; }

  void Begin() {
    OfTask("created", "createdAt", {});
    OfTask("started", "startedAt", {});
    if (Correlates(Task())) OfWorkflow("correlation-started", "startedAt", {{"task", Task().reference}});
  }

  void End(const char* what, const char* when, Members more) {
    if (EndsAtOnce(Task())) Begin();
    OfTask(what, when, std::move(more));
  }

  void OfWorkflow(std::string_view what, const char* when, Members more) {
    Members data{{"name", instance_}, {when, time_}};
    for (Json::Member& member : more) data.push_back(std::move(member));
    Add("workflow", what, std::move(data));
  }

  void OfTask(std::string_view what, const char* when, Members more) {
    if (Task().kind == dsl::TaskKind::kExtended) return;  // not a task of the document
    Members data{{"workflow", instance_}, {"task", Task().reference}, {when, time_}};
    for (Json::Member& member : more) data.push_back(std::move(member));
    Add("task", what, std::move(data));
  }

  void Add(std::string_view of, std::string_view what, Members data) {
    std::string id = execution_ + "." + std::to_string(event_.seq);
    if (!events_.empty()) id += "." + std::to_string(events_.size());
    events_.push_back(Json::Object(
        {{"specversion", "1.0"},
         {"id", id},
         {"source", "/executions/" + execution_},
         {"type", std::string(kLifecyclePrefix) + std::string(of) + "." + std::string(what) + ".v1"},
         {"time", time_},
         {"subject", execution_},
         {"datacontenttype", "application/json"},
         {"data", Json::Object(std::move(data))}}));
  }

  const ExecutionRecord& record_;
  const dsl::Program& program_;
  const Event& event_;
  std::string_view base_url_;
  std::string execution_;
  std::string instance_;
  std::string time_;
  std::vector<Json> events_;
};

}  // namespace

std::vector<Json> LifecycleEvents(const ExecutionRecord& record, const dsl::Program& program,
                                  const Event& event, std::string_view base_url) {
  return Writer(record, program, event, base_url).Run();
}

}  // namespace elevaite::engine
