#include "engine/cluster/member.h"

#include <pthread.h>

#include <future>
#include <utility>
#include <vector>

#include "engine/engine.h"

namespace elevaite::engine {
namespace {

// Waits for all: what they ask of the database shares commits.
void ForEachAtOnce(const std::vector<PartitionRow>& rows,
                   const std::function<void(const PartitionRow&)>& action) {
  std::vector<std::future<void>> under_way;
  for (const PartitionRow& row : rows)
    under_way.push_back(std::async(std::launch::async, [&action, &row] { action(row); }));
}

}  // namespace

Member::Member(Ownership& ownership, MemberOptions options)
    : Membership(ownership, SystemClock(),
                 {.id = std::move(options.id),
                  .lease = options.lease,
                  .partitions = options.partitions,
                  .for_each_row = ForEachAtOnce}),
      look_every_(options.look_every),
      looked_(std::move(options.looked)) {}

void Member::Start(Engine& engine) {
  engine_ = &engine;
  Use(engine);
  thread_ = std::thread([this] { Run(); });
}

void Member::Leave(std::chrono::milliseconds patience) {
  BeginLeaving();
  Wake();
  std::unique_lock lock(mutex_);
  left_.wait_for(lock, patience, [this] { return has_left() || stopping_ || !thread_.joinable(); });
}

void Member::Stop() {
  {
    const std::scoped_lock lock(mutex_);
    stopping_ = true;
    wake_.notify_one();
  }
  if (thread_.joinable()) thread_.join();
}

void Member::Wake() {
  const std::scoped_lock lock(mutex_);
  woken_ = true;
  wake_.notify_one();
}

void Member::Run() {
  pthread_setname_np(pthread_self(), "cluster");
  while (true) {
    Round(engine_->events().WantsLifecycle());
    if (looked_) looked_();
    std::unique_lock lock(mutex_);
    if (has_left()) left_.notify_all();
    wake_.wait_for(lock, look_every_, [this] { return woken_ || stopping_; });
    woken_ = false;
    if (stopping_) return;
  }
}

}  // namespace elevaite::engine
