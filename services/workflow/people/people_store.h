// The tables of human tasks. Every call names its account, but for what looks after all of them: what is due
// (Due), what a frame awaits (FindByFrame) and what is open (OpenAfter).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "infra/database/database.h"
#include "services/workflow/people/files.h"
#include "services/workflow/people/human_task.h"
#include "services/workflow/people/links.h"
#include "services/workflow/store.h"

namespace elevaite::people {

using workflow::Task;

// Newest first: as they were asked, reminded of, or have ended.
struct HumanTaskFilter {
  struct Cursor {
    std::int64_t sorted_us = INT64_MAX;
    HumanTaskId id{};
  };

  bool open = true;  // else those that have ended
  std::string assignee;
  std::string role;
  std::string workflow;
  std::string name_space;
  std::optional<ExecutionId> execution;  // of one execution: open and ended
  Cursor before;
  std::size_t limit = 50;
};

// What is written together with a change of a task.
struct AlongWith {
  bool links_end = false;
  std::optional<TaskLink> link{};         // a new one
  std::optional<std::int64_t> attempt{};  // that awaits it from now on
};

class PeopleStore {
 public:
  explicit PeopleStore(database::Database& db) : db_(db) {}

  // False: there is one with its id.
  Task<bool> Insert(HumanTask task, HumanActs acts);
  // False: somebody else has changed it since it had `acts_before` acts.
  Task<bool> Save(HumanTask task, std::int64_t acts_before, HumanActs acts, AlongWith along);
  // It is awaited, by this attempt.
  Task<void> Confirm(AccountId account, HumanTaskId id, std::uint32_t attempt, std::string life);
  // What its acts have caused has been done; each counts only while it has no more of them.
  Task<void> Settle(std::vector<HumanTask> tasks);

  // kNotFound.
  Task<HumanTask> Load(AccountId account, HumanTaskId id);
  Task<std::optional<HumanTask>> FindByFrame(ExecutionId execution, engine::FrameId frame);
  Task<HumanActs> History(AccountId account, HumanTaskId id, std::int64_t after = 0);
  // Without their questions.
  Task<std::vector<HumanTask>> List(AccountId account, HumanTaskFilter filter);
  // How many are open, at most `most`.
  Task<std::int64_t> CountOpen(AccountId account, std::int64_t most);

  // In order of what is due first, without their questions.
  Task<std::vector<HumanTask>> Due(std::int64_t until_us, std::int64_t after_us, HumanTaskId after,
                                   std::size_t limit);
  // Of all accounts, in order of account and id, those that another life has seen last; without questions.
  Task<std::vector<HumanTask>> OpenOfOtherLives(std::string life, AccountId account, HumanTaskId after,
                                                std::size_t limit);
  // Likewise those that have ended, in order of account and end.
  Task<std::vector<HumanTask>> Ended(AccountId account, std::int64_t after_us, HumanTaskId after,
                                     std::size_t limit);
  // With its history, its links, and the rows of its files.
  Task<void> Forget(AccountId account, HumanTaskId id);

  // kNotFound.
  Task<TaskLink> LoadLink(AccountId account, TaskLinkId id);
  Task<std::vector<TaskLink>> Links(AccountId account, HumanTaskId task);
  Task<void> RevokeLink(AccountId account, TaskLinkId id, std::int64_t now_us);
  // True: nobody has opened it before.
  Task<bool> SeeLink(AccountId account, TaskLinkId id, std::int64_t now_us);

  Task<void> InsertFile(AccountId account, TaskFile file);
  Task<std::vector<TaskFile>> Files(AccountId account, HumanTaskId task);

 private:
  database::Database& db_;
};

}  // namespace elevaite::people
