// Transfer: executions as lines of JSON, for export, import and archive; docs/operations/history.md has the
// format. The journal's bytes go as they are, so that what is imported is what was exported, byte for byte.
//
//   {"elevaite": "executions", "version": 1}
//   {"workflow": {...}}                                 what the service needs to publish it again
//   {"check": "<sha256>"}
//   {"execution": {"id": ..., "workflow": ..., ...}}    the row
//   {"events": {"seq": 1, "data": "<base64url>"}}       each row of the journal, in order
//   {"snapshot": {"seq": 9, "data": "<base64url>"}}     of one that has not ended, when there is one
//   {"check": "<sha256>"}
//   {"done": {"workflows": 1, "executions": 1}}
//   {"check": "<sha256>"}
//
// A check is the SHA-256 of the check before it (64 digits; none: empty) and of the lines since, with their
// ends. Nothing is used before its check has been seen.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "engine/journal/journal.h"
#include "engine/journal/payloads.h"
#include "engine/journal/projector.h"
#include "infra/database/database.h"

namespace elevaite::engine {

// One execution, whole.
struct Transferred {
  ExecutionRecord record;
  struct Row {
    std::uint64_t seq = 0;  // of the first event, or the last one that a snapshot contains
    std::string bytes;
    friend bool operator==(const Row&, const Row&) = default;
  };
  std::vector<Row> events;
  std::optional<Row> snapshot;
};

// ---- Lines

class TransferWriter {
 public:
  using Sink = std::function<Result<void>(std::string_view)>;
  explicit TransferWriter(Sink sink) : sink_(std::move(sink)) {}

  Result<void> Begin();
  Result<void> Workflow(const Json& workflow);
  Result<void> Execution(const Transferred& execution);
  Result<void> End();

 private:
  Result<void> Line(const Json& line);
  Result<void> Check();

  Sink sink_;
  std::string check_;
  std::string unchecked_;  // lines since the last check
  std::uint64_t workflows_ = 0;
  std::uint64_t executions_ = 0;
};

struct TransferredWorkflow {
  Json workflow;
};
using TransferItem = std::variant<TransferredWorkflow, Transferred>;

class TransferReader {
 public:
  static constexpr std::size_t kLineBytesMax = 512U << 20U;

  // The next line, without its end. An item when this line completes one. kInvalidArgument, with the number
  // of the line: nothing after it can be used.
  Result<std::optional<TransferItem>> Take(std::string_view line);
  // Behind the last line: kInvalidArgument when it was not the end.
  Result<void> Finish() const;
  std::uint64_t line() const { return line_; }

 private:
  Result<void> Read(const Json& json);
  Result<void> ReadHead(const Json& json);
  Result<void> ReadEvents(const Json& json);
  Result<std::optional<TransferItem>> Check(std::string_view check);
  Result<void> CheckWhole(const Transferred& execution) const;
  std::unexpected<Error> Bad(std::string message) const;

  std::uint64_t line_ = 0;
  std::string check_;
  std::string unchecked_;
  std::optional<TransferItem> item_;  // being read
  bool has_head_ = false;
  bool is_done_ = false;   // the last item
  bool is_ended_ = false;  // and its check
  std::uint64_t workflows_ = 0;
  std::uint64_t executions_ = 0;
};

// ---- Database. Blocking.

// Where executions are. `payloads`: null when there is no store of objects. Both must outlive who uses it.
struct ExecutionStore {
  database::Database& db;
  PayloadStore* payloads = nullptr;
  Projector* projector = nullptr;  // null: who imports calls ProjectAll at the end
};

// With all its values. nullopt: there is none. One that runs must not be written meanwhile.
Result<std::optional<Transferred>> ReadWhole(const ExecutionStore& store, const AccountId& account,
                                             const ExecutionId& id);

enum class Imported : std::uint8_t { kNew, kUnchanged };
// In one transaction. kConflict: another execution has the id.
Result<Imported> Import(const ExecutionStore& store, const Transferred& execution);

}  // namespace elevaite::engine
