// Scheduler: the one place that says what happens next. It owns the clock and the random numbers of a run;
// there are no threads, so a run is a function of its seed.
#pragma once

#include <cstdint>
#include <functional>
#include <queue>
#include <string_view>
#include <vector>

#include "engine/simulation/trace.h"
#include "foundation/clock.h"
#include "foundation/random.h"

namespace elevaite::simulation {

class Scheduler {
 public:
  using Action = std::function<void()>;

  // The trace must outlive it. `slow_percent`: of the delays that are long, see Delay.
  Scheduler(std::uint64_t seed, std::uint32_t slow_percent, Trace& trace)
      : random_(seed), slow_percent_(slow_percent), trace_(trace) {}

  SimulatedClock& clock() { return clock_; }
  Random& random() { return random_; }
  Trace& trace() { return trace_; }
  std::uint64_t steps() const { return steps_; }
  std::int64_t elapsed_us() const { return elapsed_us_; }

  // `what`: for the trace; must be a literal.
  void After(std::int64_t delay_us, std::string_view what, Action action);
  // Takes the next step; false: there is none.
  bool RunNext();

  bool Percent(std::uint32_t percent) { return random_.Below(100) < percent; }
  // How long something takes: up to `usual_us`, and sometimes up to a thousand times that.
  std::int64_t Delay(std::int64_t usual_us);
  // Between the two, each order of magnitude as likely as any other.
  std::int64_t Spread(std::int64_t from_us, std::int64_t to_us);

 private:
  struct Step {
    std::int64_t at_us;
    std::uint64_t number;  // of two at the same time, the one that was set first
    std::string_view what;
    Action action;
  };
  struct Later {
    bool operator()(const Step& a, const Step& b) const {
      return a.at_us != b.at_us ? a.at_us > b.at_us : a.number > b.number;
    }
  };

  SimulatedClock clock_;
  SeededRandom random_;
  std::uint32_t slow_percent_;
  Trace& trace_;
  std::int64_t elapsed_us_ = 0;
  std::uint64_t steps_ = 0;
  std::uint64_t next_ = 0;
  std::priority_queue<Step, std::vector<Step>, Later> queue_;
};

}  // namespace elevaite::simulation
