#include "services/workflow/webhooks/webhook.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <utility>

#include "dsl/expression.h"
#include "foundation/text.h"
#include "infra/secrets/secrets.h"
#include "services/workflow/fields.h"

namespace elevaite::workflow {
namespace {

using std::chrono::seconds;

constexpr std::size_t kTextBytesMax = 500;
constexpr std::size_t kExpressionBytesMax = 8U << 10U;
constexpr std::size_t kAnswerHeadersMax = 20;
constexpr seconds kToleranceMax{86'400};

template <class T>
using Named = std::pair<std::string_view, T>;

constexpr std::array<Named<Scheme>, 8> kSchemes{{{"none", Scheme::kNone},
                                                 {"header", Scheme::kHeader},
                                                 {"basic", Scheme::kBasic},
                                                 {"hmac", Scheme::kHmac},
                                                 {"github", Scheme::kGithub},
                                                 {"stripe", Scheme::kStripe},
                                                 {"slack", Scheme::kSlack},
                                                 {"standard", Scheme::kStandard}}};
constexpr std::array<Named<HashKind>, 3> kHashes{
    {{"sha256", HashKind::kSha256}, {"sha1", HashKind::kSha1}, {"sha512", HashKind::kSha512}}};
constexpr std::array<Named<SignatureEncoding>, 2> kEncodings{
    {{"hex", SignatureEncoding::kHex}, {"base64", SignatureEncoding::kBase64}}};

// One of the names in the table; absent: its first.
template <class T, std::size_t n>
Result<Named<T>> OneOf(const Fields& fields, std::string_view name, const std::array<Named<T>, n>& table) {
  ASSIGN_OR_RETURN(const auto text, fields.Text(name, kTextBytesMax));
  if (!text) return table.front();
  const auto found = std::ranges::find(table, *text, &Named<T>::first);
  if (found != table.end()) return *found;
  std::string names;
  for (const auto& [known, value] : table) names += (names.empty() ? "" : ", ") + std::string(known);
  return fields.Wrong(name, fmt::format("is not '{}'", text->substr(0, 40)), "one of " + names);
}

bool IsHookPath(std::string_view path) {
  const auto fits = [](unsigned char c) {
    return (std::isalnum(c) != 0 && c < 0x80) || c == '-' || c == '_' || c == '.' || c == '/';
  };
  return !path.empty() && path.size() <= 200 && std::ranges::all_of(path, fits) && path.front() != '/' &&
         path.back() != '/' && path.find("//") == std::string_view::npos &&
         path.find("..") == std::string_view::npos;
}

bool IsHeaderName(std::string_view name) {
  const auto fits = [](unsigned char c) {
    return c < 0x80 && (std::isalnum(c) != 0 || c == '-' || c == '_' || c == '.');
  };
  return !name.empty() && name.size() <= 100 && std::ranges::all_of(name, fits);
}

std::string LowerCase(std::string text) {
  for (char& c : text) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  return text;
}

Result<std::optional<std::string>> HeaderName(const Fields& fields, std::string_view name) {
  ASSIGN_OR_RETURN(auto text, fields.Text(name, kTextBytesMax));
  if (text && !IsHeaderName(*text))
    return fields.Wrong(name, "is not the name of a header", "for example: x-token");
  if (text) text = LowerCase(*std::move(text));
  return text;
}

// ---- Expressions ----

std::string_view Unwrapped(std::string_view text) {
  const dsl::TextScan scan = dsl::ScanText(text);
  return scan.kind == dsl::TextKind::kWhole ? text.substr(scan.begin, scan.end - scan.begin) : text;
}

Result<dsl::Expression> Compile(const Fields& fields, std::string_view name, std::string_view text,
                                std::vector<std::string> variables) {
  auto program = jq::Program::Compile(
      Unwrapped(text), {.variables = std::move(variables), .text_bytes_max = kExpressionBytesMax});
  if (program) return dsl::Expression(*std::move(program));
  return fields.Wrong(name, "is no jq expression: " + program.error().message, program.error().hint);
}

Result<std::optional<dsl::Expression>> ExpressionField(const Fields& fields, std::string_view name) {
  ASSIGN_OR_RETURN(const auto text, fields.Text(name, kExpressionBytesMax));
  if (!text) return std::nullopt;
  ASSIGN_OR_RETURN(dsl::Expression expression, Compile(fields, name, *text, {}));
  return expression;
}

// A value whose texts of the form `${ ... }` are expressions.
Result<dsl::Template> CompileValue(const Fields& fields, std::string_view name, const Json& value) {
  if (value.IsArray()) {
    std::vector<dsl::Template> items;
    for (const Json& item : value.AsArray()) {
      ASSIGN_OR_RETURN(dsl::Template compiled, CompileValue(fields, name, item));
      items.push_back(std::move(compiled));
    }
    return dsl::Template::Array(std::move(items));
  }
  if (value.IsObject()) {
    std::vector<std::pair<std::string, dsl::Template>> members;
    for (const auto& [key, item] : value.AsObject()) {
      ASSIGN_OR_RETURN(dsl::Template compiled, CompileValue(fields, name, item));
      members.emplace_back(key.AsString(), std::move(compiled));
    }
    return dsl::Template::Object(std::move(members));
  }
  if (!value.IsString()) return dsl::Template::Literal(value);
  const dsl::TextScan scan = dsl::ScanText(value.AsString());
  if (scan.kind == dsl::TextKind::kLiteral) return dsl::Template::Literal(value);
  if (scan.kind != dsl::TextKind::kWhole)
    return fields.Wrong(name, "has an expression inside a text",
                        "write the whole as one: ${ \"order \" + .id }");
  ASSIGN_OR_RETURN(dsl::Expression expression,
                   Compile(fields, name, value.AsString(), {"request", "execution"}));
  return dsl::Template::Computed(std::move(expression));
}

Result<std::optional<dsl::Template>> ValueField(const Fields& fields, std::string_view name) {
  const Json* value = fields.Find(name);
  if (!value) return std::nullopt;
  if (value->Depth() > 20) return fields.Wrong(name, "is nested deeper than 20 levels");
  ASSIGN_OR_RETURN(dsl::Template compiled, CompileValue(fields, name, *value));
  return compiled;
}

// ---- Authentication ----

// Of the presets that are a header with a digest and nothing else.
SignatureForm FormOf(Scheme scheme) {
  if (scheme == Scheme::kGithub)
    return {.header = "x-hub-signature-256", .prefix = "sha256=", .timestamp_header = {}};
  if (scheme == Scheme::kSlack)
    return {.header = "x-slack-signature",
            .prefix = "v0=",
            .timestamp_header = "x-slack-request-timestamp",
            .content = "v0:{timestamp}:{body}"};
  return {.header = {}, .prefix = {}, .timestamp_header = {}};
}

std::size_t CountOf(std::string_view part, std::string_view text) {
  std::size_t count = 0;
  for (std::size_t at = text.find(part); at != std::string_view::npos; at = text.find(part, at + part.size()))
    ++count;
  return count;
}

Result<SignatureForm> FormFrom(const Fields& fields) {
  SignatureForm form;
  ASSIGN_OR_RETURN(const auto header, HeaderName(fields, "header"));
  if (!header) return fields.Wrong("header", "is missing", "the header that has the signature: x-signature");
  form.header = *header;
  ASSIGN_OR_RETURN(const auto hash, OneOf(fields, "algorithm", kHashes));
  form.hash = hash.second;
  ASSIGN_OR_RETURN(const auto encoding, OneOf(fields, "encoding", kEncodings));
  form.encoding = encoding.second;
  ASSIGN_OR_RETURN(const auto prefix, fields.Text("prefix", 40));
  form.prefix = prefix.value_or("");
  ASSIGN_OR_RETURN(const auto timestamp, HeaderName(fields, "timestamp_header"));
  form.timestamp_header = timestamp.value_or("");
  ASSIGN_OR_RETURN(const auto content, fields.Text("content", 100));
  form.content = content.value_or(timestamp ? "{timestamp}.{body}" : "{body}");
  if (CountOf("{body}", form.content) != 1 || CountOf("{timestamp}", form.content) != (timestamp ? 1U : 0U)) {
    return fields.Wrong("content",
                        "must have {body} once, and {timestamp} once when there is a timestamp_header",
                        "for example: {timestamp}.{body}");
  }
  return form;
}

Json JsonOf(const Authentication& authentication, std::string_view type) {
  std::vector<Json::Member> members{{"type", type}};
  const Scheme scheme = authentication.scheme;
  if (scheme == Scheme::kNone) return Json::Object(std::move(members));
  members.emplace_back("secret", authentication.secret);
  if (scheme == Scheme::kHeader) members.emplace_back("header", authentication.header);
  const SignatureForm& form = authentication.form;
  if (scheme == Scheme::kHmac) {
    members.emplace_back("header", form.header);
    members.emplace_back("algorithm", std::ranges::find(kHashes, form.hash, &Named<HashKind>::second)->first);
    members.emplace_back(
        "encoding", std::ranges::find(kEncodings, form.encoding, &Named<SignatureEncoding>::second)->first);
    members.emplace_back("prefix", form.prefix);
    members.emplace_back("timestamp_header",
                         form.timestamp_header.empty() ? Json() : Json(form.timestamp_header));
    members.emplace_back("content", form.content);
  }
  const bool has_time =
      scheme == Scheme::kStripe || scheme == Scheme::kStandard || !form.timestamp_header.empty();
  if (has_time) members.emplace_back("tolerance", FormatDuration(authentication.tolerance));
  return Json::Object(std::move(members));
}

struct ReadAuthentication {
  Authentication authentication;
  Json source;
};

Result<ReadAuthentication> AuthenticationFrom(const Json* object) {
  if (!object) return ReadAuthentication{{}, Json::Object({{"type", "none"}})};
  ASSIGN_OR_RETURN(const Fields fields, Fields::Of(*object, "authentication.",
                                                   {"type", "secret", "header", "algorithm", "encoding",
                                                    "prefix", "timestamp_header", "content", "tolerance"}));
  Authentication authentication;
  ASSIGN_OR_RETURN(const auto type, OneOf(fields, "type", kSchemes));
  authentication.scheme = type.second;
  ASSIGN_OR_RETURN(const auto secret, fields.Text("secret", secrets::kNameBytesMax));
  authentication.secret = secret.value_or("");
  if (type.second != Scheme::kNone && !secrets::IsSecretName(authentication.secret)) {
    return fields.Wrong("secret", "must be the name of a secret, not its value",
                        "letters, digits, -, _ and .; the server finds its value in secrets.dir or in the"
                        " variable ELEVAITE_SECRET_<NAME>");
  }
  if (type.second == Scheme::kHeader) {
    ASSIGN_OR_RETURN(const auto header, HeaderName(fields, "header"));
    authentication.header = header.value_or("x-webhook-secret");
  }
  authentication.form = FormOf(type.second);
  if (type.second == Scheme::kHmac) {
    ASSIGN_OR_RETURN(authentication.form, FormFrom(fields));
  }
  ASSIGN_OR_RETURN(const auto tolerance,
                   fields.Duration("tolerance", authentication.tolerance, seconds(1), kToleranceMax));
  authentication.tolerance = std::chrono::duration_cast<seconds>(tolerance);
  Json source = JsonOf(authentication, type.first);
  return ReadAuthentication{std::move(authentication), std::move(source)};
}

// ---- Deduplication ----

struct ReadDeduplication {
  std::optional<Deduplication> deduplication;
  Json source;
};

Result<ReadDeduplication> DeduplicationFrom(const Json* object) {
  if (!object) return ReadDeduplication{};
  ASSIGN_OR_RETURN(const Fields fields, Fields::Of(*object, "deduplicate.", {"header", "key", "window"}));
  Deduplication deduplication;
  ASSIGN_OR_RETURN(const auto header, HeaderName(fields, "header"));
  ASSIGN_OR_RETURN(deduplication.key, ExpressionField(fields, "key"));
  if (header.has_value() == deduplication.key.has_value())
    return fields.Wrong("header", "or deduplicate.key must be there, not both",
                        "{\"header\": \"x-github-delivery\"} or {\"key\": \".body.id\"}");
  deduplication.header = header.value_or("");
  ASSIGN_OR_RETURN(const auto window,
                   fields.Duration("window", deduplication.window, seconds(1), kWebhookWindowMax));
  deduplication.window = std::chrono::duration_cast<seconds>(window);
  std::vector<Json::Member> members;
  members.emplace_back(header ? "header" : "key", header ? Json(*header) : *fields.Find("key"));
  members.emplace_back("window", FormatDuration(deduplication.window));
  return ReadDeduplication{std::move(deduplication), Json::Object(std::move(members))};
}

// ---- Answer ----

// Headers that a workflow may set. Others belong to the server, or would speak for the whole site.
bool MayBeSet(std::string_view name) {
  constexpr std::array<std::string_view, 12> kPlain{"allow",
                                                    "cache-control",
                                                    "content-disposition",
                                                    "content-language",
                                                    "content-type",
                                                    "etag",
                                                    "expires",
                                                    "last-modified",
                                                    "link",
                                                    "location",
                                                    "retry-after",
                                                    "vary"};
  if (name.starts_with("x-")) {
    constexpr std::array<std::string_view, 4> kOurs{"x-content-type-options", "x-execution-id",
                                                    "x-frame-options", "x-request-id"};
    return std::ranges::find(kOurs, name) == kOurs.end();
  }
  return std::ranges::find(kPlain, name) != kPlain.end();
}

Result<void> CheckAnswerHeaders(const Fields& fields, const Json& headers) {
  if (!headers.IsObject()) return fields.Wrong("headers", "must be an object");
  if (headers.Size() > kAnswerHeadersMax) return fields.Wrong("headers", "has more than 20 members");
  for (const auto& [name, value] : headers.AsObject()) {
    if (IsHeaderName(name.AsString()) && MayBeSet(LowerCase(std::string(name.AsString())))) continue;
    return fields.Wrong("headers", fmt::format("cannot set '{}'", name.AsString().substr(0, 80)),
                        "a webhook may set content-type, location, cache-control, retry-after and the like, "
                        "and its own x-...");
  }
  return {};
}

Result<void> CheckStatus(const Fields& fields, const Json& status) {
  const std::int64_t number = status.IntOr(0);
  if ((number >= 200 && number <= 599) || dsl::ScanText(status.StringOr("")).kind == dsl::TextKind::kWhole)
    return {};
  return fields.Wrong("status", "must be a number from 200 to 599, or an expression",
                      "for example: ${ .status }");
}

struct ReadAnswer {
  Answer answer;
  Json source;
};

Result<ReadAnswer> AnswerFrom(const Json* object) {
  const Json given = object ? *object : Json::EmptyObject();
  ASSIGN_OR_RETURN(const Fields fields,
                   Fields::Of(given, "response.", {"wait", "status", "headers", "body"}));
  Answer answer;
  using std::chrono::milliseconds;
  ASSIGN_OR_RETURN(const auto wait,
                   fields.Duration("wait", milliseconds(0), milliseconds(0), kWebhookWaitMax));
  answer.wait = std::chrono::duration_cast<milliseconds>(wait);
  std::vector<Json::Member> members;
  if (answer.wait.count() > 0) members.emplace_back("wait", FormatDuration(answer.wait));
  if (const Json* headers = fields.Find("headers")) RETURN_IF_ERROR(CheckAnswerHeaders(fields, *headers));
  if (const Json* status = fields.Find("status")) RETURN_IF_ERROR(CheckStatus(fields, *status));
  for (auto [name, target] :
       {std::pair{"status", &answer.status}, {"headers", &answer.headers}, {"body", &answer.body}}) {
    ASSIGN_OR_RETURN(*target, ValueField(fields, name));
    if (!*target) continue;
    if (answer.wait.count() == 0)
      return fields.Wrong(name, "needs response.wait",
                          "the output is there only when the caller waits for it");
    members.emplace_back(name, *fields.Find(name));
  }
  return ReadAnswer{std::move(answer), Json::Object(std::move(members))};
}

// ---- The whole ----

Result<std::vector<std::string>> MethodsFrom(const Fields& fields) {
  const Json* given = fields.Find("methods");
  if (!given) return std::vector<std::string>{"POST"};
  constexpr std::array<std::string_view, 5> kKnown{"DELETE", "GET", "PATCH", "POST", "PUT"};
  std::vector<std::string> methods;
  for (const Json& one : given->IsArray() ? given->AsArray() : std::span<const Json>()) {
    if (std::ranges::find(kKnown, one.StringOr("")) == kKnown.end()) methods.clear();
    if (std::ranges::find(kKnown, one.StringOr("")) == kKnown.end()) break;
    methods.emplace_back(one.AsString());
  }
  std::ranges::sort(methods);
  methods.erase(std::ranges::unique(methods).begin(), methods.end());
  if (methods.empty())
    return fields.Wrong("methods", "must be a list of methods", "of GET, POST, PUT, PATCH and DELETE");
  return methods;
}

Result<std::size_t> BodyMaxFrom(const Fields& fields, std::size_t otherwise) {
  const Json* given = fields.Find("body_max");
  if (!given) return otherwise;
  const auto bytes = ParseBytes(given->StringOr(""));
  if (bytes && *bytes >= 1 && *bytes <= kWebhookBodyBytesMax) return static_cast<std::size_t>(*bytes);
  return fields.Wrong(
      "body_max", "is not a size that can be used",
      fmt::format("write it as 64KiB or 1MiB; at most {}", FormatBytes(kWebhookBodyBytesMax)));
}

}  // namespace

Result<WebhookSettings> WebhookSettingsFrom(const Json& object) {
  ASSIGN_OR_RETURN(const Fields fields,
                   Fields::Of(object, "",
                              {"path", "methods", "description", "enabled", "capture", "body_max",
                               "authentication", "filter", "deduplicate", "response"}));
  WebhookSettings settings;
  ASSIGN_OR_RETURN(const auto path, fields.Text("path", kTextBytesMax));
  settings.path = path.value_or("");
  if (!IsHookPath(settings.path))
    return fields.Wrong("path", "must have 1 to 200 letters, digits or any of - _ . /",
                        "for example: orders/new");
  ASSIGN_OR_RETURN(settings.methods, MethodsFrom(fields));
  ASSIGN_OR_RETURN(const auto description, fields.Text("description", kTextBytesMax));
  settings.description = description.value_or("");
  ASSIGN_OR_RETURN(settings.enabled, fields.Flag("enabled", true));
  ASSIGN_OR_RETURN(settings.capture, fields.Flag("capture", false));
  ASSIGN_OR_RETURN(settings.body_bytes_max, BodyMaxFrom(fields, settings.body_bytes_max));
  ASSIGN_OR_RETURN(auto authentication, AuthenticationFrom(fields.Find("authentication")));
  settings.authentication = std::move(authentication.authentication);
  ASSIGN_OR_RETURN(settings.filter, ExpressionField(fields, "filter"));
  ASSIGN_OR_RETURN(auto deduplication, DeduplicationFrom(fields.Find("deduplicate")));
  settings.deduplication = std::move(deduplication.deduplication);
  ASSIGN_OR_RETURN(auto answer, AnswerFrom(fields.Find("response")));
  settings.answer = std::move(answer.answer);
  std::vector<Json> methods(settings.methods.begin(), settings.methods.end());
  settings.source = Json::Object({{"path", settings.path},
                                  {"methods", Json::Array(std::move(methods))},
                                  {"description", settings.description},
                                  {"enabled", settings.enabled},
                                  {"capture", settings.capture},
                                  {"body_max", FormatBytes(settings.body_bytes_max)},
                                  {"authentication", authentication.source},
                                  {"filter", fields.Find("filter") ? *fields.Find("filter") : Json()},
                                  {"deduplicate", deduplication.source},
                                  {"response", answer.source}});
  return settings;
}

}  // namespace elevaite::workflow
