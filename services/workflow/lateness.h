// How late an I/O thread is to what it has to do: found out by a descriptor that is readable at once and
// waits its turn in epoll's list of those that are. A handler that is posted would wait for the few that were
// taken from that list only, not for the many that are still in it.
#pragma once

#include <sys/eventfd.h>

#include <atomic>
#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <chrono>
#include <memory>

#include "engine/admission/admission.h"

namespace elevaite::workflow {

// One is under way at a time, and one begins in kEach, whatever the load: a probe costs seven system calls.
// Thread-safe.
class LatenessProbe {
 public:
  explicit LatenessProbe(std::shared_ptr<engine::Admission> admission)
      : state_(std::make_shared<State>(std::move(admission))) {}

  // On that thread.
  void Send(const boost::asio::any_io_executor& thread) {
    const std::int64_t now_us = NowUs();
    if (now_us < state_->next_us.load(std::memory_order_relaxed)) return;
    std::int64_t sent_us = 0;
    if (!state_->sent_us.compare_exchange_strong(sent_us, now_us, std::memory_order_relaxed))
      return state_->Tell(now_us - sent_us);  // so late at least, and who knows when it ends
    state_->next_us.store(now_us + kEach.count(), std::memory_order_relaxed);
    state_->asked.store(state_->admission->asked(), std::memory_order_relaxed);
    const int readable = eventfd(1, EFD_CLOEXEC | EFD_NONBLOCK);
    if (readable < 0) return state_->sent_us.store(0, std::memory_order_relaxed);
    auto probe = std::make_shared<boost::asio::posix::stream_descriptor>(thread, readable);
    probe->async_wait(boost::asio::posix::descriptor_base::wait_read,
                      [state = state_, probe, now_us](const boost::system::error_code& /*ended*/) {
                        state->Tell(NowUs() - now_us);
                        state->sent_us.store(0, std::memory_order_relaxed);
                      });
  }

 private:
  static constexpr std::chrono::microseconds kEach{2'000};  // several between two looks of admission

  struct State {
    explicit State(std::shared_ptr<engine::Admission> told) : admission(std::move(told)) {}
    void Tell(std::int64_t late_us) const {
      admission->Late(engine::Admission::Duration(late_us), asked.load(std::memory_order_relaxed));
    }

    const std::shared_ptr<engine::Admission> admission;
    std::atomic<std::int64_t> sent_us = 0;  // 0: none is under way
    std::atomic<std::uint64_t> asked = 0;   // by admission's count, then
    std::atomic<std::int64_t> next_us = 0;  // begins then
  };
  static std::int64_t NowUs() {
    return std::chrono::duration_cast<std::chrono::microseconds>(
               std::chrono::steady_clock::now().time_since_epoch())
        .count();
  }

  const std::shared_ptr<State> state_;
};

}  // namespace elevaite::workflow
