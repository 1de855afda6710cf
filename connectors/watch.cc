#include "connectors/watch.h"

#include <algorithm>
#include <utility>

#include "engine/machine/errors.h"
#include "foundation/text.h"

namespace elevaite::connectors {
namespace {

Json TooLong(std::string_view title, const std::string& what, std::chrono::microseconds bound,
             std::string_view key) {
  return engine::MakeError(
      "timeout", title,
      what + " " + FormatDuration(bound) + " (metadata.elevaite.timeouts." + std::string(key) + ")");
}

}  // namespace

Json QueuedTooLong(const engine::ActivityTask& task) {
  return TooLong("The call waited too long for its turn", task.connector + " could not begin within",
                 std::chrono::microseconds(task.bounds.queued_us), "queued");
}

Json AttemptTooLong(const std::string& connector, std::uint32_t attempt, std::chrono::microseconds bound) {
  return TooLong("An attempt took too long",
                 "attempt " + std::to_string(attempt) + " of " + connector + " has not ended within", bound,
                 "attempt");
}

Watch::Watch(boost::asio::any_io_executor executor, const engine::ActivityTask& task,
             std::function<void()> stop)
    : timer_(std::move(executor)),
      connector_(task.connector),
      attempt_number_(task.attempt),
      attempt_(task.bounds.attempt_us),
      heartbeat_(task.bounds.heartbeat_us),
      stop_(std::move(stop)) {}

void Watch::Begin() {
  began_ = Clock::now();
  Beat();
  if (!ended_) Wait();
}

void Watch::End() {
  ended_ = true;
  timer_.cancel();
}

void Watch::Wait() {
  Clock::time_point due = Clock::time_point::max();
  if (attempt_.count() > 0) due = std::min(due, began_ + attempt_);
  if (heartbeat_.count() > 0) due = std::min(due, SilentSince() + heartbeat_);
  timer_.expires_at(due);
  timer_.async_wait([self = shared_from_this()](const boost::system::error_code& error) {
    if (!error && !self->ended_) self->Look();
  });
}

void Watch::Look() {
  const Clock::time_point now = Clock::now();
  if (attempt_.count() > 0 && now >= began_ + attempt_)
    return Stop(AttemptTooLong(connector_, attempt_number_, attempt_));
  if (heartbeat_.count() > 0 && now >= SilentSince() + heartbeat_)
    return Stop(TooLong(
        "An attempt fell silent",
        "attempt " + std::to_string(attempt_number_) + " of " + connector_ + " gave no sign of life for",
        heartbeat_, "heartbeat"));
  Wait();
}

void Watch::Stop(Json error) {
  overdue_ = std::move(error);
  stop_();
}

}  // namespace elevaite::connectors
