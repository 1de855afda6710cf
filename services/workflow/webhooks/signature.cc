#include "services/workflow/webhooks/signature.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <optional>

#include "foundation/base64.h"
#include "foundation/secret.h"

namespace elevaite::workflow {
namespace {

constexpr std::size_t kSignaturesMax = 16;
constexpr std::string_view kStandardId = "webhook-id";
constexpr std::string_view kStandardTime = "webhook-timestamp";
constexpr std::string_view kStandardSignature = "webhook-signature";
constexpr std::string_view kStripeSignature = "stripe-signature";

std::unexpected<Error> Refuse(std::string why) { return Fail(ErrorCode::kUnauthenticated, std::move(why)); }

bool IsSame(std::string_view a, std::string_view b) { return Secret(a) == Secret(b); }

Result<std::string> Required(const net::Headers& headers, std::string_view name) {
  const auto value = headers.Find(name);
  if (!value || value->empty()) return Refuse(fmt::format("the request has no header {}", name));
  return std::string(*value);
}

template <class Each>
void Split(std::string_view text, char separator, Each each) {
  while (!text.empty()) {
    const std::size_t end = std::min(text.find(separator), text.size());
    each(net::TrimSpace(text.substr(0, end)));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
}

void Keep(GivenSignature& given, std::string_view signature) {
  if (!signature.empty() && given.signatures.size() < kSignaturesMax)
    given.signatures.emplace_back(signature);
}

// t=1492774577,v1=5257a8...,v1=...,v0=...
Result<GivenSignature> ReadStripe(const net::Headers& headers) {
  ASSIGN_OR_RETURN(const std::string text, Required(headers, kStripeSignature));
  GivenSignature given;
  Split(text, ',', [&](std::string_view part) {
    if (part.starts_with("t=") && given.timestamp.empty()) given.timestamp = part.substr(2);
    if (part.starts_with("v1=")) Keep(given, part.substr(3));
  });
  if (given.timestamp.empty()) return Refuse("the header stripe-signature has no time t=");
  return given;
}

// v1,<base64> v1,<base64> v1a,<other kinds>
Result<GivenSignature> ReadStandard(const net::Headers& headers) {
  GivenSignature given;
  ASSIGN_OR_RETURN(given.id, Required(headers, kStandardId));
  ASSIGN_OR_RETURN(given.timestamp, Required(headers, kStandardTime));
  ASSIGN_OR_RETURN(const std::string text, Required(headers, kStandardSignature));
  Split(text, ' ', [&](std::string_view part) {
    if (part.starts_with("v1,")) Keep(given, part.substr(3));
  });
  return given;
}

Result<GivenSignature> ReadPlain(const SignatureForm& form, const net::Headers& headers) {
  GivenSignature given;
  if (!form.timestamp_header.empty()) {
    ASSIGN_OR_RETURN(given.timestamp, Required(headers, form.timestamp_header));
  }
  ASSIGN_OR_RETURN(const std::string text, Required(headers, form.header));
  if (!text.starts_with(form.prefix))
    return Refuse(fmt::format("the header {} does not begin with '{}'", form.header, form.prefix));
  Keep(given, std::string_view(text).substr(form.prefix.size()));
  return given;
}

Result<void> CheckTime(std::string_view text, std::chrono::seconds tolerance, Timestamp now) {
  std::int64_t seconds = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), seconds);
  if (error != std::errc() || end != text.data() + text.size() || seconds < 0)
    return Refuse("the time of the signature is no number of seconds");
  const std::int64_t now_seconds = now.micros() / 1'000'000;
  const std::int64_t age = seconds > now_seconds ? seconds - now_seconds : now_seconds - seconds;
  if (age <= tolerance.count()) return {};
  return Refuse(fmt::format("the signature is {} s {}; at most {} s are allowed", age,
                            seconds > now_seconds ? "ahead" : "old", tolerance.count()));
}

// What is signed.
std::string Content(const Authentication& authentication, const GivenSignature& given,
                    std::string_view body) {
  if (authentication.scheme == Scheme::kStripe) return fmt::format("{}.{}", given.timestamp, body);
  if (authentication.scheme == Scheme::kStandard)
    return fmt::format("{}.{}.{}", given.id, given.timestamp, body);
  std::string content = authentication.form.content;
  constexpr std::string_view kTime = "{timestamp}";
  constexpr std::string_view kBody = "{body}";
  if (const std::size_t at = content.find(kTime); at != std::string::npos)
    content.replace(at, kTime.size(), given.timestamp);
  return content.replace(content.find(kBody), kBody.size(), body);
}

std::string LowerHex(std::string text) {
  for (char& c : text) {
    if (c >= 'A' && c <= 'F') c = static_cast<char>(c - 'A' + 'a');
  }
  return text;
}

// "whsec_" and base64, or the bytes themselves.
std::optional<std::string> StandardKey(std::string_view secret) {
  constexpr std::string_view kPrefix = "whsec_";
  if (!secret.starts_with(kPrefix)) return std::string(secret);
  std::string text(secret.substr(kPrefix.size()));
  while (text.ends_with('=')) text.pop_back();
  std::ranges::replace(text, '+', '-');
  std::ranges::replace(text, '/', '_');
  return ReadBase64Url(text);
}

bool IsSigned(const Authentication& authentication, const GivenSignature& given, std::string_view key,
              std::string_view content) {
  const bool standard = authentication.scheme == Scheme::kStandard;
  const SignatureForm& form = authentication.form;
  const bool base64 = standard || form.encoding == SignatureEncoding::kBase64;
  const std::string code = Hmac(form.hash, key, content);
  const std::string expected = base64 ? Base64Encode(code) : Hex(code);
  bool right = false;
  for (const std::string& signature : given.signatures)
    right = IsSame(expected, base64 ? signature : LowerHex(signature)) || right;
  return right;
}

Result<void> CheckSignature(const Authentication& authentication, const std::vector<std::string>& secrets,
                            const net::Headers& headers, std::string_view body, Timestamp now) {
  ASSIGN_OR_RETURN(const GivenSignature given, ReadSignature(authentication, headers));
  if (!given.timestamp.empty()) RETURN_IF_ERROR(CheckTime(given.timestamp, authentication.tolerance, now));
  const std::string content = Content(authentication, given, body);
  for (const std::string& secret : secrets) {
    const auto key =
        authentication.scheme == Scheme::kStandard ? StandardKey(secret) : std::optional<std::string>(secret);
    if (!key || key->empty())
      return Fail(ErrorCode::kUnavailable, "the secret of this webhook is not base64 after whsec_");
    if (IsSigned(authentication, given, *key, content)) return {};
  }
  return Refuse("the signature does not fit the body");
}

// The texts that a value stands for; none: it is of another form.
std::vector<std::string> TextsOf(const Json& secret) {
  std::vector<std::string> texts;
  if (secret.IsString()) texts.emplace_back(secret.AsString());
  if (secret.IsArray()) {
    for (const Json& one : secret.AsArray()) texts.emplace_back(one.StringOr(""));
  }
  const bool usable = std::ranges::none_of(texts, &std::string::empty);
  return usable ? texts : std::vector<std::string>{};
}

// {"username": "u", "password": "p"}, or "u:p".
Result<void> CheckBasic(const Json& secret, const net::Headers& headers) {
  std::string login(secret.StringOr(""));
  if (secret["username"].IsString() && secret["password"].IsString())
    login = fmt::format("{}:{}", secret["username"].AsString(), secret["password"].AsString());
  if (login.find(':') == std::string::npos)
    return Fail(ErrorCode::kUnavailable, "the secret of this webhook is no user name and password");
  constexpr std::string_view kBasic = "basic ";
  const std::string_view given = headers.Get("authorization");
  if (!net::EqualsIgnoringCase(given.substr(0, kBasic.size()), kBasic))
    return Refuse("the request has no user name and password");
  if (IsSame(net::TrimSpace(given.substr(kBasic.size())), Base64Encode(login))) return {};
  return Refuse("user name or password are wrong");
}

}  // namespace

Result<GivenSignature> ReadSignature(const Authentication& authentication, const net::Headers& headers) {
  auto given = authentication.scheme == Scheme::kStripe     ? ReadStripe(headers)
               : authentication.scheme == Scheme::kStandard ? ReadStandard(headers)
                                                            : ReadPlain(authentication.form, headers);
  if (given && given->signatures.empty())
    return Refuse("the request has no signature of a kind that is known");
  return given;
}

Result<void> CheckSender(const Authentication& authentication, const Json& secret,
                         const net::Headers& headers, std::string_view body, Timestamp now) {
  if (authentication.scheme == Scheme::kNone) return {};
  if (authentication.scheme == Scheme::kBasic) return CheckBasic(secret, headers);
  const std::vector<std::string> secrets = TextsOf(secret);
  if (secrets.empty())
    return Fail(ErrorCode::kUnavailable, "the secret of this webhook is no text, or an empty one");
  if (authentication.scheme != Scheme::kHeader)
    return CheckSignature(authentication, secrets, headers, body, now);
  ASSIGN_OR_RETURN(const std::string given, Required(headers, authentication.header));
  for (const std::string& one : secrets) {
    if (IsSame(one, given)) return {};
  }
  return Refuse(fmt::format("the header {} has another secret", authentication.header));
}

bool IsByHeadAlone(Scheme scheme) {
  return scheme == Scheme::kNone || scheme == Scheme::kHeader || scheme == Scheme::kBasic;
}

std::string_view SecretHeader(const Authentication& authentication) {
  switch (authentication.scheme) {
    case Scheme::kNone:
    case Scheme::kBasic: return {};
    case Scheme::kHeader: return authentication.header;
    case Scheme::kStripe: return kStripeSignature;
    case Scheme::kStandard: return kStandardSignature;
    case Scheme::kHmac:
    case Scheme::kGithub:
    case Scheme::kSlack: return authentication.form.header;
  }
  return {};
}

}  // namespace elevaite::workflow
