// Edit: typed operations on a document, as the canvas, forms and agents need them. What an operation does not
// name keeps its text, byte for byte.
//
//   {"op": "add", "list": "/do", "at": 1, "name": "x", "task": {...}}      `task` may be YAML text, too
//   {"op": "replace", "task": "/do/1/x", "definition": {...}}
//   {"op": "move", "task": "/do/1/x", "list": "/do/0/a/do", "at": 0}
//   {"op": "rename", "task": "/do/1/x", "name": "y"}                       every `then` that names it follows
//   {"op": "delete", "task": "/do/1/x"}                                    every `then` that names it is
//   repaired
//   {"op": "set", "at": "/do/0/a/with/method", "value": "get"}             makes the mappings on the way
//   {"op": "unset", "at": "/do/0/a/with/body"}
//
// Pointers are of the document as the operations before have left it; `at` of add and move is the task's
// place in the list afterwards, without it the end. All of them are done, or none.
//
// A `then` that named a task which is deleted or moved to another list goes where that task would have gone
// on: to its own `then`, else to the task behind it; where that is the next one anyway, it is dropped.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "dsl/tools/changes.h"
#include "foundation/json.h"
#include "foundation/result.h"

namespace elevaite::dsl::tools {

inline constexpr std::size_t kOperationsMax = 100;
// Operations times bytes of the document: each reads it again.
inline constexpr std::size_t kWorkBytesMax = 16U << 20U;

struct Repair {
  std::string pointer;  // of the `then`, at the time of its operation
  std::string from;
  std::optional<std::string> to;  // none: it was dropped
};

struct Edited {
  std::string source;
  std::vector<TextChange> changes;  // of the first text, in its order
  std::vector<Repair> repairs;
};

// kInvalidWorkflow: the text is no YAML or JSON. kInvalidArgument, kNotFound, kConflict (a name is taken):
// which operation, and why; nothing was done.
Result<Edited> Edit(std::string_view source, const Json& operations);

Json ToJson(const TextChange& change);
Json ToJson(const Repair& repair);

}  // namespace elevaite::dsl::tools
