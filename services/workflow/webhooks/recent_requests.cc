#include "services/workflow/webhooks/recent_requests.h"

#include <algorithm>

namespace elevaite::workflow {
namespace {

std::size_t BytesOf(const SeenRequest& request) {
  std::size_t bytes = sizeof(SeenRequest) + request.reason.size() + request.raw.size();
  bytes += request.head.MemoryBytes();
  if (request.body) bytes += request.body->MemoryBytes();
  return bytes;
}

}  // namespace

std::string_view NameOf(HookResult result) {
  static constexpr std::array<std::string_view, kHookResults> kNames{
      "started",   "duplicate",   "ignored", "captured",     "verified", "replayed", "unauthenticated",
      "too_large", "unsupported", "invalid", "wrong_method", "disabled", "failed"};
  return kNames[static_cast<std::size_t>(result)];
}

void RecentRequests::Add(const WebhookId& webhook, SeenRequest request) {
  counts_[static_cast<std::size_t>(request.result)].fetch_add(1, std::memory_order_relaxed);
  const std::size_t bytes = BytesOf(request);
  auto kept = std::make_shared<const SeenRequest>(std::move(request));
  const std::scoped_lock lock(mutex_);
  Queue& queue = queues_[webhook];
  queue.push_back({std::move(kept), bytes});
  bytes_ += bytes;
  if (queue.size() > kKept) DropOldest(queue);
  MakeRoom();
}

void RecentRequests::DropOldest(Queue& queue) {
  bytes_ -= queue.front().bytes;
  queue.pop_front();
}

void RecentRequests::MakeRoom() {
  while (bytes_ > kBytesMax) {
    const auto oldest = std::ranges::min_element(
        queues_, {}, [](const auto& entry) { return entry.second.front().request->at; });
    DropOldest(oldest->second);
    if (oldest->second.empty()) queues_.erase(oldest);
  }
}

std::vector<std::shared_ptr<const SeenRequest>> RecentRequests::Of(const WebhookId& webhook) const {
  std::vector<std::shared_ptr<const SeenRequest>> requests;
  const std::scoped_lock lock(mutex_);
  const auto found = queues_.find(webhook);
  if (found == queues_.end()) return requests;
  for (const Kept& kept : found->second) requests.push_back(kept.request);
  std::ranges::reverse(requests);
  return requests;
}

std::shared_ptr<const SeenRequest> RecentRequests::Last(const WebhookId& webhook) const {
  const std::scoped_lock lock(mutex_);
  const auto found = queues_.find(webhook);
  return found == queues_.end() ? nullptr : found->second.back().request;
}

std::shared_ptr<const SeenRequest> RecentRequests::Find(const WebhookId& webhook,
                                                        const WebhookRequestId& id) const {
  for (const auto& request : Of(webhook)) {
    if (request->id == id) return request;
  }
  return nullptr;
}

void RecentRequests::Forget(const WebhookId& webhook) {
  const std::scoped_lock lock(mutex_);
  const auto found = queues_.find(webhook);
  if (found == queues_.end()) return;
  for (const Kept& kept : found->second) bytes_ -= kept.bytes;
  queues_.erase(found);
}

}  // namespace elevaite::workflow
