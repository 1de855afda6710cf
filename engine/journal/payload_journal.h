// A journal whose large values stand in the store of objects: puts itself before another one. Whoever uses it
// sees rows with all their values.
//
// An append waits until its objects are on disk, and those after it wait for it, so that all come to the
// other journal in order; none is held up by what another partition writes. Within an execution, what has
// been written before is not written again: a snapshot refers to what its events brought.
//
// Objects whose append fails are left to the sweep (payload_sweep.h): it may have been written all the same.
#pragma once

#include <memory>

#include "engine/journal/journal.h"
#include "engine/journal/payloads.h"

namespace elevaite::engine {

class PayloadJournal final : public Journal {
 public:
  struct Options {
    std::size_t inline_bytes_max = kInlineBytesMax;
    UuidGenerator* uuids = &SystemUuids();  // must outlive it
  };

  // The store must outlive it. Null: nothing is written to one, and what was cannot be read.
  PayloadJournal(std::unique_ptr<Journal> journal, PayloadStore* store, Options options);
  PayloadJournal(std::unique_ptr<Journal> journal, PayloadStore* store)
      : PayloadJournal(std::move(journal), store, Options()) {}
  ~PayloadJournal() override;

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
  class Impl;
  Result<StoredExecution> Whole(StoredExecution stored) const;
  StoredExecution WholeOrDamaged(StoredExecution stored) const;

  std::shared_ptr<Impl> impl_;  // appends that are not answered share it
};

}  // namespace elevaite::engine
