// Operator: does the operations, a page after the other, those of all accounts in turn; first what waits in
// the queue, then executions. How far each has come is written after its page, so after a crash a page may be
// done again: doing an act twice does no harm (operation.h). Only the node that keeps the schedules works on
// them.
//
// It holds back for the sake of others: a few acts are under way at a time, so many a second at most, and
// each waits until a start from outside would be admitted (engine/admission).
#pragma once

#include <atomic>
#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/steady_timer.hpp>
#include <chrono>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "engine/admission/admission.h"
#include "engine/journal/history.h"
#include "foundation/clock.h"
#include "services/workflow/operations/operation_store.h"

namespace elevaite::workflow {

// What operations are done to. Its answers resume on the executor of who asks.
class OperationTarget {
 public:
  struct Outcome {
    enum class Kind : std::uint8_t { kDone, kSkipped, kFailed } kind = Kind::kDone;
    std::string message;  // why not
  };

  virtual ~OperationTarget() = default;
  // Of what waits in the queue. `next` is where the next page begins, if there is one.
  struct QueuedIds {
    std::vector<ExecutionId> ids;
    std::optional<std::string> next;
  };

  // Whether this node works on operations.
  virtual bool IsMine() = 0;
  virtual Task<engine::ExecutionPage> List(AccountId account, engine::ExecutionFilter filter) = 0;
  // From `place` on; empty: the begin.
  virtual Task<QueuedIds> ListQueued(const Operation& operation, OperationScope scope, std::string place,
                                     std::size_t most) = 0;
  // kUnavailable: not now.
  virtual Task<engine::Admission::Ticket> Admit() = 0;
  // An error that may pass is tried again.
  virtual Task<Outcome> Act(const Operation& operation, const engine::ExecutionRecord& record) = 0;
  // The same of a run that ListQueued has given; it may have begun meanwhile.
  virtual Task<Outcome> ActOnQueued(const Operation& operation, ExecutionId id) = 0;
};

class Operator {
 public:
  static constexpr std::size_t kPage = 100;  // acts, between two writes
  static constexpr std::size_t kTries = 5;   // of one act
  static constexpr std::int64_t kCountMax = 1'000'000;
  static constexpr std::chrono::hours kKept{24 * 30};  // after they have ended

  struct Options {
    std::size_t at_once = 8;
    std::size_t per_second = 400;  // of all operations; 0: no bound
    std::chrono::milliseconds look_every{1'000};
    std::chrono::milliseconds retry_after{500};
  };

  // All must outlive it; the executor must be of one thread.
  Operator(OperationStore& store, OperationTarget& target, Clock& clock,
           boost::asio::any_io_executor executor, Options options);

  void Start();
  void Stop();  // not on the executor; begins nothing more when it returns
  // One has been made.
  void Wake();

  // A page of each operation that runs and does not rest; whether there was any. For tests.
  Task<bool> Round();

 private:
  struct Page;
  struct Found;

  boost::asio::awaitable<void> Run();
  boost::asio::awaitable<bool> Step(Operation operation);
  Task<void> Work(Operation operation);
  Task<Found> Find(const Operation& operation, OperationScope scope);
  Task<void> Count(Operation& operation, OperationScope scope);
  Task<std::int64_t> CountQueued(const Operation& operation, OperationScope scope);
  boost::asio::awaitable<void> Lane(std::shared_ptr<Page> page);
  boost::asio::awaitable<OperationTarget::Outcome> ActOn(const Page& page,
                                                         const engine::ExecutionRecord& record);
  boost::asio::awaitable<void> Pause(std::chrono::milliseconds time);
  boost::asio::awaitable<void> AwaitTurn();
  Task<void> Forget();

  OperationStore& store_;
  OperationTarget& target_;
  Clock& clock_;
  boost::asio::any_io_executor executor_;
  const Options options_;
  boost::asio::steady_timer timer_;               // of the loop
  bool woken_ = false;                            // on the executor
  std::chrono::steady_clock::time_point turn_{};  // of the next act
  std::chrono::steady_clock::time_point forgets_again_{};
  struct Rest {
    std::chrono::milliseconds time{};
    std::chrono::steady_clock::time_point until{};
  };
  std::map<OperationId, Rest> rests_;  // of operations that could not go on
  std::atomic<bool> stopping_ = false;
};

}  // namespace elevaite::workflow
