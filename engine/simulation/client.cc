#include "engine/simulation/client.h"

#include <utility>

#include "engine/simulation/generator.h"

namespace elevaite::simulation {
namespace {

constexpr std::int64_t kAskAgainUs = 1'000'000;
constexpr std::int64_t kMoreSignalsUs = 20'000'000;
constexpr std::int64_t kSoonUs = 1'000;
constexpr std::int64_t kLongUs = 60'000'000;

bool Mentions(const Json& document, std::string_view text) {
  return document.Dump().find(text) != std::string::npos;
}

}  // namespace

Client::Client(Host& host, ExecutionId id, const Launch& launch, const Workflow& workflow, Expected expected)
    : host_(host),
      id_(id),
      launch_(launch),
      workflow_(workflow),
      expected_(std::move(expected)),
      listens_for_signals_(Mentions(workflow.document, "signal-")) {
  for (const auto& [type, count] : expected_.signals) {
    for (std::uint32_t i = 0; i < count; ++i) signals_.push_back({.type = type, .number = i});
  }
}

// What its past has taken does not come again.
void Client::StartFrom(const ForkPoint& point) {
  from_ = point;
  for (const auto& [type, count] : point.signals_taken) {
    std::uint32_t left = count;
    std::erase_if(signals_,
                  [&](const Signal& signal) { return signal.type == type && left > 0 && left-- > 0; });
  }
}

void Client::After(std::int64_t delay_us, std::string_view what, Scheduler::Action action) {
  host_.scheduler.After(delay_us, what, [this, life = life_, action = std::move(action)] {
    if (life == life_ && process_) action();
  });
}

void Client::Require(bool holds, std::string_view rule) {
  host_.auditor.Require(holds, rule, id_.ToString());
}

bool Client::HasEnded() const {
  const StoredRun* run = host_.disk.Find(id_);
  return run && run->ended();
}

void Client::Begin() {
  has_begun_ = true;
  if (process_) Start(launch_.shared_id, false);
  for (std::uint32_t i = 0; i < launch_.duplicates && process_; ++i)
    After(host_.scheduler.Spread(kSoonUs, kLongUs), "start by another", [this] { Start(true, true); });
  for (std::uint32_t i = 0; i < launch_.watchers && process_; ++i)
    After(host_.scheduler.Spread(1, kLongUs), "watch by another", [this] { WatchByAnother(); });
}

void Client::ProcessIsUp(Process& process) {
  if (process_) return;
  process_ = &process;
  if (!has_begun_ || outcome_) return;
  if (has_given_up_ && !start_acknowledged_) start_acknowledged_ = IsStored();
  if (has_given_up_ && !start_acknowledged_) return;
  if (start_acknowledged_) {
    Acknowledged();
  } else {
    Start(launch_.shared_id, false);
  }
}

void Client::ProcessIsGone(const Process& process) {
  if (process_ != &process) return;
  ++life_;
  process_ = nullptr;
  watches_ = false;
  open_questions_ = 0;
  sends_more_ = false;
  // It was asked to start something new and gave no answer: to ask again could start it twice.
  if (has_begun_ && !start_acknowledged_ && !launch_.shared_id) has_given_up_ = true;
}

// ---- Start and end ----

void Client::Start(bool shared_id, bool is_duplicate) {
  const std::string version(from_ ? std::string_view(from_->version) : kVersion);
  const auto program = host_.library.Find(workflow_.name, version);
  ++open_questions_;
  ++starts_sent_;
  engine::StartCommand command{
      .record = {.account = AccountId::Default(),
                 .id = id_,
                 .name_space = "sim",
                 .workflow = workflow_.name,
                 .version = version,
                 .trigger = from_ ? engine::Trigger::kFork : engine::Trigger::kApi},
      .program = program,
      .input = launch_.input,
      .accepted = Awaited([this, shared_id, is_duplicate](const Result<void>& result) {
        Accepted(result, shared_id, is_duplicate);
      }),
      .finished = {},
      .shared_id = shared_id || is_duplicate,
      .past = from_ ? from_->past : nullptr};
  if (!is_duplicate) {
    watches_ = true;
    command.finished = Awaited([this](const std::optional<engine::Outcome>& outcome) {
      if (outcome) return Finished(*outcome);
      WatchAgain();
    });
  }
  process_->Post(std::move(command));
}

void Client::Accepted(const Result<void>& result, bool shared_id, bool is_duplicate) {
  process_->PassCrashPoint();
  --open_questions_;
  host_.scheduler.trace().Note(result ? "start is acknowledged" : "start is refused", id_);
  const bool had_ended = !result && result.error().code == ErrorCode::kConflict;
  if (result) Require(IsStored(), "an acknowledged start is on disk");
  if (had_ended && host_.owners_are_right) Require(HasEnded(), "what is said to have ended has ended");
  // Of several with one id, another may have come through.
  if (!result && !had_ended && starts_sent_ == 1 && !IsUnknown(result))
    Require(!IsStored(), "a start that is said to have failed is not on disk");
  if (is_duplicate) return;
  if (!result) watches_ = false;
  if (IsUnknown(result) && !shared_id) {
    has_given_up_ = true;
    return;
  }
  if (!result && !had_ended) {
    After(kAskAgainUs, "start again", [this, shared_id] { Start(shared_id, false); });
    return;
  }
  const bool is_news = !std::exchange(start_acknowledged_, true);
  if (is_news || had_ended) Acknowledged();
}

void Client::Acknowledged() {
  if (!watches_ && !outcome_) After(host_.scheduler.Delay(kSoonUs), "watch", [this] { Watch(); });
  SendSignals();
  if (launch_.cancel_after_us > 0 && !cancel_acknowledged_)
    After(launch_.cancel_after_us, "cancel", [this] { Cancel(); });
  if (launch_.migrate_after_us > 0 && !migrated_)
    After(launch_.migrate_after_us, "migrate", [this] { Migrate(); });
  if (launch_.pause_after_us > 0 && !pause_asked_)
    After(launch_.pause_after_us, "pause", [this] { Pause(); });
  if (pause_asked_ && !resumed_) After(kAskAgainUs, "resume", [this] { Resume(); });
  if (launch_.retry_after_us > 0 && !retry_asked_)
    After(launch_.retry_after_us, "a task is tried again", [this] { RetryATask(); });
}

void Client::Finished(const engine::Outcome& outcome) {
  process_->PassCrashPoint();
  host_.scheduler.trace().Note("end is told", id_);
  Require(!outcome_, "the end is told once");
  const StoredRun* run = host_.disk.Find(id_);
  const bool is_true = run && run->state().phase == outcome.phase && run->state().output == outcome.output &&
                       run->state().error == outcome.error;
  Require(is_true, "the end that is told is the one on disk");
  outcome_ = outcome;
}

void Client::Watch() {
  if (watches_ || outcome_) return;
  watches_ = true;
  ++open_questions_;
  process_->Post(engine::WatchCommand{
      .account = AccountId::Default(),
      .id = id_,
      .finished = Awaited([this](const std::optional<engine::Outcome>& outcome) { Watched(outcome); })});
}

// It was told that the execution is not running, though it had not ended.
void Client::WatchAgain() {
  watches_ = false;
  if (start_acknowledged_ && !outcome_) After(kAskAgainUs, "watch again", [this] { Watch(); });
}

void Client::WatchByAnother() {
  ++open_questions_;
  process_->Post(engine::WatchCommand{.account = AccountId::Default(),
                                      .id = id_,
                                      .finished = Awaited([this, was_known = start_acknowledged_](
                                                              const std::optional<engine::Outcome>& outcome) {
                                        --open_questions_;
                                        if (outcome || (was_known && host_.owners_are_right))
                                          Require(HasEnded(), "an execution that is not running has ended");
                                      })});
}

void Client::Watched(const std::optional<engine::Outcome>& outcome) {
  --open_questions_;
  if (outcome) return Finished(*outcome);
  if (host_.owners_are_right) Require(HasEnded(), "an execution that is not running has ended");
  if (!HasEnded()) return WatchAgain();
  const engine::State& state = host_.disk.Find(id_)->state();
  outcome_ = engine::Outcome{.phase = state.phase, .output = state.output, .error = state.error};
}

// ---- Cancel and move ----

void Client::CancelSoon() {
  if (!process_ || !start_acknowledged_ || cancels_asked_ > 0) return;
  After(host_.scheduler.Spread(10, kSoonUs * 20), "cancel", [this] { Cancel(); });
}

void Client::Cancel() {
  ++cancels_asked_;
  ++open_questions_;
  const std::int64_t grace_us = launch_.cancel_grace_us;
  engine::CancelCommand command{
      .account = AccountId::Default(),
      .id = id_,
      .reason = "the client has changed its mind",
      .done = Awaited([this](const Result<void>& result) { Cancelled(result); }),
      .deadline_us = grace_us > 0 ? host_.scheduler.clock().Now().micros() + grace_us : 0};
  if (host_.mutation == Mutation::kEarlyCancel) {
    Cancelled({});
    command.done = [](const Result<void>&) {};
  }
  process_->Post(std::move(command));
}

void Client::Cancelled(const Result<void>& result) {
  process_->PassCrashPoint();
  --open_questions_;
  host_.scheduler.trace().Note(result ? "cancel is acknowledged" : "cancel is refused", id_);
  if (result) {
    if (!std::exchange(cancel_acknowledged_, true) && launch_.cancels_twice)
      After(host_.scheduler.Spread(10, kSoonUs * 20), "cancel twice", [this] { Cancel(); });
  } else if (result.error().code == ErrorCode::kNotFound) {
    if (host_.owners_are_right) Require(HasEnded(), "an execution that is not running has ended");
  } else if (launch_.cancel_after_us > 0) {
    After(kAskAgainUs, "cancel again", [this] { Cancel(); });
  }
}

void Client::Migrate() {
  ++open_questions_;
  process_->Post(engine::MigrateCommand{.account = AccountId::Default(),
                                        .id = id_,
                                        .program = host_.library.Find(workflow_.name, kNextVersion),
                                        .note = {"simulated", "client", ++commands_asked_},
                                        .dry_run = false,
                                        .done = Awaited([this](const Result<engine::Migration>& result) {
                                          process_->PassCrashPoint();
                                          --open_questions_;
                                          if (!result || !result->done) return;
                                          migrated_ = true;
                                          Require(host_.disk.Find(id_)->record().version == kNextVersion,
                                                  "a move that is acknowledged is on disk");
                                        })});
}

// ---- What operators do ----

// Of a new command: by its note the disk tells whether it was done twice, whatever became of its number.
Json Client::Note() { return Json::Object({{"by", "client"}, {"command", ++commands_asked_}}); }

void Client::Pause() {
  pause_asked_ = true;
  ++open_questions_;
  process_->Post(engine::OperateCommand{
      .account = AccountId::Default(),
      .id = id_,
      .act = engine::Pause{Note(), commands_asked_},
      .done = Awaited([this](const Result<void>& result) {
        process_->PassCrashPoint();
        --open_questions_;
        host_.scheduler.trace().Note(result ? "pause is acknowledged" : "pause is refused", id_);
        const engine::State* state = result && IsStored() ? &host_.disk.Find(id_)->state() : nullptr;
        if (state)
          Require(state->paused || cancels_asked_ > 0 || HasEnded(), "an acknowledged pause is on disk");
        After(launch_.pause_us, "resume", [this] { Resume(); });
      })});
}

void Client::Resume() {
  ++open_questions_;
  process_->Post(engine::OperateCommand{.account = AccountId::Default(),
                                        .id = id_,
                                        .act = engine::Resume{Note(), commands_asked_},
                                        .done = Awaited([this](const Result<void>& result) {
                                          process_->PassCrashPoint();
                                          --open_questions_;
                                          const bool has_ended =
                                              !result && result.error().code == ErrorCode::kNotFound;
                                          resumed_ = result || has_ended;
                                          if (!resumed_)
                                            After(kAskAgainUs, "resume again", [this] { Resume(); });
                                        })});
}

// One that runs at that moment, if any: its result must be the same.
void Client::RetryATask() {
  retry_asked_ = true;
  const StoredRun* run = host_.disk.Find(id_);
  if (!run || run->state().frames.size() < 2) return;
  auto frame = run->state().frames.begin();
  std::advance(
      frame, 1 + static_cast<std::ptrdiff_t>(host_.scheduler.random().Below(run->state().frames.size() - 1)));
  ++open_questions_;
  process_->Post(engine::OperateCommand{
      .account = AccountId::Default(),
      .id = id_,
      .act = engine::Repair{.frame = frame->first,
                            .act = engine::RepairAct::kRetry,
                            .value = {},
                            .note = Note(),
                            .command = commands_asked_},
      .done = Awaited([this, number = commands_asked_](const Result<void>& result) {
        process_->PassCrashPoint();
        --open_questions_;
        if (!result) return;
        Require(host_.disk.Find(id_)->HasDone(number), "a repair that is acknowledged is on disk");
      })});
}

// ---- Events ----

// Just as many as the reference took. Where that cannot be told, more and more until it has ended.
void Client::SendSignals() {
  if (!listens_for_signals_) return;
  if (expected_.is_timed || host_.disk.WasUnlucky(id_)) return SendMore();
  for (std::size_t i = 0; i < signals_.size(); ++i) {
    if (!signals_[i].is_told)
      After(host_.scheduler.Spread(kSoonUs, kLongUs), "signal", [this, i] { Send(i); });
  }
}

void Client::Send(std::size_t index) {
  const Signal& signal = signals_[index];
  ++open_questions_;
  process_->Accept(Json::Object({{"specversion", "1.0"},
                                 {"id", signal.type + "." + std::to_string(signal.number)},
                                 {"source", "/clients/" + id_.ToString()},
                                 {"type", signal.type},
                                 {"subject", id_.ToString()},
                                 {"data", SignalData(signal.type)}}),
                   Awaited([this, index](const Result<engine::EventHub::Accepted>& result) {
                     --open_questions_;
                     if (result) {
                       signals_[index].is_told = true;
                     } else {
                       After(kAskAgainUs, "signal again", [this, index] { Send(index); });
                     }
                   }));
  if (!host_.scheduler.Percent(host_.knobs.repeated_percent)) return;
  After(host_.scheduler.Spread(kSoonUs, kLongUs), "signal once more", [this, index] { Send(index); });
}

void Client::LookAround() {
  if (has_given_up_ && !start_acknowledged_ && process_ && IsStored()) {
    start_acknowledged_ = true;
    Acknowledged();
  }
  // A pause whose answer was lost may have come a second time.
  const bool is_paused_again = resumed_ && IsStored() && host_.disk.Find(id_)->state().paused &&
                               !engine::IsPausedByHold(host_.disk.Find(id_)->state());
  if (is_paused_again && process_) {
    resumed_ = false;
    Resume();
  }
  const bool asks_for_more = listens_for_signals_ && host_.disk.WasUnlucky(id_);
  if (asks_for_more && process_ && start_acknowledged_ && !outcome_ && !HasEnded()) SendMore();
}

void Client::SendMore() {
  if (std::exchange(sends_more_, true)) return;
  After(kMoreSignalsUs, "more signals", [this] {
    sends_more_ = false;
    if (outcome_ || HasEnded()) return;
    for (std::uint32_t i = 0; i < kSignals; ++i) {
      signals_.push_back({.type = SignalType(i), .number = 1'000 + more_++});
      Send(signals_.size() - 1);
    }
    SendMore();
  });
}

// ---- At the end ----

bool Client::is_settled() const {
  const bool knows = outcome_ || (has_given_up_ && !start_acknowledged_);
  return has_begun_ && knows && open_questions_ == 0;
}

void Client::CheckAtRest() const {
  auto& auditor = host_.auditor;
  const StoredRun* run = host_.disk.Find(id_);
  auditor.Require(!start_acknowledged_ || run, "no acknowledged start is lost", id_.ToString());
  auditor.Require((has_given_up_ && !start_acknowledged_) || outcome_.has_value(),
                  "who waits for an end is told", id_.ToString());
  auditor.Require(open_questions_ == 0, "every caller gets an answer", id_.ToString());
  if (!run || !cancel_acknowledged_) return;
  auditor.Require(run->state().phase == engine::Phase::kCancelled,
                  "an execution whose cancel was acknowledged is cancelled", id_.ToString());
}

}  // namespace elevaite::simulation
