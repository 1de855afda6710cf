// Recovery: reads back what is unfinished, a page at a time, between the rounds of a partition that is open
// already. So an owner takes over at once, however much waits; until all is read the partition looks into the
// journal for what a command is about (Partition::BeginRecovery), and timers may be late by as much.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>

#include "engine/partition/partition.h"

namespace elevaite::engine {

class Recovery {
 public:
  // Both must outlive it.
  Recovery(Journal& journal, Partition& partition, std::uint32_t index, std::uint32_t count)
      : journal_(journal), partition_(partition), index_(index), count_(count) {}

  Result<void> Begin(Predecessor predecessor);
  // There is more to read.
  bool goes_on() const { return goes_on_; }
  // On the partition's thread, so that nothing ends between reading and taking over. After an error the same
  // page is read again.
  Result<void> ReadPage(std::size_t executions_max);
  // So far.
  std::uint64_t executions() const { return executions_; }

 private:
  Journal& journal_;
  Partition& partition_;
  const std::uint32_t index_;
  const std::uint32_t count_;
  std::optional<UnfinishedCursor> next_;
  bool goes_on_ = false;
  std::uint64_t executions_ = 0;
};

// All of it at once.
Result<void> RecoverAll(Journal& journal, Partition& partition, Predecessor predecessor);

}  // namespace elevaite::engine
