#include "services/workflow/notifications/courier.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "foundation/utf8.h"
#include "services/workflow/notifications/message.h"

namespace elevaite::notifications {
namespace {

using boost::asio::awaitable;
using Steady = std::chrono::steady_clock;

constexpr std::size_t kAnswerBytesMax = 500;
constexpr std::size_t kBodyReadMax = 4U << 10U;
constexpr std::size_t kRedactedLeast = 4;  // a shorter text would be found everywhere

Attempt Failed(std::string error) {
  Attempt attempt;
  attempt.error = std::move(error);
  return attempt;
}

// A line of what somebody sent, fit to be kept.
std::string Kept(std::string_view bytes) {
  const std::size_t valid = FindInvalidUtf8(bytes);
  std::string line = OneLine(bytes.substr(0, std::min(valid, bytes.size())), kAnswerBytesMax);
  while (line.ends_with(' ')) line.pop_back();
  return line;
}

// In seconds; a date is not read: the pauses grow by themselves.
std::int64_t RetryAfterUs(std::string_view text) {
  std::int64_t seconds = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), seconds);
  const bool is_number = error == std::errc() && end == text.data() + text.size();
  return is_number ? std::clamp<std::int64_t>(seconds, 0, 86'400) * 1'000'000 : 0;
}

void Judge(Attempt& attempt, std::string_view host) {
  const int status = attempt.status;
  attempt.delivered = status >= 200 && status < 300;
  attempt.is_final = status == 410;
  if (attempt.delivered) return;
  attempt.error = status >= 300 && status < 400
                      ? fmt::format("'{}' answers with a redirect, which is not followed", host)
                      : fmt::format("'{}' answers with {}", host, status);
}

void ReplaceAll(std::string& text, std::string_view what) {
  if (what.size() < kRedactedLeast) return;
  for (std::size_t at = text.find(what); at != std::string::npos; at = text.find(what, at + 3))
    text.replace(at, what.size(), "***");
}

// Of an address that is secret, its path is what nobody may know; the other side may repeat a part of it.
void ReplacePath(std::string& text, std::string_view address) {
  const auto url = net::Url::Parse(address);
  if (!url) return;
  ReplaceAll(text, url->target);
  std::string_view rest = url->target;
  while (!rest.empty()) {
    const std::size_t end = std::min(rest.find_first_of("/?&="), rest.size());
    ReplaceAll(text, rest.substr(0, end));
    rest.remove_prefix(std::min(end + 1, rest.size()));
  }
}

std::vector<std::string> SecretNames(const ChannelSettings& settings) {
  std::vector<std::string> names{settings.url_secret, settings.secret, settings.mail.password_secret};
  std::erase(names, "");
  return names;
}

}  // namespace

Json ToJson(const Attempt& attempt, std::int64_t at_us) {
  return Json::Object({{"at", Timestamp::FromMicros(at_us).ToRfc3339()},
                       {"status", attempt.status == 0 ? Json() : Json(attempt.status)},
                       {"text", attempt.text.empty() ? Json() : Json(attempt.text)},
                       {"error", attempt.error.empty() ? Json() : Json(attempt.error)},
                       {"duration_ms", attempt.duration_us / 1'000}});
}

awaitable<Attempt> ChannelCourier::Send(Channel channel, std::optional<RuleSettings> rule,
                                        Notification notification) {
  const auto begun = Steady::now();
  const Wording* subject = rule && rule->subject ? &*rule->subject : nullptr;
  const Wording* body = rule && rule->body ? &*rule->body : nullptr;
  const Words words = WordsFor(notification.content, subject, body);
  auto send = SendOnce(channel, words, notification);
  Attempt attempt = co_await std::move(send);
  Redact(notification.account, channel.settings, attempt.text);
  Redact(notification.account, channel.settings, attempt.error);
  attempt.duration_us = std::chrono::duration_cast<std::chrono::microseconds>(Steady::now() - begun).count();
  co_return attempt;
}

awaitable<Attempt> ChannelCourier::SendOnce(const Channel& channel, const Words& words,
                                            const Notification& n) {
  const ChannelSettings& settings = channel.settings;
  if (const auto missing = MissingSecrets(n.account, settings); !missing.empty())
    co_return Failed(fmt::format("there is no secret '{}'", missing.front()));
  if (settings.type == ChannelType::kEmail) {
    auto send = SendMail(settings, words, n);
    co_return co_await std::move(send);
  }
  std::string url = settings.url;
  if (url.empty()) url = TextSecret(n.account, settings.url_secret).value_or("");
  if (settings.type == ChannelType::kSlack) {
    net::Headers headers;
    headers.Set("content-type", "application/json");
    auto post = Post(std::move(url), std::move(headers), SlackBody(words, n.content));
    co_return co_await std::move(post);
  }
  std::optional<Json> secret;
  if (!settings.secret.empty()) secret = secret_(n.account, settings.secret);
  // Own words of the rule are a part of it, for who shows them to people.
  Json content = Json::WithMember(n.content, "subject", words.subject);
  content = Json::WithMember(std::move(content), "text", words.body);
  std::string body = WebhookBody(content);
  auto headers = WebhookHeaders(n.id.ToString(), clock_.Now().micros(), body, secret ? &*secret : nullptr);
  if (!headers) co_return Failed(headers.error().message);
  auto post = Post(std::move(url), *std::move(headers), std::move(body));
  co_return co_await std::move(post);
}

awaitable<Attempt> ChannelCourier::Post(std::string url, net::Headers headers, std::string body) {
  auto request = net::ClientRequest::To("POST", url);
  if (!request) co_return Failed("the address of this channel is not valid");
  const std::string host = request->url.host;
  request->headers = std::move(headers);
  request->body = std::move(body);
  request->deadline = Steady::now() + kTimeout;
  request->redirects_max = 0;
  auto open = client_.Open(*std::move(request));
  auto opened = co_await std::move(open);
  if (!opened) co_return Failed(opened.error().message);
  net::ClientBody& answer = **opened;
  Attempt attempt;
  attempt.status = answer.status;
  attempt.asked_for_us = RetryAfterUs(answer.headers.Get("retry-after"));
  std::string text;
  while (text.size() < kBodyReadMax) {
    auto read = answer.Read();
    const auto piece = co_await std::move(read);
    if (!piece || piece->empty()) break;  // the status has been said: the rest changes nothing
    text += *piece;
  }
  attempt.text = Kept(std::string_view(text).substr(0, kBodyReadMax));
  Judge(attempt, host);
  co_return attempt;
}

awaitable<Attempt> ChannelCourier::SendMail(const ChannelSettings& settings, const Words& words,
                                            const Notification& n) {
  const MailSettings& mail = settings.mail;
  net::SmtpServer server{.host = mail.host,
                         .port = mail.port,
                         .security = mail.security,
                         .username = mail.username,
                         .greets_as = host_name_};
  if (!mail.password_secret.empty())
    server.password = Secret(TextSecret(n.account, mail.password_secret).value_or(""));
  const std::string_view domain = std::string_view(mail.from).substr(mail.from.rfind('@') + 1);
  net::SmtpEnvelope envelope{.from = mail.from, .to = mail.to, .message = {}};
  envelope.message = MailMessage({.from = mail.from,
                                  .to = mail.to,
                                  .id = n.id.ToString(),
                                  .domain = domain,
                                  .time_us = clock_.Now().micros()},
                                 words);
  auto send = mail_.Send(std::move(server), std::move(envelope), Steady::now() + kMailTimeout);
  const auto answer = co_await std::move(send);
  if (!answer) co_return Failed(answer.error().message);
  Attempt attempt;
  attempt.delivered = answer->accepted();
  attempt.status = answer->code;
  attempt.text = Kept(answer->text);
  // A wrong password is put right by people, the message stays as it is.
  attempt.is_final = answer->is_final() && answer->step != "AUTH" && answer->step != "greeting";
  if (!attempt.delivered)
    attempt.error = fmt::format("'{}' refuses {} with {}", mail.host, answer->step, answer->code);
  for (const std::string& address : answer->refused) attempt.text += fmt::format("; refused: {}", address);
  co_return attempt;
}

std::vector<std::string> ChannelCourier::MissingSecrets(const AccountId& account,
                                                        const ChannelSettings& settings) const {
  std::vector<std::string> missing;
  for (const std::string& name : SecretNames(settings)) {
    if (!secret_(account, name)) missing.push_back(name);
  }
  return missing;
}

std::optional<std::string> ChannelCourier::TextSecret(const AccountId& account,
                                                      const std::string& name) const {
  const auto value = secret_(account, name);
  if (!value || !value->IsString()) return std::nullopt;
  return std::string(value->AsString());
}

void ChannelCourier::Redact(const AccountId& account, const ChannelSettings& settings,
                            std::string& text) const {
  for (const std::string& name : SecretNames(settings)) {
    const auto value = secret_(account, name);
    if (!value) continue;
    const std::vector<Json> texts = value->IsArray()
                                        ? std::vector<Json>(value->AsArray().begin(), value->AsArray().end())
                                        : std::vector<Json>{*value};
    for (const Json& one : texts) ReplaceAll(text, one.StringOr(""));
    if (name == settings.url_secret) ReplacePath(text, value->StringOr(""));
  }
}

}  // namespace elevaite::notifications
