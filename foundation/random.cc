#include "foundation/random.h"

#include <pthread.h>
#include <sys/random.h>

#include <algorithm>
#include <atomic>
#include <bit>
#include <cerrno>
#include <cstring>
#include <utility>

#include "foundation/result.h"

namespace elevaite {
namespace {

// A child of fork() inherits the buffers of its parent; a new generation makes it throw them away.
std::atomic<std::uint64_t> fork_generation{1};

class KernelRandom final : public Random {
 public:
  KernelRandom() {
    pthread_atfork(nullptr, nullptr, [] { fork_generation.fetch_add(1, std::memory_order_relaxed); });
  }

  std::uint64_t Next() override {
    thread_local Buffer buffer;
    const std::uint64_t generation = fork_generation.load(std::memory_order_relaxed);
    if (buffer.used == std::size(buffer.words) || buffer.generation != generation) Refill(buffer, generation);
    // A word is wiped when it is given out, so that memory read later does not tell earlier secrets.
    return std::exchange(buffer.words[buffer.used++], 0);
  }

 private:
  struct Buffer {
    std::uint64_t words[32]{};
    std::size_t used = std::size(words);
    std::uint64_t generation = 0;
  };

  static void Refill(Buffer& buffer, std::uint64_t generation) {
    // Up to 256 bytes getrandom never returns short once the pool is ready, but a signal may interrupt the
    // wait for that.
    ssize_t got = 0;
    do got = getrandom(buffer.words, sizeof(buffer.words), 0);
    while (got < 0 && errno == EINTR);
    CHECK(got == static_cast<ssize_t>(sizeof(buffer.words)));
    buffer.used = 0;
    buffer.generation = generation;
  }
};

}  // namespace

void Random::Fill(std::span<std::byte> bytes) {
  while (!bytes.empty()) {
    const std::uint64_t word = Next();
    const std::size_t count = std::min(bytes.size(), sizeof(word));
    std::memcpy(bytes.data(), &word, count);
    bytes = bytes.subspan(count);
  }
}

std::uint64_t Random::Below(std::uint64_t bound) {
  if (bound == 0) return 0;
  // Draws from the uneven end of the range are thrown away; at worst every second one.
  const std::uint64_t uneven = (0 - bound) % bound;
  std::uint64_t word = Next();
  while (word < uneven) word = Next();
  return word % bound;
}

Random& SystemRandom() {
  static KernelRandom random;
  return random;
}

SeededRandom::SeededRandom(std::uint64_t seed) {
  for (std::uint64_t& word : state_) {  // splitmix64
    seed += 0x9E3779B97F4A7C15ULL;
    std::uint64_t z = seed;
    z = (z ^ (z >> 30U)) * 0xBF58476D1CE4E5B9ULL;
    z = (z ^ (z >> 27U)) * 0x94D049BB133111EBULL;
    word = z ^ (z >> 31U);
  }
}

std::uint64_t SeededRandom::Next() {
  const std::uint64_t result = std::rotl(state_[1] * 5, 7) * 9;
  const std::uint64_t shifted = state_[1] << 17U;
  state_[2] ^= state_[0];
  state_[3] ^= state_[1];
  state_[1] ^= state_[2];
  state_[0] ^= state_[3];
  state_[2] ^= shifted;
  state_[3] = std::rotl(state_[3], 45);
  return result;
}

}  // namespace elevaite
