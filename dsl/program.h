// Program: a workflow document after compilation, as the engine runs it. Immutable; shared by all executions
// of a version.
//
// Tasks stand in one vector; lists are vectors of indices into it. Everything that names something by text in
// the document
// (`then: other`, `retry: name`, `raise.error: name`) is resolved here.
#pragma once

#include <cstdint>
#include <limits>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "dsl/template.h"
#include "foundation/box.h"
#include "foundation/json.h"

namespace elevaite::schema {
class Schema;
}

namespace elevaite::dsl {

using TaskIndex = std::uint32_t;
inline constexpr TaskIndex kNoTask = std::numeric_limits<TaskIndex>::max();
using TaskList = std::vector<TaskIndex>;

enum class TaskKind : std::uint8_t {
  kSet,
  kDo,
  kSwitch,
  kFor,
  kFork,
  kTry,
  kRaise,
  kWait,
  kCall,
  kEmit,
  kListen,
  kRun,
  kFunction,  // a `call` of a function of the document or a catalog: lowered to the function's own task
  kExtended,  // a task with the `before` and `after` lists of an extension around it
};
// The kind as the document has it: "set", "do", ...; kFunction is "call", kExtended "extension".
const char* NameOf(TaskKind kind);

// Where the flow goes after a task. kContinue: the next of the list; kExit: leave this list; kEnd: end the
// workflow; kTask: the task at `position` of the same list.
struct Flow {
  enum class Kind : std::uint8_t { kContinue, kExit, kEnd, kTask };
  Kind kind = Kind::kContinue;
  std::uint32_t position = 0;
};

struct SetTask {
  Template value;
};
struct DoTask {
  TaskList tasks;
};
struct SwitchTask {
  struct Case {
    std::string name;
    std::optional<Expression> when;  // none: the default
    Flow then;
  };
  // In document order; the first whose `when` is true wins, the default only if none is; without one the
  // task's own `then`.
  std::vector<Case> cases;
};
struct ForTask {
  std::string each = "item";
  std::string at = "index";
  Template in;  // an expression or a literal array
  std::optional<Expression> while_condition;
  TaskList tasks;
};
struct ForkTask {
  bool compete = false;
  TaskList branches;  // one task a branch
};

// A duration literal in microseconds, or an expression that gives an ISO 8601 text or
// {days,hours,minutes,seconds,milliseconds}.
struct Duration {
  std::int64_t microseconds = 0;
  std::optional<Template> computed;
};

// A JSON Schema of the document, compiled; the program owns it. Null: none.
using SchemaPtr = const schema::Schema*;

struct RetryPolicy {
  enum class Backoff : std::uint8_t { kConstant, kLinear, kExponential };
  std::optional<Expression> when;
  std::optional<Expression> except_when;
  Duration delay;
  Backoff backoff = Backoff::kConstant;
  double factor = 2;              // exponential: delay * factor^(n-1)
  std::int64_t increment_us = 0;  // linear: delay + increment * (n-1); 0: the delay itself
  std::int64_t delay_max_us = 0;  // 0: no bound
  // Retries after the first run. The document's `limit.attempt.count` means just that (schema: "the maximum
  // amount of retry attempts"; the text leaves open whether it counts the first run): count 5 is at most six
  // runs. None: no such limit.
  std::optional<std::uint32_t> attempts_max;
  std::optional<std::int64_t> total_us;    // no retry starts later than this after the first run began
  std::optional<std::int64_t> attempt_us;  // one run may take this long; then it faults with a timeout
  std::int64_t jitter_from_us = 0;
  std::int64_t jitter_to_us = 0;
};

struct TryTask {
  TaskList tasks;
  Json error_filter;  // members of catch.errors.with (type, status, instance, title, detail); null: all
  std::string as = "error";  // the variable of the caught error
  Box<Expression> when;
  Box<Expression> except_when;
  Box<RetryPolicy> retry;
  TaskList catch_tasks;  // catch.do; may be empty
  // The cancellation of the execution is caught, too: `catch_tasks` clean up, then it goes on outwards.
  bool catches_cancel = false;
  Flow catch_then;  // after a caught error: catch.then; kContinue: the task's own `then`
};
struct RaiseTask {
  Template error;  // an object: type, status, title, detail
};
struct WaitTask {
  Duration duration;
};
// A connector's work. `call: http`, `call: llm.generate`, and the processes of `run` ("run.script",
// "run.shell", "run.container").
struct CallTask {
  std::string function;              // "http", "llm.generate": a connector's name
  Template arguments;                // `with`, `use:` of authentications replaced by what they name
  std::string authorization_scheme;  // "Basic", "Bearer", "Digest": what $authorization tells of its policy;
                                     // empty: none
};

struct EmitTask {
  // The event's attributes as written under `event.with`: `type` is always there; `id`, `source`, `time`,
  // `specversion` are filled in by the runtime where they are missing.
  Template event;
};

// One attribute that an event must have. A text of the document that is a regular expression (see
// docs/language/semantics.md, "Events") becomes an expression as well.
struct AttributeFilter {
  std::string name;  // "type", "source", "subject", "data", an extension attribute ...
  Json literal;      // compared when there is no expression
  // `.` is the attribute's value: true or false decide; any other result must equal the attribute.
  std::optional<Expression> expression;
};
struct Correlation {
  std::string name;                // filters of one strategy share a value by this name
  Expression from;                 // `.` is the event (envelope)
  std::optional<Template> expect;  // none: the first value seen is expected of the events after it
};
struct EventFilter {
  std::vector<AttributeFilter> with;
  std::vector<Correlation> correlate;
};
struct EventStrategy {
  enum class Mode : std::uint8_t { kOne, kAny, kAll };
  Mode mode = Mode::kOne;
  std::vector<EventFilter> filters;  // kOne: exactly one; kAny without filters takes every event
  // kAny goes on after an event until this is true (`.` is the list of the events read so far) ...
  std::optional<Expression> until_condition;
  // ... or until this strategy is satisfied; the events it takes are not part of the output.
  std::shared_ptr<const EventStrategy> until_events;

  bool EndsWithFirst() const { return mode == Mode::kAny && !until_condition && !until_events; }
};
// How an event is handed on: its data, all of it, or its data as a text in base64.
enum class EventRead : std::uint8_t { kData, kEnvelope, kRaw };

struct ListenTask {
  EventStrategy to;
  EventRead read = EventRead::kData;
  struct Each {
    std::string item = "item";
    std::string at = "index";
    TaskList tasks;
    std::optional<Template> output_as;
    SchemaPtr output_schema = nullptr;
    std::optional<Template> export_as;
    SchemaPtr export_schema = nullptr;
  };
  Box<Each> each;  // `foreach`
};

// `run: workflow`; processes are a CallTask.
struct RunTask {
  std::string name_space;
  std::string name;
  std::string version;  // empty: the latest when the child starts
  Template input;
  bool has_input = false;  // none: the task's own input
  bool await = true;
};

// `input` of the task is what the arguments give; the function's one task runs with it.
struct FunctionTask {
  Template arguments;
  TaskList tasks;
};

// The lists of extensions around one task (`tasks` has just that one). What `before` and `after` put out is
// dropped, but a `before` that leaves its list by `then: exit` ends the whole with its output: the task
// itself is skipped then.
//
// The task goes on by its wrapper's `then`: its own is kContinue. Where a case of a switch or a `catch.then`
// leads elsewhere, that is kEnd, or kTask with a position of the wrapper's list (its size to leave it), and
// takes the place of the wrapper's `then`.
struct ExtendedTask {
  std::optional<Expression> when;  // `.`: the task's raw input; false: only the task runs
  TaskList before;
  TaskList tasks;
  TaskList after;
};

// `metadata.elevaite` of a call: how long one attempt may wait for its turn, run, and be silent (`timeouts`),
// and whether it takes one of the places for what takes long (`class`).
struct CallBounds {
  std::optional<Duration> queued;
  std::optional<Duration> attempt;
  std::optional<Duration> heartbeat;
  std::optional<bool> is_long;
};

struct Task {
  TaskIndex index = kNoTask;
  TaskIndex parent = kNoTask;  // the composite task whose list holds it; kNoTask: the workflow's own list
  std::uint32_t position = 0;  // in that list
  TaskKind kind = TaskKind::kSet;
  std::string name;
  // JSON Pointer: "/do/0/name"; of a fetched function "https://...#" and the pointer in that document.
  std::string reference;
  std::uint32_t line = 0;
  std::uint32_t column = 0;
  Json definition;  // as written, for $task.definition

  Box<Expression> condition;  // `if`; a skipped task goes on with the next of its list, whatever its `then`
  SchemaPtr input_schema = nullptr;  // of the raw input
  Box<Template> input_from;
  Box<Template> output_as;
  SchemaPtr output_schema = nullptr;
  Box<Template> export_as;
  SchemaPtr export_schema = nullptr;
  Box<Duration> timeout;
  Box<CallBounds> bounds;
  Flow then;

  std::variant<SetTask, DoTask, SwitchTask, ForTask, ForkTask, TryTask, RaiseTask, WaitTask, CallTask,
               EmitTask, ListenTask, RunTask, FunctionTask, ExtendedTask>
      body;
};

// `schedule`: when executions start by themselves. Exactly one of the four.
struct Schedule {
  std::optional<std::int64_t> every_us;
  std::string cron;                      // checked; empty: none
  std::optional<std::int64_t> after_us;  // after the last one has ended
  std::optional<EventStrategy> on;       // the workflow's input is the list of the events
  EventRead read = EventRead::kData;
};

struct Program {
  std::string name_space;
  std::string name;
  std::string version;
  std::string title;
  std::string summary;
  Json tags;        // object or null
  Json metadata;    // object or null
  Json definition;  // the whole document, for $workflow.definition

  SchemaPtr input_schema = nullptr;
  std::optional<Template> input_from;
  std::optional<Template> output_as;
  SchemaPtr output_schema = nullptr;
  std::optional<Duration> timeout;
  std::optional<Schedule> schedule;
  std::vector<std::string> secrets;  // names under use.secrets: all that $secrets may have
  TaskList tasks;                    // the workflow's own list
  std::vector<Task> all;             // indexed by TaskIndex
  std::vector<std::shared_ptr<const schema::Schema>> schemas;  // that the fields above point to
};

}  // namespace elevaite::dsl
