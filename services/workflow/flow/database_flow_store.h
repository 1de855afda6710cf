// The tables of flow control.
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "infra/database/database.h"
#include "services/workflow/flow/keeper.h"
#include "services/workflow/store.h"

namespace elevaite::flow {

template <class T>
using Task = workflow::Task<T>;

// Writes, for one keeper; what it is told comes on `executor`.
class DatabaseFlowStore final : public FlowStore {
 public:
  DatabaseFlowStore(database::Database& db, boost::asio::any_io_executor executor)
      : db_(db), executor_(std::move(executor)) {}

  // From now on this one writes, and no other. Blocks.
  Result<void> Begin();
  // Of Begin on: all there is. What holds nothing back any more by then is forgotten first. Blocks.
  Result<StoredFlow> Load(std::int64_t now_us);
  void Write(std::vector<Change> changes, std::function<void(Result<void>)> done) override;

 private:
  Result<void> ForgetPaces(std::int64_t now_us);
  Result<std::vector<SetPace>> LoadPaces();
  Result<void> LoadRuns(const AccountId& account, StoredFlow& all);
  // How much the batches of an account have collected.
  Result<void> CountCollected(const AccountId& account, std::vector<StoredRun>& runs);

  database::Database& db_;
  boost::asio::any_io_executor executor_;
  std::int64_t epoch_ = 0;
};

// Reads, for whoever asks. Every call names its account.
class FlowReader {
 public:
  explicit FlowReader(database::Database& db) : db_(db) {}

  struct Found {
    StoredRun run;
    Json input;  // of a batch: what it has collected
  };
  Task<std::optional<Found>> Find(AccountId account, ExecutionId id);
  // Without its input.
  Task<std::optional<StoredRun>> FindRun(AccountId account, ExecutionId id);
  // What waits, in the order in which it came, from after `after` on.
  Task<std::vector<StoredRun>> Queued(AccountId account, std::int64_t after, std::size_t most);
  // Those of one state, in the same order.
  Task<std::vector<StoredRun>> InState(AccountId account, RunState state, std::int64_t after,
                                       std::size_t most);
  // What waits of a workflow, by version.
  Task<std::map<std::string, std::int64_t>> QueuedByVersion(AccountId account, std::string workflow);
  Task<std::optional<StoredRules>> Rules(AccountId account, std::string workflow);
  Task<std::vector<Pause>> Pauses(AccountId account);
  // Of all accounts.
  Task<std::vector<StoredRules>> AllRules();
  Task<std::vector<Pause>> AllPauses();
  Result<std::vector<Pause>> AllPausesNow() const;  // blocks

 private:
  Task<Json> Collected(AccountId account, ExecutionId id);

  database::Database& db_;
};

}  // namespace elevaite::flow
