// The vocabulary of what leaves the workflow: arguments of the standard calls, and the processes of `run`.
#include "dsl/vocabulary_table.h"

namespace elevaite::dsl::vocabulary {
namespace {

constexpr std::string_view kOutputs[] = {"raw", "content", "response"};
constexpr std::string_view kPullPolicies[] = {"ifNotPresent", "always", "never"};
constexpr std::string_view kCleanups[] = {"always", "never", "eventually"};
constexpr std::string_view kCodeOrSource[] = {"code", "source"};
constexpr std::string_view kProtocols[] = {
    "amqp",  "amqp1", "anypointmq", "googlepubsub", "http", "ibmmq",  "jms", "kafka", "mercure", "mqtt",
    "mqtt5", "nats",  "pulsar",     "redis",        "sns",  "solace", "sqs", "stomp", "ws"};
constexpr std::string_view kChannelOrOperation[] = {"channel", "operation"};
constexpr std::string_view kMessageOrSubscription[] = {"message", "subscription"};
constexpr std::string_view kConsumptions[] = {"amount", "while", "until"};
constexpr std::string_view kA2aMethods[] = {"message/send",
                                            "message/stream",
                                            "tasks/get",
                                            "tasks/list",
                                            "tasks/cancel",
                                            "tasks/resubscribe",
                                            "tasks/pushNotificationConfig/set",
                                            "tasks/pushNotificationConfig/get",
                                            "tasks/pushNotificationConfig/list",
                                            "tasks/pushNotificationConfig/delete",
                                            "agent/getAuthenticatedExtendedCard"};
constexpr std::string_view kMcpMethods[] = {"tools/list",
                                            "tools/call",
                                            "prompts/list",
                                            "prompts/get",
                                            "resources/list",
                                            "resources/read",
                                            "resources/templates/list"};
constexpr std::string_view kTransports[] = {"http", "stdio"};

constexpr KeyGroup kOneCode[] = {kCodeOrSource};
constexpr KeyGroup kOneWayEach[] = {kChannelOrOperation, kMessageOrSubscription};
constexpr KeyGroup kOneConsumption[] = {kConsumptions};
constexpr KeyGroup kOneTransport[] = {kTransports};

// Header and query values: a text, as the schema has it; numbers and booleans are written as texts.
constexpr Value kScalar{.forms = kText | kInteger | kNumber | kBoolean | kComputed};
constexpr Value kScalars{.forms = kMap | kComputed, .element = &kScalar};
constexpr Value kTexts{.forms = kMap | kComputed, .element = &kComputedText};
constexpr Value kFreeArguments{.forms = kMap | kComputed, .element = &kAnything};
constexpr Value kComputedBoolean{.forms = kBoolean | kComputed};
constexpr Value kComputedOutput{.forms = kEnum | kComputed, .values = kOutputs};

constexpr Key kHttp[] = {
    {"method", kComputedText, "The method of the request.", "get", true},
    {"endpoint", kEndpoint, "The address; `{name}` in it is replaced by that member of the task's input.",
     "https://example.com/pets/{id}", true},
    {"headers", kTexts, "Header fields.", "{accept: application/json}"},
    {"query", kScalars, "Query parameters.", "{page: '1'}"},
    {"body", kAnything, "The body: sent as JSON, or as it is when it is a text and a header says so.",
     "{name: '${ .name }'}"},
    {"output", kComputedOutput,
     "raw: the body in base64; content: the body read by its media type; response: status, headers and body.",
     "content"},
    {"redirect", kComputedBoolean, "Takes redirects (3xx) as success.", "true"},
};
constexpr Key kOpenapi[] = {
    {"document", ObjectOf("resource"), "The OpenAPI document.",
     "{endpoint: 'https://example.com/openapi.json'}", true},
    {"operationId", kComputedText, "The operation to call.", "getPet", true},
    {"parameters", kFreeArguments, "The operation's parameters and body, by name.", "{petId: '${ .id }'}"},
    {"authentication", ObjectOf("authentication"), "How to authenticate.", "{use: shop}"},
    {"output", kComputedOutput,
     "raw: the body in base64; content: the body read by its media type; response: status, headers and body.",
     "content"},
    {"redirect", kComputedBoolean, "Takes redirects (3xx) as success.", "true"},
};
constexpr Key kGrpc[] = {
    {"proto", ObjectOf("resource"), "The proto file that describes the service.",
     "{endpoint: 'https://example.com/greet.proto'}", true},
    {"service", ObjectOf("with.grpc.service"), "The service.",
     "{name: Greeter, host: example.com, port: 5011}", true},
    {"method", kComputedText, "The method to call.", "SayHello", true},
    {"arguments", kFreeArguments, "The members of the request.", "{name: '${ .name }'}"},
};
constexpr Key kGrpcService[] = {
    {"name", kComputedText, "The service's full name.", "demo.Greeter", true},
    {"host", kComputedText, "The host.", "example.com", true},
    {"port", Value{.forms = kInteger | kComputed}, "The port.", "5011"},
    {"authentication", ObjectOf("authentication"), "How to authenticate.", "{use: shop}"},
};
constexpr Key kAsyncapi[] = {
    {"document", ObjectOf("resource"), "The AsyncAPI document.",
     "{endpoint: 'https://example.com/asyncapi.json'}", true},
    {"channel", kComputedText, "The channel (AsyncAPI 2.6).", "/notifications"},
    {"operation", kComputedText, "The operation (AsyncAPI 3.0).", "sendNotification"},
    {"server", ObjectOf("with.asyncapi.server"), "Which of the document's servers.", "{name: staging}"},
    {"protocol", Value{.forms = kEnum | kComputed, .values = kProtocols}, "Which protocol to use.", "kafka"},
    {"message", ObjectOf("with.asyncapi.message"), "A message to publish.", "{payload: {id: '${ .id }'}}"},
    {"subscription", ObjectOf("with.asyncapi.subscription"), "Messages to receive.",
     "{consume: {amount: 5}}"},
    {"authentication", ObjectOf("authentication"), "How to authenticate.", "{use: shop}"},
};
constexpr Key kAsyncapiServer[] = {
    {"name", kComputedText, "The server's name in the document.", "staging", true},
    {"variables", kFreeArguments, "Values for the variables of its address.", "{port: '8883'}"},
};
constexpr Key kAsyncapiMessage[] = {
    {"payload", kFreeArguments, "The message's content.", "{id: '${ .id }'}"},
    {"headers", kFreeArguments, "The message's headers.", "{source: shop}"},
};
constexpr Key kSubscription[] = {
    {"filter", kExpressionOnly, "Which messages count; `.` is the message.",
     "'${ .payload.kind == \"order\" }'"},
    {"consume", ObjectOf("with.asyncapi.consume"), "How many messages to receive.", "{amount: 5}", true},
    {"foreach", ObjectOf("iterator"), "Tasks for each message.", "{item: message, do: [...]}"},
};
constexpr Key kConsume[] = {
    {"amount", Value{.forms = kInteger | kComputed}, "That many messages.", "5"},
    {"while", kExpressionOnly, "As long as this is true after a message.", "'${ .payload.more }'"},
    {"until", kExpressionOnly, "Until this is true before a message.", "'${ $context.done }'"},
    {"for", kComputedDuration, "At most for that long.", "PT30M"},
};
constexpr Key kA2a[] = {
    {"method", Value{.forms = kEnum | kComputed, .values = kA2aMethods}, "The method of the protocol.",
     "message/send", true},
    {"agentCard", ObjectOf("resource"), "The card that describes the agent.",
     "{endpoint: 'https://example.com/.well-known/agent-card.json'}"},
    {"server", kEndpoint, "The agent's address, when there is no card.", "https://example.com/a2a"},
    {"parameters", kFreeArguments, "The method's parameters.",
     "{message: {parts: [{kind: text, text: '${ .question }'}]}}"},
};
constexpr Key kMcp[] = {
    {"method", Value{.forms = kEnum | kComputed, .values = kMcpMethods}, "The method of the protocol.",
     "tools/call", true},
    {"parameters", kFreeArguments, "The method's parameters.",
     "{name: search, arguments: {text: '${ .question }'}}"},
    {"transport", ObjectOf("with.mcp.transport"), "How to reach the server.",
     "{http: {endpoint: 'https://example.com/mcp'}}", true},
    {"protocolVersion", kComputedText, "The version of the protocol.", "'2025-06-18'"},
    {"timeout", kComputedDuration, "How long the call may take.", "PT30S"},
    {"client", ObjectOf("with.mcp.client"), "What we call ourselves.", "{name: shop, version: '1.0.0'}"},
};
constexpr Key kTransport[] = {
    {"http", ObjectOf("with.mcp.http"), "An HTTP server.", "{endpoint: 'https://example.com/mcp'}"},
    {"stdio", ObjectOf("with.mcp.stdio"), "A process that talks on its standard streams.",
     "{command: mcp-server}"},
    {"options", kTexts, "Free options of the transport.", "{retries: '3'}"},
};
constexpr Key kMcpHttp[] = {
    {"endpoint", kEndpoint, "The server's address.", "https://example.com/mcp", true},
    {"headers", kTexts, "Header fields.", "{x-tenant: shop}"},
};
constexpr Key kMcpStdio[] = {
    {"command", kComputedText, "The program.", "mcp-server", true},
    {"arguments", kTextList, "Its arguments.", "[--verbose]"},
    {"environment", kTexts, "Its environment variables.", "{TOKEN: '${ $secrets.token }'}"},
};
constexpr Key kMcpClient[] = {
    {"name", kComputedText, "The client's name.", "shop", true},
    {"version", kComputedText, "The client's version.", "'1.0.0'", true},
};

constexpr Value kCodeText{.forms = kText | kComputed | kCode};
// Until 1.0.2 of the language arguments of processes were a mapping.
constexpr Value kProcessArguments{.forms = kList | kMap | kComputed, .element = &kScalar};
constexpr Key kContainer[] = {
    {"image", kComputedText, "The image.", "alpine:3", true},
    {"name", kComputedText, "The container's name.", "'${ \"job-\\($workflow.id)\" }'"},
    {"command", kCodeText, "The command to run in it.", "date"},
    {"ports", kFreeArguments, "Ports of the host and of the container.", "{8080: 80}"},
    {"volumes", kFreeArguments, "Volumes to mount.", "{/data: /data}"},
    {"environment", kScalars, "Environment variables.", "{TOKEN: '${ $secrets.token }'}"},
    {"stdin", kComputedText, "What it reads from its standard input.", "'${ . }'"},
    {"arguments", kProcessArguments, "Arguments of the command.", "[-v]"},
    {"pullPolicy", Value{.forms = kEnum | kComputed, .values = kPullPolicies}, "When the image is fetched.",
     "ifNotPresent"},
    {"lifetime", ObjectOf("run.container.lifetime"), "What becomes of the container.", "{cleanup: always}"},
};
constexpr Key kLifetime[] = {
    {"cleanup", EnumOf(kCleanups), "When it is removed.", "always", true},
    {"after", kComputedDuration, "With `eventually`: how long after its end.", "PT30M"},
};
constexpr Key kScript[] = {
    {"language", kComputedText, "The language: js or python.", "js", true},
    {"code", kCodeText, "The script itself.", "'console.log(1)'"},
    {"source", ObjectOf("resource"), "Where the script is published.",
     "{endpoint: 'https://example.com/run.js'}"},
    {"stdin", kComputedText, "What it reads from its standard input.", "'${ . }'"},
    {"arguments", kProcessArguments, "Its arguments.", "[hello]"},
    {"environment", kScalars, "Environment variables.", "{TOKEN: '${ $secrets.token }'}"},
};
constexpr Key kShell[] = {
    {"command", kCodeText, "The command.", "'ls -l'", true},
    {"stdin", kComputedText, "What it reads from its standard input.", "'${ . }'"},
    {"arguments", kProcessArguments, "Its arguments.", "[/data]"},
    {"environment", kScalars, "Environment variables.", "{TOKEN: '${ $secrets.token }'}"},
};
constexpr Key kSubflow[] = {
    {"namespace", kTextOnly, "The workflow's namespace.", "shop", true},
    {"name", kTextOnly, "The workflow's name.", "ship", true},
    {"version", kTextOnly, "Its version; latest: the newest when it starts.", "'1.0.0'"},
    {"input", Value{.forms = kAny}, "Its input; the task's input unless given.", "{order: '${ .id }'}"},
};

constexpr Key kSagaKeys[] = {
    {"steps", Value{.forms = kNamedList, .object = "saga.step"},
     "What is done, one after the other; each step gets the output of the one before.",
     "[{flight: {do: [...], undo: [...]}}]", true},
};
constexpr Key kStepKeys[] = {
    {"do", kTasks, "The tasks of the step.", "[{book: {call: http, with: {...}}}]", true},
    {"undo", kTasks, "Undoes the step when a later one fails; the input is the output of the step.",
     "[{release: {call: http, with: {...}}}]"},
    {"retry", Value{.forms = kObject | kReference, .object = "retry", .reference = "retries"},
     "How `undo` is tried again.", "{delay: PT1S, limit: {attempt: {count: 5}}}"},
};

constexpr Object kObjects[] = {
    {"with", "`with`", "The arguments of a function.", {}, Openness::kOpen},
    {"with.http", "`http`", "An HTTP request.", kHttp},
    {"with.openapi", "`openapi`", "An operation of an OpenAPI document.", kOpenapi},
    {"with.grpc", "`grpc`", "A method of a gRPC service.", kGrpc},
    {"with.grpc.service", "`service`", "A gRPC service.", kGrpcService},
    {"with.asyncapi",
     "`asyncapi`",
     "A message to publish, or messages to receive.",
     kAsyncapi,
     Openness::kClosed,
     {},
     kOneWayEach},
    {"with.asyncapi.server", "`server`", "A server of an AsyncAPI document.", kAsyncapiServer},
    {"with.asyncapi.message", "`message`", "A message to publish.", kAsyncapiMessage},
    {"with.asyncapi.subscription", "`subscription`", "Messages to receive.", kSubscription},
    {"with.asyncapi.consume",
     "`consume`",
     "How many messages to receive.",
     kConsume,
     Openness::kClosed,
     {},
     kOneConsumption},
    {"with.a2a", "`a2a`", "A call of an agent (Agent2Agent protocol).", kA2a},
    {"with.mcp", "`mcp`", "A call of a server of tools (Model Context Protocol).", kMcp, Openness::kIgnored},
    {"with.mcp.transport",
     "`transport`",
     "How to reach the server.",
     kTransport,
     Openness::kIgnored,
     {},
     kOneTransport},
    {"with.mcp.http", "`transport.http`", "An HTTP server.", kMcpHttp, Openness::kIgnored},
    {"with.mcp.stdio", "`transport.stdio`", "A process.", kMcpStdio, Openness::kIgnored},
    {"with.mcp.client", "`client`", "What we call ourselves.", kMcpClient, Openness::kIgnored},
    {"with.flow.saga", "`flow.saga`",
     "Steps that are undone when a later one fails, or the execution is cancelled.", kSagaKeys},
    {"saga.step", "a step", "A step of a saga.", kStepKeys},
    {"run.container", "`container`", "A container to run.", kContainer},
    {"run.container.lifetime", "`lifetime`", "What becomes of a container.", kLifetime},
    {"run.script", "`script`", "A script to run.", kScript, Openness::kClosed, {}, kOneCode},
    {"run.shell", "`shell`", "A command to run.", kShell},
    {"run.workflow", "`workflow`", "A workflow to run.", kSubflow},
};

}  // namespace

std::span<const Object> CallObjects() { return kObjects; }

}  // namespace elevaite::dsl::vocabulary
