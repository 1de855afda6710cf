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
#include "foundation/json.h"

namespace elevaite::dsl {

using TaskIndex = std::uint32_t;
inline constexpr TaskIndex kNoTask = std::numeric_limits<TaskIndex>::max();
using TaskList = std::vector<TaskIndex>;

enum class TaskKind : std::uint8_t { kSet, kDo, kSwitch, kFor, kFork, kTry, kRaise, kWait, kCall };
const char* NameOf(TaskKind kind);  // "set", "do", ...

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
  std::optional<std::int64_t> total_us;  // no retry starts later than this after the first run began
  std::int64_t jitter_from_us = 0;
  std::int64_t jitter_to_us = 0;
};

struct TryTask {
  TaskList tasks;
  Json error_filter;  // members of catch.errors.with (type, status, instance, title, detail); null: all
  std::string as = "error";  // the variable of the caught error
  std::optional<Expression> when;
  std::optional<Expression> except_when;
  std::optional<RetryPolicy> retry;
  TaskList catch_tasks;  // catch.do; may be empty
  Flow catch_then;       // after a caught error: catch.then, or else the task's own `then`
};
struct RaiseTask {
  Template error;  // an object: type, status, title, detail
};
struct WaitTask {
  Duration duration;
};
struct CallTask {
  std::string function;  // "http", "llm.generate": a connector's name
  Template arguments;    // `with`
};

struct Task {
  TaskIndex index = kNoTask;
  TaskIndex parent = kNoTask;  // the composite task whose list holds it; kNoTask: the workflow's own list
  std::uint32_t position = 0;  // in that list
  TaskKind kind = TaskKind::kSet;
  std::string name;
  std::string reference;  // JSON Pointer: "/do/0/name"
  std::uint32_t line = 0;
  std::uint32_t column = 0;
  Json definition;  // as written, for $task.definition

  std::optional<Expression>
      condition;  // `if`; a skipped task goes on with the next of its list, whatever its `then`
  std::optional<Template> input_from;
  std::optional<Template> output_as;
  std::optional<Template> export_as;
  Flow then;

  std::variant<SetTask, DoTask, SwitchTask, ForTask, ForkTask, TryTask, RaiseTask, WaitTask, CallTask> body;
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

  std::optional<Template> input_from;
  std::optional<Template> output_as;
  TaskList tasks;         // the workflow's own list
  std::vector<Task> all;  // indexed by TaskIndex
};

}  // namespace elevaite::dsl
