// Weeks: drops the tables of PostgreSQL that hold what ended in a week of which nothing is needed any more
// (migrations/postgres/0001_journal.sql), and those of events and labels to which no execution belongs.
//
// A week is looked through in small pieces on the connections that read, while everything goes on. Before the
// last look it is sealed: what comes into it from then on is noted, and a week with a note is not dropped.
// So the drop itself looks at nothing, and holds its locks for no longer than it takes to forget a table. It
// waits 20 ms at most for each (database::Upkeep): a week that somebody reads stays for the next time.
// All calls block; one thread at a time.
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <string>

#include "engine/journal/purge.h"
#include "infra/database/upkeep.h"

namespace elevaite::engine {

class Weeks {
 public:
  // What of an account ended before this time may go, whatever it is; nullopt: nothing.
  using Until = std::function<std::optional<std::int64_t>(const AccountId& account)>;

  Weeks(database::Database& db, database::Upkeep& upkeep, Purge::Pause pause)
      : db_(db), upkeep_(upkeep), pause_(std::move(pause)) {}

  struct Outcome {
    std::uint64_t dropped = 0;
    std::uint64_t executions = 0;  // that went with them
    std::uint64_t needed = 0;      // weeks that are old, and of which something is still needed
    std::uint64_t busy = 0;        // that could not be dropped now: somebody reads or writes in them
  };
  // All weeks that ended before. What stays is told in the log by its name, once for each reason.
  Result<Outcome> Drop(std::int64_t ended_before_us, const Until& until);

  // Steps of it, for tests: the world may change in between.
  struct Week {
    std::string name;  // "executions_20261123"
    std::string of;    // "executions", "journal", "labels"
    std::int64_t begins_us = 0;
  };
  enum class State : std::uint8_t { kDropped, kNeeded, kLocked, kWritten, kStopped };
  Result<State> Seal(const Week& week);  // kDropped: it may be
  // kDropped: nothing in it is needed; `executions`: that are in it.
  Result<State> Look(const Week& week, const Until& until, std::uint64_t& executions);
  Result<State> Drop(const Week& week);

 private:
  Result<State> Try(const Week& week, const Until& until, std::uint64_t& executions);
  Result<bool> IsKept(const Week& week, const Until& until);
  Result<bool> HasOwner(const Week& week);
  Result<State> ReadThrough(const Week& week, std::uint64_t& executions);
  Result<bool> IsHeld(const Week& week);
  Result<database::Rows> Read(const database::Sql& sql, database::Params params);
  void Tell(const Week& week, State state);

  database::Database& db_;
  database::Upkeep& upkeep_;
  const Purge::Pause pause_;
  bool stopped_ = false;
  std::map<std::string, State> told_;  // of the weeks that stayed the last time
  struct Parent {
    AccountId account;
    ExecutionId id;
  };
  std::map<std::string, Parent> held_by_;  // who ran when we last looked: it need not be looked for again
};

}  // namespace elevaite::engine
