// The workflow as written, after validation: every part in its field, with its place; names not yet resolved,
// expressions not yet compiled. Made by Validate also from documents with errors: what could not be
// understood is left out. Flow checks, lowering to a Program and the outline all read this tree.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "dsl/program.h"
#include "foundation/yaml.h"

namespace elevaite::dsl::syntax {

// A value of the document and where it stands.
struct Place {
  yaml::Node node;
  std::string pointer;                  // "/do/0/a/with"
  std::optional<yaml::Range> key = {};  // of the key it stands under

  // What a diagnostic about the value marks: a scalar itself, else the key (a whole block would say nothing).
  yaml::Range range() const { return key && !node.IsScalar() ? *key : node.range(); }
};
using Field = std::optional<Place>;

struct Flow {
  std::string target;  // "continue", "exit", "end" or a task's name
  Place place;
};

struct Case {
  std::string name;
  Place place;
  Field when;
  std::optional<Flow> then;
};

struct Retry {
  Field when;
  Field except_when;
  Field delay;  // a duration literal or an expression
  RetryPolicy::Backoff backoff = RetryPolicy::Backoff::kConstant;
  double factor = 2;
  std::int64_t increment_us = 0;
  std::int64_t delay_max_us = 0;
  std::optional<std::uint32_t> count;
  std::optional<std::int64_t> total_us;
  std::optional<std::int64_t> attempt_us;
  std::int64_t jitter_from_us = 0;
  std::int64_t jitter_to_us = 0;
  Place place;
};

// `input`, `output` or `export`: how data is shaped and what it must be like.
struct Shape {
  Field value;   // `from` or `as`
  Field schema;  // the object with `document` or `resource`
};

struct Correlation {
  std::string name;
  Field from;
  Field expect;
};
struct EventFilter {
  Field with;
  std::vector<Correlation> correlate;
};
struct EventStrategy {
  dsl::EventStrategy::Mode mode = dsl::EventStrategy::Mode::kOne;
  std::vector<EventFilter> filters;
  Field until_condition;
  std::shared_ptr<const EventStrategy> until_events;
};
struct Listen {
  EventStrategy to;
  EventRead read = EventRead::kData;
};
// `foreach` of events and messages; its tasks are the task's.
struct Iterator {
  std::string item = "item";
  std::string at = "index";
  Shape output;
  Shape export_;
};
struct Run {
  std::string process;  // "workflow", "script", "shell" or "container"
  Place definition;
  bool await = true;
  std::string result = "stdout";  // `return`
};

// `metadata.elevaite`.
struct Bounds {
  Place place;                  // in the document
  std::optional<bool> is_long;  // `class`
  Field queued;
  Field attempt;
  Field heartbeat;
};

struct Task {
  std::string name;
  yaml::Range name_range;
  std::string pointer;
  yaml::Node definition;
  std::string kind_name;         // "set", "listen"; empty when no kind could be told
  std::optional<TaskKind> kind;  // none: not known

  Field condition;
  Shape input;
  Shape output;
  Shape export_;
  Field timeout;  // its `after`
  std::shared_ptr<const Bounds> bounds;
  std::optional<Flow> then;

  // set: the value; for: `in`; raise: the error; wait: the duration; call: `with`; emit: the event's
  // attributes.
  Field value;
  // do, for, try, foreach of listen and of subscriptions: the list; fork: one task a branch.
  std::vector<Task> tasks;

  std::vector<Case> cases;        // switch
  bool cases_incomplete = false;  // some could not be read: nothing can be said of where it goes
  bool compete = false;           // fork
  std::string each = "item";
  std::string at = "index";
  Field while_condition;  // for

  // try
  Json error_filter;
  std::string catch_as = "error";
  Field catch_when;
  Field catch_except_when;
  std::shared_ptr<const Retry> retry;
  std::vector<Task> catch_tasks;
  bool is_derived = false;   // stands in no document: a saga is written out with it
  bool compensates = false;  // of a saga's step: the cancellation is caught as all other errors are
  std::optional<Flow> catch_then;

  std::string function;  // call
  Field function_place;

  std::shared_ptr<const Listen> listen;
  std::shared_ptr<const Iterator> iterator;
  std::shared_ptr<const Run> run;
};

// Under use.extensions.
struct Extension {
  std::string name;
  std::string extend;  // "call", "composite", "all" ...
  Field when;
  std::vector<Task> before;
  std::vector<Task> after;
};
struct Schedule {
  std::optional<std::int64_t> every_us;
  Field cron;
  std::optional<std::int64_t> after_us;
  std::optional<EventStrategy> on;
  EventRead read = EventRead::kData;
};

struct Workflow {
  std::string name_space;
  std::string name;
  std::string version;
  std::string title;
  std::string summary;
  Json tags;
  Json metadata;

  Shape input;
  Shape output;
  Field timeout;
  std::optional<Schedule> schedule;
  bool is_loose = false;  // evaluate.mode
  std::vector<Task> tasks;
  std::size_t task_count = 0;

  std::map<std::string, Task, std::less<>> functions;
  std::vector<Extension> extensions;
  std::vector<std::string> secrets;
  std::map<std::string, Place, std::less<>> authentications;
  std::map<std::string, std::string, std::less<>> catalogs;  // their endpoints
};

}  // namespace elevaite::dsl::syntax
