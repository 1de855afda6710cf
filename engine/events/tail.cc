#include "engine/events/tail.h"

#include <pthread.h>

#include <utility>

#include "engine/events/database_event_store.h"
#include "foundation/log.h"

namespace elevaite::engine {
namespace {

using database::Params;
using database::Rows;
using database::Sql;

constexpr std::int64_t kPage = 1'000;
constexpr Sql kMark{"events.mark",
                    "SELECT coalesce(max(arrival), 0) FROM events WHERE writer = ?1 AND writer > 0"};
constexpr Sql kTail{"events.tail",
                    "SELECT account_id, position, accepted_us, event, arrival FROM events"
                    " WHERE writer = ?1 AND writer > 0 AND arrival > ?2 ORDER BY arrival LIMIT ?3"};

}  // namespace

Result<void> EventTail::Start(std::int64_t newest_us) {
  for (const std::int64_t writer : writers_()) {
    ASSIGN_OR_RETURN(const Rows rows, db_.QueryAndWait(kMark, Params::Of(writer)));
    marks_[writer] = rows[0].Int(0);
  }
  RETURN_IF_ERROR(hub_.Start(newest_us));
  thread_ = std::thread([this] { Run(); });
  return {};
}

void EventTail::Stop() {
  {
    const std::scoped_lock lock(mutex_);
    stopping_ = true;
    wake_.notify_one();
  }
  if (thread_.joinable()) thread_.join();
}

void EventTail::Wake() {
  const std::scoped_lock lock(mutex_);
  woken_ = true;
  wake_.notify_one();
}

void EventTail::Run() {
  pthread_setname_np(pthread_self(), "events");
  while (true) {
    const Result<void> read = ReadAll();
    if (!read && std::exchange(failing_, read.error().message).empty())
      LogWarn("events of the cluster cannot be read; it is tried again", {{"error", read.error().message}});
    if (read) failing_.clear();
    std::unique_lock lock(mutex_);
    wake_.wait_for(lock, every_, [this] { return woken_ || stopping_; });
    woken_ = false;
    if (stopping_) return;
  }
}

// Of one that we have not known before all that it has ever written is news.
Result<void> EventTail::ReadAll() {
  for (const std::int64_t writer : writers_()) RETURN_IF_ERROR(Read(writer, marks_[writer]));
  return {};
}

Result<void> EventTail::Read(std::int64_t writer, std::int64_t& mark) {
  while (true) {
    ASSIGN_OR_RETURN(const Rows rows, db_.QueryAndWait(kTail, Params::Of(writer, mark, kPage)));
    ASSIGN_OR_RETURN(std::vector<StoredEvent> events, EventsFrom(rows));
    for (StoredEvent& event : events) hub_.Arrived(std::move(event));
    if (!rows.empty()) mark = rows[rows.size() - 1].Int(4);
    if (rows.size() < kPage) return {};
  }
}

}  // namespace elevaite::engine
