// Random workflow documents: valid, nested, with data that flows through every task, so that the output
// depends on each result and on the order of what has happened.
//
// What flows is an object with a number `n`; every task makes a new one of it, mostly as n*a+b modulo a
// prime, which tells the order of two tasks apart. Tasks that call, listen or run a workflow mix what they
// are given into it.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "engine/simulation/scenario.h"
#include "foundation/json.h"
#include "foundation/random.h"

namespace elevaite::simulation {

struct GeneratorOptions {
  std::uint32_t tasks_max = 12;
  std::uint32_t depth_max = 3;
  bool allows_timing = false;   // compete, timeouts that race, time limits of retries
  bool allows_signals = false;  // events from outside, sent to the execution's id
  bool allows_own_events = true;
  bool allows_cleanup = false;        // tries that take the cancellation
  bool allows_poison = false;         // calls that end the process each time
  std::vector<std::string> children;  // names of workflows that it may run
};

class Generator {
 public:
  Generator(Random& random, GeneratorOptions options) : random_(random), options_(std::move(options)) {}

  Workflow Make(const std::string& name);

 private:
  // Where a task stands: which variables it may use and where it may lead.
  struct Place {
    std::uint32_t depth = 0;
    bool in_fork = false;
    bool in_function = false;
    std::vector<std::string> loops;   // variables that are numbers
    std::vector<std::string> errors;  // variables that are caught errors
  };

  using Tasks = std::vector<std::pair<std::string, Json>>;
  // Positions in a list: of a task that sends an event and of the one that listens for it.
  using Notes = std::vector<std::pair<std::size_t, std::size_t>>;

  Json List(const Place& place, std::uint32_t tasks_max);
  Json Task(const Place& place);
  Json Composite(const Place& place);
  Json Leaf(const Place& place);
  void Decorate(Json& task);
  std::string LaterTask(const Tasks& tasks, std::size_t i, const Notes& notes);
  void Direct(const Place& place, Tasks& tasks, const Notes& notes);

  Json Set(const Place& place);
  Json Do(const Place& place);
  Json Switch();
  Json For(const Place& place);
  Json Fork(const Place& place);
  Json Try(const Place& place);
  Json TryWithCleanup(const Place& place);
  Json Retry();
  Json Saga(const Place& place);
  Json Raise();
  Json Wait();
  Json Call(const Place& place);
  Json Call(const Place& place, std::string_view function);
  Json CallBounded(const Place& place);
  Json CallFunction(const Place& place);
  Json RunWorkflow(const Place& place);
  Json MapWorkflow(const Place& place);
  Json Extension();
  Json ListOfExtension(bool exits);
  Json Emit(const std::string& type);
  Json ListenToOwn(const std::string& type);
  Json ListenToSignal(const Place& place);
  Json ListenInVain();
  Json Timeout(Json task);

  std::string Mixed(const Place& place, const std::string& n = ".n");
  std::string Condition();
  std::string NewName() { return "t" + std::to_string(++names_); }
  std::uint64_t Below(std::uint64_t bound) { return random_.Below(bound); }
  bool OneIn(std::uint64_t n) { return random_.Below(n) == 0; }

  Random& random_;
  GeneratorOptions options_;
  std::uint32_t names_ = 0;
  std::uint32_t left_ = 0;  // tasks that may still be made
  bool is_timed_ = false;
  std::vector<Json::Member> functions_;
};

// Types of the events that come from outside.
inline constexpr std::uint32_t kSignals = 3;
std::string SignalType(std::uint32_t number);
inline constexpr std::string_view kNeverSent = "never";
inline bool IsSignal(std::string_view type) { return type.starts_with("signal-"); }
// What the event of that type carries: the same for every event of the type, so that the order in which they
// come does not count.
Json SignalData(std::string_view type);

}  // namespace elevaite::simulation
