// Base64 (RFC 4648).
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace elevaite {

std::string Base64Encode(std::string_view bytes);  // with padding

// The alphabet for URLs (- and _), without padding, as in JSON Web Tokens. Reading refuses everything else.
std::string Base64Url(std::string_view bytes);
std::optional<std::string> ReadBase64Url(std::string_view text);

}  // namespace elevaite
