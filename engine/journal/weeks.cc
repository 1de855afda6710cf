#include "engine/journal/weeks.h"

#include "engine/journal/restored.h"
#include "foundation/log.h"

namespace elevaite::engine {
namespace {

using database::Params;
using database::Rows;
using database::Sql;

constexpr std::int64_t kAccounts = 100;  // in one query
constexpr std::int64_t kRows = 2'000;
constexpr std::int64_t kWeek_us = 604'800'000'000;
constexpr int kTries = 5;  // before a week is left for the next time
constexpr std::chrono::milliseconds kBetweenTries{50};
constexpr std::chrono::seconds kPatience{5};  // for what holds locks

constexpr Sql kEnded{"weeks.ended", "SELECT week, of, begins FROM ended_weeks(?1)"};
constexpr Sql kAccountsOf{"weeks.accounts", "SELECT * FROM week_accounts(?1, ?2, ?3)"};
constexpr Sql kHasOwner{"weeks.has_owner", "SELECT week_has_owner(?1, ?2, ?3, ?4, ?5)"};
constexpr Sql kPage{
    "weeks.page",
    "SELECT found, last_account, last_id, live_account, live_id FROM week_page(?1, ?2, ?3, ?4)"};
constexpr Sql kIsLive{"weeks.is_live",
                      "SELECT 1 FROM executions WHERE account_id = ?1 AND id = ?2 AND finished_us IS NULL"};
constexpr Sql kSeal{"weeks.seal", "SELECT seal_week(?1)"};
constexpr Sql kDrop{"weeks.drop", "SELECT drop_week(?1)"};

std::string_view ReasonFor(Weeks::State state) {
  switch (state) {
    case Weeks::State::kNeeded: return "something in it is still needed";
    case Weeks::State::kWritten: return "something has come into it while it was looked through";
    default: return "somebody keeps it locked";
  }
}

}  // namespace

Result<Weeks::Outcome> Weeks::Drop(std::int64_t ended_before_us, const Until& until) {
  Outcome outcome;
  stopped_ = false;
  std::map<std::string, State> before = std::exchange(told_, {});
  ASSIGN_OR_RETURN(const Rows rows, db_.QueryAndWait(kEnded, Params::Of(ended_before_us)));
  for (const auto& row : rows) {
    const Week week{
        .name = std::string(row.Text(0)), .of = std::string(row.Text(1)), .begins_us = row.Int(2)};
    std::uint64_t executions = 0;
    ASSIGN_OR_RETURN(const State state, Try(week, until, executions));
    if (stopped_ || state == State::kStopped) return outcome;
    if (state == State::kDropped) {
      ++outcome.dropped;
      outcome.executions += executions;
      held_by_.erase(week.name);
      LogInfo("an old week was dropped", {{"week", week.name}, {"executions", executions}});
      continue;
    }
    ++(state == State::kNeeded ? outcome.needed : outcome.busy);
    const auto told = before.find(week.name);
    if (told == before.end() || told->second != state) Tell(week, state);
    told_[week.name] = state;
  }
  return outcome;
}

void Weeks::Tell(const Week& week, State state) {
  LogInfo("an old week was not dropped; it is tried again", {{"week", week.name}, {"why", ReasonFor(state)}});
}

// Sealed is only what seems to be needed by nobody: in the others, each row that comes would leave a note.
Result<Weeks::State> Weeks::Try(const Week& week, const Until& until, std::uint64_t& executions) {
  ASSIGN_OR_RETURN(const bool kept, week.of == "executions" ? IsKept(week, until) : HasOwner(week));
  if (kept) return State::kNeeded;
  ASSIGN_OR_RETURN(const bool held, IsHeld(week));
  if (held) return State::kNeeded;
  ASSIGN_OR_RETURN(const State sealed, Seal(week));
  if (sealed != State::kDropped) return sealed;
  ASSIGN_OR_RETURN(const State seen, Look(week, until, executions));
  return seen == State::kDropped ? Drop(week) : Result<State>(seen);
}

Result<Weeks::State> Weeks::Seal(const Week& week) {
  for (int i = 0; i < kTries && !stopped_; ++i) {
    ASSIGN_OR_RETURN(const Rows sealed, upkeep_.Run(kSeal, Params::Of(week.name), kPatience));
    if (sealed[0].Bool(0)) return State::kDropped;
    stopped_ = !pause_(kBetweenTries);
  }
  return stopped_ ? State::kStopped : State::kLocked;
}

Result<Weeks::State> Weeks::Drop(const Week& week) {
  for (int i = 0; i < kTries && !stopped_; ++i) {
    ASSIGN_OR_RETURN(const Rows dropped, upkeep_.Run(kDrop, Params::Of(week.name), kPatience));
    if (dropped[0].Text(0) == "dropped") return State::kDropped;
    if (dropped[0].Text(0) == "written") return State::kWritten;
    stopped_ = !pause_(kBetweenTries);
  }
  return stopped_ ? State::kStopped : State::kLocked;
}

Result<Weeks::State> Weeks::Look(const Week& week, const Until& until, std::uint64_t& executions) {
  if (week.of != "executions") {
    ASSIGN_OR_RETURN(const bool has_owner, HasOwner(week));
    return stopped_ ? State::kStopped : has_owner ? State::kNeeded : State::kDropped;
  }
  ASSIGN_OR_RETURN(const bool kept, IsKept(week, until));
  if (kept) return State::kNeeded;
  return ReadThrough(week, executions);
}

// Whether an account wants to keep some of it. All of a week ended before its end. As long as anything is
// there that was brought back from the archive, what is old goes one by one.
Result<bool> Weeks::IsKept(const Week& week, const Until& until) {
  ASSIGN_OR_RETURN(const bool restored, AnyRestored(db_));
  std::string last;
  while (true) {
    ASSIGN_OR_RETURN(const Rows rows, Read(kAccountsOf, Params::Of(week.name, last, kAccounts)));
    for (const auto& row : rows) {
      last = row.Text(0);
      ASSIGN_OR_RETURN(const AccountId account, AccountId::Parse(last));
      const std::optional<std::int64_t> until_us = until(account);
      if (restored || !until_us || *until_us < week.begins_us + kWeek_us) return true;
    }
    if (rows.size() < kAccounts || stopped_) return false;
  }
}

// Whether an execution that is there began in it: its events or labels are in this table.
Result<bool> Weeks::HasOwner(const Week& week) {
  std::string last;
  while (true) {
    ASSIGN_OR_RETURN(const Rows rows, Read(kAccountsOf, Params::Of(week.name, last, kAccounts)));
    if (rows.empty()) return false;
    const std::string first = std::exchange(last, std::string(rows[rows.size() - 1].Text(0)));
    ASSIGN_OR_RETURN(const Rows owner,
                     Read(kHasOwner, Params::Of(week.of, week.begins_us, first, last, week.name)));
    if (owner[0].Bool(0)) return true;
    if (rows.size() < kAccounts || stopped_) return false;
  }
}

// A child stays as long as its parent runs, which may ask for its end once more.
Result<Weeks::State> Weeks::ReadThrough(const Week& week, std::uint64_t& executions) {
  std::string account;
  std::string id;
  executions = 0;
  while (true) {
    ASSIGN_OR_RETURN(const Rows rows, Read(kPage, Params::Of(week.name, account, database::Blob{id}, kRows)));
    if (stopped_) return State::kStopped;
    if (rows.empty()) return State::kDropped;
    executions += static_cast<std::uint64_t>(rows[0].Int(0));
    if (!rows[0].IsNull(3)) {
      ASSIGN_OR_RETURN(AccountId parent_account, AccountId::Parse(rows[0].Text(3)));
      held_by_.insert_or_assign(week.name, Parent{std::move(parent_account), rows[0].IdAt<ExecutionId>(4)});
      return State::kNeeded;
    }
    account = rows[0].Text(1);
    id = rows[0].Bytes(2);
  }
}

Result<bool> Weeks::IsHeld(const Week& week) {
  const auto held = held_by_.find(week.name);
  if (held == held_by_.end()) return false;
  ASSIGN_OR_RETURN(const Rows live,
                   db_.QueryAndWait(kIsLive, Params::Of(held->second.account, held->second.id)));
  if (live.empty()) held_by_.erase(held);
  return !live.empty();
}

Result<Rows> Weeks::Read(const Sql& sql, Params params) {
  const auto begin = std::chrono::steady_clock::now();
  auto rows = db_.QueryAndWait(sql, std::move(params));
  if (!pause_(
          std::chrono::duration_cast<std::chrono::microseconds>(std::chrono::steady_clock::now() - begin)))
    stopped_ = true;
  return rows;
}

}  // namespace elevaite::engine
