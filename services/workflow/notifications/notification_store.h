// The tables of notifications. Every call of people names its account; those of the sender, which looks after
// all accounts, say so.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "services/workflow/notifications/notification.h"
#include "services/workflow/store.h"

namespace elevaite::notifications {

using workflow::Task;

// Rules and channels of one account, as they are used.
struct Plan {
  std::map<ChannelId, Channel> channels;
  std::vector<Rule> rules;  // in the order they were made
};
using Plans = std::map<AccountId, Plan>;

// Something to be told to a channel.
struct NewNotification {
  AccountId account;
  ChannelId channel;
  RuleId rule;
  Occasion occasion;
  Json content;
  std::int64_t group_within_us = 0;  // 0: it stands for itself
};

struct NotificationFilter {
  std::optional<ChannelId> channel{};
  Place place{};  // empty members: any
  std::optional<ExecutionId> execution{};
  std::optional<Status> status{};
  bool with_grouped = false;
  std::optional<NotificationId> before{};  // older than that
  std::size_t limit = 50;
};

// What is not delivered yet.
struct Backlog {
  AccountId account;
  ChannelId channel;
  std::int64_t due_us = 0;  // of the first
  std::int64_t count = 0;
};

class NotificationStore {
 public:
  static constexpr std::int64_t kChannelsMax = 100;  // of an account
  static constexpr std::int64_t kRulesMax = 500;
  static constexpr std::int64_t kBacklogMax = 10'000;  // of a channel; what comes then is given up at once

  // `base_url`: of the server, for links in messages about many runs.
  NotificationStore(database::Database& db, const Clock& clock, std::string base_url)
      : db_(db), clock_(clock), base_url_(std::move(base_url)) {}

  // kConflict: another channel has the name, or it was changed since it was read (by its updated_us).
  // kQuotaExceeded, kNotFound.
  Task<Channel> Create(AccountId account, ChannelSettings settings);
  Task<Channel> Update(AccountId account, Channel channel);
  // With what was to be sent there. kConflict: rules name it.
  Task<void> Delete(AccountId account, ChannelId id);
  Task<Channel> Find(AccountId account, ChannelId id);

  // kNotFound also when a channel that it names is not there.
  Task<Rule> Create(AccountId account, RuleSettings settings);
  Task<Rule> Update(AccountId account, Rule rule);
  Task<void> Delete(AccountId account, RuleId id);
  Task<Rule> Find(AccountId account, RuleId id);

  Task<Plan> PlanOf(AccountId account);
  // Of all accounts, and a text that changes when one of them does.
  Task<Plans> AllPlans();
  Result<Plans> AllPlansNow();  // waiting: for start-up
  Task<std::string> Revision();

  // Newest first.
  Task<std::vector<Notification>> List(AccountId account, NotificationFilter filter);
  Task<Notification> Find(AccountId account, NotificationId id);
  // One that was given up is tried again. kConflict: it was not.
  Task<Notification> Retry(AccountId account, NotificationId id);
  // The last that was delivered or given up, of each channel of the account.
  Task<std::vector<Notification>> LastOfEach(AccountId account, std::vector<ChannelId> channels);

  // ---- Of all accounts

  // Adds what is not there yet, into groups where it belongs, and notes up to when events have been read:
  // all or nothing.
  Task<void> Add(std::vector<NewNotification> all, std::map<AccountId, std::int64_t> progress);
  Task<std::int64_t> ProgressOf(AccountId account);  // 0: none
  // Makes messages of the groups whose time is over. When the next one's is.
  Task<std::optional<std::int64_t>> CloseGroups();

  // Of channels that have something to be sent; in order, those after this one.
  using Line = std::pair<AccountId, ChannelId>;
  Task<std::vector<Backlog>> Backlogs(std::optional<Line> after, std::size_t limit);
  // Of all channels of the account.
  Task<std::vector<Backlog>> BacklogsOf(AccountId account);
  Task<std::vector<Notification>> Due(AccountId account, ChannelId channel, std::size_t limit);
  // The next attempt is this process's, until `until_us`. False: somebody else was quicker.
  Task<bool> Claim(Notification notification, std::string life, std::int64_t until_us);
  // What has come of the attempt; counts only while it is the last that was begun.
  Task<void> Finish(Notification notification);
  // What processes before this one had begun is due now. Only for a process that is alone.
  Task<void> ReleaseOthers(std::string life);
  // Forgets what has ended before, some of it at a time. Whether there may be more.
  Task<bool> Forget(std::int64_t before_us, std::int64_t grouped_before_us);

 private:
  database::Database& db_;
  const Clock& clock_;
  const std::string base_url_;
};

}  // namespace elevaite::notifications
