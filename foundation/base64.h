// Base64 with padding, the standard alphabet (RFC 4648, 4).
#pragma once

#include <string>
#include <string_view>

namespace elevaite {

std::string Base64Encode(std::string_view bytes);

}  // namespace elevaite
