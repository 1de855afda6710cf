// Exclusions: times at which a schedule does not start anything, though it would be due.
//
//   {date: "2026-12-25"}                       a day, in the zone of the schedule
//   {from: "2026-12-24", to: "2027-01-01"}     days, both included
//   {calendar: {weekdays: ["SAT", "SUN"]}}     the days of a calendar (calendar.h), without clock times
//   {cron: "* 22-23 * * *"}                    the minutes that an expression of five fields names
#pragma once

#include <cstdint>
#include <utility>
#include <vector>

#include "dsl/cron.h"
#include "services/workflow/schedule/calendar.h"

namespace elevaite::workflow {

class Exclusions {
 public:
  static constexpr std::size_t kMax = 1'000;

  // An array of the above. kInvalidArgument says which is wrong ("exclude[2].date ...").
  static Result<Exclusions> FromJson(const Json& json);

  bool HasDay(std::int64_t day) const;
  // Whether the minute of that wall time is left out, though its day is not.
  bool HasMinute(std::int64_t wall) const;
  // The first minute behind it, on the same day, that is not left out; none: the end of the day.
  std::int64_t FreeMinuteBehind(std::int64_t wall) const;
  // How much work it is to look at one time.
  std::size_t cost() const { return 1 + rules_.size() + crons_.size(); }

 private:
  Result<void> Read(const Json& one, const std::string& what);
  Result<void> ReadDays(const Json& one, const std::string& what);
  void SortDays();

  std::vector<std::pair<std::int64_t, std::int64_t>> days_;  // first and last; sorted, apart from each other
  std::vector<DayRule> rules_;
  std::vector<dsl::Cron> crons_;
};

}  // namespace elevaite::workflow
