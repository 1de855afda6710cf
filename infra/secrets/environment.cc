#include "infra/secrets/environment.h"

#include <map>

#include "foundation/log.h"

namespace elevaite::secrets {
namespace {

std::string VariableOf(std::string_view name) {
  std::string variable(name);
  for (char& c : variable) {
    if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
    if (c == '-' || c == '.') c = '_';
  }
  return variable;
}

class EnvironmentSource final : public SecretSource {
 public:
  explicit EnvironmentSource(const std::vector<std::string>& environment) {
    for (const std::string& entry : environment) {
      const auto equals = entry.find('=');
      if (!entry.starts_with(kVariablePrefix) || equals == std::string::npos) continue;
      const std::string name = entry.substr(kVariablePrefix.size(), equals - kVariablePrefix.size());
      if (auto value = ValueOf(std::string_view(entry).substr(equals + 1))) {
        values_[name] = *std::move(value);
      } else {
        LogWarn("a secret is not used: it is too long or not UTF-8",
                {{"variable", std::string(kVariablePrefix) + name}});
      }
    }
  }

  std::optional<Json> Find(const AccountId& account, std::string_view name) const override {
    if (account != AccountId::Default() || !IsSecretName(name)) return std::nullopt;
    const auto found = values_.find(VariableOf(name));
    return found == values_.end() ? std::nullopt : std::optional(found->second);
  }

 private:
  std::map<std::string, Json, std::less<>> values_;
};

}  // namespace

std::unique_ptr<SecretSource> FromEnvironment(const std::vector<std::string>& environment) {
  return std::make_unique<EnvironmentSource>(environment);
}

}  // namespace elevaite::secrets
