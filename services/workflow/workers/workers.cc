#include "services/workflow/workers/workers.h"

#include <algorithm>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <utility>

#include "connectors/watch.h"
#include "foundation/ids.h"
#include "foundation/log.h"
#include "services/workflow/internal_token.h"

namespace elevaite::workflow {
namespace {

using boost::asio::awaitable;
using std::chrono::steady_clock;

constexpr std::size_t kSmallBodyBytesMax = 64U << 10U;
constexpr std::size_t kHeartbeatBytesMax = 16U << 20U;
constexpr std::chrono::milliseconds kTick{100};
constexpr std::chrono::minutes kWarnEvery{1};

std::uint64_t SecondsSince(steady_clock::time_point then) {
  return static_cast<std::uint64_t>(
      std::chrono::duration_cast<std::chrono::seconds>(steady_clock::now() - then).count());
}

}  // namespace

Workers::Workers(Options options)
    : options_(std::move(options)), id_(SystemUuids().Next().ToText()), queue_({.lease = options_.lease}) {}

// ---- The engine's side ----

void Workers::Schedule(engine::ActivityTask task, Done done) {
  const auto index = static_cast<std::size_t>(task.bounds.work);
  const std::scoped_lock lock(mutex_);
  queue_.Add(std::move(task), std::move(done), steady_clock::now());
  Wake([index](const Waiter& waiter) { return waiter.slots[index] > 0; });
}

void Workers::Cancel(const ExecutionId& execution, engine::FrameId frame, std::string_view, std::int64_t) {
  const std::scoped_lock lock(mutex_);
  if (const auto worker = queue_.Cancel(execution, frame))
    Wake([&worker](const Waiter& waiter) { return waiter.worker == *worker; });
}

void Workers::Wake(const std::function<bool(const Waiter&)>& whom) {
  for (Waiter& waiter : waiters_) {
    if (whom(waiter)) waiter.wake.Set(true);
  }
}

void Workers::Start() {
  Spawn(options_.executor, Tick(), "workers");
  started_ = true;
}

void Workers::Stop() {
  const std::scoped_lock lock(mutex_);
  stopped_ = true;
  Wake([](const Waiter&) { return true; });
}

awaitable<void> Workers::Tick() {
  boost::asio::steady_timer timer(co_await boost::asio::this_coro::executor);
  while (true) {
    timer.expires_after(kTick);
    co_await timer.async_wait(boost::asio::use_awaitable);
    engine::WorkQueue::Expired expired;
    {
      const std::scoped_lock lock(mutex_);
      expired = queue_.Expire(steady_clock::now());
      Wake([this](const Waiter& waiter) { return queue_.HasWaiting(waiter.slots); });
    }
    Tell(std::move(expired));
    WarnOfIdle();
  }
}

void Workers::Tell(engine::WorkQueue::Expired expired) {
  for (const engine::WorkQueue::Gone& one : expired.gone) {
    for (const Done& done : one.lost) done(engine::AttemptLost{});
    LogWarn("a worker is not heard of any more", {{"worker", one.name}, {"attempts_lost", one.lost.size()}});
  }
  for (const engine::WorkQueue::Overdue& one : expired.overdue)
    one.done(engine::ActivityFailure{.error = connectors::QueuedTooLong(one.task), .retry_in_us = {}});
}

// Tasks that nobody can do wait without a bound: somebody must start a worker.
void Workers::WarnOfIdle() {
  const auto now = steady_clock::now();
  if (warned_ && now - *warned_ < kWarnEvery) return;
  const Status status = this->status();
  for (std::size_t i = 0; i < engine::kWorkClasses; ++i) {
    const engine::WorkQueue::Status::OfClass& of = status.classes[i];
    if (of.waiting == 0 || of.workers > 0) continue;
    warned_ = now;
    LogWarn("tasks wait, and no worker that does their class is connected",
            {{"class", NameOf(static_cast<engine::WorkClass>(i))}, {"waiting", of.waiting}});
  }
}

// ---- The workers' side ----

void Workers::AddRoutes(net::Router& router) {
  const auto add = [&](const char* name, auto serve, std::size_t bytes_max) {
    router.Add(net::Method::kPost, std::string("/internal/v1/workers/") + name,
               [this, serve](net::Request& request) { return Guard(request, serve); },
               {.body_bytes_max = bytes_max, .timeout = std::chrono::seconds(60)});
  };
  add("hello", &Workers::Hello, kSmallBodyBytesMax);
  add("pull", &Workers::Pull, kSmallBodyBytesMax);
  add("heartbeat", &Workers::Hear, kHeartbeatBytesMax);
  add("results", &Workers::Take, engine::kWorkerBodyBytesMax);
}

awaitable<Result<net::Response>> Workers::Guard(net::Request& request, Serve serve) {
  if (!CarriesToken(request, options_.token))
    co_return Fail(ErrorCode::kUnauthenticated, "this route is for the workers of this engine");
  if (!started_)
    co_return Fail(Error{.code = ErrorCode::kUnavailable,
                         .message = "executions are being read back",
                         .retry_after = std::chrono::seconds(1)});
  auto read = request.ReadJson(engine::kWorkerJson);
  ASSIGN_OR_CO_RETURN(Json body, co_await std::move(read));
  auto work = (this->*serve)(std::move(body));
  co_return co_await std::move(work);
}

awaitable<Result<net::Response>> Workers::Hello(Json body) {
  if (body["protocol"] != Json(engine::kWorkerProtocol)) {
    co_return Fail(ErrorCode::kInvalidArgument, "the worker and this engine are of versions that do not fit",
                   "install the same version for both");
  }
  std::vector<Json> nodes;
  for (std::string& address : options_.nodes()) nodes.emplace_back(std::move(address));
  co_return net::JsonResponse(200, Json::Object({{"engine", id_},
                                                 {"lease_ms", options_.lease.count()},
                                                 {"nodes", Json::Array(std::move(nodes))},
                                                 {"settings", options_.settings}}));
}

awaitable<Result<net::Response>> Workers::Pull(Json body) {
  ASSIGN_OR_CO_RETURN(engine::Pull pull, engine::PullFromJson(body));
  ASSIGN_OR_CO_RETURN(const auto handed, Find(pull));
  if (handed) co_return net::JsonResponse(200, AnswerWith(*handed));
  // A stream, which ends when the worker goes away: nothing is handed to one that is no more.
  co_return net::StreamResponse(net::kJsonType, [this, pull = std::move(pull)](net::BodyWriter& writer) {
    return AnswerLater(pull, writer);
  });
}

awaitable<Result<>> Workers::AnswerLater(engine::Pull pull, net::BodyWriter& writer) {
  const Deadline until = steady_clock::now() + engine::kPullWait;
  Handed handed;
  while (steady_clock::now() < until) {
    const Waiting waiting(*this, pull);
    ASSIGN_OR_CO_RETURN(auto found, Find(pull));
    if (found) {
      handed = *std::move(found);
      break;
    }
    auto wait = waiting.wake().WaitUntil(until);
    co_await std::move(wait);
  }
  auto write = writer.Write(AnswerWith(handed).Dump());
  co_return co_await std::move(write);
}

Workers::Waiting::Waiting(Workers& workers, const engine::Pull& pull) : workers_(workers) {
  const std::scoped_lock lock(workers_.mutex_);
  place_ = workers_.waiters_.insert(workers_.waiters_.end(), {pull.worker, pull.slots, {}});
}

Workers::Waiting::~Waiting() {
  const std::scoped_lock lock(workers_.mutex_);
  workers_.waiters_.erase(place_);
}

Result<std::optional<Workers::Handed>> Workers::Find(const engine::Pull& pull) {
  const std::scoped_lock lock(mutex_);
  if (stopped_) return Fail(ErrorCode::kUnavailable, "this engine is stopping");
  Handed handed;
  ASSIGN_OR_RETURN(handed.tasks, queue_.Take(pull, steady_clock::now()));
  handed.stops = queue_.Stops(pull.worker);
  if (handed.tasks.empty() && handed.stops.empty()) return std::nullopt;
  return std::optional(std::move(handed));
}

Json Workers::AnswerWith(const Handed& handed) const {
  std::vector<Json> tasks;
  for (const engine::ActivityTask& task : handed.tasks) tasks.push_back(engine::TaskToJson(task));
  return Json::Object({{"engine", id_},
                       {"tasks", Json::Array(std::move(tasks))},
                       {"stop", engine::AttemptsToJson(handed.stops)}});
}

awaitable<Result<net::Response>> Workers::Hear(Json body) {
  ASSIGN_OR_CO_RETURN(const engine::Heartbeat heartbeat, engine::HeartbeatFromJson(body));
  if (options_.claimed) {
    // Its first words to a new life of this process call what the life before gave out what it holds.
    if (heartbeat.engine != id_) std::ranges::for_each(heartbeat.holds, options_.claimed);
    std::ranges::for_each(heartbeat.claims, options_.claimed);
  }
  Result<engine::WorkQueue::Beat> beat;
  {
    const std::scoped_lock lock(mutex_);
    beat = queue_.Hear(heartbeat, heartbeat.engine == id_, steady_clock::now());
    Wake([this](const Waiter& waiter) { return queue_.HasWaiting(waiter.slots); });
  }
  if (!beat) co_return Fail(beat.error());
  co_return net::JsonResponse(200, Json::Object({{"engine", id_},
                                                 {"stop", engine::AttemptsToJson(beat->stop)},
                                                 {"adopted", engine::AttemptsToJson(beat->adopted)}}));
}

awaitable<Result<net::Response>> Workers::Take(Json body) {
  ASSIGN_OR_CO_RETURN(engine::Results results, engine::ResultsFromJson(body));
  for (engine::AttemptResult& result : results.results) Accept(results.worker, std::move(result));
  if (results.leaves) {
    const std::scoped_lock lock(mutex_);
    queue_.Leave(results.worker, steady_clock::now());
    Wake([this](const Waiter& waiter) { return queue_.HasWaiting(waiter.slots); });
  }
  co_return net::JsonResponse(200, Json::EmptyObject());
}

// One that nobody awaits here is told to the engine all the same: another life of it, or another node, may
// have handed the attempt out. The machine drops what does not belong to the attempt that it awaits.
void Workers::Accept(const std::string& worker, engine::AttemptResult result) {
  std::optional<Done> done;
  const bool is_lost = std::holds_alternative<engine::AttemptLost>(result.outcome);
  if (options_.claimed && !is_lost) options_.claimed(result.attempt);
  {
    const std::scoped_lock lock(mutex_);
    if (is_lost) {
      queue_.GiveBack(worker, result.attempt, result.pull);
      Wake([this](const Waiter& waiter) { return queue_.HasWaiting(waiter.slots); });
      return;
    }
    ++(std::holds_alternative<engine::ActivitySuccess>(result.outcome) ? succeeded_ : failed_);
    done = queue_.Finish(result.attempt);
  }
  if (done) return (*done)(std::move(result.outcome));
  const engine::Attempt& a = result.attempt;
  engine_->Post(
      engine::InputCommand{a.execution, engine::InputFrom(a.frame, a.number, std::move(result.outcome))});
}

// ---- To look at ----

Workers::Status Workers::status() const {
  const std::scoped_lock lock(mutex_);
  Status status{queue_.status()};
  status.succeeded = succeeded_;
  status.failed = failed_;
  return status;
}

Json Workers::ToJson() const {
  const Status status = this->status();
  std::vector<Json> connected;
  for (const auto& worker : status.workers) {
    std::vector<Json> classes;
    for (std::size_t i = 0; i < engine::kWorkClasses; ++i) {
      if (worker.does[i]) classes.emplace_back(NameOf(static_cast<engine::WorkClass>(i)));
    }
    connected.push_back(Json::Object({{"name", worker.name},
                                      {"classes", Json::Array(std::move(classes))},
                                      {"tasks", worker.holds},
                                      {"heard_s_ago", SecondsSince(worker.heard)}}));
  }
  std::vector<Json::Member> waiting;
  for (std::size_t i = 0; i < engine::kWorkClasses; ++i)
    waiting.push_back({NameOf(static_cast<engine::WorkClass>(i)), status.classes[i].waiting});
  return Json::Object({{"connected", Json::Array(std::move(connected))},
                       {"tasks_waiting", Json::Object(std::move(waiting))}});
}

}  // namespace elevaite::workflow
