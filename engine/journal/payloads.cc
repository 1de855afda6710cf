#include "engine/journal/payloads.h"

#include <fmt/format.h>
#include <pthread.h>

#include <atomic>
#include <condition_variable>
#include <deque>
#include <mutex>
#include <thread>

#include "foundation/digest.h"

namespace elevaite::engine {
namespace {

constexpr std::size_t kThreads = 4;  // so that one fsync need not wait for the others

// Does what it is given, in order, on its threads; all of it before it goes.
class Threads {
 public:
  Threads() {
    for (std::size_t i = 0; i < kThreads; ++i) threads_.emplace_back([this] { Run(); });
  }
  ~Threads() {
    {
      const std::scoped_lock lock(mutex_);
      ends_ = true;
    }
    news_.notify_all();
  }

  void Post(std::function<void()> work) {
    // Told under the lock: who has seen the work done may take this down at once.
    const std::scoped_lock lock(mutex_);
    work_.push_back(std::move(work));
    news_.notify_one();
  }

 private:
  void Run() {
    pthread_setname_np(pthread_self(), "payloads");
    std::unique_lock lock(mutex_);
    while (true) {
      news_.wait(lock, [this] { return ends_ || !work_.empty(); });
      if (work_.empty()) return;
      const std::function<void()> work = std::move(work_.front());
      work_.pop_front();
      lock.unlock();
      work();
      lock.lock();
    }
  }

  std::mutex mutex_;
  std::condition_variable news_;
  std::deque<std::function<void()>> work_;  // under mutex_
  bool ends_ = false;                       // under mutex_
  std::vector<std::jthread> threads_;
};

class ObjectPayloads final : public PayloadStore {
 public:
  explicit ObjectPayloads(objects::ObjectStore& objects) : objects_(objects) {}

  std::size_t bytes_max() const override { return objects_.bytes_max(); }

  void Put(const PayloadKey& key, std::string bytes, Done done) override {
    threads_.Post([this, key, bytes = std::move(bytes), done = std::move(done)] {
      auto written = objects_.Put(key.account, key.ToText(), bytes);
      if (written) {
        ++written_;
        bytes_written_ += bytes.size();
      } else {
        ++failures_;
      }
      done(std::move(written));
    });
  }
  void Post(std::function<void()> work) override { threads_.Post(std::move(work)); }

  Result<std::string> Get(const PayloadKey& key) override {
    auto bytes = objects_.Get(key.account, key.ToText());
    ++(bytes ? read_ : failures_);
    return bytes;
  }
  Result<bool> Has(const PayloadKey& key) override { return objects_.Has(key.account, key.ToText()); }
  Result<void> Delete(const PayloadKey& key) override { return objects_.Delete(key.account, key.ToText()); }

  Result<std::vector<PayloadKey>> List(const AccountId& account, std::size_t shard, std::string_view after,
                                       std::size_t limit) override {
    ASSIGN_OR_RETURN(const auto objects, objects_.List(account, PayloadKey::ShardText(shard), after, limit));
    std::vector<PayloadKey> keys;
    for (const objects::ObjectInfo& object : objects) {
      ASSIGN_OR_RETURN(PayloadKey key, PayloadKey::Parse(account, object.key));
      keys.push_back(std::move(key));
    }
    return keys;
  }

  Counters counters() const override {
    return {.written = written_, .bytes_written = bytes_written_, .read = read_, .failures = failures_};
  }

 private:
  objects::ObjectStore& objects_;
  std::atomic<std::uint64_t> written_ = 0;
  std::atomic<std::uint64_t> bytes_written_ = 0;
  std::atomic<std::uint64_t> read_ = 0;
  std::atomic<std::uint64_t> failures_ = 0;
  Threads threads_;
};

}  // namespace

std::string PayloadKey::ShardText(std::size_t shard) { return fmt::format("payloads/{:02x}", shard); }

std::string PayloadKey::ToText() const {
  return ShardText(shard()) + "/" + id.ToString() + "." + execution.ToString();
}

Result<PayloadKey> PayloadKey::Parse(const AccountId& account, std::string_view text) {
  const std::string_view name = text.substr(text.rfind('/') + 1);
  const std::size_t dot = std::min(name.find('.'), name.size());
  const auto id = PayloadId::Parse(name.substr(0, dot));
  const auto execution = ExecutionId::Parse(name.substr(std::min(dot + 1, name.size())));
  if (execution && id) {
    PayloadKey key{.account = account, .execution = *execution, .id = *id};
    if (key.ToText() == text) return key;
  }
  return Fail(ErrorCode::kDataLoss, fmt::format("the object '{}' is no payload", text),
              "move what is not from here out of the store of objects");
}

std::unique_ptr<PayloadStore> OpenPayloads(objects::ObjectStore& objects) {
  return std::make_unique<ObjectPayloads>(objects);
}

Result<std::string> PayloadReader::Whole(std::string stored) {
  return Attach(std::move(stored), [this](const PayloadRef& ref) { return Find(ref); });
}

Result<std::string> PayloadReader::Find(const PayloadRef& ref) {
  if (!last_.id.IsNil() && ref == last_) return last_value_;
  const PayloadKey key{.account = account_, .execution = execution_, .id = ref.id};
  if (!store_)
    return Fail(ErrorCode::kUnavailable,
                fmt::format("a value of {} stands in a store of objects, and there is none here",
                            execution_.ToString()),
                "set objects.dir to the folder that it was written to");
  auto value = store_->Get(key);
  const bool is_lost = !value && value.error().code == ErrorCode::kNotFound;
  const bool is_damaged = (!value && value.error().code == ErrorCode::kDataLoss) ||
                          (value && (value->size() != ref.bytes || Sha256(*value) != ref.sha256));
  if (is_lost || is_damaged)
    return Fail(ErrorCode::kDataLoss,
                fmt::format("a value of {} is {}: the object {} of account {}", execution_.ToString(),
                            is_lost ? "missing" : "damaged", key.ToText(), account_.ToString()),
                "bring the object back from a backup of the store of objects");
  if (!value) return value;
  last_ = ref;
  last_value_ = *value;
  return value;
}

}  // namespace elevaite::engine
