// The last requests of each webhook, also those that were refused: for people who connect a sender. They are
// in the memory of the process that took them, and go with it.
#pragma once

#include <array>
#include <atomic>
#include <deque>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "foundation/clock.h"
#include "foundation/json.h"
#include "services/workflow/webhooks/webhook.h"

namespace elevaite::workflow {

struct WebhookRequestTag {
  static constexpr std::string_view kPrefix = "whr_", kName = "request";
};
using WebhookRequestId = Id<WebhookRequestTag>;

// What became of a request.
enum class HookResult : std::uint8_t {
  kStarted,
  kDuplicate,  // it had started an execution before
  kIgnored,    // by the filter
  kCaptured,
  kVerified,  // the sender only asked whether somebody is here (Slack's url_verification)
  kReplayed,  // somebody had it done again
  kUnauthenticated,
  kTooLarge,
  kUnsupported,  // a type that is not read
  kInvalid,      // not what its type says, or nothing that an expression can take
  kWrongMethod,
  kDisabled,
  kFailed,  // the start, or the answer
};
inline constexpr std::size_t kHookResults = 13;
std::string_view NameOf(HookResult result);

struct SeenRequest {
  WebhookRequestId id = WebhookRequestId::New();
  Timestamp at;
  std::chrono::microseconds duration{0};
  HookResult result = HookResult::kFailed;
  int status = 0;
  std::string reason;  // why it was refused; empty: it was not
  std::optional<ExecutionId> execution;
  Json head;                        // {method, path, headers, query}, without credentials
  std::vector<std::string> hidden;  // headers that were left out
  std::size_t body_bytes = 0;
  // As the workflow gets it. Absent: it could not be read, or is longer than kKeptBodyBytes.
  std::optional<Json> body;
  std::string raw;  // the beginning of one that is absent, if it is text
};

class RecentRequests {
 public:
  static constexpr std::size_t kKept = 50;  // of each webhook
  static constexpr std::size_t kKeptBodyBytes = 64U << 10U;
  static constexpr std::size_t kKeptRawBytes = 4U << 10U;
  static constexpr std::size_t kBytesMax = 32U << 20U;  // of all: beyond that the oldest go

  // Thread-safe, all of it.
  void Add(const WebhookId& webhook, SeenRequest request);
  std::vector<std::shared_ptr<const SeenRequest>> Of(const WebhookId& webhook) const;  // the newest first
  std::shared_ptr<const SeenRequest> Last(const WebhookId& webhook) const;             // null: none
  std::shared_ptr<const SeenRequest> Find(const WebhookId& webhook, const WebhookRequestId& id) const;
  void Forget(const WebhookId& webhook);
  // How many there have been of this kind, since the process began.
  std::uint64_t Count(HookResult result) const { return counts_[static_cast<std::size_t>(result)].load(); }

 private:
  struct Kept {
    std::shared_ptr<const SeenRequest> request;
    std::size_t bytes = 0;
  };
  using Queue = std::deque<Kept>;
  void DropOldest(Queue& queue);
  void MakeRoom();

  mutable std::mutex mutex_;
  std::map<WebhookId, Queue> queues_;  // under mutex_; the newest last
  std::size_t bytes_ = 0;              // under mutex_
  std::array<std::atomic<std::uint64_t>, kHookResults> counts_{};
};

}  // namespace elevaite::workflow
