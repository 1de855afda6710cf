// HostCalls: stands before whatever makes calls (connectors/runner.h, workers/), and lets those to a host go
// as its rule says. A call that waits holds nothing but its memory: no thread, no place of a runner, no slot
// of a worker.
//
// A place is given back when the call's outcome is there, when it is cancelled, and at the latest when
// nobody can bring an outcome any more (the `done` that it went out with is destroyed): so none is lost.
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "engine/activities/worker_protocol.h"
#include "foundation/clock.h"
#include "services/workflow/hosts/host_table.h"

namespace elevaite::hosts {

class HostCalls final : public engine::Activities {
 public:
  // Where a call goes, and how often its connector makes it by itself.
  struct Target {
    std::string host;
    std::uint32_t attempts_max = 1;
  };
  struct Options {
    // Nothing: to no host, or nobody knows.
    std::function<std::optional<Target>(const engine::ActivityTask&)> target;
    // Whether this process still answers for the execution; what waits for another is dropped. Empty: it
    // does.
    std::function<bool(const ExecutionId&)> is_ours{};
    // Others make the calls, and go on over a restart of this process: one that they may have waits so long
    // for them to say so. 0: they are made in this process and end with it.
    std::chrono::milliseconds settle{0};
    HostTable::Options table{};
  };

  // Both must outlive it; the executor is of one thread.
  HostCalls(engine::Activities& next, boost::asio::any_io_executor executor, const Clock& clock,
            Options options);
  ~HostCalls() override;

  void Schedule(engine::ActivityTask task, Done done) override;
  void Cancel(const ExecutionId& execution, engine::FrameId frame, std::string_view connector,
              std::int64_t deadline_us) override;
  // Somebody makes this attempt, whatever we think of it.
  void Claim(const engine::Attempt& attempt);

  void SetRules(std::map<AccountId, HostRules> rules, std::size_t nodes);
  std::vector<HostTable::Scarce> ScarceHosts() const;
  void SetPlaces(const AccountId& account, const std::string& host, std::int64_t places);
  // False: the host is not known here.
  bool CloseCircuit(const AccountId& account, const std::string& host);

  // What people see of a host.
  struct View {
    std::string host;
    std::string pattern;  // empty: no rule
    std::int64_t running = 0;
    std::int64_t waiting = 0;
    std::int64_t oldest_us = 0;  // 0: nobody waits
    std::int64_t used_us = 0;
    std::optional<std::int64_t> concurrency;  // this node's share; where nodes take turns, that of all
    bool takes_turns = false;
    bool has_breaker = false;
    Breaker::State state = Breaker::State::kClosed;
    std::int64_t state_since_us = 0;  // 0: from the start
    std::int64_t open_until_us = 0;   // 0: it is not open
    std::int64_t failures = 0;        // in a row
    std::string error_kind;           // of the last call that went wrong; empty: none
    std::int64_t error_status = 0;
    std::int64_t error_us = 0;
  };
  std::vector<View> HostsOf(const AccountId& account, std::size_t most) const;
  struct CallView {
    ExecutionId execution;
    std::string reference;  // "/do/1/fetch"
    std::string workflow;
    bool waits = false;
    std::int64_t since_us = 0;
  };
  // The first of those that wait, then those that are out.
  std::vector<CallView> CallsTo(const AccountId& account, const std::string& host, std::size_t most) const;

  struct Status {
    HostTable::Totals totals;
    std::uint64_t opened = 0;
    std::uint64_t refused_open = 0;
    std::uint64_t refused_full = 0;
    std::uint64_t refused_overdue = 0;
  };
  Status status() const;

 private:
  class Core;
  std::shared_ptr<Core> core_;
};

// What an outcome says of the host, and of what went wrong.
struct Judgement {
  CallEnd end;
  std::optional<LastError> error{};
};
Judgement JudgementOf(const engine::ActivityOutcome& outcome, Time now);

}  // namespace elevaite::hosts
