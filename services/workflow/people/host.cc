#include "services/workflow/people/host.h"

#include <boost/asio/post.hpp>

#include "engine/machine/state.h"
#include "services/workflow/await.h"
#include "services/workflow/service.h"

namespace elevaite::people {
namespace {

using workflow::Timeline;
using workflow::WorkflowService;

class Host final : public PeopleHost {
 public:
  Host(WorkflowService& service, engine::Engine& engine, objects::ObjectStore* objects,
       boost::asio::any_io_executor blocking)
      : service_(service), engine_(engine), objects_(objects), blocking_(std::move(blocking)) {}

  void Deliver(const HumanTask& task) override {
    engine_.Post(
        engine::InputCommand{task.execution, engine::InputFrom(task.frame, task.attempt, OutcomeOf(task))});
  }

  bool IsHere(const ExecutionId& id) const override { return engine_.IsHere(id); }

  std::optional<std::uint64_t> Takeover() const override {
    if (engine_.status().recovering > 0) return std::nullopt;
    std::uint64_t all = 1;
    for (std::uint32_t i = 0; i < engine_.partitions(); ++i) {
      const engine::Tenancy tenancy = engine_.TenancyOf(i);
      if (tenancy.state == engine::TenancyState::kOpening) return std::nullopt;
      const bool is_open = tenancy.state == engine::TenancyState::kOpen;
      all = all * 1'099'511'628'211U + (is_open ? static_cast<std::uint64_t>(tenancy.tenure.epoch) + 1 : 0);
    }
    return all;
  }

  Task<void> Tell(AccountId account, std::vector<Json> events) override {
    auto accept = workflow::Await<engine::EventHub::Accepted>(
        [&](auto done) { service_.events().Accept(account, std::move(events), std::move(done)); });
    CO_RETURN_IF_ERROR(co_await std::move(accept));
    co_return Result<void>();
  }

  Task<engine::ExecutionRecord> Find(AccountId account, ExecutionId id) override {
    return service_.FindExecution(std::move(account), id);
  }

  Task<bool> IsAwaited(HumanTask task) override {
    auto read = service_.TimelineOf(task.account, task.execution);
    auto timeline = co_await std::move(read);
    if (!timeline && timeline.error().code == ErrorCode::kNotFound) co_return false;
    if (!timeline) co_return Fail(timeline.error());
    if (engine::IsFinal(timeline->record().phase)) co_return false;
    auto fold = StateOf(*std::move(timeline));
    ASSIGN_OR_CO_RETURN(const engine::State state, co_await std::move(fold));
    const auto frame = state.frames.find(task.frame);
    co_return frame != state.frames.end() && frame->second.waiting == engine::Frame::Waiting::kActivity;
  }

  Task<void> DeleteFiles(AccountId account, std::vector<TaskFile> files) override {
    if (objects_ == nullptr || files.empty()) co_return Result<void>();
    auto erase = workflow::Await<void>([&](auto done) {
      boost::asio::post(blocking_, [this, account, files, done = std::move(done)]() mutable {
        Result<void> deleted;
        for (const TaskFile& file : files) {
          if (deleted) deleted = objects_->Delete(account, file.Key());
        }
        done(std::move(deleted));
      });
    });
    co_return co_await std::move(erase);
  }

 private:
  Task<engine::State> StateOf(Timeline timeline) {
    constexpr std::size_t kPage = 2'000;
    engine::State state;
    std::uint64_t after = 0;
    while (true) {
      auto read = service_.EventsAlong(timeline, after, kPage);
      ASSIGN_OR_CO_RETURN(const engine::EventPage page, co_await std::move(read));
      for (const engine::Event& event : page.events) engine::Apply(state, *timeline.At(event.seq), event);
      if (!page.next) co_return state;
      after = *page.next;
    }
  }

  WorkflowService& service_;
  engine::Engine& engine_;
  objects::ObjectStore* objects_;
  boost::asio::any_io_executor blocking_;
};

}  // namespace

std::unique_ptr<PeopleHost> MakePeopleHost(WorkflowService& service, engine::Engine& engine,
                                           objects::ObjectStore* objects,
                                           boost::asio::any_io_executor blocking) {
  return std::make_unique<Host>(service, engine, objects, std::move(blocking));
}

}  // namespace elevaite::people
