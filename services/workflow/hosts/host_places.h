// HostPlaces: of hosts to which fewer calls may go at once than there are nodes, nodes take turns. A place is
// a row of the database, which has one node; calls begin in the places that this node has, and no others.
//
// A node that has had a place for kTurn, or needs it no more, begins nothing more in it, gives it back when
// the call in it has ended, and waits a little, so that others come first. One that is not heard of for
// kLease loses its places: it is dead, and its calls have ended with it. One that only stood still for so
// long goes on with the calls that it had begun: together with those of the new owner they may be more than
// the limit until they end.
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/steady_timer.hpp>
#include <chrono>
#include <map>
#include <set>
#include <string>
#include <utility>

#include "services/workflow/hosts/host_calls.h"
#include "services/workflow/hosts/host_store.h"

namespace elevaite::hosts {

class HostPlaces {
 public:
  static constexpr std::chrono::milliseconds kLook{100};  // between two looks
  static constexpr std::chrono::milliseconds kTurn{1'000};
  static constexpr std::chrono::milliseconds kRest{150};
  static constexpr std::chrono::milliseconds kRenewEvery{1'000};
  static constexpr std::chrono::milliseconds kLease{5'000};

  // All must outlive it; the executor is of one thread. `node`: of this life of the process.
  HostPlaces(HostStore& store, HostCalls& calls, const Clock& clock, boost::asio::any_io_executor executor,
             std::string node)
      : store_(store),
        calls_(calls),
        clock_(clock),
        executor_(std::move(executor)),
        node_(std::move(node)),
        timer_(executor_) {}

  void Start();
  void Stop();  // on the executor

  // For tests: one look.
  Task<void> Look();

 private:
  using Key = std::pair<AccountId, std::string>;
  struct Held {
    std::set<std::int64_t> places;
    bool gives_back = false;  // nothing begins in them any more
    Time since{};
    Time rests_until{};
  };

  boost::asio::awaitable<void> Run();
  Task<void> Attend(const HostTable::Scarce& host);
  Task<void> Release(const Key& key, Held& held, std::size_t keep);
  Task<void> Claim(const HostTable::Scarce& host, Held& held);
  Task<void> Renew();
  void LoseAll();
  std::size_t count() const;

  HostStore& store_;
  HostCalls& calls_;
  const Clock& clock_;
  const boost::asio::any_io_executor executor_;
  const std::string node_;
  boost::asio::steady_timer timer_;
  bool stopping_ = false;
  std::map<Key, Held> held_;
  Time renewed_{};
};

}  // namespace elevaite::hosts
