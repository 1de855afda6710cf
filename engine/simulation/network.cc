#include "engine/simulation/network.h"

#include <algorithm>

namespace elevaite::simulation {

void Network::Send(std::string_view what, const std::function<void()>& arrives, Way way) {
  const int copies = scheduler_.Percent(knobs_.repeated_percent) ? 2 : 1;
  for (int i = 0; i < copies; ++i) {
    if (scheduler_.Percent(knobs_.lost_percent) || IsCut(way)) continue;
    scheduler_.After(scheduler_.Delay(kUsualUs), what, [this, arrives, way] {
      if (!IsCut(way)) arrives();
    });
  }
}

void Network::Cut(std::size_t one, std::size_t other, std::int64_t for_us) {
  std::int64_t& until_us = cut_until_us_[std::minmax(one, other)];
  until_us = std::max(until_us, scheduler_.elapsed_us() + for_us);
}

bool Network::IsCut(const Way& way) const {
  if (!way) return false;
  const auto found = cut_until_us_.find(std::minmax(way->first, way->second));
  return found != cut_until_us_.end() && scheduler_.elapsed_us() < found->second;
}

}  // namespace elevaite::simulation
