#include "services/workflow/retention/account_times.h"

#include <fmt/format.h>

#include <algorithm>

#include "foundation/text.h"
#include "services/workflow/fields.h"

namespace elevaite::workflow {
namespace {

using std::chrono::microseconds;

constexpr std::string_view kForever = "forever";
constexpr std::size_t kBytesMax = 40;

struct Bounds {
  microseconds least;
  microseconds most;
  bool forever;
};

Result<AccountTimes> ReadTimes(const Json& definition, const Bounds& bounds) {
  ASSIGN_OR_RETURN(const Fields fields, Fields::Of(definition, "", {"completed", "faulted"}));
  const auto read = [&](std::string_view name) -> Result<std::optional<microseconds>> {
    ASSIGN_OR_RETURN(const auto text, fields.Text(name, kBytesMax));
    if (!text) return std::optional<microseconds>();
    if (*text == kForever && bounds.forever) return std::optional(microseconds(0));
    const auto time = ParseDuration(*text);
    if (time && *time >= bounds.least && *time <= bounds.most) return std::optional(*time);
    return fields.Wrong(name, "is not a time that can be used",
                        fmt::format("write it as 12h or 30d; {} to {}{}", FormatDuration(bounds.least),
                                    FormatDuration(bounds.most), bounds.forever ? ", or forever" : ""));
  };
  AccountTimes times;
  ASSIGN_OR_RETURN(times.completed, read("completed"));
  ASSIGN_OR_RETURN(times.faulted, read("faulted"));
  return times;
}

}  // namespace

std::string TextOf(microseconds time) {
  return time.count() == 0 ? std::string(kForever) : FormatDuration(time);
}

microseconds RetentionPolicy::most() const { return IsBounded() ? account_max : microseconds(kMost); }
microseconds RetentionPolicy::least() const { return std::min<microseconds>(kLeast, most()); }

Result<AccountTimes> RetentionPolicy::TimesFrom(const Json& definition) const {
  return ReadTimes(definition, {.least = least(), .most = most(), .forever = !IsBounded()});
}

Result<AccountTimes> StoredTimesFrom(const Json& definition) {
  return ReadTimes(definition, {.least = microseconds(1), .most = microseconds::max(), .forever = true});
}

engine::RetentionTimes RetentionPolicy::InForce(const AccountTimes& times) const {
  const auto bounded = [this](const std::optional<microseconds>& own, microseconds otherwise) {
    if (!own) return otherwise;
    if (!IsBounded()) return *own;
    return own->count() == 0 ? account_max : std::min(*own, account_max);
  };
  return {.completed = bounded(times.completed, standard.completed),
          .faulted = bounded(times.faulted, standard.faulted)};
}

}  // namespace elevaite::workflow
