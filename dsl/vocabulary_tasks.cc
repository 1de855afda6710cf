// The vocabulary of tasks: what every task may have, each kind, and what stands in them.
#include "dsl/on_error.h"
#include "dsl/vocabulary_table.h"

namespace elevaite::dsl::vocabulary {
namespace {

constexpr std::string_view kReads[] = {"data", "envelope", "raw"};
constexpr std::string_view kCallClasses[] = {"quick", "long"};
constexpr std::string_view kReturns[] = {"stdout", "stderr", "code", "all", "none"};
constexpr std::string_view kProcesses[] = {"container", "script", "shell", "workflow"};
constexpr std::string_view kBackoffs[] = {"constant", "linear", "exponential"};

constexpr KeyGroup kOneProcess[] = {kProcesses};
constexpr KeyGroup kOneBackoff[] = {kBackoffs};

constexpr Key kTask[] = {
    {"if", kExpressionOnly, "The task runs only when this is true.", "'${ .total > 100 }'"},
    {"input", ObjectOf("input"), "Checks and shapes the task's input.", "{from: .order}"},
    {"output", ObjectOf("output"), "Shapes and checks the task's output.", "{as: .total}"},
    {"export", ObjectOf("export"), "Keeps data in `$context` for later tasks.",
     "{as: '$context + {total: .total}'}"},
    {"timeout", kTimeout, "How long the task may take before it faults with a timeout.", "{after: PT30S}"},
    {"then", kFlowOnly, "Where to go afterwards: continue, exit, end or a task of the same list.", "end"},
    {"metadata", ObjectOf("metadata"),
     "Free data that does not change what the task does, but for what stands under `elevaite`.",
     "{note: checked}"},
};
constexpr Key kMetadata[] = {
    {"elevaite", ObjectOf("metadata.elevaite"), "What this server knows of the task beyond the language.",
     "{timeouts: {attempt: PT30S}}"},
};
constexpr Key kElevaite[] = {
    {"class", EnumOf(kCallClasses), "Which places of a worker a call takes: long keeps no quick one waiting.",
     "long"},
    {"onError", EnumOf(kOnErrors),
     "When its error is caught by nothing: fail, or park and wait for an operator. Holds for tasks inside "
     "too.",
     "park"},
    {"timeouts", ObjectOf("metadata.timeouts"), "Bounds of a call, beside `timeout`, which bounds all of it.",
     "{queued: PT1M, attempt: PT30S, heartbeat: PT5S}"},
};
constexpr Key kTimeouts[] = {
    {"queued", kComputedDuration, "How long an attempt may wait until it begins.", "PT1M"},
    {"attempt", kComputedDuration, "How long one attempt may run.", "PT30S"},
    {"heartbeat", kComputedDuration, "How long a running attempt may be without a sign of life.", "PT5S"},
};

constexpr Key kCall[] = {
    {"call", kTextOnly, "The function to call: a standard one, a connector, or one under `use.functions`.",
     "http", true},
    {"with", ObjectOf("with"), "The arguments of the function.",
     "{method: get, endpoint: 'https://example.com'}"},
};
constexpr Key kDo[] = {
    {"do", kTasks, "Tasks to run one after the other.", "[{greet: {set: {text: hello}}}]", true}};
constexpr Key kEmitTask[] = {{"emit", ObjectOf("emit"), "Publishes an event.",
                              "{event: {with: {type: com.example.order.placed, data: '${ . }'}}}", true}};
constexpr Key kForTask[] = {
    {"for", ObjectOf("for"), "Runs the tasks once for each item.", "{each: order, in: .orders}", true},
    {"while", kExpressionOnly, "Ends the loop before the round in which this is not true.", "$index < 10"},
    {"do", kTasks, "The tasks of each round.", "[{show: {set: {id: '${ $order.id }'}}}]", true},
};
constexpr Key kForkTask[] = {{"fork", ObjectOf("fork"), "Runs tasks side by side.",
                              "{branches: [{a: {wait: PT1S}}, {b: {wait: PT2S}}]}", true}};
constexpr Key kListenTask[] = {
    {"listen", ObjectOf("listen"), "Waits for events.", "{to: {one: {with: {type: com.example.order.paid}}}}",
     true},
    {"foreach", ObjectOf("iterator"), "Runs tasks for each event, one at a time.",
     "{item: event, do: [...]}"},
};
constexpr Key kRaiseTask[] = {{"raise", ObjectOf("raise"), "Raises an error.",
                               "{error: {type: 'https://example.com/errors/sold-out', status: 409}}", true}};
constexpr Key kRunTask[] = {{"run", ObjectOf("run"),
                             "Runs another workflow, a script, a shell command or a container.",
                             "{workflow: {namespace: shop, name: ship, version: '1.0.0'}}", true}};
constexpr Key kSetTask[] = {{"set", Value{.forms = kMap | kText | kComputed, .element = &kAnything},
                             "The output of the task: a mapping, or one expression.", "{text: '${ .name }'}",
                             true}};
constexpr Key kSwitchTask[] = {{"switch", Value{.forms = kNamedList, .object = "case"},
                                "Goes on with the first case whose condition is true.",
                                "[{big: {when: .n > 9, then: many}}, {other: {then: few}}]", true}};
constexpr Key kTryTask[] = {
    {"try", kTasks, "Tasks whose errors are caught.", "[{load: {call: http, with: {...}}}]", true},
    {"catch", ObjectOf("catch"), "Which errors are caught and what happens then.",
     "{errors: {with: {status: 503}}}", true},
};
constexpr Key kWaitTask[] = {{"wait", kComputedDuration, "Pauses for that long.", "PT30S", true}};

constexpr Value kEvent = ObjectOf("event");
constexpr Key kEmit[] = {{"event", kEvent, "The event.", "{with: {type: com.example.order.placed}}", true}};
constexpr Key kEventKeys[] = {{"with", ObjectOf("event.with"), "The event's attributes and data.",
                               "{type: com.example.order.placed}", true}};
constexpr Key kFor[] = {
    {"each", kVariableOnly, "The variable of the item; `item` unless given.", "order"},
    {"in", Value{.forms = kExpression | kList, .element = &kAnything}, "The items: an expression or a list.",
     ".orders", true},
    {"at", kVariableOnly, "The variable of the index, from 0; `index` unless given.", "n"},
};
constexpr Key kFork[] = {
    {"branches", kTasks, "The tasks that run side by side.", "[{a: {wait: PT1S}}, {b: {wait: PT2S}}]", true},
    {"compete", kBooleanOnly, "The first branch to complete gives the output; the others are cancelled.",
     "true"},
};
constexpr Key kListen[] = {
    {"to", ObjectOf("strategy"), "Which events.", "{one: {with: {type: com.example.order.paid}}}", true},
    {"read", EnumOf(kReads), "How events are handed on: their data, all of them, or the data in base64.",
     "data"},
};
constexpr Key kIterator[] = {
    {"item", kVariableOnly, "The variable of the event; `item` unless given.", "event"},
    {"at", kVariableOnly, "The variable of its index, from 0; `index` unless given.", "n"},
    {"do", kTasks, "The tasks for each event.", "[{note: {set: {id: '${ $event.id }'}}}]"},
    {"output", ObjectOf("output"), "Shapes what each round gives.", "{as: .id}"},
    {"export", ObjectOf("export"), "What each round leaves in `$context`.", "{as: '$context + {last: .}'}"},
};
constexpr Key kRaise[] = {{"error",
                           Value{.forms = kObject | kReference, .object = "error", .reference = "errors"},
                           "The error, or a name under `use.errors`.",
                           "{type: 'https://example.com/errors/sold-out', status: 409}", true}};
constexpr Key kError[] = {
    {"type", Value{.forms = kUri | kComputed}, "The kind of error, a URI.",
     "https://example.com/errors/sold-out", true},
    {"status", Value{.forms = kInteger | kComputed}, "Its number, as HTTP has them.", "409", true},
    {"title", kComputedText, "A short text for people.", "Sold out"},
    {"detail", kComputedText, "What happened this time.", "'${ \"no \\(.name) left\" }'"},
    {"instance", kComputedText, "Set by the runtime: the task that raised it.", "/do/0/buy"},
};
constexpr Key kRun[] = {
    {"workflow", ObjectOf("run.workflow"), "Another workflow.",
     "{namespace: shop, name: ship, version: '1.0.0'}"},
    {"script", ObjectOf("run.script"), "A script.", "{language: js, code: 'console.log(1)'}"},
    {"shell", ObjectOf("run.shell"), "A shell command.", "{command: 'ls -l'}"},
    {"container", ObjectOf("run.container"), "A container.", "{image: alpine, command: date}"},
    {"await", kBooleanOnly, "Whether to wait for its end; true unless given.", "false"},
    {"return", EnumOf(kReturns),
     "What the output is: its standard output, errors, exit code, all three, or nothing.", "stdout"},
};
constexpr Key kCase[] = {
    {"when", kExpressionOnly, "The condition; a case without one is the default.", ".n > 9"},
    {"then", kFlowOnly, "Where to go: continue, exit, end or a task of the same list.", "many", true},
};
constexpr Key kCatch[] = {
    {"errors", ObjectOf("catch.errors"), "Which errors are caught; all unless given.",
     "{with: {status: 503}}"},
    {"as", kVariableOnly, "The variable of the error; `error` unless given.", "problem"},
    {"when", kExpressionOnly, "Catches only when this is true.", "$error.status >= 500"},
    {"exceptWhen", kExpressionOnly, "Does not catch when this is true.", "$error.status == 404"},
    {"retry", Value{.forms = kObject | kReference, .object = "retry", .reference = "retries"},
     "How the tasks are tried again: a policy, or a name under `use.retries`.",
     "{delay: PT1S, limit: {attempt: {count: 5}}}"},
    {"do", kTasks, "Tasks that handle the error.", "[{note: {set: {why: '${ $error.detail }'}}}]"},
    {"then", kFlowOnly, "Where to go after an error was caught.", "end"},
};
constexpr Key kCatchErrors[] = {
    {"with", ObjectOf("catch.errors.with"), "What the error must be like.", "{status: 503}"}};
constexpr Key kErrorFilter[] = {
    {"type", kTextOnly, "The kind of error, a URI.",
     "https://open-workflow-specification.org/spec/1.0.0/errors/communication"},
    {"status", Value{.forms = kInteger}, "Its number.", "503"},
    {"instance", kTextOnly, "The task that raised it, a JSON Pointer.", "/do/0/load"},
    {"title", kTextOnly, "Its title.", "Sold out"},
    {"detail", kTextOnly, "Its detail.", "nothing left"},
    {"details", kTextOnly, "The older name of `detail`.", "nothing left"},
};
constexpr Key kRetry[] = {
    {"when", kExpressionOnly, "Tries again only when this is true.", "$error.status >= 500"},
    {"exceptWhen", kExpressionOnly, "Does not try again when this is true.", "$error.status == 404"},
    {"delay", kComputedDuration, "The time before the next try.", "PT3S"},
    {"backoff", ObjectOf("backoff"), "How the delay grows.", "{exponential: {}}"},
    {"limit", ObjectOf("limit"), "When to give up.", "{attempt: {count: 5}}"},
    {"jitter", ObjectOf("jitter"), "A random time added to each delay.", "{from: PT0S, to: PT1S}"},
};
constexpr Key kBackoff[] = {
    {"constant", ObjectOf("backoff.constant"), "The same delay each time.", "{}"},
    {"linear", ObjectOf("backoff.linear"), "The delay grows by the same amount each time.",
     "{increment: PT2S}"},
    {"exponential", ObjectOf("backoff.exponential"), "The delay is multiplied each time.",
     "{factor: 2, max: PT1M}"},
};
constexpr Key kLinear[] = {
    {"increment", kDurationOnly, "What is added each time; the delay itself unless given.", "PT2S"},
    {"max", kDurationOnly, "The longest delay.", "PT1M"},
};
constexpr Key kExponential[] = {
    {"factor", Value{.forms = kNumber}, "What the delay is multiplied by; 2 unless given.", "2"},
    {"max", kDurationOnly, "The longest delay.", "PT1M"},
};
constexpr Key kLimit[] = {
    {"attempt", ObjectOf("limit.attempt"), "Limits of the tries.", "{count: 5}"},
    {"duration", kDurationOnly, "No try starts later than this after the first one.", "PT10M"},
};
constexpr Key kAttempt[] = {
    {"count", Value{.forms = kInteger}, "How often it is tried again.", "5"},
    {"duration", kDurationOnly, "How long one try may take.", "PT30S"},
};
constexpr Key kJitter[] = {
    {"from", kDurationOnly, "The least that is added.", "PT0S", true},
    {"to", kDurationOnly, "The most that is added.", "PT1S", true},
};

constexpr Object kObjects[] = {
    {"task", "a task", "What every task may have.", kTask},
    {"task.call", "a task", "Calls a function.", kCall, Openness::kClosed, "task"},
    {"task.do", "a task", "Runs tasks one after the other.", kDo, Openness::kClosed, "task"},
    {"task.emit", "a task", "Publishes an event.", kEmitTask, Openness::kClosed, "task"},
    {"task.for", "a task", "Runs tasks once for each item of a list.", kForTask, Openness::kClosed, "task"},
    {"task.fork", "a task", "Runs tasks side by side.", kForkTask, Openness::kClosed, "task"},
    {"task.listen", "a task", "Waits for events.", kListenTask, Openness::kClosed, "task"},
    {"task.raise", "a task", "Raises an error.", kRaiseTask, Openness::kClosed, "task"},
    {"task.run", "a task", "Runs a workflow, a script, a shell command or a container.", kRunTask,
     Openness::kClosed, "task"},
    {"task.set", "a task", "Sets data.", kSetTask, Openness::kClosed, "task"},
    {"task.switch", "a task", "Chooses where to go.", kSwitchTask, Openness::kClosed, "task"},
    {"task.try", "a task", "Runs tasks and handles their errors.", kTryTask, Openness::kClosed, "task"},
    {"task.wait", "a task", "Pauses.", kWaitTask, Openness::kClosed, "task"},
    {"metadata", "`metadata`", "Free data of a task.", kMetadata, Openness::kOpen},
    {"metadata.elevaite", "`metadata.elevaite`", "What this server knows of a task.", kElevaite},
    {"metadata.timeouts", "`timeouts`", "Bounds of a call.", kTimeouts},
    {"emit", "`emit`", "An event to publish.", kEmit},
    {"event", "`event`", "An event.", kEventKeys, Openness::kIgnored},
    {"for", "`for`", "What is looped over.", kFor},
    {"fork", "`fork`", "Tasks side by side.", kFork},
    {"listen", "`listen`", "Events to wait for.", kListen},
    {"iterator", "`foreach`", "Tasks for each event or message.", kIterator},
    {"raise", "`raise`", "An error to raise.", kRaise},
    {"error", "`raise.error`", "An error (RFC 7807).", kError},
    {"run", "`run`", "What is run.", kRun, Openness::kClosed, {}, kOneProcess},
    {"case", "a switch case", "A condition and where to go.", kCase},
    {"catch", "`catch`", "Which errors are caught and what happens then.", kCatch},
    {"catch.errors", "`catch.errors`", "Which errors are caught.", kCatchErrors},
    {"catch.errors.with", "`catch.errors.with`", "What a caught error must be like.", kErrorFilter},
    {"retry", "a retry policy", "How tasks are tried again.", kRetry},
    {"backoff", "`backoff`", "How the delay grows.", kBackoff, Openness::kClosed, {}, kOneBackoff},
    {"backoff.constant", "`constant`", "The same delay each time.", {}, Openness::kIgnored},
    {"backoff.linear", "`linear`", "The delay grows by the same amount.", kLinear, Openness::kIgnored},
    {"backoff.exponential", "`exponential`", "The delay is multiplied.", kExponential, Openness::kIgnored},
    {"limit", "`limit`", "When to give up.", kLimit},
    {"limit.attempt", "`limit.attempt`", "Limits of the tries.", kAttempt},
    {"jitter", "`jitter`", "A random time added to each delay.", kJitter},
};

}  // namespace

std::span<const Object> TaskObjects() { return kObjects; }

}  // namespace elevaite::dsl::vocabulary
