#include "engine/simulation/shrink.h"

#include <optional>
#include <utility>
#include <vector>

namespace elevaite::simulation {
namespace {

constexpr int kRunsMax = 20'000;
constexpr std::uint64_t kSchedulesTried = 12;  // of each smaller scenario: what is left out shifts all others

// ---- Smaller workflows: every document with one task less, or a task in the place of the one around it ----

Json WithMember(const Json& object, std::string_view key, Json value) {
  return Json::WithMember(object, key, std::move(value));
}

void SmallerLists(const Json& list, std::vector<Json>& smaller);

// The task with something left out of it.
void SmallerTasks(const Json& task, std::vector<Json>& smaller) {
  for (const auto& [key, value] : task.AsObject()) {
    const std::string_view name = key.AsString();
    if (name == "if" || name == "then" || name == "export" || name == "input" || name == "while" ||
        name == "timeout")
      smaller.push_back(Json::WithoutMember(task, name));
    std::vector<Json> parts;
    if (name == "do" || name == "try") {
      SmallerLists(value, parts);
      for (Json& part : parts) smaller.push_back(WithMember(task, name, std::move(part)));
    } else if ((name == "catch" || name == "foreach") && value.Find("do")) {
      SmallerLists(value["do"], parts);
      for (Json& part : parts)
        smaller.push_back(WithMember(task, name, WithMember(value, "do", std::move(part))));
    } else if (name == "fork") {
      SmallerLists(value["branches"], parts);
      for (Json& part : parts)
        smaller.push_back(WithMember(task, name, WithMember(value, "branches", std::move(part))));
    }
  }
}

// Lists that stand inside the task: one of them may take its place.
std::vector<Json> InnerLists(const Json& task) {
  std::vector<Json> lists;
  for (const std::string_view name : {"do", "try"}) {
    if (const Json* list = task.Find(name)) lists.push_back(*list);
  }
  if (const Json* list = task["catch"].Find("do")) lists.push_back(*list);
  if (const Json* list = task["fork"].Find("branches")) lists.push_back(*list);
  return lists;
}

void SmallerLists(const Json& list, std::vector<Json>& smaller) {
  const auto items = list.AsArray();
  const auto replaced = [&](std::size_t at, std::span<const Json> by) {
    std::vector<Json> changed(items.begin(), items.begin() + static_cast<std::ptrdiff_t>(at));
    changed.insert(changed.end(), by.begin(), by.end());
    changed.insert(changed.end(), items.begin() + static_cast<std::ptrdiff_t>(at) + 1, items.end());
    return Json::Array(std::move(changed));
  };
  for (std::size_t i = 0; i < items.size(); ++i) {
    if (items.size() > 1) smaller.push_back(replaced(i, {}));
    const Json::Member& named = items[i].AsObject().front();
    for (const Json& inner : InnerLists(named.value)) smaller.push_back(replaced(i, inner.AsArray()));
    std::vector<Json> tasks;
    SmallerTasks(named.value, tasks);
    for (Json& task : tasks) {
      const Json one = Json::Object({Json::Member(named.key, std::move(task))});
      smaller.push_back(replaced(i, std::span(&one, 1)));
    }
  }
}

// ---- Smaller scenarios ----

template <class T>
std::vector<T> Without(std::vector<T> items, std::size_t index) {
  items.erase(items.begin() + static_cast<std::ptrdiff_t>(index));
  return items;
}

std::vector<Scenario> WithFewerParts(const Scenario& scenario) {
  std::vector<Scenario> smaller;
  const auto add = [&](auto change) {
    Scenario changed = scenario;
    change(changed);
    smaller.push_back(std::move(changed));
  };
  for (std::size_t i = 0; i < scenario.launches.size() && scenario.launches.size() > 1; ++i)
    add([i](Scenario& s) { s.launches = Without(std::move(s.launches), i); });
  for (std::size_t i = 0; i < scenario.faults.size(); ++i)
    add([i](Scenario& s) { s.faults = Without(std::move(s.faults), i); });
  for (std::size_t i = 0; i < scenario.forks.size(); ++i)
    add([i](Scenario& s) { s.forks = Without(std::move(s.forks), i); });
  for (std::size_t i = 0; i < scenario.holds.size(); ++i)
    add([i](Scenario& s) { s.holds = Without(std::move(s.holds), i); });
  return smaller;
}

std::vector<Scenario> WithPlainerSettings(const Scenario& scenario) {
  std::vector<Scenario> smaller;
  const auto add = [&](auto change) {
    Scenario changed = scenario;
    change(changed);
    smaller.push_back(std::move(changed));
  };
  const Knobs& knobs = scenario.knobs;
  if (knobs.nodes > 2) add([](Scenario& s) { s.knobs.nodes = 2; });
  if (knobs.nodes > 1) add([](Scenario& s) { s.knobs.nodes = 1; });
  if (knobs.lost_percent > 0) add([](Scenario& s) { s.knobs.lost_percent = 0; });
  if (knobs.partitions > 1) add([](Scenario& s) { s.knobs.partitions = 1; });
  if (knobs.partitions_change) add([](Scenario& s) { s.knobs.partitions_change = false; });
  if (knobs.slow_percent > 0) add([](Scenario& s) { s.knobs.slow_percent = 0; });
  if (knobs.repeated_percent > 0) add([](Scenario& s) { s.knobs.repeated_percent = 0; });
  if (knobs.inline_bytes_max < 1'000) add([](Scenario& s) { s.knobs.inline_bytes_max = 32U << 10U; });
  if (knobs.late_percent > 0) add([](Scenario& s) { s.knobs.late_percent = 0; });
  for (std::size_t i = 0; i < scenario.launches.size(); ++i) {
    const Launch& launch = scenario.launches[i];
    if (launch.duplicates > 0) add([i](Scenario& s) { s.launches[i].duplicates = 0; });
    if (launch.watchers > 0) add([i](Scenario& s) { s.launches[i].watchers = 0; });
    if (launch.cancel_after_us > 0) add([i](Scenario& s) { s.launches[i].cancel_after_us = 0; });
    if (launch.pause_after_us > 0) add([i](Scenario& s) { s.launches[i].pause_after_us = 0; });
    if (launch.retry_after_us > 0) add([i](Scenario& s) { s.launches[i].retry_after_us = 0; });
    if (launch.migrate_after_us > 0) add([i](Scenario& s) { s.launches[i].migrate_after_us = 0; });
  }
  return smaller;
}

std::vector<Scenario> WithSmallerWorkflows(const Scenario& scenario) {
  std::vector<Scenario> smaller;
  for (std::size_t i = 0; i < scenario.workflows.size(); ++i) {
    const Json& document = scenario.workflows[i].document;
    std::vector<Json> lists;
    SmallerLists(document["do"], lists);
    for (Json& list : lists) {
      smaller.push_back(scenario);
      smaller.back().workflows[i].document = WithMember(document, "do", std::move(list));
    }
    for (const std::string_view name : {"input", "output", "timeout"}) {
      if (!document.Find(name)) continue;
      smaller.push_back(scenario);
      smaller.back().workflows[i].document = Json::WithoutMember(document, name);
    }
  }
  return smaller;
}

class Shrinker {
 public:
  Shrinker(const Violation& violation, const RunOptions& options)
      : violation_(violation), options_(options) {}

  // Takes the first smaller scenario that still fails, until none does.
  Scenario Shrink(Scenario scenario) {
    while (auto smaller = Smaller(scenario)) scenario = *std::move(smaller);
    return scenario;
  }

 private:
  std::optional<Scenario> Smaller(const Scenario& scenario) {
    for (auto* make : {WithFewerParts, WithSmallerWorkflows, WithPlainerSettings}) {
      for (Scenario& candidate : make(scenario)) {
        if (auto failing = Failing(std::move(candidate))) return failing;
      }
    }
    return std::nullopt;
  }

  std::optional<Scenario> Failing(Scenario candidate) {
    const std::uint64_t seed = candidate.seed;
    for (std::uint64_t i = 0; i < kSchedulesTried && runs_ < kRunsMax; ++i, ++runs_) {
      candidate.seed = seed + i;
      const auto report = PlayScenario(candidate, options_);
      if (!report) return std::nullopt;
      if (report->violation && report->violation->rule == violation_.rule) return candidate;
    }
    return std::nullopt;
  }

  const Violation& violation_;
  const RunOptions& options_;
  int runs_ = 0;
};

}  // namespace

Scenario Shrink(const Scenario& scenario, const Violation& violation, const RunOptions& options) {
  return Shrinker(violation, options).Shrink(scenario);
}

std::string Describe(const Scenario& scenario, const RunOptions& options) {
  std::string text;
  for (const Workflow& workflow : scenario.workflows) text += workflow.document.Dump() + "\n";
  for (const Fault& fault : scenario.faults) {
    text += "fault at step " + std::to_string(fault.at_step) + ": " + std::string(NameOf(fault.kind)) + " " +
            std::to_string(fault.amount) + "\n";
  }
  RunOptions traced = options;
  traced.keeps_trace = true;
  const auto report = PlayScenario(scenario, traced);
  if (!report) return text + report.error().message + "\n";
  for (const std::string& line : report->trace) text += line + "\n";
  if (report->violation)
    text += "broken: " + report->violation->rule + "\n        " + report->violation->what + "\n";
  return text;
}

}  // namespace elevaite::simulation
