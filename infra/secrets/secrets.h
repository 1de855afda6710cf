// SecretSource: the port through which workflows get the secrets that they name in `use.secrets`.
//
// A secret has a name and a value: a JSON object or array if its text is one, else text. Adapters: files.h (a
// folder), environment.h; Combine() asks several, one after the other.
#pragma once

#include <memory>
#include <optional>
#include <string_view>
#include <vector>

#include "foundation/ids.h"
#include "foundation/json.h"

namespace elevaite::secrets {

inline constexpr std::size_t kNameBytesMax = 128;
inline constexpr std::size_t kValueBytesMax = 64U << 10U;

class SecretSource {
 public:
  virtual ~SecretSource() = default;
  // Nothing if there is no such secret, or if it cannot be had: then a line in the log says why. Any thread;
  // fast enough for the engine's (what is slow is kept for a few seconds). Never throws.
  virtual std::optional<Json> Find(const AccountId& account, std::string_view name) const = 0;
};

// Letters, digits, '-', '_' and '.', beginning with a letter or digit: fit for a file and for a variable.
bool IsSecretName(std::string_view name);

// What a secret's text means: an object or array if it parses to one, else the text without its last newline.
// Nothing if it is too long or not UTF-8.
std::optional<Json> ValueOf(std::string_view text);

// The first source that has the secret.
std::unique_ptr<SecretSource> Combine(std::vector<std::unique_ptr<SecretSource>> sources);

}  // namespace elevaite::secrets
