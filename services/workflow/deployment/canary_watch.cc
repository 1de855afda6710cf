#include "services/workflow/deployment/canary_watch.h"

#include <boost/asio/post.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <future>

#include "foundation/async.h"
#include "foundation/log.h"
#include "services/workflow/schedule/scheduler.h"
#include "services/workflow/service.h"

namespace elevaite::workflow {
namespace {

Ended EndedOf(const engine::VersionCounts& counts, std::string_view version) {
  for (const engine::VersionCount& one : counts.versions) {
    if (one.version == version) return {.completed = one.completed, .faulted = one.faulted};
  }
  return {};
}

}  // namespace

void CanaryWatch::Start() { Spawn(executor_, Run(), "canaries"); }

void CanaryWatch::Stop() {
  if (stopping_.exchange(true)) return;
  std::promise<void> stopped;
  boost::asio::post(executor_, [this, &stopped] {
    timer_.cancel();
    stopped.set_value();
  });
  stopped.get_future().wait();
}

boost::asio::awaitable<void> CanaryWatch::Run() {
  while (!stopping_) {
    if (service_.scheduler().leads()) {
      auto look = Look();
      const Result<void> looked = co_await std::move(look);
      if (!looked && !stopping_)
        LogWarn("canaries could not be looked after; it is tried again", {{"error", looked.error().message}});
    }
    if (stopping_) co_return;
    timer_.expires_after(kLookEvery);
    boost::system::error_code ignored;
    co_await timer_.async_wait(boost::asio::redirect_error(boost::asio::use_awaitable, ignored));
  }
}

Task<void> CanaryWatch::Look() {
  auto read = store_.WithCanary();
  ASSIGN_OR_CO_RETURN(const std::vector<DeploymentStore::Watched> all, co_await std::move(read));
  for (const DeploymentStore::Watched& one : all) {
    if (stopping_) break;
    auto judge = Judge(one);
    if (const Result<void> judged = co_await std::move(judge); !judged)  // the others are looked at, too
      LogWarn("a canary could not be looked after; it is tried again",
              {{"workflow", one.of.name_space + "." + one.of.name}, {"error", judged.error().message}});
  }
  co_return Result<void>();
}

Task<void> CanaryWatch::Judge(DeploymentStore::Watched watched) {
  const WorkflowName& of = watched.of;
  const Canary& canary = *watched.deployment.canary;
  auto count = service_.CountRecent(of.account, of.name_space, of.name, canary.since_us);
  ASSIGN_OR_CO_RETURN(const engine::VersionCounts counts, co_await std::move(count));
  const auto why = WhyAbort(*canary.abort_when, EndedOf(counts, canary.version),
                            EndedOf(counts, watched.deployment.current));
  if (!why) co_return Result<void>();
  auto stop =
      store_.Stop(of, DeploymentAct::kAbort, {.who = "elevaite", .text = *why}, watched.deployment.revision);
  const auto stopped = co_await std::move(stop);
  if (!stopped && stopped.error().code == ErrorCode::kConflict) co_return Result<void>();  // by somebody
  if (!stopped) co_return Fail(stopped.error());
  LogWarn("a canary was stopped",
          {{"workflow", of.name_space + "." + of.name}, {"version", canary.version}, {"why", *why}});
  co_return Result<void>();
}

}  // namespace elevaite::workflow
