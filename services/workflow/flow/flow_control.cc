#include "services/workflow/flow/flow_control.h"

#include <boost/asio/post.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <future>

#include "foundation/async.h"
#include "foundation/log.h"
#include "services/workflow/await.h"
#include "services/workflow/flow/flow_view.h"
#include "services/workflow/flow/holds.h"
#include "services/workflow/flow/service_runs.h"
#include "services/workflow/peers/peers.h"

namespace elevaite::flow {
namespace {

using boost::asio::awaitable;

constexpr const char* kArrivals = "/internal/v1/flow/arrivals";
constexpr const char* kCancels = "/internal/v1/flow/cancels";
constexpr const char* kChanges = "/internal/v1/flow/changes";
constexpr const char* kWaits = "/internal/v1/flow/waits";
constexpr std::chrono::milliseconds kWaitsPatience{2'000};  // the rest of the run is shown without it
constexpr std::chrono::milliseconds kTellPatience{700};     // a node that does not answer looks by itself

}  // namespace

FlowControl::FlowControl(database::Database& db, workflow::WorkflowService& service,
                         workflow::Programs& programs, const Clock& clock)
    : db_(db),
      clock_(clock),
      reader_(db),
      executor_(thread_.get_executor()),
      directory_(std::make_shared<const Directory>()),
      runs_(std::make_unique<Runs>(service, programs, reader_, executor_)),
      timer_(executor_),
      fresh_timer_(executor_) {}

FlowControl::~FlowControl() { Stop(); }

// ---- Who keeps it

Result<void> FlowControl::Open() {
  auto opened = std::make_shared<std::promise<Result<void>>>();
  Spawn(
      executor_,
      [](FlowControl* self, std::shared_ptr<std::promise<Result<void>>> told) -> awaitable<void> {
        auto refresh = self->Refresh();
        told->set_value(co_await std::move(refresh));
      }(this, opened),
      "flow rules");
  RETURN_IF_ERROR(opened->get_future().get());
  if (peers_ != nullptr) Spawn(executor_, KeepFresh(), "flow rules");
  return {};
}

Result<void> FlowControl::Start() {
  auto started = std::make_shared<std::promise<Result<void>>>();
  boost::asio::post(executor_, [this, started] {
    const auto begin = [&]() -> Result<void> {
      store_ = std::make_unique<DatabaseFlowStore>(db_, executor_);
      RETURN_IF_ERROR(store_->Begin());
      // From here on nobody else changes them, and who kept the queue before may not have told of the last.
      RETURN_IF_ERROR(ReadHolds());
      ASSIGN_OR_RETURN(StoredFlow stored, store_->Load(clock_.Now().micros()));
      keeper_ = std::make_unique<Keeper>(
          Keeper::Ports{*store_, *runs_, clock_, [this](std::int64_t due_us) { SetTimer(due_us); }},
          std::move(stored));
      leads_ = true;
      keeper_->Turn();
      Note();
      return {};
    };
    started->set_value(begin());
  });
  return started->get_future().get();
}

void FlowControl::Suspend() {
  std::promise<void> done;
  boost::asio::post(executor_, [this, &done] {
    leads_ = false;
    queued_ = running_ = 0;
    timer_.cancel();
    wakes_us_ = INT64_MAX;
    if (keeper_) keeper_->Retire();
    keeper_.reset();
    done.set_value();
  });
  done.get_future().get();
}

void FlowControl::Stop() {
  if (stopping_.exchange(true)) return;
  leads_ = false;
  thread_.stop();
  thread_.join();
}

// Sleeps until then; a wake-up that is set earlier counts.
void FlowControl::SetTimer(std::int64_t due_us) {
  if (due_us >= wakes_us_) return;
  wakes_us_ = due_us;
  const std::int64_t wait_us = std::clamp<std::int64_t>(due_us - clock_.Now().micros(), 0, 60'000'000);
  timer_.expires_after(std::chrono::microseconds(wait_us));
  timer_.async_wait([this](const boost::system::error_code& error) {
    if (error || !leads_ || !keeper_) return;
    wakes_us_ = INT64_MAX;
    keeper_->Turn();
    Note();
  });
}

void FlowControl::Note() {
  if (!keeper_) return;
  if (keeper_->is_replaced()) leads_ = false;
  queued_ = keeper_->queue().queued();
  running_ = keeper_->queue().running();
  const Keeper::Counters& counters = keeper_->counters();
  arrived_ = counters.arrived;
  started_ = counters.started;
  refused_ = counters.refused;
  absorbed_ = counters.absorbed;
}

FlowControl::Status FlowControl::status() const {
  return {.queued = queued_,
          .running = running_,
          .counters = {.arrived = arrived_, .started = started_, .refused = refused_, .absorbed = absorbed_}};
}

Error FlowControl::NotHere() const {
  return {.code = ErrorCode::kUnavailable,
          .message = "the queue is not kept by this node, or not yet",
          .retry_after = std::chrono::seconds(1)};
}

// On the keeper's thread, with the keeper; `function(keeper, done)`.
template <class T, class Function>
Task<T> FlowControl::OnKeeper(Function function) {
  return workflow::Await<T>([this, function = std::move(function)](auto done) mutable {
    boost::asio::post(executor_, [this, function = std::move(function), done = std::move(done)]() mutable {
      if (!leads_ || !keeper_ || keeper_->is_replaced()) return done(Fail(NotHere()));
      function(*keeper_, std::move(done));
      Note();
    });
  });
}

// ---- What it concerns

bool FlowControl::Concerns(const AccountId& account, const std::string& workflow) const {
  const auto directory = directory_.load();
  if (directory->accounts.empty() && directory->workflows.empty()) return false;
  return directory->accounts.contains(account) || directory->workflows.contains({account, workflow});
}

Result<void> FlowControl::ReadHolds() const {
  if (holds_ == nullptr) return {};
  const std::uint64_t reading = holds_->BeginReading();
  ASSIGN_OR_RETURN(const std::vector<Pause> pauses, reader_.AllPausesNow());
  holds_->Set(reading, HoldsFrom(pauses));
  return {};
}

// What holds executions that run is wanted first.
Task<std::vector<Pause>> FlowControl::RefreshHolds() {
  const std::uint64_t reading = holds_ ? holds_->BeginReading() : 0;
  auto read = reader_.AllPauses();
  ASSIGN_OR_CO_RETURN(std::vector<Pause> pauses, co_await std::move(read));
  if (holds_) holds_->Set(reading, HoldsFrom(pauses));
  co_return pauses;
}

Task<void> FlowControl::Refresh() {
  const std::uint64_t reading = readings_.fetch_add(1) + 1;
  auto directory = std::make_shared<Directory>();
  auto read_pauses = RefreshHolds();
  ASSIGN_OR_CO_RETURN(const std::vector<Pause> pauses, co_await std::move(read_pauses));
  auto read_rules = reader_.AllRules();
  ASSIGN_OR_CO_RETURN(const std::vector<StoredRules> rules, co_await std::move(read_rules));
  for (const StoredRules& one : rules) {
    if (!one.workflow.empty()) {
      const auto read = WorkflowRulesFrom(one.definition);
      if (read && !read->empty()) directory->workflows.emplace(one.account, one.workflow);
    } else if (const auto read = AccountRulesFrom(one.definition); read && read->concurrency) {
      directory->accounts.insert(one.account);
    }
  }
  for (const Pause& pause : pauses) {
    if (pause.workflow.empty()) {
      directory->accounts.insert(pause.account);
    } else {
      directory->workflows.emplace(pause.account, pause.workflow);
    }
  }
  // Of two that read at the same time the one counts that began later.
  std::uint64_t newest = newest_reading_.load();
  while (newest < reading && !newest_reading_.compare_exchange_weak(newest, reading)) {
  }
  if (newest < reading) directory_ = std::move(directory);
  co_return Result<void>();
}

awaitable<void> FlowControl::KeepFresh() {
  for (int look = 1; !stopping_; ++look) {
    fresh_timer_.expires_after(kLookForPauses);
    boost::system::error_code error;
    co_await fresh_timer_.async_wait(boost::asio::redirect_error(boost::asio::use_awaitable, error));
    if (error) continue;
    if (look % (kLookAgain / kLookForPauses) != 0) {
      auto holds = RefreshHolds();
      (void)co_await std::move(holds);  // what keeps it from being read is logged below
      continue;
    }
    auto refresh = Refresh();
    if (const auto done = co_await std::move(refresh); !done)
      LogWarn("the rules of flow control cannot be read", {{"error", done.error().message}});
  }
}

// ---- Runs

// What comes while the process starts waits for that.
awaitable<void> FlowControl::WaitUntilKept() {
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(15);
  while (!leads_ && !stopping_ && peers_ == nullptr && std::chrono::steady_clock::now() < deadline) {
    boost::asio::steady_timer timer(co_await boost::asio::this_coro::executor, std::chrono::milliseconds(20));
    co_await timer.async_wait(boost::asio::use_awaitable);
  }
}

Task<Arrival::Answer> FlowControl::Arrive(Coming coming) {
  if (!leads_ && peers_ != nullptr) {
    const StoredRun& run = coming.run;
    auto ask = peers_->AskLeader(kArrivals, Json::Object({{"account", run.account.ToString()},
                                                          {"id", run.id.ToString()},
                                                          {"workflow", run.workflow},
                                                          {"version", run.version},
                                                          {"trigger", static_cast<std::int64_t>(run.trigger)},
                                                          {"correlation", run.correlation},
                                                          {"claimed", coming.is_claimed},
                                                          {"past", run.past},
                                                          {"input", coming.input}}));
    ASSIGN_OR_CO_RETURN(const Json answer, co_await std::move(ask));
    ASSIGN_OR_CO_RETURN(const ExecutionId id, ExecutionId::Parse(answer["id"].StringOr("")));
    co_return Arrival::Answer{.id = id, .is_new = answer["new"].BoolOr(true)};
  }
  auto begun = WaitUntilKept();
  co_await std::move(begun);
  const auto shared = std::make_shared<Coming>(std::move(coming));
  auto arrive = OnKeeper<Arrival::Answer>([shared](Keeper& keeper, auto done) {
    keeper.Arrive({.run = std::move(shared->run),
                   .input = std::move(shared->input),
                   .accepted = std::move(done),
                   .finished = std::move(shared->finished),
                   .is_claimed = shared->is_claimed});
  });
  co_return co_await std::move(arrive);
}

awaitable<Result<Json>> FlowControl::ArriveForOther(Json body) {
  if (!leads_) co_return Json::Object({{"elsewhere", true}});
  Coming coming{.input = body["input"], .is_claimed = body["claimed"].BoolOr(false)};
  StoredRun& run = coming.run;
  ASSIGN_OR_CO_RETURN(run.account, AccountId::Parse(body["account"].StringOr("")));
  ASSIGN_OR_CO_RETURN(run.id, ExecutionId::Parse(body["id"].StringOr("")));
  run.workflow = body["workflow"].StringOr("");
  run.version = body["version"].StringOr("");
  run.trigger = static_cast<engine::Trigger>(body["trigger"].IntOr(0));
  run.correlation = body["correlation"].StringOr("");
  run.past = body["past"];
  auto arrive = Arrive(std::move(coming));
  ASSIGN_OR_CO_RETURN(const Arrival::Answer answer, co_await std::move(arrive));
  co_return Json::Object({{"id", answer.id.ToString()}, {"new", answer.is_new}});
}

Task<bool> FlowControl::Cancel(AccountId account, ExecutionId id, std::string reason) {
  // One that has its places may not have begun yet.
  auto find = reader_.FindRun(account, id);
  ASSIGN_OR_CO_RETURN(const auto found, co_await std::move(find));
  if (!found || found->state > RunState::kCollecting) co_return false;
  if (!leads_ && peers_ != nullptr) {
    auto ask = peers_->AskLeader(
        kCancels, Json::Object({{"account", account.ToString()}, {"id", id.ToString()}, {"reason", reason}}));
    ASSIGN_OR_CO_RETURN(const Json answer, co_await std::move(ask));
    co_return answer["cancelled"].BoolOr(false);
  }
  auto cancel = OnKeeper<bool>([account, id, reason](Keeper& keeper, auto done) {
    const auto shared = std::make_shared<decltype(done)>(std::move(done));
    const auto written = [shared](const Result<void>& result) {
      (*shared)(result ? Result<bool>(true) : Fail(result.error()));
    };
    if (!keeper.Cancel(account, id, reason, written)) (*shared)(false);
  });
  co_return co_await std::move(cancel);
}

Task<bool> FlowControl::SetPriority(AccountId account, ExecutionId id, std::uint8_t priority) {
  auto set = OnKeeper<bool>([account, id, priority](Keeper& keeper, auto done) {
    const auto shared = std::make_shared<decltype(done)>(std::move(done));
    const auto written = [shared](const Result<void>& result) {
      (*shared)(result ? Result<bool>(true) : Fail(result.error()));
    };
    if (!keeper.SetPriority(account, id, priority, written)) (*shared)(false);
  });
  co_return co_await std::move(set);
}

awaitable<Result<Json>> FlowControl::CancelForOther(Json body) {
  if (!leads_) co_return Json::Object({{"elsewhere", true}});
  ASSIGN_OR_CO_RETURN(const AccountId account, AccountId::Parse(body["account"].StringOr("")));
  ASSIGN_OR_CO_RETURN(const ExecutionId id, ExecutionId::Parse(body["id"].StringOr("")));
  auto cancel = Cancel(account, id, std::string(body["reason"].StringOr("")));
  ASSIGN_OR_CO_RETURN(const bool cancelled, co_await std::move(cancel));
  co_return Json::Object({{"cancelled", cancelled}});
}

awaitable<void> FlowControl::WaitWhileQueued(AccountId account, ExecutionId id) {
  while (!stopping_) {
    if (leads_) {
      OneShot<bool> ended;
      boost::asio::post(executor_, [this, id, ended]() mutable {
        if (!keeper_ || !keeper_->IsQueued(id)) {
          ended.Set(true);
          return;
        }
        keeper_->Watch(id, [ended](const auto&) mutable { ended.Set(true); });
      });
      auto wait = ended.WaitUntil(kNoDeadline);
      co_await std::move(wait);
      co_return;
    }
    auto find = reader_.FindRun(account, id);
    const auto found = co_await std::move(find);
    const bool waits =
        found && *found && ((*found)->state == RunState::kQueued || (*found)->state == RunState::kCollecting);
    if (!waits) co_return;
    boost::asio::steady_timer timer(co_await boost::asio::this_coro::executor,
                                    std::chrono::milliseconds(250));
    co_await timer.async_wait(boost::asio::use_awaitable);
  }
}

Task<std::optional<FlowReader::Found>> FlowControl::Find(AccountId account, ExecutionId id) {
  return reader_.Find(std::move(account), id);
}

Task<bool> FlowControl::Holds(AccountId account, ExecutionId id) {
  auto find = reader_.FindRun(std::move(account), id);
  ASSIGN_OR_CO_RETURN(const auto found, co_await std::move(find));
  co_return found && found->state <= RunState::kCollecting;
}

// ---- What holds

Task<void> FlowControl::Put(StoredRules rules) {
  auto put = OnKeeper<void>([rules](Keeper& keeper, auto done) { keeper.Put(rules, std::move(done)); });
  CO_RETURN_IF_ERROR(co_await std::move(put));
  auto tell = TellOfChanges();
  co_return co_await std::move(tell);
}

Task<void> FlowControl::Drop(AccountId account, std::string workflow) {
  auto drop = OnKeeper<void>(
      [account, workflow](Keeper& keeper, auto done) { keeper.Drop(account, workflow, std::move(done)); });
  CO_RETURN_IF_ERROR(co_await std::move(drop));
  auto tell = TellOfChanges();
  co_return co_await std::move(tell);
}

Task<void> FlowControl::Put(Pause pause) {
  auto put = OnKeeper<void>([pause](Keeper& keeper, auto done) { keeper.Put(pause, std::move(done)); });
  CO_RETURN_IF_ERROR(co_await std::move(put));
  auto tell = TellOfChanges();
  co_return co_await std::move(tell);
}

Task<void> FlowControl::Drop(Pause pause) {
  auto drop = OnKeeper<void>([pause](Keeper& keeper, auto done) { keeper.Drop(pause, std::move(done)); });
  CO_RETURN_IF_ERROR(co_await std::move(drop));
  auto tell = TellOfChanges();
  co_return co_await std::move(tell);
}

// Here first, then on the other nodes: who put a rule or a pause knows that it holds when this is answered.
Task<void> FlowControl::TellOfChanges() {
  auto refresh = Refresh();
  CO_RETURN_IF_ERROR(co_await std::move(refresh));
  if (peers_ == nullptr) co_return Result<void>();
  auto tell = peers_->TellOthers(kChanges, Json::EmptyObject(), kTellPatience);
  co_await std::move(tell);
  co_return Result<void>();
}

awaitable<Result<Json>> FlowControl::LookAgain(Json /*body*/) {
  auto refresh = Refresh();
  CO_RETURN_IF_ERROR(co_await std::move(refresh));
  co_return Json::EmptyObject();
}

// ---- What people see

Task<Json> FlowControl::WaitsFor(ExecutionId id) {
  if (!leads_ && peers_ != nullptr) {
    auto ask = peers_->AskLeader(kWaits, Json::Object({{"id", id.ToString()}}), kWaitsPatience);
    const Result<Json> answer = co_await std::move(ask);
    co_return answer ? (*answer)["waits_for"] : Json();
  }
  auto look =
      OnKeeper<std::optional<Keeper::Waits>>([id](Keeper& keeper, auto done) { done(keeper.WaitsOf(id)); });
  const auto waits = co_await std::move(look);
  co_return waits && *waits ? WaitsJson(**waits) : Json();
}

awaitable<Result<Json>> FlowControl::WaitsForOther(Json body) {
  if (!leads_) co_return Json::Object({{"elsewhere", true}});
  ASSIGN_OR_CO_RETURN(const ExecutionId id, ExecutionId::Parse(body["id"].StringOr("")));
  auto look = WaitsFor(id);
  ASSIGN_OR_CO_RETURN(const Json waits_for, co_await std::move(look));
  co_return Json::Object({{"waits_for", waits_for}});
}

// A long queue is read from the store page by page; of one workflow only the keeper knows which runs are its.
Task<FlowControl::QueuedPage> FlowControl::RunsOf(AccountId account, QueueFilter filter) {
  QueuedPage page;
  if (filter.workflow.empty()) {
    auto list = reader_.Queued(std::move(account), filter.after, filter.limit + 1);
    ASSIGN_OR_CO_RETURN(std::vector<StoredRun> runs, co_await std::move(list));
    if (runs.size() > filter.limit) {
      runs.pop_back();
      page.next = runs.back().seq;
    }
    for (StoredRun& run : runs) page.items.push_back({.run = std::move(run)});
    co_return page;
  }
  auto look = OnKeeper<std::vector<RunQueue::Place>>([account, filter](Keeper& keeper, auto done) {
    done(keeper.Waiting(account, filter.workflow, filter.key, filter.after, filter.limit + 1));
  });
  ASSIGN_OR_CO_RETURN(std::vector<RunQueue::Place> places, co_await std::move(look));
  if (places.size() > filter.limit) {
    places.pop_back();
    page.next = places.back().first;
  }
  for (const auto& [seq, id] : places) {
    auto find = reader_.FindRun(account, id);
    ASSIGN_OR_CO_RETURN(auto found, co_await std::move(find));
    if (found) page.items.push_back({.run = *std::move(found)});
  }
  co_return page;
}

Task<FlowControl::QueuedPage> FlowControl::ListQueued(AccountId account, QueueFilter filter) {
  auto list = RunsOf(std::move(account), std::move(filter));
  ASSIGN_OR_CO_RETURN(QueuedPage page, co_await std::move(list));
  const auto shared = std::make_shared<QueuedPage>(std::move(page));
  auto look = OnKeeper<QueuedPage>([shared](Keeper& keeper, auto done) {
    for (Queued& one : shared->items) one.waits = keeper.WaitsOf(one.run.id);
    done(std::move(*shared));
  });
  co_return co_await std::move(look);
}

Task<FlowControl::Overview> FlowControl::Look(AccountId account, std::string workflow,
                                              std::size_t gates_max) {
  auto look = OnKeeper<Overview>([account, workflow, gates_max](Keeper& keeper, auto done) {
    const RunQueue& queue = keeper.queue();
    done(Overview{.depth = workflow.empty() ? queue.DepthOf(account) : queue.DepthOf(account, workflow),
                  .collecting = keeper.Collecting(account, workflow),
                  .gates = queue.Gates(account, workflow, gates_max)});
  });
  co_return co_await std::move(look);
}

void FlowControl::AddRoutes(net::Router& router) {
  if (peers_ == nullptr) return;
  peers_->AddLeaderRoute(router, kArrivals, [this](Json body) { return ArriveForOther(std::move(body)); });
  peers_->AddLeaderRoute(router, kCancels, [this](Json body) { return CancelForOther(std::move(body)); });
  peers_->AddLeaderRoute(router, kChanges, [this](Json body) { return LookAgain(std::move(body)); });
  peers_->AddLeaderRoute(router, kWaits, [this](Json body) { return WaitsForOther(std::move(body)); });
}

}  // namespace elevaite::flow
