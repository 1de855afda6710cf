#include "engine/retention.h"

#include <pthread.h>

#include <algorithm>

#include "engine/journal/restored.h"
#include "foundation/log.h"

namespace elevaite::engine {
namespace {

constexpr std::size_t kRequestsMax = 1'000;
constexpr int kRest = 3;  // as long as the last commit took, so many times
constexpr std::chrono::milliseconds kFirstPassAfter{5'000};

// What is kept for a minute is looked for more often than what is kept for a year.
std::chrono::milliseconds Interval(const RetentionOptions& options) {
  auto shortest = std::chrono::microseconds::max();
  for (const auto kept : {options.completed, options.faulted}) {
    if (kept.count() > 0) shortest = std::min(shortest, kept);
  }
  const auto tenth = std::chrono::duration_cast<std::chrono::milliseconds>(shortest / 10);
  return std::min(options.every, std::max(tenth, std::chrono::milliseconds(1'000)));
}

constexpr database::Sql kAnyDue{"purge.any_due", "SELECT 1 FROM labels_due WHERE created_us < ?1 LIMIT 1"};

}  // namespace

Retention::Retention(RetentionOptions options, database::Database& db, Clock& clock, PayloadStore* payloads)
    : options_(std::move(options)),
      db_(db),
      clock_(clock),
      payloads_(payloads),
      deletes_(
          db, [](std::chrono::microseconds) { return true; }, payloads),
      purge_(
          db, [this](std::chrono::microseconds took) { return Pause(took); }, payloads),
      times_{.completed = options_.completed, .faulted = options_.faulted} {
  if (options_.upkeep != nullptr)
    weeks_.emplace(db, *options_.upkeep, [this](std::chrono::microseconds took) { return Pause(took); });
}

void Retention::Use(Purge::Before before) {
  before_ = before;
  purge_.Use(std::move(before));
}

void Retention::Start() {
  const std::scoped_lock lock(mutex_);
  running_ = true;
  thread_ = std::jthread([this](const std::stop_token& stop) { Run(stop); });
}

void Retention::Stop() {
  thread_ = {};
  std::deque<Request> left;
  {
    const std::scoped_lock lock(mutex_);
    running_ = false;
    left.swap(requests_);
  }
  for (Request& request : left)
    request.done(elevaite::Fail(ErrorCode::kUnavailable, "the server is being stopped"));
}

void Retention::Delete(AccountId account, ExecutionId id, std::function<void(Result<void>)> done) {
  {
    const std::scoped_lock lock(mutex_);
    if (running_ && requests_.size() < kRequestsMax) {
      requests_.push_back({std::move(account), id, std::move(done)});
      news_.notify_one();
      return;
    }
  }
  done(elevaite::Fail(Error{.code = ErrorCode::kUnavailable,
                            .message = "too many executions are being deleted",
                            .retry_after = std::chrono::seconds(1)}));
}

void Retention::Run(const std::stop_token& stop) {
  pthread_setname_np(pthread_self(), "retention");
  stop_ = stop;
  const auto resumed = purge_.Resume();
  if (!resumed) LogWarn("what was being forgotten is still there", {{"error", resumed.error().message}});
  auto next_pass = std::chrono::steady_clock::now() + std::min(kFirstPassAfter, options_.every);
  while (!stop.stop_requested()) {
    {
      std::unique_lock lock(mutex_);
      news_.wait_until(lock, stop, next_pass, [this] { return !requests_.empty(); });
    }
    Serve();
    if (stop.stop_requested() || std::chrono::steady_clock::now() < next_pass) continue;
    Pass();
    next_pass = std::chrono::steady_clock::now() + Interval(options_);
  }
}

// Between two commits of a pass: others get their turn, and what people delete goes first.
bool Retention::Pause(std::chrono::microseconds took) {
  Serve();
  std::unique_lock lock(mutex_);
  news_.wait_for(lock, stop_, kRest * took, [this] { return !requests_.empty(); });
  return !stop_.stop_requested();
}

void Retention::Serve() {
  while (!stop_.stop_requested()) {
    std::unique_lock lock(mutex_);
    if (requests_.empty()) return;
    const Request request = std::move(requests_.front());
    requests_.pop_front();
    lock.unlock();
    const auto gone = deletes_.One(request.account, request.id);
    if (gone) ++purged_;
    request.done(gone);
  }
}

void Retention::Pass() {
  if (options_.leads && !options_.leads()) return;
  for (const auto& done : {ForgetOld(), Sweep()}) {
    if (done) continue;
    ++failures_;
    LogWarn("what is old was not forgotten; it is tried again",
            {{"error", done.error().message}, {"detail", done.error().detail}});
  }
}

Result<void> Retention::Sweep() {
  if (!payloads_) return {};
  PayloadSweep sweep(db_, *payloads_, clock_, [this] { return Pause({}); });
  ASSIGN_OR_RETURN(const std::uint64_t swept, sweep.Pass());
  swept_ += swept;
  if (swept > 0) LogInfo("large values of commits that never happened were deleted", {{"values", swept}});
  return {};
}

Result<void> Retention::ForgetOld() {
  of_account_at_ = {};
  RETURN_IF_ERROR(ReadTimes());
  if (times_.KeepsAll() && of_account_.empty()) return {};
  RETURN_IF_ERROR(ForgetRestored(db_, clock_.Now().micros()));
  // Weeks that cannot be dropped for now keep nothing: what is in them goes one by one.
  if (weeks_) {
    if (const Result<void> dropped = DropWeeks(); !dropped)
      LogWarn("old weeks were not dropped at once", {{"error", dropped.error().message}});
  }
  const std::int64_t now_us = clock_.Now().micros();
  const auto before = [now_us](std::chrono::microseconds kept) {
    return kept.count() == 0 ? std::optional<std::int64_t>() : now_us - kept.count();
  };
  ASSIGN_OR_RETURN(const std::vector<AccountId> accounts, purge_.Accounts());
  for (const AccountId& account : accounts) {
    if (TimesOf(account).KeepsAll()) continue;
    const auto bounds = [&]() -> Result<Purge::Bounds> {
      RETURN_IF_ERROR(ReadTimes());
      const RetentionTimes& times = TimesOf(account);
      return Purge::Bounds{.completed_us = before(times.completed), .faulted_us = before(times.faulted)};
    };
    ASSIGN_OR_RETURN(const std::uint64_t gone, purge_.Old(account, bounds));
    purged_ += gone;
    if (gone > 0)
      LogInfo("old executions were forgotten", {{"account", account.ToString()}, {"executions", gone}});
  }
  return {};
}

// A pass may take hours, and who decides to keep more is heard in between.
Result<void> Retention::ReadTimes() {
  constexpr std::chrono::seconds kGoodFor{5};
  const auto now = std::chrono::steady_clock::now();
  if (!options_.of_accounts || (of_account_at_ && now - *of_account_at_ < kGoodFor)) return {};
  ASSIGN_OR_RETURN(of_account_, options_.of_accounts());
  of_account_at_ = now;
  return {};
}

const RetentionTimes& Retention::TimesOf(const AccountId& account) const {
  const auto own = of_account_.find(account);
  return own == of_account_.end() ? times_ : own->second;
}

// A week of which everything may go, without reading it. What must be seen before goes one by one; its week
// follows when it is empty. Labels that are due would come after it: they are awaited.
Result<void> Retention::DropWeeks() {
  const std::int64_t now_us = clock_.Now().micros();
  const auto all_before = [now_us](const RetentionTimes& times) -> std::optional<std::int64_t> {
    if (times.completed.count() == 0 || times.faulted.count() == 0) return std::nullopt;
    return now_us - std::max(times.completed, times.faulted).count();
  };
  // What nobody keeps any more, were all of it that of whoever keeps the shortest.
  auto shortest = std::chrono::microseconds::max();
  const auto shorten = [&shortest](const RetentionTimes& times) {
    for (const auto kept : {times.completed, times.faulted})
      if (kept.count() > 0) shortest = std::min(shortest, kept);
  };
  shorten(times_);
  for (const auto& [account, times] : of_account_) shorten(times);
  if (shortest == std::chrono::microseconds::max()) return {};
  const std::int64_t before_us = now_us - shortest.count();
  ASSIGN_OR_RETURN(const database::Rows due, db_.QueryAndWait(kAnyDue, database::Params::Of(before_us)));
  if (!due.empty()) return {};
  ASSIGN_OR_RETURN(const Weeks::Outcome outcome,
                   weeks_->Drop(before_us, [&](const AccountId& account) -> std::optional<std::int64_t> {
                     if (before_ || !ReadTimes()) return std::nullopt;
                     return all_before(TimesOf(account));
                   }));
  purged_ += outcome.executions;
  weeks_dropped_ += outcome.dropped;
  weeks_busy_ = outcome.busy;
  if (outcome.executions == 0) return {};
  const auto payloads = purge_.PayloadsOfNobody();
  return payloads ? Result<void>() : elevaite::Fail(payloads.error());
}

}  // namespace elevaite::engine
