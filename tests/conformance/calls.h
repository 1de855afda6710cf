// Calls: how the executions of a scenario reach the outside: by the real connectors, whose requests all go to
// the stub server.
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
#include "services/workflow/rehearsal/stage.h"
#include "tests/conformance/stub_server.h"

namespace elevaite::conformance {

class Calls final : public rehearsal::Outside {
 public:
  // `remembers`: a call that is made again after a crash gets the answer of the first one, as from a receiver
  // that does things once.
  Calls(StubServer& stub, bool remembers);

  void Schedule(engine::ActivityTask task, Done done) override;
  void Cancel(const ExecutionId& execution, engine::FrameId frame, std::string_view connector,
              std::int64_t deadline_us) override;
  bool Begin() override;
  // Lets the calls go on that are on their way, but for those that nobody answers.
  bool Work() override;
  void Forget() override;

 private:
  using Key = std::pair<ExecutionId, engine::FrameId>;
  using AttemptKey = std::tuple<ExecutionId, engine::FrameId, std::uint32_t>;

  void BeginOne(engine::ActivityTask task, Done done);

  StubServer& stub_;
  bool remembers_;
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
