// Channel: where messages go. What is stored and shown of one are its settings; of secrets only their names,
// their values stay where secrets are (infra/secrets).
//
//   {"name": "on call", "type": "webhook", "url": "https://pager.example/in", "secret": "pager-key"}
//   {"name": "team", "type": "slack", "url_secret": "slack-team"}
//   {"name": "mail", "type": "email", "host": "smtp.example", "port": 587, "security": "starttls",
//    "username": "flows", "password_secret": "smtp-password", "from": "flows@x.example",
//    "to": ["ops@x.example"]}
#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "foundation/ids.h"
#include "foundation/json.h"
#include "foundation/result.h"
#include "net/smtp.h"

namespace elevaite::notifications {

struct ChannelTag {
  static constexpr std::string_view kPrefix = "chn_", kName = "channel";
};
using ChannelId = Id<ChannelTag>;

enum class ChannelType : std::uint8_t { kWebhook, kSlack, kEmail };
std::string_view NameOf(ChannelType type);

struct MailSettings {
  std::string host;
  std::uint16_t port = 587;
  net::SmtpSecurity security = net::SmtpSecurity::kStartTls;
  std::string username;         // empty: the server does not ask for one
  std::string password_secret;  // its name
  std::string from;
  std::vector<std::string> to;
};

struct ChannelSettings {
  static constexpr std::size_t kRecipientsMax = 50;

  std::string name;  // one line; unique in the account
  ChannelType type = ChannelType::kWebhook;
  bool enabled = true;     // else nothing is sent, and nothing new is kept for it
  std::string url;         // webhook; empty: it is a secret
  std::string url_secret;  // webhook, slack: the name of the secret that is the address
  std::string secret;      // webhook: the name of what it is signed with; empty: it is not signed
  MailSettings mail;
  std::chrono::microseconds give_up_after{std::chrono::hours(24)};
  Json source;  // in its normal form: what is stored and shown
};

// kInvalidArgument says which member is wrong, and how to write it.
Result<ChannelSettings> ChannelSettingsFrom(const Json& object);

struct Channel {
  ChannelId id;
  ChannelSettings settings;
  std::int64_t created_us = 0;
  std::int64_t updated_us = 0;
};

}  // namespace elevaite::notifications
