// Accounts and workflows of a RunQueue. Private to it.
#pragma once

#include <map>
#include <memory>
#include <string>

#include "services/workflow/flow/run_queue.h"

namespace elevaite::flow {

struct Workflow {
  static constexpr std::size_t kFirstTurnsMax = 256;

  std::string name;
  Account* account = nullptr;
  Turn turn;
  std::uint64_t pass = kStride;              // of its group that started last, but for those that came first
  std::size_t first_turns = kFirstTurnsMax;  // how many new groups may come first
  std::size_t ready = 0;                     // lanes
  WorkflowRules rules;
  std::map<RunKeys, std::unique_ptr<Lane>> lanes;
  std::map<std::string, std::unique_ptr<Group>, std::less<>> groups;  // with a fairness rule
  std::size_t queued = 0;
  std::size_t running = 0;
};

struct Account {
  AccountId id;
  AccountRules rules;
  std::uint64_t pass = 0;
  std::uint64_t stands_with = 0;  // its pass in turns_
  bool listed = false;
  std::map<std::string, std::unique_ptr<Workflow>, std::less<>> workflows;
  std::map<GateName, std::unique_ptr<Gate>> gates;
  LaneSet ready;
  std::uint64_t workflow_pass = 0;  // of the workflow that started last
  std::uint64_t turn = 0;
  std::size_t queued = 0;
  std::size_t running = 0;
};

}  // namespace elevaite::flow
