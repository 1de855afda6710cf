#include "services/workflow/people/human_activities.h"

#include <algorithm>
#include <boost/asio/post.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <future>

#include "engine/machine/human.h"
#include "foundation/async.h"
#include "foundation/log.h"

namespace elevaite::people {
namespace {

using boost::asio::awaitable;
using engine::ActivityOutcome;

constexpr std::chrono::milliseconds kRoundEvery{1'000};
constexpr std::chrono::milliseconds kRetryAfter{1'000};
constexpr std::size_t kPageMax = 100;
constexpr std::chrono::minutes kForgetEvery{1};
constexpr std::size_t kLookedAtMax = 1'000;  // each time

}  // namespace

HumanActivities::HumanActivities(engine::Activities& others, PeopleStore& store, Clock& clock,
                                 boost::asio::any_io_executor executor, std::string base_url)
    : others_(others),
      store_(store),
      clock_(clock),
      executor_(std::move(executor)),
      base_url_(std::move(base_url)),
      life_(SystemUuids().Next().ToText()),
      timer_(executor_) {}

// ---- The engine's side ----

void HumanActivities::Schedule(engine::ActivityTask task, Done done) {
  if (!engine::IsHuman(task.connector)) return others_.Schedule(std::move(task), std::move(done));
  const Key key{task.execution, task.frame};
  Want(key, std::make_shared<const Wish>(Wish{.activity = std::move(task), .done = std::move(done)}));
}

void HumanActivities::Cancel(const ExecutionId& execution, engine::FrameId frame, std::string_view connector,
                             std::int64_t deadline_us) {
  if (!engine::IsHuman(connector)) return others_.Cancel(execution, frame, connector, deadline_us);
  Want({execution, frame}, std::make_shared<const Wish>());
}

void HumanActivities::Want(const Key& key, SharedWish wish) {
  bool is_worked_on = false;
  {
    const std::scoped_lock lock(mutex_);
    is_worked_on = wishes_.contains(key);
    std::swap(wishes_[key], wish);  // the one before is destroyed without the lock
  }
  if (!is_worked_on) Spawn(executor_, Work(key), "human task");
}

HumanActivities::SharedWish HumanActivities::WishFor(const Key& key) {
  const std::scoped_lock lock(mutex_);
  return wishes_.at(key);
}

bool HumanActivities::IsOver(const Key& key, const SharedWish& wish) {
  const std::scoped_lock lock(mutex_);
  const auto found = wishes_.find(key);
  if (found->second != wish) return false;
  wishes_.erase(found);
  return true;
}

awaitable<void> HumanActivities::Work(Key key) {
  while (!stopping_) {
    const SharedWish wish = WishFor(key);
    auto fulfil = Fulfil(key, wish);
    const auto known = co_await std::move(fulfil);
    if (!known) {
      LogWarn("a task for people could not be written; it is tried again",
              {{"execution", key.first.ToString()}, {"error", known.error().message}});
      co_await Pause(kRetryAfter);
    } else if (IsOver(key, wish)) {
      if (*known) wish->done(**known);
      break;
    }
  }
  Wake();
}

Task<std::optional<ActivityOutcome>> HumanActivities::Fulfil(Key key, SharedWish wish) {
  if (wish->activity) co_return co_await Open(*wish->activity);
  bool closed = false;
  while (!closed && !stopping_) {
    auto close = Close(key);
    ASSIGN_OR_CO_RETURN(closed, co_await std::move(close));
  }
  co_return std::nullopt;
}

Task<std::optional<ActivityOutcome>> HumanActivities::Open(const engine::ActivityTask& activity) {
  if (!activity.resumed) {
    auto ask = Ask(activity, clock_.Now().micros());
    auto asked = co_await std::move(ask);
    if (asked || asked.error().code != ErrorCode::kConflict) co_return asked;
  }
  auto load = store_.FindByFrame(activity.execution, activity.frame);
  ASSIGN_OR_CO_RETURN(std::optional<HumanTask> found, co_await std::move(load));
  if (found) co_return co_await Resume(*std::move(found), activity);
  co_return co_await Ask(activity, clock_.Now().micros());
}

// kConflict: it has been asked.
Task<std::optional<ActivityOutcome>> HumanActivities::Ask(const engine::ActivityTask& activity,
                                                          std::int64_t now_us) {
  const auto question = QuestionOf(activity, now_us);
  if (!question) co_return CannotBeAsked(question.error());
  auto find = host_->Find(activity.account, activity.execution);
  ASSIGN_OR_CO_RETURN(const engine::ExecutionRecord record, co_await std::move(find));
  HumanTask asked{.account = activity.account,
                  .id = HumanTaskIdOf(activity.execution, activity.frame),
                  .execution = activity.execution,
                  .frame = activity.frame,
                  .attempt = activity.attempt,
                  .name_space = record.name_space,
                  .workflow = record.workflow,
                  .version = record.version,
                  .reference = activity.reference,
                  .connector = activity.connector,
                  .question = activity.request,
                  .life = life_};
  HumanActs acts = Create(asked, *question, now_us);
  auto insert = store_.Insert(std::move(asked), std::move(acts));
  ASSIGN_OR_CO_RETURN(const bool is_new, co_await std::move(insert));
  if (!is_new) co_return Fail(ErrorCode::kConflict, "this has been asked");
  co_return std::nullopt;
}

// Another attempt (somebody retries it) asks anew, with times that count from now, also when the one before
// has expired. An answer counts for every attempt.
Task<std::optional<ActivityOutcome>> HumanActivities::Resume(HumanTask task,
                                                             const engine::ActivityTask& activity) {
  const bool is_anew = activity.attempt > task.attempt;
  if (task.status == HumanTask::Status::kAnswered) co_return OutcomeOf(task);
  if (task.status == HumanTask::Status::kExpired && !is_anew) co_return OutcomeOf(task);
  if (is_anew || !task.is_open()) {
    const std::int64_t now_us = clock_.Now().micros();
    if (is_anew) task.created_us = now_us;
    const auto question = QuestionOf(activity, task.created_us);
    if (!question) co_return CannotBeAsked(question.error());
    if (is_anew) task.to = question->to;
    const std::int64_t acts_before = task.acts;
    HumanActs acts = Reopen(task, *question, now_us);
    auto save =
        store_.Save(task, acts_before, std::move(acts), {.links_end = is_anew, .attempt = activity.attempt});
    ASSIGN_OR_CO_RETURN(const bool saved, co_await std::move(save));
    if (!saved) co_return Fail(ErrorCode::kUnavailable, "the task has changed meanwhile");
  }
  auto confirm = store_.Confirm(task.account, task.id, activity.attempt, life_);
  CO_RETURN_IF_ERROR(co_await std::move(confirm));
  co_return std::nullopt;
}

// False: somebody else has changed it meanwhile.
Task<bool> HumanActivities::Close(Key key) {
  auto load = store_.FindByFrame(key.first, key.second);
  ASSIGN_OR_CO_RETURN(std::optional<HumanTask> task, co_await std::move(load));
  if (!task || !task->is_open()) co_return true;
  const std::int64_t acts_before = task->acts;
  HumanActs acts = CancelTask(*task, clock_.Now().micros());
  auto save = store_.Save(*std::move(task), acts_before, std::move(acts), {.links_end = true});
  co_return co_await std::move(save);
}

// ---- Rounds ----

void HumanActivities::Start() { Spawn(executor_, Run(), "human tasks"); }

void HumanActivities::Stop() {
  if (stopping_.exchange(true)) return;
  std::promise<void> stopped;
  boost::asio::post(executor_, [this, &stopped] {
    timer_.cancel();
    stopped.set_value();
  });
  stopped.get_future().wait();
}

void HumanActivities::Wake() {
  boost::asio::post(executor_, [this] {
    woken_ = true;
    timer_.cancel();
  });
}

awaitable<void> HumanActivities::Pause(std::chrono::milliseconds time) {
  boost::asio::steady_timer pause(executor_, time);
  boost::system::error_code ignored;
  co_await pause.async_wait(boost::asio::redirect_error(boost::asio::use_awaitable, ignored));
}

awaitable<void> HumanActivities::Run() {
  while (!stopping_) {
    woken_ = false;
    auto round = Round();
    const auto worked = co_await std::move(round);
    if (!worked)
      LogWarn("tasks for people could not be looked after; it is tried again",
              {{"error", worked.error().message}});
    if (worked && (*worked || woken_)) continue;
    if (const auto now = clock_.Monotonic(); now >= forgets_again_) {
      forgets_again_ = now + kForgetEvery;
      auto forget = ForgetSome();
      if (const auto forgot = co_await std::move(forget); !forgot)
        LogWarn("tasks of forgotten executions were not deleted; it is tried again",
                {{"error", forgot.error().message}});
    }
    timer_.expires_after(worked ? kRoundEvery : kRetryAfter);
    boost::system::error_code ignored;
    co_await timer_.async_wait(boost::asio::redirect_error(boost::asio::use_awaitable, ignored));
  }
}

Task<bool> HumanActivities::Round() {
  const std::int64_t now_us = clock_.Now().micros();
  std::int64_t after_us = INT64_MIN;
  HumanTaskId after;
  auto examine = CloseAbandoned();
  ASSIGN_OR_CO_RETURN(bool worked, co_await std::move(examine));
  while (!stopping_) {
    auto read = store_.Due(now_us, after_us, after, kPageMax);
    ASSIGN_OR_CO_RETURN(std::vector<HumanTask> due, co_await std::move(read));
    const std::size_t read_count = due.size();
    if (due.empty()) break;
    after_us = *due.back().due_us;
    after = due.back().id;
    std::erase_if(due, [this](const HumanTask& task) { return !host_->IsHere(task.execution); });
    auto page = Page(std::move(due), now_us);
    ASSIGN_OR_CO_RETURN(const bool some, co_await std::move(page));
    worked = worked || some;
    if (read_count < kPageMax) break;
  }
  co_return worked;
}

Task<bool> HumanActivities::Page(std::vector<HumanTask> due, std::int64_t now_us) {
  if (due.empty()) co_return false;
  auto tell = TellAll(due);
  CO_RETURN_IF_ERROR(co_await std::move(tell));
  std::vector<HumanTask> settled;
  bool advanced = false;
  for (HumanTask& task : due) {
    const std::int64_t acts_before = task.acts;
    HumanActs acts = task.is_open() ? Advance(task, now_us) : HumanActs();
    if (!acts.empty()) {
      const bool moved =
          std::ranges::any_of(acts, [](const HumanAct& act) { return act.name != "reminded"; });
      auto save = store_.Save(std::move(task), acts_before, std::move(acts), {.links_end = moved});
      CO_RETURN_IF_ERROR(co_await std::move(save));  // whoever was quicker has made it due again
      advanced = true;
      continue;
    }
    if (task.status == HumanTask::Status::kAnswered || task.status == HumanTask::Status::kExpired)
      host_->Deliver(task);
    task.due_us = task.acts_left.empty() ? std::nullopt : std::optional(task.acts_left.front().at_us);
    settled.push_back(std::move(task));
  }
  if (!settled.empty()) {
    auto settle = store_.Settle(std::move(settled));
    CO_RETURN_IF_ERROR(co_await std::move(settle));
  }
  co_return advanced;
}

Task<void> HumanActivities::TellAll(std::vector<HumanTask> tasks) {
  std::map<AccountId, std::vector<Json>> events;
  for (const HumanTask& task : tasks) {
    if (task.acts_told == task.acts) continue;
    auto read = store_.History(task.account, task.id, task.acts_told);
    ASSIGN_OR_CO_RETURN(const HumanActs acts, co_await std::move(read));
    for (const HumanAct& act : acts) events[task.account].push_back(EventOf(task, act, base_url_));
  }
  for (auto& [account, list] : events) {
    auto tell = host_->Tell(account, std::move(list));
    CO_RETURN_IF_ERROR(co_await std::move(tell));
  }
  co_return Result<void>();
}

Task<void> HumanActivities::ForgetSome() {
  for (std::size_t looked_at = 0; looked_at < kLookedAtMax && !stopping_; looked_at += kPageMax) {
    auto& at = looked_until_;
    auto read = store_.Ended(at.account, at.after_us, at.after, kPageMax);
    ASSIGN_OR_CO_RETURN(const std::vector<HumanTask> page, co_await std::move(read));
    for (const HumanTask& task : page) {
      if (!host_->IsHere(task.execution)) continue;
      auto find = host_->Find(task.account, task.execution);
      const auto found = co_await std::move(find);
      if (found || found.error().code != ErrorCode::kNotFound) continue;
      auto list = store_.Files(task.account, task.id);
      ASSIGN_OR_CO_RETURN(std::vector<TaskFile> files, co_await std::move(list));
      auto erase = host_->DeleteFiles(task.account, std::move(files));
      CO_RETURN_IF_ERROR(co_await std::move(erase));
      auto forget = store_.Forget(task.account, task.id);
      CO_RETURN_IF_ERROR(co_await std::move(forget));
    }
    if (page.size() < kPageMax) {
      at = {};
      break;
    }
    at = {.account = page.back().account, .after_us = page.back().sorted_us, .after = page.back().id};
  }
  co_return Result<void>();
}

Task<bool> HumanActivities::CloseAbandoned() {
  const std::optional<std::uint64_t> takeover = host_->Takeover();
  if (!takeover || *takeover == examined_) co_return false;
  {
    const std::scoped_lock lock(mutex_);
    if (!wishes_.empty()) co_return false;  // those that are awaited have not all been seen yet
  }
  AccountId account;
  HumanTaskId after;
  bool closed_some = false;
  while (!stopping_) {
    auto read = store_.OpenOfOtherLives(life_, account, after, kPageMax);
    ASSIGN_OR_CO_RETURN(const std::vector<HumanTask> page, co_await std::move(read));
    for (const HumanTask& task : page) {
      if (!host_->IsHere(task.execution)) continue;
      auto ask = host_->IsAwaited(task);
      ASSIGN_OR_CO_RETURN(const bool is_awaited, co_await std::move(ask));
      if (is_awaited) continue;
      LogInfo("a task for people is closed: its execution has gone on without it",
              {{"task", task.id.ToString()}, {"execution", task.execution.ToString()}});
      auto close = Close({task.execution, task.frame});
      CO_RETURN_IF_ERROR(co_await std::move(close));
      closed_some = true;
    }
    if (page.size() < kPageMax) break;
    account = page.back().account;
    after = page.back().id;
  }
  examined_ = *takeover;
  co_return closed_some;
}

}  // namespace elevaite::people
