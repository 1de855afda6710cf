#include "foundation/io_threads.h"

#include <pthread.h>

#include <algorithm>
#include <boost/asio/executor_work_guard.hpp>
#include <string>

namespace elevaite {

IoThreads::IoThreads(std::size_t threads) {
  if (threads == 0) threads = std::max(1U, std::thread::hardware_concurrency());
  for (std::size_t i = 0; i < threads; ++i) contexts_.push_back(std::make_unique<boost::asio::io_context>(1));
  for (std::size_t i = 0; i < threads; ++i) {
    threads_.emplace_back([context = contexts_[i].get(), name = "io-" + std::to_string(i)] {
      pthread_setname_np(pthread_self(), name.c_str());
      const auto keep_running = boost::asio::make_work_guard(*context);
      context->run();
    });
  }
}

void IoThreads::Stop() {
  for (auto& context : contexts_) context->stop();
  for (auto& thread : threads_) thread.join();
  threads_.clear();
}

}  // namespace elevaite
