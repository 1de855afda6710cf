// Percent-encoding (RFC 3986, 2.1).
#pragma once

#include <string>
#include <string_view>

namespace elevaite {

// Everything but A-Z a-z 0-9 - . _ ~ is escaped: fit for one path segment and for one query value.
std::string PercentEncode(std::string_view text);

}  // namespace elevaite
