// Timeline: the programs of one execution, by the number of the event. One that was moved to another version
// has several.
#pragma once

#include <algorithm>
#include <cstdint>
#include <memory>
#include <utility>
#include <vector>

#include "dsl/program.h"
#include "engine/journal/journal.h"
#include "engine/machine/event.h"

namespace elevaite::workflow {

class Timeline {
 public:
  using ProgramPtr = std::shared_ptr<const dsl::Program>;

  // `record` as it was when the programs were looked up.
  explicit Timeline(engine::ExecutionRecord record) : record_(std::move(record)) {}
  // In order. The first one is from 0; each other one from the event that moved the execution to it.
  void Add(std::uint64_t from_seq, ProgramPtr program) { spans_.push_back({from_seq, std::move(program)}); }

  const engine::ExecutionRecord& record() const { return record_; }
  const ProgramPtr& At(std::uint64_t seq) const {
    const auto next = std::ranges::upper_bound(spans_, seq, {}, &Span::from_seq);
    return std::prev(next)->program;
  }
  // False: these events were read after the record, and one of them moved the execution.
  bool Covers(const std::vector<engine::Event>& events) const {
    return std::ranges::all_of(events, [this](const engine::Event& event) {
      return event.type != engine::EventType::kExecutionMigrated ||
             std::ranges::binary_search(spans_, event.seq, {}, &Span::from_seq);
    });
  }

 private:
  struct Span {
    std::uint64_t from_seq;
    ProgramPtr program;
  };
  engine::ExecutionRecord record_;
  std::vector<Span> spans_;
};

}  // namespace elevaite::workflow
