#include "engine/simulation/disk.h"

#include <algorithm>
#include <utility>

#include "engine/journal/payloads.h"
#include "engine/simulation/damage.h"

namespace elevaite::simulation {
namespace {

constexpr std::int64_t kSyncUs = 400;  // of an fsync, usually
constexpr std::int64_t kSyncMaxUs = 600'000'000;
constexpr std::int64_t kSlowFactor = 2'000;
constexpr std::int64_t kSlowFactorOfMany = 20'000;  // leases are over before a commit is done
constexpr std::int64_t kFullFactor =
    100;  // until the error comes: time for much that rests on what will fail

std::string Describe(const engine::JournalWrite& step) {
  std::string text;
  const auto events = engine::DecodeEvents(step.events);
  if (!events) return "?";
  for (const engine::Event& event : *events) {
    text += " " + std::string(engine::NameOf(event.type)) + "(" + std::to_string(event.frame) + ")";
  }
  return "#" + std::to_string(step.first_seq) + text;
}

}  // namespace

class Disk::JournalOnDisk final : public engine::Journal {
 public:
  JournalOnDisk(Disk& disk, Author author, const engine::Tenure& tenure)
      : disk_(disk), author_(author), tenure_(tenure), stream_(std::make_shared<Stream>()) {}

  void Append(std::vector<engine::JournalWrite> writes, Done done) override {
    disk_.Submit({.author = author_,
                  .stream = stream_,
                  .tenure = tenure_,
                  .steps = std::move(writes),
                  .done = std::move(done)});
  }
  bool IsTakenOver() const override { return stream_->is_taken_over; }
  void Resume() override {
    if (disk_.mutation_ == Mutation::kNoResume) return;
    stream_->is_broken = false;
    stream_->failed.clear();
  }

  Result<engine::UnfinishedPage> LoadUnfinished(std::uint32_t partition, std::uint32_t partitions,
                                                const std::optional<engine::UnfinishedCursor>& after,
                                                std::size_t limit) override {
    RETURN_IF_ERROR(disk_.Reach(author_));
    engine::UnfinishedPage page;
    const auto begin = after ? disk_.runs_.upper_bound(after->id) : disk_.runs_.begin();
    for (auto it = begin; it != disk_.runs_.end(); ++it) {
      const auto& [id, run] = *it;
      if (run.ended() || engine::ShardOf(id) % partitions != partition) continue;
      page.executions.push_back(disk_.Read(run));
      if (page.executions.size() < limit) continue;
      page.next = engine::UnfinishedCursor{.id = id};
      break;
    }
    return page;
  }
  Result<std::int64_t> NewestUnfinished(std::uint32_t partition, std::uint32_t partitions) override {
    RETURN_IF_ERROR(disk_.Reach(author_));
    std::int64_t newest_us = 0;
    for (const auto& [id, run] : disk_.runs_) {
      if (run.ended() || engine::ShardOf(id) % partitions != partition) continue;
      newest_us = std::max(newest_us, disk_.Read(run).record.started_us);
    }
    return newest_us;
  }
  Result<std::vector<engine::ExecutionRecord>> LoadAwaitedBy(std::uint32_t partition,
                                                             std::uint32_t partitions) override {
    RETURN_IF_ERROR(disk_.Reach(author_));
    std::vector<engine::ExecutionRecord> awaited;
    for (const auto& [id, run] : disk_.runs_) {
      const engine::ExecutionRecord& record = run.record();
      if (!run.ended() && record.parent_frame && engine::ShardOf(*record.parent) % partitions == partition)
        awaited.push_back(record);
    }
    return awaited;
  }
  Result<std::optional<engine::StoredExecution>> LoadOne(const AccountId&, const ExecutionId& id) override {
    RETURN_IF_ERROR(disk_.Reach(author_));
    const StoredRun* run = disk_.Find(id);
    if (!run || run->ended()) return std::nullopt;
    engine::StoredExecution stored = disk_.Read(*run);
    if (disk_.mutation_ == Mutation::kFailedKept) {
      for (const engine::JournalWrite& step : stream_->failed) {
        if (step.record.id == id) stored.events.push_back(step.events);
      }
    }
    return stored;
  }
  Result<bool> Exists(const AccountId&, const ExecutionId& id) override {
    RETURN_IF_ERROR(disk_.Reach(author_));
    return disk_.Find(id) != nullptr;
  }

 private:
  Disk& disk_;
  const Author author_;
  const engine::Tenure tenure_;
  std::shared_ptr<Stream> stream_;
};

class Disk::EventsOnDisk final : public engine::EventStore {
 public:
  EventsOnDisk(Disk& disk, Author author) : disk_(disk), author_(author) {}

  void Append(std::vector<engine::StoredEvent> events, Appended done) override {
    disk_.Submit(
        {.author = author_, .stream = nullptr, .events = std::move(events), .appended = std::move(done)});
  }
  void DeleteBefore(std::int64_t accepted_us, std::size_t at_most) override {
    disk_.events_.DeleteBefore(accepted_us, at_most);
  }
  Result<std::vector<engine::StoredEvent>> LoadNewest(std::size_t limit) override {
    RETURN_IF_ERROR(disk_.Reach(author_));
    return disk_.events_.LoadNewest(limit);
  }
  Result<std::vector<engine::StoredEvent>> Load(const AccountId& account,
                                                const std::vector<std::string>& types, std::int64_t since_us,
                                                std::int64_t after, std::int64_t before,
                                                std::size_t limit) override {
    RETURN_IF_ERROR(disk_.Reach(author_));
    return disk_.events_.Load(account, types, since_us, after, before, limit);
  }
  Result<std::optional<std::int64_t>> PositionOf(const AccountId& account, std::string_view source,
                                                 std::string_view id) override {
    RETURN_IF_ERROR(disk_.Reach(author_));
    return disk_.events_.PositionOf(account, source, id);
  }

 private:
  Disk& disk_;
  const Author author_;
};

std::unique_ptr<engine::Journal> Disk::OpenJournal(Author author, const engine::Tenure& tenure) {
  return std::make_unique<JournalOnDisk>(*this, author, tenure);
}

std::unique_ptr<engine::EventStore> Disk::OpenEventStore(Author author) {
  return std::make_unique<EventsOnDisk>(*this, author);
}

const StoredRun* Disk::Find(const ExecutionId& id) const {
  const auto found = runs_.find(id);
  return found == runs_.end() ? nullptr : &found->second;
}

std::optional<std::int64_t> Disk::EndedAtUs(const ExecutionId& id) const {
  const auto found = ended_at_us_.find(id);
  return found == ended_at_us_.end() ? std::nullopt : std::optional(found->second);
}

engine::StoredExecution Disk::Read(const StoredRun& run) const { return Damaged(run.Read(), mutation_); }

// ---- Writing ----

void Disk::Submit(Write write) {
  if (mutation_ == Mutation::kEarlyDone && write.done) {
    scheduler_.After(0, "early done",
                     [done = std::exchange(write.done, [](const Result<void>&) {})] { done({}); });
  }
  if (mutation_ == Mutation::kCommitTwice && write.stream && scheduler_.Percent(3)) {
    waiting_.push_back({.author = write.author,
                        .stream = write.stream,
                        .tenure = write.tenure,
                        .steps = write.steps,
                        .done = [](const Result<void>&) {}});
  }
  if (!Reach(write.author)) return on_the_way_.push_back(std::move(write));
  waiting_.push_back(std::move(write));
  if (syncing_.empty()) BeginSync();
}

void Disk::BeginSync() {
  syncing_ = std::exchange(waiting_, {});
  for (Write& write : syncing_) {
    if (mutation_ == Mutation::kEarlyFence) write.newest_epoch = registry_.EpochOf(write.tenure.partition);
  }
  const std::int64_t slow = knobs_.nodes > 1 ? kSlowFactorOfMany : kSlowFactor;
  const std::int64_t factor = is_slow_ ? slow : (is_full_ ? kFullFactor : 1);
  const std::int64_t delay_us = std::min(scheduler_.Delay(kSyncUs) * factor, kSyncMaxUs);
  scheduler_.After(delay_us, "sync", [this, life = life_] {
    if (life == life_) EndSync();
  });
}

// All of the group is on disk before anybody is told.
void Disk::EndSync() {
  std::deque<Write> group = std::exchange(syncing_, {});
  for (Write& write : group) Apply(write);
  if (!waiting_.empty()) BeginSync();
  TellAll(std::move(group));
}

// One of the authors may die of it: that is no matter of the others.
void Disk::TellAll(std::deque<Write> group) {
  while (!group.empty()) {
    Write write = std::move(group.front());
    group.pop_front();
    try {
      Tell(std::move(write));
    } catch (...) {
      scheduler_.After(0, "is told", [this, rest = std::move(group)] { TellAll(rest); });
      throw;
    }
  }
}

void Disk::Tell(Write write) {
  if (dead_.contains(write.author)) return;
  if (!Reach(write.author)) return untold_.push_back(std::move(write));
  if (write.done) write.done(write.result);
  if (write.appended && write.result) write.appended(write.is_new);
  if (write.appended && !write.result) write.appended(elevaite::Fail(write.result.error()));
}

// Whoever has taken over is the only one who writes.
bool Disk::Refuses(Write& write) {
  if (!write.stream) return false;
  const std::int64_t newest =
      write.newest_epoch ? *write.newest_epoch : registry_.EpochOf(write.tenure.partition);
  if (write.tenure.epoch == newest) return false;
  if (mutation_ == Mutation::kNoFence) {
    auditor_.Report("stale epochs never write",
                    "epoch " + std::to_string(write.tenure.epoch) + " after " + std::to_string(newest));
    return false;
  }
  ++refused_;
  scheduler_.trace().Note("a late write is refused", static_cast<std::uint64_t>(write.tenure.epoch));
  write.result = elevaite::Fail(ErrorCode::kUnavailable, "another process has taken over");
  write.stream->is_broken = write.stream->is_taken_over = true;
  return true;
}

void Disk::Apply(Write& write) {
  if (Refuses(write)) return;
  if (is_full_ || (write.stream && write.stream->is_broken)) {
    write.result = elevaite::Fail(ErrorCode::kResourceExhausted, "the disk is full");
    scheduler_.trace().Note("write fails");
    if (!write.stream) return;
    write.stream->is_broken = true;
    std::ranges::copy(write.steps, std::back_inserter(write.stream->failed));
    return;
  }
  for (const engine::JournalWrite& step : write.steps) ApplyStep(write.author, step);
  for (const engine::StoredEvent& event : write.events) write.is_new.push_back(AddEvent(write.author, event));
}

// The step as the engine meant it. What it refers to must be on disk already: a crash would leave it without.
std::optional<engine::JournalWrite> Disk::WithValues(engine::JournalWrite step) {
  constexpr std::string_view kRule = "no commit before the values that it refers to";
  for (const engine::PayloadId& payload : step.payloads)
    auditor_.Require(payloads_.insert(payload).second, "a payload is of one commit", payload.ToString());
  for (std::string* row : {&step.events, step.snapshot ? &*step.snapshot : nullptr}) {
    if (row == nullptr) continue;
    auto whole = engine::Attach(*row, [&](const engine::PayloadRef& ref) -> Result<std::string> {
      auditor_.Require(payloads_.contains(ref.id), "a commit names what it refers to", ref.id.ToString());
      return Object(engine::PayloadKey{step.record.account, step.record.id, ref.id}.ToText());
    });
    auditor_.Require(whole.has_value(), kRule, whole ? "" : whole.error().message);
    if (!whole) return std::nullopt;
    *row = *std::move(whole);
  }
  return step;
}

void Disk::ApplyStep(Author author, const engine::JournalWrite& stored) {
  if (auditor_.first()) return;
  const auto whole = WithValues(stored);
  if (!whole) return;
  const engine::JournalWrite& step = *whole;
  scheduler_.trace().Note("writes", step.record.id, step.first_seq, [&] { return Describe(step); });
  const auto program = library_.Load(step.record);
  auditor_.Require(program.has_value(), "an execution is on a version that exists", step.record.version);
  if (!program) return;
  CheckConsumed(step);
  CheckLost(step);
  StoredRun& run = runs_[step.record.id];
  run.Add(step, stored, **program, knobs_.attempts_lost_max, auditor_);
  if (step.created) ++unfinished_;
  if (run.ended()) {
    --unfinished_;
    ended_at_us_[step.record.id] = scheduler_.elapsed_us();
  }
  for (const engine::StoredEvent& event : step.emitted) AddEvent(author, event);
  std::ranges::copy(step.dead_letters, std::back_inserter(dead_letters_));
  NoteUnlucky(step);
}

void Disk::NoteUnlucky(const engine::JournalWrite& step) {
  if (std::ranges::all_of(step.dead_letters, [](const auto& letter) { return letter.connector == "poison"; }))
    return;
  for (const StoredRun* run = Find(step.record.id); run != nullptr;
       run = run->record().parent ? Find(*run->record().parent) : nullptr)
    unlucky_.insert(run->record().id);
}

// A death of the process takes one attempt of each activity at most; that of a worker elsewhere what it had.
void Disk::CheckLost(const engine::JournalWrite& step) {
  const auto events = engine::DecodeEvents(step.events);
  if (!events) return;
  for (const engine::Event& event : *events) {
    if (event.type != engine::EventType::kActivityLost) continue;
    const std::uint64_t lost = ++lost_[{step.record.id, event.frame}];
    const std::uint64_t at_most = knobs_.workers > 0 ? losses_ : registry_.after_crash();
    auditor_.Require(lost <= at_most, "no more attempts are lost than processes have died",
                     step.record.id.ToString());
  }
}

// What an execution takes must be on disk itself, or it would be gone after a crash; and it takes nothing
// twice, however often its sender sends it.
void Disk::CheckConsumed(const engine::JournalWrite& step) {
  const auto events = engine::DecodeEvents(step.events);
  if (!events) return;
  for (const engine::Event& event : *events) {
    if (event.type != engine::EventType::kEventConsumed) continue;
    const auto found = identities_.find(event.position);
    auditor_.Require(found != identities_.end(),
                     "no effect before its commit: an event is taken when it is on disk");
    if (found == identities_.end()) return;
    auditor_.Require(taken_.emplace(step.record.id, found->second).second, "an execution takes an event once",
                     found->second);
  }
}

// ---- Deaths ----

// What has not been synced arrives or does not; what comes later depends on what came before.
void Disk::Crash(Author author) {
  ++life_;
  dead_.insert(author);
  std::erase_if(on_the_way_, [author](const Write& write) { return write.author == author; });
  std::erase_if(untold_, [author](const Write& write) { return write.author == author; });
  std::deque<Write> unsynced = std::exchange(syncing_, {});
  std::ranges::move(std::exchange(waiting_, {}), std::back_inserter(unsynced));
  std::vector<Write> lost;
  for (Write& write : unsynced) {
    if (write.author == author) {
      lost.push_back(std::move(write));
    } else {
      waiting_.push_back(std::move(write));
    }
  }
  const std::size_t arrived = scheduler_.random().Below(lost.size() + 1);
  scheduler_.trace().Note("unsynced writes that arrived", arrived);
  for (std::size_t i = 0; i < arrived; ++i) ApplyUnlessItFails(lost[i]);
  std::erase_if(unsynced_, [&](auto& one) {
    auto& [name, object] = one;
    if (object.first != author) return false;
    if (scheduler_.random().Below(2) == 0) objects_[name] = std::move(object.second);
    return true;
  });
  if (!waiting_.empty()) BeginSync();
}

void Disk::ApplyUnlessItFails(Write& write) {
  const bool would_fail = is_full_ || (write.stream && write.stream->is_broken);
  if (!would_fail) Apply(write);
}

void Disk::GoDown() {
  if (is_away_) return;
  ++life_;
  is_away_ = true;
  std::deque<Write> unsynced = std::exchange(syncing_, {});
  std::ranges::move(std::exchange(waiting_, {}), std::back_inserter(unsynced));
  const std::size_t arrived = scheduler_.random().Below(unsynced.size() + 1);
  scheduler_.trace().Note("unsynced writes that arrived", arrived);
  for (std::size_t i = 0; i < unsynced.size(); ++i) {
    Write& write = unsynced[i];
    if (i < arrived) {
      Apply(write);
    } else {
      write.result = elevaite::Fail(ErrorCode::kUnavailable, "the database was gone");
      if (write.stream) write.stream->is_broken = true;
    }
    untold_.push_back(std::move(write));
  }
}

void Disk::ComeUp() {
  is_away_ = false;
  GoOnWithWrites();
}

void Disk::CutOff(Author author, bool is_cut_off) {
  if (is_cut_off) {
    cut_off_.insert(author);
    return;
  }
  cut_off_.erase(author);
  GoOnWithWrites();
}

// What has been on the way arrives, in its order; who has waited is told.
void Disk::GoOnWithWrites() {
  for (Write& write : std::exchange(on_the_way_, {})) Submit(std::move(write));
  TellAll(std::exchange(untold_, {}));
}

Result<void> Disk::Reach(Author author) const {
  if (author == 0 || (!is_away_ && !cut_off_.contains(author))) return {};
  return elevaite::Fail(ErrorCode::kUnavailable, "the database cannot be reached");
}

bool Disk::IsWriting(std::uint32_t partition, std::int64_t epoch) const {
  if (mutation_ == Mutation::kEarlyFence) return false;
  return std::ranges::any_of(syncing_, [&](const Write& write) {
    return write.stream && write.tenure.partition == partition && write.tenure.epoch == epoch;
  });
}

// ---- Objects ----

std::int64_t Disk::BeginObject(Author author, const std::string& name, std::string bytes) {
  unsynced_[name] = {author, std::move(bytes)};
  return scheduler_.Delay(kSyncUs) * (is_slow_ ? kSlowFactor : 1);
}

Result<void> Disk::EndObject(const std::string& name) {
  auto object = unsynced_.extract(name);
  if (is_full_ || object.empty()) return elevaite::Fail(ErrorCode::kResourceExhausted, "the disk is full");
  objects_[name] = std::move(object.mapped().second);
  return {};
}

Result<std::string> Disk::Object(const std::string& name) const {
  const auto found = objects_.find(name);
  if (found == objects_.end())
    return elevaite::Fail(ErrorCode::kNotFound, "there is no object '" + name + "'");
  return found->second;
}

// ---- Events ----

bool Disk::AddEvent(Author author, const engine::StoredEvent& event) {
  const bool is_new = events_.Add(event) || mutation_ == Mutation::kEventTwice;
  if (!is_new) return false;
  identities_[event.position] = std::string(event.source()) + " " + std::string(event.id());
  arrivals_[author].push_back(event);
  if (arrived_) arrived_();
  return true;
}

std::span<const engine::StoredEvent> Disk::ArrivedOf(Author author, std::size_t mark) const {
  const auto found = arrivals_.find(author);
  if (found == arrivals_.end() || mark >= found->second.size()) return {};
  return std::span(found->second).subspan(mark);
}

}  // namespace elevaite::simulation
