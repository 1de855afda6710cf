// LiveFeed: tells listeners that an execution has new events on disk. It carries no events: listeners read
// them from the journal, so nothing can be missed or seen before it is durable.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <unordered_map>

#include "foundation/ids.h"

namespace elevaite::engine {

class LiveFeed {
 public:
  // Called with the number of the last event on disk, on the partition's thread: must not block.
  using Listener = std::function<void(std::uint64_t seq)>;

  // Ends the subscription when it is destroyed; after that the listener is not called any more.
  class Subscription {
   public:
    Subscription(LiveFeed& feed, ExecutionId id, std::uint64_t number)
        : feed_(feed), id_(id), number_(number) {}
    ~Subscription() { feed_.Remove(id_, number_); }
    Subscription(const Subscription&) = delete;
    Subscription& operator=(const Subscription&) = delete;

   private:
    LiveFeed& feed_;
    ExecutionId id_;
    std::uint64_t number_;
  };

  std::unique_ptr<Subscription> Subscribe(const ExecutionId& id, Listener listener) {
    const std::scoped_lock lock(mutex_);
    const std::uint64_t number = next_++;
    listeners_.emplace(id, Entry{number, std::move(listener)});
    count_.fetch_add(1, std::memory_order_relaxed);
    return std::make_unique<Subscription>(*this, id, number);
  }

  void Publish(const ExecutionId& id, std::uint64_t seq) {
    if (count_.load(std::memory_order_relaxed) == 0) return;
    const std::scoped_lock lock(mutex_);
    const auto [begin, end] = listeners_.equal_range(id);
    for (auto it = begin; it != end; ++it) it->second.listener(seq);
  }

 private:
  struct Entry {
    std::uint64_t number;
    Listener listener;
  };

  void Remove(const ExecutionId& id, std::uint64_t number) {
    const std::scoped_lock lock(mutex_);
    const auto [begin, end] = listeners_.equal_range(id);
    for (auto it = begin; it != end; ++it) {
      if (it->second.number != number) continue;
      listeners_.erase(it);
      count_.fetch_sub(1, std::memory_order_relaxed);
      return;
    }
  }

  std::mutex mutex_;
  std::unordered_multimap<ExecutionId, Entry> listeners_;
  std::atomic<std::size_t> count_{0};
  std::uint64_t next_ = 1;
};

}  // namespace elevaite::engine
