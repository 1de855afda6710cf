#include "services/workflow/flow/service_runs.h"

#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "foundation/async.h"

namespace elevaite::flow {

using boost::asio::awaitable;

void FlowControl::Runs::Start(AccountId account, ExecutionId id, std::optional<Fresh> fresh,
                              std::function<void(Result<void>)> accepted, Ended ended) {
  Spawn(executor_,
        StartAndFollow(std::move(account), id, std::move(fresh), std::move(accepted), std::move(ended)),
        "start a queued run");
}

// A start whose commit fails ends with nothing known of an end, as one that moves to another node does. Only
// what has begun is looked for elsewhere: the other is started again, and keeps its place until then.
awaitable<void> FlowControl::Runs::StartAndFollow(AccountId account, ExecutionId id,
                                                  std::optional<Fresh> fresh,
                                                  std::function<void(Result<void>)> accepted, Ended ended) {
  const auto course = std::make_shared<Course>();
  const auto follow = [this, account, id, ended] {
    Spawn(executor_, Follow(account, id, {}, ended), "follow a run");
  };
  // Told on the partition's thread.
  auto finished = [executor = executor_, course, ended, follow](const std::optional<engine::Outcome>& end) {
    boost::asio::post(executor, [course, ended, follow, end] {
      if (end) return ended(end);
      course->is_told_elsewhere = true;
      if (course->has_begun) follow();
    });
  };
  auto begin = Begin(account, id, std::move(fresh), std::move(finished));
  auto begun = co_await std::move(begin);
  course->has_begun = begun.has_value();
  accepted(std::move(begun));
  if (course->has_begun && course->is_told_elsewhere) follow();
}

Task<void> FlowControl::Runs::Begin(AccountId account, ExecutionId id, std::optional<Fresh> fresh,
                                    std::function<void(const std::optional<engine::Outcome>&)> finished) {
  if (!fresh) {
    auto find = reader_.Find(account, id);
    ASSIGN_OR_CO_RETURN(auto found, co_await std::move(find));
    if (!found) co_return Fail(ErrorCode::kNotFound, "the run is not in the queue any more");
    fresh = Fresh{.run = std::move(found->run), .input = std::move(found->input)};
  }
  const StoredRun& run = fresh->run;
  const std::size_t dot = run.workflow.find('.');
  auto get = programs_.Get(account, run.workflow.substr(0, dot), run.workflow.substr(dot + 1), run.version);
  ASSIGN_OR_CO_RETURN(auto program, co_await std::move(get));
  std::shared_ptr<const engine::Past> past;
  if (run.is_fork()) {
    auto read = service_.ReadQueuedPast(account, run.past);
    ASSIGN_OR_CO_RETURN(past, co_await std::move(read));
  }
  auto begin = service_.Begin({.account = account,
                               .workflow = {},
                               .version = {},
                               .input = std::move(fresh->input),
                               .trigger = run.trigger,
                               .correlation = run.correlation,
                               .idempotency_key = {},
                               .past = std::move(past)},
                              std::move(program), id, std::move(finished));
  co_return co_await std::move(begin);
}

void FlowControl::Runs::Resume(AccountId account, ExecutionId id, std::function<void()> never_began,
                               Ended ended) {
  Spawn(executor_, Follow(std::move(account), id, std::move(never_began), std::move(ended)), "follow a run");
}

// Nobody may be able to say for a while: its owner is being changed, the database is away.
awaitable<void> FlowControl::Runs::Follow(AccountId account, ExecutionId id,
                                          std::function<void()> never_began, Ended ended) {
  while (true) {
    auto find = service_.FindExecution(account, id);
    const auto found = co_await std::move(find);
    if (!found && found.error().code == ErrorCode::kNotFound) {
      // Forgotten meanwhile, or never begun.
      if (never_began) co_return never_began();
      co_return ended(std::nullopt);
    }
    if (found) {
      auto wait = service_.EndOf(account, id);
      const auto outcome = co_await std::move(wait);
      if (outcome) co_return ended(*outcome);
    }
    boost::asio::steady_timer timer(co_await boost::asio::this_coro::executor, std::chrono::seconds(1));
    co_await timer.async_wait(boost::asio::use_awaitable);
  }
}

void FlowControl::Runs::Cancel(AccountId account, ExecutionId id, std::string reason,
                               std::function<void(Result<void>)> done) {
  Spawn(
      executor_,
      [](Runs* self, AccountId of, ExecutionId one, std::string why,
         std::function<void(Result<void>)> told) -> awaitable<void> {
        auto cancel = self->service_.CancelExecution(std::move(of), one, std::move(why),
                                                     self->service_.cancel_grace(), true);
        told(co_await std::move(cancel));
      }(this, std::move(account), id, std::move(reason), std::move(done)),
      "cancel a run");
}

}  // namespace elevaite::flow
