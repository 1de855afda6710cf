#include "engine/simulation/node.h"

#include <string>
#include <utility>

#include "engine/simulation/process.h"

namespace elevaite::simulation {
namespace {

constexpr std::int64_t kWakeUs = 200;
constexpr std::int64_t kLookEveryUs = kLeaseUs / 4;
constexpr std::int64_t kTailUs = 100'000;
constexpr std::int64_t kTryUs = 3'000'000;
constexpr std::int64_t kWatchUs = 20'000'000;
constexpr std::int64_t kPauseMinUs = 10'000;
constexpr std::int64_t kPauseMaxUs = 250'000;
constexpr std::int64_t kPatienceUs = 15'000'000;
constexpr std::int64_t kPatienceOfResultsUs = 600'000'000;

void OneAfterTheOther(const std::vector<engine::PartitionRow>& rows,
                      const std::function<void(const engine::PartitionRow&)>& action) {
  for (const engine::PartitionRow& row : rows) action(row);
}

// What nobody else needs: the owner knows it from what is stored.
bool IsOfThisOwner(const engine::Command& command) {
  const auto* input = std::get_if<engine::InputCommand>(&command);
  return input && !std::holds_alternative<engine::ActivityCompleted>(input->input) &&
         !std::holds_alternative<engine::ActivityFailed>(input->input) &&
         !std::holds_alternative<engine::Cancel>(input->input);
}

// As it is sent: without what only the sender has.
engine::Command WithoutCallbacks(engine::Command command) {
  if (auto* start = std::get_if<engine::StartCommand>(&command)) start->accepted = {}, start->finished = {};
  if (auto* cancel = std::get_if<engine::CancelCommand>(&command)) cancel->done = {};
  if (auto* migrate = std::get_if<engine::MigrateCommand>(&command)) migrate->done = {};
  if (auto* operate = std::get_if<engine::OperateCommand>(&command)) operate->done = {};
  if (auto* watch = std::get_if<engine::WatchCommand>(&command)) watch->finished = {};
  return command;
}

void ForgetNumber(engine::Command& command) {
  if (auto* operate = std::get_if<engine::OperateCommand>(&command))
    std::visit([](auto& act) { act.command = 0; }, operate->act);
  if (auto* migrate = std::get_if<engine::MigrateCommand>(&command)) migrate->note.command = 0;
}

}  // namespace

// The tables of the cluster as this node reaches them; the process may die at each call.
class Node::OwnershipOnDisk final : public engine::Ownership {
 public:
  OwnershipOnDisk(Node& node, Registry& registry) : node_(node), registry_(registry) {}

  Result<engine::Joined> Join(std::uint32_t partitions) override {
    RETURN_IF_ERROR(Reach());
    return registry_.Join(node_.number_, std::to_string(node_.address_), partitions);
  }
  Result<void> Renew(bool wants_lifecycle) override {
    RETURN_IF_ERROR(Reach());
    return registry_.Renew(node_.number_, wants_lifecycle);
  }
  Result<engine::ClusterView> Look() override {
    RETURN_IF_ERROR(Reach());
    return registry_.Look();
  }
  Result<std::optional<engine::Tenure>> Take(const engine::PartitionRow& seen) override {
    RETURN_IF_ERROR(Reach());
    if (node_.host_.disk.IsWriting(seen.partition, seen.epoch)) return std::nullopt;
    auto tenure = registry_.Take(node_.number_, seen);
    if (tenure) node_.Note("takes a partition", seen.partition);
    node_.process_->PassCrashPoint();
    return tenure;
  }
  Result<void> GiveBack(const engine::Tenure& tenure) override {
    RETURN_IF_ERROR(Reach());
    registry_.GiveBack(tenure);
    node_.Note("gives a partition back", tenure.partition);
    node_.process_->PassCrashPoint();
    return {};
  }
  Result<void> AnnounceLeaving() override {
    RETURN_IF_ERROR(Reach());
    registry_.AnnounceLeaving(node_.number_);
    return {};
  }
  Result<void> Leave() override {
    RETURN_IF_ERROR(Reach());
    registry_.Leave(node_.number_);
    return {};
  }

 private:
  Result<void> Reach() const { return node_.host_.disk.Reach(node_.number_); }

  Node& node_;
  Registry& registry_;
};

Node::Node(Host& host, Cluster& cluster, std::int64_t number, std::size_t address)
    : host_(host),
      cluster_(cluster),
      number_(number),
      address_(address),
      ownership_(std::make_unique<OwnershipOnDisk>(*this, cluster.registry)),
      membership_(*ownership_, host.scheduler.clock(),
                  {.id = Registry::IdOf(number),
                   .lease = std::chrono::milliseconds(kLeaseUs / 1'000),
                   .partitions = host.knobs.partitions,
                   .for_each_row = OneAfterTheOther}) {}

Node::~Node() = default;

engine::Joined Node::Join() {
  const auto joined = membership_.Join();
  host_.auditor.Require(joined.has_value(), "a node joins when it reaches the database");
  return joined.value_or(engine::Joined());
}

// The hub has what was written until now, the tail what comes.
void Node::Begin(Process& process) {
  process_ = &process;
  membership_.Use(process);
  for (const engine::NodeRow& node : membership_.view()->nodes)
    marks_[node.writer] = host_.disk.ArrivedOf(node.writer, 0).size();
  process.StartHub();
  Wake();
}

void Node::Leave() {
  membership_.BeginLeaving();
  Wake();
}

void Node::Note(std::string_view what, std::uint32_t partition) {
  host_.scheduler.trace().Note(what, static_cast<std::uint64_t>(number_) * 1'000 + partition);
}

std::int64_t Node::Below(std::int64_t limit_us) {
  return static_cast<std::int64_t>(host_.scheduler.random().Below(static_cast<std::uint64_t>(limit_us)));
}

// ---- Rounds ----

bool Node::LeaseIsOver() const { return host_.scheduler.clock().Monotonic() >= membership_.lasts_until(); }

void Node::Wake() {
  if (process_ == nullptr || std::exchange(will_make_round_, true)) return;
  process_->After(host_.scheduler.Delay(kWakeUs), "round of a node", [this] {
    will_make_round_ = false;
    MakeRound();
  });
}

void Node::MakeRound() {
  membership_.Round(process_->hub().WantsLifecycle());
  bool others_want_lifecycle = false;
  for (const engine::NodeRow& node : membership_.view()->nodes)
    others_want_lifecycle |= node.lives && node.wants_lifecycle && node.id != membership_.id();
  process_->hub().OthersWantLifecycle(others_want_lifecycle);
  if (membership_.has_left()) return cluster_.left(*process_);
  ReadTail();
  if (!host_.disk.Reach(number_) || LeaseIsOver()) process_->WakeOwners();
  if (!cluster_.is_busy() || std::exchange(will_look_, true)) return;
  process_->After(kLookEveryUs / 2 + Below(kLookEveryUs / 2), "a node looks", [this] {
    will_look_ = false;
    MakeRound();
  });
}

// ---- Events of all nodes ----

void Node::WakeTail() {
  if (process_ == nullptr || std::exchange(will_read_, true)) return;
  process_->After(host_.scheduler.Delay(kTailUs), "events are read", [this] {
    will_read_ = false;
    ReadTail();
  });
}

void Node::ReadTail() {
  if (!host_.disk.Reach(number_)) return;
  for (const engine::NodeRow& node : membership_.view()->nodes) {
    std::size_t& mark = marks_[node.writer];
    for (const engine::StoredEvent& event : host_.disk.ArrivedOf(node.writer, mark)) {
      ++mark;
      if (host_.mutation == Mutation::kEventsByPosition && event.position < read_until_) continue;
      read_until_ = std::max(read_until_, event.position);
      process_->hub().Arrived(event);
    }
  }
}

// ---- Commands for other nodes: as Peers::Deliver ----

void Node::Forward(engine::Command command) {
  if (IsOfThisOwner(command)) return;
  std::int64_t patience_us = kPatienceUs;
  if (std::holds_alternative<engine::InputCommand>(command)) patience_us = kPatienceOfResultsUs;
  if (std::holds_alternative<engine::WatchCommand>(command)) patience_us = INT64_MAX / 2;
  const auto delivery =
      std::make_shared<Delivery>(Delivery{.command = std::move(command),
                                          .deadline_us = host_.scheduler.elapsed_us() + patience_us,
                                          .pause_us = kPauseMinUs,
                                          .is_under_way = cluster_.deliveries});
  cluster_.wake_all();
  process_->After(host_.scheduler.Delay(kWakeUs), "a command goes elsewhere",
                  [this, delivery] { Deliver(delivery); });
}

void Node::Deliver(const DeliveryPtr& delivery) {
  const std::uint32_t partition = process_->PartitionOf(delivery->command);
  auto* const start = std::get_if<engine::StartCommand>(&delivery->command);
  if (start && delivery->again && host_.mutation != Mutation::kStartTwice) engine::MayHaveBegun(*start);
  if (delivery->again && host_.mutation == Mutation::kCommandTwice) ForgetNumber(delivery->command);
  if (process_->IsOpen(partition)) return process_->Post(std::move(delivery->command));
  const std::string address = membership_.Find(partition).address;
  if (address.empty()) return DeliverLater(delivery);
  const std::size_t to = std::stoul(address);
  const bool watches = std::holds_alternative<engine::WatchCommand>(delivery->command);
  const auto question = [&cluster = cluster_, to, sent = WithoutCallbacks(delivery->command)](Reply reply) {
    Process* const owner = cluster.find(to);
    if (owner == nullptr) return;
    owner->Act("a command of another node",
               [owner, sent, reply = std::move(reply)] { owner->node()->Do(sent, reply); });
  };
  const auto answered = [this, process = process_, alive = process_->alive(),
                         delivery](const Answer* answer) {
    if (alive.expired()) return;
    std::optional<Answer> copy;
    if (answer) copy = *answer;
    process->Act("an answer of another node", [this, delivery, copy = std::move(copy)] {
      if (copy && !copy->is_elsewhere) return Take(delivery, *copy);
      delivery->again = true;
      DeliverLater(delivery);
    });
  };
  cluster_.network.Ask<Answer>("between nodes", watches ? kWatchUs + kTryUs : kTryUs, question, answered,
                               Network::Way({address_, to}));
}

void Node::DeliverLater(const DeliveryPtr& delivery) {
  if (host_.scheduler.elapsed_us() >= delivery->deadline_us) return GiveUp(*delivery);
  process_->After(delivery->pause_us, "a command goes elsewhere again",
                  [this, delivery] { Deliver(delivery); });
  delivery->pause_us = std::min(delivery->pause_us * 2, kPauseMaxUs);
}

void Node::Take(const DeliveryPtr& delivery, const Answer& answer) {
  engine::Command& command = delivery->command;
  if (auto* start = std::get_if<engine::StartCommand>(&command)) {
    if (delivery->again) engine::MayHaveBegun(*start);
    start->accepted(answer.result);
    if (answer.result && start->finished)
      Forward(engine::WatchCommand{
          .account = start->record.account, .id = start->record.id, .finished = std::move(start->finished)});
  } else if (auto* cancel = std::get_if<engine::CancelCommand>(&command)) {
    cancel->done(answer.result);
  } else if (auto* operate = std::get_if<engine::OperateCommand>(&command)) {
    operate->done(answer.result);
  } else if (auto* migrate = std::get_if<engine::MigrateCommand>(&command)) {
    migrate->done(answer.migration ? Result<engine::Migration>(*answer.migration)
                                   : elevaite::Fail(answer.result.error()));
  } else if (auto* watch = std::get_if<engine::WatchCommand>(&command)) {
    watch->finished(answer.outcome);
  }
}

void Node::GiveUp(Delivery& delivery) {
  const Error error{.code = ErrorCode::kUnavailable, .message = "the owner does not answer"};
  if (auto* start = std::get_if<engine::StartCommand>(&delivery.command))
    start->accepted(elevaite::Fail(error));
  if (auto* cancel = std::get_if<engine::CancelCommand>(&delivery.command))
    cancel->done(elevaite::Fail(error));
  if (auto* operate = std::get_if<engine::OperateCommand>(&delivery.command))
    operate->done(elevaite::Fail(error));
  if (auto* migrate = std::get_if<engine::MigrateCommand>(&delivery.command))
    migrate->done(elevaite::Fail(error));
}

// ---- Commands of other nodes: as Peers::Do ----

void Node::Do(engine::Command command, const Reply& reply) {
  if (!process_->IsOpen(process_->PartitionOf(command))) return reply({.is_elsewhere = true});
  if (auto* start = std::get_if<engine::StartCommand>(&command)) {
    start->shared_id = true;  // it may have come before
    start->accepted = [reply](const Result<void>& result) { reply({.result = result}); };
  } else if (auto* cancel = std::get_if<engine::CancelCommand>(&command)) {
    cancel->done = [reply](const Result<void>& result) { reply({.result = result}); };
  } else if (auto* operate = std::get_if<engine::OperateCommand>(&command)) {
    operate->done = [reply](const Result<void>& result) { reply({.result = result}); };
  } else if (auto* migrate = std::get_if<engine::MigrateCommand>(&command)) {
    migrate->done = [reply](const Result<engine::Migration>& result) {
      if (result) return reply({.migration = *result});
      reply({.result = elevaite::Fail(result.error())});
    };
  } else if (auto* watch = std::get_if<engine::WatchCommand>(&command)) {
    auto [asking, is_first] = watched_.try_emplace(watch->id);
    asking->second.push_back(reply);
    if (!is_first) return;
    watch->finished = [this, id = watch->id](const std::optional<engine::Outcome>& outcome) {
      const auto told = watched_.extract(id);
      for (const Reply& one : told.mapped()) one({.outcome = outcome});
    };
  } else {
    reply({});
  }
  process_->Post(std::move(command));
}

}  // namespace elevaite::simulation
