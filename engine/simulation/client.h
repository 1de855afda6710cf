// Client: who starts one execution and wants to know how it ends. It asks again when it gets no answer, so
// that it finds out in the end what has become of it; and it holds the engine to every answer it was given.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "engine/simulation/auditor.h"
#include "engine/simulation/disk.h"
#include "engine/simulation/forks.h"
#include "engine/simulation/process.h"
#include "engine/simulation/reference.h"
#include "engine/simulation/scenario.h"

namespace elevaite::simulation {

class Client {
 public:
  // `expected`: of the reference; says which events it sends.
  Client(Host& host, ExecutionId id, const Launch& launch, const Workflow& workflow, Expected expected);

  // Its execution goes on from there, instead of beginning.
  void StartFrom(const ForkPoint& point);
  // The first start, at its time.
  void Begin();
  // This one takes requests from now on / does not answer any more. It asks one at a time.
  void ProcessIsUp(Process& process);
  void ProcessIsGone(const Process& process);
  bool HasProcess() const { return process_ != nullptr; }
  // What it finds out by the way: that its execution waits for more than the reference takes, or runs though
  // it was not told.
  void LookAround();
  // A cancel that comes with the trouble.
  void CancelSoon();
  // What must hold when all has come to rest.
  void CheckAtRest() const;

  const ExecutionId& id() const { return id_; }
  bool was_cancelled() const { return cancel_acknowledged_ || cancels_asked_ > 0; }
  bool may_force() const { return cancels_asked_ > 1 || launch_.cancel_grace_us == 0; }
  // It knows how it ended, or has given up, and waits for no answer.
  bool is_settled() const;

 private:
  struct Signal {
    std::string type;
    std::uint32_t number = 0;
    bool is_told = false;
  };

  void Start(bool shared_id, bool is_duplicate);
  void Accepted(const Result<void>& result, bool shared_id, bool is_duplicate);
  void Acknowledged();
  void Finished(const engine::Outcome& outcome);
  void Watch();
  void WatchByAnother();
  void Watched(const std::optional<engine::Outcome>& outcome);
  void Cancel();
  void Cancelled(const Result<void>& result);
  void Migrate();
  void Pause();
  void Resume();
  void RetryATask();
  Json Note();
  void SendSignals();
  void Send(std::size_t index);
  void SendMore();
  // The start may have come through on a node that has died since.
  bool IsUnknown(const Result<void>& result) const {
    return !result && host_.knobs.nodes > 1 && result.error().code != ErrorCode::kConflict;
  }
  void WatchAgain();
  bool IsStored() const { return host_.disk.Find(id_) != nullptr; }
  bool HasEnded() const;
  // Answers of an earlier process do not come: it is dead, or stands still for so long that nobody waits.
  template <class Answer>
  auto Awaited(Answer answer) {
    return [this, life = life_, answer = std::move(answer)](const auto& result) {
      if (life == life_) answer(result);
    };
  }
  void After(std::int64_t delay_us, std::string_view what, Scheduler::Action action);
  void Require(bool holds, std::string_view rule);

  Host& host_;
  Process* process_ = nullptr;
  ExecutionId id_;
  const Launch& launch_;
  const Workflow& workflow_;
  Expected expected_;
  std::uint64_t life_ = 0;  // counts processes: answers to earlier ones do not come
  std::optional<ForkPoint> from_;
  bool has_begun_ = false;
  bool has_given_up_ = false;  // it cannot ask again, and will not know
  bool start_acknowledged_ = false;
  std::uint32_t starts_sent_ = 0;
  bool listens_for_signals_ = false;
  std::uint32_t cancels_asked_ = 0;
  bool cancel_acknowledged_ = false;
  bool migrated_ = false;
  bool pause_asked_ = false;
  bool resumed_ = false;  // as far as it has been told
  bool retry_asked_ = false;
  engine::CommandNumber commands_asked_ = 0;
  bool watches_ = false;
  std::uint32_t open_questions_ = 0;  // to the process that lives
  std::optional<engine::Outcome> outcome_;
  std::vector<Signal> signals_;
  bool sends_more_ = false;  // in this life
  std::uint32_t more_ = 0;
};

}  // namespace elevaite::simulation
