// Message: what goes over the wire for each type of channel. Pure; everything that comes from workflows is
// escaped for where it stands.
//
// Webhooks are signed as standardwebhooks.com says: HMAC-SHA256 over "<id>.<timestamp>.<body>" with the bytes
// behind whsec_, in base64. Mail is RFC 5322 and MIME: what is not plain ASCII goes into encoded words (RFC
// 2047) and base64, so nothing can add a line to the head.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "foundation/json.h"
#include "foundation/result.h"
#include "net/headers.h"
#include "services/workflow/notifications/wording.h"

namespace elevaite::notifications {

// {"type", "timestamp", "data"}
std::string WebhookBody(const Json& content);
// webhook-id, webhook-timestamp, and with a secret webhook-signature. A secret that is a list of texts signs
// with each of them, while it is being changed. kInvalidArgument: it cannot be used; nothing of it is told.
Result<net::Headers> WebhookHeaders(std::string_view id, std::int64_t now_us, std::string_view body,
                                    const Json* secret);

// Blocks of an incoming webhook.
std::string SlackBody(const Words& words, const Json& content);
// Of text in mrkdwn: & < and >; at most so many bytes, cut between characters.
std::string SlackEscaped(std::string_view text, std::size_t bytes_max);

struct Mail {
  std::string from;
  std::vector<std::string> to;
  std::string id;  // the same one again for the same message
  std::string_view domain;
  std::int64_t time_us = 0;
};
// Lines end with CRLF.
std::string MailMessage(const Mail& mail, const Words& words);

}  // namespace elevaite::notifications
