// Whether a request was sent by somebody who knows the secret: pure, over the bytes as they came.
//
// Compared in a time that does not depend on where two values differ. A secret may be a list of texts while
// it is changed: any of them will do. A signature with a time is refused when that is further from `now` than
// the tolerance, so that what somebody has recorded cannot be sent again later.
//
// Sources: docs.github.com "Validating webhook deliveries"; docs.stripe.com "Verify webhook signatures
// manually"; docs.slack.dev "Verifying requests from Slack"; github.com/standard-webhooks, the specification.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "foundation/clock.h"
#include "foundation/json.h"
#include "net/headers.h"
#include "services/workflow/webhooks/webhook.h"

namespace elevaite::workflow {

// kUnauthenticated: it was not; the message says why, and nothing of the secret. kUnavailable: the secret is
// not of a form that this scheme can use. `secret`: its value.
Result<void> CheckSender(const Authentication& authentication, const Json& secret,
                         const net::Headers& headers, std::string_view body, Timestamp now);

// Whether the body has no part in it: then a request can be refused before its body is read.
bool IsByHeadAlone(Scheme scheme);

// The header that carries what must not be written down, besides those of all requests; empty: there is none.
std::string_view SecretHeader(const Authentication& authentication);

// What a header says that has a signature. For tests and fuzzing.
struct GivenSignature {
  std::string id;                       // kStandard
  std::string timestamp;                // as it was sent; empty: there is none
  std::vector<std::string> signatures;  // one of them must be right
};
Result<GivenSignature> ReadSignature(const Authentication& authentication, const net::Headers& headers);

}  // namespace elevaite::workflow
