// EventTail: in a cluster, reads what each node has written into the table of events and gives it to the hub,
// in the order of its writer (journal/migrations/postgres/0004_cluster.sql says why none can be missed). A
// thread of its own; asked when this process has written something, and else often enough for what others
// write.
#pragma once

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <map>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "engine/events/hub.h"
#include "infra/database/database.h"

namespace elevaite::engine {

class EventTail {
 public:
  using Writers = std::function<std::vector<std::int64_t>()>;  // the numbers of the nodes, dead ones too

  EventTail(database::Database& db, EventHub& hub, Writers writers, std::chrono::milliseconds every)
      : db_(db), hub_(hub), writers_(std::move(writers)), every_(every) {}
  ~EventTail() { Stop(); }

  // Starts the hub, too (see there): it has what was written until now, the tail what comes.
  Result<void> Start(std::int64_t newest_us);
  void Stop();
  // Something was written here.
  void Wake();

 private:
  void Run();
  Result<void> ReadAll();
  Result<void> Read(std::int64_t writer, std::int64_t& mark);

  database::Database& db_;
  EventHub& hub_;
  const Writers writers_;
  const std::chrono::milliseconds every_;
  std::map<std::int64_t, std::int64_t> marks_;  // what has been read of each writer; the thread's only
  std::string failing_;

  std::mutex mutex_;
  std::condition_variable wake_;
  bool woken_ = false;
  bool stopping_ = false;
  std::thread thread_;
};

}  // namespace elevaite::engine
