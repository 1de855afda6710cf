// Member: the membership of a process in a cluster, its rounds made by a thread of its own: every
// `look_every` and whenever it is woken.
#pragma once

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <mutex>
#include <string>
#include <thread>

#include "engine/cluster/membership.h"

namespace elevaite::engine {

class Engine;

struct MemberOptions {
  std::string id;
  std::chrono::milliseconds lease{4'000};
  std::chrono::milliseconds look_every{200};
  std::uint32_t partitions = 16;
  std::function<void()> looked{};  // after each round; on the member's thread
};

class Member final : public Membership {
 public:
  // The ownership must outlive it.
  Member(Ownership& ownership, MemberOptions options);
  ~Member() { Stop(); }

  // The engine must outlive the member's thread, and its hub must have been started.
  void Start(Engine& engine);
  // Gives everything back and leaves; returns when that is done, or after `patience`.
  void Leave(std::chrono::milliseconds patience);
  void Stop();
  // Makes a round soon. Any thread.
  void Wake();

 private:
  void Run();

  const std::chrono::milliseconds look_every_;
  const std::function<void()> looked_;
  Engine* engine_ = nullptr;

  std::mutex mutex_;  // for all below
  std::condition_variable wake_;
  std::condition_variable left_;
  bool woken_ = false;
  bool stopping_ = false;
  std::thread thread_;
};

}  // namespace elevaite::engine
