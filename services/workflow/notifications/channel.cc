#include "services/workflow/notifications/channel.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "foundation/text.h"
#include "infra/secrets/secrets.h"
#include "net/url.h"
#include "services/workflow/fields.h"

namespace elevaite::notifications {
namespace {

using workflow::Fields;

constexpr std::size_t kNameBytesMax = 100;
constexpr std::size_t kUrlBytesMax = 2'000;
constexpr std::chrono::minutes kGiveUpLeast{1};
constexpr std::chrono::hours kGiveUpMost{7 * 24};

constexpr std::array<std::string_view, 3> kTypes{"webhook", "slack", "email"};
constexpr std::array<std::string_view, 3> kSecurities{"none", "starttls", "tls"};

Result<std::string> Required(const Fields& fields, std::string_view name, std::size_t bytes_max) {
  ASSIGN_OR_RETURN(auto text, fields.Text(name, bytes_max));
  if (!text || text->empty()) return fields.Wrong(name, "is missing");
  return *std::move(text);
}

Result<std::string> SecretName(const Fields& fields, std::string_view name) {
  ASSIGN_OR_RETURN(const auto text, fields.Text(name, secrets::kNameBytesMax));
  if (!text || text->empty()) return std::string();
  if (!secrets::IsSecretName(*text))
    return fields.Wrong(name, "is not the name of a secret",
                        "letters, digits, -, _ and .; the secret itself stays where secrets are");
  return *text;
}

Result<void> ReadAddress(const Fields& fields, ChannelSettings& settings) {
  ASSIGN_OR_RETURN(settings.url_secret, SecretName(fields, "url_secret"));
  if (settings.type == ChannelType::kSlack) {
    if (!settings.url_secret.empty()) return {};
    return fields.Wrong("url_secret", "is missing",
                        "the name of the secret that is the address of the incoming webhook");
  }
  ASSIGN_OR_RETURN(const auto url, fields.Text("url", kUrlBytesMax));
  settings.url = url.value_or("");
  if (settings.url.empty() == settings.url_secret.empty())
    return fields.Wrong("url", "or url_secret must be given, one of both");
  if (settings.url.empty()) return {};
  if (const auto parsed = net::Url::Parse(settings.url); !parsed)
    return fields.Wrong("url", "is not valid: " + parsed.error().message, "https://example.com/hook");
  return {};
}

Result<std::string> MailAddress(const Fields& fields, std::string_view name, const std::string& text) {
  if (net::IsMailAddress(text)) return text;
  return fields.Wrong(name, fmt::format("has '{}', which is no address", text.substr(0, 80)),
                      "name@example.com, without a display name");
}

Result<void> ReadRecipients(const Fields& fields, MailSettings& mail) {
  const Json* to = fields.Find("to");
  const bool fits = to && to->IsArray() && to->Size() >= 1 && to->Size() <= ChannelSettings::kRecipientsMax;
  if (!fits)
    return fields.Wrong("to",
                        fmt::format("must be a list of 1 to {} addresses", ChannelSettings::kRecipientsMax));
  for (const Json& one : to->AsArray()) {
    ASSIGN_OR_RETURN(std::string address, MailAddress(fields, "to", std::string(one.StringOr(""))));
    mail.to.push_back(std::move(address));
  }
  return {};
}

Result<void> ReadMail(const Fields& fields, MailSettings& mail) {
  ASSIGN_OR_RETURN(mail.host, Required(fields, "host", 253));
  const auto url = net::Url::Parse("http://" + mail.host + "/");
  if (!url || url->host.find_first_of(":/") != std::string::npos || url->port != 80)
    return fields.Wrong("host", "is not the name of a host", "smtp.example.com; the port has its own member");
  mail.host = url->host;
  ASSIGN_OR_RETURN(const auto security, fields.Text("security", 20));
  const auto known = std::ranges::find(kSecurities, security.value_or("starttls"));
  if (known == kSecurities.end()) return fields.Wrong("security", "must be starttls, tls or none");
  mail.security = static_cast<net::SmtpSecurity>(known - kSecurities.begin());
  mail.port = mail.security == net::SmtpSecurity::kTls ? 465 : 587;
  if (const Json* port = fields.Find("port")) {
    if (port->IntOr(0) < 1 || port->IntOr(0) > 65'535) return fields.Wrong("port", "must be from 1 to 65535");
    mail.port = static_cast<std::uint16_t>(port->AsInt64());
  }
  ASSIGN_OR_RETURN(const auto username, fields.Text("username", 200));
  mail.username = username.value_or("");
  ASSIGN_OR_RETURN(mail.password_secret, SecretName(fields, "password_secret"));
  if (mail.username.empty() != mail.password_secret.empty())
    return fields.Wrong("username", "and password_secret go together");
  if (!mail.username.empty() && mail.security == net::SmtpSecurity::kNone)
    return fields.Wrong("security", "must be starttls or tls, because a password is sent");
  ASSIGN_OR_RETURN(const std::string from, Required(fields, "from", 254));
  ASSIGN_OR_RETURN(mail.from, MailAddress(fields, "from", from));
  return ReadRecipients(fields, mail);
}

Json SourceOf(const ChannelSettings& settings) {
  std::vector<Json::Member> members{{"name", settings.name},
                                    {"type", NameOf(settings.type)},
                                    {"enabled", settings.enabled},
                                    {"give_up_after", FormatDuration(settings.give_up_after)}};
  const auto add = [&](const char* name, const std::string& text) {
    if (!text.empty()) members.emplace_back(name, text);
  };
  add("url", settings.url);
  add("url_secret", settings.url_secret);
  add("secret", settings.secret);
  if (settings.type != ChannelType::kEmail) return Json::Object(std::move(members));
  const MailSettings& mail = settings.mail;
  members.emplace_back("host", mail.host);
  members.emplace_back("port", mail.port);
  members.emplace_back("security", kSecurities[static_cast<std::size_t>(mail.security)]);
  add("username", mail.username);
  add("password_secret", mail.password_secret);
  members.emplace_back("from", mail.from);
  members.emplace_back("to", Json::Array(std::vector<Json>(mail.to.begin(), mail.to.end())));
  return Json::Object(std::move(members));
}

}  // namespace

std::string_view NameOf(ChannelType type) { return kTypes[static_cast<std::size_t>(type)]; }

Result<ChannelSettings> ChannelSettingsFrom(const Json& object) {
  const std::string_view type = object.IsObject() ? object["type"].StringOr("") : "";
  const auto known = std::ranges::find(kTypes, type);
  if (object.IsObject() && known == kTypes.end())
    return Fail(ErrorCode::kInvalidArgument, "type must be webhook, slack or email");
  ChannelSettings settings;
  if (object.IsObject()) settings.type = static_cast<ChannelType>(known - kTypes.begin());
  const auto fields =
      settings.type == ChannelType::kWebhook
          ? Fields::Of(object, "",
                       {"name", "type", "enabled", "give_up_after", "url", "url_secret", "secret"})
      : settings.type == ChannelType::kSlack
          ? Fields::Of(object, "", {"name", "type", "enabled", "give_up_after", "url_secret"})
          : Fields::Of(object, "",
                       {"name", "type", "enabled", "give_up_after", "host", "port", "security", "username",
                        "password_secret", "from", "to"});
  if (!fields) return Fail(fields.error());
  ASSIGN_OR_RETURN(settings.name, Required(*fields, "name", kNameBytesMax));
  if (settings.name.find_first_of("\n\t") != std::string::npos)
    return fields->Wrong("name", "must be one line");
  ASSIGN_OR_RETURN(settings.enabled, fields->Flag("enabled", true));
  ASSIGN_OR_RETURN(settings.give_up_after,
                   fields->Duration("give_up_after", settings.give_up_after, kGiveUpLeast, kGiveUpMost));
  if (settings.type == ChannelType::kEmail) {
    RETURN_IF_ERROR(ReadMail(*fields, settings.mail));
  } else {
    RETURN_IF_ERROR(ReadAddress(*fields, settings));
  }
  if (settings.type == ChannelType::kWebhook) {
    ASSIGN_OR_RETURN(settings.secret, SecretName(*fields, "secret"));
  }
  settings.source = SourceOf(settings);
  return settings;
}

}  // namespace elevaite::notifications
