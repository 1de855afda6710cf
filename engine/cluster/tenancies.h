// The partitions of a process, as whoever decides what it owns (membership.h) sees them: it opens and closes
// them, and they tell how far that is. Thread-safe.
#pragma once

#include <cstdint>
#include <optional>

#include "engine/cluster/ownership.h"

namespace elevaite::engine {

//   closed -> opening (reads back what is unfinished; commands wait) -> open -> closing (lets the commits in
//   flight end, takes nothing) -> closed
enum class TenancyState : std::uint8_t { kClosed, kOpening, kOpen, kClosing };

struct Tenancy {
  TenancyState state = TenancyState::kClosed;
  Tenure tenure{};                 // the newest
  bool was_taken_over = false;     // it ended because somebody else had the partition already
  std::optional<Error> failure{};  // of commits, or of the opening: then it is closed again
};

class Tenancies {
 public:
  virtual ~Tenancies() = default;
  virtual std::uint32_t partitions() const = 0;
  virtual Tenancy TenancyOf(std::uint32_t partition) const = 0;
  // Begins the tenure, when the partition is closed.
  virtual void Open(const Tenure& tenure) = 0;
  virtual void Close(std::uint32_t partition) = 0;
};

}  // namespace elevaite::engine
