// Inbox: what people do with the tasks that are theirs. The routes are in api/tasks.cc and api/task_links.cc.
// The first answer wins, whichever node it comes to: a change is written on the condition that nothing else
// was (PeopleStore).
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <chrono>
#include <expected>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "infra/objects/objects.h"
#include "services/workflow/people/files.h"
#include "services/workflow/people/human_activities.h"
#include "services/workflow/people/links.h"
#include "services/workflow/people/people_store.h"

namespace elevaite::people {

// An error, and what more is told of it.
struct Refusal {
  Error error;
  int status = 0;   // 0: that of the error
  Json extra = {};  // members for the problem: {"errors": [{pointer, detail}]}, {"outcome": {...}}
};
template <class T>
using OrRefused = boost::asio::awaitable<std::expected<T, Refusal>>;

class Inbox {
 public:
  struct Options {
    std::string base_url;
    Secret link_key;                          // the same on all nodes
    objects::ObjectStore* objects = nullptr;  // null: no files
    boost::asio::any_io_executor blocking;    // where files are written and read
  };
  static constexpr std::size_t kLinksMax = 20;  // that are good, of one task
  static constexpr std::chrono::hours kLinkLifetime{7 * 24};
  static constexpr std::chrono::hours kLinkLifetimeMax{90 * 24};

  // All must outlive it.
  Inbox(PeopleStore& store, HumanActivities& activities, PeopleHost& host, Clock& clock, Options options);

  Task<Json> View(AccountId account, HumanTaskId id);
  Task<std::vector<HumanTask>> List(AccountId account, HumanTaskFilter filter) {
    return store_.List(std::move(account), std::move(filter));
  }
  Task<std::int64_t> CountOpen(AccountId account, std::int64_t most) {
    return store_.CountOpen(std::move(account), most);
  }
  // Refused: 400 with `errors` (fields), 403 (it is for another person), 404, 409 with `outcome` (answered
  // before), 410 (the deadline is over, or nobody waits for it any more).
  OrRefused<HumanTask> GiveAnswer(AccountId account, HumanTaskId id, Answer answer, Channel channel);
  // Refused: 404, 409 and 410 likewise.
  OrRefused<HumanTask> Reassign(AccountId account, HumanTaskId id, Assignment to, std::string by,
                                std::string reason);

  // ---- Files: kUnavailable when there is no store of objects ----

  OrRefused<TaskFile> AddFile(AccountId account, HumanTaskId id, std::string name, std::string bytes);
  // Its bytes are read into `bytes`.
  Task<TaskFile> ReadFile(AccountId account, HumanTaskId id, TaskFileId file, std::string& bytes);

  // ---- Links ----

  struct MadeLink {
    TaskLink link;
    std::string url;
  };
  // `assignee` empty: the task's. Refused: 409 when the task is for another person, or has kLinksMax links.
  OrRefused<MadeLink> MakeLink(AccountId account, HumanTaskId id, std::string assignee, std::string by,
                               std::chrono::microseconds lifetime);
  Task<std::vector<TaskLink>> Links(AccountId account, HumanTaskId id);
  Task<void> RevokeLink(AccountId account, HumanTaskId id, TaskLinkId link);

  // What a link shows: the question and who is asked; once it has ended, only what was decided by whom and
  // when. Refused: 404 for whatever was not made here, whether or not there is such a task; 410 when the link
  // has expired or ended before the task.
  OrRefused<Json> OpenLink(std::string token);
  OrRefused<HumanTask> AnswerByLink(std::string token, Answer answer);
  OrRefused<TaskFile> AddFileByLink(std::string token, std::string name, std::string bytes);

  const std::string& base_url() const { return options_.base_url; }

 private:
  // Changes an open task: gives the rows of its history, or says why not.
  using Change = std::function<std::expected<HumanActs, Refusal>(HumanTask& task)>;
  struct Opened {
    TaskLink link;
    HumanTask task;
  };

  std::optional<Refusal> WhyNot(const HumanTask& task) const;
  OrRefused<HumanTask> Save(AccountId account, HumanTaskId id, Change change, AlongWith along);
  OrRefused<Opened> Resolve(std::string token);

  PeopleStore& store_;
  HumanActivities& activities_;
  PeopleHost& host_;
  Clock& clock_;
  const Options options_;
  const LinkSigner signer_;
};

}  // namespace elevaite::people
