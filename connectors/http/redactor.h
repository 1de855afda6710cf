// Redactor: keeps credentials out of texts that people will read, also when a server quotes them back.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "foundation/json.h"

namespace elevaite::connectors::http {

class Redactor {
 public:
  // The secret as it is and as it may come back: percent-encoded, in Base64, escaped in JSON.
  void Add(std::string_view secret);
  // Every text inside a policy that is a credential: all but names, addresses and the like.
  void AddPolicy(const Json& policy);

  // With *** for each secret. A text that holds one too short to be cut out (below 4 bytes) becomes ***.
  std::string Clean(std::string_view text) const;

 private:
  std::vector<std::string> secrets_;  // the longest first
};

}  // namespace elevaite::connectors::http
