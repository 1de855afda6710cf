// Payloads: the large values of executions (inputs, outputs, requests, results, contexts), which stand in the
// store of objects; the journal refers to them (payload_rows.h). An object belongs to one execution and bears
// a key that was never used before, so that nothing but its own execution ever depends on it:
//
//   payloads/<last two hex digits of the payload's id>/<payload>.<execution>
//
// It is on disk before the commit that refers to it, which also names it in the table `payloads`. What is in
// the store and not in the table was written for a commit that never happened (payload_sweep.h).
#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "engine/journal/payload_rows.h"
#include "foundation/ids.h"
#include "foundation/result.h"
#include "infra/objects/objects.h"

namespace elevaite::engine {

// A value with a larger text stands in the store.
inline constexpr std::size_t kInlineBytesMax = 32U << 10U;

struct PayloadKey {
  AccountId account;
  ExecutionId execution;
  PayloadId id;

  static constexpr std::size_t kShards = 256;
  static std::string ShardText(std::size_t shard);  // "payloads/a7"
  std::size_t shard() const { return id.uuid().bytes.back(); }
  std::string ToText() const;
  static Result<PayloadKey> Parse(const AccountId& account, std::string_view text);
  friend bool operator==(const PayloadKey&, const PayloadKey&) = default;
};

// Thread-safe.
class PayloadStore {
 public:
  using Done = std::function<void(Result<void>)>;
  struct Counters {
    std::uint64_t written = 0;  // objects
    std::uint64_t bytes_written = 0;
    std::uint64_t read = 0;
    std::uint64_t failures = 0;  // of writing and reading
  };

  virtual ~PayloadStore() = default;
  virtual std::size_t bytes_max() const = 0;  // of one value
  // Calls `done` once, on any thread: it is on disk then.
  virtual void Put(const PayloadKey& key, std::string bytes, Done done) = 0;
  // Runs `work` beside, where it may wait for what is below.
  virtual void Post(std::function<void()> work) = 0;
  // These wait. kNotFound; kDataLoss: it is damaged.
  virtual Result<std::string> Get(const PayloadKey& key) = 0;
  virtual Result<bool> Has(const PayloadKey& key) = 0;
  virtual Result<void> Delete(const PayloadKey& key) = 0;
  // Of one shard, in order of their texts, after that text; at most so many, 1 to ObjectStore::kPageMax.
  virtual Result<std::vector<PayloadKey>> List(const AccountId& account, std::size_t shard,
                                               std::string_view after, std::size_t limit) = 0;
  virtual Counters counters() const { return {}; }
};

// On a store of objects, which must outlive it, with some threads of its own.
std::unique_ptr<PayloadStore> OpenPayloads(objects::ObjectStore& objects);

// What is read back: rows with all their values, whichever way they are stored. `store` null: there is none,
// and rows whose values stand in one cannot be read. kDataLoss names the value that is missing or damaged.
class PayloadReader {
 public:
  PayloadReader(PayloadStore* store, AccountId account, ExecutionId execution)
      : store_(store), account_(std::move(account)), execution_(execution) {}

  Result<std::string> Whole(std::string stored);

 private:
  Result<std::string> Find(const PayloadRef& ref);

  PayloadStore* store_;
  const AccountId account_;
  const ExecutionId execution_;
  PayloadRef last_{};  // a value that stands in a row several times, or in one after the other, is read once
  std::string last_value_;
};

}  // namespace elevaite::engine
