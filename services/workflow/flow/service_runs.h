// FlowControl::Runs: the executions of a WorkflowService, for the keeper. Private to FlowControl.
#pragma once

#include <boost/asio/any_io_executor.hpp>

#include "services/workflow/flow/flow_control.h"
#include "services/workflow/service.h"

namespace elevaite::flow {

class FlowControl::Runs final : public FlowRuns {
 public:
  Runs(workflow::WorkflowService& service, workflow::Programs& programs, FlowReader& reader,
       boost::asio::any_io_executor executor)
      : service_(service), programs_(programs), reader_(reader), executor_(std::move(executor)) {}

  void Start(AccountId account, ExecutionId id, std::optional<Fresh> fresh,
             std::function<void(Result<void>)> accepted, Ended ended) override;
  void Resume(AccountId account, ExecutionId id, std::function<void()> never_began, Ended ended) override;
  void Cancel(AccountId account, ExecutionId id, std::string reason,
              std::function<void(Result<void>)> done) override;

 private:
  // What the partition tells of one that it has. On executor_.
  struct Course {
    bool has_begun = false;
    bool is_told_elsewhere = false;  // it goes on, or has ended, elsewhere; or the start has failed
  };
  boost::asio::awaitable<void> StartAndFollow(AccountId account, ExecutionId id, std::optional<Fresh> fresh,
                                              std::function<void(Result<void>)> accepted, Ended ended);
  Task<void> Begin(AccountId account, ExecutionId id, std::optional<Fresh> fresh,
                   std::function<void(const std::optional<engine::Outcome>&)> finished);
  boost::asio::awaitable<void> Follow(AccountId account, ExecutionId id, std::function<void()> never_began,
                                      Ended ended);

  workflow::WorkflowService& service_;
  workflow::Programs& programs_;
  FlowReader& reader_;
  boost::asio::any_io_executor executor_;
};

}  // namespace elevaite::flow
