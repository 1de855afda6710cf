#include "engine/partition/past.h"

namespace elevaite::engine {

// The events of a row have one time.
std::vector<Past::Row> RowsOf(const std::vector<Event>& events) {
  constexpr std::size_t kEventsMax = 1'000;  // of one row
  std::vector<Past::Row> rows;
  std::vector<Event> row;
  const auto finish = [&] {
    if (!row.empty()) rows.push_back({row.front().seq, EncodeEvents(row)});
    row.clear();
  };
  for (const Event& event : events) {
    if (!row.empty() && (row.front().time_us != event.time_us || row.size() >= kEventsMax)) finish();
    row.push_back(event);
  }
  finish();
  return rows;
}

}  // namespace elevaite::engine
