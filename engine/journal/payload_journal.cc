#include "engine/journal/payload_journal.h"

#include <algorithm>
#include <deque>
#include <mutex>
#include <unordered_map>

#include "foundation/digest.h"

namespace elevaite::engine {
namespace {

struct Object {
  PayloadKey key;
  std::string bytes;
};

// Takes large values out of writes. What an execution has written is remembered until it ends, within bounds:
// what is forgotten is written once more.
class Detacher {
 public:
  Detacher(PayloadJournal::Options options, std::size_t bytes_max)
      : options_(options), bytes_max_(bytes_max) {}

  // The objects that are new.
  std::vector<Object> Take(JournalWrite& write) {
    std::vector<Object> objects;
    const std::size_t above = options_.inline_bytes_max;
    Take(write, write.events, LargeValuesOfEvents(write.events, above), objects);
    if (write.snapshot) Take(write, *write.snapshot, LargeValuesOfState(*write.snapshot, above), objects);
    if (write.record.finished_us) known_.erase(write.record.id);
    return objects;
  }
  void Forget() { known_.clear(); }

 private:
  static constexpr std::size_t kExecutionsMax = 10'000;
  static constexpr std::size_t kValuesMax = 64;  // of one execution

  // What is too large for an object stays where it is.
  void Take(JournalWrite& write, std::string& row, std::vector<Extent> values, std::vector<Object>& objects) {
    std::erase_if(values, [this](const Extent& value) { return value.size > bytes_max_; });
    if (values.empty()) return;
    std::vector<PayloadRef> refs;
    for (const Extent& value : values)
      refs.push_back(RefFor(write, std::string_view(row).substr(value.at, value.size), objects));
    row = Detach(row, values, refs);
  }

  PayloadRef RefFor(JournalWrite& write, std::string_view value, std::vector<Object>& objects) {
    if (known_.size() >= kExecutionsMax) known_.clear();
    std::deque<PayloadRef>& known = known_[write.record.id];
    PayloadRef ref{.id = {}, .bytes = value.size(), .sha256 = Sha256(value)};
    const auto found = std::ranges::find(known, ref.sha256, &PayloadRef::sha256);
    if (found != known.end()) return *found;
    ref.id = PayloadId::New(*options_.uuids);
    if (known.size() >= kValuesMax) known.pop_front();
    known.push_back(ref);
    write.payloads.push_back(ref.id);
    objects.push_back(
        {{.account = write.record.account, .execution = write.record.id, .id = ref.id}, std::string(value)});
    return ref;
  }

  const PayloadJournal::Options options_;
  const std::size_t bytes_max_;
  std::unordered_map<ExecutionId, std::deque<PayloadRef>> known_;
};

}  // namespace

class PayloadJournal::Impl : public std::enable_shared_from_this<Impl> {
 public:
  Impl(std::unique_ptr<Journal> journal, PayloadStore* store, Options options)
      : journal_(std::move(journal)), store_(store), detacher_(options, store ? store->bytes_max() : 0) {}

  Journal& journal() { return *journal_; }
  PayloadStore* store() const { return store_; }

  void Append(std::vector<JournalWrite> writes, Done done) {
    std::vector<Object> objects;
    for (JournalWrite& write : writes) {
      if (store_) std::ranges::move(detacher_.Take(write), std::back_inserter(objects));
    }
    auto item = std::make_shared<Item>(
        Item{.writes = std::move(writes), .done = std::move(done), .objects_left = objects.size()});
    {
      const std::scoped_lock lock(mutex_);
      queue_.push_back(item);
    }
    for (Object& object : objects) {
      store_->Put(object.key, std::move(object.bytes),
                  [self = shared_from_this(), item](Result<void> written) {
                    self->Written(*item, std::move(written));
                  });
    }
    if (objects.empty()) Pass();
  }

  void Resume() {
    {
      const std::scoped_lock lock(mutex_);
      failure_.reset();
    }
    detacher_.Forget();
    journal_->Resume();
  }

 private:
  struct Item {
    std::vector<JournalWrite> writes;
    Done done;
    std::size_t objects_left = 0;  // not on disk yet
    Result<void> result{};
  };

  void Written(Item& item, Result<void> written) {
    {
      const std::scoped_lock lock(mutex_);
      --item.objects_left;
      if (!written) item.result = std::move(written);
      if (item.objects_left > 0) return;
    }
    Pass();
  }

  // Hands on what is ready, in order; one thread at a time.
  void Pass() {
    std::unique_lock lock(mutex_);
    if (std::exchange(passes_, true)) return;
    while (!queue_.empty() && queue_.front()->objects_left == 0) {
      const std::shared_ptr<Item> item = std::move(queue_.front());
      queue_.pop_front();
      if (!failure_ && !item->result) failure_ = item->result.error();
      const auto failure = failure_;
      lock.unlock();
      if (failure) {
        item->done(elevaite::Fail(*failure));
      } else {
        journal_->Append(std::move(item->writes), std::move(item->done));
      }
      lock.lock();
    }
    passes_ = false;
  }

  const std::unique_ptr<Journal> journal_;
  PayloadStore* const store_;
  Detacher detacher_;  // of the owner's thread
  std::mutex mutex_;
  std::deque<std::shared_ptr<Item>> queue_;  // under mutex_, like all below
  bool passes_ = false;
  std::optional<Error> failure_;  // until Resume
};

PayloadJournal::PayloadJournal(std::unique_ptr<Journal> journal, PayloadStore* store, Options options)
    : impl_(std::make_shared<Impl>(std::move(journal), store, options)) {}
PayloadJournal::~PayloadJournal() = default;

void PayloadJournal::Append(std::vector<JournalWrite> writes, Done done) {
  impl_->Append(std::move(writes), std::move(done));
}
void PayloadJournal::Resume() { impl_->Resume(); }
bool PayloadJournal::IsTakenOver() const { return impl_->journal().IsTakenOver(); }

Result<StoredExecution> PayloadJournal::Whole(StoredExecution stored) const {
  PayloadReader reader(impl_->store(), stored.record.account, stored.record.id);
  if (stored.snapshot) {
    ASSIGN_OR_RETURN(stored.snapshot, reader.Whole(*std::move(stored.snapshot)));
  }
  for (std::string& row : stored.events) {
    ASSIGN_OR_RETURN(row, reader.Whole(std::move(row)));
  }
  return stored;
}

// Whatever keeps a value from being read, it is the trouble of one execution.
StoredExecution PayloadJournal::WholeOrDamaged(StoredExecution stored) const {
  auto whole = Whole(stored);
  if (whole) return *std::move(whole);
  stored.damage = std::move(whole).error();
  return stored;
}

Result<UnfinishedPage> PayloadJournal::LoadUnfinished(std::uint32_t partition, std::uint32_t partitions,
                                                      const std::optional<UnfinishedCursor>& after,
                                                      std::size_t limit) {
  ASSIGN_OR_RETURN(UnfinishedPage page, impl_->journal().LoadUnfinished(partition, partitions, after, limit));
  for (StoredExecution& one : page.executions) one = WholeOrDamaged(std::move(one));
  return page;
}

Result<std::int64_t> PayloadJournal::NewestUnfinished(std::uint32_t partition, std::uint32_t partitions) {
  return impl_->journal().NewestUnfinished(partition, partitions);
}

Result<std::vector<ExecutionRecord>> PayloadJournal::LoadAwaitedBy(std::uint32_t partition,
                                                                   std::uint32_t partitions) {
  return impl_->journal().LoadAwaitedBy(partition, partitions);
}

Result<std::optional<StoredExecution>> PayloadJournal::LoadOne(const AccountId& account,
                                                               const ExecutionId& id) {
  ASSIGN_OR_RETURN(auto stored, impl_->journal().LoadOne(account, id));
  if (!stored) return std::nullopt;
  return WholeOrDamaged(*std::move(stored));
}

Result<bool> PayloadJournal::Exists(const AccountId& account, const ExecutionId& id) {
  return impl_->journal().Exists(account, id);
}

}  // namespace elevaite::engine
