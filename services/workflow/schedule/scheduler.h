// Scheduler: starts executions when their schedule says so, by time or by events. Each due time and each
// event starts one execution, also over restarts: its id follows from what caused it (derived_id.h), and the
// row is written after the start.
//
// Everything here runs on one executor, which must have one thread; the public functions may be called from
// any.
#pragma once

#include <atomic>
#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/steady_timer.hpp>
#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <string>

#include "engine/events/trigger.h"
#include "services/workflow/schedule/schedule_store.h"
#include "services/workflow/schedule/timetable.h"
#include "services/workflow/service.h"

namespace elevaite::workflow {

class Scheduler {
 public:
  // All must outlive the scheduler; Stop() first.
  Scheduler(ScheduleStore& store, Programs& programs, WorkflowService& service, const Clock& clock,
            engine::MachineLimits limits, boost::asio::any_io_executor executor);

  // Takes up what is in the store, and versions that were published without being noted there. Blocks.
  Result<void> Start();
  // In a cluster, when another node does it from now on: lets go of everything, until Start. Not on the
  // executor.
  void Suspend();
  void Stop();  // not on the executor; begins nothing more when it returns
  // Whether this node is the one that keeps the schedules: only it may publish and configure.
  bool leads() const { return leads_.load(); }
  // kUnavailable: the schedules are not kept here, or not yet.
  Result<void> CheckLeads() const;

  // A version has been published: it takes the place of the one before. Events that are accepted after this
  // has returned count.
  Task<void> Published(AccountId account, std::shared_ptr<const dsl::Program> program);
  // As it was saved last; nullopt: nothing was ever scheduled.
  Task<std::optional<ScheduleRow>> Find(AccountId account, std::string name_space, std::string workflow) {
    return store_.Find(std::move(account), std::move(name_space), std::move(workflow));
  }
  // kInvalidArgument: no such time zone.
  Task<void> Configure(AccountId account, std::string name_space, std::string workflow,
                       ScheduleSettings settings);

 private:
  struct Active;
  using Shared = std::shared_ptr<Active>;

  static std::string KeyOf(const ScheduleRow& row);
  Result<Shared> MakeActive(ScheduleRow row, std::shared_ptr<const dsl::Program> program);
  void Begin(Active& active);
  void Install(Shared active);
  void Listen(const Shared& active);
  Task<void> Replace(AccountId account, std::shared_ptr<const dsl::Program> program);
  Task<void> ConfigureHere(AccountId account, std::string name_space, std::string workflow,
                           ScheduleSettings settings);

  void Wake(const Shared& active);
  boost::asio::awaitable<void> Tick();
  void ForgetOldEvents(std::int64_t now_us);
  boost::asio::awaitable<void> Work(Shared active);
  Task<void> WorkOnce(Shared active);
  Task<void> FireDue(Shared active);
  Task<void> TakeEvent(Shared active);
  Task<void> StartPending(Shared active);
  Task<void> Save(Shared active, ScheduleRow row);
  boost::asio::awaitable<void> WatchEnd(Shared active, ExecutionId id);

  ScheduleStore& store_;
  Programs& programs_;
  WorkflowService& service_;
  const Clock& clock_;
  engine::MachineLimits limits_;
  boost::asio::any_io_executor executor_;
  boost::asio::steady_timer timer_;
  std::map<std::string, Shared> active_;
  std::int64_t forget_due_us_ = 0;
  bool ticks_ = false;
  bool stopping_ = false;
  std::atomic<bool> leads_ = false;
};

}  // namespace elevaite::workflow
