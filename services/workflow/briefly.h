// What was read is remembered for a second, so that what is asked for often is not read each time.
#pragma once

#include <chrono>
#include <mutex>
#include <optional>
#include <string>
#include <unordered_map>
#include <utility>

namespace elevaite::workflow {

// Thread-safe. A copy is given out: T is to be cheap to copy.
template <class T>
class Briefly {
 public:
  explicit Briefly(std::size_t entries_max = 10'000) : entries_max_(entries_max) {}

  std::optional<T> Find(const std::string& key) {
    const std::scoped_lock lock(mutex_);
    const auto found = kept_.find(key);
    if (found == kept_.end() || std::chrono::steady_clock::now() - found->second.first > kTime)
      return std::nullopt;
    return found->second.second;
  }
  void Keep(const std::string& key, T value) {
    const std::scoped_lock lock(mutex_);
    if (kept_.size() >= entries_max_) kept_.clear();
    kept_.insert_or_assign(key, std::pair(std::chrono::steady_clock::now(), std::move(value)));
  }
  void Clear() {
    const std::scoped_lock lock(mutex_);
    kept_.clear();
  }

 private:
  static constexpr std::chrono::seconds kTime{1};
  const std::size_t entries_max_;
  std::mutex mutex_;
  std::unordered_map<std::string, std::pair<std::chrono::steady_clock::time_point, T>> kept_;  // under mutex_
};

}  // namespace elevaite::workflow
