// HostControl: the rules of hosts, brought from the database to where calls are made (host_calls.h), and what
// people see of it on all nodes. In a cluster each node holds its part of a limit (where that is less than
// one place, they take turns: host_places.h), and a circuit of its own.
#pragma once

#include <atomic>
#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/steady_timer.hpp>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "net/router.h"
#include "services/workflow/hosts/host_calls.h"
#include "services/workflow/hosts/host_places.h"
#include "services/workflow/hosts/host_store.h"

namespace elevaite::workflow {
class Peers;
}

namespace elevaite::hosts {

class HostControl {
 public:
  static constexpr std::chrono::seconds kLookAgain{1};  // how late another node learns of changed rules

  // All must outlive it; the executor is of one thread.
  HostControl(database::Database& db, HostCalls& calls, const Clock& clock,
              boost::asio::any_io_executor executor);
  // In a cluster; before the first request. `nodes`: how many make calls; `node`: the id of this one.
  void Use(workflow::Peers& peers, std::function<std::size_t()> nodes, std::string node);
  void AddRoutes(net::Router& router);

  // The rules hold from now on. Blocks.
  Result<void> Open();
  void Stop();

  HostStore& store() { return store_; }
  // They hold here when it answers.
  Task<StoredRule> Put(AccountId account, std::string pattern, Json definition, std::string by);
  Task<void> Drop(AccountId account, std::string pattern);

  // Of all nodes. Open circuits first.
  Task<std::vector<HostCalls::View>> HostsOf(AccountId account, std::size_t most);
  Task<std::vector<HostCalls::CallView>> CallsTo(AccountId account, std::string host, std::size_t most);
  // On all nodes. False: none knows the host.
  Task<bool> CloseCircuit(AccountId account, std::string host);

 private:
  Task<void> Refresh();
  boost::asio::awaitable<void> KeepFresh();
  boost::asio::awaitable<Result<Json>> Answer(Json body);
  std::size_t Nodes() const { return nodes_ ? nodes_() : 1; }

  HostCalls& calls_;
  HostStore store_;
  const Clock& clock_;
  boost::asio::any_io_executor executor_;
  workflow::Peers* peers_ = nullptr;  // null: this process is alone
  std::function<std::size_t()> nodes_;
  std::unique_ptr<HostPlaces> places_;  // null: this process is alone
  boost::asio::steady_timer timer_;
  std::atomic<bool> stopping_ = false;

  std::mutex mutex_;
  std::uint64_t asked_ = 0;    // under mutex_
  std::uint64_t applied_ = 0;  // likewise: what was asked for before that is old
  std::string holds_;          // likewise: which rules
};

}  // namespace elevaite::hosts
