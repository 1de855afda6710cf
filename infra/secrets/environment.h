// Secrets from variables of the environment: `ELEVAITE_SECRET_API_KEY` is the secret `api_key`, `api-key` or
// `API.KEY`. They belong to the single account ("default").
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "infra/secrets/secrets.h"

namespace elevaite::secrets {

inline constexpr std::string_view kVariablePrefix = "ELEVAITE_SECRET_";

// `environment`: "NAME=value"; looked at once.
std::unique_ptr<SecretSource> FromEnvironment(const std::vector<std::string>& environment);

}  // namespace elevaite::secrets
