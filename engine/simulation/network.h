// Network: what is between the processes of a run. It loses messages, brings them late, in another order and
// twice; between two nodes nothing arrives while the way is cut.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string_view>
#include <utility>

#include "engine/simulation/scenario.h"
#include "engine/simulation/scheduler.h"

namespace elevaite::simulation {

class Network {
 public:
  // From one node to another; workers have no number, and no way of theirs is cut.
  using Way = std::optional<std::pair<std::size_t, std::size_t>>;

  Network(Scheduler& scheduler, const Knobs& knobs) : scheduler_(scheduler), knobs_(knobs) {}

  // A message arrives, perhaps; `what`: for the trace.
  void Send(std::string_view what, const std::function<void()>& arrives, Way way = {});
  // A question arrives, perhaps, and its answer. `done` once, with nothing when none has come in
  // `patience_us`.
  template <class Answer>
  void Ask(std::string_view what, std::int64_t patience_us,
           std::function<void(std::function<void(const Answer&)>)> question,
           std::function<void(const Answer*)> done, Way way = {});

  void Cut(std::size_t one, std::size_t other, std::int64_t for_us);

 private:
  static constexpr std::int64_t kUsualUs = 300;

  bool IsCut(const Way& way) const;

  Scheduler& scheduler_;
  const Knobs& knobs_;
  std::map<std::pair<std::size_t, std::size_t>, std::int64_t> cut_until_us_;
};

template <class Answer>
void Network::Ask(std::string_view what, std::int64_t patience_us,
                  std::function<void(std::function<void(const Answer&)>)> question,
                  std::function<void(const Answer*)> done, Way way) {
  const auto open = std::make_shared<bool>(true);
  scheduler_.After(patience_us, "no answer", [open, done] {
    if (std::exchange(*open, false)) done(nullptr);
  });
  const auto arrives = [this, what, open, question = std::move(question), done, way] {
    question([this, what, open, done, way](const Answer& answer) {
      const auto answered = [open, done, answer] {
        if (std::exchange(*open, false)) done(&answer);
      };
      Send(what, answered, way);
    });
  };
  Send(what, arrives, way);
}

}  // namespace elevaite::simulation
