// The vocabulary of the document as a whole: what stands at the root, and what may be defined under `use`.
#include "dsl/vocabulary_table.h"

namespace elevaite::dsl::vocabulary {
namespace {

constexpr std::string_view kReads[] = {"data", "envelope", "raw"};
constexpr std::string_view kLanguages[] = {"jq"};
constexpr std::string_view kModes[] = {"strict", "loose"};
constexpr std::string_view kScheduleKinds[] = {"every", "cron", "after", "on"};
constexpr std::string_view kSchemaKinds[] = {"document", "resource"};
constexpr std::string_view kStrategies[] = {"one", "any", "all"};
constexpr std::string_view kExtended[] = {"call", "composite", "emit", "for",    "listen", "raise",
                                          "run",  "set",       "try",  "switch", "wait",   "all"};

constexpr KeyGroup kOneSchedule[] = {kScheduleKinds};
constexpr KeyGroup kOneSchema[] = {kSchemaKinds};
constexpr KeyGroup kOneStrategy[] = {kStrategies};

constexpr Value kPolicy = ObjectOf("policy");
constexpr Value kCatalog = ObjectOf("catalog");
constexpr Value kError = ObjectOf("error");
constexpr Value kTask = ObjectOf("task");
constexpr Value kRetry = ObjectOf("retry");
constexpr Value kTimeoutObject = ObjectOf("timeout");
constexpr Value kFilter = ObjectOf("filter");
constexpr Value kCorrelation = ObjectOf("correlation");

constexpr Key kWorkflow[] = {
    {"document", ObjectOf("document"), "Says what the workflow is: its names, its version, a description.",
     "{dsl: '1.0.3', namespace: shop, name: orders, version: '1.0.0'}", true},
    {"input", ObjectOf("input"), "Checks and shapes what an execution is started with.", "{from: .order}"},
    {"use", ObjectOf("use"), "Defines parts that tasks refer to by name.", "{secrets: [shopKey]}"},
    {"do", kTasks, "The tasks, run one after the other.", "[{greet: {set: {text: hello}}}]", true},
    {"timeout", kTimeout, "How long an execution may take before it faults with a timeout.", "{after: PT1H}"},
    {"output", ObjectOf("output"), "Shapes and checks the result of an execution.", "{as: .total}"},
    {"schedule", ObjectOf("schedule"), "When executions start by themselves.", "{cron: '0 6 * * 1-5'}"},
    {"evaluate", ObjectOf("evaluate"), "How expressions are told from texts.", "{mode: strict}"},
};

constexpr Key kDocument[] = {
    {"dsl", kTextOnly, "The version of the language.", "'1.0.3'", true},
    {"namespace", kTextOnly, "The group of workflows that it belongs to: letters, digits and dashes.", "shop",
     true},
    {"name", kTextOnly, "Its name in the namespace: letters, digits and dashes.", "orders", true},
    {"version", kTextOnly, "Its semantic version.", "'1.0.0'", true},
    {"title", kTextOnly, "A title for people.", "Orders"},
    {"summary", kTextOnly, "A description for people, in Markdown.", "Takes *orders*."},
    {"tags", kFreeMap, "Labels to find it by.", "{team: sales}"},
    {"metadata", kFreeMap, "Free data that does not change what the workflow does.", "{owner: sales}"},
};

constexpr Value kPolicies{.forms = kMap, .element = &kPolicy};
constexpr Value kCatalogs{.forms = kMap, .element = &kCatalog};
constexpr Value kErrors{.forms = kMap, .element = &kError};
constexpr Value kFunctions{.forms = kMap, .element = &kTask};
constexpr Value kRetries{.forms = kMap, .element = &kRetry};
constexpr Value kTimeouts{.forms = kMap, .element = &kTimeoutObject};
constexpr Value kSecrets{.forms = kList, .element = &kTextOnly};
constexpr Value kExtensions{.forms = kNamedList, .object = "extension"};

constexpr Key kUse[] = {
    {"authentications", kPolicies, "Authentication policies, by name.", "{shop: {bearer: {use: shopKey}}}"},
    {"catalogs", kCatalogs, "Places that publish functions, by name.",
     "{ours: {endpoint: 'https://example.com/catalog'}}"},
    {"errors", kErrors, "Errors that `raise` refers to, by name.",
     "{soldOut: {type: 'https://example.com/errors/sold-out', status: 409}}"},
    {"extensions", kExtensions, "Tasks that run before and after tasks of a kind.",
     "[{log: {extend: call, before: [{note: {set: {text: called}}}]}}]"},
    {"functions", kFunctions, "Tasks that `call` refers to, by name.",
     "{getPet: {call: http, with: {method: get, endpoint: 'https://example.com/pets/{id}'}}}"},
    {"retries", kRetries, "Retry policies that `catch.retry` refers to, by name.",
     "{often: {delay: PT1S, limit: {attempt: {count: 5}}}}"},
    {"secrets", kSecrets, "Names of the secrets that the workflow may read as `$secrets`.", "[shopKey]"},
    {"timeouts", kTimeouts, "Timeouts that tasks and the workflow refer to, by name.",
     "{short: {after: PT10S}}"},
};

constexpr Key kEvaluate[] = {
    {"language", EnumOf(kLanguages), "The language of expressions.", "jq"},
    {"mode", EnumOf(kModes), "strict: only `${ }` is an expression; loose: any text that works as one is.",
     "strict"},
};

constexpr Key kInput[] = {
    {"from", kShape, "Makes the input from what came in (`.`).", ".order"},
    {"schema", ObjectOf("schema"), "What the raw input must be like.", "{document: {type: object}}"},
};
constexpr Key kOutput[] = {
    {"as", kShape, "Makes the output from the raw one (`.`).", ".total"},
    {"schema", ObjectOf("schema"), "What the output must be like.", "{document: {type: object}}"},
};
constexpr Key kExport[] = {
    {"as", kShape, "What it gives replaces `$context`; `.` is the task's output.",
     "'$context + {total: .total}'"},
    {"schema", ObjectOf("schema"), "What the new context must be like.", "{document: {type: object}}"},
};
constexpr Key kSchema[] = {
    {"format", kTextOnly, "The format of the schema; only json is known.", "json"},
    {"document", kAnything, "The JSON Schema itself.", "{type: object, required: [id]}"},
    {"resource", ObjectOf("resource"), "Where the JSON Schema is published.",
     "{endpoint: 'https://example.com/order.json'}"},
};
constexpr Key kResource[] = {
    {"name", kTextOnly, "A name for people.", "orders"},
    {"endpoint", kEndpoint, "Where the resource is.", "https://example.com/order.json", true},
};
constexpr Key kEndpointKeys[] = {
    {"uri", Value{.forms = kUri | kComputed},
     "The address; `{name}` in it is replaced by that member of the task's input.",
     "https://example.com/pets/{id}", true},
    {"authentication", ObjectOf("authentication"), "How to authenticate there.", "{use: shop}"},
};
constexpr Key kTimeoutKeys[] = {
    {"after", kComputedDuration, "The time after which it faults with a timeout.", "PT30S", true},
};
constexpr Key kCatalogKeys[] = {
    {"endpoint", kEndpoint, "The address under which `functions/{name}/{version}/function.yaml` stand.",
     "https://example.com/catalog", true},
};

constexpr Key kSchedule[] = {
    {"every", kDurationOnly, "Starts an execution once per interval.", "PT15M"},
    {"cron", kTextOnly, "Starts executions at the times of a cron expression.", "'0 6 * * 1-5'"},
    {"after", kDurationOnly, "Starts the next execution this long after the last one has ended.", "PT1M"},
    {"on", ObjectOf("strategy"), "Starts an execution when events arrive.",
     "{one: {with: {type: com.example.placed}}}"},
    {"read", EnumOf(kReads),
     "How the events of `on` are handed on: their data, all of them, or the data in base64.", "data"},
};

constexpr Value kFilters{.forms = kList, .element = &kFilter};
constexpr Key kStrategy[] = {
    {"one", ObjectOf("filter"), "Waits for one event.", "{with: {type: com.example.placed}}"},
    {"any", kFilters, "Waits for an event that one of the filters takes; an empty list takes every event.",
     "[{with: {type: com.example.placed}}]"},
    {"all", kFilters, "Waits until each filter has taken an event.", "[{with: {type: com.example.placed}}]"},
    {"until", Value{.forms = kExpression | kObject, .object = "strategy"},
     "With `any`: goes on listening until this is true, or until these events come.", "'length >= 3'"},
};
constexpr Value kCorrelations{.forms = kMap, .element = &kCorrelation};
constexpr Key kFilterKeys[] = {
    {"with", ObjectOf("filter.with"), "What the attributes of the event must be.",
     "{type: com.example.placed}", true},
    {"correlate", kCorrelations, "Values that the events of one strategy must have in common.",
     "{order: {from: .data.orderId}}"},
};
constexpr Key kCorrelationKeys[] = {
    {"from", kExpressionOnly, "Takes the value from the event (`.`).", ".data.orderId", true},
    {"expect", kComputedText, "What the value must be; the first one seen, unless given.", "'${ .orderId }'"},
};

#define EVENT_ATTRIBUTES(type_is_required)                                                     \
  {"id", kComputedText, "The event's id.", "'${ .id }'"},                                      \
      {"source", Value{.forms = kUri | kComputed}, "Where the event comes from, a URI.",       \
       "https://example.com/shop"},                                                            \
      {"type", kComputedText, "What happened.", "com.example.order.placed", type_is_required}, \
      {"time", kComputedText, "When it happened, RFC 3339.", "'2026-01-31T12:00:00Z'"},        \
      {"subject", kComputedText, "What it happened to.", "order/17"},                          \
      {"datacontenttype", kComputedText, "The media type of the data.", "application/json"},   \
      {"dataschema", Value{.forms = kUri | kComputed}, "The schema of the data, a URI.",       \
       "https://example.com/order.json"},                                                      \
      {"data", kAnything, "The event's data.", "{orderId: '${ .id }'}"},                       \
      {"specversion", kComputedText, "The version of CloudEvents.", "'1.0'"},

constexpr Key kEventAttributes[] = {EVENT_ATTRIBUTES(true)};
constexpr Key kFilterAttributes[] = {EVENT_ATTRIBUTES(false)};
#undef EVENT_ATTRIBUTES

constexpr Key kExtensionKeys[] = {
    {"extend", EnumOf(kExtended), "The kind of tasks it applies to; composite: `do` and `fork`.", "call",
     true},
    {"when", kExpressionOnly,
     "Whether it applies to the task at hand (`$task`); `.` is the task's raw input.",
     "$task.name == \"load\""},
    {"before", kTasks, "Tasks to run before; `then: exit` in them skips the task.",
     "[{note: {set: {text: called}}}]"},
    {"after", kTasks, "Tasks to run after.", "[{note: {set: {text: done}}}]"},
};

constexpr Object kObjects[] = {
    {"workflow", "a workflow", "A workflow document.", kWorkflow, Openness::kIgnored},
    {"document", "`document`", "What the workflow is.", kDocument},
    {"use", "`use`", "Parts that tasks refer to by name.", kUse},
    {"evaluate", "`evaluate`", "How expressions are evaluated.", kEvaluate},
    {"input", "`input`", "The input of the workflow or of a task.", kInput},
    {"output", "`output`", "The output of the workflow or of a task.", kOutput},
    {"export", "`export`", "What a task leaves in `$context`.", kExport},
    {"schema", "`schema`", "A JSON Schema, inline or published.", kSchema, Openness::kClosed, {}, kOneSchema},
    {"resource", "a resource", "Something published at an address.", kResource},
    {"endpoint", "`endpoint`", "An address with its authentication.", kEndpointKeys},
    {"timeout", "`timeout`", "A limit of time.", kTimeoutKeys},
    {"catalog", "a catalog", "A place that publishes functions.", kCatalogKeys},
    {"schedule",
     "`schedule`",
     "When executions start by themselves.",
     kSchedule,
     Openness::kClosed,
     {},
     kOneSchedule},
    {"strategy",
     "an event strategy",
     "Which events are waited for.",
     kStrategy,
     Openness::kClosed,
     {},
     kOneStrategy},
    {"filter", "an event filter", "Which events are taken.", kFilterKeys},
    {"filter.with", "`with` of an event filter", "What the attributes of an event must be.",
     kFilterAttributes, Openness::kOpen},
    {"correlation", "a correlation", "A value that events have in common.", kCorrelationKeys,
     Openness::kIgnored},
    {"event.with", "`with` of an event", "The attributes of an event (CloudEvents 1.0) and its data.",
     kEventAttributes, Openness::kOpen},
    {"extension", "an extension", "Tasks around tasks of a kind.", kExtensionKeys},
};

}  // namespace

std::span<const Object> DocumentObjects() { return kObjects; }

}  // namespace elevaite::dsl::vocabulary
