// Webhook: a path under /hooks/ that starts a workflow. It is a record beside the versions of the workflow,
// so that documents stay the same wherever they run.
//
//   {"workflow": "shop.orders", "path": "orders/new", "methods": ["POST"],
//    "authentication": {"type": "github", "secret": "github-hook"},
//    "filter": ".body.action == \"opened\"", "deduplicate": {"header": "x-github-delivery", "window": "24h"},
//    "response": {"wait": "10s", "status": 201, "headers": {"location": "${ .url }"}, "body": "${ .order }"},
//    "body_max": "1MiB", "enabled": true, "capture": false, "description": "what GitHub tells"}
//
// A secret is known by its name; its value stays where secrets are (infra/secrets). Expressions are jq. Those
// of `filter` and `deduplicate.key` see the request as the workflow would get it: {method, path, headers,
// query, body}. Those of `response` see the output, $request and $execution ({id}).
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "dsl/template.h"
#include "foundation/digest.h"
#include "foundation/ids.h"
#include "foundation/json.h"

namespace elevaite::workflow {

struct WebhookTag {
  static constexpr std::string_view kPrefix = "whk_", kName = "webhook";
};
using WebhookId = Id<WebhookTag>;

// How callers show who they are.
enum class Scheme : std::uint8_t {
  kNone,
  kHeader,    // the secret itself in a header
  kBasic,     // user name and password (RFC 7617)
  kHmac,      // a keyed digest of the body in a header, as described by SignatureForm
  kGithub,    // x-hub-signature-256: sha256=<hex>
  kStripe,    // stripe-signature: t=<seconds>,v1=<hex>
  kSlack,     // x-slack-signature: v0=<hex>, and x-slack-request-timestamp
  kStandard,  // standardwebhooks.com: webhook-id, webhook-timestamp, webhook-signature: v1,<base64>
};

enum class SignatureEncoding : std::uint8_t { kHex, kBase64 };

// Where a signature is and what it is over.
struct SignatureForm {
  std::string header;  // lower case, like all names of headers here
  HashKind hash = HashKind::kSha256;
  SignatureEncoding encoding = SignatureEncoding::kHex;
  std::string prefix;              // of the signature in its header: "sha256="
  std::string timestamp_header;    // seconds since 1970; empty: what was sent once can be sent again for ever
  std::string content = "{body}";  // what is signed; {timestamp} and {body} are replaced
};

struct Authentication {
  Scheme scheme = Scheme::kNone;
  std::string secret;                   // its name
  std::string header;                   // kHeader
  SignatureForm form;                   // kHmac, and those of the presets that are nothing else
  std::chrono::seconds tolerance{300};  // how old, or how far ahead, a signature's time may be
};

// Which requests are one and the same. Of those, one starts the workflow, and the others are answered with
// its execution.
struct Deduplication {
  std::string header;                   // empty: by `key`
  std::optional<dsl::Expression> key;   // null, false and "": the request stands for itself
  std::chrono::seconds window{86'400};  // how long a key is remembered
};

// What the caller gets.
struct Answer {
  std::chrono::milliseconds wait{0};  // for the end; zero: 202 at once
  // Of one that completed in time. Absent: 200, and the output.
  std::optional<dsl::Template> status;
  std::optional<dsl::Template> headers;  // an object
  std::optional<dsl::Template> body;
};

struct WebhookSettings {
  std::string path;                          // "orders/new": /hooks/orders/new
  std::vector<std::string> methods{"POST"};  // sorted, no two alike
  std::string description;
  bool enabled = true;
  bool capture = false;  // 200 to everybody, nothing is started: to see what a sender sends
  std::size_t body_bytes_max = 1U << 20U;
  Authentication authentication;
  std::optional<dsl::Expression> filter;  // others get 204
  std::optional<Deduplication> deduplication;
  Answer answer;
  Json source;  // what they were made from, in its normal form: what is stored and shown
};

inline constexpr std::size_t kWebhookBodyBytesMax = 16U << 20U;
inline constexpr std::chrono::milliseconds kWebhookWaitMax{60'000};
inline constexpr std::chrono::seconds kWebhookWindowMax{30 * 86'400};

// Reads settings, without `workflow`. kInvalidArgument says which member is wrong, and how to write it.
Result<WebhookSettings> WebhookSettingsFrom(const Json& object);

struct Webhook {
  WebhookId id;
  std::string name_space;
  std::string workflow;
  WebhookSettings settings;
  std::int64_t created_us = 0;
  std::int64_t updated_us = 0;
};

}  // namespace elevaite::workflow
