#include "dsl/slips.h"

#include <algorithm>
#include <iterator>

namespace elevaite::dsl {
namespace {

constexpr Slip kKeySlips[] = {
    {"`document`", "id", "the workflow's name is `name`"},
    {"`document`", "description", "a description is `summary` (markdown)"},
    {"`document`", "specVersion", "the version of the language is `dsl`"},
    {"`document`", "dslVersion", "the version of the language is `dsl`"},
    {"`document`", "labels", "labels are `tags`"},
    {"`document`", "annotations", "free data goes into `metadata`"},
    {"`input`", "as", "an input is shaped with `from`"},
    {"`input`", "to", "an input is shaped with `from`"},
    {"`input`", "filter", "an input is shaped with `from`"},
    {"`output`", "from", "an output is shaped with `as`"},
    {"`output`", "to",
     "an output is shaped with `as`; to keep a value for later tasks use `export: {as: ...}`"},
    {"`output`", "export", "`export` stands beside `output`, not in it"},
    {"`output`", "filter", "an output is shaped with `as`"},
    {"`export`", "to", "write `as`: what it gives becomes `$context`"},
    {"`export`", "from", "write `as`: what it gives becomes `$context`"},
    {"`export`", "context", "write `as: '$context + {...}'`: what it gives becomes `$context`"},
    {"`export`", "output", "`output` stands beside `export`, not in it"},
    {"`for`", "while", "`while` stands beside `for`, not in it"},
    {"`for`", "do", "`do` stands beside `for`, not in it"},
    {"`for`", "item", "the name of the item's variable is `each`"},
    {"`for`", "as", "the name of the item's variable is `each`"},
    {"`for`", "var", "the name of the item's variable is `each`"},
    {"`for`", "index", "the name of the index's variable is `at`"},
    {"`for`", "of", "what is looped over is `in`"},
    {"`for`", "items", "what is looped over is `in`"},
    {"`for`", "from", "what is looped over is `in`"},
    {"`fork`", "tasks", "the parallel tasks are `branches`"},
    {"`fork`", "do", "the parallel tasks are `branches`"},
    {"`fork`", "join", "`fork` waits for all branches; for the first one write `compete: true`"},
    {"`fork`", "mode", "`fork` waits for all branches; for the first one write `compete: true`"},
    {"`fork`", "race", "for the first branch to end write `compete: true`"},
    {"a switch case", "if", "the condition of a case is `when`"},
    {"a switch case", "condition", "the condition of a case is `when`"},
    {"a switch case", "case", "the condition of a case is `when`"},
    {"a switch case", "goto", "where to go is `then`, the name of a task of the same list"},
    {"a switch case", "transition", "where to go is `then`, the name of a task of the same list"},
    {"a switch case", "next", "where to go is `then`, the name of a task of the same list"},
    {"a switch case", "do", "a case holds no tasks: name the task to go to with `then`"},
    {"a switch case", "default", "the default is a case without `when`"},
    {"`catch`", "error", "which errors are caught is `errors: {with: {...}}`; the variable's name is `as`"},
    {"`catch`", "with", "which errors are caught is `errors: {with: {...}}`"},
    {"`catch`", "type", "which errors are caught is `errors: {with: {type: ...}}`"},
    {"`catch`", "status", "which errors are caught is `errors: {with: {status: ...}}`"},
    {"`catch`", "retries", "write `retry`"},
    {"`catch`", "tasks", "the tasks that handle the error are `do`"},
    {"`catch.errors`", "type", "put it under `with`: errors: {with: {type: ...}}"},
    {"`catch.errors`", "status", "put it under `with`: errors: {with: {status: ...}}"},
    {"`catch.errors.with`", "code", "the error's number is `status`"},
    {"`catch.errors.with`", "message", "the error's text is `detail`"},
    {"a retry policy", "maxAttempts", "write `limit: {attempt: {count: ...}}`"},
    {"a retry policy", "max", "write `limit: {attempt: {count: ...}}`"},
    {"a retry policy", "attempts", "write `limit: {attempt: {count: ...}}`"},
    {"a retry policy", "count", "write `limit: {attempt: {count: ...}}`"},
    {"a retry policy", "interval", "the time between attempts is `delay`"},
    {"a retry policy", "multiplier", "write `backoff: {exponential: {factor: ...}}`"},
    {"`limit`", "count", "write `attempt: {count: ...}`"},
    {"`limit`", "attempts", "write `attempt: {count: ...}`"},
    {"`raise`", "type", "put it under `error`: raise: {error: {type: ..., status: ...}}"},
    {"`raise`", "status", "put it under `error`: raise: {error: {type: ..., status: ...}}"},
    {"`raise`", "message",
     "put it under `error` as `detail`: raise: {error: {type: ..., status: ..., detail: ...}}"},
    {"`raise.error`", "code", "the error's number is `status`"},
    {"`raise.error`", "message", "the error's text is `detail`"},
    {"`raise.error`", "details", "the error's text is `detail`"},
    {"`raise.error`", "name", "the error's kind is `type`, a URI"},
    {"a task", "condition", "the condition of a task is `if`"},
    {"a task", "when", "the condition of a task is `if`"},
    {"a task", "next", "where to go afterwards is `then`"},
    {"a task", "goto", "where to go afterwards is `then`"},
    {"a task", "onError", "errors are caught by a `try` task around this one: try: [...], catch: {...}"},
    {"a task", "retry", "retries belong to a `try` task around this one: try: [...], catch: {retry: ...}"},
    {"a task", "catch", "`catch` belongs to a task with `try`"},
    {"a task", "while", "`while` belongs to a task with `for`"},
    {"a task", "branches", "branches stand in `fork: {branches: [...]}`"},
    {"a task", "compete", "`compete` stands in `fork: {branches: [...], compete: true}`"},
    {"a task", "default", "the default of a `switch` is a case without `when`"},
    {"a task", "name", "a task's name is the key it stands under"},
    {"a task", "id", "a task's name is the key it stands under"},
    {"a task", "description", "free data goes into `metadata`"},
    {"a task", "each", "`each` stands in `for: {each: ..., in: ...}`"},
    {"a task", "in", "`in` stands in `for: {each: ..., in: ...}`"},
    {"a task", "args", "the arguments of a call are `with`"},
    {"a task", "arguments", "the arguments of a call are `with`"},
    {"a task", "params", "the arguments of a call are `with`"},
    {"a task", "method", "the arguments of a call stand in `with`"},
    {"a task", "endpoint", "the arguments of a call stand in `with`"},
    {"a task", "url", "the arguments of a call stand in `with`; for http the address is `endpoint`"},
    {"a task", "result", "an output is shaped with `output: {as: ...}`"},
    {"a task", "outputs", "an output is shaped with `output: {as: ...}`"},
};

struct KindSlip {
  std::string_view wrong;
  std::string_view hint;
};
constexpr KindSlip kKindSlips[] = {
    {"parallel", "tasks run side by side in `fork: {branches: [...]}`"},
    {"concurrent", "tasks run side by side in `fork: {branches: [...]}`"},
    {"branch", "tasks run side by side in `fork: {branches: [...]}`"},
    {"branches", "tasks run side by side in `fork: {branches: [...]}`"},
    {"sequence", "tasks one after the other are `do: [...]`"},
    {"steps", "tasks one after the other are `do: [...]`"},
    {"tasks", "tasks one after the other are `do: [...]`"},
    {"foreach", "a loop is `for: {each: ..., in: ...}` with `do` beside it"},
    {"forEach", "a loop is `for: {each: ..., in: ...}` with `do` beside it"},
    {"loop", "a loop is `for: {each: ..., in: ...}` with `do` beside it"},
    {"map", "a loop is `for: {each: ..., in: ...}` with `do` beside it"},
    {"repeat", "a loop is `for: {each: ..., in: ...}` with `do` beside it, or `then: <earlier task>`"},
    {"while", "`while` belongs to a task with `for`; other loops go back with `then: <earlier task>`"},
    {"sleep", "a pause is `wait: {seconds: ...}`"},
    {"delay", "a pause is `wait: {seconds: ...}`"},
    {"pause", "a pause is `wait: {seconds: ...}`"},
    {"throw", "an error is raised with `raise: {error: {type: ..., status: ...}}`"},
    {"error", "an error is raised with `raise: {error: {type: ..., status: ...}}`"},
    {"fail", "an error is raised with `raise: {error: {type: ..., status: ...}}`"},
    {"catch", "`catch` belongs to a task with `try: [...]`"},
    {"if", "`if` is the condition of a task; to choose between tasks use `switch: [...]`"},
    {"choice", "choosing is `switch: [{name: {when: ..., then: ...}}]`"},
    {"case", "choosing is `switch: [{name: {when: ..., then: ...}}]`"},
    {"cases", "choosing is `switch: [{name: {when: ..., then: ...}}]`"},
    {"condition", "choosing is `switch: [{name: {when: ..., then: ...}}]`; a task's condition is `if`"},
    {"http", "an HTTP request is `call: http` with `with: {method: ..., endpoint: ...}`"},
    {"https", "an HTTP request is `call: http` with `with: {method: ..., endpoint: ...}`"},
    {"request", "an HTTP request is `call: http` with `with: {method: ..., endpoint: ...}`"},
    {"fetch", "an HTTP request is `call: http` with `with: {method: ..., endpoint: ...}`"},
    {"function", "a function is called with `call: <name>` and `with: {...}`"},
    {"functionRef", "a function is called with `call: <name>` and `with: {...}`"},
    {"invoke", "a function is called with `call: <name>` and `with: {...}`"},
    {"action", "a function is called with `call: <name>` and `with: {...}`"},
    {"uses", "a function is called with `call: <name>` and `with: {...}`"},
    {"tool", "a function is called with `call: <name>` and `with: {...}`"},
    {"with", "`with` holds the arguments of `call: <name>`"},
    {"llm", "a model is called with `call: llm.generate` and `with: {...}`"},
    {"prompt", "a model is called with `call: llm.generate` and `with: {...}`"},
    {"agent", "agents and models are functions: `call: <name>` and `with: {...}`"},
    {"assign", "data is set with `set: {...}`"},
    {"let", "data is set with `set: {...}`"},
    {"inject", "data is set with `set: {...}`"},
    {"data", "data is set with `set: {...}`"},
    {"transform", "data is set with `set: {...}`, or shaped with `output: {as: ...}`"},
    {"return", "the last task's output is the workflow's; shape it with `output: {as: ...}`"},
    {"script", "scripts are `run: {script: ...}`"},
    {"shell", "commands are `run: {shell: ...}`"},
    {"workflow", "workflows are run with `run: {workflow: ...}`"},
    {"subflow", "workflows are run with `run: {workflow: ...}`"},
    {"event", "events are sent with `emit` and awaited with `listen`"},
};

constexpr std::string_view kOldRootKeys[] = {"id",         "specVersion", "start",           "states",
                                             "functions",  "events",      "dataInputSchema", "expressionLang",
                                             "retries",    "errors",      "constants",       "secrets",
                                             "keepActive", "autoRetries"};
constexpr std::string_view kOldTaskKeys[] = {"actions",
                                             "stateDataFilter",
                                             "onErrors",
                                             "transition",
                                             "dataConditions",
                                             "eventConditions",
                                             "defaultCondition",
                                             "inputCollection",
                                             "outputCollection",
                                             "iterationParam",
                                             "usedForCompensation",
                                             "compensatedBy",
                                             "onEvents",
                                             "eventRef",
                                             "subFlowRef",
                                             "actionMode",
                                             "completionType",
                                             "end"};

struct Synonym {
  std::string_view wrong;
  std::string_view right[3];
};
constexpr Synonym kSynonyms[] = {
    {"url", {"endpoint", "uri", "address"}},
    {"uri", {"endpoint", "url"}},
    {"href", {"endpoint", "url"}},
    {"address", {"endpoint", "to"}},
    {"host", {"endpoint"}},
    {"verb", {"method"}},
    {"type", {"method"}},
    {"data", {"body", "payload"}},
    {"payload", {"body", "data"}},
    {"json", {"body"}},
    {"content", {"body", "prompt", "text"}},
    {"params", {"query", "parameters"}},
    {"queryParams", {"query"}},
    {"parameters", {"query", "arguments"}},
    {"header", {"headers"}},
    {"auth", {"authentication"}},
    {"input", {"prompt", "body"}},
    {"text", {"prompt", "body"}},
    {"instructions", {"system", "prompt"}},
    {"maxTokens", {"max_tokens"}},
    {"followRedirects", {"redirect"}},
};

}  // namespace

const Slip* FindKeySlip(std::string_view where, std::string_view key) {
  const auto* found = std::ranges::find_if(
      kKeySlips, [&](const Slip& slip) { return slip.where == where && slip.wrong == key; });
  return found == std::end(kKeySlips) ? nullptr : found;
}

std::string_view TaskSlip(std::string_view kind) {
  const auto* found = std::ranges::find(kKindSlips, kind, &KindSlip::wrong);
  return found == std::end(kKindSlips) ? std::string_view() : found->hint;
}

bool IsOldRootKey(std::string_view key) {
  return std::ranges::find(kOldRootKeys, key) != std::end(kOldRootKeys);
}

bool IsOldTaskKey(std::string_view key) {
  return std::ranges::find(kOldTaskKeys, key) != std::end(kOldTaskKeys);
}

std::string_view SynonymOfArgument(std::string_view wrong, std::size_t index) {
  const auto* found = std::ranges::find(kSynonyms, wrong, &Synonym::wrong);
  if (found == std::end(kSynonyms) || index >= std::size(found->right)) return {};
  return found->right[index];
}

}  // namespace elevaite::dsl
