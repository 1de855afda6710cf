#include "services/workflow/operations/operator.h"

#include <algorithm>
#include <boost/asio/post.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <future>
#include <utility>

#include "foundation/async.h"
#include "foundation/log.h"

namespace elevaite::workflow {
namespace {

using boost::asio::awaitable;
using std::chrono::milliseconds;
using std::chrono::steady_clock;
using Outcome = OperationTarget::Outcome;

constexpr std::size_t kReadAtOnce = 100;  // operations
constexpr std::size_t kCountedAtOnce = 2'000;
constexpr std::chrono::seconds kLongestRest{60};

// Cursors beside those of the list of executions: in the queue, with the place there; at the begin of the
// list of executions, when the queue has been gone through; and the end.
constexpr std::string_view kInQueue = "queue ";
constexpr std::string_view kExecutions = "executions";
constexpr std::string_view kEnd = "end";

// What is said by an error that does not pass.
Outcome OutcomeOf(const Error& error) {
  const bool is_skipped = error.code == ErrorCode::kConflict || error.code == ErrorCode::kNotFound;
  return {is_skipped ? Outcome::Kind::kSkipped : Outcome::Kind::kFailed, error.message};
}

void Note(Operation& operation, const engine::ExecutionRecord& record, const Outcome& outcome) {
  switch (outcome.kind) {
    case Outcome::Kind::kDone: ++operation.done; return;
    case Outcome::Kind::kSkipped: ++operation.skipped; break;
    case Outcome::Kind::kFailed: ++operation.failed; break;
  }
  if (operation.reasons.size() < Operation::kReasonsMax)
    operation.reasons.push_back(
        {record.id.ToString(), outcome.kind == Outcome::Kind::kFailed, outcome.message.substr(0, 500)});
}

}  // namespace

// What the lanes of a page share.
struct Operator::Page {
  Operation operation;
  std::vector<engine::ExecutionRecord> records;
  bool are_queued = false;
  std::size_t next = 0;
  std::size_t lanes = 0;  // that have not ended
  OneShot<bool> ended{};
};

Operator::Operator(OperationStore& store, OperationTarget& target, Clock& clock,
                   boost::asio::any_io_executor executor, Options options)
    : store_(store),
      target_(target),
      clock_(clock),
      executor_(std::move(executor)),
      options_(options),
      timer_(executor_) {}

void Operator::Start() { Spawn(executor_, Run(), "operations"); }

void Operator::Stop() {
  std::promise<void> stopped;
  stopping_ = true;
  boost::asio::post(executor_, [this, &stopped] {
    timer_.cancel();
    stopped.set_value();
  });
  stopped.get_future().wait();
}

void Operator::Wake() {
  boost::asio::post(executor_, [this] {
    woken_ = true;
    timer_.cancel();
  });
}

awaitable<void> Operator::Run() {
  while (!stopping_) {
    woken_ = false;
    auto round = Round();
    const Result<bool> worked = co_await std::move(round);
    if (!worked) LogWarn("operations cannot go on; it is tried again", {{"error", worked.error().message}});
    if (worked && *worked) continue;
    if (woken_ || stopping_) continue;
    timer_.expires_after(options_.look_every);
    boost::system::error_code cut_short;
    co_await timer_.async_wait(boost::asio::redirect_error(boost::asio::use_awaitable, cut_short));
  }
}

Task<bool> Operator::Round() {
  if (!target_.IsMine()) co_return false;
  auto forget = Forget();
  CO_RETURN_IF_ERROR(co_await std::move(forget));
  bool worked = false;
  OperationId after;
  while (!stopping_) {
    auto read = store_.Running(after, kReadAtOnce);
    ASSIGN_OR_CO_RETURN(std::vector<Operation> running, co_await std::move(read));
    for (Operation& one : running) {
      after = one.id;
      auto step = Step(std::move(one));
      if (co_await std::move(step)) worked = true;
    }
    if (running.size() < kReadAtOnce) break;
  }
  std::erase_if(rests_, [now = steady_clock::now()](const auto& rest) {
    return rest.second.until + kLongestRest < now;  // it has ended, or been cancelled
  });
  co_return worked;
}

// True: it has come further. One that cannot go on rests, longer each time, and holds no other one up.
awaitable<bool> Operator::Step(Operation operation) {
  const OperationId id = operation.id;
  const auto resting = rests_.find(id);
  if (stopping_ || (resting != rests_.end() && steady_clock::now() < resting->second.until)) co_return false;
  auto work = Work(std::move(operation));
  const Result<void> done = co_await std::move(work);
  if (done) {
    rests_.erase(id);
    co_return true;
  }
  // Another node, or a cancellation, may have been quicker: the next round sees.
  if (done.error().code == ErrorCode::kConflict) co_return false;
  LogWarn("an operation cannot go on; it is tried again",
          {{"operation", id.ToString()}, {"error", done.error().message}});
  Rest& rest = rests_[id];
  rest.time = std::min<milliseconds>(std::max(rest.time * 2, options_.look_every), kLongestRest);
  rest.until = steady_clock::now() + rest.time;
  co_return false;
}

// A page of one of the lists.
struct Operator::Found {
  std::vector<engine::ExecutionRecord> records;  // of what is queued: only its id
  bool is_queued = false;
  std::string next;  // the cursor of the operation after it
};

Task<void> Operator::Work(Operation operation) {
  auto scope = ScopeOf(operation);
  const std::string before = operation.cursor;
  if (!scope) {  // it could be read when it was made
    operation.state = OperationState::kCancelled;
    operation.reasons.push_back({"", true, scope.error().message});
    operation.ended_us = operation.updated_us = clock_.Now().micros();
    co_return co_await store_.Save(std::move(operation), before);
  }
  if (!operation.total) {
    auto count = Count(operation, *scope);
    CO_RETURN_IF_ERROR(co_await std::move(count));
    operation.updated_us = clock_.Now().micros();
    co_return co_await store_.Save(std::move(operation), before);
  }
  auto find = Find(operation, *std::move(scope));
  ASSIGN_OR_CO_RETURN(Found found, co_await std::move(find));
  const auto page = std::make_shared<Page>();
  page->operation = std::move(operation);
  page->records = std::move(found.records);
  page->are_queued = found.is_queued;
  page->lanes = std::min(options_.at_once, page->records.size());
  for (std::size_t lane = page->lanes; lane > 0; --lane) Spawn(executor_, Lane(page), "operation");
  if (page->lanes > 0) {
    auto wait = page->ended.WaitUntil(kNoDeadline);
    co_await std::move(wait);
  }
  if (stopping_) co_return Result<void>();  // not all of it was done: after the restart it is, again
  Operation& changed = page->operation;
  changed.cursor = found.next;
  changed.updated_us = clock_.Now().micros();
  if (found.next == kEnd) {
    changed.state = OperationState::kCompleted;
    changed.ended_us = changed.updated_us;
  }
  co_return co_await store_.Save(changed, before);
}

Task<Operator::Found> Operator::Find(const Operation& operation, OperationScope scope) {
  Found found;
  const std::string& cursor = operation.cursor;
  if (scope.has_queued && (cursor.empty() || cursor.starts_with(kInQueue))) {
    const std::string place = cursor.empty() ? "" : cursor.substr(kInQueue.size());
    auto list = target_.ListQueued(operation, scope, place, kPage);
    ASSIGN_OR_CO_RETURN(const OperationTarget::QueuedIds queued, co_await std::move(list));
    for (const ExecutionId& id : queued.ids)
      found.records.push_back({.account = operation.account, .id = id});
    found.is_queued = true;
    if (queued.next) {
      found.next = std::string(kInQueue) + *queued.next;
    } else {
      found.next = scope.has_executions ? kExecutions : kEnd;
    }
    co_return found;
  }
  if (!cursor.empty() && cursor != kExecutions) {
    ASSIGN_OR_CO_RETURN(scope.filter.after, engine::ListCursor::Parse(cursor));
  }
  scope.filter.limit = kPage;
  auto list = target_.List(operation.account, scope.filter);
  ASSIGN_OR_CO_RETURN(engine::ExecutionPage page, co_await std::move(list));
  found.records = std::move(page.items);
  found.next = page.next ? page.next->ToString() : std::string(kEnd);
  co_return found;
}

Task<void> Operator::Count(Operation& operation, OperationScope scope) {
  std::int64_t total = 0;
  if (scope.has_queued) {
    auto count = CountQueued(operation, scope);
    ASSIGN_OR_CO_RETURN(total, co_await std::move(count));
  }
  engine::ExecutionFilter& filter = scope.filter;
  filter.limit = engine::ExecutionFilter::kPageMax;
  while (scope.has_executions && total < kCountMax && !stopping_) {
    auto list = target_.List(operation.account, filter);
    ASSIGN_OR_CO_RETURN(const engine::ExecutionPage page, co_await std::move(list));
    total += static_cast<std::int64_t>(page.items.size());
    if (!page.next) break;
    filter.after = page.next;
  }
  if (stopping_) co_return Fail(ErrorCode::kConflict, "the server stops");
  operation.total = total;
  co_return Result<void>();
}

Task<std::int64_t> Operator::CountQueued(const Operation& operation, OperationScope scope) {
  std::int64_t total = 0;
  std::optional<std::string> place = "";
  while (place && total < kCountMax && !stopping_) {
    auto list = target_.ListQueued(operation, scope, *place, kCountedAtOnce);
    ASSIGN_OR_CO_RETURN(const OperationTarget::QueuedIds queued, co_await std::move(list));
    total += static_cast<std::int64_t>(queued.ids.size());
    place = queued.next;
  }
  co_return total;
}

awaitable<void> Operator::Lane(std::shared_ptr<Page> page) {
  while (page->next < page->records.size() && !stopping_) {
    const engine::ExecutionRecord& record = page->records[page->next++];
    Outcome outcome{Outcome::Kind::kFailed, "an unexpected error"};
    try {
      auto act = ActOn(*page, record);
      outcome = co_await std::move(act);
    } catch (const std::exception& failure) {  // who waits for the lanes must hear of their end
      LogError("an act of an operation failed unexpectedly", {{"error", failure.what()}});
    }
    Note(page->operation, record, outcome);
  }
  if (--page->lanes == 0) page->ended.Set(true);
}

awaitable<Outcome> Operator::ActOn(const Page& page, const engine::ExecutionRecord& record) {
  Outcome outcome;
  for (std::size_t tried = 0; tried < kTries && !stopping_;) {
    auto turn = AwaitTurn();
    co_await std::move(turn);
    auto admit = target_.Admit();
    Result<engine::Admission::Ticket> ticket = co_await std::move(admit);
    if (!ticket) {  // others come first
      auto wait = Pause(options_.retry_after);
      co_await std::move(wait);
      continue;
    }
    auto act = page.are_queued ? target_.ActOnQueued(page.operation, record.id)
                               : target_.Act(page.operation, record);
    Result<Outcome> done = co_await std::move(act);
    ticket->reset();
    if (done) co_return *std::move(done);
    outcome = OutcomeOf(done.error());
    if (!InfoOf(done.error().code).retryable) co_return outcome;
    ++tried;
    auto wait = Pause(options_.retry_after * tried);
    co_await std::move(wait);
  }
  co_return outcome;
}

awaitable<void> Operator::Pause(milliseconds time) {
  boost::asio::steady_timer timer(executor_, time);
  boost::system::error_code cut_short;
  co_await timer.async_wait(boost::asio::redirect_error(boost::asio::use_awaitable, cut_short));
}

// One act after the other, evenly: a burst would keep others waiting as long as no bound at all.
awaitable<void> Operator::AwaitTurn() {
  if (options_.per_second == 0) co_return;
  const auto now = steady_clock::now();
  const auto turn = std::max(now, turn_);
  turn_ = turn + std::chrono::nanoseconds(1'000'000'000 / options_.per_second);
  if (turn <= now) co_return;
  boost::asio::steady_timer timer(executor_, turn);
  boost::system::error_code cut_short;
  co_await timer.async_wait(boost::asio::redirect_error(boost::asio::use_awaitable, cut_short));
}

Task<void> Operator::Forget() {
  if (steady_clock::now() < forgets_again_) co_return Result<void>();
  constexpr std::size_t kAtOnce = 1'000;
  const std::int64_t before_us =
      clock_.Now().micros() - std::chrono::duration_cast<std::chrono::microseconds>(kKept).count();
  auto forget = store_.Forget(before_us, kAtOnce);
  ASSIGN_OR_CO_RETURN(const std::int64_t forgotten, co_await std::move(forget));
  if (forgotten < static_cast<std::int64_t>(kAtOnce))
    forgets_again_ = steady_clock::now() + std::chrono::hours(1);
  co_return Result<void>();
}

}  // namespace elevaite::workflow
