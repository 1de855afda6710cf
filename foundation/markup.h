// Text in HTML and XML.
#pragma once

#include <string>
#include <string_view>

namespace elevaite {

// Escapes & < > " and ': fit for what stands between tags and for values of attributes.
std::string EscapeMarkup(std::string_view text);

}  // namespace elevaite
