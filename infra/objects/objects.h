// Objects: the port for what is too large, or too old, for a database: bytes under a key, by account. One
// adapter so far: files (files.h).
//
//   store.Put(account, "executions/2026-11-26/<id>.jsonl", bytes)
//
// An object is there whole or not at all, also after a crash; what Put acknowledged is on disk. What is read
// is what was written: a checksum stands with it. Thread-safe; all calls block.
//
// Keys: 1 to 8 segments with '/' between, of 1 to 100 of the characters a-z, A-Z, 0-9, '.', '_' and '-' each,
// which do not begin with '.'. Accounts share nothing: the same key in two of them is two objects.
//
// Errors: kInvalidArgument (the key, no account), kNotFound, kPayloadTooLarge (more than bytes_max()),
// kResourceExhausted (the disk is full), kDataLoss (the checksum), kUnavailable (anything else of the
// storage).
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "foundation/ids.h"
#include "foundation/result.h"

namespace elevaite::objects {

struct ObjectInfo {
  std::string key;
  std::uint64_t bytes = 0;
};

class ObjectStore {
 public:
  static constexpr std::size_t kPageMax = 1'000;

  virtual ~ObjectStore() = default;

  virtual std::size_t bytes_max() const = 0;  // of one object
  // Replaces what is there.
  virtual Result<void> Put(const AccountId& account, std::string_view key, std::string_view bytes) = 0;
  virtual Result<std::string> Get(const AccountId& account, std::string_view key) = 0;
  virtual Result<bool> Has(const AccountId& account, std::string_view key) = 0;
  // Also when there is none.
  virtual Result<void> Delete(const AccountId& account, std::string_view key) = 0;
  // In order of their keys: those that begin with `prefix` (whole segments: "a/b" for "a/b/c") and come after
  // `after`; at most `limit`, which is 1 to kPageMax.
  virtual Result<std::vector<ObjectInfo>> List(const AccountId& account, std::string_view prefix,
                                               std::string_view after, std::size_t limit) = 0;
};

// For adapters: kInvalidArgument unless it is a key as above.
Result<void> CheckKey(const AccountId& account, std::string_view key);

}  // namespace elevaite::objects
