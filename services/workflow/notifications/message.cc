#include "services/workflow/notifications/message.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <optional>

#include "foundation/base64.h"
#include "foundation/clock.h"
#include "foundation/digest.h"
#include "foundation/utf8.h"

namespace elevaite::notifications {
namespace {

constexpr std::size_t kSlackHeaderBytesMax = 150;
constexpr std::size_t kSlackTextBytesMax = 2'900;  // of 3,000 characters
constexpr std::size_t kBase64LineBytes = 76;
constexpr std::size_t kEncodedWordBytes = 39;  // of the text: a line with "Subject: " is below 78

// "whsec_" and base64, or the bytes themselves.
std::optional<std::string> KeyOf(std::string_view secret) {
  constexpr std::string_view kPrefix = "whsec_";
  if (!secret.starts_with(kPrefix)) return secret.empty() ? std::nullopt : std::optional(std::string(secret));
  std::string text(secret.substr(kPrefix.size()));
  while (text.ends_with('=')) text.pop_back();
  std::ranges::replace(text, '+', '-');
  std::ranges::replace(text, '/', '_');
  auto key = ReadBase64Url(text);
  return key && !key->empty() ? key : std::nullopt;
}

std::vector<Json> SecretsIn(const Json& secret) {
  if (!secret.IsArray()) return {secret};
  const auto all = secret.AsArray();
  return {all.begin(), all.end()};
}

bool IsPlain(std::string_view text) {
  return std::ranges::all_of(text, [](char c) { return c >= ' ' && c <= '~'; });
}

// A header's text: as it is when it is plain and short, else encoded words, a line each.
std::string HeaderText(std::string_view text) {
  if (IsPlain(text) && text.size() <= kBase64LineBytes - 12 && text.find("=?") == std::string_view::npos)
    return std::string(text);
  std::string encoded;
  while (!text.empty()) {
    const std::string_view piece = Utf8Prefix(text, kEncodedWordBytes);
    if (!encoded.empty()) encoded += "\r\n ";
    encoded += "=?utf-8?B?" + Base64Encode(piece) + "?=";
    text.remove_prefix(piece.size());
  }
  return encoded;
}

std::string Base64Lines(std::string_view text) {
  const std::string encoded = Base64Encode(text);
  std::string lines;
  for (std::size_t at = 0; at < encoded.size(); at += kBase64LineBytes)
    lines += encoded.substr(at, kBase64LineBytes) + "\r\n";
  return lines;
}

// "Thu, 26 Nov 2026 20:15:00 +0000"
std::string MailDate(std::int64_t time_us) {
  using namespace std::chrono;
  const sys_time<microseconds> time{microseconds(time_us)};
  const auto day = floor<days>(time);
  const year_month_day date(day);
  const hh_mm_ss clock(floor<seconds>(time - day));
  constexpr std::array<std::string_view, 7> kDays{"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
  constexpr std::array<std::string_view, 12> kMonths{"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                     "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
  return fmt::format("{}, {:02} {} {} {:02}:{:02}:{:02} +0000", kDays[weekday(day).c_encoding()],
                     static_cast<unsigned>(date.day()), kMonths[static_cast<unsigned>(date.month()) - 1],
                     static_cast<int>(date.year()), clock.hours().count(), clock.minutes().count(),
                     clock.seconds().count());
}

// "<a@x>, <b@x>", an address a line: they have no characters that mean anything here (IsMailAddress).
std::string Addresses(const std::vector<std::string>& all) {
  std::string text;
  for (const std::string& one : all) text += (text.empty() ? "" : ",\r\n ") + one;
  return text;
}

Json SlackText(const char* type, std::string text) {
  return Json::Object({{"type", type}, {"text", std::move(text)}});
}

}  // namespace

std::string WebhookBody(const Json& content) {
  return Json::Object({{"type", content["type"]}, {"timestamp", content["time"]}, {"data", content}}).Dump();
}

Result<net::Headers> WebhookHeaders(std::string_view id, std::int64_t now_us, std::string_view body,
                                    const Json* secret) {
  const std::string seconds = std::to_string(now_us / 1'000'000);
  net::Headers headers;
  headers.Set("content-type", "application/json");
  headers.Set("webhook-id", id);
  headers.Set("webhook-timestamp", seconds);
  if (secret == nullptr) return headers;
  const std::string content = fmt::format("{}.{}.{}", id, seconds, body);
  std::string signatures;
  for (const Json& one : SecretsIn(*secret)) {
    const auto key = KeyOf(one.StringOr(""));
    if (!key)
      return Fail(ErrorCode::kInvalidArgument, "the secret of this channel cannot sign",
                  "whsec_ and base64, or any other text that is not empty");
    if (!signatures.empty()) signatures += ' ';
    signatures += "v1," + Base64Encode(Hmac(HashKind::kSha256, *key, content));
  }
  headers.Set("webhook-signature", signatures);
  return headers;
}

std::string SlackEscaped(std::string_view text, std::size_t bytes_max) {
  constexpr std::size_t kLongest = 5;
  std::string escaped;
  for (const char c : text) {
    const bool begins = (static_cast<unsigned char>(c) & 0xC0U) != 0x80U;  // a character, not the rest of one
    if (begins && escaped.size() + kLongest > bytes_max) break;
    if (c == '&')
      escaped += "&amp;";
    else if (c == '<')
      escaped += "&lt;";
    else if (c == '>')
      escaped += "&gt;";
    else
      escaped += c;
  }
  return escaped;
}

std::string SlackBody(const Words& words, const Json& content) {
  // The link has a button of its own.
  const std::string_view url = content["url"].StringOr("");
  std::string_view body = words.body;
  while (body.ends_with('\n')) body.remove_suffix(1);
  if (body.ends_with(url)) body.remove_suffix(url.size());
  while (body.ends_with('\n')) body.remove_suffix(1);
  std::string text = SlackEscaped(body, kSlackTextBytesMax);
  if (text.empty()) text = " ";
  std::vector<Json> blocks{
      Json::Object(
          {{"type", "header"},
           {"text", SlackText("plain_text", std::string(Utf8Prefix(words.subject, kSlackHeaderBytesMax)))}}),
      Json::Object({{"type", "section"}, {"text", SlackText("mrkdwn", std::move(text))}})};
  if (!url.empty() && url.size() <= 3'000) {
    const Json button = Json::Object(
        {{"type", "button"}, {"text", SlackText("plain_text", "Open in ElevAIte")}, {"url", url}});
    blocks.push_back(Json::Object({{"type", "actions"}, {"elements", Json::Array({button})}}));
  }
  // `text`: what notifications on phones and screen readers say.
  return Json::Object({{"text", SlackEscaped(words.subject, kSlackTextBytesMax)},
                       {"blocks", Json::Array(std::move(blocks))}})
      .Dump();
}

std::string MailMessage(const Mail& mail, const Words& words) {
  std::string text;
  const auto add = [&](std::string_view name, std::string_view value) {
    text.append(name).append(": ").append(value).append("\r\n");
  };
  add("Date", MailDate(mail.time_us));
  add("From", mail.from);
  add("To", Addresses(mail.to));
  add("Subject", HeaderText(OneLine(words.subject, kSubjectBytesMax)));
  add("Message-ID", fmt::format("<{}@{}>", mail.id, mail.domain));
  add("Auto-Submitted", "auto-generated");  // so that out-of-office replies stay away (RFC 3834)
  add("MIME-Version", "1.0");
  add("Content-Type", "text/plain; charset=utf-8");
  add("Content-Transfer-Encoding", "base64");
  std::string body;
  for (const char c : words.body) body += c == '\n' ? std::string("\r\n") : std::string(1, c);
  return text + "\r\n" + Base64Lines(body);
}

}  // namespace elevaite::notifications
