// The pool of reading connections, a thread each; the same for every adapter. Private to infra/database.
#pragma once

#include <condition_variable>
#include <deque>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

#include "infra/database/counters.h"

namespace elevaite::database {

// A connection that only reads, used by one thread at a time.
class Reader {
 public:
  virtual ~Reader() = default;
  virtual Result<Rows> Fetch(const Sql& sql, const Cells& params, const QueryOptions& options,
                             Clock::Instant deadline) = 0;
};

class Readers {
 public:
  Readers(std::vector<std::unique_ptr<Reader>> connections, std::size_t queued_max, Counters& counters);
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
  void Loop(Reader& connection);

  std::vector<std::unique_ptr<Reader>> connections_;
  const std::size_t queued_max_;
  Counters& counters_;

  std::mutex mutex_;
  std::condition_variable wake_;
  std::deque<Job> queue_;
  bool closing_ = false;
  std::vector<std::thread> threads_;
};

}  // namespace elevaite::database
