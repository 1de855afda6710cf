// How late an I/O thread is to what it has to do: found out by a handler that waits its turn there.
#pragma once

#include <atomic>
#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/post.hpp>
#include <chrono>
#include <memory>

#include "engine/admission/admission.h"

namespace elevaite::workflow {

// One handler is under way at a time, whatever the load. Thread-safe.
class LatenessProbe {
 public:
  explicit LatenessProbe(std::shared_ptr<engine::Admission> admission)
      : state_(std::make_shared<State>(std::move(admission))) {}

  void Send(const boost::asio::any_io_executor& thread) {
    if (state_->under_way.exchange(true, std::memory_order_relaxed)) return;
    boost::asio::post(thread, [state = state_, sent = std::chrono::steady_clock::now()] {
      const auto late = std::chrono::steady_clock::now() - sent;
      state->admission->Late(std::chrono::duration_cast<engine::Admission::Duration>(late));
      state->under_way.store(false, std::memory_order_relaxed);
    });
  }

 private:
  struct State {
    explicit State(std::shared_ptr<engine::Admission> told) : admission(std::move(told)) {}
    std::shared_ptr<engine::Admission> admission;
    std::atomic<bool> under_way = false;
  };
  std::shared_ptr<State> state_;
};

}  // namespace elevaite::workflow
