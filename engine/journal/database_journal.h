// The journal on the database port. Tables: journal/migrations.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>

#include "engine/journal/journal.h"
#include "infra/database/database.h"

namespace elevaite::engine {

// With it a journal writes only while its owner has the partition (engine/cluster/ownership.h); PostgreSQL
// only.
struct Fence {
  std::uint32_t partition = 0;
  std::int64_t epoch = 0;
  std::int64_t writer = 0;  // the node's number, for its events
};

class Projector;

class DatabaseJournal final : public Journal {
 public:
  // The projector is told of labels that are due, and must outlive it; null: they wait for another one.
  explicit DatabaseJournal(database::Database& db, std::optional<Fence> fence = {},
                           Projector* projector = nullptr);
  ~DatabaseJournal() override;

  void Append(std::vector<JournalWrite> writes, Done done) override;
  void Resume() override;
  bool IsTakenOver() const override;
  Result<UnfinishedPage> LoadUnfinished(std::uint32_t partition, std::uint32_t partitions,
                                        const std::optional<UnfinishedCursor>& after,
                                        std::size_t limit) override;
  Result<std::int64_t> NewestUnfinished(std::uint32_t partition, std::uint32_t partitions) override;
  Result<std::vector<ExecutionRecord>> LoadAwaitedBy(std::uint32_t partition,
                                                     std::uint32_t partitions) override;
  Result<std::optional<StoredExecution>> LoadOne(const AccountId& account, const ExecutionId& id) override;
  Result<bool> Exists(const AccountId& account, const ExecutionId& id) override;

 private:
  struct Impl;
  std::shared_ptr<Impl> impl_;  // appends that are not answered share it
};

}  // namespace elevaite::engine
