// Stands between a client and the server of a test, and loses the connection where the test says: just
// before a COMMIT reaches the server, or just before its answer reaches the client.
#pragma once

#include <atomic>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "infra/database/test_folder.h"

namespace elevaite::database {

class LossyProxy {
 public:
  enum class Lose { kNothing, kCommit, kAnswer };

  // `server`: the folder of the server's socket.
  explicit LossyProxy(std::string server);
  LossyProxy(const LossyProxy&) = delete;
  LossyProxy& operator=(const LossyProxy&) = delete;
  ~LossyProxy();

  std::string folder() const { return folder_.File("."); }
  // The next time only.
  void LoseNext(Lose what) { lose_ = what; }
  int losses() const { return losses_; }

 private:
  void Accept();
  void Relay(int client, int server);
  bool Forward(int from, int to, Lose what, std::string_view sign);

  TestFolder folder_;
  const std::string server_;
  int listener_;
  std::atomic<bool> ending_{false};
  std::atomic<Lose> lose_{Lose::kNothing};
  std::atomic<int> losses_{0};
  std::mutex mutex_;
  std::vector<std::thread> threads_;
  std::thread acceptor_;
};

}  // namespace elevaite::database
