// Property: any text is a schedule or is refused with an error that lies inside it; a schedule goes strictly
// forward.
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "dsl/cron.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace elevaite;
  static const TimeZone zone = TimeZone::Load("Europe/Berlin").value_or(TimeZone::Utc());
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const auto cron = dsl::Cron::Parse(text);
  if (!cron) {
    const dsl::CronError& error = cron.error();
    if (error.message.empty() || error.begin > error.end || error.end > size) std::abort();
    return 0;
  }
  Timestamp at =
      Timestamp::FromMillis(1'774'746'000'000);  // 2026-03-29T01:00:00Z, when Berlin sets its clocks
  for (int i = 0; i < 5; ++i) {
    const auto next = cron->Next(at, zone);
    if (!next || *next <= at) std::abort();
    at = *next;
  }
  return 0;
}
