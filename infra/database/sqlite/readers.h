// The pool of reading connections, a thread each. Private to infra/database/sqlite.
#pragma once

#include <condition_variable>
#include <deque>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

#include "infra/database/sqlite/connection.h"
#include "infra/database/sqlite/counters.h"

namespace elevaite::database::sqlite {

class Readers {
 public:
  Readers(std::vector<std::unique_ptr<Connection>> connections, std::size_t queued_max, Counters& counters);
  ~Readers() { Close(); }

  void Query(const Sql& sql, Params params, const QueryOptions& options, QueryDone done);
  void Close();

 private:
  struct Job {
    Sql sql;
    Params params;
    QueryOptions options;
    Clock::Instant deadline;
    QueryDone done;
  };
  void Loop(Connection& connection);

  std::vector<std::unique_ptr<Connection>> connections_;
  const std::size_t queued_max_;
  Counters& counters_;

  std::mutex mutex_;
  std::condition_variable wake_;
  std::deque<Job> queue_;
  bool closing_ = false;
  std::vector<std::thread> threads_;
};

}  // namespace elevaite::database::sqlite
