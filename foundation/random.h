// Random numbers as a port: the kernel's in production, a seeded sequence in simulation.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

namespace elevaite {

class Random {
 public:
  virtual ~Random() = default;
  virtual std::uint64_t Next() = 0;  // all 64 bits evenly

  void Fill(std::span<std::byte> bytes);
  std::uint64_t Below(std::uint64_t bound);  // 0 .. bound-1 without bias; 0 for a bound of 0
  double Unit() { return static_cast<double>(Next() >> 11U) * 0x1.0p-53; }  // 0 <= x < 1
};

// getrandom(2), buffered per thread; fit for secrets. Thread-safe, also after fork().
Random& SystemRandom();

// The same seed gives the same sequence on every machine (xoshiro256**, Blackman and Vigna 2018). Not for
// secrets, not thread-safe.
class SeededRandom final : public Random {
 public:
  explicit SeededRandom(std::uint64_t seed);
  std::uint64_t Next() override;

 private:
  std::uint64_t state_[4];
};

}  // namespace elevaite
