// Which webhook answers at a path, and which program it starts. What was read is remembered for a second: a
// busy webhook does not ask the database each time, and a change counts on other nodes after that time.
#pragma once

#include <chrono>
#include <memory>
#include <mutex>
#include <string>
#include <unordered_map>
#include <vector>

#include "services/workflow/service.h"
#include "services/workflow/webhooks/webhook_store.h"

namespace elevaite::workflow {

// Thread-safe.
template <class T>
class Briefly {
 public:
  std::optional<T> Find(const std::string& key) {
    const std::scoped_lock lock(mutex_);
    const auto found = kept_.find(key);
    if (found == kept_.end() || std::chrono::steady_clock::now() - found->second.first > kTime)
      return std::nullopt;
    return found->second.second;
  }
  void Keep(const std::string& key, T value) {
    const std::scoped_lock lock(mutex_);
    if (kept_.size() >= kEntriesMax) kept_.clear();
    kept_.insert_or_assign(key, std::pair(std::chrono::steady_clock::now(), std::move(value)));
  }
  void Clear() {
    const std::scoped_lock lock(mutex_);
    kept_.clear();
  }

 private:
  static constexpr std::chrono::seconds kTime{1};
  static constexpr std::size_t kEntriesMax = 10'000;
  std::mutex mutex_;
  std::unordered_map<std::string, std::pair<std::chrono::steady_clock::time_point, T>> kept_;  // under mutex_
};

class WebhookDirectory {
 public:
  using Webhooks = std::shared_ptr<const std::vector<Webhook>>;
  using Program = std::shared_ptr<const dsl::Program>;

  WebhookDirectory(WebhookStore& store, WorkflowService& service) : store_(store), service_(service) {}

  // All at the path; kNotFound: there is none.
  Task<Webhooks> At(AccountId account, std::string path);
  // The latest version of its workflow.
  Task<Program> ProgramOf(AccountId account, std::string name_space, std::string workflow);
  // One was changed.
  void Forget() { webhooks_.Clear(); }

 private:
  WebhookStore& store_;
  WorkflowService& service_;
  Briefly<Webhooks> webhooks_;
  Briefly<Program> programs_;
};

}  // namespace elevaite::workflow
