// Node: a process as one of several on one database. Its membership is the product's own
// (engine/cluster/membership.h); what it asks of the other nodes and does for them
// (services/workflow/peers) and how it reads what they write of events (engine/events/tail.h) are unrolled
// into steps of the scheduler.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string_view>

#include "engine/cluster/membership.h"
#include "engine/partition/partition.h"
#include "engine/simulation/disk.h"
#include "engine/simulation/network.h"
#include "engine/simulation/registry.h"

namespace elevaite::simulation {

class Process;
struct Host;

// What the nodes of a run share.
struct Cluster {
  Registry& registry;
  Network& network;
  // Who answers at this address; null: nobody.
  std::function<Process*(std::size_t address)> find;
  // Something is still to come: leases are renewed, and partitions move.
  std::function<bool()> is_busy;
  // All nodes make a round soon.
  std::function<void()> wake_all;
  // It has given everything back.
  std::function<void(Process&)> left;
  std::shared_ptr<bool> deliveries{std::make_shared<bool>()};  // has an owner more for each that is under way
};

class Node {
 public:
  Node(Host& host, Cluster& cluster, std::int64_t number, std::size_t address);
  ~Node();

  // The first thing; the database must be within reach.
  engine::Joined Join();
  // The process is made: starts its hub, and the rounds.
  void Begin(Process& process);
  void Leave();

  // The partitions close themselves by then.
  bool LeaseIsOver() const;
  // Something of a partition has changed, or time has passed that it knows nothing of: a round soon.
  void Wake();
  // There are events to be read.
  void WakeTail();
  // For a partition that is not here.
  void Forward(engine::Command command);

 private:
  class OwnershipOnDisk;
  // A command on its way to the owner, until it is answered there.
  struct Delivery {
    engine::Command command;
    std::int64_t deadline_us = 0;
    std::int64_t pause_us = 0;
    bool again = false;  // it may have been done by an earlier try
    std::shared_ptr<bool> is_under_way;
  };
  using DeliveryPtr = std::shared_ptr<Delivery>;
  // What the owner answers: one of these, or that it is not here.
  struct Answer {
    bool is_elsewhere = false;
    Result<void> result;
    std::optional<engine::Migration> migration;
    std::optional<engine::Outcome> outcome;  // of a watch
  };
  using Reply = std::function<void(const Answer&)>;

  // For the trace: the node's number, and the partition's in the last three digits.
  void Note(std::string_view what, std::uint32_t partition);
  std::int64_t Below(std::int64_t limit_us);
  void MakeRound();
  void ReadTail();
  void Deliver(const DeliveryPtr& delivery);
  void DeliverLater(const DeliveryPtr& delivery);
  void Take(const DeliveryPtr& delivery, const Answer& answer);
  void GiveUp(Delivery& delivery);
  // Of another node.
  void Do(engine::Command command, const Reply& reply);

  Host& host_;
  Cluster& cluster_;
  const std::int64_t number_;
  const std::size_t address_;
  std::unique_ptr<OwnershipOnDisk> ownership_;
  engine::Membership membership_;
  Process* process_ = nullptr;
  bool will_make_round_ = false;
  bool will_look_ = false;
  bool will_read_ = false;
  std::map<ExecutionId, std::vector<Reply>> watched_;  // by other nodes: one watch for all who ask
  std::int64_t read_until_ = 0;                        // kEventsByPosition
  std::map<std::int64_t, std::size_t> marks_;          // how much of each node's events has been read
};

}  // namespace elevaite::simulation
