// Calls: how the executions of a scenario reach the outside. `run: workflow` starts executions in the same
// world; everything else is done by the real connectors, whose requests all go to the stub server.
#pragma once

#include <boost/asio/io_context.hpp>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <tuple>
#include <utility>

#include "connectors/all.h"
#include "connectors/runner.h"
#include "engine/activities/activities.h"
#include "tests/conformance/stub_server.h"

namespace elevaite::conformance {

class Calls final : public engine::Activities {
 public:
  // A workflow to run as a task of another, and whom to tell.
  using RunSubflow = std::function<void(engine::ActivityTask, Done)>;
  using CancelSubflow =
      std::function<void(const ExecutionId& parent, engine::FrameId, std::int64_t deadline_us)>;

  // `remembers`: a call that is made again after a crash gets the answer of the first one, as from a receiver
  // that does things once.
  Calls(StubServer& stub, bool remembers, RunSubflow run, CancelSubflow cancel);

  // Nothing is begun before Begin(): an engine may die between its commit and the call.
  void Schedule(engine::ActivityTask task, Done done) override;
  void Cancel(const ExecutionId& execution, engine::FrameId frame, std::string_view connector,
              std::int64_t deadline_us) override;

  // Begins what was scheduled. False: there was nothing.
  bool Begin();
  // Lets the calls go on that are on their way. False: there are none, but for those that nobody answers.
  bool Work();
  // The engine has died: what was scheduled or on its way is nobody's any more.
  void Forget();

 private:
  using Key = std::pair<ExecutionId, engine::FrameId>;
  using AttemptKey = std::tuple<ExecutionId, engine::FrameId, std::uint32_t>;

  void BeginOne(engine::ActivityTask task, Done done);

  StubServer& stub_;
  bool remembers_;
  RunSubflow run_;
  CancelSubflow cancel_;
  boost::asio::io_context io_;
  net::Client client_;
  connectors::Registry registry_;
  connectors::Runner runner_;
  std::deque<std::pair<engine::ActivityTask, Done>> scheduled_;
  std::set<Key> on_their_way_;
  std::map<AttemptKey, engine::ActivityOutcome> remembered_;
  std::uint64_t generation_ = 0;
};

}  // namespace elevaite::conformance
