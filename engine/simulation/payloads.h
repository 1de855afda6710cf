// The objects of one process on the simulated disk: as engine::PayloadStore has them.
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/journal/payloads.h"
#include "engine/simulation/disk.h"
#include "engine/simulation/mutation.h"
#include "engine/simulation/scheduler.h"

namespace elevaite::simulation {

class Payloads final : public engine::PayloadStore {
 public:
  // What happens later in the life of the process; empty: of somebody who only looks.
  using After = std::function<void(std::int64_t delay_us, Scheduler::Action action)>;

  Payloads(Disk& disk, Author author, After after, Mutation mutation)
      : disk_(disk), author_(author), after_(std::move(after)), mutation_(mutation) {}

  std::size_t bytes_max() const override { return 256U << 20U; }
  void Put(const engine::PayloadKey& key, std::string bytes, Done done) override {
    const std::string name = key.ToText();
    const std::int64_t delay_us = disk_.BeginObject(author_, name, std::move(bytes));
    if (mutation_ == Mutation::kPayloadEarly) return done({});
    after_(delay_us, [this, name, done = std::move(done)] { done(disk_.EndObject(name)); });
  }
  void Post(std::function<void()> work) override { work(); }
  Result<std::string> Get(const engine::PayloadKey& key) override { return disk_.Object(key.ToText()); }
  Result<bool> Has(const engine::PayloadKey& key) override { return disk_.Object(key.ToText()).has_value(); }
  // Nothing is forgotten in a run.
  Result<void> Delete(const engine::PayloadKey&) override {
    return elevaite::Fail(ErrorCode::kUnavailable, "nothing is deleted here");
  }
  Result<std::vector<engine::PayloadKey>> List(const AccountId&, std::size_t, std::string_view,
                                               std::size_t) override {
    return elevaite::Fail(ErrorCode::kUnavailable, "nothing is listed here");
  }

 private:
  Disk& disk_;
  const Author author_;
  const After after_;
  const Mutation mutation_;
};

}  // namespace elevaite::simulation
