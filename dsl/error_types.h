// The error types of the language: eight kinds, each a URI. The specification moved its URIs once and its
// conformance kit uses a third form; all are the same type here and are written in the newest form.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace elevaite::dsl {

inline constexpr std::string_view kErrorTypeBase =
    "https://open-workflow-specification.org/spec/1.0.0/errors/";

// The engine's own: the execution is cancelled. Only a `catch` that names this type handles it.
inline constexpr std::string_view kCancelledError = "urn:elevaite:errors:cancelled";
// The engine's own: an activity whose process died again and again.
inline constexpr std::string_view kAttemptsLostError = "urn:elevaite:errors:attempts-lost";

struct ErrorType {
  std::string_view name;  // "communication"
  int status;             // its usual status
  std::string_view title;
};
// nullptr: not one of the eight.
const ErrorType* FindErrorType(std::string_view name);

// ".../spec/<version>/errors/x", ".../dsl/errors/types/x" and ".../errors/types/x" under
// serverlessworkflow.io or open-workflow-specification.org become kErrorTypeBase + x when x is one of the
// eight. All others are left as they are.
std::string NormalizeErrorType(std::string_view uri);

// The standard type that `uri` probably misspells: it has one of the bases but none of the names. nullopt: it
// does not.
std::optional<std::string> MisspeltErrorType(std::string_view uri);

}  // namespace elevaite::dsl
