// The journal on the database port. Tables: journal/migrations.
#pragma once

#include <memory>

#include "engine/journal/journal.h"
#include "infra/database/database.h"

namespace elevaite::engine {

class DatabaseJournal final : public Journal {
 public:
  explicit DatabaseJournal(database::Database& db);
  ~DatabaseJournal() override;

  void Append(std::vector<JournalWrite> writes, Done done) override;
  void Resume() override;
  Result<std::vector<StoredExecution>> LoadUnfinished(std::uint32_t partition,
                                                      std::uint32_t partitions) override;
  Result<std::optional<StoredExecution>> LoadOne(const AccountId& account, const ExecutionId& id) override;
  Result<bool> Exists(const AccountId& account, const ExecutionId& id) override;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace elevaite::engine
