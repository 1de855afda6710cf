// The workflow as written, after validation: every part in its field, with its place; names not yet resolved,
// expressions not yet compiled. Made by Validate also from documents with errors: what could not be
// understood is left out. Flow checks, lowering to a Program and the outline all read this tree.
#pragma once

#include <cstdint>
#include <map>
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
  std::int64_t jitter_from_us = 0;
  std::int64_t jitter_to_us = 0;
  Place place;
};

struct Task {
  std::string name;
  yaml::Range name_range;
  std::string pointer;
  yaml::Node definition;
  std::string kind_name;         // "set", "listen"; empty when no kind could be told
  std::optional<TaskKind> kind;  // none: not known, or not supported by this version

  Field condition;
  Field input_from;
  Field output_as;
  Field export_as;
  std::optional<Flow> then;

  // set: the value; for: `in`; raise: the error; wait: the duration; call: `with`.
  Field value;
  // do, for, try: the list; fork: one task a branch.
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
  std::optional<Retry> retry;
  std::vector<Task> catch_tasks;
  std::optional<Flow> catch_then;

  std::string function;  // call
  Field function_place;
};

struct Workflow {
  std::string name_space;
  std::string name;
  std::string version;
  std::string title;
  std::string summary;
  Json tags;
  Json metadata;

  Field input_from;
  Field output_as;
  std::vector<Task> tasks;
  std::size_t task_count = 0;
  // Names under use.functions: not supported yet, and said so once; calls of them are not reported again.
  std::vector<std::string> functions;
};

}  // namespace elevaite::dsl::syntax
