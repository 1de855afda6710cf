// HumanActivities: activities that people do. What is asked becomes a row whose id follows from the execution
// and its frame, so that doing the activity again (after a crash) finds it; the answer is written to the row
// first and told to the execution then. Nothing is held for one that waits.
//
// For each task one coroutine does what is wanted of it, one thing after the other, and of several that were
// wanted meanwhile only the last: a retry, which cancels an attempt and begins the next, cannot end
// cancelled.
//
// A round, once a second and after every change, looks at the rows that are due (PeopleStore::Due) and whose
// execution is owned by this process: it tells what has happened as events, does what time does (reminders,
// escalations, the end), and tells executions what was answered. A process that dies between any two of these
// does them again: an event has the same id then, and an answer that comes twice counts once.
//
// A task whose execution has gone on without it (the process died between the commit of that and here) is
// found when the partition has been read back, and closed.
#pragma once

#include <atomic>
#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/steady_timer.hpp>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <utility>

#include "engine/activities/activities.h"
#include "services/workflow/people/host.h"
#include "services/workflow/people/people_store.h"

namespace elevaite::people {

class HumanActivities final : public engine::Activities {
 public:
  // Passes all other activities on to `others`. All must outlive this; the executor must be of one thread.
  HumanActivities(engine::Activities& others, PeopleStore& store, Clock& clock,
                  boost::asio::any_io_executor executor, std::string base_url);

  // Before the engine starts; the host must outlive the engine.
  void Use(PeopleHost& host) { host_ = &host; }
  // Begins the rounds.
  void Start();
  void Stop();  // not on the executor; begins nothing more when it returns
  // A row has changed.
  void Wake();

  void Schedule(engine::ActivityTask task, Done done) override;
  void Cancel(const ExecutionId& execution, engine::FrameId frame, std::string_view connector,
              std::int64_t deadline_us) override;

  // All that is due now; for tests, and for what calls it in turn. Says whether there was anything.
  Task<bool> Round();
  // Looks whether the executions of some tasks that have ended are still there, and forgets those whose
  // execution was; takes turns through all of them.
  Task<void> ForgetSome();

 private:
  using Key = std::pair<ExecutionId, engine::FrameId>;

  // What is to become of a task: it is asked, or, without an activity, closed.
  struct Wish {
    std::optional<engine::ActivityTask> activity;
    Done done;
  };
  using SharedWish = std::shared_ptr<const Wish>;

  // Takes the place of what was wanted before.
  void Want(const Key& key, SharedWish wish);
  // Until nothing else is wanted.
  boost::asio::awaitable<void> Work(Key key);
  SharedWish WishFor(const Key& key);
  // False: something else is wanted by now.
  bool IsOver(const Key& key, const SharedWish& wish);
  // What is known of it already; nothing: it waits, or is closed.
  Task<std::optional<engine::ActivityOutcome>> Fulfil(Key key, SharedWish wish);
  Task<std::optional<engine::ActivityOutcome>> Open(const engine::ActivityTask& activity);
  Task<std::optional<engine::ActivityOutcome>> Ask(const engine::ActivityTask& activity, std::int64_t now_us);
  Task<std::optional<engine::ActivityOutcome>> Resume(HumanTask task, const engine::ActivityTask& activity);
  Task<bool> Close(Key key);

  boost::asio::awaitable<void> Run();
  Task<bool> Page(std::vector<HumanTask> due, std::int64_t now_us);
  Task<void> TellAll(std::vector<HumanTask> tasks);
  Task<bool> CloseAbandoned();
  boost::asio::awaitable<void> Pause(std::chrono::milliseconds time);

  engine::Activities& others_;
  PeopleStore& store_;
  Clock& clock_;
  boost::asio::any_io_executor executor_;
  const std::string base_url_;
  const std::string life_;  // of this process
  PeopleHost* host_ = nullptr;

  std::mutex mutex_;
  std::map<Key, SharedWish> wishes_;  // under mutex_; those that somebody works on

  // On the executor.
  boost::asio::steady_timer timer_;
  bool woken_ = false;
  std::uint64_t examined_ = 0;  // see PeopleHost::Takeover
  std::chrono::steady_clock::time_point forgets_again_{};
  struct {
    AccountId account{};
    std::int64_t after_us = INT64_MIN;
    HumanTaskId after{};
  } looked_until_;
  std::atomic<bool> stopping_ = false;
};

}  // namespace elevaite::people
