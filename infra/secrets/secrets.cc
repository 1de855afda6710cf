#include "infra/secrets/secrets.h"

#include <algorithm>

namespace elevaite::secrets {
namespace {

bool IsLetterOrDigit(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

class Combined final : public SecretSource {
 public:
  explicit Combined(std::vector<std::unique_ptr<SecretSource>> sources) : sources_(std::move(sources)) {}

  std::optional<Json> Find(const AccountId& account, std::string_view name) const override {
    for (const auto& source : sources_) {
      if (auto value = source->Find(account, name)) return value;
    }
    return std::nullopt;
  }

 private:
  std::vector<std::unique_ptr<SecretSource>> sources_;
};

}  // namespace

bool IsSecretName(std::string_view name) {
  return !name.empty() && name.size() <= kNameBytesMax && IsLetterOrDigit(name.front()) &&
         std::ranges::all_of(name,
                             [](char c) { return IsLetterOrDigit(c) || c == '-' || c == '_' || c == '.'; });
}

std::optional<Json> ValueOf(std::string_view text) {
  if (text.size() > kValueBytesMax || FindInvalidUtf8(text) != std::string_view::npos) return std::nullopt;
  if (auto parsed = ParseJson(text); parsed && (parsed->IsObject() || parsed->IsArray()))
    return *std::move(parsed);
  if (text.ends_with('\n')) text.remove_suffix(1);
  if (text.ends_with('\r')) text.remove_suffix(1);
  return Json(text);
}

std::unique_ptr<SecretSource> Combine(std::vector<std::unique_ptr<SecretSource>> sources) {
  return std::make_unique<Combined>(std::move(sources));
}

}  // namespace elevaite::secrets
