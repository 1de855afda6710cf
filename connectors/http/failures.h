// Failures that several files raise.
#pragma once

#include <string>

#include "connectors/connector.h"
#include "engine/machine/errors.h"

namespace elevaite::connectors::http {

inline Failure Invalid(std::string_view detail) {  // what `with` gave makes no request
  return {.error = engine::MakeError("validation", "The request cannot be made", detail)};
}
inline Failure Misconfigured(std::string_view detail) {
  return {.error = engine::MakeError("configuration", "The call is not set up right", detail)};
}
inline Failure TimedOut(std::string_view detail) {
  return {.error = engine::MakeError("timeout", "The request took too long", detail),
          .contact = engine::Contact::kTried};
}

// Of the client; `what`: "GET https://...".
inline Failure FailureFrom(const Error& error, const std::string& what) {
  const std::string detail = what + ": " + error.message;
  switch (error.code) {
    case ErrorCode::kTimeout: return TimedOut(detail);
    case ErrorCode::kPermissionDenied:
      return {.error = engine::MakeError("authorization", "This address may not be called", detail)};
    default:
      return {.error = engine::MakeError("communication", "The request failed", detail,
                                         InfoOf(error.code).http_status),
              .contact = error.code == ErrorCode::kPayloadTooLarge ? engine::Contact::kAnswered
                                                                   : engine::Contact::kTried};
  }
}

}  // namespace elevaite::connectors::http
