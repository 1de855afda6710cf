#include "services/worker/worker.h"

#include <algorithm>
#include <boost/asio/post.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <future>
#include <set>
#include <utility>

#include "engine/machine/errors.h"
#include "foundation/async.h"
#include "foundation/ids.h"
#include "foundation/log.h"

namespace elevaite::worker {
namespace {

using boost::asio::awaitable;
using boost::asio::steady_timer;
using engine::Attempt;
using engine::AttemptResult;
using std::chrono::milliseconds;
using std::chrono::steady_clock;

constexpr milliseconds kHelloEvery{3'000};
constexpr milliseconds kAskTime{10'000};
constexpr milliseconds kPauseMin{50};
constexpr milliseconds kPauseMax{2'000};
constexpr std::size_t kOutboxMax = 1'000;  // results that wait; then nothing more is begun
constexpr std::chrono::seconds kOrphansMax{30};
constexpr std::chrono::minutes kWarnEvery{1};

std::size_t IndexOf(engine::WorkClass work) { return static_cast<std::size_t>(work); }

// Until the time is over, or the timer is cancelled. One at a time for a timer.
awaitable<void> Sleep(steady_timer& timer, milliseconds at_most) {
  timer.expires_after(at_most);
  boost::system::error_code ignored;
  co_await timer.async_wait(boost::asio::redirect_error(boost::asio::use_awaitable, ignored));
}

awaitable<void> Pause(milliseconds time) {
  steady_timer timer(co_await boost::asio::this_coro::executor, time);
  co_await timer.async_wait(boost::asio::use_awaitable);
}

bool IsRefused(const Error& error) {
  return error.code == ErrorCode::kInvalidArgument || error.code == ErrorCode::kPayloadTooLarge;
}

// Quick tasks wait here so that the next begins at once; long ones wait at the engine, where any worker may
// take them.
std::size_t PlacesOf(engine::WorkClass work, std::size_t slots) {
  return work == engine::WorkClass::kQuick && slots > 0 ? slots + std::max<std::size_t>(slots / 4, 1) : slots;
}

// The first of the outbox, up to a batch's bytes.
std::vector<Json> BatchOf(const std::vector<AttemptResult>& outbox, bool one_by_one) {
  std::vector<Json> batch;
  std::size_t bytes = 0;
  for (const AttemptResult& result : outbox) {
    if (!batch.empty() && (one_by_one || bytes >= engine::kWorkerBatchBytes)) break;
    batch.push_back(engine::ToJson(result));
    bytes += batch.back().MemoryBytes(engine::kWorkerBatchBytes);
  }
  return batch;
}

}  // namespace

Worker::Worker(Options options, EngineClient client, boost::asio::any_io_executor executor,
               MakeRunner make_runner)
    : options_(std::move(options)),
      id_(SystemUuids().Next().ToText()),
      client_(std::move(client)),
      executor_(std::move(executor)),
      make_runner_(std::move(make_runner)) {
  status_.failure = "no engine has answered yet";
}

void Worker::Start() { Spawn(executor_, FindEngines(), "engines"); }

Worker::Status Worker::status() const {
  const std::scoped_lock lock(mutex_);
  Status status = status_;
  if (runner_) status.runner = runner_->status();
  return status;
}

// ---- Which engines there are ----

awaitable<void> Worker::FindEngines() {
  while (!draining_) {
    auto hello = Hello();
    co_await std::move(hello);
    GiveUpOrphans();
    auto wait = Pause(links_.empty() ? milliseconds(500) : kHelloEvery);
    co_await std::move(wait);
  }
}

// Asks the engine that it was told of, else those that it knows by now.
awaitable<void> Worker::Hello() {
  std::vector<std::string> addresses{options_.engine};
  for (const auto& [key, link] : links_) {
    if (link->address != addresses.back()) addresses.push_back(link->address);
  }
  std::string failure;
  for (const std::string& address : addresses) {
    auto ask = client_.Ask(address, "hello", Json::Object({{"protocol", engine::kWorkerProtocol}}), kAskTime);
    const Result<Json> answer = co_await std::move(ask);
    if (answer) co_return UseEngines(*answer);
    if (failure.empty()) failure = answer.error().message;
  }
  {
    const std::scoped_lock lock(mutex_);
    status_.failure = failure;
  }
  if (warned_ && steady_clock::now() - *warned_ < kWarnEvery) co_return;
  warned_ = steady_clock::now();
  LogWarn("no engine can be asked for work; it is tried again",
          {{"engine", options_.engine}, {"error", failure}});
}

void Worker::UseEngines(const Json& answer) {
  if (draining_) return;
  lease_ = milliseconds(std::clamp<std::int64_t>(answer["lease_ms"].IntOr(10'000), 500, 600'000));
  if (!runner_) {
    auto runner = make_runner_(answer["settings"]);
    const std::scoped_lock lock(mutex_);
    runner_ = std::move(runner);
  }
  std::set<std::string> addresses;
  for (const Json& node : answer["nodes"].AsArray()) addresses.emplace(node.StringOr(""));
  if (addresses.empty()) addresses.insert(options_.engine);
  for (const std::string& address : addresses) {
    for (const engine::WorkClass work : {engine::WorkClass::kQuick, engine::WorkClass::kLong}) {
      if (options_.slots[IndexOf(work)] > 0) Use(address, work);
    }
  }
  for (const auto& [key, link] : Links(links_)) {
    if (!addresses.contains(link->address)) Leave(link);
  }
}

void Worker::Use(const std::string& address, engine::WorkClass work) {
  LinkPtr& link = links_[{address, work}];
  if (link) return;
  link = std::make_shared<Link>(address, work, id_ + "." + std::string(NameOf(work)), executor_);
  LogInfo("takes work from an engine", {{"engine", address}, {"class", NameOf(work)}});
  Spawn(executor_, PullFrom(link), "pull");
  Spawn(executor_, BeatTo(link), "heartbeat");
  Spawn(executor_, SendTo(link), "results");
}

// There is one for each class that it does, once an engine has answered.
Worker::Link& Worker::AnyOf(engine::WorkClass work) {
  return *std::ranges::find_if(links_, [work](const auto& one) { return one.first.second == work; })->second;
}

// Its results go by way of another, which knows who wants them.
void Worker::Leave(const LinkPtr& link) {
  link->is_gone = true;
  links_.erase({link->address, link->work});
  link->room.cancel();
  link->something_to_send.cancel();
  LogInfo("takes no more work from an engine", {{"engine", link->address}, {"class", NameOf(link->work)}});
  Link& other = AnyOf(link->work);
  std::ranges::move(link->outbox, std::back_inserter(other.outbox));
  link->outbox.clear();
  other.something_to_send.cancel();
}

void Worker::Note(Link& link, const Result<Json>& answer) {
  link.answers = answer.has_value();
  if (answer) link.engine = std::string((*answer)["engine"].StringOr(""));
  std::set<std::string_view> answering;
  for (const auto& [key, one] : links_) {
    if (one->answers) answering.insert(one->address);
  }
  const std::scoped_lock lock(mutex_);
  status_.engines = answering.size();
  if (!answer) status_.failure = answer.error().message;
}

// ---- Tasks ----

engine::Slots Worker::Room() const {
  engine::Slots room{};
  for (std::size_t i = 0; i < engine::kWorkClasses; ++i) {
    const std::size_t places = PlacesOf(static_cast<engine::WorkClass>(i), options_.slots[i]);
    room[i] = places > taken_[i] ? places - taken_[i] : 0;
  }
  return room;
}

awaitable<void> Worker::PullFrom(LinkPtr link) {
  milliseconds pause = kPauseMin;
  while (!link->is_gone && !draining_) {
    const std::size_t room = Room()[IndexOf(link->work)];
    if (link->outbox.size() > kOutboxMax || room == 0) {
      auto wait = Sleep(link->room, kPauseMax);
      co_await std::move(wait);
      continue;
    }
    engine::Pull pull{.worker = link->worker, .name = options_.name, .number = ++link->pulls};
    pull.slots[IndexOf(link->work)] = std::min(room, engine::kSlotsMax);
    auto ask = client_.Ask(link->address, "pull", engine::ToJson(pull), engine::kPullWait + kAskTime);
    const Result<Json> answer = co_await std::move(ask);
    if (answer) Receive(*link, pull.number, *answer);
    link->pulled = std::max(link->pulled, pull.number);
    Note(*link, answer);
    if (!answer) {
      auto wait = Pause(pause);
      co_await std::move(wait);
    }
    pause = answer ? kPauseMin : std::min(pause * 2, kPauseMax);
  }
}

void Worker::Receive(Link& link, std::uint64_t pull, const Json& answer) {
  if (pull <= link.pulled || link.is_gone) return;  // it was given up: the engine hands these to others
  link.engine = std::string(answer["engine"].StringOr(""));
  StopAll(answer["stop"]);
  if (!answer["tasks"].IsArray()) return;
  for (const Json& one : answer["tasks"].AsArray()) {
    Result<engine::ActivityTask> task = engine::TaskFromJson(one);
    if (task) {
      Begin(link, *std::move(task), pull);
    } else {
      LogError("an engine has sent a task that cannot be read", {{"error", task.error().message}});
    }
  }
}

void Worker::Begin(const Link& link, engine::ActivityTask task, std::uint64_t pull) {
  const Attempt attempt = engine::AttemptOf(task);
  // Another attempt at the same is no longer wanted by whoever gave this one.
  const auto other = held_.lower_bound({attempt.execution, attempt.frame, 0});
  if (other != held_.end() && other->first.execution == attempt.execution &&
      other->first.frame == attempt.frame)
    Stop(other->first);
  const bool has_room = Room()[IndexOf(task.bounds.work)] > 0;
  ++taken_[IndexOf(task.bounds.work)];
  held_[attempt] = {.address = link.address, .engine = link.engine, .pull = pull, .work = task.bounds.work};
  if (!has_room) return Ended(attempt, engine::AttemptLost{});  // several engines gave at the same time
  runner_->Schedule(std::move(task), [this, attempt](engine::ActivityOutcome outcome) {
    boost::asio::post(executor_, [this, attempt, outcome = std::move(outcome)]() mutable {
      Ended(attempt, std::move(outcome));
    });
  });
}

void Worker::Ended(const Attempt& attempt, engine::ActivityOutcome outcome) {
  const auto found = held_.find(attempt);
  if (found == held_.end() || found->second.is_done) return;
  found->second.is_done = true;
  --taken_[IndexOf(found->second.work)];
  const auto giver = links_.find({found->second.address, found->second.work});
  Link& link = giver != links_.end() ? *giver->second : AnyOf(found->second.work);
  link.outbox.push_back({.attempt = attempt, .outcome = std::move(outcome), .pull = found->second.pull});
  link.something_to_send.cancel();
  for (const auto& [key, one] : links_) one->room.cancel();
}

void Worker::Stop(const Attempt& attempt) {
  const auto found = held_.find(attempt);
  if (found == held_.end()) return;
  if (!found->second.is_done) {
    runner_->Cancel(attempt.execution, attempt.frame, {}, 0);
    --taken_[IndexOf(found->second.work)];
  }
  held_.erase(found);
  for (const auto& [key, one] : links_) one->room.cancel();
}

void Worker::StopAll(const Json& attempts) {
  const auto list = engine::AttemptsFromJson(attempts);
  if (!list) return LogError("an engine's answer cannot be read", {{"error", list.error().message}});
  for (const Attempt& attempt : *list) Stop(attempt);
}

awaitable<void> Worker::SendTo(LinkPtr link) {
  milliseconds pause = kPauseMin;
  bool one_by_one = false;
  while (!link->is_gone) {
    if (link->outbox.empty()) {
      auto wait = Sleep(link->something_to_send, kPauseMax);
      co_await std::move(wait);
      continue;
    }
    std::vector<Json> batch = BatchOf(link->outbox, one_by_one);
    const std::size_t count = batch.size();
    auto ask = client_.Ask(
        link->address, "results",
        Json::Object({{"worker", link->worker}, {"results", Json::Array(std::move(batch))}}), 3 * kAskTime);
    const Result<Json> answer = co_await std::move(ask);
    if (link->is_gone) co_return;  // they have been moved
    if (answer) {
      for (std::size_t i = 0; i < count; ++i) held_.erase(link->outbox[i].attempt);
      link->outbox.erase(link->outbox.begin(), link->outbox.begin() + static_cast<std::ptrdiff_t>(count));
      pause = kPauseMin;
      one_by_one = false;
      continue;
    }
    if (IsRefused(answer.error()) && count == 1) {
      LogError("an engine refuses a result", {{"error", answer.error().message}});
      link->outbox.front().outcome = engine::ActivityFailure{
          .error =
              engine::MakeError("runtime", "The result could not be brought back", answer.error().message),
          .retry_in_us = std::nullopt};
    }
    one_by_one = IsRefused(answer.error());
    auto wait = Pause(pause);
    co_await std::move(wait);
    pause = std::min(pause * 2, kPauseMax);
  }
}

// ---- Signs of life ----

awaitable<void> Worker::BeatTo(LinkPtr link) {
  while (!link->is_gone) {
    auto beat = Beat(link);
    const bool is_heard = co_await std::move(beat);
    auto wait = Pause(is_heard ? lease_ / 3 : std::min(lease_ / 10, kPauseMax));
    co_await std::move(wait);
  }
}

awaitable<bool> Worker::Beat(LinkPtr link) {
  engine::Heartbeat heartbeat{
      .worker = link->worker, .name = options_.name, .engine = link->engine, .pulled = link->pulled};
  for (const auto& [attempt, held] : held_) {
    if (held.work != link->work) continue;
    if (held.address == link->address && held.engine == link->engine)
      heartbeat.holds.push_back(attempt);
    else  // whoever has taken its execution over meanwhile knows it
      heartbeat.claims.push_back(attempt);
  }
  auto ask = client_.Ask(link->address, "heartbeat", engine::ToJson(heartbeat), lease_ / 3);
  const Result<Json> answer = co_await std::move(ask);
  if (link->is_gone) co_return false;
  Note(*link, answer);
  if (!answer) co_return false;
  StopAll((*answer)["stop"]);
  if (const auto adopted = engine::AttemptsFromJson((*answer)["adopted"])) {
    for (const Attempt& attempt : *adopted) {
      const auto found = held_.find(attempt);
      if (found == held_.end()) continue;
      found->second.address = link->address;
      found->second.engine = link->engine;
      found->second.pull = 0;
    }
  }
  for (const Attempt& attempt : heartbeat.claims) {
    const auto found = held_.find(attempt);
    if (found != held_.end() && IsOrphan(found->second) &&
        found->second.claimed == steady_clock::time_point{})
      found->second.claimed = steady_clock::now();
  }
  co_return true;
}

// The engine that handed it out is no more.
bool Worker::IsOrphan(const Held& held) const {
  const auto link = links_.find({held.address, held.work});
  return link == links_.end() || (!link->second->engine.empty() && link->second->engine != held.engine);
}

// What no engine has wanted back for long is not wanted.
void Worker::GiveUpOrphans() {
  const auto now = steady_clock::now();
  std::vector<Attempt> unwanted;
  for (const auto& [attempt, held] : held_) {
    const bool is_claimed = held.claimed != steady_clock::time_point{};
    if (is_claimed && !held.is_done && IsOrphan(held) && now - held.claimed > kOrphansMax)
      unwanted.push_back(attempt);
  }
  for (const Attempt& attempt : unwanted) Stop(attempt);
}

// ---- The end ----

void Worker::Drain(milliseconds at_most) {
  const auto until = steady_clock::now() + at_most;
  std::promise<void> drained;
  boost::asio::co_spawn(executor_, DrainAll(until), [&drained](std::exception_ptr) { drained.set_value(); });
  drained.get_future().wait();
}

awaitable<void> Worker::DrainAll(steady_clock::time_point until) {
  draining_ = true;
  {
    const std::scoped_lock lock(mutex_);
    status_.draining = true;
  }
  if (!runner_) co_return;
  for (const auto& [key, link] : links_) link->pulled = link->pulls;  // their answers are not awaited
  for (const engine::ActivityTask& task : runner_->TakeBackWaiting())
    Ended(engine::AttemptOf(task), engine::AttemptLost{});
  for (const auto& [key, link] : Links(links_)) {
    auto beat = Beat(link);
    co_await std::move(beat);
  }
  while (!held_.empty() && steady_clock::now() < until) {
    auto wait = Pause(milliseconds(10));
    co_await std::move(wait);
  }
  for (const auto& [key, link] : Links(links_)) {
    const Json farewell =
        Json::Object({{"worker", link->worker}, {"results", Json::EmptyArray()}, {"leaves", true}});
    auto ask = client_.Ask(link->address, "results", farewell, milliseconds(2'000));
    co_await std::move(ask);
  }
}

}  // namespace elevaite::worker
