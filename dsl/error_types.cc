#include "dsl/error_types.h"

#include <algorithm>
#include <iterator>

#include "dsl/suggest.h"

namespace elevaite::dsl {
namespace {

constexpr ErrorType kTypes[] = {
    {"configuration", 400, "Configuration error"}, {"validation", 400, "Validation error"},
    {"expression", 400, "Expression error"},       {"authentication", 401, "Authentication error"},
    {"authorization", 403, "Authorization error"}, {"timeout", 408, "Timeout"},
    {"communication", 500, "Communication error"}, {"runtime", 500, "Runtime error"},
};

constexpr std::string_view kHosts[] = {
    "https://open-workflow-specification.org/", "https://serverlessworkflow.io/",
    "http://open-workflow-specification.org/",  "http://serverlessworkflow.io/",
    "https://www.serverlessworkflow.io/",
};

bool TakePrefix(std::string_view& text, std::string_view prefix) {
  if (!text.starts_with(prefix)) return false;
  text.remove_prefix(prefix.size());
  return true;
}

// What follows one of the bases; nullopt when there is none.
std::optional<std::string_view> NameIn(std::string_view uri) {
  const auto* host = std::ranges::find_if(kHosts, [&](std::string_view h) { return uri.starts_with(h); });
  if (host == std::end(kHosts)) return std::nullopt;
  uri.remove_prefix(host->size());
  if (TakePrefix(uri, "spec/")) {
    const std::size_t slash = uri.find('/');
    if (slash == std::string_view::npos) return std::nullopt;
    uri.remove_prefix(slash + 1);
    if (!TakePrefix(uri, "errors/")) return std::nullopt;
    return uri;
  }
  TakePrefix(uri, "dsl/");
  if (!TakePrefix(uri, "errors/types/")) return std::nullopt;
  return uri;
}

}  // namespace

const ErrorType* FindErrorType(std::string_view name) {
  const auto* found = std::ranges::find(kTypes, name, &ErrorType::name);
  return found == std::end(kTypes) ? nullptr : found;
}

std::string NormalizeErrorType(std::string_view uri) {
  const auto name = NameIn(uri);
  if (!name || FindErrorType(*name) == nullptr) return std::string(uri);
  return std::string(kErrorTypeBase) + std::string(*name);
}

std::optional<std::string> MisspeltErrorType(std::string_view uri) {
  const auto name = NameIn(uri);
  std::string_view wrong = name.value_or(uri);
  // A bare word is no URI of its own: `type: communication`.
  if (!name && uri.find_first_of(":/.") != std::string_view::npos) return std::nullopt;
  if (name && FindErrorType(*name) != nullptr) return std::nullopt;
  std::string_view names[std::size(kTypes)];
  std::ranges::transform(kTypes, names, &ErrorType::name);
  const auto near = Nearest(wrong, names);
  for (std::string_view own : {kCancelledError, kAttemptsLostError}) {
    if (wrong == own.substr(own.rfind(':') + 1)) return std::string(own);
  }
  if (!near) return std::nullopt;
  return std::string(kErrorTypeBase) + std::string(*near);
}

}  // namespace elevaite::dsl
