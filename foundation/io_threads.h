// IoThreads: one io_context and one thread a core.
//
// Whatever is started on an executor of this pool stays on that one thread, so state reached only from there
// needs no lock. Other threads hand work over with boost::asio::post(executor, ...) or OneShot
// (foundation/async.h).
//
// Lifetime: outlives every server, client, timer and coroutine that runs on it. The destructor stops the
// threads at once; coroutines that still wait are destroyed, not resumed.
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/io_context.hpp>
#include <cstddef>
#include <memory>
#include <thread>
#include <vector>

namespace elevaite {

class IoThreads {
 public:
  // 0 threads: as many as the machine has cores.
  explicit IoThreads(std::size_t threads = 0);
  ~IoThreads() { Stop(); }
  // Returns when nothing runs on them any more: what is still to be done is never done. For the end of a
  // process, before what it refers to goes.
  void Stop();
  IoThreads(const IoThreads&) = delete;
  IoThreads& operator=(const IoThreads&) = delete;

  std::size_t size() const { return contexts_.size(); }
  boost::asio::io_context& context(std::size_t index) { return *contexts_.at(index); }
  boost::asio::any_io_executor executor(std::size_t index) { return contexts_.at(index)->get_executor(); }

 private:
  std::vector<std::unique_ptr<boost::asio::io_context>> contexts_;
  std::vector<std::thread> threads_;
};

}  // namespace elevaite
