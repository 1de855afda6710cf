// The token with which processes of one installation know each other, on routes below /internal/.
#pragma once

#include <string_view>

#include "foundation/secret.h"
#include "net/http.h"

namespace elevaite::workflow {

// To be asked before anything of the body is read.
inline bool CarriesToken(const net::Request& request, const Secret& token) {
  constexpr std::string_view kBearer = "Bearer ";
  const std::string_view given = request.headers.Get("authorization");
  return given.starts_with(kBearer) && Secret(given.substr(kBearer.size())) == token;
}

}  // namespace elevaite::workflow
