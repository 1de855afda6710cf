// CanaryWatch: stops canaries that fail more than their `abort_when` allows. Looks every few seconds at the
// canaries that have one, on the node that keeps the schedules.
#pragma once

#include <atomic>
#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/steady_timer.hpp>
#include <chrono>

#include "services/workflow/deployment/deployment_store.h"

namespace elevaite::workflow {

class WorkflowService;

class CanaryWatch {
 public:
  // Between a failure and the stop lies this time at most, and the time of a look.
  static constexpr std::chrono::seconds kLookEvery{5};

  // All must outlive it; Stop() first. `executor` must have one thread.
  CanaryWatch(DeploymentStore& store, WorkflowService& service, boost::asio::any_io_executor executor)
      : store_(store), service_(service), executor_(std::move(executor)), timer_(executor_) {}

  void Start();
  void Stop();  // not on the executor; begins nothing more when it returns

 private:
  boost::asio::awaitable<void> Run();
  Task<void> Look();
  Task<void> Judge(DeploymentStore::Watched watched);

  DeploymentStore& store_;
  WorkflowService& service_;
  const boost::asio::any_io_executor executor_;
  boost::asio::steady_timer timer_;
  std::atomic<bool> stopping_ = false;
};

}  // namespace elevaite::workflow
