#include "services/workflow/derived_id.h"

#include <algorithm>

#include "foundation/digest.h"

namespace elevaite::workflow {

ExecutionId DerivedId(std::int64_t time_us, std::string_view cause) {
  const auto digest = Sha256(cause);
  const auto milliseconds = static_cast<std::uint64_t>(std::max<std::int64_t>(time_us / 1'000, 0));
  Uuid uuid;
  for (std::size_t i = 0; i < 6; ++i)
    uuid.bytes[i] = static_cast<std::uint8_t>(milliseconds >> (8 * (5 - i)));
  std::copy_n(digest.begin(), 10, uuid.bytes.begin() + 6);
  uuid.bytes[6] = static_cast<std::uint8_t>(0x70U | (uuid.bytes[6] & 0x0fU));
  uuid.bytes[8] = static_cast<std::uint8_t>(0x80U | (uuid.bytes[8] & 0x3fU));
  return ExecutionId(uuid);
}

}  // namespace elevaite::workflow
