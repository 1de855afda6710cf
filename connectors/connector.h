// Connector: one thing that a task or an agent can call. One folder each: a descriptor and one coroutine.
// From the descriptor alone follow the compiler's checks, the Studio's forms, the reference page and the
// retry behaviour. A new one is added in all.cc.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <chrono>
#include <cstdint>
#include <expected>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "dsl/functions.h"
#include "engine/activities/activities.h"
#include "foundation/json.h"

namespace elevaite::connectors {

// When a connector asks for another attempt: first_delay, doubled each time up to delay_max, unless the far
// side said how long.
struct RetryPolicy {
  std::uint32_t attempts_max = 1;
  std::chrono::milliseconds first_delay{500};
  std::chrono::milliseconds delay_max{30'000};
};

struct Descriptor {
  std::string name;     // what `call` says: "http"
  std::string version;  // of its behaviour: "1.0.0"
  std::string title;    // "HTTP request"
  std::string description;
  std::string icon;  // a name of the Studio's icon set
  Json input;        // describes `with`; the part of JSON Schema told in dsl/functions.h
  Json output;       // JSON Schema of what the task gets
  Json errors;       // [{type, status?, when}]: which errors it raises
  RetryPolicy retry;
};

// Reads a descriptor from the JSON text that stands in a connector's folder. CHECKs: the text is part of the
// program.
Descriptor ParseDescriptor(std::string_view text, RetryPolicy retry = {});
Json ToJson(const Descriptor& descriptor);

struct Failure {
  Json error;                                              // engine/machine/errors.h
  bool retryable = false;                                  // the same request may succeed later
  std::optional<std::chrono::milliseconds> retry_after{};  // as the far side said
  engine::Contact contact = engine::Contact::kNone;
};
using Outcome = std::expected<Json, Failure>;

class Connector {
 public:
  virtual ~Connector() = default;
  virtual const Descriptor& descriptor() const = 0;
  // The host that a call of the task goes to, with a port that is not its scheme's own: "api.example.com".
  // Nothing: to none, or it is not known before. Any thread.
  virtual std::optional<std::string> HostOf(const engine::ActivityTask&) const { return std::nullopt; }
  // Runs on one of the process's I/O threads. Cancelled by the caller's cancellation slot.
  virtual boost::asio::awaitable<Outcome> Invoke(engine::ActivityTask task) = 0;
};

// The time that a request of the task may take: its bound of an attempt, and a little more, so that the
// runner, which watches that, speaks first; else `otherwise`.
inline std::chrono::steady_clock::duration TimeFor(const engine::ActivityTask& task,
                                                   std::chrono::steady_clock::duration otherwise) {
  if (task.bounds.attempt_us <= 0) return otherwise;
  return std::chrono::microseconds(task.bounds.attempt_us) + std::chrono::seconds(1);
}

// What `call` may name: the catalogue of the compiler and the runner's table of connectors. Immutable once
// built.
class Registry final : public dsl::FunctionCatalog {
 public:
  // `others`: functions that are done elsewhere than by a connector.
  explicit Registry(std::vector<std::unique_ptr<Connector>> connectors, std::vector<Descriptor> others = {});

  const dsl::FunctionInfo* Find(std::string_view name) const override;
  std::vector<std::string_view> Names() const override;
  Connector* FindConnector(std::string_view name) const;
  const std::vector<Descriptor>& descriptors() const { return descriptors_; }

 private:
  std::vector<std::unique_ptr<Connector>> connectors_;
  std::vector<Descriptor> descriptors_;  // of all functions
  std::vector<dsl::FunctionInfo> functions_;
};

}  // namespace elevaite::connectors
