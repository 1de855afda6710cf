// Trace: what happened in a run, one line a step, and its hash: the same seed gives the same hash.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "foundation/ids.h"

namespace elevaite::simulation {

class Trace {
 public:
  // Lines cost time: kept only when somebody will read them.
  explicit Trace(bool keeps_lines) : keeps_lines_(keeps_lines) {}

  void SetTime(std::int64_t elapsed_us) { elapsed_us_ = elapsed_us; }
  void Note(std::string_view what, std::uint64_t number = 0);
  // `detail` is asked for only when lines are kept, and is not part of the hash.
  void Note(std::string_view what, const ExecutionId& id, std::uint64_t number = 0,
            const std::function<std::string()>& detail = {});

  std::uint64_t hash() const { return hash_; }
  bool keeps_lines() const { return keeps_lines_; }
  const std::vector<std::string>& lines() const { return lines_; }

 private:
  void Mix(std::string_view bytes);
  void Mix(std::uint64_t number);
  void Add(std::string line);
  std::string NameOf(const ExecutionId& id);

  bool keeps_lines_;
  std::int64_t elapsed_us_ = 0;
  std::uint64_t hash_ = 0xcbf2'9ce4'8422'2325;  // FNV-1a
  std::vector<std::string> lines_;
  std::vector<ExecutionId> seen_;  // in the order of their first mention: e1, e2 ...
};

}  // namespace elevaite::simulation
