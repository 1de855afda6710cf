// URIs of schemas (RFC 3986): only resolved and compared, never fetched.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace elevaite::schema {

// What `reference` means relative to `base` (section 5.2), without its fragment.
std::string ResolveUri(std::string_view base, std::string_view reference);

// The text behind '#', percent-decoded; empty without one, nothing if it is badly escaped.
std::optional<std::string> FragmentOf(std::string_view reference);

}  // namespace elevaite::schema
