// Takes secrets out of values that others have made: an answer or an error may quote what was sent. Private
// to engine/machine.
#pragma once

#include <span>

#include "foundation/json.h"

namespace elevaite::engine {

// The value with each text in `secrets` (or, of structured secrets, each text inside) that is at least 4
// bytes long replaced by
// "(secret)", wherever it stands in a text or a key, as it is or percent-encoded.
Json Scrubbed(const Json& value, std::span<const Json> secrets);

}  // namespace elevaite::engine
