// The graph of a document, for the canvas: tasks as nodes, the flow as edges; and back.
//
// {"nodes": [{"id": "/do/0/a",           the task's pointer in the document
//             "kind": "call",            empty when none can be told
//             "name": "a",
//             "parent": "/do/1/loop",    the task whose list it stands in; absent at the top
//             "list": "/do/1/loop/do",   that list; "parent" is its beginning
//             "position": 0,             in that list
//             "definition": {...},       as written; its lists of tasks are there, but empty
//             "line", "column",          of the name
//             "problems"?: [{"code", "severity", "message"}]}],
//  "edges": [{"from": "/do/0/a", "to": "/do/1/loop", "kind": "sequence", "label"?}],
//  "document": {...}}                    the rest: the document with an empty `do`
//
// Kinds of edges: sequence (to the next task, or from a task to the first of its list), then, case (label:
// the case's name), catch (from a `try` to the first task of its `catch`, or to where `catch.then` leads),
// branch, loop (from a `for` or `foreach` to the first task of its list), undo (from a step of a saga to the
// first task of its `undo`). `to` is a node's id, or "end" (the workflow ends) or "exit" (the list is left).
// A target that does not exist gives no edge.
//
// Lists of tasks: `do`, `fork.branches`, `try`, `catch.do`, `foreach.do`, of `call: asyncapi` also
// `with.subscription.foreach.do`, of `call: flow.saga` `with.steps`, of each step `undo`. One with an item
// that is not `- name: definition` stays in its definition.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "dsl/diagnostic.h"
#include "foundation/json.h"
#include "foundation/result.h"
#include "foundation/yaml.h"

namespace elevaite::dsl::tools {

Json ToGraph(const yaml::Node& document, std::span<const Diagnostic> diagnostics = {});

// The document of a graph: nodes go into the list they name, in the order of their positions. Ids are names
// by which lists are found (`list` begins with the id of a node, or is "/do"); they need not be the pointers
// that come out. kInvalidArgument: a member is missing or wrong, or a node hangs in no list.
Result<Json> FromGraph(const Json& graph);

// As a flowchart for mermaid (https://mermaid.js.org).
std::string ToMermaid(const Json& graph);

// What a task is, by its keys: "call", "for", ...; empty for none.
std::string_view KindOfTask(const Json& definition);
// Below a task's pointer where its lists of tasks may be: {"do"}, {"fork", "branches"}, ...
std::vector<std::span<const std::string_view>> TaskListsOf(const Json& definition);
// Whether every item is `- name: definition`.
bool IsTaskList(const Json& value);

}  // namespace elevaite::dsl::tools
