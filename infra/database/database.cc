#include "infra/database/database.h"

#include <future>
#include <mutex>

namespace elevaite::database {

// A batch is refused when its epoch broke at an earlier number. Older epochs stay broken after Reset():
// epochs only grow, and only the newest broken one needs to be kept, since Reset() waits for the callbacks of
// the one before.
struct WriteStream::State {
  mutable std::mutex mutex;
  std::uint64_t epoch = 1;
  std::uint64_t next = 0;
  std::uint64_t broken_epoch = 0;
  std::uint64_t broken_number = 0;
};

WriteStream::WriteStream() : state_(std::make_shared<State>()) {}

void WriteStream::Reset() {
  const std::lock_guard lock(state_->mutex);
  ++state_->epoch;
}

bool WriteStream::failed() const {
  const std::lock_guard lock(state_->mutex);
  return state_->broken_epoch == state_->epoch;
}

WriteStream::Ticket WriteStream::Draw() {
  const std::lock_guard lock(state_->mutex);
  return {state_->epoch, state_->next++};
}

void WriteStream::Break(Ticket ticket) {
  const std::lock_guard lock(state_->mutex);
  const bool newer = ticket.epoch > state_->broken_epoch;
  if (newer || (ticket.epoch == state_->broken_epoch && ticket.number < state_->broken_number)) {
    state_->broken_epoch = ticket.epoch;
    state_->broken_number = ticket.number;
  }
}

bool WriteStream::IsBroken(Ticket ticket) const {
  const std::lock_guard lock(state_->mutex);
  if (ticket.epoch != state_->broken_epoch) return ticket.epoch < state_->broken_epoch;
  return ticket.number > state_->broken_number;
}

namespace {

template <class T, class Start>
Result<T> Wait(Start start) {
  // Shared: the one who answers may still be inside set_value() when the waiting thread goes on.
  auto promise = std::make_shared<std::promise<Result<T>>>();
  auto future = promise->get_future();
  start([promise](Result<T> result) { promise->set_value(std::move(result)); });
  return future.get();
}

}  // namespace

Result<BatchOutcome> Database::SubmitAndWait(Batch batch) {
  return Wait<BatchOutcome>([&](BatchDone done) { Submit(std::move(batch), std::move(done)); });
}

Result<void> Database::TransactAndWait(TransactFunction function) {
  return Wait<void>([&](TransactDone done) { Transact(std::move(function), std::move(done)); });
}

Result<Rows> Database::QueryAndWait(const Sql& sql, Params params, const QueryOptions& options) {
  return Wait<Rows>([&](QueryDone done) { Query(sql, std::move(params), options, std::move(done)); });
}

}  // namespace elevaite::database
