#include "connectors/http/redactor.h"

#include <algorithm>

#include "foundation/base64.h"
#include "foundation/percent.h"
#include "net/url.h"

namespace elevaite::connectors::http {
namespace {

constexpr std::size_t kShortBytes = 4;
// Members of a policy that a message may show.
constexpr std::string_view kOpen[] = {"audiences", "authentication", "authority", "encoding",
                                      "endpoints", "grant",          "id",        "issuers",
                                      "scopes",    "type",           "username"};

bool IsOpen(std::string_view member) { return std::ranges::find(kOpen, member) != std::end(kOpen); }

}  // namespace

void Redactor::Add(std::string_view secret) {
  if (secret.empty()) return;
  const std::string quoted = Json(secret).Dump();
  for (std::string form : {std::string(secret), PercentEncode(secret), Base64Encode(secret),
                           Base64Url(secret), quoted.substr(1, quoted.size() - 2)}) {
    if (std::ranges::find(secrets_, form) == secrets_.end()) secrets_.push_back(std::move(form));
  }
  std::ranges::sort(secrets_, std::greater{}, &std::string::size);
}

void Redactor::AddPolicy(const Json& policy) {
  if (policy.IsString()) return Add(policy.AsString());
  if (policy.IsNumber()) return Add(policy.Dump());
  if (!policy.IsObject()) return;
  for (const auto& [name, value] : policy.AsObject()) {
    if (!IsOpen(name.AsString())) AddPolicy(value);
  }
  if (policy["username"].IsString() && policy["password"].IsString())
    Add(std::string(policy["username"].AsString()) + ":" + std::string(policy["password"].AsString()));
}

std::string Redactor::Clean(std::string_view text) const {
  std::string clean(text);
  for (const std::string& secret : secrets_) {
    for (std::size_t at = 0; (at = clean.find(secret, at)) != std::string::npos; at += 3) {
      if (secret.size() < kShortBytes) return "***";
      clean.replace(at, secret.size(), "***");
    }
  }
  return clean;
}

}  // namespace elevaite::connectors::http
