#include "engine/journal/projector.h"

#include <fmt/format.h>
#include <pthread.h>

#include <algorithm>
#include <string>
#include <utility>

#include "engine/journal/records.h"
#include "foundation/log.h"

namespace elevaite::engine {
namespace {

using database::Batch;
using database::Params;
using database::Rows;
using database::Sql;

constexpr std::size_t kExecutions = 500;  // in one commit
constexpr std::size_t kLabels = 500;      // in one commit, but for those of the last execution

constexpr int kConflicts = 20;  // in a row, that others may be the reason of

constexpr Sql kPage{"labels_due.page",
                    "SELECT created_us, account_id, execution_id, labels FROM labels_due"
                    " WHERE created_us >= ?1 AND shard % ?2 = ?3"
                    " ORDER BY created_us, account_id, execution_id LIMIT ?4"};
constexpr Sql kInsert{"labels.insert",
                      "INSERT INTO labels (account_id, label, created_us, execution_id)"
                      " VALUES (?1, ?2, ?3, ?4) ON CONFLICT DO NOTHING"};

constexpr std::size_t kTaken = 16;  // rows in one statement

std::string TakeText() {
  std::string text = "DELETE FROM labels_due WHERE";
  for (std::size_t i = 1; i <= kTaken; ++i) {
    text += fmt::format("{} (created_us = ?{} AND account_id = ?{} AND execution_id = ?{})",
                        i == 1 ? "" : " OR", i, i + kTaken, i + 2 * kTaken);
  }
  return text;
}

// `count` of the rows of a page, and no others; of fewer than kTaken the last one is named several times.
template <std::size_t... I>
void AddTake(Batch& batch, const Rows& rows, std::size_t first, std::size_t count,
             std::index_sequence<I...> /*each*/) {
  static const std::string kText = TakeText();
  const auto at = [&](std::size_t i) { return rows[first + std::min(i, count - 1)]; };
  batch
      .Add(Sql{"labels_due.take", kText.c_str()}, at(I).Int(0)..., at(I).Text(1)...,
           at(I).template IdAt<ExecutionId>(2)...)
      .ExpectRows(static_cast<std::int64_t>(count));
}

// Part of `labels`, in the order of its key: rows that belong beside each other are inserted one after the
// other.
struct LabelRow {
  std::string account;
  std::string label;
  std::int64_t created_us = 0;
  ExecutionId execution;
  friend auto operator<=>(const LabelRow&, const LabelRow&) = default;
};

void AddLabels(const database::Row& row, std::vector<LabelRow>& all) {
  const auto json = ParseJson(row.Text(3));
  const auto labels = json ? LabelsFrom(*json) : elevaite::Fail(json.error());
  const auto id = row.IdAt<ExecutionId>(2);
  if (!labels)
    return LogWarn("labels cannot be read; nobody finds the execution by them",
                   {{"execution", id.ToString()}});
  for (const Label& label : *labels)
    all.push_back({std::string(row.Text(1)), IndexText(label), row.Int(0), id});
}

}  // namespace

// What one commit has brought over.
struct ProjectedPage {
  std::size_t executions = 0;
  bool is_last = true;       // there were no more
  std::int64_t last_us = 0;  // when the last one was created
  std::chrono::microseconds took{0};
};

namespace {

// The first of those that are due in a partition. kConflict: somebody else has taken some of them.
Result<ProjectedPage> ProjectPage(database::Database& db, std::uint32_t partition, std::uint32_t partitions,
                                  std::int64_t from_us) {
  ASSIGN_OR_RETURN(const Rows rows,
                   db.QueryAndWait(kPage, Params::Of(from_us, partitions, partition, kExecutions)));
  if (rows.empty()) return ProjectedPage();
  ProjectedPage page;
  std::vector<LabelRow> labels;
  while (page.executions < rows.size() && labels.size() < kLabels) AddLabels(rows[page.executions++], labels);
  page.last_us = rows[page.executions - 1].Int(0);
  page.is_last = page.executions == rows.size() && rows.size() < kExecutions;
  std::ranges::sort(labels);
  Batch batch;
  for (std::size_t first = 0; first < page.executions; first += kTaken)
    AddTake(batch, rows, first, std::min(kTaken, page.executions - first),
            std::make_index_sequence<kTaken>());
  for (const LabelRow& row : labels)
    batch.Add(kInsert, row.account, row.label, row.created_us, row.execution);
  const auto begin = std::chrono::steady_clock::now();
  const auto written = db.SubmitAndWait(std::move(batch));
  if (!written) return elevaite::Fail(written.error());
  page.took = std::chrono::duration_cast<std::chrono::microseconds>(std::chrono::steady_clock::now() - begin);
  return page;
}

}  // namespace

void Projector::Wait::Add(Time now, std::size_t more, std::int64_t first_us) {
  from_us = since ? std::min(from_us, first_us) : first_us;
  since = since.value_or(now);
  executions += more;
}

// Those that are left have waited for about as long as the last one that was brought over is old, or since
// this process knows of them.
void Projector::Wait::Behind(const ProjectedPage& page, std::chrono::microseconds age) {
  from_us = page.last_us;
  since = std::max(*since, std::chrono::steady_clock::now() - age);
  executions -= std::min<std::uint64_t>(executions, page.executions);
}

Projector::Projector(Options options, database::Database& db, Clock& clock)
    : options_(std::move(options)), db_(db), clock_(clock), shares_(options_.partitions) {}

void Projector::Start() {
  thread_ = std::jthread([this](const std::stop_token& stop) { Run(stop); });
}

void Projector::Stop() { thread_ = {}; }

void Projector::Taken(std::uint32_t partition) { Add(partition, 0, 0); }

void Projector::Due(const ExecutionId& one, std::size_t executions, std::int64_t first_us) {
  Add(static_cast<std::uint32_t>(PartitionIndex(one, options_.partitions)), executions, first_us);
}

void Projector::Add(std::uint32_t partition, std::size_t executions, std::int64_t first_us) {
  const std::scoped_lock lock(mutex_);
  const bool idle = !Oldest();
  shares_.at(partition).next.Add(std::chrono::steady_clock::now(), executions, first_us);
  if (!idle) return;
  Tell();
  news_.notify_one();
}

void Projector::Run(const std::stop_token& stop) {
  pthread_setname_np(pthread_self(), "projector");
  std::chrono::microseconds pause = options_.gather;
  while (AwaitDue(stop, pause)) pause = Round(stop);
}

// False: it is to stop.
bool Projector::AwaitDue(const std::stop_token& stop, std::chrono::microseconds pause) {
  std::unique_lock lock(mutex_);
  news_.wait(lock, stop, [this] { return Oldest().has_value(); });
  news_.wait_for(lock, stop, pause, [] { return false; });
  return !stop.stop_requested();
}

// A page of each partition; how long to wait then.
std::chrono::microseconds Projector::Round(const std::stop_token& stop) {
  std::chrono::microseconds pause = options_.gather;
  for (std::uint32_t i = 0; i < options_.partitions && !stop.stop_requested(); ++i) {
    const auto page = Project(i);
    if (!page) return options_.again;
    if (!page->is_last) pause = std::min(pause, page->took);
  }
  return pause;
}

Result<ProjectedPage> Projector::Project(std::uint32_t partition) {
  std::unique_lock lock(mutex_);
  Wait& wait = shares_[partition].in_hand;
  if (!wait.since) wait = std::exchange(shares_[partition].next, {});
  if (!wait.since) return ProjectedPage();
  const std::int64_t from_us = wait.from_us;
  lock.unlock();

  auto page = ProjectPage(db_, partition, options_.partitions, from_us);

  lock.lock();
  if (!page) return Failed(page.error());
  is_failing_ = false;
  conflicts_ = 0;
  projected_ += page->executions;
  if (page->is_last) {
    wait = {};
  } else {
    wait.Behind(*page, Age(page->last_us));
  }
  Tell();
  return page;
}

// Who else takes what is due leaves nothing wrong: what is left is read again.
Result<ProjectedPage> Projector::Failed(const Error& error) {
  if (error.code == ErrorCode::kConflict && ++conflicts_ < kConflicts) return ProjectedPage();
  ++failures_;
  if (!std::exchange(is_failing_, true)) {
    LogWarn("searches do not find what is new: its labels cannot be written; it is tried again",
            {{"error", error.message}, {"detail", error.detail}});
  }
  return elevaite::Fail(error);
}

std::chrono::microseconds Projector::Age(std::int64_t time_us) const {
  return std::chrono::microseconds(std::max<std::int64_t>(0, clock_.Now().micros() - time_us));
}

std::optional<Projector::Time> Projector::Oldest() const {
  std::optional<Time> oldest;
  for (const Share& share : shares_) {
    for (const Wait* wait : {&share.in_hand, &share.next}) {
      if (wait->since) oldest = std::min(oldest.value_or(*wait->since), *wait->since);
    }
  }
  return oldest;
}

void Projector::Tell() const {
  if (options_.behind) options_.behind(Oldest());
}

Projector::Status Projector::status() const {
  const std::scoped_lock lock(mutex_);
  Status status{.projected = projected_, .failures = failures_};
  for (const Share& share : shares_) status.waiting += share.in_hand.executions + share.next.executions;
  if (const auto oldest = Oldest()) {
    status.lag =
        std::chrono::duration_cast<std::chrono::microseconds>(std::chrono::steady_clock::now() - *oldest);
  }
  return status;
}

Result<std::uint64_t> ProjectAll(database::Database& db) {
  std::uint64_t executions = 0;
  std::int64_t from_us = 0;
  while (true) {
    const auto page = ProjectPage(db, 0, 1, from_us);
    if (!page && page.error().code == ErrorCode::kConflict) continue;
    if (!page) return elevaite::Fail(page.error());
    executions += page->executions;
    if (page->is_last) return executions;
    from_us = page->last_us;
  }
}

}  // namespace elevaite::engine
