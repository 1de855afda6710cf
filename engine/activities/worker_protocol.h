// What an engine and its workers say to each other, as JSON over HTTP. A worker asks, the engine answers;
// every request carries `authorization: Bearer <token>`.
//
//   POST /internal/v1/workers/hello      {protocol}
//     -> {engine, lease_ms, nodes: ["http://10.0.0.5:8000", ...], settings: {...}}
//   POST /internal/v1/workers/pull       {worker, name, pull, slots: {quick: 8, long: 1}}
//     -> {engine, tasks: [task ...], stop: [attempt ...]}; at once when there is work, else it waits
//   POST /internal/v1/workers/heartbeat  {worker, name, engine, pulled, holds: [attempt ...],
//                                         claims: [attempt ...]}
//     -> {engine, stop: [attempt ...], adopted: [attempt ...]}
//   POST /internal/v1/workers/results    {worker, results: [result ...], leaves}
//     -> {}
//
// result: {attempt, output}, {attempt, error, retry_in_us, contact, retry_after_us} or
//   {attempt, returned: true, pull}; contact: null, "tried" or "answered" (engine::Contact)
// task: {execution, frame, attempt, account, connector, request, ...}; attempt: ["exe_...", frame, number].
//
// `worker` is the id of one life of a worker's process, for one class of work; `engine` that of the engine's.
// `pull` counts a worker's pulls from this engine; `pulled` is the last one whose answer it has, or
// has given up: what was handed out by then and is not held was lost on the way and goes to others. `claims`:
// attempts that another life of the engine, or another node, had handed out. What is given back names the
// pull that it came with: the message may be late, and the worker have been given the same once more.
#pragma once

#include <array>
#include <chrono>
#include <compare>
#include <string>
#include <vector>

#include "engine/activities/activities.h"
#include "foundation/json.h"
#include "foundation/result.h"

namespace elevaite::engine {

inline constexpr int kWorkerProtocol = 1;
inline constexpr std::size_t kWorkerBodyBytesMax = 512U << 20U;  // of one request or answer
inline constexpr std::size_t kWorkerBatchBytes = 8U << 20U;      // more goes into the next, but for one value
inline constexpr std::size_t kSlotsMax = 10'000;                 // of one class of one worker
inline constexpr std::chrono::seconds kPullWait{20};

// One attempt at one activity.
struct Attempt {
  ExecutionId execution;
  FrameId frame = 0;
  std::uint32_t number = 1;

  friend auto operator<=>(const Attempt&, const Attempt&) = default;
};
inline Attempt AttemptOf(const ActivityTask& task) { return {task.execution, task.frame, task.attempt}; }

using Slots = std::array<std::size_t, kWorkClasses>;  // by WorkClass

// Errors of all that reads: kInvalidArgument, with what is wrong. A request may hold secrets: no error quotes
// it.
Json AttemptsToJson(const std::vector<Attempt>& attempts);
Result<std::vector<Attempt>> AttemptsFromJson(const Json& json);  // up to 2 * kWorkClasses * kSlotsMax

Json TaskToJson(const ActivityTask& task);
Result<ActivityTask> TaskFromJson(const Json& json);

struct Pull {
  std::string worker;
  std::string name;  // for people: "build-7:4711"
  std::uint64_t number = 0;
  Slots slots{};
};
Json ToJson(const Pull& pull);
Result<Pull> PullFromJson(const Json& json);

struct Heartbeat {
  std::string worker;
  std::string name;
  std::string engine;  // that handed out what it holds
  std::uint64_t pulled = 0;
  std::vector<Attempt> holds;
  std::vector<Attempt> claims;
};
Json ToJson(const Heartbeat& heartbeat);
Result<Heartbeat> HeartbeatFromJson(const Json& json);

// What has become of an attempt. AttemptLost: it is given back, and was not begun or has been broken off.
struct AttemptResult {
  Attempt attempt;
  ActivityOutcome outcome;
  std::uint64_t pull = 0;  // with which it was given, when it is given back; 0: adopted
};
Json ToJson(const AttemptResult& result);
struct Results {
  std::string worker;
  std::vector<AttemptResult> results;
  bool leaves = false;  // the worker ends: nothing more comes of it
};
Result<Results> ResultsFromJson(const Json& json);

// How bodies are read: values may be as deep as they come.
inline constexpr JsonParseOptions kWorkerJson{.bytes_max = kWorkerBodyBytesMax, .depth_max = Json::kMaxDepth};

}  // namespace elevaite::engine
