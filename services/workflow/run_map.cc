#include "services/workflow/run_map.h"

#include <memory>
#include <utility>

#include "engine/machine/errors.h"
#include "foundation/async.h"

namespace elevaite::workflow {
namespace {

using boost::asio::awaitable;
using engine::ActivityOutcome;
using engine::MakeError;

// What the lanes share.
struct Shared {
  engine::MapProgress progress;
  RunItem run;
  std::function<void()> stop;
  std::function<bool()> is_cancelled;
  std::size_t lanes;  // that have not ended
  OneShot<bool> ended{};

  std::optional<engine::MapProgress::Turn> Next() {
    if (is_cancelled()) progress.Fail(MakeError("runtime", "The task was cancelled", ""));
    return progress.Next();
  }
};

awaitable<void> Lane(std::shared_ptr<Shared> shared) {
  Shared& s = *shared;
  try {
    while (const auto turn = s.Next()) {
      auto run = s.run(*turn);
      std::optional<engine::ChildEnd> end = co_await std::move(run);
      if (s.progress.Take(turn->index, std::move(end))) s.stop();
    }
  } catch (const std::exception&) {  // whoever waits must hear of it
    if (s.progress.Fail(MakeError("runtime", "The runs could not go on", "an unexpected error in flow.map")))
      s.stop();
  }
  if (--s.lanes == 0) s.ended.Set(true);
}

}  // namespace

awaitable<ActivityOutcome> RunMap(engine::FlowMap map, RunItem run, std::function<void()> stop,
                                  std::function<bool()> is_cancelled) {
  const auto executor = co_await boost::asio::this_coro::executor;
  engine::MapProgress progress(std::move(map));
  const std::size_t lanes = progress.lanes();
  if (lanes == 0) co_return std::move(progress).Outcome();
  const auto shared = std::make_shared<Shared>(
      Shared{std::move(progress), std::move(run), std::move(stop), std::move(is_cancelled), lanes});
  for (std::size_t lane = 0; lane < lanes; ++lane) Spawn(executor, Lane(shared), "flow.map");
  auto end = shared->ended.WaitUntil(kNoDeadline);
  co_await std::move(end);
  co_return std::move(shared->progress).Outcome();
}

}  // namespace elevaite::workflow
