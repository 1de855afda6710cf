// Secrets from a folder, one a file: `<folder>/<account>/<name>`, for the single account ("default") also
// `<folder>/<name>`. Files of Docker's and Kubernetes' secrets have this form.
//
// A file that everybody on the machine may read is refused, as are others than regular ones and those above
// 64 KiB. What was read, or was not there, counts for five seconds; then the file is read again.
#pragma once

#include <chrono>
#include <memory>
#include <string>

#include "foundation/clock.h"
#include "infra/secrets/secrets.h"

namespace elevaite::secrets {

inline constexpr std::chrono::seconds kFileValueLife{5};

// The folder need not exist yet. `clock` must outlive the source.
std::unique_ptr<SecretSource> FromFiles(std::string folder, const Clock& clock);

}  // namespace elevaite::secrets
