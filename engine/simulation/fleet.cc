#include "engine/simulation/fleet.h"

#include <algorithm>
#include <utility>

namespace elevaite::simulation {
namespace {

using engine::Attempt;

constexpr std::int64_t kNetworkUs = 300;
constexpr std::int64_t kWorkUs = 3'000;
constexpr std::int64_t kPullPatienceUs = 25'000'000;
constexpr std::int64_t kAskPatienceUs = 3'000'000;
constexpr std::int64_t kBeatUs = kWorkerLeaseUs / 3;
constexpr std::int64_t kAgainUs = 500'000;
constexpr std::int64_t kRestartUs = 5'000'000;
constexpr std::size_t kSlots = 2;

}  // namespace

class Fleet::Worker {
 public:
  explicit Worker(Fleet& fleet) : fleet_(fleet) { Begin(); }

  const std::string& id() const { return id_; }
  // Handed out by this life of an engine, and not done yet.
  bool Holds(const Attempt& attempt, const std::string& engine) const {
    const auto found = held_.find(attempt);
    return found != held_.end() && found->second.engine == engine && !found->second.is_done;
  }

  void Poll() {
    if (is_dead_ || pull_is_open_ || Room() == 0) return;
    pull_is_open_ = true;
    engine::Pull pull{.worker = id_, .name = id_, .number = ++pulls_, .slots = {Room(), Room()}};
    Ask<RemoteActivities::Handed>(
        "pull", kPullPatienceUs,
        [pull](RemoteActivities& engine, auto answer) { engine.Pull(pull, std::move(answer)); },
        [this, number = pull.number](const RemoteActivities::Handed* handed) {
          pull_is_open_ = false;
          if (handed) Receive(*handed, number);
          pulled_ = std::max(pulled_, number);
          if (handed || fleet_.disk_.unfinished() > 0) Poll();
        });
  }

  void BeginBeating() {
    if (is_dead_ || std::exchange(beats_, true)) return;
    After(kBeatUs, "heartbeat", [this] { Beat(); });
  }

  void Die() {
    if (is_dead_) return;
    fleet_.scheduler_.trace().Note("worker dies", life_);
    is_dead_ = true;
    ++life_;
    held_.clear();
    outbox_.clear();
    fleet_.scheduler_.After(fleet_.scheduler_.Spread(1'000, kRestartUs), "worker starts", [this] {
      Begin();
      Poll();
    });
  }

  void Pause(std::int64_t for_us) {
    if (std::exchange(is_paused_, true)) return;
    fleet_.scheduler_.After(for_us, "worker goes on", [this] {
      is_paused_ = false;
      for (auto& [what, action] : std::exchange(put_off_, {}))
        fleet_.scheduler_.After(fleet_.scheduler_.Delay(kNetworkUs), what, std::move(action));
    });
  }

 private:
  struct Held {
    std::string engine;      // that has handed it out
    std::uint64_t pull = 0;  // with which; 0: adopted
    bool is_done = false;
  };

  void Begin() {
    is_dead_ = false;
    id_ = "worker-" + std::to_string(++fleet_.lives_);
    engine_.clear();
    pulls_ = pulled_ = 0;
    pull_is_open_ = beats_ = sends_ = false;
  }

  std::size_t Room() const {
    const auto busy = static_cast<std::size_t>(
        std::ranges::count_if(held_, [](const auto& one) { return !one.second.is_done; }));
    return busy < kSlots ? kSlots - busy : 0;
  }

  // Nothing happens in a worker that is dead; in one that stands still it happens later.
  void Act(std::uint64_t life, std::string_view what, Scheduler::Action action) {
    if (life != life_) return;
    if (is_paused_) {
      put_off_.emplace_back(what,
                            [this, life, what, action = std::move(action)] { Act(life, what, action); });
    } else {
      action();
    }
  }
  void After(std::int64_t delay_us, std::string_view what, Scheduler::Action action) {
    fleet_.scheduler_.After(
        delay_us, what, [this, life = life_, what, action = std::move(action)] { Act(life, what, action); });
  }
  template <class Answer>
  void Ask(std::string_view what, std::int64_t patience_us,
           std::function<void(RemoteActivities&, std::function<void(const Answer&)>)> request,
           std::function<void(const Answer*)> done) {
    fleet_.Ask<Answer>(what, patience_us, std::move(request),
                       [this, what, life = life_, done = std::move(done)](const Answer* answer) {
                         std::optional<Answer> copy;
                         if (answer) copy = *answer;
                         Act(life, what, [done, copy = std::move(copy)] { done(copy ? &*copy : nullptr); });
                       });
  }

  // ---- Tasks ----

  void Receive(const RemoteActivities::Handed& handed, std::uint64_t pull) {
    engine_ = handed.engine;
    StopAll(handed.stop);
    for (const engine::ActivityTask& task : handed.tasks) Begin(task, pull);
  }

  void Begin(const engine::ActivityTask& task, std::uint64_t pull) {
    const Attempt attempt = engine::AttemptOf(task);
    const auto other = held_.lower_bound({attempt.execution, attempt.frame, 0});
    if (other != held_.end() && other->first.execution == attempt.execution &&
        other->first.frame == attempt.frame)
      held_.erase(other);
    const bool has_room = Room() > 0;
    held_[attempt] = {.engine = engine_, .pull = pull};
    BeginBeating();
    if (!has_room) return Ended(attempt, engine::AttemptLost{});
    fleet_.scheduler_.trace().Note("worker begins", attempt.execution, attempt.frame);
    After(fleet_.scheduler_.Delay(kWorkUs), "call", [this, task, attempt] { Perform(task, attempt); });
  }

  void Perform(const engine::ActivityTask& task, const Attempt& attempt) {
    if (!held_.contains(attempt)) return;
    if (task.connector == kPoison) return Die();
    engine::ActivityOutcome outcome = fleet_.services_.Serve(task);
    After(fleet_.scheduler_.Delay(kWorkUs), "call ends",
          [this, attempt, outcome = std::move(outcome)] { Ended(attempt, outcome); });
  }

  void Ended(const Attempt& attempt, engine::ActivityOutcome outcome) {
    const auto found = held_.find(attempt);
    if (found == held_.end() || found->second.is_done) return;
    found->second.is_done = true;
    outbox_.push_back({.attempt = attempt, .outcome = std::move(outcome), .pull = found->second.pull});
    SendResults();
    Poll();
  }

  void StopAll(const std::vector<Attempt>& attempts) {
    for (const Attempt& attempt : attempts) held_.erase(attempt);
    Poll();
  }

  void SendResults() {
    if (outbox_.empty() || std::exchange(sends_, true)) return;
    const std::vector<engine::AttemptResult> batch = outbox_;
    Ask<bool>(
        "results", 3 * kAskPatienceUs,
        [id = id_, batch](RemoteActivities& engine, auto answer) {
          engine.Take(id, batch);
          answer(true);
        },
        [this, count = batch.size()](const bool* taken) {
          sends_ = false;
          if (!taken) return After(kAgainUs, "results again", [this] { SendResults(); });
          for (std::size_t i = 0; i < count; ++i) held_.erase(outbox_[i].attempt);
          outbox_.erase(outbox_.begin(), outbox_.begin() + static_cast<std::ptrdiff_t>(count));
          SendResults();
          Poll();
        });
  }

  // ---- Signs of life ----

  // One that has nothing and was given nothing says nothing: it would change nothing.
  void Beat() {
    if (held_.empty() && !was_given_) {
      beats_ = false;
      return;
    }
    was_given_ = false;
    engine::Heartbeat heartbeat{.worker = id_, .name = id_, .engine = engine_, .pulled = pulled_};
    for (const auto& [attempt, held] : held_)
      (held.engine == engine_ ? heartbeat.holds : heartbeat.claims).push_back(attempt);
    struct Heard {
      std::string engine;
      engine::WorkQueue::Beat beat;
    };
    Ask<Heard>(
        "beat", kBeatUs,
        [heartbeat](RemoteActivities& engine, auto answer) {
          answer(Heard{engine.life(), engine.Hear(heartbeat)});
        },
        [this](const Heard* heard) {
          if (heard) {
            engine_ = heard->engine;
            StopAll(heard->beat.stop);
            for (const Attempt& attempt : heard->beat.adopted) {
              const auto found = held_.find(attempt);
              if (found == held_.end()) continue;
              found->second.engine = heard->engine;
              found->second.pull = 0;
            }
          } else {
            was_given_ = true;  // perhaps
          }
          After(heard ? kBeatUs : kAgainUs, "heartbeat", [this] { Beat(); });
        });
  }

  friend class Fleet;
  Fleet& fleet_;
  std::string id_;
  std::uint64_t life_ = 0;
  bool is_dead_ = false;
  bool is_paused_ = false;
  std::vector<std::pair<std::string_view, Scheduler::Action>> put_off_;
  std::string engine_;  // that has answered last
  std::uint64_t pulls_ = 0;
  std::uint64_t pulled_ = 0;
  bool pull_is_open_ = false;
  bool beats_ = false;
  bool was_given_ = false;  // since the last heartbeat
  bool sends_ = false;
  std::map<Attempt, Held> held_;
  std::vector<engine::AttemptResult> outbox_;
};

Fleet::Fleet(Scheduler& scheduler, Network& network, Services& services, Disk& disk, Auditor& auditor,
             const Knobs& knobs, FindEngine find_engine)
    : scheduler_(scheduler),
      network_(network),
      services_(services),
      disk_(disk),
      auditor_(auditor),
      find_engine_(std::move(find_engine)) {
  for (std::uint32_t i = 0; i < knobs.workers; ++i) workers_.push_back(std::make_unique<Worker>(*this));
}

Fleet::~Fleet() = default;

void Fleet::Wake() {
  for (const auto& worker : workers_) worker->Act(worker->life_, "poll", [&one = *worker] { one.Poll(); });
}

void Fleet::Gave(const std::string& id) {
  for (const auto& worker : workers_) {
    if (worker->id() != id) continue;
    worker->was_given_ = true;
    worker->BeginBeating();
  }
}

void Fleet::CheckGiven(const RemoteActivities& engine, const engine::ActivityTask& task,
                       const std::string& worker) {
  for (const auto& other : workers_) {
    if (other->id() == worker || !other->Holds(engine::AttemptOf(task), engine.life())) continue;
    const auto heard_us = engine.HeardOfUs(other->id());
    auditor_.Require(!heard_us || *heard_us + kWorkerLeaseUs <= scheduler_.elapsed_us(),
                     "an attempt is with one worker at a time", task.IdempotencyKey());
  }
}

void Fleet::Kill(std::size_t worker) {
  if (!workers_.empty()) workers_[worker % workers_.size()]->Die();
}

void Fleet::Pause(std::size_t worker, std::int64_t for_us) {
  if (!workers_.empty()) workers_[worker % workers_.size()]->Pause(for_us);
}

template <class Answer>
void Fleet::Ask(std::string_view what, std::int64_t patience_us,
                std::function<void(RemoteActivities&, std::function<void(const Answer&)>)> request,
                std::function<void(const Answer*)> done) {
  const auto question = [this, request = std::move(request)](std::function<void(const Answer&)> answer) {
    RemoteActivities* const engine = find_engine_();
    if (engine != nullptr) request(*engine, std::move(answer));
  };
  network_.Ask<Answer>(what, patience_us, question, std::move(done));
}

}  // namespace elevaite::simulation
