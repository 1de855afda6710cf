// Holds: what pauses of an account, of a workflow or of a part of its runs mean for the executions that run
// already. They are rules that each partition has in memory, so that one takes effect at once however much
// runs: an execution that falls under a hold is paused (engine/machine/repair.h) when something is about to
// happen to it, and one that only waits is not touched before that. What they say is stored elsewhere; an
// owner knows them before it does anything (PartitionThread::Options::read_holds).
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "engine/journal/journal.h"
#include "engine/machine/state.h"
#include "foundation/ids.h"
#include "foundation/json.h"

namespace elevaite::engine {

struct Hold {
  AccountId account;
  std::string workflow{};  // namespace.name; empty: all of the account
  // Those whose workflow was given an input with this key; nothing: all.
  struct Key {
    std::string name;  // of what makes it; the same for all keys that `of` makes
    std::string value;
    // Nothing: the input has none. Called on any thread; must be quick.
    std::function<std::optional<std::string>(const Json& input)> of;
  };
  std::optional<Key> key{};
  Json scope{};  // how people see it; what it pauses says so by this, in `hold` of its note
  Json note{};   // {by, reason}
};

class Holds {
 public:
  Holds() = default;
  explicit Holds(std::vector<Hold> holds);

  bool empty() const { return accounts_.empty(); }
  bool IsSame(const Holds& other) const { return texts_ == other.texts_; }
  // The accounts for which something else holds than by `before`.
  std::vector<AccountId> ChangedSince(const Holds& before) const;
  // The widest one that it falls under; null: none.
  const Hold* Over(const ExecutionRecord& record, const Json& input) const;

 private:
  // Of a workflow. A key is made once for an input, however many are held.
  struct Keys {
    decltype(Hold::Key::of) of;
    std::map<std::string, Hold, std::less<>> values;
  };
  struct OfWorkflow {
    std::optional<Hold> all;
    std::map<std::string, Keys> keys;  // by name
  };
  struct OfAccount {
    std::optional<Hold> all;  // of the account itself
    std::map<std::string, OfWorkflow, std::less<>> workflows;
  };
  static const Hold* Over(const OfWorkflow& workflow, const Json& input);
  std::map<AccountId, OfAccount> accounts_;
  std::map<AccountId, std::set<std::string>> texts_;  // all that is known of each
};

// What a pause of an execution by a hold is noted with.
Json NoteOf(const Hold& hold);
// It is paused, and by a hold, not by a person.
bool IsPausedByHold(const State& state);

// What holds at the moment, for all partitions of a process. Thread-safe.
class HoldBoard {
 public:
  // `changed`: called on the thread that has read; must not block.
  explicit HoldBoard(std::function<void()> changed = {}) : changed_(std::move(changed)) {}

  // Whoever reads what is stored says so before; of two readings the one counts that began later.
  std::uint64_t BeginReading() { return next_.fetch_add(1); }
  void Set(std::uint64_t reading, Holds holds);

  std::shared_ptr<const Holds> now() const { return holds_.load(); }
  // Another number: something else may hold.
  std::uint64_t version() const { return version_.load(std::memory_order_acquire); }

 private:
  const std::function<void()> changed_;
  std::atomic<std::uint64_t> next_ = 1;
  std::mutex mutex_;
  std::uint64_t newest_ = 0;  // reading; under mutex_
  std::atomic<std::shared_ptr<const Holds>> holds_ = std::make_shared<const Holds>();
  std::atomic<std::uint64_t> version_ = 0;
};

}  // namespace elevaite::engine
