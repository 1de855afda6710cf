#include "services/workflow/execution_view.h"

#include <map>
#include <string>
#include <string_view>

#include "dsl/error_types.h"
#include "engine/machine/machine.h"
#include "foundation/clock.h"
#include "services/workflow/subflows.h"

namespace elevaite::workflow {
namespace {

using engine::Event;
using engine::EventType;
using engine::Frame;
using engine::FrameId;
using engine::State;

Json TimeJson(std::int64_t us) { return us == 0 ? Json() : Json(Timestamp::FromMicros(us).ToRfc3339()); }
double Milliseconds(std::int64_t us) { return static_cast<double>(us) / 1000.0; }

Json LostError() {
  return Json::Object(
      {{"type", dsl::kAttemptsLostError}, {"title", "The server died while this was under way"}});
}

struct Wait {
  std::string_view reason;
  std::string detail;
};

Wait WaitOf(const Frame& frame, const dsl::Task& task) {
  switch (frame.waiting) {
    case Frame::Waiting::kActivity:
      return {"activity", "waits for an answer of " + engine::ConnectorOf(task)};
    case Frame::Waiting::kEvents: return {"event", "waits for an event"};
    case Frame::Waiting::kOperator:
      return {"operator", "has failed; an operator tries it again, skips, completes or fails it"};
    default: break;
  }
  if (task.kind == dsl::TaskKind::kWait) return {"timer", "waits until the time set by the workflow"};
  return {"retry", "tries again after an error"};
}

// {since, by, reason, and what the engine has to say: task, error}; null: it is not.
Json PausedJson(const State& state) {
  if (!state.paused) return {};
  return Json::WithMember(state.paused->note, "since", TimeJson(state.paused->since_us));
}

Json WaitingJson(const State& state, const dsl::Program& program) {
  std::vector<Json> waits;
  for (const auto& [id, frame] : state.frames) {
    if (frame.waiting == Frame::Waiting::kNothing || waits.size() >= 100) continue;
    const dsl::Task& task = program.all.at(frame.task);
    const Wait wait = WaitOf(frame, task);
    const std::int64_t until_us = frame.waiting == Frame::Waiting::kTimer ? frame.due_us : frame.deadline_us;
    waits.push_back(Json::Object({{"ref", task.reference},
                                  {"name", task.name},
                                  {"task_id", id},
                                  {"reason", wait.reason},
                                  {"since", TimeJson(frame.waiting_since_us)},
                                  {"until", TimeJson(until_us)},
                                  {"detail", wait.detail}}));
  }
  return Json::Array(std::move(waits));
}

// Null: it is not being cancelled, or has ended.
Json CancellingJson(const State& state) {
  if (!state.cancelling) return {};
  return Json::Object(
      {{"reason", *state.cancelling}, {"until", TimeJson(state.frames.at(engine::kRootFrame).deadline_us)}});
}

void AddTask(std::vector<Json::Member>& members, const Event& event, const dsl::Program& program) {
  if (event.task == dsl::kNoTask) return;
  const dsl::Task& task = program.all.at(event.task);
  members.emplace_back("ref", task.reference);
  members.emplace_back("name", task.name);
  members.emplace_back("kind", dsl::NameOf(task.kind));
  members.emplace_back("task_id", event.frame);
  members.emplace_back("parent_id", event.parent == engine::kRootFrame ? Json() : Json(event.parent));
}

void AddData(std::vector<Json::Member>& members, const Event& event, const dsl::Program& program) {
  const Json data = event.data.value_or(Json());
  switch (event.type) {
    case EventType::kExecutionStarted: members.emplace_back("input", data); break;
    case EventType::kExecutionCompleted: members.emplace_back("output", data); break;
    case EventType::kCancelRequested: members.emplace_back("reason", data); break;
    case EventType::kExecutionCancelled:
      members.emplace_back("reason", data);
      members.emplace_back("cut_short", event.number == 1);
      break;
    case EventType::kTaskCompleted:
      if (event.data) members.emplace_back("output", data);
      if (const auto* choice = std::get_if<dsl::SwitchTask>(&program.all.at(event.task).body);
          choice && event.number > 0 && event.number <= choice->cases.size()) {
        members.emplace_back("case", choice->cases[event.number - 1].name);
      }
      break;
    case EventType::kExecutionFaulted:
    case EventType::kTaskFaulted:
    case EventType::kTaskParked:
    case EventType::kErrorCaught: members.emplace_back("error", data); break;
    case EventType::kExecutionPaused:
    case EventType::kExecutionResumed:
    case EventType::kTaskRepaired:
      for (const auto& [name, value] : data.AsObject()) members.emplace_back(name, value);
      break;
    case EventType::kActivityFailed:
    case EventType::kRetryScheduled:
      members.emplace_back("attempt", event.number);
      members.emplace_back("error", data);
      break;
    case EventType::kRetryStarted: members.emplace_back("attempt", event.number); break;
    case EventType::kActivityLost:
      members.emplace_back("lost", event.number);
      members.emplace_back("error", LostError());
      break;
    case EventType::kActivityScheduled:
      members.emplace_back("attempt", event.number);
      members.emplace_back("connector", engine::ConnectorOf(program.all.at(event.task)));
      if (event.data) members.emplace_back("request", data);
      break;
    case EventType::kLoopAdvanced: members.emplace_back("index", event.number); break;
    case EventType::kEventConsumed:
      members.emplace_back("position", event.position);
      if (event.data) members.emplace_back("event", data);
      members.emplace_back("last", event.next == 1);
      break;
    case EventType::kRoundCompleted: members.emplace_back("output", data); break;
    case EventType::kExecutionMigrated:
      for (const auto& [name, value] : data.AsObject()) members.emplace_back(name, value);
      return;  // where its frames are now is the engine's own business
    case EventType::kExecutionForked:
      for (const auto& [name, value] : data.AsObject()) members.emplace_back(name, value);
      members.emplace_back("began", TimeJson(event.due_us));
      if (event.input) members.emplace_back("input", *event.input);
      return;
    case EventType::kTaskStarted:
      if (program.all.at(event.task).kind == dsl::TaskKind::kFor) members.emplace_back("items", data.Size());
      break;
    default: break;
  }
  const bool is_call = event.type == EventType::kActivityScheduled;
  if (event.input) members.emplace_back(is_call ? "timeouts" : "input", *event.input);
  if (event.due_us != 0) members.emplace_back("due", TimeJson(event.due_us));
  if (event.deadline_us != 0) members.emplace_back("deadline", TimeJson(event.deadline_us));
}

}  // namespace

Json EventJson(const Event& event, const dsl::Program& program) {
  std::vector<Json::Member> members{
      {"seq", event.seq}, {"time", TimeJson(event.time_us)}, {"type", engine::NameOf(event.type)}};
  AddTask(members, event, program);
  AddData(members, event, program);
  return Json::Object(std::move(members));
}

namespace {

Json LabelsOf(const engine::ExecutionRecord& record, engine::LabelKind kind) {
  std::vector<Json::Member> members;
  for (const engine::Label& label : record.labels) {
    if (label.kind == kind) members.emplace_back(std::string_view(label.name), label.value);
  }
  return Json::Object(std::move(members));
}

}  // namespace

Json ExecutionSummaryJson(const engine::ExecutionRecord& record) {
  const bool finished = record.finished_us.has_value();
  return Json::Object(
      {{"id", record.id.ToString()},
       {"workflow", record.workflow},
       {"namespace", record.name_space},
       {"version", record.version},
       {"status", engine::NameOf(record.phase)},
       {"trigger", engine::NameOf(record.trigger)},
       {"parent", record.parent ? Json(record.parent->ToString()) : Json()},
       {"created_at", TimeJson(record.created_us)},
       {"started_at", TimeJson(record.started_us)},
       {"finished_at", finished ? TimeJson(*record.finished_us) : Json()},
       {"duration_ms", finished ? Json(Milliseconds(*record.finished_us - record.started_us)) : Json()},
       {"error", record.error},
       {"tags", LabelsOf(record, engine::LabelKind::kTag)},
       {"attributes", LabelsOf(record, engine::LabelKind::kAttribute)}});
}

Json ShortViewJson(const engine::ExecutionRecord& record) {
  Json view = ExecutionSummaryJson(record);
  view = Json::WithMember(std::move(view), "correlation_id", record.correlation);
  for (const char* absent : {"input", "output", "cancelling", "events", "forked_from"})
    view = Json::WithMember(std::move(view), absent, Json());
  for (const char* empty : {"migrations", "waiting_for", "tasks"})
    view = Json::WithMember(std::move(view), empty, Json::Array({}));
  view = Json::WithMember(std::move(view), "tasks_total", Json());
  return Json::WithMember(std::move(view), "too_large", true);
}

constexpr std::size_t kTaskValueBytesMax = 16U
                                           << 20U;  // inputs, outputs and details of all tasks in one view

// The tasks of an execution, gathered while its events are folded.
class ExecutionView::Tasks {
 public:
  void Add(const Event& event, const std::shared_ptr<const dsl::Program>& program) {
    if (programs_.empty() || programs_.back() != program) programs_.push_back(program);
    Note(event);
    engine::Apply(state_, *program, event);
    if (event.type == EventType::kExecutionMigrated) Move(event);
    if (event.type == EventType::kExecutionForked) Leave(event);
  }

  const State& state() const { return state_; }
  // Of the last event.
  const dsl::Program& program() const { return *programs_.back(); }
  const std::vector<Json>& migrations() const { return migrations_; }
  const Json& forked_from() const { return forked_from_; }

  Json ToJson(const ExecutionId& execution) const {
    std::vector<Json> rows;
    std::size_t room = kTaskValueBytesMax;
    for (const Row& row : rows_) rows.push_back(RowJson(row, execution, room));
    return Json::Array(std::move(rows));
  }
  std::size_t total() const { return total_; }

 private:
  struct Row {
    FrameId id = 0;
    FrameId parent = 0;
    const dsl::Task* task = nullptr;  // in the version that it began in, or was moved to
    std::string_view status = "running";
    std::optional<std::uint32_t> iteration;
    std::uint32_t attempts = 1;
    std::int64_t started_us = 0;
    std::int64_t finished_us = 0;
    Json input;
    std::optional<Json> raw_input;         // where `input.from` makes another of it
    std::optional<ExecutionId> copied_of;  // it had ended when the execution was forked from that one
    Json output;
    Json error;
    Json detail;
    std::vector<Json> failures;
  };

  void Note(const Event& event) {
    switch (event.type) {
      case EventType::kTaskStarted: Begin(event); break;
      case EventType::kTaskCompleted: End(event, "completed"); break;
      case EventType::kTaskSkipped: End(event, "skipped"); break;
      case EventType::kTaskFaulted: End(event, "faulted"); break;
      case EventType::kTaskCancelled: End(event, "cancelled"); break;
      case EventType::kActivityScheduled:
        if (Row* row = Find(event.frame)) {
          row->attempts = event.number;
          if (event.data) row->detail = Json::Object({{"request", *event.data}});
        }
        break;
      case EventType::kActivityFailed:
      case EventType::kRetryScheduled: NoteFailure(event, event.data.value_or(Json())); break;
      case EventType::kActivityLost: NoteFailure(event, LostError()); break;
      case EventType::kTaskParked:
        NoteFailure(event, event.data.value_or(Json()));
        if (Row* row = Find(event.frame)) row->error = event.data.value_or(Json());
        break;
      case EventType::kTaskRepaired:
        if (Row* row = Find(event.frame)) row->error = Json();
        break;
      case EventType::kRetryStarted:
        if (Row* row = Find(event.frame)) row->attempts = event.number;
        break;
      case EventType::kErrorCaught:
        if (Row* row = Find(event.frame))
          row->detail = Json::Object({{"caught", event.data.value_or(Json())}});
        break;
      default: break;
    }
  }

  void Move(const Event& event) {
    for (const auto& [id, frame] : state_.frames) {
      if (Row* row = Find(id)) row->task = &program().all.at(frame.task);
    }
    std::vector<Json::Member> members{{"seq", event.seq}, {"time", TimeJson(event.time_us)}};
    for (const auto& [name, value] : event.data.value_or(Json::EmptyObject()).AsObject())
      members.emplace_back(name, value);
    migrations_.push_back(Json::Object(std::move(members)));
  }

  // The past, of which the tasks that have ended are.
  void Leave(const Event& event) {
    const Json origin = event.data.value_or(Json());
    forked_from_ = Json::WithMember(origin, "at", TimeJson(event.time_us));
    const auto past = ExecutionId::Parse(origin["execution"].StringOr(""));
    if (!past) return;
    for (Row& row : rows_) {
      if (row.finished_us != 0 && !row.copied_of) row.copied_of = *past;
    }
  }

  void NoteFailure(const Event& event, Json error) {
    Row* row = Find(event.frame);
    if (!row) return;
    row->failures.push_back(Json::Object({{"attempt", row->attempts},
                                          {"time", TimeJson(event.time_us)},
                                          {"error", std::move(error)},
                                          {"retry_at", TimeJson(event.due_us)}}));
  }

  // The parent's frame before the event is applied: what the task was given.
  Json RawInput(const Event& event) const {
    const auto parent = state_.frames.find(event.parent);
    return parent == state_.frames.end() ? Json() : engine::RawInput(program(), parent->second);
  }

  Row* Find(FrameId id) {
    const auto found = by_id_.find(id);
    return found == by_id_.end() ? nullptr : &rows_[found->second];
  }

  Row* Begin(const Event& event) {
    ++total_;
    if (rows_.size() >= kTasksMax) return nullptr;
    Row row{.id = event.frame,
            .parent = event.parent,
            .task = &program().all.at(event.task),
            .started_us = event.time_us};
    row.input = event.input ? *event.input : RawInput(event);
    if (event.input) row.raw_input = RawInput(event);
    row.iteration = Iteration(event.parent);
    if (row.task->kind == dsl::TaskKind::kFor && event.data) {
      row.detail = Json::Object({{"items", event.data->Size()}});
    }
    by_id_[event.frame] = rows_.size();
    rows_.push_back(std::move(row));
    return &rows_.back();
  }

  void End(const Event& event, std::string_view status) {
    const bool seen = by_id_.contains(event.frame) || state_.frames.contains(event.frame);
    Row* row = seen ? Find(event.frame) : Begin(event);
    if (!row) return;
    row->status = status;
    row->finished_us = event.time_us;
    if (status == "faulted") {
      row->error = event.data.value_or(Json());
    } else if (status == "completed" || status == "skipped") {
      row->output = event.data ? *event.data : OwnRawInput(event);
    }
    const auto* choice = std::get_if<dsl::SwitchTask>(&program().all.at(event.task).body);
    if (choice && event.number > 0 && event.number <= choice->cases.size()) {
      row->detail = Json::Object({{"case", choice->cases[event.number - 1].name}});
    }
  }

  Json OwnRawInput(const Event& event) const {
    const auto own = state_.frames.find(event.frame);
    return own == state_.frames.end() ? RawInput(event) : own->second.raw_input;
  }

  std::optional<std::uint32_t> Iteration(FrameId id) const {
    while (id != engine::kRootFrame) {
      const auto found = state_.frames.find(id);
      if (found == state_.frames.end()) return std::nullopt;
      const Frame& frame = found->second;
      if (program().all.at(frame.task).kind == dsl::TaskKind::kFor) return frame.index;
      if (frame.listening && frame.listening->rounds > 0) return frame.listening->rounds - 1;
      id = found->second.parent;
    }
    return std::nullopt;
  }

  std::string_view StatusNow(const Row& row) const {
    const auto frame = state_.frames.find(row.id);
    if (frame == state_.frames.end() || row.status != "running") return row.status;
    const auto waiting = frame->second.waiting;
    if (waiting == Frame::Waiting::kOperator) return "suspended";
    return waiting == Frame::Waiting::kTimer || waiting == Frame::Waiting::kEvents ? "waiting" : "running";
  }

  // Tasks share their values in memory, and a thousand of them may show the same large one: written out they
  // would have no bound. `room` is what is left; a value that does not fit costs some too, so that looking at
  // all of them is bounded as well.
  static Json Fitting(const Json& value, std::size_t& room, bool& omitted) {
    const std::size_t bytes = value.MemoryBytes(room);
    if (bytes < room) {
      room -= bytes;
      return value;
    }
    room -= room / 4;
    omitted = true;
    return {};
  }

  Json RowJson(const Row& row, const ExecutionId& execution, std::size_t& room) const {
    const dsl::Task& task = *row.task;
    bool omitted = false;
    const Json input = Fitting(row.input, room, omitted);
    const Json raw_input = Fitting(row.raw_input.value_or(Json()), room, omitted);
    const Json output = Fitting(row.output, room, omitted);
    const Json detail = Fitting(row.detail, room, omitted);
    std::vector<Json::Member> members{
        {"id", row.id},
        {"parent", row.parent == engine::kRootFrame ? Json() : Json(row.parent)},
        {"ref", task.reference},
        {"name", task.name},
        {"kind", dsl::NameOf(task.kind)},
        {"status", StatusNow(row)},
        {"iteration", row.iteration ? Json(*row.iteration) : Json()},
        {"attempts", row.attempts},
        {"started_at", TimeJson(row.started_us)},
        {"finished_at", TimeJson(row.finished_us)},
        {"duration_ms", row.finished_us ? Json(Milliseconds(row.finished_us - row.started_us)) : Json()},
        {"input", input},
        {"output", output},
        {"error", row.error}};
    if (row.raw_input) members.emplace_back("raw_input", raw_input);
    if (!row.failures.empty()) members.emplace_back("failures", Json::Array(row.failures));
    if (!detail.IsNull()) members.emplace_back("detail", detail);
    if (std::holds_alternative<dsl::RunTask>(task.body))
      members.emplace_back("child", ChildId(row.copied_of.value_or(execution), row.id).ToString());
    if (omitted) members.emplace_back("values_omitted", true);
    return Json::Object(std::move(members));
  }

  std::vector<std::shared_ptr<const dsl::Program>> programs_;
  State state_;
  std::vector<Json> migrations_;
  Json forked_from_;  // null: it has no past
  std::vector<Row> rows_;
  std::map<FrameId, std::size_t> by_id_;
  std::size_t total_ = 0;
};

ExecutionView::ExecutionView() : tasks_(std::make_unique<Tasks>()) {}
ExecutionView::~ExecutionView() = default;

void ExecutionView::Add(const Event& event, const std::shared_ptr<const dsl::Program>& program) {
  tasks_->Add(event, program);
}

Json ExecutionView::ToJson(const engine::ExecutionRecord& record) const {
  const State& state = tasks_->state();
  Json view = ExecutionSummaryJson(record);
  // The row may be older or newer than the events read after it; how it ended is told by the events.
  if (engine::IsFinal(state.phase))
    view = Json::WithMember(std::move(view), "status", engine::NameOf(state.phase));
  view = Json::WithMember(std::move(view), "correlation_id", record.correlation);
  view = Json::WithMember(std::move(view), "input", state.input);
  view = Json::WithMember(std::move(view), "output", state.output);
  const bool cancelled = state.phase == engine::Phase::kCancelled;
  view = Json::WithMember(std::move(view), "error", cancelled ? Json() : state.error);
  view = Json::WithMember(std::move(view), "cancel_reason", cancelled ? state.error : Json());
  view = Json::WithMember(std::move(view), "cancelling", CancellingJson(state));
  view = Json::WithMember(std::move(view), "paused", PausedJson(state));
  view = Json::WithMember(std::move(view), "events", state.seq);
  view = Json::WithMember(std::move(view), "migrations", Json::Array(tasks_->migrations()));
  view = Json::WithMember(std::move(view), "forked_from", tasks_->forked_from());
  view = Json::WithMember(std::move(view), "waiting_for",
                          state.frames.empty() ? Json::EmptyArray() : WaitingJson(state, tasks_->program()));
  view = Json::WithMember(std::move(view), "tasks", tasks_->ToJson(record.id));
  return Json::WithMember(std::move(view), "tasks_total", tasks_->total());
}

}  // namespace elevaite::workflow
