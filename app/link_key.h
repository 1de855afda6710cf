// The key that signs links to tasks. Nodes of a cluster make it from the token that they share; a process
// that is alone draws it once and keeps it in its data folder: whoever may read that may answer anything
// anyway.
#pragma once

#include <string>

#include "foundation/result.h"
#include "foundation/secret.h"

namespace elevaite::app {

// `cluster_token` empty: alone.
Result<Secret> LinkKeyFor(const Secret& cluster_token, const std::string& data_dir);

}  // namespace elevaite::app
